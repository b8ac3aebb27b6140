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
from domain.queue import DUE_WITHIN, Case, Place, Wanted
from storage.columns import time_text
from storage.flag_states import RANKS
from storage.flags import load_flags
from storage.queued_cases import MOST_IN_CASE, cases_at
from storage.tables import flag_desk, flag_states, flags

MOST_READ = 1_000
"""Flags whose words are looked at for one page of a search; the next page goes on from there."""

MOST_COUNTED = 100
"""Where a number on the page stops being exact."""

_BATCH = 200

Fits = Callable[[FlagRecord], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage:
    """Some of the queue. after: where the next page begins, None at its end."""

    cases: tuple[Case, ...]
    after: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Cases at a glance, as the pages of the queue show them: what rests is counted as resting alone.

    open, by_severity: exact; a case with flags of several severities counts for each. The others count to MOST_COUNTED.
    """

    open: int
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
    shown: dict[str, int] = {}
    if fits is None:
        found = _places(connection, wanted, now=now, after=after, limit=limit + 1)
        rows, rest = found[:limit], found[limit:]
        end = _place(rows[-1]) if rest else None
    else:
        rows, shown, end = _search(connection, wanted, fits, now=now, after=after, limit=limit)
    return QueuePage(cases=cases_at(connection, rows, wanted.state, shown=shown, now=now), after=end)


def queue_counts(connection: Connection, *, mine: str, now: datetime) -> Counts:
    """How many open cases there are, and how many of them need something of whoever asks."""
    place = flag_states.c
    awake = place.case.not_in(_resting_cases(now))
    is_open = place.state == FlagState.OPEN.value
    ranked = select(place.rank, func.count(place.case.distinct()).label("number")).where(is_open, awake)
    by_rank = {row.rank: row.number for row in connection.execute(ranked.group_by(place.rank))}
    every = select(func.count(place.case.distinct())).where(is_open, awake)

    def of(wanted: Wanted) -> int:
        some = _asked(wanted, now, None).limit(MOST_COUNTED).subquery()
        return int(connection.execute(select(func.count()).select_from(some)).scalar_one())

    return Counts(
        open=int(connection.execute(every).scalar_one()),
        by_severity={severity: by_rank.get(rank, 0) for severity, rank in RANKS.items()},
        mine=of(Wanted(assignee=mine, resting=False)) if mine else 0,
        resting=of(Wanted(resting=True)),
        overdue=of(Wanted(due_by=now, resting=False)),
    )


def _search(
    connection: Connection, wanted: Wanted, fits: Fits, *, now: datetime, after: Place | None, limit: int
) -> tuple[list[Any], dict[str, int], Place | None]:
    """Cases of which a flag fits, until the page is full or MOST_READ flags were looked at; and which flag fits."""
    found: list[Any] = []
    shown: dict[str, int] = {}
    read = 0
    while True:
        batch = _places(connection, wanted, now=now, after=after, limit=_BATCH)
        firsts = {record.id: record for record in load_flags(connection, (row.flag_id for row in batch))}
        others = _others(connection, batch, wanted)
        for row in batch:
            after, more = _place(row), others.get(row.case, [])
            read += 1
            if fits(firsts[row.flag_id]):
                found.append(row)
            else:
                read += len(more)
                fitting = _first_that(fits, connection, more)
                if fitting is not None:
                    found.append(row)
                    shown[row.case] = fitting
            if len(found) == limit or read >= MOST_READ:
                return found, shown, after
        if len(batch) < _BATCH:
            return found, shown, None


def _others(connection: Connection, rows: Sequence[Any], wanted: Wanted) -> dict[str, list[int]]:
    """The flags of each case after its first, at most MOST_IN_CASE of each."""
    place = flag_states
    query = select(place.c.case, place.c.flag_id).where(
        place.c.case.in_([row.case for row in rows]),
        place.c.flag_id.not_in([row.flag_id for row in rows]),
        *_fixed(place, wanted, found_by_case=True),
    )
    found: dict[str, list[int]] = {}
    for row in connection.execute(query.order_by(place.c.case, *_order(place, wanted))) if rows else ():
        numbers = found.setdefault(row.case, [])
        if len(numbers) < MOST_IN_CASE:
            numbers.append(row.flag_id)
    return found


def _first_that(fits: Fits, connection: Connection, numbers: list[int]) -> int | None:
    for start in range(0, len(numbers), _BATCH):
        batch = numbers[start : start + _BATCH]
        records = {record.id: record for record in load_flags(connection, batch)}
        for number in batch:
            if fits(records[number]):
                return number
    return None


def _place(row: Any) -> Place:
    return Place(rank=row.rank, flag=row.flag_id)


def _places(connection: Connection, wanted: Wanted, *, now: datetime, after: Place | None, limit: int) -> Sequence[Any]:
    """Places in the queue: of each case that of its first flag among those asked for by what never changes of a flag."""
    return connection.execute(_asked(wanted, now, after).limit(limit)).all()


def _asked(wanted: Wanted, now: datetime, after: Place | None) -> Select[Any]:
    place = flag_states
    query = select(place.c.flag_id, place.c.rank, place.c.case).where(*_fixed(place, wanted))
    if after is not None and wanted.state is FlagState.OPEN:
        query = query.where(tuple_(place.c.rank, place.c.flag_id) > (after.rank, after.flag))
    elif after is not None:
        query = query.where(place.c.flag_id < after.flag)
    query = query.where(*_handled(wanted, now), ~_earlier(wanted))
    return query.order_by(*_order(place, wanted))


def _order(place: Any, wanted: Wanted) -> list[Any]:
    return [place.c.rank, place.c.flag_id] if wanted.state is FlagState.OPEN else [place.c.flag_id.desc()]


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


def _handled(wanted: Wanted, now: datetime) -> list[Any]:
    """Narrowed by who has the case, whether it rests, and when it is due: all its flags of this state are looked at."""
    conditions = []
    if wanted.assignee:
        conditions.append(flag_states.c.case.in_(_with_desk(wanted.state, flag_desk.c.assignee == wanted.assignee)))
    elif wanted.assignee is not None:
        conditions.append(~_any_member(wanted.state, flag_desk.c.assignee > ""))
    if wanted.resting is True:
        conditions.append(flag_states.c.case.in_(_resting_cases(now)))
    elif wanted.resting is False:
        conditions.append(_any_member(wanted.state, _awake(now)))
    if wanted.due_by is not None:
        conditions.append(_any_member(wanted.state, _due_by(wanted.due_by)))
    return conditions


_member = flag_states.alias("member")
# Its state is compared as `state + ""`, an expression, for the reason that `_fixed` gives.


def _awake(now: datetime) -> Any:
    return or_(flag_desk.c.snoozed_until.is_(None), flag_desk.c.snoozed_until <= time_text(now))


def _any_member(state: FlagState, condition: Any) -> Any:
    """Whether a flag of the case is so; they are found by their case."""
    same = (_member.c.case == flag_states.c.case, _member.c.state + "" == state.value)
    joined = _member.join(flags, flags.c.id == _member.c.flag_id).join(
        flag_desk, flag_desk.c.flag_id == _member.c.flag_id, isouter=True
    )
    return select(literal(1)).select_from(joined).where(*same, condition).correlate(flag_states).exists()


def _with_desk(state: FlagState, condition: Any) -> Select[Any]:
    """The cases that have a flag that is so, found among those that anybody touched."""
    joined = flag_desk.join(_member, _member.c.flag_id == flag_desk.c.flag_id)
    return select(_member.c.case).select_from(joined).where(_member.c.state + "" == state.value, condition)


def _resting_cases(now: datetime) -> Select[Any]:
    """The open cases of which every flag rests."""
    other, desk = flag_states.alias("other"), flag_desk.alias("other_desk")
    awake = or_(desk.c.snoozed_until.is_(None), desk.c.snoozed_until <= time_text(now))
    one_awake = (
        select(literal(1))
        .select_from(other.join(desk, desk.c.flag_id == other.c.flag_id, isouter=True))
        .where(other.c.case == _member.c.case, other.c.state + "" == FlagState.OPEN.value, awake)
        .correlate(_member)
        .exists()
    )
    return _with_desk(FlagState.OPEN, flag_desk.c.snoozed_until > time_text(now)).where(~one_awake)


def _due_by(moment: datetime) -> Any:
    by_harm = (
        and_(_member.c.rank == RANKS[severity], flags.c.opened_at <= time_text(moment - span))
        for severity, span in DUE_WITHIN.items()
    )
    return or_(flag_desk.c.due_at <= time_text(moment), and_(flag_desk.c.due_at.is_(None), or_(*by_harm)))
