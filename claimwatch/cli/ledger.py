"""Commands about what is known: flags, claims, facts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from claimwatch.cli.options import Asked, Exit, Json, day_end, home, needs, one_of

app = typer.Typer()
flags_app = typer.Typer(help="The review queue.", invoke_without_command=True)
claims_app = typer.Typer(help="The ledger: how every claim of the guide stands.", invoke_without_command=True)
app.add_typer(flags_app, name="flags")
app.add_typer(claims_app, name="claims")


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

    chosen = None if state is None else one_of(FlagState, state, "--state")
    raise typer.Exit(needs(show_flags(home(), state=chosen, as_json=as_json), exit_code))


@flags_app.command(name="show")
def flags_show(number: int, as_json: Json = False) -> int:
    """One flag with its evidence."""
    from claimwatch.commands.ledger import show_flag

    show_flag(home(), number, as_json=as_json)
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

    chosen = one_of(ReviewVerdict, verdict.replace("_", " ").replace("-", " "), "--verdict")
    decide(home(), number, verdict=chosen, note=note, by=by or getpass.getuser(), group=group)
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

    chosen = None if standing is None else one_of(Standing, standing.replace(" ", "_"), "--standing")
    person = show_claims(home(), standing=chosen, as_of=day_end(as_of), as_json=as_json)
    raise typer.Exit(needs(person, exit_code))


@claims_app.command(name="show")
def claims_show(name: Annotated[str, typer.Argument(metavar="ID")], as_json: Json = False) -> int:
    """One claim with everything it rests on."""
    from claimwatch.commands.ledger import show_claim

    opened = home()
    show_claim(opened, opened.claim(name), as_json=as_json)
    return Exit.DONE


@claims_app.command(name="audit")
def claims_audit(
    guide: Annotated[Path | None, typer.Argument(help="The guide's text; CLAIMWATCH_GUIDE by default.")] = None,
    as_json: Json = False,
    exit_code: Asked = False,
) -> int:
    """Checkable statements of a guide that no claim covers, and claims whose words are gone from it."""
    from claimwatch.commands.audit import audit_guide

    opened = home()
    return needs(audit_guide(opened, opened.guide(guide), as_json=as_json), exit_code)


@claims_app.command(name="edits")
def claims_edits(
    names: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Claims; all by default.")] = None,
    guide: Annotated[Path | None, typer.Option(help="The guide's text; CLAIMWATCH_GUIDE by default.")] = None,
    as_json: Json = False,
) -> int:
    """A patch of the guide for the claims that an official value contradicts, to take or leave. Writes nothing."""
    from claimwatch.commands.edits import show_edits

    opened = home()
    show_edits(opened, tuple(names or ()), guide=opened.guide(guide), as_json=as_json)
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

    show_facts(
        home(), tuple(keys or ()), as_of=day_end(as_of), known_at=day_end(known_at), history=history, as_json=as_json
    )
    return Exit.DONE
