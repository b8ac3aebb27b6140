"""A verdict on one or many flags in one transaction, and what stands in its way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.flags import FlagRecord, ReviewVerdict
from domain.queue import FlagAct, Seen
from review.visit import Visit
from storage.flag_history import acts_since, news_since
from storage.flags import decide_flag, undo_decision
from storage.handling import settle
from storage.store import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Newer:
    """What came since a reviewer looked. flag: the newer one in its place; act: what was done to it; check: by number."""

    flag: int | None = None
    act: FlagAct | None = None
    check: int | None = None


def newer_than(connection: Connection, records: Sequence[FlagRecord], seen: Seen) -> Newer:
    """What a reviewer of these flags has not seen yet; `Newer()` where that is nothing."""
    acts = acts_since(connection, (record.id for record in records), seen)
    return Newer(
        flag=next((record.superseded_by for record in records if record.superseded_by is not None), None),
        act=acts[-1] if acts else None,
        check=news_since(connection, {record.flag.source for record in records}, seen),
    )


def decide_together(
    visit: Visit, connection: Connection, records: Sequence[FlagRecord], verdict: ReviewVerdict, note: str
) -> None:
    """The verdict stands on each of these flags, signed and written into the audit log; nobody holds them any more."""
    for record in records:
        decide_flag(
            connection,
            record.id,
            verdict=verdict,
            note=note,
            by=visit.viewer.name,
            at=visit.now,
            seen=(record.flag.snapshot_before, record.flag.snapshot_after),
        )
        visit.log(connection, "decided", f"flag {record.id}", verdict=verdict.value, note=note)
    settle(connection, (record.id for record in records))


def undo_together(visit: Visit, connection: Connection, records: Sequence[FlagRecord]) -> None:
    """The last verdict on each of these flags counts no more."""
    for record in records:
        undo_decision(connection, record.id, by=visit.viewer.name, at=visit.now)
        visit.log(
            connection, "undid", f"flag {record.id}", verdict=record.review.verdict.value if record.review else ""
        )
