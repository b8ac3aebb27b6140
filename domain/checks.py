"""One visit to one source and all that came of it, good or bad."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.comparison import BlockChange, Verdict
from domain.facts import Fact, FactChange, FactState
from domain.snapshots import Origin, Snapshot

AWAITED = "awaited"
"""Why a visit to a page that is not there yet came to nothing (`Source.awaited`)."""


class Outcome(StrEnum):
    """good: read, and its facts are new knowledge. unchanged: a 304, identical bytes or mere noise.

    suspect: an answer that is not believed. failed: no usable answer. skipped: not asked, for a stated reason.
    """

    GOOD = "good"
    UNCHANGED = "unchanged"
    SUSPECT = "suspect"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """Is this response the page? `cause` names why not ("" when good), `detail` is for a person."""

    outcome: Outcome
    cause: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What reading a snapshot against the baseline gave; pure, picklable.

    fingerprint: digest of the document's normalised content and link targets; equal means nothing but noise moved.
    facts: every declared fact, in the order declared.
    baseline_facts: facts of the baseline as read with today's rules (what changes were computed against).
    """

    quality: Quality
    verdict: Verdict
    reason: str
    title: str
    fingerprint: str
    facts: tuple[Fact, ...]
    changes: tuple[FactChange, ...] = ()
    blocks: tuple[BlockChange, ...] = ()
    baseline_facts: tuple[Fact, ...] = ()
    block_count: int = 0

    @property
    def lost(self) -> tuple[Fact, ...]:
        """Facts of the baseline that this capture no longer tells."""
        now = {fact.key: fact.state for fact in self.facts}
        return tuple(
            fact
            for fact in self.baseline_facts
            if fact.state is FactState.LOCATED and now.get(fact.key) is FactState.CANNOT_TELL
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A finished visit. `slot` is the due time it answers for; every due slot leaves exactly one check.

    snapshot: None where nothing came back or the server said that nothing changed.
    examination: None unless a document was read in this visit. confirmed: a second capture agreed, or none was needed.
    """

    source: str
    slot: datetime
    started_at: datetime
    finished_at: datetime
    outcome: Outcome
    reason: str = ""
    detail: str = ""
    status: int | None = None
    not_modified: bool = False
    full_read: bool = False
    snapshot: Snapshot | None = None
    second_snapshot: Snapshot | None = None
    examination: Examination | None = None
    confirmed: bool = True
    origin: Origin = Origin.FETCHED
    rules_digest: str = ""
    missed_slots: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """Where a source stands: its newest check, its newest good or unchanged one, failures in a row since.

    slot: that the newest check answers for. origin: whether it was a visit, or a capture made elsewhere.
    """

    source: str
    slot: datetime
    outcome: Outcome
    reason: str
    detail: str
    checked_at: datetime
    last_read_at: datetime | None
    full_read_at: datetime | None
    failures: int
    origin: Origin = Origin.FETCHED

    @property
    def page_at(self) -> datetime:
        """The time of the page that the newest check saw."""
        return page_time(self.origin, slot=self.slot, finished_at=self.checked_at)


def page_time(origin: Origin, *, slot: datetime, finished_at: datetime) -> datetime:
    """When a page was as a check saw it: at the end of a visit, or when a capture was made that was imported later."""
    return slot if origin is Origin.IMPORTED else finished_at
