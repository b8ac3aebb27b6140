"""What the store knows about a stretch of events and of time, in the shape that `compose` takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.checks import Outcome
from domain.claims import Claim
from domain.digests import Coverage, Period
from domain.facts import FactState
from domain.flags import FlagRecord
from domain.sources import Source
from storage.checks import checks_between, source_states
from storage.events import events_between, outages_at
from storage.facts import known_facts
from storage.flags import load_flags
from storage.store import Connection

_OPENED = ("flag_opened", "flag_undone", "flag_confirmed")
_SETTLED = ("flag_decided", "flag_closed")
_PAGE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Happenings:
    """Flags that a stretch of events opened (or opened again), and those that it decided or closed.

    standing: outages, which are flags of pages that cannot be read, that were open when the stretch began.
    """

    opened: tuple[FlagRecord, ...]
    settled: tuple[FlagRecord, ...]
    standing: tuple[FlagRecord, ...] = ()


def happenings(connection: Connection, *, first_event: int, last_event: int) -> Happenings:
    """The flags of every event with first_event < seq <= last_event, as they stand now."""
    opened: dict[int, None] = {}
    settled: dict[int, None] = {}
    at = first_event
    while page := events_between(connection, at, last_event, kinds=(*_OPENED, *_SETTLED), limit=_PAGE):
        for event in page:
            if event.flag is not None:
                (opened if event.kind in _OPENED else settled)[event.flag] = None
        at = page[-1].seq
    standing = dict.fromkeys(outages_at(connection, first_event))
    return Happenings(
        opened=_load(connection, opened), settled=_load(connection, settled), standing=_load(connection, standing)
    )


def turns_between(connection: Connection, first_event: int, last_event: int) -> Mapping[int, frozenset[str]]:
    """The flags of a stretch of events, in order, each with the kinds of what happened to it."""
    found: dict[int, set[str]] = {}
    at = first_event
    while page := events_between(connection, at, last_event, kinds=(*_OPENED, *_SETTLED), limit=_PAGE):
        for event in page:
            if event.flag is not None:
                found.setdefault(event.flag, set()).add(event.kind)
        at = page[-1].seq
    return {number: frozenset(kinds) for number, kinds in found.items()}


def flags_of(connection: Connection, numbers: Mapping[int, object]) -> tuple[FlagRecord, ...]:
    """Flags as they stand now, by number."""
    return _load(connection, dict.fromkeys(numbers))


def event_time(connection: Connection, seq: int) -> datetime | None:
    """When an event happened, or None where there is none of that number."""
    found = events_between(connection, seq - 1, seq, limit=1)
    return found[0].at if found else None


def coverage_of(
    connection: Connection,
    *,
    sources: Mapping[str, Source],
    claims: Mapping[str, Claim],
    period: Period,
    now: datetime,
) -> tuple[Coverage, tuple[tuple[str, str], ...]]:
    """How much stands behind a digest, and (source id, cause) of the pages whose latest visit gave nothing usable.

    A page counts as read where its latest visit lies in the period (or after it) and could use the answer.
    """
    watched = {name: source for name, source in sources.items() if source.enabled}
    states = {name: state for name, state in source_states(connection).items() if name in watched}
    blind = tuple(
        (name, state.reason or state.outcome.value)
        for name, state in states.items()
        if state.outcome in (Outcome.SUSPECT, Outcome.FAILED)
    )
    read = [
        name
        for name, state in states.items()
        if state.outcome in (Outcome.GOOD, Outcome.UNCHANGED) and state.checked_at >= period.start
    ]
    declared = {source.fact_key(rule) for source in watched.values() for rule in source.rules}
    known = known_facts(connection, sources=watched)
    located = [key for key, item in known.items() if key in declared and item.latest_state is FactState.LOCATED]
    visits = checks_between(connection, period.start, max(period.end, now))
    coverage = Coverage(
        sources=len(watched),
        sources_read=len(read),
        sources_unreadable=tuple(name for name, _ in blind),
        facts_declared=len(declared),
        facts_located=len(located),
        claims=len(claims),
        claims_watched=sum(bool(claim.expectations) for claim in claims.values()),
        checks=sum(visits.values()),
    )
    return coverage, blind


def _load(connection: Connection, numbers: Mapping[int, None]) -> tuple[FlagRecord, ...]:
    wanted = list(numbers)
    return tuple(
        record for start in range(0, len(wanted), 500) for record in load_flags(connection, wanted[start : start + 500])
    )
