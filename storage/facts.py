"""What is known of facts, on both time axes, folded from the readings of good checks.

A source stands on one good check: the last one, which every unchanged check since has seen again. Its readings are
what is known; only for a fact that it could not tell is an earlier reading looked up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, case, func, select

from domain.checks import Outcome
from domain.facts import FactState, KnownFact
from domain.flags import ReviewVerdict
from domain.snapshots import CapturedBy
from domain.values import Value
from storage.columns import optional_time, time_of, time_text, value_of
from storage.readings import fact_of
from storage.tables import checks, fact_changes, facts, flag_acts, flags, snapshots, source_state

_BELIEVED = (FactState.LOCATED.value, FactState.ABSENT.value)
_READ = (Outcome.GOOD.value, Outcome.UNCHANGED.value)
_BATCH = 500
"""Keys in one question: databases limit how many words a statement may have."""

_SOME: BindParameter[Any] = bindparam("some", expanding=True)
"""One batch of what is asked for. Statements are built once: putting one together costs more than running it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bounds:
    """as_of: only what was seen by then. known_at: only what had been recorded by then."""

    as_of: datetime | None = None
    known_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.as_of is None and self.known_at is None

    def of(self, table: Any) -> list[Any]:
        """The conditions that they put on a row of checks."""
        seen = [] if self.as_of is None else [table.c.seen_at <= time_text(self.as_of)]
        recorded = [] if self.known_at is None else [table.c.finished_at <= time_text(self.known_at)]
        return seen + recorded


def known_facts(
    connection: Connection,
    *,
    sources: Iterable[str] | None = None,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    dated: bool = True,
) -> dict[str, KnownFact]:
    """The newest believed reading of every fact key that its source yields.

    sources: only of these. as_of: only what was seen by then. known_at: only what had been recorded by then.
    dated: whether `first_seen_at` is wanted, which takes a look through all of a fact's history.
    """
    bounds = _Bounds(as_of=as_of, known_at=known_at)
    latest = {row["key"]: row for row in _latest(connection, sources, bounds)}
    believed = {key: row for key, row in latest.items() if row["state"] in _BELIEVED}
    seen = {key: time_of(row["source_seen"]) for key, row in believed.items()}
    for key, (row, last) in _earlier(connection, latest.keys() - believed.keys(), bounds).items():
        believed[key], seen[key] = row, last
    first = _first_seen(connection, believed, bounds) if dated else {}
    return {
        key: _known(row, believed.get(key), seen.get(key), first.get(key), _trouble(row))
        for key, row in sorted(latest.items())
    }


def knowledge_stamp(connection: Connection) -> tuple[object, ...]:
    """What tells one state of knowledge from another: the newest check and the newest act on a flag.

    Every reading comes with a check, every acceptance with an act, and both are only ever added, in order of commits.
    Their times are in it as well, so that a store put back from a copy is not taken for the one before.
    """
    newest = select(checks.c.id, checks.c.finished_at).order_by(checks.c.id.desc()).limit(1)
    acted = select(flag_acts.c.id, flag_acts.c.at).order_by(flag_acts.c.id.desc()).limit(1)
    return tuple(
        None if (row := connection.execute(query).first()) is None else tuple(row) for query in (newest, acted)
    )


def fact_history(connection: Connection, key: str, *, limit: int = 500) -> tuple[KnownFact, ...]:
    """The newest readings of a fact, oldest capture first."""
    query = _readings(_Bounds()).where(facts.c.key == key)
    rows = connection.execute(query.order_by(checks.c.seen_at.desc(), checks.c.id.desc()).limit(limit)).mappings().all()
    return tuple(_known(row, row, time_of(row["last_seen"]), time_of(row["seen_at"]), "") for row in reversed(rows))


def announced_since(connection: Connection, known: Iterable[KnownFact]) -> dict[str, datetime]:
    """Of each fact that has an announced value: when it was first seen to be announced as it is now."""
    found: dict[str, datetime] = {}
    for item in known:
        if item.fact.pending is None:
            continue
        for earlier in reversed(fact_history(connection, item.fact.key)):
            if earlier.fact.state is FactState.CANNOT_TELL:
                continue
            told = earlier.fact.pending
            if told is None or (told.value, told.effective) != (item.fact.pending.value, item.fact.pending.effective):
                break
            if earlier.first_seen_at is not None:
                found[item.fact.key] = earlier.first_seen_at
    return found


def accepted_values(connection: Connection, *, sources: Iterable[str] | None = None) -> dict[str, Value]:
    """For each fact (of these sources), its value in the newest capture that a person accepted (house rule 11).

    A verdict other than "reading wrong" or "source wrong or ambiguous" accepts what its flag showed afterwards, for as
    long as it is the flag's last verdict and was not undone.
    """
    accepted: dict[str, Value] = {}
    if sources is None:
        rows = list(connection.execute(_accepted_captures()))
    else:
        some = _accepted_captures_of()
        rows = [row for batch in _batches(sources) for row in connection.execute(some, {"some": batch})]
    for source, digest in {row.source: row.snapshot_after for row in rows}.items():
        for row in connection.execute(_read_from(), {"of": source, "capture": digest}).mappings():
            value = value_of(row["value"])
            if value is not None:
                accepted[row["key"]] = value
    return accepted


@lru_cache(maxsize=1)
def _read_from() -> Select[Any]:
    """The newest value of each fact that was read from one capture of a source.

    It is found by the capture, since a source has any number of checks; and many of them may have read it.
    """
    newest = func.row_number().over(partition_by=facts.c.key, order_by=checks.c.id.desc()).label("newest")
    read = (
        select(facts.c.key, facts.c.value, newest)
        .join(checks, checks.c.id == facts.c.check_id)
        .join(snapshots, snapshots.c.id == checks.c.snapshot_id)
        .where(
            snapshots.c.digest == bindparam("capture"),
            checks.c.source + "" == bindparam("of"),
            facts.c.value.is_not(None),
        )
        .subquery()
    )
    return select(read.c.key, read.c.value).where(read.c.newest == 1)


@lru_cache(maxsize=1)
def _accepted_captures() -> Select[Any]:
    """For each source the capture that its newest flag showed of which the last verdict accepts it."""
    flag, act, later = flags.alias("flag"), flag_acts.alias("act"), flag_acts.alias("later")
    last = (
        select(func.max(later.c.id))
        .where(later.c.flag_id == flag.c.id, later.c.act.in_(("decided", "undone")))
        .correlate(flag)
        .scalar_subquery()
    )
    refused = (ReviewVerdict.READING_WRONG.value, ReviewVerdict.SOURCE_WRONG.value)
    accepts = (act.c.id == last, act.c.act == "decided", act.c.verdict.not_in(refused), act.c.snapshot_after != "")
    newest = (
        select(flag.c.id)
        .where(flag.c.source == source_state.c.source, select(act.c.id).where(*accepts).correlate(flag).exists())
        .order_by(flag.c.check_id.desc(), flag.c.id.desc())
        .limit(1)
        .correlate(source_state)
        .scalar_subquery()
    )
    shown = select(func.max(act.c.id)).where(act.c.flag_id == flags.c.id, act.c.act == "decided").correlate(flags)
    return (
        select(flags.c.source, flag_acts.c.snapshot_after)
        .select_from(source_state)
        .join(flags, flags.c.id == newest)
        .join(flag_acts, flag_acts.c.id == shown.scalar_subquery())
    )


@lru_cache(maxsize=1)
def _accepted_captures_of() -> Select[Any]:
    return _accepted_captures().where(source_state.c.source.in_(_SOME))


def _latest(connection: Connection, sources: Iterable[str] | None, bounds: _Bounds) -> Iterator[Any]:
    """The readings that each source stands on, with when it was last read and what its newest check came to."""
    if sources is None:
        yield from connection.execute(_standing_readings(bounds)).mappings()
        return
    for batch in _batches(frozenset(sources)):
        yield from connection.execute(_standing_readings(bounds, of_some=True), {"some": batch}).mappings()


@lru_cache(maxsize=8)
def _standing_readings(bounds: _Bounds, *, of_some: bool = False) -> Select[Any]:
    standings = _standings_now() if bounds.open else _standings_then(bounds)
    if of_some:
        standings = standings.where(source_state.c.source.in_(_SOME))
    stands = standings.subquery("stands")
    query = _readings(_Bounds()).join(stands, stands.c.good == facts.c.check_id)
    return query.add_columns(
        stands.c.seen.label("source_seen"), stands.c.outcome.label("newest"), stands.c.reason.label("newest_reason")
    )


def _trouble(row: Any) -> str:
    """What is wrong with the source since it was read; "" where nothing is."""
    return "" if row["newest"] in _READ else row["newest_reason"] or row["newest"]


def _standings_now() -> Select[Any]:
    """From the state of the sources, which no step of the clock can disturb."""
    return select(
        source_state.c.source,
        source_state.c.last_good_check.label("good"),
        source_state.c.last_read_at.label("seen"),
        checks.c.outcome,
        checks.c.reason,
    ).join(checks, checks.c.id == source_state.c.last_check)


def _standings_then(bounds: _Bounds) -> Select[Any]:
    """From the newest check that read a source, and the newest of all, within the bounds."""
    newest, read, candidate = checks.alias("newest"), checks.alias("read"), checks.alias("candidate")

    def choose(*conditions: Any) -> Any:
        return (
            select(candidate.c.id)
            .where(candidate.c.source == source_state.c.source, *conditions, *bounds.of(candidate))
            .order_by(candidate.c.seen_at.desc(), candidate.c.id.desc())
            .limit(1)
            .correlate(source_state)
            .scalar_subquery()
        )

    return (
        select(
            source_state.c.source,
            read.c.facts_from.label("good"),
            read.c.seen_at.label("seen"),
            newest.c.outcome,
            newest.c.reason,
        )
        .select_from(source_state)
        .join(read, read.c.id == choose(candidate.c.facts_from.is_not(None)))
        .join(newest, newest.c.id == choose())
    )


def _readings(bounds: _Bounds) -> Select[Any]:
    """Facts with their check and capture. last_seen: of the last check that stood on the same reading."""
    again = checks.alias("again")
    last_seen = (
        select(func.max(again.c.seen_at))
        .where(again.c.facts_from == facts.c.check_id, *bounds.of(again))
        .correlate(facts)
        .scalar_subquery()
    )
    return (
        select(
            facts,
            checks.c.source,
            checks.c.seen_at,
            snapshots.c.digest,
            snapshots.c.fetched_at,
            snapshots.c.captured_by,
            last_seen.label("last_seen"),
        )
        .join(checks, checks.c.id == facts.c.check_id)
        .join(snapshots, snapshots.c.id == checks.c.snapshot_id)
    )


def _earlier(connection: Connection, keys: Iterable[str], bounds: _Bounds) -> dict[str, tuple[Any, datetime]]:
    """For keys that the newest good check could not tell: the believed reading that was seen last, and when."""
    found: dict[str, tuple[Any, datetime]] = {}
    for batch in _batches(keys):
        for row in connection.execute(_believed_readings(bounds), {"some": batch}).mappings():
            seen = time_of(row["last_seen"])
            if row["key"] not in found or seen >= found[row["key"]][1]:
                found[row["key"]] = (row, seen)
    return found


@lru_cache(maxsize=8)
def _believed_readings(bounds: _Bounds) -> Select[Any]:
    query = _readings(bounds).where(facts.c.state.in_(_BELIEVED), facts.c.key.in_(_SOME), *bounds.of(checks))
    return query.order_by(facts.c.check_id)


def _first_seen(connection: Connection, believed: Mapping[str, Any], bounds: _Bounds) -> dict[str, datetime]:
    """When each fact took the value it has: at its last change, else at its first believed reading.

    Captures that came in after later ones have no change of their own: they put it back only as far as they say the same.
    """
    found: dict[str, datetime] = {}
    first, changed, afterwards = _first_seen_queries(bounds)
    for batch in _batches(believed):
        changes = {row.key: time_of(row.seen) for row in connection.execute(changed, {"some": batch}) if row.seen}
        found |= changes
        rest = [key for key in batch if key not in changes]
        if not rest:
            continue
        for row in connection.execute(first, {"some": rest}):
            found[row.key] = time_of(row.live or believed[row.key]["seen_at"])
        differs: set[str] = set()
        for row in connection.execute(afterwards, {"some": rest}):
            earlier, now = time_of(row.seen_at), believed[row.key]
            if row.key in differs or earlier >= found[row.key]:
                continue
            if (row.state, row.value) == (now["state"], now["value"]):
                found[row.key] = earlier
            else:
                differs.add(row.key)
    return found


@lru_cache(maxsize=8)
def _first_seen_queries(bounds: _Bounds) -> tuple[Select[Any], Select[Any], Select[Any]]:
    """First believed readings of checks that were the newest of their time; last changes; readings of captures that
    came in after later ones, newest first.
    """
    first = (
        select(
            facts.c.key,
            func.min(case((~checks.c.history_only, checks.c.seen_at))).label("live"),
        )
        .join(checks, checks.c.id == facts.c.check_id)
        .where(facts.c.state.in_(_BELIEVED), facts.c.key.in_(_SOME), *bounds.of(checks))
        .group_by(facts.c.key)
    )
    change = fact_changes.alias("change")
    last = (
        select(checks.c.seen_at)
        .select_from(change.join(checks, checks.c.id == change.c.check_id))
        .where(change.c.key == fact_changes.c.key, change.c.effective.is_(None), *bounds.of(checks))
        .order_by(change.c.check_id.desc())
        .limit(1)
        .correlate(fact_changes)
        .scalar_subquery()
    )
    changed = (
        select(fact_changes.c.key, last.label("seen")).where(fact_changes.c.key.in_(_SOME)).group_by(fact_changes.c.key)
    )
    afterwards = (
        select(facts.c.key, facts.c.state, facts.c.value, checks.c.seen_at)
        .join(checks, checks.c.id == facts.c.check_id)
        .where(checks.c.history_only, facts.c.state.in_(_BELIEVED), facts.c.key.in_(_SOME), *bounds.of(checks))
        .order_by(checks.c.seen_at.desc(), checks.c.id.desc())
    )
    return first, changed, afterwards


def _known(
    latest: Any,
    believed: Any,
    seen: datetime | None,
    first: datetime | None,
    trouble: str,
) -> KnownFact:
    return KnownFact(
        fact=fact_of(latest if believed is None else believed),
        snapshot="" if believed is None else believed["digest"],
        captured_at=None if believed is None else optional_time(believed["fetched_at"]),
        captured_by=CapturedBy.UNKNOWN if believed is None else CapturedBy(believed["captured_by"]),
        last_seen_at=seen,
        first_seen_at=first,
        latest_state=FactState.CANNOT_TELL if trouble else FactState(latest["state"]),
        latest_reason=trouble or latest["reason"],
    )


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    ordered = sorted(items)
    for start in range(0, len(ordered), _BATCH):
        yield ordered[start : start + _BATCH]
