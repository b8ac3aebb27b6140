"""What is known of facts, on both time axes, folded from the readings of good checks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from domain.checks import Outcome
from domain.facts import Fact, FactChange, FactState, KnownFact
from domain.flags import ReviewVerdict
from domain.snapshots import CapturedBy
from domain.values import Value
from storage.columns import json_text, optional_time, pending_of, time_of, time_text, value_of
from storage.tables import checks, fact_changes, facts, flag_acts, flags, snapshots

_BELIEVED = (FactState.LOCATED.value, FactState.ABSENT.value)


def known_facts(
    connection: Connection,
    *,
    sources: Iterable[str] | None = None,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
) -> dict[str, KnownFact]:
    """The newest believed reading of every fact key.

    sources: only of these. as_of: only what was seen by then. known_at: only what had been recorded by then.
    """
    wanted = None if sources is None else tuple(sources)
    newest = {row["key"]: row for row in _newest(connection, wanted, as_of, known_at, believed=True)}
    latest = {row["key"]: row for row in _newest(connection, wanted, as_of, known_at, believed=False)}
    seen = _last_seen(connection, {row["check_id"] for row in newest.values()}, as_of, known_at)
    first = _first_seen(connection, newest, as_of, known_at)
    troubles = _troubles(connection, wanted, as_of, known_at)
    known = {}
    for key, last in latest.items():
        row = newest.get(key, last)
        trouble = troubles.get(row["source"])
        known[key] = KnownFact(
            fact=_fact(row),
            snapshot=row["digest"] or "" if key in newest else "",
            captured_at=optional_time(row["fetched_at"]) if key in newest else None,
            captured_by=CapturedBy(row["captured_by"] or "unknown"),
            last_seen_at=seen.get(row["check_id"]) if key in newest else None,
            first_seen_at=first.get(key),
            latest_state=FactState.CANNOT_TELL if trouble else FactState(last["state"]),
            latest_reason=trouble or last["reason"],
        )
    return known


def fact_history(connection: Connection, key: str, *, limit: int = 500) -> tuple[KnownFact, ...]:
    """Every reading of a fact, oldest capture first."""
    rows = connection.execute(
        _readings().where(facts.c.key == key).order_by(checks.c.seen_at, checks.c.id).limit(limit)
    ).mappings()
    return tuple(
        KnownFact(
            fact=_fact(row),
            snapshot=row["digest"] or "",
            captured_at=optional_time(row["fetched_at"]),
            captured_by=CapturedBy(row["captured_by"] or "unknown"),
            last_seen_at=time_of(row["seen_at"]),
            first_seen_at=time_of(row["seen_at"]),
            latest_state=FactState(row["state"]),
            latest_reason=row["reason"],
        )
        for row in rows
    )


def accepted_values(connection: Connection) -> dict[str, Value]:
    """For each fact, its value in the newest capture that a person accepted (house rule 11).

    A verdict other than "reading wrong" or "source wrong or ambiguous" accepts what its flag showed afterwards.
    """
    refused = (ReviewVerdict.READING_WRONG.value, ReviewVerdict.SOURCE_WRONG.value)
    rows = connection.execute(
        select(flags.c.source, flag_acts.c.snapshot_after)
        .join(flag_acts, flag_acts.c.flag_id == flags.c.id)
        .where(flag_acts.c.act == "decided", flag_acts.c.verdict.not_in(refused))
        .order_by(flag_acts.c.id)
    ).all()
    digests = {row.source: row.snapshot_after for row in rows if row.snapshot_after}
    accepted: dict[str, Value] = {}
    for source, digest in digests.items():
        found = connection.execute(
            _readings().where(checks.c.source == source, snapshots.c.digest == digest).order_by(checks.c.id)
        ).mappings()
        for row in found:
            value = value_of(row["value"])
            if value is not None:
                accepted[row["key"]] = value
    return accepted


def change_detail(change: FactChange) -> str:
    """The row-level detail of a change, as kept."""
    return json_text(
        {
            "added": change.added,
            "removed": change.removed,
            "altered": change.altered,
            "quote_before": change.quote_before,
            "quote_after": change.quote_after,
        }
    )


def _readings() -> Select[Any]:
    return (
        select(
            facts,
            checks.c.source,
            checks.c.seen_at,
            checks.c.finished_at,
            snapshots.c.digest,
            snapshots.c.fetched_at,
            snapshots.c.captured_by,
        )
        .join(checks, checks.c.id == facts.c.check_id)
        .outerjoin(snapshots, snapshots.c.id == checks.c.snapshot_id)
    )


def _bounded(query: Select[Any], as_of: datetime | None, known_at: datetime | None) -> Select[Any]:
    if as_of is not None:
        query = query.where(checks.c.seen_at <= time_text(as_of))
    if known_at is not None:
        query = query.where(checks.c.finished_at <= time_text(known_at))
    return query


def _newest(
    connection: Connection,
    sources: tuple[str, ...] | None,
    as_of: datetime | None,
    known_at: datetime | None,
    *,
    believed: bool,
) -> list[Any]:
    """The newest reading of each key: of those believed, or of all."""
    rank = (
        func.row_number().over(partition_by=facts.c.key, order_by=(checks.c.seen_at.desc(), checks.c.id.desc()))
    ).label("rank")
    query = _bounded(_readings().add_columns(rank), as_of, known_at)
    if believed:
        query = query.where(facts.c.state.in_(_BELIEVED))
    if sources is not None:
        query = query.where(checks.c.source.in_(sources))
    ranked = query.subquery()
    return list(connection.execute(select(ranked).where(ranked.c.rank == 1)).mappings())


def _last_seen(
    connection: Connection, numbers: set[int], as_of: datetime | None, known_at: datetime | None
) -> dict[int, datetime]:
    """When the facts of each check were last seen: by it, or by an unchanged check that stands on it."""
    if not numbers:
        return {}
    query = _bounded(
        select(checks.c.facts_from, func.max(checks.c.seen_at).label("seen"))
        .where(checks.c.facts_from.in_(numbers))
        .group_by(checks.c.facts_from),
        as_of,
        known_at,
    )
    return {row.facts_from: time_of(row.seen) for row in connection.execute(query)}


def _first_seen(
    connection: Connection, newest: dict[str, Any], as_of: datetime | None, known_at: datetime | None
) -> dict[str, datetime]:
    """When each fact took the value it has: at its last change, else at its first believed reading."""
    if not newest:
        return {}
    first = _bounded(
        select(facts.c.key, func.min(checks.c.seen_at).label("seen"))
        .join(checks, checks.c.id == facts.c.check_id)
        .where(facts.c.key.in_(newest), facts.c.state.in_(_BELIEVED))
        .group_by(facts.c.key),
        as_of,
        known_at,
    )
    changed = _bounded(
        select(fact_changes.c.key, func.max(checks.c.seen_at).label("seen"))
        .join(checks, checks.c.id == fact_changes.c.check_id)
        .where(and_(fact_changes.c.key.in_(newest), fact_changes.c.effective.is_(None)))
        .group_by(fact_changes.c.key),
        as_of,
        known_at,
    )
    found = {row.key: time_of(row.seen) for row in connection.execute(first)}
    return found | {row.key: time_of(row.seen) for row in connection.execute(changed)}


def _troubles(
    connection: Connection, sources: tuple[str, ...] | None, as_of: datetime | None, known_at: datetime | None
) -> dict[str, str]:
    """For each source whose newest check could not read it: why."""
    rank = (
        func.row_number().over(partition_by=checks.c.source, order_by=(checks.c.seen_at.desc(), checks.c.id.desc()))
    ).label("rank")
    query = _bounded(select(checks.c.source, checks.c.outcome, checks.c.reason, rank), as_of, known_at)
    if sources is not None:
        query = query.where(checks.c.source.in_(sources))
    ranked = query.subquery()
    read = (Outcome.GOOD.value, Outcome.UNCHANGED.value)
    rows = connection.execute(select(ranked).where(ranked.c.rank == 1, ranked.c.outcome.not_in(read)))
    return {row.source: row.reason or row.outcome for row in rows}


def _fact(row: Any) -> Fact:
    return Fact(
        key=row["key"],
        state=FactState(row["state"]),
        value=value_of(row["value"]),
        quote=row["quote"],
        locator=row["locator"],
        reason=row["reason"],
        pending=pending_of(row["pending"]),
    )
