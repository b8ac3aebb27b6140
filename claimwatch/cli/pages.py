"""Commands that look at pages: check, try, suggest, compare, import, replay."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from claimwatch.cli.options import Asked, Exit, Json, day_start, home, needs

app = typer.Typer()


@app.command()
def check(
    names: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Sources; all by default.")] = None,
    due: Annotated[bool, typer.Option("--due", help="Only those that are due now.")] = False,
    as_json: Json = False,
    exit_code: Asked = False,
) -> int:
    """Visit the sources now, record what came of it, flag what needs a person."""
    from claimwatch.commands.visits import check as run

    person, unreadable = run(home(), tuple(names or ()), due_only=due, as_json=as_json)
    return needs(person, exit_code) or (Exit.UNREADABLE if unreadable else Exit.DONE)


@app.command(name="try")
def try_(
    name: Annotated[str, typer.Argument(metavar="ID")],
    file: Annotated[Path | None, typer.Option(help="Read this file instead of the page.")] = None,
    content_type: Annotated[str | None, typer.Option(help="Its media type.")] = None,
    url: Annotated[str | None, typer.Option(help="Its address.")] = None,
    as_json: Json = False,
) -> int:
    """Read one page as a source would: outline, tables, every fact with its words and place. Writes nothing."""
    from claimwatch.commands.pages import try_source

    opened = home()
    read = try_source(opened, opened.source(name), path=file, content_type=content_type, url=url, as_json=as_json)
    return Exit.DONE if read else Exit.UNREADABLE


@app.command()
def suggest(
    target: Annotated[str, typer.Argument(metavar="URL-or-FILE")],
    name: Annotated[str | None, typer.Option("--id", help="The id to give it.")] = None,
    content_type: Annotated[str | None, typer.Option(help="The media type of a file.")] = None,
    as_json: Json = False,
) -> int:
    """Print a starter entry for sources.yaml with the facts that can be seen on a page. Writes nothing."""
    from claimwatch.commands.pages import suggest as run

    read = run(home(), target, name=name, content_type=content_type, as_json=as_json)
    return Exit.DONE if read else Exit.UNREADABLE


@app.command()
def compare(
    old: Annotated[Path | None, typer.Argument()] = None,
    new: Annotated[Path | None, typer.Argument()] = None,
    pairs: Annotated[Path | None, typer.Option(help="JSON Lines with pair_id, old, new.")] = None,
    root: Annotated[Path | None, typer.Option(help="Folder that the pairs' paths are relative to.")] = None,
    source: Annotated[str | None, typer.Option(help="Compare with this source's rules.")] = None,
    content_type: Annotated[str | None, typer.Option(help="Media type of both files.")] = None,
    as_json: Json = False,
) -> int:
    """Compare two files, or every pair of a list, without any configuration. Writes nothing."""
    from claimwatch.commands.compare import compare_pairs, compare_two
    from claimwatch.home import wrong_call

    if pairs is not None:
        return compare_pairs(pairs, root=root, content_type=content_type)
    if old is None or new is None:
        raise wrong_call("compare needs OLD and NEW, or --pairs FILE")
    chosen = home().source(source) if source else None
    return compare_two(old, new, content_type=content_type, source=chosen, as_json=as_json)


@app.command(name="import")
def import_(
    paths: Annotated[list[Path], typer.Argument(help="Folders with manifest.jsonl, or WARC files.")],
    source: Annotated[str | None, typer.Option(help="Bring everything in as this source.")] = None,
    as_json: Json = False,
) -> int:
    """Bring captures made elsewhere into history; importing again adds nothing."""
    from claimwatch.commands.visits import import_captures

    import_captures(home(), tuple(paths), only=source, as_json=as_json)
    return Exit.DONE


@app.command()
def replay(
    names: Annotated[list[str] | None, typer.Argument(metavar="[ID]...")] = None,
    since: Annotated[str | None, typer.Option(help="Only captures from this day on.")] = None,
    as_json: Json = False,
) -> int:
    """Re-read stored snapshots with today's rules and print what would differ. Writes nothing."""
    from claimwatch.commands.visits import replay as run

    run(home(), tuple(names or ()), since=day_start(since), as_json=as_json)
    return Exit.DONE
