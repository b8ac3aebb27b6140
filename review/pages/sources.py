"""The list of sources: how each stands, what needs a look first, filters and search. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.checks import AWAITED, Outcome, SourceState
from domain.sources import Source
from monitor.due import due_slot, next_slot

A_PAGE = 50
OVERDUE = timedelta(minutes=30)
"""So long after its slot a source that was not visited is late; a visit with its confirmation takes minutes."""

HEALTHS = ("trouble", "late", "well", "never", "paused")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One source. health: one of HEALTHS. due: its next slot, or the one that is due now (None: it never is)."""

    source: Source
    health: str
    state: SourceState | None
    declared: int
    located: int
    due: datetime | None
    due_now: bool
    flags: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What was asked for; "" where it does not matter."""

    words: str = ""
    health: str = ""
    jurisdiction: str = ""
    authority: str = ""
    grounding: str = ""
    flagged: bool = False

    @property
    def any(self) -> bool:
        return self != Filters()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page of the list, those that need a look first. start: place of its first line, from 0."""

    lines: tuple[Line, ...]
    found: int
    every: int
    start: int
    earlier: int | None
    later: int | None
    jurisdictions: tuple[str, ...]
    authorities: tuple[str, ...]
    counts: Mapping[str, int]


def line_of(source: Source, state: SourceState | None, *, located: Collection[str], flags: int, now: datetime) -> Line:
    """How one source stands now. located: keys of the facts that its last good check found."""
    due = due_slot(source.cadence, source=source.id, last_slot=None if state is None else state.slot, now=now)
    late = source.enabled and due is not None and now - due.slot > OVERDUE
    return Line(
        source=source,
        health=_health(source, state, late=late),
        state=state,
        declared=len(source.rules),
        located=sum(1 for rule in source.rules if source.fact_key(rule) in located),
        due=due.slot if due is not None else next_slot(source.cadence, source=source.id, after=now),
        due_now=due is not None,
        flags=flags,
    )


def _health(source: Source, state: SourceState | None, *, late: bool) -> str:
    if not source.enabled:
        return "paused"
    if state is None:
        return "never"
    if state.outcome not in (Outcome.GOOD, Outcome.UNCHANGED) and state.reason != AWAITED:
        return "trouble"
    return "late" if late else "well"


def listing(lines: Iterable[Line], filters: Filters, *, start: int) -> Listing:
    """The lines that were asked for, those that need a look first."""
    every = tuple(lines)
    found = sorted((item for item in every if _wanted(item, filters)), key=_urgency)
    start = start - start % A_PAGE if 0 <= start < len(found) else 0
    return Listing(
        lines=tuple(found[start : start + A_PAGE]),
        found=len(found),
        every=len(every),
        start=start,
        earlier=start - A_PAGE if start else None,
        later=start + A_PAGE if start + A_PAGE < len(found) else None,
        jurisdictions=tuple(sorted({item.source.jurisdiction for item in every} - {""})),
        authorities=tuple(sorted({item.source.authority for item in every} - {""})),
        counts={health: sum(1 for item in every if item.health == health) for health in HEALTHS},
    )


def _urgency(line: Line) -> tuple[int, int, int, str]:
    failures = 0 if line.state is None else line.state.failures
    return (HEALTHS.index(line.health), -failures, -line.flags, line.source.id)


def _wanted(line: Line, filters: Filters) -> bool:
    source = line.source
    text = _plain(" ".join((source.id, source.title, source.url, source.authority, source.jurisdiction)))
    return (
        all(word in text for word in _plain(filters.words).split())
        and filters.health in ("", line.health)
        and filters.jurisdiction in ("", source.jurisdiction)
        and filters.authority in ("", source.authority)
        and filters.grounding in ("", source.grounding)
        and (line.flags > 0 or not filters.flagged)
    )


def _plain(text: str) -> str:
    """Without case and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(mark for mark in apart if not unicodedata.combining(mark))
