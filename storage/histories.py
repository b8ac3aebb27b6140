"""What became of a source and of its captures, in lines: bounded, by index, without what was read in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from domain.checks import Outcome, page_time
from domain.facts import FactState
from domain.flags import FlagState
from domain.snapshots import Origin
from storage.columns import time_of, time_text
from storage.tables import checks, facts, flag_states, snapshots, source_state


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """A check without what was read in it. digest: of its capture, "" where it kept none.

    origin: whether it was a visit, or a capture made elsewhere.
    """

    id: int
    source: str
    slot: datetime
    finished_at: datetime
    outcome: Outcome
    reason: str
    detail: str
    verdict: str
    confirmed: bool
    snapshot_id: int | None
    digest: str
    origin: Origin

    @property
    def page_at(self) -> datetime:
        """The time of the page that it saw."""
        return page_time(self.origin, slot=self.slot, finished_at=self.finished_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoodOn:
    """The good check that a source stood on at a time, and the capture that it was read from."""

    check: int
    digest: str
    captured_at: datetime
    seen_at: datetime


_COLUMNS = (
    checks.c.id,
    checks.c.source,
    checks.c.slot,
    checks.c.finished_at,
    checks.c.outcome,
    checks.c.reason,
    checks.c.detail,
    checks.c.verdict,
    checks.c.confirmed,
    checks.c.snapshot_id,
    checks.c.origin,
    snapshots.c.digest,
)
_LINES = select(*_COLUMNS).join(snapshots, snapshots.c.id == checks.c.snapshot_id, isouter=True)


def visits_to(connection: Connection, source: str, *, limit: int) -> tuple[Visited, ...]:
    """The newest checks of a source, newest first."""
    return _visits(connection, _LINES.where(checks.c.source == source).order_by(checks.c.id.desc()).limit(limit))


def visits_that_kept(connection: Connection, captures: Iterable[int]) -> tuple[Visited, ...]:
    """The checks that rest on these snapshots (by number), newest first."""
    return _visits(connection, _LINES.where(checks.c.snapshot_id.in_(tuple(captures))).order_by(checks.c.id.desc()))


def visit_of(connection: Connection, number: int) -> Visited | None:
    """One check, or None."""
    return next(iter(_visits(connection, _LINES.where(checks.c.id == number))), None)


def visit_for(connection: Connection, source: str, slot: datetime) -> Visited | None:
    """The check that answers for a slot, or None."""
    query = _LINES.where(checks.c.source == source, checks.c.slot == time_text(slot))
    return next(iter(_visits(connection, query)), None)


def stood_on(
    connection: Connection, source: str, *, as_of: datetime, known_at: datetime | None = None
) -> StoodOn | None:
    """What a source stood on: the newest good check seen by then, among those recorded by `known_at`; else None."""
    read = checks.alias("read")
    newest = (
        select(read.c.facts_from, read.c.seen_at)
        .where(read.c.source == source, read.c.facts_from.is_not(None), read.c.seen_at <= time_text(as_of))
        .order_by(read.c.seen_at.desc(), read.c.id.desc())
        .limit(1)
    )
    if known_at is not None:
        newest = newest.where(read.c.finished_at <= time_text(known_at))
    row = connection.execute(newest).first()
    if row is None:
        return None
    query = (
        select(snapshots.c.digest, snapshots.c.fetched_at)
        .join(checks, checks.c.snapshot_id == snapshots.c.id)
        .where(checks.c.id == row.facts_from)
    )
    capture = connection.execute(query).one()
    return StoodOn(
        check=row.facts_from,
        digest=capture.digest,
        captured_at=time_of(capture.fetched_at),
        seen_at=time_of(row.seen_at),
    )


def located_keys(connection: Connection) -> dict[str, frozenset[str]]:
    """For each source the facts that its last good check located."""
    query = (
        select(source_state.c.source, facts.c.key)
        .join(facts, facts.c.check_id == source_state.c.last_good_check)
        .where(facts.c.state == FactState.LOCATED.value)
    )
    found: dict[str, set[str]] = {}
    for row in connection.execute(query):
        found.setdefault(row.source, set()).add(row.key)
    return {source: frozenset(keys) for source, keys in found.items()}


def open_flag_counts(connection: Connection) -> dict[str, int]:
    """For each source that has any, the number of its open flags."""
    query = (
        select(flag_states.c.source, func.count().label("number"))
        .where(flag_states.c.state == FlagState.OPEN.value)
        .group_by(flag_states.c.source)
    )
    return {row.source: row.number for row in connection.execute(query)}


def _visits(connection: Connection, query: Select[Any]) -> tuple[Visited, ...]:
    return tuple(
        Visited(
            id=row.id,
            source=row.source,
            slot=time_of(row.slot),
            finished_at=time_of(row.finished_at),
            outcome=Outcome(row.outcome),
            reason=row.reason,
            detail=row.detail,
            verdict=row.verdict or "",
            confirmed=row.confirmed,
            snapshot_id=row.snapshot_id,
            digest=row.digest or "",
            origin=Origin(row.origin),
        )
        for row in connection.execute(query)
    )
