"""One source laid open: its facts with their freshness, its outcomes as a strip, its captures, what rests on it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.checks import Outcome
from domain.claims import Claim
from domain.facts import Fact, FactState, KnownFact
from domain.snapshots import CapturedBy, Origin
from domain.sources import Cadence, Rule, Source
from domain.values import value_words
from monitor.standings import TELLABLE, freshness_of

STRIP = 60
"""Checks in the strip."""

LONGEST_QUOTE = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class FactLine:
    """A declared fact as it stands, or stood. state: of the newest check. value: "" where none was ever read.

    reason: why the newest check did not locate it. stale: not seen for longer than it may be.
    pending: the announced value with its day, where there is one.
    """

    key: str
    name: str
    kind: str
    state: FactState
    value: str
    quote: str
    locator: str
    reason: str
    seen_at: datetime | None
    since: datetime | None
    capture: str
    stale: bool
    pending: str
    pending_from: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """One check in the strip: a bar of its colour and height, with words for those who do not see it."""

    x: int
    y: int
    height: int
    outcome: Outcome
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """The newest checks from old to new. width: of the drawing. counts: by outcome, those that occur."""

    strokes: tuple[Stroke, ...]
    width: int
    counts: tuple[tuple[Outcome, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A capture of the timeline. times: visits in a row that brought the same bytes, `at` being the newest of them."""

    digest: str
    at: datetime
    first_at: datetime
    captured_by: CapturedBy
    origin: Origin
    size: str
    outcome: Outcome | None
    reason: str
    verdict: str
    times: int = 1


def fact_lines(source: Source, known: Mapping[str, KnownFact], *, now: datetime) -> tuple[FactLine, ...]:
    """Every declared fact, in the order declared."""
    return tuple(_line(source, rule, known.get(source.fact_key(rule)), now) for rule in source.rules)


def _line(source: Source, rule: Rule, item: KnownFact | None, now: datetime) -> FactLine:
    fact = Fact(key=source.fact_key(rule), state=FactState.CANNOT_TELL) if item is None else item.fact
    seen = None if item is None else item.last_seen_at
    state, reason = (fact.state, "") if item is None else (item.latest_state, item.latest_reason)
    return FactLine(
        key=fact.key,
        name=rule.key,
        kind=rule.kind.value,
        state=state,
        value="" if fact.value is None else value_words(fact.value),
        quote=fact.quote if len(fact.quote) <= LONGEST_QUOTE else fact.quote[: LONGEST_QUOTE - 1] + "…",
        locator=fact.locator,
        reason=reason or ("" if state is FactState.LOCATED else fact.reason),
        seen_at=seen,
        since=None if item is None else item.first_seen_at,
        capture="" if item is None else item.snapshot,
        stale=seen is not None and now - seen > freshness_of(fact.key, None, {source.id: source}),
        pending="" if fact.pending is None else value_words(fact.pending.value),
        pending_from=None if fact.pending is None else fact.pending.effective,
    )


_HEIGHTS = {
    Outcome.GOOD: 24,
    Outcome.UNCHANGED: 14,
    Outcome.SUSPECT: 24,
    Outcome.FAILED: 24,
    Outcome.SKIPPED: 6,
}


def strip_of(visits: Iterable[tuple[Outcome, datetime, str]]) -> Strip:
    """The strip of checks (outcome, time, reason), given newest first and drawn from old to new."""
    ordered = tuple(visits)[:STRIP][::-1]
    strokes = tuple(
        Stroke(x=at * 10, y=24 - _HEIGHTS[outcome], height=_HEIGHTS[outcome], outcome=outcome, at=when, reason=reason)
        for at, (outcome, when, reason) in enumerate(ordered)
    )
    counts = Counter(outcome for outcome, _, _ in ordered)
    return Strip(
        strokes=strokes,
        width=max(10 * len(strokes), 10),
        counts=tuple((outcome, counts[outcome]) for outcome in Outcome if counts[outcome]),
    )


def timeline(captures: Sequence[Capture]) -> tuple[Capture, ...]:
    """Captures given newest first; the same bytes in a row become one line, which stands where the newest stood."""
    lines: list[Capture] = []
    for item in captures:
        last = lines[-1] if lines else None
        if last is not None and last.digest == item.digest:
            lines[-1] = Capture(
                digest=last.digest,
                at=last.at,
                first_at=item.first_at,
                captured_by=last.captured_by,
                origin=last.origin,
                size=last.size,
                # What the first of them changed is what the line is about; those after it changed nothing.
                outcome=item.outcome or last.outcome,
                reason=item.reason if item.outcome else last.reason,
                verdict=item.verdict or last.verdict,
                times=last.times + 1,
            )
        else:
            lines.append(item)
    return tuple(lines)


def resting_on(source: str, claims: Iterable[Claim]) -> tuple[tuple[Claim, str], ...]:
    """The claims that rest on a source, each with how: `tested`, `warned` or `reminded` by it."""
    found = []
    for claim in claims:
        for how, keys in (
            ("tested", [item.fact for item in claim.expectations]),
            ("warned", list(claim.warned_by)),
            ("reminded", list(claim.context)),
        ):
            if any(key.partition("#")[0] == source for key in keys):
                found.append((claim, how))
                break
    return tuple(found)


def relatives(source: Source, sources: Mapping[str, Source]) -> tuple[Source, ...]:
    """The pages that are kept up together with this one, whichever of them says so."""
    names = dict.fromkeys(source.moves_with)
    names |= dict.fromkeys(other.id for other in sources.values() if source.id in other.moves_with)
    return tuple(sources[name] for name in names if name in sources and name != source.counterpart)


def cadence_words(cadence: Cadence) -> str:
    """`12 h`, `7 d`, or the cron expression as written."""
    if cadence.every is None:
        return f"{cadence.cron} ({cadence.timezone})"
    hours, rest = divmod(cadence.every, timedelta(hours=1))
    if rest:
        return f"{cadence.every // timedelta(minutes=1)} min"
    return f"{hours // 24} d" if hours % 24 == 0 else f"{hours} h"


def end_of(day: str, zone: ZoneInfo) -> datetime | None:
    """The last moment of a day (ISO) in a zone; None where it is no day."""
    try:
        chosen = date.fromisoformat(day)
        if chosen.year not in TELLABLE:
            return None
        midnight = datetime(chosen.year, chosen.month, chosen.day, tzinfo=zone) + timedelta(days=1)
    except (ValueError, OverflowError):
        return None
    return midnight - timedelta(microseconds=1)
