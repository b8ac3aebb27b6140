"""What somebody would be told, as `digest preview` and `channels preview` print it; nothing is stored or sent."""

from __future__ import annotations

import json

from claimwatch.commands.templates import wording
from claimwatch.home import Home, wrong_call
from claimwatch.show import counted, line, verbatim
from domain.digests import Subscriber
from notifications.digest import EXAMPLE, LAST, Composed
from notifications.digest import preview as preview_digests
from notifications.harmless import UNSEEN
from notifications.render import text_of
from notifications.view import view_of


def preview_for(home: Home, reader: Subscriber, *, period: str, secrets: tuple[str, ...] = ()) -> tuple[Composed, ...]:
    """What the reader, a channel or a mailbox, would be told about a period. Raises ConfigError where it names none."""
    try:
        return preview_digests(
            home.store(),
            sources=home.sources,
            claims={claim.id: claim for claim in home.config.claims},
            now=home.now(),
            sender=home.settings.mail_from,
            base_url=home.settings.base_url,
            subscriber=reader,
            period=period,
            secrets=secrets,
            wording=wording(home),
        )
    except ValueError as error:
        raise wrong_call(str(error)) from error


def print_channel(home: Home, reader: Subscriber, *, period: str, worded: bool) -> None:
    """Print what a channel would be told. worded: by a template, which is shown on something in any case."""
    found = preview_for(home, reader, period=period)
    told = [item for item in found if item.message or item.issues]
    if worded and period not in (LAST, EXAMPLE) and not any(item.digest.items or item.issues for item in told):
        line("nothing to send; on the last digest that told anything, the template makes:")
        told = [item for item in preview_for(home, reader, period=LAST) if item.message or item.issues]
        if not told:
            line("there was none yet; on an example:")
            told = list(preview_for(home, reader, period=EXAMPLE))
    for item in told:
        print_composed(home, item)
    if not told:
        line(next((item.problem for item in found if item.problem), "nothing to send"))


def summary_of(item: Composed) -> str:
    """What is sent, in a line."""
    if item.issues:
        return counted(len(item.issues), "order") + " to a tracker"
    return item.message.subject if item.message else item.problem or "nothing to send"


def print_composed(home: Home, item: Composed) -> None:
    """Print one digest in the form that its reader gets."""
    if item.fault:
        line(f"The template fails, and the built-in words stand in: {item.fault}")
    for order in [json.loads(order.content) for _, order in item.issues]:
        _print(f"{order['act']}: {order['title']}\n\n{order['body' if order['act'] == 'open' else 'comment']}")
    if item.message is None:
        return
    if item.subscriber.channel is None:
        _print(text_of(view_of(item.digest, base_url=home.settings.base_url, unsubscribe_url=None)))
    elif item.message.message_id.startswith("<chat."):
        told = json.loads(item.message.content)
        _print(f"{told['title']}\n\n{told['body']}")
    else:
        _print(item.message.content.decode())


def _print(text: str) -> None:
    """Without our own unseen marks that break words apart; those of captured words were written out long before."""
    verbatim(text.translate(dict.fromkeys(map(ord, UNSEEN))))
