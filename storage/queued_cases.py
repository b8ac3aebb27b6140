"""Cases: flags that are one decision, told as one. Whose it is, whether it rests and when it is due follow from all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, case, func, select

from domain.flags import FlagRecord, FlagState
from domain.queue import NOBODY, Case, Handling, Place
from storage.columns import optional_time, time_of, time_text
from storage.flag_states import RANKS, case_of
from storage.flags import load_flags
from storage.tables import flag_claims, flag_desk, flag_states

MOST_IN_CASE = 1_000
"""Flags of one case that are decided at once."""


def members(connection: Connection, case: str, *, state: FlagState | None = None) -> tuple[FlagRecord, ...]:
    """The flags of a case, the worst first, at most MOST_IN_CASE."""
    query = select(flag_states.c.flag_id).where(flag_states.c.case == case)
    if state is not None:
        query = query.where(flag_states.c.state == state.value)
    query = query.order_by(flag_states.c.rank, flag_states.c.flag_id).limit(MOST_IN_CASE)
    numbers = list(connection.execute(query).scalars())
    records = {record.id: record for record in load_flags(connection, numbers)}
    return tuple(records[number] for number in numbers)


def place_of(record: FlagRecord) -> Place:
    """Where a flag stands in the queue."""
    return Place(rank=RANKS[record.flag.severity], flag=record.id)


def name_of(record: FlagRecord) -> str:
    """The name of the case that a flag belongs to."""
    return case_of(record.id, record.flag)


def cases_at(connection: Connection, rows: Sequence[Any], state: FlagState, *, now: datetime) -> tuple[Case, ...]:
    """The cases whose places (rows of `flag_states`) these are."""
    names = [row.case for row in rows]
    records = {record.id: record for record in load_flags(connection, (row.flag_id for row in rows))}
    sizes = _sizes(connection, names, state)
    handled = _handled(connection, names, state, now)
    assignees = _assignees(connection, names, state)
    touched = _claims_of(connection, [name for name, size in sizes.items() if size[0] > 1], state)
    made = []
    for row in rows:
        record, (due, handling) = records[row.flag_id], handled[row.case]
        made.append(
            Case(
                name=row.case,
                place=Place(rank=row.rank, flag=row.flag_id),
                first=record,
                handling=handling,
                assignees=assignees.get(row.case, ()),
                due=due,
                flags=sizes[row.case][0],
                sources=sizes[row.case][1],
                claims=tuple(dict.fromkeys((*record.flag.claims, *touched.get(row.case, ())))),
            )
        )
    return tuple(made)


def _of(names: Sequence[str], state: FlagState) -> Any:
    return and_(flag_states.c.case.in_(names), flag_states.c.state == state.value)


def _sizes(connection: Connection, names: Sequence[str], state: FlagState) -> dict[str, tuple[int, int]]:
    """How many flags each case has, on how many sources."""
    place = flag_states.c
    query = (
        select(place.case, func.count().label("flags"), func.count(place.source.distinct()).label("sources"))
        .where(_of(names, state))
        .group_by(place.case)
    )
    return {row.case: (row.flags, row.sources) for row in connection.execute(query)}


def _handled(
    connection: Connection, names: Sequence[str], state: FlagState, now: datetime
) -> dict[str, tuple[datetime, Handling]]:
    """When the first flag of each case is due, and how it is worked on: held where one is, at rest until the first that
    rests is back, where all of them do.
    """
    place, desk, moment = flag_states.c, flag_desk.c, time_text(now)
    query = (
        select(
            place.case,
            func.min(place.due).label("due"),
            func.max(case((desk.snoozed_until > moment, 0), else_=1)).label("awake"),
            func.min(desk.snoozed_until).label("snoozed_until"),
        )
        .join(flag_desk, desk.flag_id == place.flag_id, isouter=True)
        .where(_of(names, state))
        .group_by(place.case)
    )
    held = _held(connection, names, state, now)
    return {
        row.case: (
            time_of(row.due),
            replace(held.get(row.case, NOBODY), snoozed_until=None if row.awake else optional_time(row.snoozed_until)),
        )
        for row in connection.execute(query)
    }


def _held(connection: Connection, names: Sequence[str], state: FlagState, now: datetime) -> dict[str, Handling]:
    """Who holds a flag of each case the longest."""
    desk = flag_desk.c
    query = (
        select(flag_states.c.case, desk.locked_by, desk.locked_until)
        .join(flag_desk, desk.flag_id == flag_states.c.flag_id)
        .where(_of(names, state), desk.locked_until > time_text(now))
        .order_by(desk.locked_until)
    )
    return {
        row.case: Handling(locked_by=row.locked_by, locked_until=optional_time(row.locked_until))
        for row in connection.execute(query)
    }


def _assignees(connection: Connection, names: Sequence[str], state: FlagState) -> dict[str, tuple[str, ...]]:
    """Who has flags of each case, in order of name."""
    query = (
        select(flag_states.c.case, flag_desk.c.assignee)
        .join(flag_desk, flag_desk.c.flag_id == flag_states.c.flag_id)
        .where(_of(names, state), flag_desk.c.assignee > "")
        .distinct()
        .order_by(flag_states.c.case, flag_desk.c.assignee)
    )
    found: dict[str, tuple[str, ...]] = {}
    for row in connection.execute(query):
        found[row.case] = (*found.get(row.case, ()), row.assignee)
    return found


def _claims_of(connection: Connection, names: Sequence[str], state: FlagState) -> dict[str, list[str]]:
    """The claims that the flags of each case touch, those of its first flag first."""
    query = (
        select(flag_states.c.case, flag_claims.c.claim)
        .join(flag_claims, flag_claims.c.flag_id == flag_states.c.flag_id)
        .where(_of(names, state))
        .group_by(flag_states.c.case, flag_claims.c.claim)
        .order_by(func.min(flag_states.c.flag_id), flag_claims.c.claim)
    )
    found: dict[str, list[str]] = {}
    for row in connection.execute(query) if names else ():
        found.setdefault(row.case, []).append(row.claim)
    return found
