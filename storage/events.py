"""The outbox: what happened, in the order it was committed.

Digests are cut from this sequence, never from timestamps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from storage.columns import json_of, json_text, time_of, time_text
from storage.tables import events


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened. kind: flag_opened, _confirmed, _decided, _undone or _closed, or readable."""

    seq: int
    kind: str
    source: str
    flag: int | None
    check: int | None
    at: datetime
    payload: Mapping[str, Any]


def append_event(
    connection: Connection,
    *,
    kind: str,
    source: str,
    at: datetime,
    flag: int | None = None,
    check: int | None = None,
    payload: Mapping[str, Any] | None = None,
) -> int:
    """The sequence number of the new event."""
    result = connection.execute(
        insert(events)
        .values(
            kind=kind,
            source=source,
            flag_id=flag,
            check_id=check,
            at=time_text(at),
            payload=json_text(dict(payload or {})),
        )
        .returning(events.c.seq)
    )
    return int(result.scalar_one())


def last_seq(connection: Connection) -> int:
    """The newest sequence number, 0 where nothing happened yet."""
    return int(connection.execute(select(func.coalesce(func.max(events.c.seq), 0))).scalar_one())


def events_between(
    connection: Connection, after: int, until: int, *, kinds: tuple[str, ...] = (), limit: int = 10_000
) -> tuple[Event, ...]:
    """Events with after < seq <= until, in order."""
    query = select(events).where(events.c.seq > after, events.c.seq <= until).order_by(events.c.seq).limit(limit)
    if kinds:
        query = query.where(events.c.kind.in_(kinds))
    return tuple(
        Event(
            seq=row["seq"],
            kind=row["kind"],
            source=row["source"],
            flag=row["flag_id"],
            check=row["check_id"],
            at=time_of(row["at"]),
            payload=json_of(row["payload"]),
        )
        for row in connection.execute(query).mappings()
    )


def last_seq_before(connection: Connection, moment: datetime) -> int:
    """The newest sequence number of an event that happened before a moment, 0 where there is none."""
    query = select(func.coalesce(func.max(events.c.seq), 0)).where(events.c.at < time_text(moment))
    return int(connection.execute(query).scalar_one())
