"""Commands that begin and check a home: init, validate, settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from claimwatch.cli.options import Exit, Json, home, warn_of_settings

app = typer.Typer()


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="Where to put it.")] = Path()) -> int:
    """A starter sources.yaml, claims.yaml and .env.example; never overwrites."""
    from claimwatch.commands.start import init as run

    return run(folder)


@app.command()
def validate(as_json: Json = False) -> int:
    """Check both YAML files and print every problem of them at once."""
    from claimwatch.commands.start import validate as run

    return run(home(), as_json=as_json)


@app.command()
def settings(as_json: Json = False) -> int:
    """Every setting with its meaning, where its value comes from, and the value (secrets masked)."""
    from claimwatch.commands.start import settings as run

    warn_of_settings()
    run(as_json=as_json)
    return Exit.DONE
