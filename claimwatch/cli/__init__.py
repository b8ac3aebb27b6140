"""The command line: a module for each group of commands; errors and exit codes are mapped here, in one place.

Command modules are imported inside the commands, against the habit of the house: `claimwatch --help` and shell
completion must answer at once, and half of the imports are parsers and a database that most commands do not need.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from claimwatch.cli import channels, export, ledger, mail, pages, people, service, start
from claimwatch.cli.options import Exit
from domain.errors import ClaimwatchError, ConfigError, StorageError

app = typer.Typer(
    name="claimwatch",
    help="Watches official pages and tells the keepers of a guide which of its claims must be verified again.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for group in (start, pages, ledger, mail, channels, people, service, export):
    app.add_typer(group.app)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"claimwatch {version('claimwatch')}")
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Which version.")
    ] = False,
) -> None:
    """Watches official pages and tells the keepers of a guide which of its claims must be verified again."""


def main() -> None:
    """Entry point: runs a command and turns what it raises into words and an exit code."""
    try:
        result = app(standalone_mode=False)
    except ConfigError as error:
        _print_config(error)
        sys.exit(Exit.WRONG_CALL)
    except StorageError as error:
        _complain(str(error))
        sys.exit(Exit.STORAGE)
    except ClaimwatchError as error:
        _complain(str(error))
        sys.exit(Exit.WRONG_CALL)
    except typer.Exit as stop:
        sys.exit(stop.exit_code)
    except typer.Abort:
        sys.exit(130)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        # Only faults of the call itself have a message for the caller; anything else is a bug and stays loud.
        if not hasattr(error, "format_message"):
            raise
        _print_wrong_call(error)
        sys.exit(Exit.WRONG_CALL)
    sys.exit(result if isinstance(result, int) else Exit.DONE)


def _complain(message: str) -> None:
    sys.stderr.write(f"claimwatch: {message}\n")


def _print_wrong_call(error: Any) -> None:
    message: str = error.format_message()
    if message.startswith("Usage:"):
        sys.stderr.write(f"{message}\n")
        return
    context = getattr(error, "ctx", None)
    _complain(f"{message} `{context.command_path} --help` says how." if context else message)


def _print_config(error: ConfigError) -> None:
    for problem in error.problems:
        place = ":".join(str(part) for part in (problem.file, problem.line) if part)
        what = " ".join(part for part in (problem.entry, problem.key) if part)
        near = f" (nearest: {problem.nearest})" if problem.nearest else ""
        _complain(": ".join(part for part in (place, what, problem.message + near) if part))
