"""Pages of what is kept, for programs that walk all of it: bounded, in one order, from where the last page ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select, tuple_

from domain.comparison import BlockChange
from domain.facts import FactChange
from domain.flags import FlagReason, FlagRecord, FlagState, Severity
from domain.requests import RequestState, VisitRequest
from storage.columns import plain, time_of
from storage.flag_states import RANKS
from storage.flags import load_flags
from storage.readings import change_of, load_blocks, load_changes
from storage.requests import load_request
from storage.tables import (
    bodies,
    checks,
    fact_changes,
    facts,
    flag_acts,
    flag_claims,
    flag_states,
    flags,
    requests,
    snapshots,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCheck:
    """A check as kept, without what was read in it. size: bytes of the capture, 0 where none came. digest: "" for none."""

    id: int
    source: str
    slot: datetime
    started_at: datetime
    finished_at: datetime
    outcome: str
    reason: str
    detail: str
    status: int | None
    not_modified: bool
    verdict: str | None
    confirmed: bool
    digest: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was read in a check, and what came of it. facts: how many of each state it stands on."""

    facts: dict[str, int]
    blocks: tuple[BlockChange, ...]
    changes: tuple[FactChange, ...]
    flags: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptChange:
    """A fact change with the check that found it. digest: of the capture that shows the new value."""

    check: int
    source: str
    seen_at: datetime
    digest: str
    change: FactChange


def page_of_checks(
    connection: Connection, *, source: str | None = None, before: int | None = None, limit: int
) -> tuple[KeptCheck, ...]:
    """Checks, newest first. before: only those with a smaller number."""
    conditions: list[Any] = []
    if source is not None:
        conditions.append(checks.c.source == source)
    if before is not None:
        conditions.append(checks.c.id < before)
    return _checks(connection, *conditions, limit=limit)


def load_check(connection: Connection, number: int) -> tuple[KeptCheck, Found] | None:
    """One check with what was read in it, or None."""
    kept = next(iter(_checks(connection, checks.c.id == number, limit=1)), None)
    if kept is None:
        return None
    stands_on = select(checks.c.facts_from).where(checks.c.id == number).scalar_subquery()
    states = select(facts.c.state, func.count()).where(facts.c.check_id == stands_on).group_by(facts.c.state)
    opened = select(flags.c.id).where(flags.c.source == kept.source, flags.c.check_id == number).order_by(flags.c.id)
    return kept, Found(
        facts={state: int(count) for state, count in connection.execute(states)},
        blocks=load_blocks(connection, number),
        changes=load_changes(connection, number),
        flags=tuple(connection.execute(opened).scalars()),
    )


def page_of_changes(
    connection: Connection,
    *,
    sources: Iterable[str] | None = None,
    keys: Iterable[str] | None = None,
    before: tuple[int, str] | None = None,
    limit: int,
) -> tuple[KeptChange, ...]:
    """Fact changes, newest first. before: only those after this one (check, key) in that order."""
    query = (
        select(fact_changes, checks.c.source, checks.c.seen_at, snapshots.c.digest)
        .join(checks, checks.c.id == fact_changes.c.check_id)
        .join(snapshots, snapshots.c.id == checks.c.snapshot_id, isouter=True)
        .order_by(fact_changes.c.check_id.desc(), fact_changes.c.key)
        .limit(limit)
    )
    if sources is not None:
        # an expression, which no index answers: the newest changes are read until the page is full, not every check
        some = tuple(sources)
        query = query.where((checks.c.source + "").in_(some))
        if len(some) == 1:
            query = query.where(fact_changes.c.key > f"{some[0]}#", fact_changes.c.key < f"{some[0]}$")
    if keys is not None:
        query = query.where(fact_changes.c.key.in_(tuple(keys)))
    if before is not None:
        number, key = before
        same = and_(fact_changes.c.check_id == number, fact_changes.c.key > key)
        query = query.where(or_(fact_changes.c.check_id < number, same))
    return tuple(
        KeptChange(
            check=row["check_id"],
            source=row["source"],
            seen_at=time_of(row["seen_at"]),
            digest=row["digest"] or "",
            change=change_of(row),
        )
        for row in connection.execute(query).mappings()
    )


def page_of_flags(
    connection: Connection,
    *,
    state: FlagState | None = None,
    reason: FlagReason | None = None,
    severity: Severity | None = None,
    sources: Iterable[str] | None = None,
    claim: str | None = None,
    after: tuple[int, int] | None = None,
    limit: int,
) -> tuple[FlagRecord, ...]:
    """Flags, most harmful first, then in order of number. after: only those after this one (rank, number)."""
    place = flag_states.c
    conditions: list[Any] = []
    if reason is not None:
        conditions.append(place.reason == reason.value)
    if sources is not None:
        conditions.append(place.source.in_(tuple(sources)))
    # The index of one state has them in this order; those of all states are merged from the beginnings of each.
    found: list[tuple[int, int]] = []
    for one in FlagState if state is None else (state,):
        ordered: Any = flag_states if claim is None else flag_claims
        query = select(ordered.c.rank, ordered.c.flag_id).where(ordered.c.state == one.value, *conditions)
        if claim is not None:
            query = query.join(flag_states, place.flag_id == flag_claims.c.flag_id)
            query = query.where(flag_claims.c.claim == plain(claim))
        if severity is not None:
            query = query.where(ordered.c.rank == RANKS[severity])
        if after is not None:
            query = query.where(tuple_(ordered.c.rank, ordered.c.flag_id) > after)
        rows = connection.execute(query.order_by(ordered.c.rank, ordered.c.flag_id).limit(limit))
        found += [(row.rank, row.flag_id) for row in rows]
    return _in_order(connection, [number for _, number in sorted(found)[:limit]])


def newest_confirmed(
    connection: Connection, *, sources: Iterable[str] | None = None, claim: str | None = None, limit: int
) -> tuple[FlagRecord, ...]:
    """The newest flags that were seen twice, newest first: what is not confirmed yet is told to nobody outside."""
    again = select(flag_acts.c.id).where(flag_acts.c.flag_id == flags.c.id, flag_acts.c.act == "confirmed")
    query = select(flags.c.id).where(or_(flags.c.confirmed, again.exists()))
    if sources is not None:
        query = query.where(flags.c.source.in_(tuple(sources)))
    if claim is None:
        query = query.order_by(flags.c.id.desc())
    else:
        named = and_(flag_claims.c.flag_id == flags.c.id, flag_claims.c.claim == plain(claim))
        query = query.join(flag_claims, named).order_by(flag_claims.c.flag_id.desc())
    return _in_order(connection, connection.execute(query.limit(limit)).scalars().all())


def count_flags(connection: Connection) -> dict[FlagState, int]:
    """How many flags stand in each state."""
    counted = dict.fromkeys(FlagState, 0)
    for state, number in connection.execute(select(flag_states.c.state, func.count()).group_by(flag_states.c.state)):
        counted[FlagState(state)] = int(number)
    return counted


def page_of_requests(
    connection: Connection, *, state: RequestState | None = None, before: int | None = None, limit: int
) -> tuple[VisitRequest, ...]:
    """Requests, newest first. before: only those with a smaller number."""
    query = select(requests.c.id).order_by(requests.c.id.desc()).limit(limit)
    if state is not None:
        query = query.where(requests.c.state == state.value)
    if before is not None:
        query = query.where(requests.c.id < before)
    found = (load_request(connection, int(number)) for number in connection.execute(query).scalars().all())
    return tuple(item for item in found if item is not None)


def _in_order(connection: Connection, numbers: Sequence[int]) -> tuple[FlagRecord, ...]:
    records = {record.id: record for record in load_flags(connection, numbers)}
    return tuple(records[number] for number in numbers)


def _checks(connection: Connection, *conditions: Any, limit: int) -> tuple[KeptCheck, ...]:
    query = (
        select(
            *(checks.c[name] for name in _OF_CHECKS),
            snapshots.c.digest,
            bodies.c.size,
        )
        .join(snapshots, snapshots.c.id == checks.c.snapshot_id, isouter=True)
        .join(bodies, bodies.c.digest == snapshots.c.digest, isouter=True)
        .where(*conditions)
        .order_by(checks.c.id.desc())
        .limit(limit)
    )
    return tuple(
        KeptCheck(
            id=row["id"],
            source=row["source"],
            slot=time_of(row["slot"]),
            started_at=time_of(row["started_at"]),
            finished_at=time_of(row["finished_at"]),
            outcome=row["outcome"],
            reason=row["reason"],
            detail=row["detail"],
            status=row["status"],
            not_modified=bool(row["not_modified"]),
            verdict=row["verdict"],
            confirmed=bool(row["confirmed"]),
            digest=row["digest"] or "",
            size=row["size"] or 0,
        )
        for row in connection.execute(query).mappings()
    )


_OF_CHECKS = (
    "id",
    "source",
    "slot",
    "started_at",
    "finished_at",
    "outcome",
    "reason",
    "detail",
    "status",
    "not_modified",
    "verdict",
    "confirmed",
)
