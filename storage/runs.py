"""The service's pulse: when a cycle was last completed, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from storage.columns import time_of, time_text
from storage.tables import cycles


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """A completed cycle: visits it started and visits under way when it ended."""

    owner: str
    at: datetime
    started: int
    under_way: int


def record_cycle(connection: Connection, *, now: datetime, owner: str, started: int, under_way: int) -> None:
    """The owner completed a cycle."""
    values = {"at": time_text(now), "started": started, "under_way": under_way}
    if connection.execute(update(cycles).where(cycles.c.owner == owner).values(values)).rowcount == 0:
        connection.execute(insert(cycles).values(owner=owner, **values))


def last_cycle(connection: Connection) -> Cycle | None:
    """The newest completed cycle of anybody."""
    row = connection.execute(select(cycles).order_by(cycles.c.at.desc()).limit(1)).mappings().first()
    if row is None:
        return None
    return Cycle(owner=row["owner"], at=time_of(row["at"]), started=row["started"], under_way=row["under_way"])
