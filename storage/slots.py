"""Due slots: who answers for one, until when, and with which fence.

A lease that ran out may be taken by another with a higher fence; recording under an older fence is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, insert, select, update

from storage.columns import optional_time, time_of, time_text
from storage.tables import checks, slots, source_state


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A slot that is ours to answer for."""

    source: str
    slot: datetime
    fence: int


def claim_slot(
    connection: Connection, source: str, slot: datetime, *, owner: str, now: datetime, lease: timedelta
) -> Claimed | None:
    """The claim, or None where the slot has its record or somebody else holds a live lease on it."""
    recorded = select(checks.c.id).where(checks.c.source == source, checks.c.slot == time_text(slot))
    if connection.execute(recorded).first() is not None:
        return None
    where = (slots.c.source == source, slots.c.slot == time_text(slot))
    row = connection.execute(select(slots).where(*where)).mappings().first()
    until = time_text(now + lease)
    if row is None:
        connection.execute(
            insert(slots).values(source=source, slot=time_text(slot), owner=owner, fence=1, lease_until=until)
        )
        return Claimed(source=source, slot=slot, fence=1)
    if row["check_id"] is not None or (row["owner"] != owner and time_of(row["lease_until"]) > now):
        return None
    fence = row["fence"] + 1
    connection.execute(update(slots).where(*where).values(owner=owner, fence=fence, lease_until=until))
    return Claimed(source=source, slot=slot, fence=fence)


def last_slot(connection: Connection, source: str) -> datetime | None:
    """The newest answered slot of a source, or None before the first."""
    query = select(func.max(slots.c.slot)).where(slots.c.source == source, slots.c.check_id.is_not(None))
    return optional_time(connection.execute(query).scalar_one())


def last_slots(connection: Connection) -> dict[str, datetime]:
    """For each source its newest answered slot, found from its end: an answer comes with the state of its source."""
    newest = (
        select(slots.c.slot)
        .where(slots.c.source == source_state.c.source, slots.c.check_id.is_not(None))
        .order_by(slots.c.slot.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = connection.execute(select(source_state.c.source, newest.label("slot")))
    return {source: time_of(slot) for source, slot in rows if slot is not None}


def give_back(connection: Connection, owner: str, *, now: datetime) -> int:
    """Ends the leases of an owner that stops; their slots are due again at once. The number given back."""
    result = connection.execute(
        update(slots).where(slots.c.owner == owner, slots.c.check_id.is_(None)).values(lease_until=time_text(now))
    )
    return int(result.rowcount)
