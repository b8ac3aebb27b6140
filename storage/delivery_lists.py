"""What the outbox holds, as shown to people and asked by whoever sends: lists, counts, pauses, bounces, the canary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, insert, select, update

from domain.digests import DeliveryKind, DeliveryState
from storage.columns import optional_time, plain, time_of, time_text
from storage.outbox_tables import bounces, deliveries

PAUSED = "paused: "
"""How the reason of a delivery begins that met a fault of ours: until its next attempt the whole queue rests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryLine:
    """A delivery as listed. way: 0 is mail, else the number of the channel."""

    id: int
    message_id: str
    recipient: str
    subject: str
    state: DeliveryState
    attempts: int
    next_attempt: datetime
    reason: str
    created_at: datetime
    kind: DeliveryKind = DeliveryKind.DIGEST
    way: int = 0
    subscriber: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """The latest mail that proves the path: when it was queued, how it stands, when it was seen to arrive."""

    queued_at: datetime
    state: DeliveryState
    arrived_at: datetime | None


def list_deliveries(
    connection: Connection, *, state: DeliveryState | None = None, limit: int = 200
) -> tuple[DeliveryLine, ...]:
    """Deliveries, newest first."""
    query = select(deliveries).order_by(deliveries.c.id.desc()).limit(limit)
    if state is not None:
        query = query.where(deliveries.c.state == state.value)
    return tuple(_line(row) for row in connection.execute(query).mappings())


def find_delivery(connection: Connection, number: int) -> DeliveryLine | None:
    """One delivery, or None."""
    row = connection.execute(select(deliveries).where(deliveries.c.id == number)).mappings().first()
    return None if row is None else _line(row)


def _line(row: Any) -> DeliveryLine:
    return DeliveryLine(
        id=row["id"],
        message_id=row["message_id"],
        recipient=row["recipient"],
        subject=row["subject"],
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        next_attempt=time_of(row["next_attempt"]),
        reason=row["reason"],
        created_at=time_of(row["created_at"]),
        kind=DeliveryKind(row["kind"]),
        way=row["way"],
        subscriber=row["subscriber_id"],
    )


def count_deliveries(connection: Connection) -> dict[DeliveryState, int]:
    """How many deliveries are in each state."""
    counts = dict.fromkeys(DeliveryState, 0)
    for state, number in connection.execute(select(deliveries.c.state, func.count()).group_by(deliveries.c.state)):
        counts[DeliveryState(state)] = number
    return counts


def pause_of(connection: Connection, way: int, *, now: datetime) -> str:
    """Why a way rests, from the delivery that met the refusal; "" where it does not."""
    query = (
        select(deliveries.c.reason)
        .where(
            deliveries.c.state == DeliveryState.DEFERRED.value,
            deliveries.c.way == way,
            deliveries.c.next_attempt > time_text(now),
            deliveries.c.reason.startswith(PAUSED, autoescape=True),
        )
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none() or ""


def ways_waiting(connection: Connection, *, now: datetime) -> frozenset[int]:
    """The ways on which something is due."""
    query = select(deliveries.c.way).distinct()
    query = query.where(
        deliveries.c.state.in_((DeliveryState.PENDING.value, DeliveryState.DEFERRED.value)),
        deliveries.c.next_attempt <= time_text(now),
    )
    return frozenset(connection.execute(query).scalars())


def record_bounce(
    connection: Connection, delivery: int, *, status: str, permanent: bool, diagnostic: str, at: datetime
) -> bool:
    """A bounce of a delivery is on record. False where it was already: the same one read twice is one."""
    known = select(bounces.c.id).where(bounces.c.delivery_id == delivery, bounces.c.status == status)
    if connection.execute(known).first() is not None:
        return False
    connection.execute(
        insert(bounces).values(
            delivery_id=delivery,
            status=status,
            permanent=permanent,
            diagnostic=plain(diagnostic),
            at=time_text(at),
        )
    )
    return True


def failures_since(connection: Connection, subscriber: int, moment: datetime) -> int:
    """How many mails to a subscriber failed or came back after a moment."""
    theirs = and_(deliveries.c.subscriber_id == subscriber, deliveries.c.way == 0)
    failed = (
        select(func.count())
        .select_from(deliveries)
        .where(theirs, deliveries.c.state == DeliveryState.FAILED.value, deliveries.c.settled_at > time_text(moment))
    )
    returned = (
        select(func.count(bounces.c.delivery_id.distinct()))
        .select_from(bounces)
        .join(deliveries, deliveries.c.id == bounces.c.delivery_id)
        .where(theirs, bounces.c.at > time_text(moment))
    )
    return sum(int(connection.execute(query).scalar_one()) for query in (failed, returned))


def count_bounces(connection: Connection) -> dict[bool, int]:
    """How many bounces came: permanent (True) and temporary (False)."""
    counts = {True: 0, False: 0}
    for permanent, number in connection.execute(
        select(bounces.c.permanent, func.count()).group_by(bounces.c.permanent)
    ):
        counts[bool(permanent)] = number
    return counts


def mark_arrived(connection: Connection, delivery: int, *, at: datetime) -> bool:
    """A mail of ours was seen to arrive. False where that was known."""
    changed = connection.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery, deliveries.c.arrived_at.is_(None))
        .values(arrived_at=time_text(at))
    )
    return bool(changed.rowcount)


def letters_since(connection: Connection, moment: datetime) -> int:
    """How many letters were queued after a moment."""
    query = select(func.count()).select_from(deliveries)
    query = query.where(deliveries.c.kind == DeliveryKind.LETTER.value, deliveries.c.created_at > time_text(moment))
    return int(connection.execute(query).scalar_one())


def find_thread(connection: Connection, thread: str) -> int | None:
    """The number of the newest delivery of a thread, or None."""
    query = select(deliveries.c.id).where(deliveries.c.thread == thread).order_by(deliveries.c.id.desc()).limit(1)
    return connection.execute(query).scalar_one_or_none()


def last_canary(connection: Connection) -> Canary | None:
    """The newest canary, or None before the first."""
    query = (
        select(deliveries.c.created_at, deliveries.c.state, deliveries.c.arrived_at)
        .where(deliveries.c.kind == DeliveryKind.CANARY.value)
        .order_by(deliveries.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    return Canary(
        queued_at=time_of(row.created_at), state=DeliveryState(row.state), arrived_at=optional_time(row.arrived_at)
    )
