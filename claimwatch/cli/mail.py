"""Commands about telling people: subscribers, digest, deliveries."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from claimwatch.cli.options import Exit, Json, home, one_of

app = typer.Typer()
subscribers_app = typer.Typer(help="Who gets digests.", no_args_is_help=True)
digest_app = typer.Typer(help="Digests.", no_args_is_help=True)
deliveries_app = typer.Typer(help="Mail that was handed over, waits or is held.", invoke_without_command=True)
app.add_typer(subscribers_app, name="subscribers")
app.add_typer(digest_app, name="digest")
app.add_typer(deliveries_app, name="deliveries")


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
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask the reader by mail first; nothing else until they confirm.")
    ] = False,
) -> int:
    """Send digests to an address; one that is there already is changed to this.

    Of one filter any name may hold; of several kinds of filter all must. Without filters everything is told.
    """
    from claimwatch.commands.mail import add, chosen, known_filters
    from domain.digests import Filters, Frequency

    choices = chosen(
        frequency=one_of(Frequency, frequency, "--frequency"),
        timezone=timezone,
        hour=hour,
        weekday=weekday,
        language=language,
        filters=known_filters(
            home(),
            Filters(
                jurisdictions=tuple(jurisdiction or ()),
                authorities=tuple(authority or ()),
                sources=tuple(source or ()),
                sections=tuple(section or ()),
                claims=tuple(claim or ()),
                risks=tuple(risk or ()),
            ),
        ),
        heartbeat=heartbeat,
    )
    add(home(), address=address, choices=choices, asking=ask)
    return Exit.DONE


@subscribers_app.command(name="list")
def subscribers_list(as_json: Json = False) -> int:
    """Everyone who gets digests."""
    from claimwatch.commands.mail import show

    show(home(), as_json=as_json)
    return Exit.DONE


@subscribers_app.command(name="remove")
def subscribers_remove(address: str) -> int:
    """Send nothing to an address any more."""
    from claimwatch.commands.mail import remove

    remove(home(), address)
    return Exit.DONE


Period = Annotated[str | None, typer.Option(help="`now`, a day, or weekly:DAY; what is due by default.")]
Shown = Annotated[
    str, typer.Option("--period", help="`now`, a day, weekly:DAY, `last` (that told a change) or `example`.")
]
OnlyFor = Annotated[str | None, typer.Option("--subscriber", help="Only for this address.")]


@digest_app.command(name="preview")
def digest_preview(period: Shown = "now", subscriber: OnlyFor = None) -> int:
    """Print the digest that a subscriber would get; stores and sends nothing."""
    from claimwatch.commands.mail import preview

    preview(home(), period=period, address=subscriber)
    return Exit.DONE


@digest_app.command(name="compose")
def digest_compose(period: Period = None, subscriber: OnlyFor = None) -> int:
    """Store the digests that are due, each with its pending delivery; sends nothing."""
    from claimwatch.commands.mail import compose

    compose(home(), period=period, address=subscriber)
    return Exit.DONE


@digest_app.command(name="send")
def digest_send(period: Period = "now", subscriber: OnlyFor = None) -> int:
    """Compose up to this moment and hand over everything that waits."""
    from claimwatch.commands.mail import send

    send(home(), period=period, address=subscriber)
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

    chosen = None if state is None else one_of(DeliveryState, state.replace(" ", "_"), "--state")
    show_deliveries(home(), state=chosen, as_json=as_json)


Numbers = Annotated[list[int], typer.Argument(metavar="N…", help="Numbers of held deliveries.")]


@deliveries_app.command(name="release")
def deliveries_release(numbers: Numbers) -> int:
    """Hand held deliveries over again, with the same bytes: they may arrive twice. All that are named, or none."""
    from claimwatch.commands.deliveries import release

    release(home(), numbers)
    return Exit.DONE


@deliveries_app.command(name="resolve")
def deliveries_resolve(numbers: Numbers) -> int:
    """Take held deliveries for sent, because they are known to have arrived. All that are named, or none."""
    from claimwatch.commands.deliveries import resolve

    resolve(home(), numbers)
    return Exit.DONE


@app.command()
def bounces(
    place: Annotated[
        Path, typer.Argument(metavar="FILE|MAILDIR|-", help="A mail, a maildir of them, or - for a pipe.")
    ],
    recipient: Annotated[str, typer.Option(help="The address that the mail was delivered to, if the pipe knows.")] = "",
    as_json: Json = False,
) -> int:
    """Take in mail that came back: who cannot be reached gets no more, and a canary has proved the path."""
    from claimwatch.commands.bounces import take

    take(home(), place, recipient=recipient, as_json=as_json)
    return Exit.DONE
