"""The command line: every command in one view, errors and exit codes mapped in one place.

Command modules are imported inside the commands, against the habit of the house: `claimwatch --help` and shell
completion must answer at once, and half of the imports are parsers and a database that most commands do not need.
"""

from __future__ import annotations

import sys
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from domain.errors import ClaimwatchError, ConfigError, StorageError

app = typer.Typer(
    name="claimwatch",
    help="Watches official pages and tells the keepers of a guide which of its claims must be verified again.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
flags_app = typer.Typer(help="The review queue.", invoke_without_command=True)
claims_app = typer.Typer(help="The ledger: how every claim of the guide stands.", invoke_without_command=True)
subscribers_app = typer.Typer(help="Who gets digests.", no_args_is_help=True)
deliveries_app = typer.Typer(help="Mail that was handed over, waits or is held.", invoke_without_command=True)
export_app = typer.Typer(help="Facts and evidence for others.", no_args_is_help=True)
digest_app = typer.Typer(help="Digests.", no_args_is_help=True)
for name, group in (
    ("flags", flags_app),
    ("claims", claims_app),
    ("subscribers", subscribers_app),
    ("digest", digest_app),
    ("deliveries", deliveries_app),
    ("export", export_app),
):
    app.add_typer(group, name=name)


class Exit(IntEnum):
    """Exit codes of the contract; where several hold, the order is 2, 4, 1, 3."""

    DONE = 0
    NEEDS_PERSON = 1
    WRONG_CALL = 2
    UNREADABLE = 3
    STORAGE = 4


Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Out = Annotated[Path | None, typer.Option(help="Write to this file; standard output by default.")]
Asked = Annotated[bool, typer.Option("--exit-code", help="Exit with 1 where something needs a person.")]


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
        _complain(error.format_message())
        sys.exit(Exit.WRONG_CALL)
    sys.exit(result if isinstance(result, int) else Exit.DONE)


def _complain(message: str) -> None:
    sys.stderr.write(f"claimwatch: {message}\n")


def _print_config(error: ConfigError) -> None:
    for problem in error.problems:
        place = ":".join(str(part) for part in (problem.file, problem.line) if part)
        what = " ".join(part for part in (problem.entry, problem.key) if part)
        near = f" (nearest: {problem.nearest})" if problem.nearest else ""
        _complain(": ".join(part for part in (place, what, problem.message + near) if part))


def _home() -> Any:
    from claimwatch.home import Home
    from claimwatch.log import set_up

    set_up()
    return Home()


def _needs(person: bool, asked: bool) -> int:
    return Exit.NEEDS_PERSON if person and asked else Exit.DONE


# -- starting ----------------------------------------------------------------


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="Where to put it.")] = Path()) -> int:
    """A starter sources.yaml, claims.yaml and .env.example; never overwrites."""
    from claimwatch.commands.start import init as run

    return run(folder)


@app.command()
def validate(as_json: Json = False) -> int:
    """Check both YAML files and print every problem of them at once."""
    from claimwatch.commands.start import validate as run

    return run(_home(), as_json=as_json)


@app.command()
def settings(as_json: Json = False) -> int:
    """Every setting with its meaning, where its value comes from, and the value (secrets masked)."""
    from claimwatch.commands.start import settings as run

    run(as_json=as_json)
    return Exit.DONE


# -- looking at pages --------------------------------------------------------


@app.command()
def check(
    names: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Sources; all by default.")] = None,
    due: Annotated[bool, typer.Option("--due", help="Only those that are due now.")] = False,
    as_json: Json = False,
    exit_code: Asked = False,
) -> int:
    """Visit the sources now, record what came of it, flag what needs a person."""
    from claimwatch.commands.visits import check as run

    person, unreadable = run(_home(), tuple(names or ()), due_only=due, as_json=as_json)
    return _needs(person, exit_code) or (Exit.UNREADABLE if unreadable else Exit.DONE)


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

    home = _home()
    read = try_source(home, home.source(name), path=file, content_type=content_type, url=url, as_json=as_json)
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

    read = run(_home(), target, name=name, content_type=content_type, as_json=as_json)
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
    chosen = _home().source(source) if source else None
    return compare_two(old, new, content_type=content_type, source=chosen, as_json=as_json)


@app.command(name="import")
def import_(
    paths: Annotated[list[Path], typer.Argument(help="Folders with manifest.jsonl, or WARC files.")],
    source: Annotated[str | None, typer.Option(help="Bring everything in as this source.")] = None,
    as_json: Json = False,
) -> int:
    """Bring captures made elsewhere into history; importing again adds nothing."""
    from claimwatch.commands.visits import import_captures

    import_captures(_home(), tuple(paths), only=source, as_json=as_json)
    return Exit.DONE


@app.command()
def replay(
    names: Annotated[list[str] | None, typer.Argument(metavar="[ID]...")] = None,
    since: Annotated[str | None, typer.Option(help="Only captures from this day on.")] = None,
    as_json: Json = False,
) -> int:
    """Re-read stored snapshots with today's rules and print what would differ. Writes nothing."""
    from claimwatch.commands.visits import replay as run

    run(_home(), tuple(names or ()), since=_start(since), as_json=as_json)
    return Exit.DONE


# -- what is known -----------------------------------------------------------


@flags_app.callback()
def flags(
    context: typer.Context,
    state: Annotated[str | None, typer.Option(help="open, decided or closed.")] = None,
    as_json: Json = False,
    exit_code: Asked = False,
) -> None:
    """The review queue, most harmful first."""
    if context.invoked_subcommand is not None:
        return
    from claimwatch.commands.ledger import show_flags
    from domain.flags import FlagState

    chosen = None if state is None else _one_of(FlagState, state, "--state")
    raise typer.Exit(_needs(show_flags(_home(), state=chosen, as_json=as_json), exit_code))


@flags_app.command(name="show")
def flags_show(number: int, as_json: Json = False) -> int:
    """One flag with its evidence."""
    from claimwatch.commands.ledger import show_flag

    show_flag(_home(), number, as_json=as_json)
    return Exit.DONE


@flags_app.command(name="decide")
def flags_decide(
    number: int,
    verdict: Annotated[str, typer.Option(help="guide wrong, guide still right, no impact ...")],
    note: Annotated[str, typer.Option()] = "",
    by: Annotated[str, typer.Option("--as", help="Who decides.")] = "",
    group: Annotated[bool, typer.Option("--group", help="Decide every open flag of the same change.")] = False,
) -> int:
    """Append a verdict on a flag, bound to the pair of captures that it shows."""
    import getpass

    from claimwatch.commands.ledger import decide
    from domain.flags import ReviewVerdict

    chosen = _one_of(ReviewVerdict, verdict.replace("_", " ").replace("-", " "), "--verdict")
    decide(_home(), number, verdict=chosen, note=note, by=by or getpass.getuser(), group=group)
    return Exit.DONE


@claims_app.callback()
def claims(
    context: typer.Context,
    standing: Annotated[str | None, typer.Option(help="Only claims that stand so.")] = None,
    as_of: Annotated[str | None, typer.Option(help="Judge as of this day.")] = None,
    as_json: Json = False,
    exit_code: Asked = False,
) -> None:
    """How every claim stands, and how much of the guide is covered."""
    if context.invoked_subcommand is not None:
        return
    from claimwatch.commands.ledger import show_claims
    from domain.claims import Standing

    chosen = None if standing is None else _one_of(Standing, standing.replace(" ", "_"), "--standing")
    person = show_claims(_home(), standing=chosen, as_of=_end(as_of), as_json=as_json)
    raise typer.Exit(_needs(person, exit_code))


@claims_app.command(name="show")
def claims_show(name: Annotated[str, typer.Argument(metavar="ID")], as_json: Json = False) -> int:
    """One claim with everything it rests on."""
    from claimwatch.commands.ledger import show_claim

    home = _home()
    show_claim(home, home.claim(name), as_json=as_json)
    return Exit.DONE


@claims_app.command(name="audit")
def claims_audit(
    guide: Annotated[Path | None, typer.Argument(help="The guide's text; CLAIMWATCH_GUIDE by default.")] = None,
    as_json: Json = False,
    exit_code: Asked = False,
) -> int:
    """Checkable statements of a guide that no claim covers, and claims whose words are gone from it."""
    from claimwatch.commands.audit import audit_guide

    home = _home()
    return _needs(audit_guide(home, home.guide(guide), as_json=as_json), exit_code)


@claims_app.command(name="edits")
def claims_edits(
    names: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Claims; all by default.")] = None,
    guide: Annotated[Path | None, typer.Option(help="The guide's text; CLAIMWATCH_GUIDE by default.")] = None,
    as_json: Json = False,
) -> int:
    """A patch of the guide for the claims that an official value contradicts, to take or leave. Writes nothing."""
    from claimwatch.commands.edits import show_edits

    home = _home()
    show_edits(home, tuple(names or ()), guide=home.guide(guide), as_json=as_json)
    return Exit.DONE


@app.command()
def facts(
    keys: Annotated[list[str] | None, typer.Argument(metavar="[KEY]...")] = None,
    as_of: Annotated[str | None, typer.Option(help="What held on this day.")] = None,
    known_at: Annotated[str | None, typer.Option(help="What we knew on this day.")] = None,
    history: Annotated[bool, typer.Option("--history", help="Every reading.")] = False,
    as_json: Json = False,
) -> int:
    """What is known, on both time axes."""
    from claimwatch.commands.ledger import show_facts

    show_facts(_home(), tuple(keys or ()), as_of=_end(as_of), known_at=_end(known_at), history=history, as_json=as_json)
    return Exit.DONE


# -- telling -----------------------------------------------------------------

Texts = list[str] | None


@subscribers_app.command(name="add")
def subscribers_add(
    address: str,
    frequency: Annotated[str, typer.Option(help="instant, daily or weekly.")] = "daily",
    timezone: Annotated[str, typer.Option()] = "America/Toronto",
    hour: Annotated[int, typer.Option(min=0, max=23)] = 7,
    weekday: Annotated[int, typer.Option(min=0, max=6, help="0 is Monday.")] = 0,
    language: Annotated[str, typer.Option(help="en or fr.")] = "en",
    jurisdiction: Annotated[Texts, typer.Option()] = None,
    authority: Annotated[Texts, typer.Option()] = None,
    source: Annotated[Texts, typer.Option()] = None,
    section: Annotated[Texts, typer.Option()] = None,
    claim: Annotated[Texts, typer.Option()] = None,
    risk: Annotated[Texts, typer.Option()] = None,
    heartbeat: Annotated[bool, typer.Option(help="Send a digest when nothing changed, too.")] = True,
) -> int:
    """Send digests to an address; one that is there already is changed to this."""
    from claimwatch.commands.mail import add
    from domain.digests import Filters, Frequency

    filters = Filters(
        jurisdictions=tuple(jurisdiction or ()),
        authorities=tuple(authority or ()),
        sources=tuple(source or ()),
        sections=tuple(section or ()),
        claims=tuple(claim or ()),
        risks=tuple(risk or ()),
    )
    add(
        _home(),
        address=address,
        frequency=_one_of(Frequency, frequency, "--frequency"),
        timezone=timezone,
        hour=hour,
        weekday=weekday,
        language=language,
        filters=filters,
        heartbeat=heartbeat,
    )
    return Exit.DONE


@subscribers_app.command(name="list")
def subscribers_list(as_json: Json = False) -> int:
    """Everyone who gets digests."""
    from claimwatch.commands.mail import show

    show(_home(), as_json=as_json)
    return Exit.DONE


@subscribers_app.command(name="remove")
def subscribers_remove(address: str) -> int:
    """Send nothing to an address any more."""
    from claimwatch.commands.mail import remove

    remove(_home(), address)
    return Exit.DONE


Period = Annotated[str | None, typer.Option(help="`now`, a day, or weekly:DAY; what is due by default.")]
OnlyFor = Annotated[str | None, typer.Option("--subscriber", help="Only for this address.")]


@digest_app.command(name="preview")
def digest_preview(period: Period = "now", subscriber: OnlyFor = None) -> int:
    """Print the digest that a subscriber would get; stores and sends nothing."""
    from claimwatch.commands.mail import preview

    preview(_home(), period=period, address=subscriber)
    return Exit.DONE


@digest_app.command(name="compose")
def digest_compose(period: Period = None, subscriber: OnlyFor = None) -> int:
    """Store the digests that are due, each with its pending delivery; sends nothing."""
    from claimwatch.commands.mail import compose

    compose(_home(), period=period, address=subscriber)
    return Exit.DONE


@digest_app.command(name="send")
def digest_send(period: Period = "now", subscriber: OnlyFor = None) -> int:
    """Compose up to this moment and hand over everything that waits."""
    from claimwatch.commands.mail import send

    send(_home(), period=period, address=subscriber)
    return Exit.DONE


@deliveries_app.callback()
def deliveries(
    context: typer.Context,
    state: Annotated[str | None, typer.Option(help="pending, sent, deferred, failed, ambiguous ...")] = None,
    as_json: Json = False,
) -> None:
    """What was handed over, what waits, and what is held."""
    if context.invoked_subcommand is not None:
        return
    from claimwatch.commands.deliveries import show_deliveries
    from domain.digests import DeliveryState

    chosen = None if state is None else _one_of(DeliveryState, state.replace(" ", "_"), "--state")
    show_deliveries(_home(), state=chosen, as_json=as_json)


@deliveries_app.command(name="release")
def deliveries_release(number: int) -> int:
    """Hand a held delivery over again, with the same bytes: it may arrive twice."""
    from claimwatch.commands.deliveries import release

    release(_home(), number)
    return Exit.DONE


@deliveries_app.command(name="resolve")
def deliveries_resolve(number: int) -> int:
    """Take a held delivery for sent, because it is known to have arrived."""
    from claimwatch.commands.deliveries import resolve

    resolve(_home(), number)
    return Exit.DONE


# -- running -----------------------------------------------------------------


@app.command()
def status(as_json: Json = False) -> int:
    """Is it alive: last cycle, overdue sources and facts, queue, deliveries, storage."""
    from claimwatch.commands.status import status as run

    run(_home(), as_json=as_json)
    return Exit.DONE


@app.command()
def watch() -> int:
    """The service: visits what is due, composes and sends digests, until it is told to stop."""
    from claimwatch.commands.service import watch as run

    run(_home())
    return Exit.DONE


@export_app.command(name="json")
def export_json(out: Out = None) -> int:
    """Current facts with their evidence, occupations with their lists, points, streams; one versioned document."""
    from claimwatch.commands.export import write_json

    write_json(_home(), out)
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

    write_csv(_home(), table, out)
    return Exit.DONE


@export_app.command(name="feed")
def export_feed(
    form: Annotated[
        str, typer.Option("--format", help="atom, json or ics (days on which values begin to hold).")
    ] = "atom",
    source: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
    claim: Annotated[str | None, typer.Option(help="Only what touches this claim.")] = None,
    jurisdiction: Annotated[str | None, typer.Option(help="Only of this jurisdiction.")] = None,
    out: Out = None,
) -> int:
    """Confirmed changes as a feed, or announced values as a calendar."""
    from claimwatch.commands.export import write_feed

    write_feed(_home(), form, source=source, claim=claim, jurisdiction=jurisdiction, out=out)
    return Exit.DONE


@export_app.command(name="warc")
def export_warc(
    out: Annotated[Path, typer.Argument(metavar="FILE.warc.gz")],
    names: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Sources; all by default.")] = None,
    since: Annotated[str | None, typer.Option(help="Only captures from this day on.")] = None,
) -> int:
    """Captures as a WARC file, which `import` and every archive tool read."""
    from claimwatch.commands.export import write_captures

    write_captures(_home(), tuple(names or ()), since=_start(since), out=out)
    return Exit.DONE


@app.command()
def backup(file: Path) -> int:
    """A verified copy of the database."""
    from claimwatch.commands.safety import backup as run

    run(_home(), file)
    return Exit.DONE


@app.command()
def restore(file: Path) -> int:
    """Put a verified copy in place of a database that is not there any more."""
    from claimwatch.commands.safety import restore as run

    run(_home(), file)
    return Exit.DONE


@app.command()
def verify(as_json: Json = False) -> int:
    """Read every stored body and compare its digest."""
    from claimwatch.commands.safety import verify as run

    return Exit.DONE if run(_home(), as_json=as_json) else Exit.STORAGE


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


def _one_of(kind: Any, word: str, option: str) -> Any:
    from claimwatch.home import nearest, wrong_call

    valid = [item.value for item in kind]
    if word not in valid:
        raise wrong_call(f"{option} is {word!r}, not one of {', '.join(valid)}", nearest=nearest(word, valid))
    return kind(word)


def _end(day: str | None) -> Any:
    from claimwatch.commands.ledger import end_of_day
    from claimwatch.home import wrong_call

    if day is None:
        return None
    try:
        return end_of_day(day)
    except ValueError:
        raise wrong_call(f"{day!r} is no day such as 2026-06-01") from None


def _start(day: str | None) -> Any:
    from datetime import UTC, datetime

    from claimwatch.home import wrong_call

    if day is None:
        return None
    try:
        moment = datetime.fromisoformat(day)
    except ValueError:
        raise wrong_call(f"{day!r} is no day such as 2026-06-01") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


if __name__ == "__main__":
    main()
