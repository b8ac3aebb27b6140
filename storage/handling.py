"""Who works on a flag: assignment, the soft lock of whoever looks at it, snooze, due day. One row a flag, written over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from domain.queue import LEASE, NOBODY, Handling
from storage.columns import optional_time, time_text
from storage.flag_states import fall_due
from storage.tables import flag_desk

_BATCH = 500


def handling_of(connection: Connection, numbers: Iterable[int]) -> dict[int, Handling]:
    """How each of these flags is worked on; every number has an answer."""
    wanted = sorted(set(numbers))
    found = dict.fromkeys(wanted, NOBODY)
    for batch in _batches(wanted):
        for row in connection.execute(select(flag_desk).where(flag_desk.c.flag_id.in_(batch))).mappings():
            found[row["flag_id"]] = handling_in(row)
    return found


def handling_in(row: Any) -> Handling:
    """The handling in a row of `flag_desk`, also in one of an outer join that found none."""
    return Handling(
        assignee=row["assignee"] or "",
        locked_by=row["locked_by"] or "",
        locked_until=optional_time(row["locked_until"]),
        snoozed_until=optional_time(row["snoozed_until"]),
        due_at=optional_time(row["due_at"]),
    )


def assign(connection: Connection, numbers: Iterable[int], to: str) -> None:
    """These flags are whose this is, "" for nobody's."""
    _write(connection, numbers, assignee=to)


def snooze(connection: Connection, numbers: Iterable[int], until: datetime | None) -> None:
    """These flags are out of the way until then; None: they are back."""
    _write(connection, numbers, snoozed_until=_text(until))


def set_due(connection: Connection, numbers: Iterable[int], at: datetime | None) -> None:
    """These flags are due then; None: as their harm has it."""
    wanted = sorted(set(numbers))
    _write(connection, wanted, due_at=_text(at))
    for batch in _batches(wanted):
        fall_due(connection, batch, at)


def lock(connection: Connection, numbers: Iterable[int], *, by: str, now: datetime, over: bool = False) -> bool:
    """Keep these flags for whoever looks at them, and let go of all others that were kept for the same person.

    over: take them from whoever has them. False, and nothing is changed, where somebody else has one of them.
    """
    wanted = sorted(set(numbers))
    if not over and any(item.holder(now) not in ("", by) for item in handling_of(connection, wanted).values()):
        return False
    release(connection, by=by)
    _write(connection, wanted, locked_by=by, locked_until=time_text(now + LEASE))
    return True


def release(connection: Connection, *, by: str) -> None:
    """Let go of every flag that is kept for this person."""
    if by:
        held = flag_desk.c.locked_by == by
        connection.execute(update(flag_desk).where(held).values(locked_by="", locked_until=None))


def let_go(connection: Connection, name: str) -> int:
    """Nothing is in this person's hands any more, and nothing is kept for them. How many flags were theirs."""
    release(connection, by=name)
    theirs = update(flag_desk).where(flag_desk.c.assignee == name, flag_desk.c.assignee != "").values(assignee="")
    return connection.execute(theirs).rowcount


def settle(connection: Connection, numbers: Iterable[int]) -> None:
    """These flags are decided: nobody looks at them, and none rests."""
    for batch in _batches(sorted(set(numbers))):
        at_work = or_(flag_desk.c.locked_by != "", flag_desk.c.snoozed_until.is_not(None))
        connection.execute(
            update(flag_desk)
            .where(flag_desk.c.flag_id.in_(batch), at_work)
            .values(locked_by="", locked_until=None, snoozed_until=None)
        )


def _write(connection: Connection, numbers: Iterable[int], **values: str | None) -> None:
    """Writers take turns on both databases, so that a row that is not there now is not there when it is written."""
    for batch in _batches(sorted(set(numbers))):
        known = set(connection.execute(select(flag_desk.c.flag_id).where(flag_desk.c.flag_id.in_(batch))).scalars())
        new = [number for number in batch if number not in known]
        if new:
            empty = {"assignee": "", "locked_by": "", "locked_until": None, "snoozed_until": None, "due_at": None}
            connection.execute(insert(flag_desk), [{"flag_id": number, **empty, **values} for number in new])
        if known:
            connection.execute(update(flag_desk).where(flag_desk.c.flag_id.in_(known)).values(**values))


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else time_text(moment)


def _batches(numbers: list[int]) -> Iterable[list[int]]:
    return (numbers[start : start + _BATCH] for start in range(0, len(numbers), _BATCH))
