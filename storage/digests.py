"""Digests: that a subscriber's period was composed, once, together with the delivery that carries it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select

from domain.digests import Lane, Message, Period
from storage.columns import time_of, time_text
from storage.deliveries import BY_MAIL, queue_message
from storage.outbox_tables import digests


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposedDigest:
    """A period that was composed for a subscriber. items 0 and no delivery: there was nothing to send, on record."""

    id: int
    subscriber: int
    period: str
    first_event: int
    last_event: int
    items: int
    period_start: datetime
    period_end: datetime
    composed_at: datetime


def keep_digest(
    connection: Connection,
    *,
    subscriber: int,
    period: Period,
    first_event: int,
    last_event: int,
    items: int,
    message: Message | None,
    now: datetime,
    lane: Lane = Lane.USUAL,
    way: int = BY_MAIL,
) -> int | None:
    """The number of the digest, stored with its pending delivery; None where this period was composed already.

    message None: nothing to send, which is a record of its own, so that silence always means failure.
    """
    known = select(digests.c.id).where(digests.c.subscriber_id == subscriber, digests.c.period == period.key)
    if connection.execute(known).first() is not None:
        return None
    number = int(
        connection.execute(
            insert(digests)
            .values(
                subscriber_id=subscriber,
                period=period.key,
                period_start=time_text(period.start),
                period_end=time_text(period.end),
                first_event=first_event,
                last_event=last_event,
                items=items,
                composed_at=time_text(now),
            )
            .returning(digests.c.id)
        ).scalar_one()
    )
    if message is not None:
        queue_message(connection, digest=number, subscriber=subscriber, message=message, way=way, lane=lane, now=now)
    return number


def last_digest(connection: Connection, subscriber: int, *, with_news: bool = False) -> ComposedDigest | None:
    """The newest digest composed for a subscriber: by events first, then by period. with_news: that told a change."""
    query = (
        select(digests)
        .where(digests.c.subscriber_id == subscriber)
        .order_by(digests.c.period_end.desc(), digests.c.id.desc())
        .limit(1)
    )
    if with_news:
        query = query.where(digests.c["items"] > 0)
    return _found(connection, query)


def digest_until(connection: Connection, subscriber: int, last_event: int) -> ComposedDigest | None:
    """The digest of a subscriber that told a change and whose events end with this one."""
    query = select(digests).where(
        digests.c.subscriber_id == subscriber, digests.c.last_event == last_event, digests.c["items"] > 0
    )
    return _found(connection, query.order_by(digests.c.id).limit(1))


def last_event_told(connection: Connection, subscriber: int) -> int | None:
    """The newest event that any digest of a subscriber covers, or None before the first digest."""
    query = (
        select(digests.c.last_event)
        .where(digests.c.subscriber_id == subscriber)
        .order_by(digests.c.last_event.desc())
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none()


def _found(connection: Connection, query: Select[Any]) -> ComposedDigest | None:
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    return ComposedDigest(
        id=row["id"],
        subscriber=row["subscriber_id"],
        period=row["period"],
        first_event=row["first_event"],
        last_event=row["last_event"],
        items=row["items"],
        period_start=time_of(row["period_start"]),
        period_end=time_of(row["period_end"]),
        composed_at=time_of(row["composed_at"]),
    )
