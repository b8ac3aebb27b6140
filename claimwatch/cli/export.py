"""Commands that hand facts and evidence to others: export json, schema, csv, feed, warc."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from claimwatch.cli.options import Exit, Out, day_start, home

app = typer.Typer()
export_app = typer.Typer(help="Facts and evidence for others.", no_args_is_help=True)
app.add_typer(export_app, name="export")


@export_app.command(name="json")
def export_json(out: Out = None) -> int:
    """Current facts with their evidence, occupations with their lists, points, streams; one versioned document."""
    from claimwatch.commands.export import write_json

    write_json(home(), out)
    return Exit.DONE


@export_app.command(name="schema")
def export_schema(out: Out = None) -> int:
    """The JSON Schema of `export json`."""
    from claimwatch.commands.export import write_schema

    write_schema(out)
    return Exit.DONE


@export_app.command(name="csv")
def export_csv(
    table: Annotated[str, typer.Option(help="facts, occupations, points or streams.")] = "facts", out: Out = None
) -> int:
    """One table of `export json` as CSV."""
    from claimwatch.commands.export import write_csv

    write_csv(home(), table, out)
    return Exit.DONE


@export_app.command(name="feed")
def export_feed(
    form: Annotated[
        str, typer.Option("--format", help="atom, json or ics (when values begin to hold and reviews are due).")
    ] = "atom",
    source: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
    claim: Annotated[str | None, typer.Option(help="Only what touches this claim.")] = None,
    jurisdiction: Annotated[str | None, typer.Option(help="Only of this jurisdiction.")] = None,
    language: Annotated[str, typer.Option(help="en or fr; of the calendar.")] = "en",
    out: Out = None,
) -> int:
    """Confirmed changes as a feed, or announced values and due reviews as a calendar."""
    from claimwatch.commands.export import write_feed

    write_feed(home(), form, source=source, claim=claim, jurisdiction=jurisdiction, out=out, language=language)
    return Exit.DONE


@export_app.command(name="warc")
def export_warc(
    out: Annotated[Path, typer.Argument(metavar="FILE.warc.gz")],
    names: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Sources; all by default.")] = None,
    since: Annotated[str | None, typer.Option(help="Only captures from this day on.")] = None,
) -> int:
    """Captures as a WARC file, which `import` and every archive tool read."""
    from claimwatch.commands.export import write_captures

    write_captures(home(), tuple(names or ()), since=day_start(since), out=out)
    return Exit.DONE
