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
    connection.execute(_CLAIM, {"chosen": chosen, "claimed_by": owner, "until": time_text(now + lease)})
    found = {row.id: _claimed(row) for row in connection.execute(_WHOLE, {"chosen": chosen})}
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
    return int(connection.execute(_CANCEL_LEFT, {"chosen": chosen, "at": time_text(now)}).rowcount)


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


# A claim comes with every few mails, so what it says is built once.
_CHOSEN = deliveries.c.id.in_(bindparam("chosen", expanding=True))
_CLAIM = (
    update(deliveries)
    .where(_CHOSEN)
    .values(owner=bindparam("claimed_by"), lease_until=bindparam("until"), fence=deliveries.c.fence + 1)
)
_WHOLE = (
    select(
        deliveries.c.id,
        deliveries.c.fence,
        deliveries.c.attempts,
        deliveries.c.created_at,
        deliveries.c.message_id,
        deliveries.c.sender,
        deliveries.c.recipient,
        deliveries.c.subject,
        deliveries.c.kind,
        deliveries.c.subscriber_id,
        delivery_contents.c.content,
    )
    .join_from(deliveries, delivery_contents)
    .where(_CHOSEN)
)
_CANCEL_LEFT = (
    update(deliveries)
    .where(
        _CHOSEN,
        deliveries.c.kind == DeliveryKind.DIGEST.value,
        exists().where(subscribers.c.id == deliveries.c.subscriber_id, ~subscribers.c.active),
    )
    .values(state=DeliveryState.CANCELLED.value, settled_at=bindparam("at"), reason=LEFT)
)


def _claimed(row: Any) -> ClaimedDelivery:
    return ClaimedDelivery(
        id=row.id,
        fence=row.fence,
        attempts=row.attempts,
        created_at=time_of(row.created_at),
        message=Message(
            message_id=row.message_id,
            sender=row.sender,
            recipient=row.recipient,
            subject=row.subject,
            content=bytes(row.content),
        ),
        kind=DeliveryKind(row.kind),
        subscriber=row.subscriber_id,
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
