"""Checks: one record for each due slot, and the state of a source that follows from them.

Only a good check moves the baseline, the validators and the facts; every other outcome leaves them as they were.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, Connection, Update, and_, bindparam, case, func, insert, select, update

from domain.checks import Check, Outcome, SourceState
from domain.comparison import Verdict
from domain.errors import StorageError
from domain.snapshots import Origin, Snapshot, Validators
from storage.columns import optional_time, plain, storable, time_of, time_text
from storage.readings import blocks_text, keep_readings
from storage.snapshots import keep_snapshot
from storage.tables import checks, slots, snapshots, source_state


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
    """What recording gave.

    already: the slot had its record, and nothing was added. failures: visits in a row that failed, with this one.
    past: the baseline before it. history_only: it entered history without moving the baseline.
    """

    id: int
    already: bool
    failures: int
    past: LastGood | None = None
    history_only: bool = False


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


_READ = (Outcome.GOOD, Outcome.UNCHANGED)

# What every visit asks and writes, put together once: that costs more than running it.
_OF: BindParameter[str] = bindparam("of")
_AT: BindParameter[str] = bindparam("slot")
_INSERT = insert(checks).returning(checks.c.id)
_RECORDED = select(checks.c.id, checks.c.history_only).where(checks.c.source == _OF, checks.c.slot == _AT)
_good, _same_slot = checks.alias("good"), checks.alias("same_slot")
_STATE = (
    select(source_state, _good.c.fingerprint, _good.c.rules_digest, snapshots.c.digest)
    .outerjoin(_good, _good.c.id == source_state.c.last_good_check)
    .outerjoin(snapshots, snapshots.c.id == source_state.c.last_good_snapshot)
    .where(source_state.c.source == _OF)
)
_STATE_AND_SLOT = _STATE.add_columns(
    _same_slot.c.id.label("recorded"), _same_slot.c.history_only.label("recorded_history_only")
).outerjoin(_same_slot, and_(_same_slot.c.source == source_state.c.source, _same_slot.c.slot == _AT))
"""One question instead of three, for every visit asks it: the state of a source, its baseline, a slot's record."""


def is_recorded(connection: Connection, source: str, slot: datetime) -> bool:
    """Whether the slot has its record."""
    query = select(checks.c.id).where(checks.c.source == source, checks.c.slot == time_text(slot))
    return connection.execute(query).first() is not None


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
    history_only: enters history without moving the baseline; a capture made elsewhere that is older than the last
    time the source was read never does more (house rule 12). Recording a slot twice adds nothing.
    """
    state, already = _before(connection, check)
    past = _baseline(state)
    if already is not None:
        return replace(already, past=past)
    if fence is not None:
        _prove_fence(connection, check, fence)
    if check.outcome is Outcome.GOOD and (check.examination is None or check.snapshot is None):
        raise ValueError("a good check has a snapshot and what was read in it")
    history_only = history_only or _is_older(check, state)
    snapshot_id = _kept(connection, check.snapshot)
    row = _row(check, state) | {
        "snapshot_id": snapshot_id,
        "second_snapshot_id": _kept(connection, check.second_snapshot),
        "quick_fingerprint": quick_fingerprint,
        "history_only": history_only,
    }
    number = int(connection.execute(_INSERT, row).scalar_one())
    if check.outcome is Outcome.GOOD and check.examination is not None:
        connection.execute(update(checks).where(checks.c.id == number).values(facts_from=number))
        keep_readings(connection, number, check.examination)
    failures = 0
    if not history_only:
        moved = _moved(check, state, number, quick_fingerprint) | {"last_check": number}
        if moved.get("last_good_check") == number:
            moved["last_good_snapshot"] = snapshot_id
        _keep_state(connection, check.source, state, moved)
        failures = moved["failures"]
    if fence is not None:
        _answer_slot(connection, check, number)
    return RecordedCheck(id=number, already=False, failures=failures, past=past, history_only=history_only)


def seen_at(check: Check) -> datetime:
    """When what the check saw was so: the capture's time for imports, the end of the visit otherwise."""
    if check.origin is Origin.IMPORTED and check.snapshot is not None:
        return check.snapshot.fetched_at
    return check.finished_at


def last_good(connection: Connection, source: str) -> LastGood | None:
    """The baseline of a source, or None before its first good check."""
    return _baseline(connection.execute(_STATE, {"of": source}).mappings().first())


def _baseline(state: Any) -> LastGood | None:
    if state is None or state["last_good_check"] is None:
        return None
    return LastGood(
        check_id=state["last_good_check"],
        snapshot_id=state["last_good_snapshot"],
        digest=state["digest"],
        fingerprint=state["fingerprint"],
        quick_fingerprint=state["quick_fingerprint"],
        rules_digest=state["rules_digest"],
        validators=Validators(etag=state["etag"], last_modified=state["last_modified"]),
        seen_at=time_of(state["last_read_at"]),
        full_read_at=time_of(state["full_read_at"]),
    )


def recent_checks(connection: Connection, source: str | None = None, *, limit: int = 50) -> tuple[CheckLine, ...]:
    """The newest checks, of one source or of all, newest first."""
    query = select(checks).order_by(checks.c.id.desc()).limit(limit)
    if source is not None:
        query = query.where(checks.c.source == source)
    return tuple(_line(row) for row in connection.execute(query).mappings())


def last_moved(connection: Connection, sources: Iterable[str]) -> dict[str, datetime]:
    """When each source last changed in substance; where it never did, when it was first read."""
    changed = case((checks.c.verdict == Verdict.SUBSTANTIVE.value, checks.c.seen_at))
    query = (
        select(checks.c.source, func.coalesce(func.max(changed), func.min(checks.c.seen_at)).label("at"))
        .where(checks.c.source.in_(tuple(sources)), checks.c.outcome == Outcome.GOOD.value, ~checks.c.history_only)
        .group_by(checks.c.source)
    )
    return {row.source: time_of(row.at) for row in connection.execute(query)}


def source_states(connection: Connection, source: str | None = None) -> dict[str, SourceState]:
    """Where every source that was ever checked stands, or one of them."""
    query = select(
        source_state,
        checks.c.slot,
        checks.c.outcome,
        checks.c.reason,
        checks.c.detail,
        checks.c.finished_at,
        checks.c.origin,
    ).join(checks, checks.c.id == source_state.c.last_check)
    if source is not None:
        query = query.where(source_state.c.source == source)
    rows = connection.execute(query).mappings()
    return {
        row["source"]: SourceState(
            source=row["source"],
            slot=time_of(row["slot"]),
            outcome=Outcome(row["outcome"]),
            reason=row["reason"],
            detail=row["detail"],
            checked_at=time_of(row["finished_at"]),
            last_read_at=optional_time(row["last_read_at"]),
            full_read_at=optional_time(row["full_read_at"]),
            failures=row["failures"],
            origin=Origin(row["origin"]),
        )
        for row in rows
    }


def checks_between(connection: Connection, start: datetime, end: datetime) -> dict[Outcome, int]:
    """How many checks began in a half-open stretch of time, by outcome."""
    counts = dict.fromkeys(Outcome, 0)
    query = (
        select(checks.c.outcome, func.count())
        .where(checks.c.started_at >= time_text(start), checks.c.started_at < time_text(end))
        .group_by(checks.c.outcome)
    )
    for outcome, number in connection.execute(query):
        counts[Outcome(outcome)] = number
    return counts


def _kept(connection: Connection, snapshot: Snapshot | None) -> int | None:
    return None if snapshot is None else keep_snapshot(connection, snapshot)


def _before(connection: Connection, check: Check) -> tuple[Any, RecordedCheck | None]:
    """The state of the source before a check, and the record that its slot has already."""
    asked = {"of": check.source, "slot": time_text(check.slot)}
    state = connection.execute(_STATE_AND_SLOT, asked).mappings().first()
    if state is not None:
        number, history_only = state["recorded"], state["recorded_history_only"]
    else:
        # A source of which only history is known has records and no state.
        known = connection.execute(_RECORDED, asked).first()
        number, history_only = (None, False) if known is None else known
    if number is None:
        return state, None
    failures = 0 if state is None else state["failures"]
    return state, RecordedCheck(id=number, already=True, failures=failures, history_only=history_only)


def _prove_fence(connection: Connection, check: Check, fence: int) -> None:
    query = select(slots.c.fence).where(slots.c.source == check.source, slots.c.slot == time_text(check.slot))
    current = connection.execute(query).scalar_one_or_none()
    if current != fence:
        raise StorageError(f"the slot of {check.source} is answered by somebody else (lease {current}, ours {fence})")


def _answer_slot(connection: Connection, check: Check, number: int) -> None:
    where = (slots.c.source == check.source, slots.c.slot == time_text(check.slot))
    connection.execute(update(slots).where(*where).values(check_id=number))


def _is_older(check: Check, state: Any) -> bool:
    """Whether an import was captured before the last time that the source was read."""
    if check.origin is not Origin.IMPORTED or state is None or state["last_read_at"] is None:
        return False
    return bool(time_text(seen_at(check)) < state["last_read_at"])


def _row(check: Check, state: Any) -> dict[str, Any]:
    """The check's own columns. An unchanged check stands on the facts of the last good one."""
    examination = check.examination
    stands_on_last = check.outcome is Outcome.UNCHANGED and state is not None
    return {
        "source": check.source,
        "slot": time_text(check.slot),
        "started_at": time_text(check.started_at),
        "finished_at": time_text(check.finished_at),
        "outcome": check.outcome.value,
        "reason": plain(check.reason),
        "detail": plain(check.detail),
        "status": check.status,
        "not_modified": check.not_modified,
        "full_read": check.full_read,
        "facts_from": state["last_good_check"] if stands_on_last else None,
        "seen_at": time_text(seen_at(check)),
        "verdict": None if examination is None else examination.verdict.value,
        "verdict_reason": "" if examination is None else plain(examination.reason),
        "title": "" if examination is None else plain(examination.title),
        "blocks": blocks_text(() if examination is None else examination.blocks),
        "fingerprint": "" if examination is None else examination.fingerprint,
        "rules_digest": check.rules_digest,
        "confirmed": check.confirmed,
        "origin": check.origin.value,
        "missed_slots": check.missed_slots,
    }


def _moved(check: Check, state: Any, number: int, quick: str) -> dict[str, Any]:
    """What a check moves in the state of its source; baseline and validators only where it is good."""
    if check.outcome not in _READ:
        return {"failures": (0 if state is None else state["failures"]) + 1}
    moved: dict[str, Any] = {"failures": 0, "last_read_at": time_text(seen_at(check))}
    if check.full_read:
        moved["full_read_at"] = time_text(check.started_at)
    if check.outcome is Outcome.GOOD and check.snapshot is not None:
        moved |= {"last_good_check": number, "quick_fingerprint": quick}
        if check.origin is Origin.IMPORTED:
            # Another archive's validators say nothing to the server, and an old full read is no full read of ours.
            moved |= {"etag": None, "last_modified": None, "full_read_at": time_text(seen_at(check))}
        else:
            moved |= {
                "etag": storable(check.snapshot.header("etag")),
                "last_modified": storable(check.snapshot.header("last-modified")),
                "full_read_at": time_text(check.started_at),
            }
    return moved


def _keep_state(connection: Connection, source: str, state: Any, moved: dict[str, Any]) -> None:
    if state is None:
        connection.execute(insert(source_state).values({"source": source, "quick_fingerprint": "", **moved}))
    else:
        connection.execute(_moving(tuple(sorted(moved))), {"of": source, **moved})


@lru_cache(maxsize=16)
def _moving(columns: tuple[str, ...]) -> Update:
    return update(source_state).where(source_state.c.source == _OF).values({name: bindparam(name) for name in columns})


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
