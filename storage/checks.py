"""Checks: one record for each due slot, and the state of a source that follows from them.

Only a good check moves the baseline, the validators and the facts; every other outcome leaves them as they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from domain.checks import Check, Outcome
from domain.errors import StorageError
from domain.snapshots import Origin, Validators
from storage.columns import json_text, optional_time, pending_text, plain, time_of, time_text, value_text
from storage.facts import change_detail
from storage.snapshots import keep_snapshot
from storage.tables import checks, fact_changes, facts, slots, snapshots, source_state


@dataclass(frozen=True, slots=True, kw_only=True)
class LastGood:
    """The baseline of a source: its last good check, and when the source was last seen and last read in full."""

    check_id: int
    snapshot_id: int
    digest: str
    fingerprint: str
    quick_fingerprint: str
    rules_digest: str
    validators: Validators
    seen_at: datetime
    full_read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCheck:
    """What recording gave. already: the slot had its record, and nothing was added. failures: in a row, with this one."""

    id: int
    already: bool
    failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """A check as listed."""

    id: int
    source: str
    slot: datetime
    finished_at: datetime
    outcome: Outcome
    reason: str
    detail: str
    status: int | None
    verdict: str | None
    snapshot_id: int | None
    missed_slots: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """Where a source stands: its newest check, its newest good or unchanged one, failures in a row since."""

    source: str
    outcome: Outcome
    reason: str
    detail: str
    checked_at: datetime
    last_read_at: datetime | None
    full_read_at: datetime | None
    failures: int


_READ = (Outcome.GOOD, Outcome.UNCHANGED)


def is_recorded(connection: Connection, source: str, slot: datetime) -> bool:
    """Whether the slot has its record."""
    return _id_of(connection, source, slot) is not None


def record_check(
    connection: Connection,
    check: Check,
    *,
    quick_fingerprint: str = "",
    fence: int | None = None,
    history_only: bool = False,
) -> RecordedCheck:
    """Write a finished check with its snapshots, facts and changes, and move the state of its source.

    fence: of the lease on the slot; a newer one means that somebody else answers for it, and StorageError is raised.
    history_only: enters history without moving the baseline. Recording a slot twice adds nothing.
    """
    known = _id_of(connection, check.source, check.slot)
    state = _state(connection, check.source)
    if known is not None:
        return RecordedCheck(id=known, already=True, failures=0 if state is None else state["failures"])
    if fence is not None:
        _prove_fence(connection, check, fence)
    good = check.outcome is Outcome.GOOD and check.examination is not None
    snapshot_id = None if check.snapshot is None else keep_snapshot(connection, check.snapshot)
    second_id = None if check.second_snapshot is None else keep_snapshot(connection, check.second_snapshot)
    number = _insert(connection, check, state, snapshot_id, second_id, quick_fingerprint, good, history_only)
    if good:
        _keep_facts(connection, check, number)
    failures = 0
    if not history_only:
        failures = _move_state(connection, check, state, number, snapshot_id, quick_fingerprint)
    if fence is not None:
        connection.execute(
            update(slots)
            .where(slots.c.source == check.source, slots.c.slot == time_text(check.slot))
            .values(check_id=number)
        )
    return RecordedCheck(id=number, already=False, failures=failures)


def seen_at(check: Check) -> datetime:
    """When what the check saw was so: the capture's time for imports, the end of the visit otherwise."""
    if check.origin is Origin.IMPORTED and check.snapshot is not None:
        return check.snapshot.fetched_at
    return check.finished_at


def last_good(connection: Connection, source: str) -> LastGood | None:
    """The baseline of a source, or None before its first good check."""
    row = (
        connection.execute(
            select(
                source_state,
                checks.c.fingerprint,
                checks.c.rules_digest,
                snapshots.c.digest,
            )
            .join(checks, checks.c.id == source_state.c.last_good_check)
            .join(snapshots, snapshots.c.id == source_state.c.last_good_snapshot)
            .where(source_state.c.source == source)
        )
        .mappings()
        .first()
    )
    if row is None:
        return None
    return LastGood(
        check_id=row["last_good_check"],
        snapshot_id=row["last_good_snapshot"],
        digest=row["digest"],
        fingerprint=row["fingerprint"],
        quick_fingerprint=row["quick_fingerprint"],
        rules_digest=row["rules_digest"],
        validators=Validators(etag=row["etag"], last_modified=row["last_modified"]),
        seen_at=time_of(row["last_read_at"]),
        full_read_at=time_of(row["full_read_at"]),
    )


def recent_checks(connection: Connection, source: str | None = None, *, limit: int = 50) -> tuple[CheckLine, ...]:
    """The newest checks, of one source or of all, newest first."""
    query = select(checks).order_by(checks.c.id.desc()).limit(limit)
    if source is not None:
        query = query.where(checks.c.source == source)
    return tuple(_line(row) for row in connection.execute(query).mappings())


def source_states(connection: Connection) -> dict[str, SourceState]:
    """Where every source that was ever checked stands."""
    rows = connection.execute(
        select(
            source_state, checks.c.outcome, checks.c.reason, checks.c.detail, checks.c.finished_at
        ).join(checks, checks.c.id == source_state.c.last_check)
    ).mappings()
    return {
        row["source"]: SourceState(
            source=row["source"],
            outcome=Outcome(row["outcome"]),
            reason=row["reason"],
            detail=row["detail"],
            checked_at=time_of(row["finished_at"]),
            last_read_at=optional_time(row["last_read_at"]),
            full_read_at=optional_time(row["full_read_at"]),
            failures=row["failures"],
        )
        for row in rows
    }


def checks_between(connection: Connection, start: datetime, end: datetime) -> dict[Outcome, int]:
    """How many checks finished in a half-open stretch of time, by outcome."""
    counts = dict.fromkeys(Outcome, 0)
    query = select(checks.c.outcome).where(
        checks.c.started_at >= time_text(start), checks.c.started_at < time_text(end)
    )
    for outcome in connection.execute(query).scalars():
        counts[Outcome(outcome)] += 1
    return counts


def _id_of(connection: Connection, source: str, slot: datetime) -> int | None:
    query = select(checks.c.id).where(checks.c.source == source, checks.c.slot == time_text(slot))
    return connection.execute(query).scalar_one_or_none()


def _state(connection: Connection, source: str) -> Any:
    return connection.execute(select(source_state).where(source_state.c.source == source)).mappings().first()


def _prove_fence(connection: Connection, check: Check, fence: int) -> None:
    query = select(slots.c.fence).where(slots.c.source == check.source, slots.c.slot == time_text(check.slot))
    current = connection.execute(query).scalar_one_or_none()
    if current != fence:
        raise StorageError(f"the slot of {check.source} is answered by somebody else (lease {current}, ours {fence})")


def _insert(
    connection: Connection,
    check: Check,
    state: Any,
    snapshot_id: int | None,
    second_id: int | None,
    quick: str,
    good: bool,
    history_only: bool,
) -> int:
    examination = check.examination
    blocks = () if examination is None else examination.blocks
    unchanged_from = None
    if check.outcome is Outcome.UNCHANGED and state is not None:
        unchanged_from = state["last_good_check"]
    number = connection.execute(
        insert(checks)
        .values(
            source=check.source,
            slot=time_text(check.slot),
            started_at=time_text(check.started_at),
            finished_at=time_text(check.finished_at),
            outcome=check.outcome.value,
            reason=plain(check.reason),
            detail=plain(check.detail),
            status=check.status,
            not_modified=check.not_modified,
            full_read=check.full_read,
            snapshot_id=snapshot_id,
            second_snapshot_id=second_id,
            facts_from=unchanged_from,
            seen_at=time_text(seen_at(check)),
            verdict=None if examination is None else examination.verdict.value,
            verdict_reason="" if examination is None else plain(examination.reason),
            title="" if examination is None else plain(examination.title),
            blocks=json_text([_block(block) for block in blocks]),
            fingerprint="" if examination is None else examination.fingerprint,
            quick_fingerprint=quick,
            rules_digest=check.rules_digest,
            confirmed=check.confirmed,
            origin=check.origin.value,
            missed_slots=check.missed_slots,
            history_only=history_only,
        )
        .returning(checks.c.id)
    ).scalar_one()
    if good:
        connection.execute(update(checks).where(checks.c.id == number).values(facts_from=number))
    return int(number)


def _block(block: Any) -> dict[str, Any]:
    return {
        "op": block.op.value,
        "kind": block.kind.value,
        "path": list(block.path),
        "before": block.before,
        "after": block.after,
        "significance": block.significance.value,
        "because": block.because,
        "locator": block.locator,
        "values": [{"kind": item.kind, "before": item.before, "after": item.after} for item in block.values],
    }


def _keep_facts(connection: Connection, check: Check, number: int) -> None:
    examination = check.examination
    if examination is None:
        return
    if examination.facts:
        connection.execute(
            insert(facts),
            [
                {
                    "check_id": number,
                    "key": fact.key,
                    "state": fact.state.value,
                    "value": value_text(fact.value),
                    "quote": plain(fact.quote),
                    "locator": plain(fact.locator),
                    "reason": plain(fact.reason),
                    "pending": pending_text(fact.pending),
                }
                for fact in examination.facts
            ],
        )
    if examination.changes:
        connection.execute(
            insert(fact_changes),
            [
                {
                    "check_id": number,
                    "key": change.key,
                    "change": change.change.value,
                    "before": value_text(change.before),
                    "after": value_text(change.after),
                    "effective": None if change.effective is None else change.effective.isoformat(),
                    "detail": change_detail(change),
                }
                for change in examination.changes
            ],
        )


def _move_state(
    connection: Connection, check: Check, state: Any, number: int, snapshot_id: int | None, quick: str
) -> int:
    read = check.outcome in _READ
    failures = 0 if read else (0 if state is None else state["failures"]) + 1
    values: dict[str, Any] = {"last_check": number, "failures": failures}
    if read:
        values["last_read_at"] = time_text(seen_at(check))
        if check.full_read:
            values["full_read_at"] = time_text(check.started_at)
    if check.outcome is Outcome.GOOD and check.snapshot is not None:
        values |= {
            "last_good_check": number,
            "last_good_snapshot": snapshot_id,
            "etag": check.snapshot.header("etag"),
            "last_modified": check.snapshot.header("last-modified"),
            "quick_fingerprint": quick,
        }
        if check.origin is Origin.IMPORTED:
            # Another archive's validators say nothing to the server, and an old full read is no full read of ours.
            values |= {"etag": None, "last_modified": None, "full_read_at": time_text(seen_at(check))}
    if state is None:
        connection.execute(insert(source_state).values({"source": check.source, "quick_fingerprint": "", **values}))
    else:
        connection.execute(update(source_state).where(source_state.c.source == check.source).values(values))
    return failures


def _line(row: Any) -> CheckLine:
    return CheckLine(
        id=row["id"],
        source=row["source"],
        slot=time_of(row["slot"]),
        finished_at=time_of(row["finished_at"]),
        outcome=Outcome(row["outcome"]),
        reason=row["reason"],
        detail=row["detail"],
        status=row["status"],
        verdict=row["verdict"],
        snapshot_id=row["snapshot_id"],
        missed_slots=row["missed_slots"],
    )
