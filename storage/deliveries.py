"""Deliveries: the handing over of frozen messages, each state change committed before what it announces.

pending -> handing_over -> sent | deferred | failed | ambiguous. A claim is a lease on a waiting delivery; one that ran
out may be claimed by another. A delivery found handing over after a crash is ambiguous: whether it was accepted cannot
be known, so it is held and shown, and released only by somebody's choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    Update,
    bindparam,
    case,
    insert,
    or_,
    select,
    update,
)

from domain.digests import DeliveryKind, DeliveryState, Lane, Message
from domain.errors import ClaimwatchError
from storage.columns import plain, time_text
from storage.outbox_tables import deliveries, delivery_contents

BY_MAIL = 0
"""The way of a delivery that goes by mail; any other number is the channel it goes through."""


class LostDelivery(ClaimwatchError):
    """A delivery is not ours any more: another sender has it, or it was cancelled or settled meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedDelivery:
    """A delivery that is ours to hand over. attempts: how often it was tried before. subscriber: whom it is for."""

    id: int
    fence: int
    attempts: int
    created_at: datetime
    message: Message
    kind: DeliveryKind = DeliveryKind.DIGEST
    subscriber: int | None = None


WAITING = (DeliveryState.PENDING.value, DeliveryState.DEFERRED.value)
_IN_HAND = (*WAITING, DeliveryState.HANDING_OVER.value)
LEFT = "no longer subscribed"
UNSETTLED = (*_IN_HAND, DeliveryState.AMBIGUOUS.value)


def queue_message(
    connection: Connection,
    *,
    message: Message,
    now: datetime,
    digest: int | None = None,
    subscriber: int | None = None,
    kind: DeliveryKind = DeliveryKind.DIGEST,
    way: int = BY_MAIL,
    lane: Lane = Lane.USUAL,
    thread: str = "",
) -> int:
    """The number of the pending delivery of a message, whose bytes are frozen from here on.

    thread: deliveries of one thread go out in the order in which they were queued. A Message-ID is queued once:
    queueing it again raises StorageError at the end of the unit.
    """
    number = int(
        connection.execute(
            insert(deliveries)
            .values(
                digest_id=digest,
                message_id=message.message_id,
                sender=message.sender,
                recipient=message.recipient,
                subject=plain(message.subject),
                state=DeliveryState.PENDING.value,
                attempts=0,
                next_attempt=time_text(now),
                owner="",
                lease_until=None,
                fence=0,
                reason="",
                created_at=time_text(now),
                settled_at=None,
                kind=kind.value,
                subscriber_id=subscriber,
                way=way,
                lane=lane.value,
                thread=thread,
            )
            .returning(deliveries.c.id)
        ).scalar_one()
    )
    connection.execute(insert(delivery_contents).values(delivery_id=number, content=message.content))
    return number


def mark_handing_over(
    connection: Connection, number: int, *, fence: int, lease: tuple[datetime, timedelta] | None = None
) -> None:
    """Committed before the final dot: from here on only the server knows.

    lease: (now, how long) the answer is waited for before anybody takes the sender for dead; `now` is when it was
    handed over, which counts against the rate.

    Raises LostDelivery where another sender has it, or it was cancelled meanwhile: then it must not be sent.
    """
    if lease is None:
        _apply(connection, _MARK, number, fence)
    else:
        handed = {"handed_at": time_text(lease[0]), "lease_until": time_text(lease[0] + lease[1])}
        _apply(connection, _MARK_WITH_LEASE, number, fence, **handed)


def mark_all(
    connection: Connection, claimed: Sequence[ClaimedDelivery], *, now: datetime, lease: timedelta
) -> set[int]:
    """`mark_handing_over` of several at once. The numbers of those that are not ours any more, which are not marked."""
    given = {"handed_at": time_text(now), "lease_until": time_text(now + lease)}
    return _apply_all(connection, _MARK_WITH_LEASE, claimed, DeliveryState.HANDING_OVER, **given)


def renew_marker(connection: Connection, claimed: ClaimedDelivery, *, now: datetime, lease: timedelta) -> None:
    """The marker counts from now. Raises LostDelivery where somebody took its sender for dead meanwhile."""
    given = {"handed_at": time_text(now), "lease_until": time_text(now + lease)}
    _apply(connection, _RENEW, claimed.id, claimed.fence, **given)


def settle_all_sent(connection: Connection, claimed: Sequence[ClaimedDelivery], *, now: datetime) -> set[int]:
    """`settle_sent` of several at once. The numbers of those that are not ours any more, which are left alone."""
    return _apply_all(connection, _SENT, claimed, DeliveryState.SENT, settled_at=time_text(now))


def settle_sent(connection: Connection, number: int, *, fence: int, now: datetime) -> None:
    """The server took it."""
    _apply(connection, _SENT, number, fence, settled_at=time_text(now))


def settle_deferred(
    connection: Connection,
    number: int,
    *,
    fence: int,
    next_attempt: datetime,
    reason: str,
    attempted: bool = True,
    handed: bool = True,
) -> None:
    """Not taken this time; try again then.

    attempted: counts as a try of this delivery, once, however far it got (not where the fault is ours).
    handed: False where its marker was committed ahead and its dot was never sent.
    """
    marked, unmarked = (0, 1) if attempted else (-1, 0)
    change = _DEFERRED if handed else _DEFERRED_UNHANDED
    given = {"again": time_text(next_attempt), "why": plain(reason)}
    _apply(connection, change, number, fence, marked=marked, unmarked=unmarked, **given)


def settle_failed(
    connection: Connection, number: int, *, fence: int, reason: str, now: datetime, handed: bool = True
) -> None:
    """Refused for good. handed: as for `settle_deferred`."""
    given = {"why": plain(reason), "settled_at": time_text(now)}
    _apply(connection, _FAILED if handed else _FAILED_UNHANDED, number, fence, **given)


def settle_ambiguous(connection: Connection, number: int, *, fence: int, reason: str) -> None:
    """Handed over, and the answer was lost: held until somebody decides."""
    _apply(connection, _AMBIGUOUS, number, fence, why=plain(reason))


def recover_abandoned(connection: Connection, *, now: datetime) -> int:
    """What a dead owner was handing over becomes ambiguous. The number of such deliveries."""
    result = connection.execute(
        update(deliveries)
        .where(
            deliveries.c.state == DeliveryState.HANDING_OVER.value,
            or_(deliveries.c.lease_until.is_(None), deliveries.c.lease_until <= time_text(now)),
        )
        .values(
            state=DeliveryState.AMBIGUOUS.value,
            reason="the sender stopped while it handed this over, or just before",
            lease_until=None,
            fence=deliveries.c.fence + 1,
        )
    )
    return int(result.rowcount)


def release_ambiguous(connection: Connection, number: int, *, now: datetime) -> bool:
    """Send it again, with the same bytes and Message-ID, because somebody chose so. True where it was held."""
    return _resolve(
        connection, number, state=DeliveryState.PENDING.value, next_attempt=time_text(now), reason="released"
    )


def release_abandoned(connection: Connection, way: int, *, now: datetime) -> int:
    """Everything held on a way is tried again: only for a way that never does the same thing twice. How many."""
    result = connection.execute(
        update(deliveries)
        .where(deliveries.c.way == way, deliveries.c.state == DeliveryState.AMBIGUOUS.value)
        .values(
            state=DeliveryState.PENDING.value,
            next_attempt=time_text(now),
            reason="taken up again",
            fence=deliveries.c.fence + 1,
            lease_until=None,
        )
    )
    return int(result.rowcount)


def resolve_ambiguous(connection: Connection, number: int, *, now: datetime) -> bool:
    """Take it for sent, because somebody knows that it arrived. True where it was held."""
    return _resolve(
        connection, number, state=DeliveryState.SENT.value, settled_at=time_text(now), reason="said to have arrived"
    )


def cancel_waiting(connection: Connection, subscriber: int, *, now: datetime, because: str = LEFT) -> int:
    """Nothing that is still waiting goes to this subscriber. The number cancelled."""
    result = connection.execute(
        update(deliveries)
        .where(deliveries.c.subscriber_id == subscriber, deliveries.c.state.in_(WAITING))
        .values(state=DeliveryState.CANCELLED.value, settled_at=time_text(now), reason=because)
    )
    return int(result.rowcount)


def _ours(among: tuple[str, ...]) -> Update:
    """The change of one delivery, if it is still ours."""
    held = (deliveries.c.id == bindparam("number"), deliveries.c.fence == bindparam("held"))
    return update(deliveries).where(*held, or_(*(deliveries.c.state == state for state in among)))


# Each mail needs some of these, so they are built once: that spares a quarter of the processor time of a mail.
_MARK = _ours(WAITING).values(state=DeliveryState.HANDING_OVER.value, attempts=deliveries.c.attempts + 1)
_MARK_WITH_LEASE = _MARK.values(handed_at=bindparam("handed_at"), lease_until=bindparam("lease_until"))
_RENEW = _ours((DeliveryState.HANDING_OVER.value,)).values(
    handed_at=bindparam("handed_at"), lease_until=bindparam("lease_until")
)
_SENT = _ours(_IN_HAND).values(
    state=DeliveryState.SENT.value, settled_at=bindparam("settled_at"), lease_until=None, reason=""
)
_AMBIGUOUS = _ours(_IN_HAND).values(state=DeliveryState.AMBIGUOUS.value, reason=bindparam("why"), lease_until=None)
_FAILED = _ours(_IN_HAND).values(
    state=DeliveryState.FAILED.value, reason=bindparam("why"), settled_at=bindparam("settled_at"), lease_until=None
)
_DEFERRED = _ours(_IN_HAND).values(
    state=DeliveryState.DEFERRED.value,
    next_attempt=bindparam("again"),
    reason=bindparam("why"),
    lease_until=None,
    attempts=deliveries.c.attempts
    + case(
        (deliveries.c.state == DeliveryState.HANDING_OVER.value, bindparam("marked", type_=Integer)),
        else_=bindparam("unmarked", type_=Integer),
    ),
)
_FAILED_UNHANDED, _DEFERRED_UNHANDED = _FAILED.values(handed_at=None), _DEFERRED.values(handed_at=None)


def _apply(connection: Connection, change: Update, number: int, fence: int, **given: str | int) -> None:
    result = connection.execute(change, {"number": number, "held": fence, **given})
    if result.rowcount != 1:
        raise LostDelivery(f"delivery {number} is no longer ours: another sender has it, or it was settled meanwhile")


def _apply_all(
    connection: Connection, change: Update, claimed: Sequence[ClaimedDelivery], to: DeliveryState, **given: str
) -> set[int]:
    if not claimed:
        return set()
    rows = [{"number": item.id, "held": item.fence, **given} for item in claimed]
    if connection.execute(change, rows).rowcount == len(rows):
        return set()
    numbers = [item.id for item in claimed]
    found = connection.execute(
        select(deliveries.c.id, deliveries.c.fence).where(deliveries.c.id.in_(numbers), deliveries.c.state == to.value)
    )
    ours = {(number, fence) for number, fence in found}
    return {item.id for item in claimed if (item.id, item.fence) not in ours}


def _resolve(connection: Connection, number: int, **values: Any) -> bool:
    result = connection.execute(
        update(deliveries)
        .where(deliveries.c.id == number, deliveries.c.state == DeliveryState.AMBIGUOUS.value)
        .values(fence=deliveries.c.fence + 1, lease_until=None, **values)
    )
    return bool(result.rowcount)
