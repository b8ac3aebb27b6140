"""The outbox: what happened, in the order it was committed.

Digests are cut from this sequence, never from timestamps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from domain.flags import FlagReason, FlagState
from storage.columns import json_of, json_text, time_of, time_text
from storage.tables import events, flag_states, flags


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


def outages_at(connection: Connection, seq: int) -> frozenset[int]:
    """The flags of pages that could not be read that were open right after an event."""
    later = select(events.c.flag_id).where(events.c.seq > seq)
    began_later = set(connection.execute(later.where(events.c.kind == "flag_opened")).scalars())
    closed_later = (
        select(events.c.flag_id)
        .join(flags, flags.c.id == events.c.flag_id)
        .where(events.c.seq > seq, events.c.kind == "flag_closed", flags.c.reason == FlagReason.UNREADABLE.value)
    )
    open_now = select(flag_states.c.flag_id).where(
        flag_states.c.state == FlagState.OPEN.value, flag_states.c.reason == FlagReason.UNREADABLE.value
    )
    found = {*connection.execute(closed_later).scalars(), *connection.execute(open_now).scalars()}
    return frozenset(number for number in found - began_later if number is not None)


def last_seq_before(connection: Connection, moment: datetime) -> int:
    """The newest sequence number of an event that happened before a moment, 0 where there is none."""
    query = select(func.coalesce(func.max(events.c.seq), 0)).where(events.c.at < time_text(moment))
    return int(connection.execute(query).scalar_one())
