"""Commands about teams' channels."""

from __future__ import annotations

from typing import Annotated

import typer

from claimwatch.cli.options import Exit, Json, home, one_of

app = typer.Typer()
channels_app = typer.Typer(help="Teams that are told by a signed webhook.", no_args_is_help=True)
app.add_typer(channels_app, name="channels")


@channels_app.command(name="add")
def channels_add(
    name: str,
    url: str,
    frequency: Annotated[str, typer.Option(help="instant, daily or weekly.")] = "daily",
    language: Annotated[str, typer.Option(help="en or fr.")] = "en",
    heartbeat: Annotated[bool, typer.Option(help="Post when nothing changed, too.")] = True,
) -> int:
    """Post digests to an address; a channel that is there already is changed to this and gets a new secret."""
    from claimwatch.commands.channels import add
    from claimwatch.commands.mail import chosen
    from domain.digests import Frequency

    choices = chosen(frequency=one_of(Frequency, frequency, "--frequency"), language=language, heartbeat=heartbeat)
    add(home(), name=name, url=url, choices=choices)
    return Exit.DONE


@channels_app.command(name="list")
def channels_list(as_json: Json = False) -> int:
    """Every channel; neither its address nor its secret."""
    from claimwatch.commands.channels import show

    show(home(), as_json=as_json)
    return Exit.DONE


@channels_app.command(name="remove")
def channels_remove(name: str) -> int:
    """Post nothing to a channel any more."""
    from claimwatch.commands.channels import remove

    remove(home(), name)
    return Exit.DONE


@channels_app.command(name="preview")
def channels_preview(name: str, period: Annotated[str, typer.Option(help="`now`, or a day.")] = "now") -> int:
    """Print the document that a channel would get; stores and sends nothing."""
    from claimwatch.commands.channels import preview

    preview(home(), name, period=period)
    return Exit.DONE
