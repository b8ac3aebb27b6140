"""The queue of flags: a page of cases in order of harm, by index, whatever number of flags there is.

Flags of one case are one decision and stand in the queue once, where the first of them stands that was asked for.
Open flags come by harm and age; what is decided or closed comes newest first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, case, func, literal, not_, or_, select, tuple_

from domain.flags import FlagState, Severity
from domain.queue import Case, Place, Sought, Wanted
from storage.columns import plain, time_text
from storage.flag_states import RANKS
from storage.queued_cases import cases_at
from storage.tables import flag_claims, flag_desk, flag_states

MOST_READ = 20_000
"""Flags whose words are looked at for one page of a search; the next page goes on from there."""

MOST_COUNTED = 100
"""Where a number on the page stops being exact."""


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
    most_read: int = MOST_READ,
) -> QueuePage:
    """At most `limit` cases after a place, of a search those among the next `most_read` flags."""
    until = _end_of_search(connection, wanted, after, most_read) if wanted.words else None
    found = connection.execute(_asked(wanted, now, after, until).limit(limit + 1)).all()
    rows, end = found[:limit], until
    if len(found) > limit:
        end = Place(rank=rows[-1].rank, flag=rows[-1].flag_id)
    return QueuePage(cases=cases_at(connection, rows, wanted.state, now=now), after=end)


def queue_counts(connection: Connection, *, mine: str, now: datetime) -> Counts:
    """How many open cases there are, and how many of them need something of whoever asks."""
    place = flag_states.c
    awake = place.case.not_in(_resting_cases(now))
    is_open = place.state == FlagState.OPEN.value
    has = [func.max(case((place.rank == rank, 1), else_=0)).label(severity.value) for severity, rank in RANKS.items()]
    by_case = select(*has).where(is_open, awake).group_by(place.case).subquery()
    every = connection.execute(select(func.count(), *(func.sum(number) for number in by_case.c))).one()

    def to_most(cases: Select[Any], name: Any) -> int:
        # as an expression, lest SQLite read an index of all cases from end to end for the sake of their order
        some = cases.with_only_columns((name + "").label("name")).distinct().limit(MOST_COUNTED).subquery()
        return int(connection.execute(select(func.count()).select_from(some)).scalar_one())

    mine_awake = _with_desk(FlagState.OPEN, flag_desk.c.assignee == mine).where(
        _member.c.case.not_in(_resting_cases(now))
    )
    due_awake = select(place.case).where(is_open, place.due <= time_text(now), awake)
    return Counts(
        open=every[0],
        by_severity={severity: int(number or 0) for severity, number in zip(RANKS, every[1:], strict=True)},
        mine=to_most(mine_awake, _member.c.case) if mine else 0,
        resting=to_most(_resting_cases(now), _member.c.case),
        overdue=to_most(due_awake, place.case),
    )


def _end_of_search(connection: Connection, wanted: Wanted, after: Place | None, number: int) -> Place | None:
    """The place after which at most so many flags were looked at; None where there are no more."""
    place = flag_states
    if wanted.state is not FlagState.OPEN:
        # in order of number: what is of another state among them only makes the search look at fewer
        newest = select(func.max(place.c.flag_id)).where(place.c.state == wanted.state.value)
        first = (connection.execute(newest).scalar_one() or 0) + 1 if after is None else after.flag
        return Place(rank=0, flag=first - number) if first > number + 1 else None
    query = select(place.c.rank, place.c.flag_id).where(*_fixed(place, replace(wanted, words=())))
    if after is not None:
        query = query.where(_follows(wanted, after))
    row = connection.execute(query.order_by(*_order(place, wanted)).limit(1).offset(number - 1)).first()
    return None if row is None else Place(rank=row.rank, flag=row.flag_id)


def _asked(wanted: Wanted, now: datetime, after: Place | None = None, until: Place | None = None) -> Select[Any]:
    """Places in the queue: of each case that of its first flag among those asked for by what never changes of a flag."""
    place = flag_states
    query = select(place.c.flag_id, place.c.rank, place.c.case).where(*_fixed(place, wanted))
    if after is not None:
        query = query.where(_follows(wanted, after))
    if until is not None:
        query = query.where(not_(_follows(wanted, until)))
    query = query.where(*_handled(wanted, now), ~_earlier(wanted))
    return query.order_by(*_order(place, wanted))


def _follows(wanted: Wanted, other: Place) -> Any:
    place = flag_states.c
    if wanted.state is FlagState.OPEN:
        return tuple_(place.rank, place.flag_id) > (other.rank, other.flag)
    return place.flag_id < other.flag


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
    return conditions + [_has(place, sought) for sought in wanted.words]


def _has(place: Any, sought: Sought) -> Any:
    """Whether the flag has a word, which no index finds: the databases ask it of the rows that everything else left."""
    named = select(flag_claims.c.flag_id).where(flag_claims.c.claim.in_([plain(claim) for claim in sought.claims]))
    where = [place.c.words.contains(sought.word, autoescape=True)]
    if sought.sources:
        where.append((place.c.source + "").in_(sought.sources))
    if sought.claims:
        where.append(place.c.flag_id.in_(named))
    return or_(*where)


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
        conditions.append(flag_states.c.case.in_(_due_cases(wanted.state, wanted.due_by)))
    return conditions


_member = flag_states.alias("member")
# Its state is compared as `state + ""`, an expression, for the reason that `_fixed` gives.


def _awake(now: datetime) -> Any:
    return or_(flag_desk.c.snoozed_until.is_(None), flag_desk.c.snoozed_until <= time_text(now))


def _any_member(state: FlagState, condition: Any) -> Any:
    """Whether a flag of the case is so; they are found by their case."""
    same = (_member.c.case == flag_states.c.case, _member.c.state + "" == state.value)
    joined = _member.join(flag_desk, flag_desk.c.flag_id == _member.c.flag_id, isouter=True)
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


def _due_cases(state: FlagState, moment: datetime) -> Select[Any]:
    """The cases of which a flag is due."""
    return select(_member.c.case).where(_member.c.state == state.value, _member.c.due <= time_text(moment))
