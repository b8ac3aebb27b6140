"""The queue of flags: a page of cases in order of harm, by index, whatever number of flags there is.

Flags of one case are one decision and stand in the queue once, where the first of them stands that was asked for.
Open flags come by harm and age; what is decided or closed comes newest first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, literal, or_, select, tuple_

from domain.flags import FlagRecord, FlagState, Severity
from domain.queue import DUE_WITHIN, NOBODY, Case, Handling, Place, Wanted
from storage.columns import json_of, time_text
from storage.flag_states import RANKS, case_of
from storage.flags import load_flags
from storage.handling import handling_of
from storage.tables import flag_desk, flag_states, flags

MOST_READ = 1_000
"""Flags whose words are looked at for one page of a search; the next page goes on from there."""

MOST_IN_CASE = 1_000
"""Flags of one case that are decided at once."""

MOST_COUNTED = 100
"""Where a number on the page stops being exact."""

_BATCH = 200
_CLAIMS_READ = 2_000

Fits = Callable[[FlagRecord], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage:
    """Some of the queue. after: where the next page begins, None at its end."""

    cases: tuple[Case, ...]
    after: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Open flags at a glance. by_severity: all of them; the others count to MOST_COUNTED at most."""

    by_severity: dict[Severity, int]
    mine: int
    resting: int
    overdue: int


def queue_page(
    connection: Connection,
    wanted: Wanted,
    *,
    now: datetime,
    limit: int,
    after: Place | None = None,
    fits: Fits | None = None,
) -> QueuePage:
    """At most `limit` cases after a place. fits: keeps only flags of which it is true (a search in their words)."""
    if fits is None:
        found = _places(connection, wanted, now=now, after=after, limit=limit + 1, folded=True)
        firsts, rest = found[:limit], found[limit:]
        end = _place(firsts[-1]) if rest else None
    else:
        firsts, end = _search(connection, wanted, fits, now=now, after=after, limit=limit)
    return QueuePage(cases=_cases(connection, firsts, wanted.state), after=end)


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


def queue_counts(connection: Connection, *, mine: str, now: datetime) -> Counts:
    """How many open flags there are, and how many of them need something of whoever asks."""
    is_open = flag_states.c.state == FlagState.OPEN.value
    ranked = select(flag_states.c.rank, func.count().label("number")).where(is_open).group_by(flag_states.c.rank)
    by_rank = {row.rank: row.number for row in connection.execute(ranked)}
    kept = select(literal(1)).join(flag_states, flag_states.c.flag_id == flag_desk.c.flag_id).where(is_open)
    return Counts(
        by_severity={severity: by_rank.get(rank, 0) for severity, rank in RANKS.items()},
        mine=_capped(connection, kept.where(flag_desk.c.assignee == mine)) if mine else 0,
        resting=_capped(connection, kept.where(flag_desk.c.snoozed_until > time_text(now))),
        overdue=_overdue(connection, now),
    )


def _overdue(connection: Connection, now: datetime) -> int:
    """Counted among the oldest of each rank, which are the first to be late, and those with a day of their own."""
    is_open = flag_states.c.state == FlagState.OPEN.value
    with_a_day = select(literal(1)).join(flag_states, flag_states.c.flag_id == flag_desk.c.flag_id)
    number = _capped(connection, with_a_day.where(is_open, flag_desk.c.due_at <= time_text(now)))
    for severity, span in DUE_WITHIN.items():
        oldest = (
            select(flags.c.opened_at, flag_desk.c.due_at)
            .select_from(flag_states)
            .join(flags, flags.c.id == flag_states.c.flag_id)
            .join(flag_desk, flag_desk.c.flag_id == flag_states.c.flag_id, isouter=True)
            .where(is_open, flag_states.c.rank == RANKS[severity])
            .order_by(flag_states.c.flag_id)
            .limit(MOST_COUNTED)
        )
        late = time_text(now - span)
        number += sum(1 for row in connection.execute(oldest) if row.due_at is None and row.opened_at <= late)
    return min(number, MOST_COUNTED)


def _capped(connection: Connection, query: Select[Any]) -> int:
    some = query.limit(MOST_COUNTED).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


def _search(
    connection: Connection, wanted: Wanted, fits: Fits, *, now: datetime, after: Place | None, limit: int
) -> tuple[list[Any], Place | None]:
    """Flags that fit, folded to cases within the page, until it is full or MOST_READ were looked at."""
    firsts: dict[str, Any] = {}
    read = 0
    while read < MOST_READ:
        batch = _places(connection, wanted, now=now, after=after, limit=_BATCH, folded=False)
        records = {record.id: record for record in load_flags(connection, (row.flag_id for row in batch))}
        for row in batch:
            if fits(records[row.flag_id]):
                firsts.setdefault(row.case, row)
            after = _place(row)
            if len(firsts) == limit:
                return list(firsts.values()), after
        read += len(batch)
        if len(batch) < _BATCH:
            return list(firsts.values()), None
    return list(firsts.values()), after


def _place(row: Any) -> Place:
    return Place(rank=row.rank, flag=row.flag_id)


def _places(
    connection: Connection, wanted: Wanted, *, now: datetime, after: Place | None, limit: int, folded: bool
) -> Sequence[Any]:
    """Places in the queue. folded: only the first of each case among those asked for by what never changes of a flag."""
    place = flag_states
    query = _by_handling(select(place.c.flag_id, place.c.rank, place.c.case), wanted, now)
    query = query.where(*_fixed(place, wanted))
    if wanted.state is FlagState.OPEN:
        query = query.order_by(place.c.rank, place.c.flag_id)
        if after is not None:
            query = query.where(tuple_(place.c.rank, place.c.flag_id) > (after.rank, after.flag))
    else:
        query = query.order_by(place.c.flag_id.desc())
        if after is not None:
            query = query.where(place.c.flag_id < after.flag)
    if folded:
        query = query.where(~_earlier(wanted))
    return connection.execute(query.limit(limit)).all()


def _fixed(place: Any, wanted: Wanted, *, found_by_case: bool = False) -> list[Any]:
    """What never changes of a flag, but its state.

    found_by_case: asked of expressions, which no index answers: SQLite would read one from end to end that covers all
    that is asked, where the few flags of a case are to be found by their case.
    """
    state, rank = (place.c.state + "", place.c.rank + 0) if found_by_case else (place.c.state, place.c.rank)
    source = place.c.source + "" if found_by_case else place.c.source
    conditions = [state == wanted.state.value]
    if wanted.severity is not None:
        conditions.append(rank == RANKS[wanted.severity])
    if wanted.reason is not None:
        conditions.append(place.c.reason == wanted.reason.value)
    if wanted.sources is not None:
        conditions.append(source.in_(wanted.sources))
    return conditions


def _earlier(wanted: Wanted) -> Any:
    """Whether the case has a flag before this one."""
    other, place = flag_states.alias("other"), flag_states
    if wanted.state is FlagState.OPEN:
        before = tuple_(other.c.rank, other.c.flag_id) < tuple_(place.c.rank, place.c.flag_id)
    else:
        before = other.c.flag_id > place.c.flag_id
    same = (other.c.case == place.c.case, *_fixed(other, wanted, found_by_case=True), before)
    return select(literal(1)).where(*same).exists()


def _by_handling(query: Any, wanted: Wanted, now: datetime) -> Any:
    """Narrowed by who has it, whether it rests, and when it is due."""
    if wanted.assignee is None and wanted.resting is None and wanted.due_by is None:
        return query
    desk = flag_desk
    kept = bool(wanted.assignee) or wanted.resting is True
    query = query.join(desk, desk.c.flag_id == flag_states.c.flag_id, isouter=not kept)
    if wanted.assignee:
        query = query.where(desk.c.assignee == wanted.assignee)
    elif wanted.assignee is not None:
        query = query.where(func.coalesce(desk.c.assignee, "") == "")
    if wanted.resting is True:
        query = query.where(desk.c.snoozed_until > time_text(now))
    elif wanted.resting is False:
        query = query.where(or_(desk.c.snoozed_until.is_(None), desk.c.snoozed_until <= time_text(now)))
    if wanted.due_by is not None:
        query = query.join(flags, flags.c.id == flag_states.c.flag_id).where(_due_by(wanted.due_by))
    return query


def _due_by(moment: datetime) -> Any:
    by_harm = (
        and_(flag_states.c.rank == RANKS[severity], flags.c.opened_at <= time_text(moment - span))
        for severity, span in DUE_WITHIN.items()
    )
    return or_(flag_desk.c.due_at <= time_text(moment), and_(flag_desk.c.due_at.is_(None), or_(*by_harm)))


def _cases(connection: Connection, firsts: Sequence[Any], state: FlagState) -> tuple[Case, ...]:
    numbers = [row.flag_id for row in firsts]
    records = {record.id: record for record in load_flags(connection, numbers)}
    handled: dict[int, Handling] = handling_of(connection, numbers)
    place = flag_states.c
    sizes = {
        row.case: (row.flags, row.sources)
        for row in connection.execute(
            select(place.case, func.count().label("flags"), func.count(place.source.distinct()).label("sources"))
            .where(place.case.in_([row.case for row in firsts]), place.state == state.value)
            .group_by(place.case)
        )
    }
    touched = _claims_of(connection, [case for case, size in sizes.items() if size[0] > 1], state)
    return tuple(
        Case(
            name=row.case,
            place=_place(row),
            first=records[row.flag_id],
            handling=handled.get(row.flag_id, NOBODY),
            flags=sizes[row.case][0],
            sources=sizes[row.case][1],
            claims=tuple(dict.fromkeys((*records[row.flag_id].flag.claims, *touched.get(row.case, ())))),
        )
        for row in firsts
    )


def _claims_of(connection: Connection, cases: list[str], state: FlagState) -> dict[str, list[str]]:
    """The claims that the flags of each case touch, in order."""
    query = (
        select(flag_states.c.case, flags.c.claims)
        .join(flags, flags.c.id == flag_states.c.flag_id)
        .where(flag_states.c.case.in_(cases), flag_states.c.state == state.value)
        .limit(_CLAIMS_READ)
    )
    found: dict[str, list[str]] = {}
    for row in connection.execute(query) if cases else ():
        found.setdefault(row.case, []).extend(json_of(row.claims))
    return found
