"""One visit to one source: last good, fetch, examine, confirm, record. The only shell between the pure core and the world.

What is true afterwards: the slot has exactly one recorded check, whatever happened; only a good one moved the
baseline; a change was seen twice in the slot before anybody is told of it as confirmed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.checks import AWAITED, Check, Examination, Outcome, Quality
from domain.claims import Claim
from domain.comparison import Significance, Verdict
from domain.errors import SourceError
from domain.snapshots import NotModified, Problem, Snapshot, Validators
from domain.sources import Source
from monitor.examine import Baseline, examine
from monitor.fetch import fetch
from monitor.impact import claims_by_page
from monitor.read import quick_fingerprint
from monitor.record import Recorded, record
from monitor.standings import official_day
from monitor.workers import Workers
from outbound.client import Client
from storage.checks import LastGood, last_good
from storage.facts import known_facts
from storage.snapshots import load_snapshot
from storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything a visit needs from the outside, set up once by whoever runs visits.

    touched_by: for each source the claims that a check of it can touch.
    """

    client: Client
    store: Store
    workers: Workers
    sources: Mapping[str, Source]
    claims: tuple[Claim, ...]
    now: Callable[[], datetime]
    touched_by: Mapping[str, tuple[Claim, ...]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "touched_by", claims_by_page(self.claims, self.sources))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What the visit came to, before it is written down."""

    outcome: Outcome
    reason: str = ""
    detail: str = ""
    status: int | None = None
    not_modified: bool = False
    full_read: bool = False
    snapshot: Snapshot | None = None
    second: Snapshot | None = None
    examination: Examination | None = None
    confirmed: bool = True
    quick: str = ""


async def visit(source: Source, *, slot: datetime, desk: Desk, fence: int | None = None, missed: int = 0) -> Recorded:
    """Visit a source for one due slot and record what came of it.

    `slot` is the due time it answers for, `fence` proves the lease on it, `missed` counts earlier slots it stands for.
    Never raises for what a page or a server does; StorageError where the store refuses.
    """
    started = desk.now()
    last = await asyncio.to_thread(look_back, desk.store, source)
    seen = _not_there_yet(source, last, await _see(source, last, desk, started))
    check = Check(
        source=source.id,
        slot=slot,
        started_at=started,
        finished_at=desk.now(),
        outcome=seen.outcome,
        reason=seen.reason,
        detail=seen.detail,
        status=seen.status,
        not_modified=seen.not_modified,
        full_read=seen.full_read,
        snapshot=seen.snapshot,
        second_snapshot=seen.second,
        examination=seen.examination,
        confirmed=seen.confirmed,
        rules_digest=source.digest,
        missed_slots=missed,
    )
    return await asyncio.to_thread(
        record,
        check,
        source=source,
        sources=desk.sources,
        claims=desk.touched_by.get(source.id, ()),
        store=desk.store,
        quick=seen.quick,
        fence=fence,
    )


def _not_there_yet(source: Source, last: LastGood | None, seen: _Seen) -> _Seen:
    """What an awaited page answers before it is there is no trouble: nobody has to be told of it."""
    if not source.awaited or last is not None or seen.outcome in (Outcome.GOOD, Outcome.UNCHANGED):
        return seen
    detail = f"not there yet: {seen.reason} {seen.detail}".strip()
    return _Seen(outcome=Outcome.SKIPPED, reason=AWAITED, detail=detail, status=seen.status)


def look_back(store: Store, source: Source) -> LastGood | None:
    """The last good check of a source."""
    with store.reading() as connection:
        return last_good(connection, source.id)


def load_baseline(store: Store, last: LastGood | None) -> Baseline | None:
    """What to compare with: the last good capture and the newest believed reading of each of its source's facts."""
    if last is None:
        return None
    with store.reading() as connection:
        snapshot = load_snapshot(connection, last.snapshot_id)
        known = known_facts(connection, sources=(snapshot.source,), dated=False)
    return Baseline(snapshot=snapshot, facts=tuple(item.fact for item in known.values()))


async def _see(source: Source, last: LastGood | None, desk: Desk, started: datetime) -> _Seen:
    validators = _validators(source, last, started)
    answer = await fetch(source, client=desk.client, validators=validators, now=desk.now)
    match answer:
        case NotModified():
            return _Seen(outcome=Outcome.UNCHANGED, reason="not-modified", status=304, not_modified=True)
        case Problem():
            skipped = answer.cause.startswith("robots")
            return _Seen(
                outcome=Outcome.SKIPPED if skipped else Outcome.FAILED,
                reason=answer.cause,
                detail=answer.detail,
                status=answer.status,
            )
        case Snapshot():
            seen = await _look(source, answer, last, desk)
            return replace(seen, status=answer.status, full_read=True)


def _validators(source: Source, last: LastGood | None, now: datetime) -> Validators | None:
    """What to ask with: nothing where there is no baseline, the rules were edited, or a full read is due (rule 6)."""
    if last is None or last.rules_digest != source.digest:
        return None
    return None if now - last.full_read_at >= source.full_read_every else last.validators


async def _look(source: Source, snapshot: Snapshot, last: LastGood | None, desk: Desk) -> _Seen:
    """Cheapest comparison first: equal bytes, then equal main region, then a full examination."""
    same_rules = last is not None and last.rules_digest == source.digest
    if last is not None and same_rules and last.digest == snapshot.digest:
        return _Seen(outcome=Outcome.UNCHANGED, reason="identical", snapshot=snapshot, quick=last.quick_fingerprint)
    quick = await _quick(source, snapshot, desk)
    if last is not None and same_rules and quick and quick == last.quick_fingerprint:
        return _Seen(outcome=Outcome.UNCHANGED, reason="noise", snapshot=snapshot, quick=quick)
    baseline = await asyncio.to_thread(load_baseline, desk.store, last)
    first = await examine_bounded(source, snapshot, baseline=baseline, workers=desk.workers)
    seen = _believed(snapshot, first, quick)
    if seen.outcome is not Outcome.GOOD or baseline is None or first.verdict is not Verdict.SUBSTANTIVE:
        return seen
    return await _confirm(source, seen, first, baseline, desk)


async def _quick(source: Source, snapshot: Snapshot, desk: Desk) -> str:
    """The cheap fingerprint of a plain 200 page; "" where it has none or must be read in full to be believed."""
    if snapshot.status != 200 or snapshot.final_url != source.url:
        return ""
    try:
        found = await desk.workers.run(
            quick_fingerprint,
            snapshot.body,
            content_type=snapshot.header("content-type"),
            region=source.region,
            ignore=source.ignore,
        )
    except SourceError:
        return ""
    return found or ""


async def examine_bounded(
    source: Source, snapshot: Snapshot, *, baseline: Baseline | None, workers: Workers
) -> Examination:
    """The examination, made in a worker; a page that takes too long or too much is one that cannot be told."""
    try:
        return await workers.run(examine, source, snapshot, baseline=baseline, today=official_day(snapshot.fetched_at))
    except SourceError as error:
        return Examination(
            quality=Quality(outcome=Outcome.FAILED, cause=error.cause, detail=error.detail),
            verdict=Verdict.CANNOT_TELL,
            reason=f"{error.cause}: {error.detail}",
            title="",
            fingerprint="",
            facts=(),
        )


def _believed(snapshot: Snapshot, examination: Examination, quick: str) -> _Seen:
    quality = examination.quality
    good = quality.outcome is Outcome.GOOD
    return _Seen(
        outcome=quality.outcome,
        reason=quality.cause,
        detail=quality.detail,
        snapshot=snapshot,
        examination=examination,
        quick=quick if good else "",
    )


async def _confirm(source: Source, seen: _Seen, first: Examination, baseline: Baseline, desk: Desk) -> _Seen:
    """Look again, unconditionally, in the same slot; only two captures that agree are a change (rule 7)."""
    await asyncio.sleep(source.confirm_after.total_seconds())
    answer = await fetch(source, client=desk.client, validators=None, now=desk.now)
    if not isinstance(answer, Snapshot):
        cause = answer.cause if isinstance(answer, Problem) else "not-modified"
        return replace(
            seen,
            outcome=Outcome.SUSPECT,
            reason="unconfirmed",
            detail=f"the second look failed: {cause}",
            confirmed=False,
        )
    quick = await _quick(source, answer, desk)
    # Equal fingerprints mean that nothing but noise lies between the two looks, so one examination serves both.
    same = bool(quick) and quick == seen.quick
    second = first if same else await examine_bounded(source, answer, baseline=baseline, workers=desk.workers)
    if second.quality.outcome is not Outcome.GOOD:
        detail = f"the second look was no page: {second.quality.cause}"
        return replace(
            seen, outcome=Outcome.SUSPECT, reason="unconfirmed", detail=detail, second=answer, confirmed=False
        )
    if not agree(first, second):
        return replace(
            seen,
            outcome=Outcome.SUSPECT,
            reason="flapping",
            detail="two looks in one slot saw different pages",
            second=answer,
            confirmed=False,
        )
    return replace(_believed(answer, second, quick), second=seen.snapshot)


def agree(first: Examination, second: Examination) -> bool:
    """Whether two looks saw the same change: equal content, or equal fact changes and equal substantive passages."""
    if first.fingerprint == second.fingerprint:
        return True
    return first.changes == second.changes and _passages(first) == _passages(second)


def _passages(examination: Examination) -> tuple[tuple[str | None, str | None], ...]:
    return tuple(
        (block.before, block.after) for block in examination.blocks if block.significance is Significance.SUBSTANTIVE
    )
