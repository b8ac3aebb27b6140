"""Deliveries: the handing over of frozen messages, each state change committed before what it announces.

pending -> handing_over -> sent | deferred | failed | ambiguous. A claim is a lease on a waiting delivery; one that ran
out may be claimed by another. A delivery found handing over after a crash is ambiguous: whether it was accepted cannot
be known, so it is held and shown, and released only by somebody's choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, func, insert, or_, select, update

from domain.digests import DeliveryState, Message
from domain.errors import ClaimwatchError
from storage.columns import plain, time_of, time_text
from storage.tables import deliveries


class LostDelivery(ClaimwatchError):
    """A delivery is not ours any more: another sender has it, or it was cancelled or settled meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedDelivery:
    """A delivery that is ours to hand over. attempts: how often it was tried before."""

    id: int
    fence: int
    attempts: int
    created_at: datetime
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryLine:
    """A delivery as listed."""

    id: int
    message_id: str
    recipient: str
    subject: str
    state: DeliveryState
    attempts: int
    next_attempt: datetime
    reason: str
    created_at: datetime


_WAITING = (DeliveryState.PENDING.value, DeliveryState.DEFERRED.value)
_IN_HAND = (*_WAITING, DeliveryState.HANDING_OVER.value)


def queue_message(connection: Connection, *, digest: int, message: Message, now: datetime) -> int:
    """The number of the pending delivery of a message, whose bytes are frozen from here on."""
    return int(
        connection.execute(
            insert(deliveries)
            .values(
                digest_id=digest,
                message_id=message.message_id,
                sender=message.sender,
                recipient=message.recipient,
                subject=plain(message.subject),
                content=message.content,
                state=DeliveryState.PENDING.value,
                attempts=0,
                next_attempt=time_text(now),
                owner="",
                lease_until=None,
                fence=0,
                reason="",
                created_at=time_text(now),
                settled_at=None,
            )
            .returning(deliveries.c.id)
        ).scalar_one()
    )


def claim_delivery(connection: Connection, *, owner: str, now: datetime, lease: timedelta) -> ClaimedDelivery | None:
    """The next delivery that is due and that nobody holds, or None."""
    query = (
        select(deliveries)
        .where(
            deliveries.c.state.in_(_WAITING),
            deliveries.c.next_attempt <= time_text(now),
            or_(deliveries.c.lease_until.is_(None), deliveries.c.lease_until <= time_text(now)),
        )
        .order_by(deliveries.c.next_attempt, deliveries.c.id)
        .limit(1)
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    fence = row["fence"] + 1
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id == row["id"])
        .values(owner=owner, lease_until=time_text(now + lease), fence=fence)
    )
    return ClaimedDelivery(
        id=row["id"],
        fence=fence,
        attempts=row["attempts"],
        created_at=time_of(row["created_at"]),
        message=Message(
            message_id=row["message_id"],
            sender=row["sender"],
            recipient=row["recipient"],
            subject=row["subject"],
            content=bytes(row["content"]),
        ),
    )


def mark_handing_over(connection: Connection, number: int, *, fence: int) -> None:
    """Committed before the final dot: from here on only the server knows.

    Raises LostDelivery where another sender has it, or it was cancelled meanwhile: then it must not be sent.
    """
    state = DeliveryState.HANDING_OVER.value
    _settle(connection, number, fence, among=_WAITING, state=state, attempts=deliveries.c.attempts + 1)


def settle_sent(connection: Connection, number: int, *, fence: int, now: datetime) -> None:
    """The server took it."""
    _settle(
        connection,
        number,
        fence,
        state=DeliveryState.SENT.value,
        settled_at=time_text(now),
        lease_until=None,
        reason="",
    )


def settle_deferred(
    connection: Connection, number: int, *, fence: int, next_attempt: datetime, reason: str, attempted: bool = True
) -> None:
    """Not taken this time; try again then.

    attempted: counts as a try of this delivery, once, however far it got (not where the fault is ours).
    """
    tried = case((deliveries.c.state == DeliveryState.HANDING_OVER.value, 0), else_=1) if attempted else 0
    _settle(
        connection,
        number,
        fence,
        state=DeliveryState.DEFERRED.value,
        next_attempt=time_text(next_attempt),
        reason=plain(reason),
        lease_until=None,
        attempts=deliveries.c.attempts + tried,
    )


def settle_failed(connection: Connection, number: int, *, fence: int, reason: str, now: datetime) -> None:
    """Refused for good."""
    _settle(
        connection,
        number,
        fence,
        state=DeliveryState.FAILED.value,
        reason=plain(reason),
        settled_at=time_text(now),
        lease_until=None,
    )


def settle_ambiguous(connection: Connection, number: int, *, fence: int, reason: str) -> None:
    """Handed over, and the answer was lost: held until somebody decides."""
    _settle(connection, number, fence, state=DeliveryState.AMBIGUOUS.value, reason=plain(reason), lease_until=None)


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
            reason="the sender stopped after handing it over and before the answer",
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


def resolve_ambiguous(connection: Connection, number: int, *, now: datetime) -> bool:
    """Take it for sent, because somebody knows that it arrived. True where it was held."""
    return _resolve(
        connection, number, state=DeliveryState.SENT.value, settled_at=time_text(now), reason="said to have arrived"
    )


def cancel_waiting(connection: Connection, recipient: str, *, now: datetime) -> int:
    """Nothing that is still waiting goes to this recipient. The number cancelled."""
    result = connection.execute(
        update(deliveries)
        .where(deliveries.c.recipient == recipient, deliveries.c.state.in_(_WAITING))
        .values(state=DeliveryState.CANCELLED.value, settled_at=time_text(now), reason="no longer subscribed")
    )
    return int(result.rowcount)


def list_deliveries(
    connection: Connection, *, state: DeliveryState | None = None, limit: int = 200
) -> tuple[DeliveryLine, ...]:
    """Deliveries, newest first."""
    query = select(deliveries).order_by(deliveries.c.id.desc()).limit(limit)
    if state is not None:
        query = query.where(deliveries.c.state == state.value)
    return tuple(
        DeliveryLine(
            id=row["id"],
            message_id=row["message_id"],
            recipient=row["recipient"],
            subject=row["subject"],
            state=DeliveryState(row["state"]),
            attempts=row["attempts"],
            next_attempt=time_of(row["next_attempt"]),
            reason=row["reason"],
            created_at=time_of(row["created_at"]),
        )
        for row in connection.execute(query).mappings()
    )


def count_deliveries(connection: Connection) -> dict[DeliveryState, int]:
    """How many deliveries are in each state."""
    counts = dict.fromkeys(DeliveryState, 0)
    for state, number in connection.execute(select(deliveries.c.state, func.count()).group_by(deliveries.c.state)):
        counts[DeliveryState(state)] = number
    return counts


def _settle(
    connection: Connection, number: int, fence: int, *, among: tuple[str, ...] = _IN_HAND, **values: Any
) -> None:
    result = connection.execute(
        update(deliveries)
        .where(deliveries.c.id == number, deliveries.c.fence == fence, deliveries.c.state.in_(among))
        .values(**values)
    )
    if result.rowcount != 1:
        raise LostDelivery(f"delivery {number} is no longer ours: another sender has it, or it was settled meanwhile")


def _resolve(connection: Connection, number: int, **values: Any) -> bool:
    result = connection.execute(
        update(deliveries)
        .where(deliveries.c.id == number, deliveries.c.state == DeliveryState.AMBIGUOUS.value)
        .values(fence=deliveries.c.fence + 1, lease_until=None, **values)
    )
    return bool(result.rowcount)
