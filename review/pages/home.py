"""The first page: is it alive, what needs a person, what changed, what cannot be told, what is coming. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.checks import SourceState
from domain.claims import Claim
from domain.digests import DeliveryState
from domain.facts import KnownFact
from domain.flags import FlagReason, FlagRecord
from domain.sources import Source
from domain.values import value_words
from monitor.impact import resting_on
from monitor.standings import freshness_of, official_day
from review.pages.queue import about, step_of
from review.pages.sources import Line, line_of

SILENT_AFTER = timedelta(minutes=10)
"""A service that works completes a cycle every few seconds; a visit of many pages does not hold it up."""

THIS_WEEK = timedelta(days=7)
MOST_SHOWN = 8

CHANGES = frozenset({FlagReason.ALTERED, FlagReason.APPEARED, FlagReason.REMOVED, FlagReason.PAGE_MOVED})
HELD = (DeliveryState.DEFERRED, DeliveryState.AMBIGUOUS, DeliveryState.FAILED)
"""Deliveries that did not go out as they should."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """Whether the service is alive. at: its last completed cycle. next_due: the next page to be looked at; due_now: how
    many pages wait for it.
    """

    at: datetime | None
    silent: bool
    next_due: datetime | None
    due_now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What changed: a flag of a case, what it is about, and how many places it was seen in. says: of a change of words,
    what stands there now.
    """

    record: FlagRecord
    about: str
    source: str
    before: str
    after: str
    says: str
    places: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleFact:
    """A fact that was not seen for longer than it is good for. claims: how many rest on it."""

    key: str
    source: Source
    seen_at: datetime
    claims: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """A value that is announced. days: until it holds. claims: those that rest on it, the most harmful first."""

    key: str
    source: Source | None
    words: str
    effective: date
    days: int
    claims: tuple[Claim, ...]


def source_lines(
    sources: Mapping[str, Source], states: Mapping[str, SourceState], *, now: datetime
) -> tuple[Line, ...]:
    """How every page that is watched stands."""
    return tuple(
        line_of(source, states.get(source.id), located=(), flags=0, now=now)
        for source in sources.values()
        if source.enabled
    )


def pulse_of(at: datetime | None, lines: Iterable[Line], *, now: datetime) -> Pulse:
    """at: of the last completed cycle."""
    lines = tuple(lines)
    later = [line.due for line in lines if line.due is not None and not line.due_now]
    return Pulse(
        at=at,
        silent=at is None or now - at > SILENT_AFTER,
        next_due=min(later, default=None),
        due_now=sum(1 for line in lines if line.due_now),
    )


def unreadable(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The pages that cannot be read, those that were not read for longest first."""
    troubled = (line for line in lines if line.health == "trouble" and line.state is not None)
    return tuple(sorted(troubled, key=_last_read))


def _last_read(line: Line) -> str:
    read = None if line.state is None else line.state.last_read_at
    return "" if read is None else read.isoformat()


def changes_of(newest: Iterable[FlagRecord], sources: Mapping[str, Source], *, now: datetime) -> tuple[Change, ...]:
    """What was flagged as changed within a week, newest first; the same change on many pages is one. newest: flags, newest first."""
    cases: dict[str, list[FlagRecord]] = {}
    for record in newest:
        if record.flag.reason in CHANGES and now - record.opened_at <= THIS_WEEK:
            cases.setdefault(record.flag.group or f"flag {record.id}", []).append(record)
    return tuple(_change(records, sources) for records in cases.values())


def _change(records: list[FlagRecord], sources: Mapping[str, Source]) -> Change:
    first = max(records, key=lambda record: len(record.flag.claims))
    before, after = step_of(first.flag)
    source = sources.get(first.flag.source)
    return Change(
        record=first,
        about=about(first.flag),
        source=first.flag.source if source is None else source.title,
        before=before,
        after=after,
        says="" if before or after else first.flag.quote_after or first.flag.quote_before or first.flag.detail,
        places=len(records),
    )


def stale_facts(
    known: Mapping[str, KnownFact], claims: Iterable[Claim], sources: Mapping[str, Source], *, now: datetime
) -> tuple[StaleFact, ...]:
    """Facts of watched pages past their freshness, those on which most rests first."""
    claims = tuple(claims)
    found = []
    for key, item in known.items():
        source = sources.get(key.partition("#")[0])
        if source is None or source.rule_for(key) is None or item.last_seen_at is None:
            continue
        if now - item.last_seen_at > freshness_of(key, None, sources):
            resting = len(resting_on(key, claims))
            found.append(StaleFact(key=key, source=source, seen_at=item.last_seen_at, claims=resting))
    return tuple(sorted(found, key=lambda item: (-item.claims, item.seen_at, item.key)))


def coming(
    known: Mapping[str, KnownFact], claims: Iterable[Claim], sources: Mapping[str, Source], *, now: datetime
) -> tuple[Coming, ...]:
    """Announced values by the day from which they hold."""
    today, claims = official_day(now), tuple(claims)
    found = [
        Coming(
            key=key,
            source=sources.get(key.partition("#")[0]),
            words=value_words(item.fact.pending.value),
            effective=item.fact.pending.effective,
            days=(item.fact.pending.effective - today).days,
            claims=resting_on(key, claims),
        )
        for key, item in known.items()
        if item.fact.pending is not None and item.fact.pending.effective > today
    ]
    return tuple(sorted(found, key=lambda item: (item.effective, item.key)))
