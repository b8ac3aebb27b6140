"""Mail that comes back to us: bounces, which suppress who cannot be reached, and canaries, which prove the path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from notifications.bounces import Returned, read_returned
from notifications.canary import canary_delivery
from notifications.handover import give_up_where_hopeless
from notifications.tokens import returned_delivery
from storage.delivery_lists import find_delivery, mark_arrived, record_bounce
from storage.store import Store

AS_GENERIC = "5.0.0"
"""What stands for a failure whose report gives no code."""


class Outcome(StrEnum):
    """What a mail that came back was. unknown: not addressed to a return path of ours, so it is not believed."""

    SUPPRESSED = "suppressed"
    COUNTED = "counted"
    KNOWN = "known"
    DELAYED = "delayed"
    ARRIVED = "arrived"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A mail that came back, and what it came to. delivery: the number, None where it is unknown."""

    outcome: Outcome
    delivery: int | None = None
    recipient: str = ""
    status: str = ""
    diagnostic: str = ""


def take_returned(store: Store, raw: bytes, *, secrets: Sequence[str], now: datetime, recipient: str = "") -> Taken:
    """A mail that came back is on record, once however often it is taken.

    A mailbox that is gone suppresses its reader at once; other failures do when they keep coming. recipient: the
    address it was delivered to, where the mail server told us.
    """
    returned = read_returned(raw, recipient=recipient)
    if returned.canary:
        return _arrived(store, returned, secrets=secrets, now=now)
    numbers = (returned_delivery(address, secrets=secrets) for address in returned.addresses)
    number = next((item for item in numbers if item is not None), None)
    if number is None:
        return Taken(outcome=Outcome.UNKNOWN, status=returned.status, diagnostic=returned.diagnostic)
    with store.writing() as connection:
        delivery = find_delivery(connection, number)
        if delivery is None:
            return Taken(outcome=Outcome.UNKNOWN, status=returned.status, diagnostic=returned.diagnostic)
        outcome = Outcome.DELAYED
        if returned.failed:
            fresh = record_bounce(
                connection,
                number,
                status=returned.status or AS_GENERIC,
                permanent=returned.gone,
                diagnostic=returned.diagnostic,
                at=now,
            )
            because = f"came back: {returned.status or AS_GENERIC} {returned.diagnostic}".strip()
            given_up = fresh and give_up_where_hopeless(
                connection, delivery.subscriber, gone=returned.gone, because=because, now=now
            )
            outcome = Outcome.SUPPRESSED if given_up else Outcome.COUNTED if fresh else Outcome.KNOWN
    return Taken(
        outcome=outcome,
        delivery=number,
        recipient=delivery.recipient,
        status=returned.status,
        diagnostic=returned.diagnostic,
    )


def _arrived(store: Store, returned: Returned, *, secrets: Sequence[str], now: datetime) -> Taken:
    number = canary_delivery(store, returned.canary, secrets=secrets)
    if number is None:
        return Taken(outcome=Outcome.UNKNOWN)
    with store.writing() as connection:
        fresh = mark_arrived(connection, number, at=now)
    return Taken(outcome=Outcome.ARRIVED if fresh else Outcome.KNOWN, delivery=number)
