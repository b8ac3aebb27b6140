"""A mail to ourselves now and then, which proves the whole path: composing, the queue, the server, the mailbox.

That the server took it proves half. It has arrived when the mailbox hands it back to `claimwatch bounces`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from domain.digests import DeliveryKind, Lane
from notifications.bounces import CANARY_HEADER
from notifications.phrases import phrase
from notifications.render import Letter, render_letter
from notifications.tokens import sign, subject_of
from storage.deliveries import queue_message
from storage.delivery_lists import find_thread, last_canary
from storage.store import Store

EVERY = timedelta(days=1)
LATE = timedelta(hours=2)
"""How long a canary may take before the path is called broken."""


def queue_canary(
    store: Store, *, to: str, sender: str, secrets: Sequence[str], now: datetime, every: timedelta = EVERY
) -> bool:
    """A canary waits to be sent where the last one is older than `every`. True where one was queued."""
    stamp = f"{now.astimezone(UTC):%Y%m%dT%H%M%S}"
    words = {"address": to}
    letter = Letter(
        language="en",
        subject=phrase("en", "canary_subject"),
        heading=phrase("en", "canary_heading"),
        paragraphs=(phrase("en", "canary_text", **words), phrase("en", "canary_ask")),
    )
    headers = [(CANARY_HEADER, sign("canary", stamp, secrets=secrets))]
    message = render_letter(
        letter, to=to, sender=sender, name=f"canary\x1f{stamp}\x1f{to}", message_date=now, headers=headers
    )
    with store.writing() as connection:
        last = last_canary(connection)
        if last is not None and now - last.queued_at < every:
            return False
        queue_message(
            connection, message=message, kind=DeliveryKind.CANARY, lane=Lane.URGENT, thread=_thread(stamp), now=now
        )
    return True


def canary_delivery(store: Store, token: str, *, secrets: Sequence[str]) -> int | None:
    """The delivery whose canary this token marks, where we signed it."""
    stamp = subject_of("canary", token, secrets=secrets)
    if stamp is None:
        return None
    with store.reading() as connection:
        return find_thread(connection, _thread(stamp))


def _thread(stamp: str) -> str:
    return f"canary:{stamp}"
