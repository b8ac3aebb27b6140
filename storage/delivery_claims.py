"""Claiming deliveries: what is due, becomes ours for a lease, and is given back where it was not begun."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Integer, Select, and_, bindparam, exists, func, or_, select, update

from domain.digests import DeliveryKind, DeliveryState, Lane, Message
from storage.columns import time_of, time_text
from storage.deliveries import BY_MAIL, LEFT, UNSETTLED, WAITING, ClaimedDelivery
from storage.outbox_tables import deliveries, delivery_contents, subscribers


def claim_delivery(connection: Connection, *, owner: str, now: datetime, lease: timedelta) -> ClaimedDelivery | None:
    """The first delivery that is due by mail, now ours for the lease, or None."""
    return next(iter(claim_deliveries(connection, owner=owner, now=now, lease=lease, most=1)), None)


def claim_deliveries(
    connection: Connection,
    *,
    owner: str,
    now: datetime,
    lease: timedelta,
    most: int,
    way: int = BY_MAIL,
    lanes: Iterable[Lane] = tuple(Lane),
) -> tuple[ClaimedDelivery, ...]:
    """At most so many deliveries that are due, now ours for the lease; the urgent lane first, then by time.

    A digest of somebody who left while it was in hand is cancelled here, whatever way it came back to wait.
    """
    chosen = _first(connection, now, way, lanes, most)
    while _cancel_left(connection, chosen, now):
        chosen = _first(connection, now, way, lanes, most)
    if not chosen:
        return ()
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(chosen))
        .values(owner=owner, lease_until=time_text(now + lease), fence=deliveries.c.fence + 1)
    )
    whole = select(deliveries, delivery_contents.c.content).join_from(deliveries, delivery_contents)
    rows = connection.execute(whole.where(deliveries.c.id.in_(chosen))).mappings()
    found = {row["id"]: _claimed(row) for row in rows}
    return tuple(found[number] for number in chosen)


def _first(connection: Connection, now: datetime, way: int, lanes: Iterable[Lane], most: int) -> list[int]:
    chosen: list[int] = []
    for lane in sorted(lanes):
        if len(chosen) < most:
            chosen += _due(connection, now, way, lane, most - len(chosen))
    return chosen


def _cancel_left(connection: Connection, chosen: list[int], now: datetime) -> int:
    """How many of these are digests of readers who are none any more. Letters ask people who are none yet."""
    if not chosen:
        return 0
    left = select(subscribers.c.id).where(~subscribers.c.active)
    result = connection.execute(
        update(deliveries)
        .where(
            deliveries.c.id.in_(chosen),
            deliveries.c.kind == DeliveryKind.DIGEST.value,
            deliveries.c.subscriber_id.in_(left),
        )
        .values(state=DeliveryState.CANCELLED.value, settled_at=time_text(now), reason=LEFT)
    )
    return int(result.rowcount)


def is_due(connection: Connection, *, now: datetime, way: int, lane: Lane) -> bool:
    """Whether something of a lane could be claimed now."""
    return bool(_due(connection, now, way, lane, 1))


def _due(connection: Connection, now: datetime, way: int, lane: Lane, most: int) -> list[int]:
    """Asked state by state, so that the index gives them in order and nothing is sorted."""
    given = {"due": time_text(now), "by_way": way, "in_lane": lane.value, "most": most}
    found: list[tuple[str, int]] = []
    for state in WAITING:
        found += [(row[0], row[1]) for row in connection.execute(_first_due(state), given)]
    return [number for _, number in sorted(found)[:most]]


@cache
def _first_due(state: str) -> Select[Any]:
    earlier = deliveries.alias("earlier")
    held_up = exists().where(
        earlier.c.thread == deliveries.c.thread,
        earlier.c.way == deliveries.c.way,
        earlier.c.id < deliveries.c.id,
        earlier.c.state.in_(UNSETTLED),
    )
    due = bindparam("due", type_=deliveries.c.next_attempt.type)
    return (
        select(deliveries.c.next_attempt, deliveries.c.id)
        .where(
            deliveries.c.state == state,
            deliveries.c.way == bindparam("by_way"),
            deliveries.c.lane == bindparam("in_lane"),
            deliveries.c.next_attempt <= due,
            or_(deliveries.c.lease_until.is_(None), deliveries.c.lease_until <= due),
            or_(deliveries.c.thread == "", ~held_up),
        )
        .order_by(deliveries.c.next_attempt, deliveries.c.id)
        .limit(bindparam("most", type_=Integer))
    )


def _claimed(row: Any) -> ClaimedDelivery:
    return ClaimedDelivery(
        id=row["id"],
        fence=row["fence"],
        attempts=row["attempts"],
        created_at=time_of(row["created_at"]),
        message=Message(
            message_id=row["message_id"],
            sender=row["sender"],
            recipient=row["recipient"],
            subject=row["subject"],
            content=bytes(row["content"]),
        ),
        kind=DeliveryKind(row["kind"]),
        subscriber=row["subscriber_id"],
    )


def give_back_claims(connection: Connection, claimed: Iterable[ClaimedDelivery]) -> None:
    """Deliveries that were claimed and not begun are free for anybody; a marker that was committed ahead is undone."""
    for item in claimed:
        ours = deliveries.c.id == item.id, deliveries.c.fence == item.fence
        connection.execute(update(deliveries).where(*ours, deliveries.c.state.in_(WAITING)).values(lease_until=None))
        before = DeliveryState.DEFERRED if item.attempts else DeliveryState.PENDING
        connection.execute(
            update(deliveries)
            .where(*ours, deliveries.c.state == DeliveryState.HANDING_OVER.value)
            .values(lease_until=None, handed_at=None, state=before.value, attempts=item.attempts)
        )


def handed_since(connection: Connection, moment: datetime, *, now: datetime) -> int:
    """How many mails were handed over after a moment, or are claimed and may be at any instant."""
    claimed = and_(
        deliveries.c.state.in_(WAITING),
        deliveries.c.way == BY_MAIL,
        deliveries.c.lease_until > time_text(now),
    )
    handed = and_(deliveries.c.way == BY_MAIL, deliveries.c.handed_at > time_text(moment))
    return sum(
        int(connection.execute(select(func.count()).select_from(deliveries).where(each)).scalar_one())
        for each in (handed, claimed)
    )
