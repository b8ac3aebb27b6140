"""Commands about teams' channels."""

from __future__ import annotations

from typing import Annotated

import typer

from claimwatch.cli.options import Exit, Json, home, one_of

app = typer.Typer()
channels_app = typer.Typer(
    help="Teams that are told by a signed webhook, by issues or in a chat.", no_args_is_help=True
)
app.add_typer(channels_app, name="channels")

Texts = list[str] | None
WORDED = "How chats and issues are worded: file:PATH, or the text of a template."
Only = Annotated[Texts, typer.Option(help="Only what concerns this; repeat for more.")]


@channels_app.command(name="add")
def channels_add(
    name: str,
    place: Annotated[
        str, typer.Argument(help="An address, or env:NAME or file:PATH that holds it; OWNER/PROJECT of a tracker.")
    ],
    kind: Annotated[str, typer.Option(help="webhook, github, gitlab or apprise.")] = "webhook",
    secret: Annotated[
        str, typer.Option(help="Where the secret or token is: env:NAME or file:PATH. A webhook gets one by itself.")
    ] = "",
    api: Annotated[str, typer.Option(help="Base of the tracker's API, where it is one of your own.")] = "",
    frequency: Annotated[str | None, typer.Option(help="instant, daily or weekly; daily, instant for issues.")] = None,
    timezone: Annotated[str, typer.Option()] = "America/Toronto",
    hour: Annotated[int, typer.Option(min=0, max=23)] = 7,
    weekday: Annotated[int, typer.Option(min=0, max=6, help="0 is Monday.")] = 0,
    language: Annotated[str, typer.Option(help="en or fr.")] = "en",
    jurisdiction: Only = None,
    authority: Only = None,
    source: Only = None,
    section: Only = None,
    claim: Only = None,
    risk: Only = None,
    heartbeat: Annotated[bool, typer.Option(help="Post when nothing changed, too.")] = True,
    template: Annotated[str, typer.Option(help=WORDED)] = "",
) -> int:
    """Tell a team; a channel that is there already is changed to this, and a webhook gets a new secret."""
    from claimwatch.commands.channels import add
    from claimwatch.commands.mail import chosen
    from domain.digests import Filters, Frequency
    from storage.channels import TRACKERS, ChannelKind

    way = one_of(ChannelKind, kind, "--kind")
    often = frequency or ("instant" if way in TRACKERS else "daily")
    choices = chosen(
        frequency=one_of(Frequency, often, "--frequency"),
        timezone=timezone,
        hour=hour,
        weekday=weekday,
        language=language,
        filters=Filters(**_filters(jurisdiction, authority, source, section, claim, risk)),
        heartbeat=heartbeat,
    )
    add(home(), name=name, kind=way, place=place, secret=secret, api=api, choices=choices, template=template)
    return Exit.DONE


@channels_app.command(name="change")
def channels_change(
    name: str,
    frequency: Annotated[str | None, typer.Option(help="instant, daily or weekly.")] = None,
    timezone: Annotated[str | None, typer.Option()] = None,
    hour: Annotated[int | None, typer.Option(min=0, max=23)] = None,
    weekday: Annotated[int | None, typer.Option(min=0, max=6, help="0 is Monday.")] = None,
    language: Annotated[str | None, typer.Option(help="en or fr.")] = None,
    jurisdiction: Only = None,
    authority: Only = None,
    source: Only = None,
    section: Only = None,
    claim: Only = None,
    risk: Only = None,
    heartbeat: Annotated[bool | None, typer.Option(help="Post when nothing changed, too.")] = None,
    template: Annotated[str | None, typer.Option(help=WORDED)] = None,
) -> int:
    """Change what a channel gets and when; what is not named stays, and a filter or template of "" is taken away."""
    from claimwatch.commands.channels import change
    from domain.digests import Frequency

    change(
        home(),
        name,
        filters=_filters(jurisdiction, authority, source, section, claim, risk),
        template=template,
        frequency=None if frequency is None else one_of(Frequency, frequency, "--frequency"),
        timezone=timezone,
        hour=hour,
        weekday=weekday,
        language=language,
        heartbeat=heartbeat,
    )
    return Exit.DONE


def _filters(*given: Texts) -> dict[str, tuple[str, ...]]:
    names = ("jurisdictions", "authorities", "sources", "sections", "claims", "risks")
    return {name: tuple(texts or ()) for name, texts in zip(names, given, strict=True)}


@channels_app.command(name="list")
def channels_list(as_json: Json = False) -> int:
    """Every channel and what it gets; no secrets."""
    from claimwatch.commands.channels import show

    show(home(), as_json=as_json)
    return Exit.DONE


@channels_app.command(name="remove")
def channels_remove(name: str) -> int:
    """Tell a channel nothing any more."""
    from claimwatch.commands.channels import remove

    remove(home(), name)
    return Exit.DONE


@channels_app.command(name="preview")
def channels_preview(
    name: str, period: Annotated[str, typer.Option(help="`now`, a day, `last` or `example`.")] = "now"
) -> int:
    """Print what a channel would get; stores and sends nothing."""
    from claimwatch.commands.channels import preview

    preview(home(), name, period=period)
    return Exit.DONE
