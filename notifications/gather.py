"""What the store knows about a stretch of events and of time, in the shape that `compose` takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.checks import Outcome
from domain.claims import Claim
from domain.digests import Coverage, Period
from domain.facts import FactState
from domain.flags import FlagReason, FlagRecord, Outage
from domain.sources import Source
from notifications.incidents import over_before, runs_of, site_of
from storage.checks import checks_between, source_states
from storage.events import events_between
from storage.facts import known_facts
from storage.flags import load_flags
from storage.outages import outages_of, pages_out
from storage.store import Connection

_OPENED = ("flag_opened", "flag_undone", "flag_confirmed")
_SETTLED = ("flag_decided", "flag_closed")
_PAGE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Happenings:
    """Flags that a stretch of events opened (or opened again), and those that it decided or closed.

    Flags of pages that cannot be read are told apart from these: outages are all of every incident that was going on
    when the stretch began, or began in it.
    """

    opened: tuple[FlagRecord, ...]
    settled: tuple[FlagRecord, ...]
    outages: tuple[Outage, ...] = ()


def happenings(
    connection: Connection,
    *,
    first_event: int,
    last_event: int,
    sources: Mapping[str, Source],
    until: datetime | None = None,
) -> Happenings:
    """The flags of every event with first_event < seq <= last_event, as they stand now. until: as they stood then."""
    opened: dict[int, None] = {}
    settled: dict[int, None] = {}
    at = first_event
    while page := events_between(connection, at, last_event, kinds=(*_OPENED, *_SETTLED), limit=_PAGE):
        for event in page:
            if event.flag is not None:
                (opened if event.kind in _OPENED else settled)[event.flag] = None
        at = page[-1].seq
    return Happenings(
        opened=_changes(connection, opened, until),
        settled=_changes(connection, settled, until),
        outages=_outages(connection, first_event, last_event, sources),
    )


def _changes(connection: Connection, numbers: Mapping[int, None], until: datetime | None) -> tuple[FlagRecord, ...]:
    found = _load(connection, numbers, until)
    return tuple(record for record in found if record.flag.reason is not FlagReason.UNREADABLE)


def _outages(
    connection: Connection, first_event: int, last_event: int, sources: Mapping[str, Source]
) -> tuple[Outage, ...]:
    out = pages_out(connection, first_event)
    sites = {site_of(name, sources) for name in out}
    pages = out.union(name for name in sources if site_of(name, sources) in sites)
    runs = runs_of(outages_of(connection, pages, until=last_event), sources)
    return tuple(outage for _, run in runs if not over_before(run, first_event) for outage in run)


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


def _load(connection: Connection, numbers: Mapping[int, None], until: datetime | None = None) -> tuple[FlagRecord, ...]:
    wanted = list(numbers)
    return tuple(
        record
        for start in range(0, len(wanted), 500)
        for record in load_flags(connection, wanted[start : start + 500], until=until)
    )
