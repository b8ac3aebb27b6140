"""The ledger: every claim with how it stands, the most harmful first, and coverage at a glance. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.checks import SourceState
from domain.claims import Claim, Judgement, Risk, Standing
from domain.shapes import Json
from domain.sources import Source
from monitor.due import due_slot, next_slot
from monitor.impact import pages_of

A_PAGE = 50

STANDINGS = (
    Standing.CONTRADICTED,
    Standing.SUSPECT,
    Standing.CANNOT_TELL,
    Standing.STALE,
    Standing.VERIFIED,
    Standing.UNWATCHED,
)
"""From what is surely wrong to what nobody watches: the order of bars, legends and lists."""

UNSAFE = frozenset({Standing.CONTRADICTED, Standing.SUSPECT, Standing.CANNOT_TELL, Standing.STALE})
"""Standings of statements that a reader should not rely on just now."""

_AT_STAKE = {Risk.CRITICAL: 8, Risk.HIGH: 4, Risk.MEDIUM: 2, Risk.LOW: 1}
_CERTAINTY = {
    Standing.CONTRADICTED: 8,
    Standing.SUSPECT: 4,
    Standing.CANNOT_TELL: 2,
    Standing.STALE: 2,
    Standing.UNWATCHED: 0,
    Standing.VERIFIED: 0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When a page is looked at next. at: None where it never is; now: it is due already."""

    at: datetime | None
    now: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One claim with how it stands. sources: the pages that decide it, by id."""

    claim: Claim
    judgement: Judgement
    sources: tuple[Source, ...]
    due: Due | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What was asked for; "" where it does not matter. standing: one of STANDINGS, or `unsafe`. as_of: a day."""

    words: str = ""
    standing: str = ""
    section: str = ""
    risk: str = ""
    source: str = ""
    jurisdiction: str = ""
    as_of: str = ""

    @property
    def any(self) -> bool:
        return self != Filters()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page of the ledger, the most harmful first. start: place of its first line, from 0."""

    lines: tuple[Line, ...]
    found: int
    start: int
    earlier: int | None
    later: int | None
    sections: tuple[str, ...]
    sources: tuple[Source, ...]
    jurisdictions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the bar: a standing, how many claims, and where it lies, in percent of the whole."""

    standing: str
    number: int
    start: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The numbers of `claimwatch claims`, with the bar that shows them."""

    claims: int
    watched: int
    machine_checked: int
    parts: tuple[Part, ...]

    @property
    def unsafe(self) -> int:
        return sum(part.number for part in self.parts if Standing(part.standing) in UNSAFE)


def coverage_of(counted: Json) -> Coverage:
    """From the shape of the contract."""
    every, at, parts = max(counted["claims"], 1), 0, []
    for standing in STANDINGS:
        number = counted[standing.value]
        parts.append(Part(standing=standing.value, number=number, start=100 * at / every, width=100 * number / every))
        at += number
    return Coverage(
        claims=counted["claims"],
        watched=counted["watched"],
        machine_checked=counted["machine_checked"],
        parts=tuple(parts),
    )


def lines_of(
    claims: Iterable[Claim], judgements: Iterable[Judgement], sources: Mapping[str, Source]
) -> tuple[Line, ...]:
    """Every claim, the most harmful first: by what is at stake and how sure it is, then in the order of the file."""
    made = [
        Line(
            claim=claim,
            judgement=judgement,
            sources=tuple(sources[name] for name in sorted(pages_of(claim)) if name in sources),
        )
        for claim, judgement in zip(claims, judgements, strict=True)
    ]
    return tuple(sorted(made, key=_harm))


def _harm(line: Line) -> tuple[int, int, int]:
    standing, risk = line.judgement.standing, line.claim.risk
    return (
        -_AT_STAKE[risk] * _CERTAINTY[standing],
        STANDINGS.index(standing),
        -_AT_STAKE[risk] - (line.judgement.outlook is not None),
    )


def listing(every: tuple[Line, ...], filters: Filters, *, start: int) -> Listing:
    """The lines that were asked for."""
    found = [line for line in every if _wanted(line, filters)]
    start = start - start % A_PAGE if 0 <= start < len(found) else 0
    sources = {source.id: source for line in every for source in line.sources}
    return Listing(
        lines=tuple(found[start : start + A_PAGE]),
        found=len(found),
        start=start,
        earlier=start - A_PAGE if start else None,
        later=start + A_PAGE if start + A_PAGE < len(found) else None,
        sections=tuple(sorted({line.claim.section for line in every})),
        sources=tuple(sorted(sources.values(), key=lambda source: plain(source.title))),
        jurisdictions=tuple(sorted({source.jurisdiction for source in sources.values()} - {""})),
    )


def _wanted(line: Line, filters: Filters) -> bool:
    claim, standing = line.claim, line.judgement.standing
    text = plain(" ".join((claim.id, claim.text, claim.section, claim.anchor)))
    return (
        all(word in text for word in plain(filters.words).split())
        and filters.standing in ("", standing.value, "unsafe" if standing in UNSAFE else "")
        and filters.section in ("", claim.section)
        and filters.risk in ("", claim.risk.value)
        and (not filters.source or any(source.id == filters.source for source in line.sources))
        and (not filters.jurisdiction or any(source.jurisdiction == filters.jurisdiction for source in line.sources))
    )


def next_check(sources: Iterable[Source], states: Mapping[str, SourceState], *, now: datetime) -> Due:
    """The next look at any of these pages."""
    soonest: datetime | None = None
    for source in sources:
        if not source.enabled:
            continue
        state = states.get(source.id)
        last = None if state is None else state.slot
        if due_slot(source.cadence, source=source.id, last_slot=last, now=now) is not None:
            return Due(at=now, now=True)
        at = next_slot(source.cadence, source=source.id, after=now)
        soonest = at if soonest is None or (at is not None and at < soonest) else soonest
    return Due(at=soonest)


def plain(text: str) -> str:
    """Without case and accents, for searching."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(mark for mark in apart if not unicodedata.combining(mark))
