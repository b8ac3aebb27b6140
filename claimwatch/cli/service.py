"""Commands that run and keep it: watch, web, status, backup, restore, verify, demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from claimwatch.cli.options import Exit, Json, home

app = typer.Typer()


@app.command()
def watch(
    web: Annotated[bool, typer.Option("--web/--no-web", help="With the review desk, or without it.")] = True,
) -> int:
    """The service: visits what is due, composes and sends digests, answers at the review desk, until told to stop."""
    from claimwatch.commands.service import watch as run

    run(home(), with_web=web)
    return Exit.DONE


@app.command()
def web() -> int:
    """The review desk alone; visits and digests are left to another process."""
    from claimwatch.commands.web import web as run

    run(home())
    return Exit.DONE


@app.command()
def status(as_json: Json = False) -> int:
    """Is it alive: last cycle, overdue sources and facts, queue, deliveries, storage."""
    from claimwatch.commands.status import status as run

    run(home(), as_json=as_json)
    return Exit.DONE


@app.command()
def backup(file: Path) -> int:
    """A verified copy of the database."""
    from claimwatch.commands.safety import backup as run

    run(home(), file)
    return Exit.DONE


@app.command()
def restore(file: Path) -> int:
    """Put a verified copy in place of a database that is not there any more."""
    from claimwatch.commands.safety import restore as run

    run(home(), file)
    return Exit.DONE


@app.command()
def verify(as_json: Json = False) -> int:
    """Read every stored body and compare its digest."""
    from claimwatch.commands.safety import verify as run

    return Exit.DONE if run(home(), as_json=as_json) else Exit.STORAGE


@app.command()
def demo(
    keep: Annotated[Path | None, typer.Option(help="A new or empty folder for the demo's home.")] = None,
    serve: Annotated[bool, typer.Option("--serve", help="Leave the site up afterwards.")] = False,
) -> int:
    """The main job on bundled pages over loopback: visit, change, visit again, flags, digest."""
    from rich.console import Console

    from claimwatch.demo.run import run_demo
    from claimwatch.log import set_up

    set_up()
    return run_demo(keep=keep, serve=serve, out=Console(highlight=False))
