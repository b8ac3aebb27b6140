"""Captures made elsewhere, brought into history through the same pipeline as a visit: examined, assessed, recorded.

A capture's slot is its own capture time, so importing again finds every slot taken and adds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.checks import Check, Outcome
from domain.claims import Claim
from domain.snapshots import Origin, Snapshot
from domain.sources import Source
from monitor.check import examine_bounded, load_baseline, look_back
from monitor.record import Recorded, judge_now, record
from monitor.workers import Workers
from storage.checks import is_recorded
from storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What came of one capture: recorded now, or known already."""

    source: str
    recorded: Recorded | None


def in_order(found: Iterable[tuple[Source, Snapshot]]) -> tuple[tuple[Source, Snapshot], ...]:
    """Captures by source, time and digest, the same capture met twice once: any order of paths gives one history."""
    unique = {(source.id, snapshot.fetched_at, snapshot.digest): (source, snapshot) for source, snapshot in found}
    return tuple(unique[key] for key in sorted(unique))


async def ingest(
    source: Source,
    snapshot: Snapshot,
    *,
    store: Store,
    workers: Workers,
    sources: Mapping[str, Source],
    claims: tuple[Claim, ...],
    now: datetime,
) -> Ingested:
    """Bring one capture into history.

    It is compared with the last good check before it; one that is older than that enters history without moving the
    baseline and without flags (house rule 12).
    """
    with store.reading() as connection:
        if is_recorded(connection, source.id, snapshot.fetched_at):
            return Ingested(source=source.id, recorded=None)
    last = look_back(store, source)
    late = last is not None and last.seen_at > snapshot.fetched_at
    baseline = None if late else load_baseline(store, last)
    examination = await examine_bounded(source, snapshot, baseline=baseline, workers=workers)
    good = examination.quality.outcome is Outcome.GOOD
    check = Check(
        source=source.id,
        slot=snapshot.fetched_at,
        started_at=now,
        finished_at=now,
        outcome=examination.quality.outcome,
        reason=examination.quality.cause if not good else ("older-than-baseline" if late else ""),
        detail=examination.quality.detail,
        status=snapshot.status,
        full_read=True,
        snapshot=snapshot,
        examination=examination,
        confirmed=False,
        origin=Origin.IMPORTED,
        rules_digest=source.digest,
    )
    return Ingested(
        source=source.id,
        recorded=record(
            check, source=source, sources=sources, claims=claims, store=store, history_only=late, judge=False
        ),
    )


def judge_imported(
    source: Source,
    *,
    store: Store,
    sources: Mapping[str, Source],
    claims: tuple[Claim, ...],
    check_id: int,
    now: datetime,
) -> list[int]:
    """Test the claims on a source once its last capture is in. The numbers of the flags opened."""
    with store.writing() as connection:
        return judge_now(
            connection, source, sources=sources, claims=claims, check_id=check_id, now=now, confirmed=False
        )
