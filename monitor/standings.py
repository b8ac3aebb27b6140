"""Facts and claims in, standings out: how every statement of the guide stands, and why.

The rules are house rules 6, 10, 12 and 14: numbers may contradict by themselves, prose may only ask; what has not been
seen for its freshness is stale; pending values hold from their day on; a stamp is earned by a dated capture.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.claims import Claim, Evidence, Judgement, Operator, Outlook, Standing
from domain.facts import Fact, FactState, KnownFact
from domain.snapshots import CapturedBy
from domain.sources import Source
from domain.values import Value, value_words
from monitor.expect import Tried, try_expectation
from monitor.operators import Answer
from monitor.quantities import same_value

OFFICIAL_ZONE = ZoneInfo("America/Toronto")
"""The zone in which the watched authorities' dates begin and end."""


TELLABLE = range(1900, 2900)
"""Years of days that can be asked about: spans can be taken from them, in any zone, without running out of calendar."""


def official_day(moment: datetime) -> date:
    """The day that a moment falls on where the rules are made."""
    return moment.astimezone(OFFICIAL_ZONE).date()


def end_of_day(day: str) -> datetime:
    """The last moment of an official day, or the moment where one is named. Raises ValueError."""
    parsed = datetime.fromisoformat(day)
    if len(day) > 10:
        return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return datetime.combine(parsed.date(), time.max, tzinfo=OFFICIAL_ZONE).astimezone(UTC)


def in_force(fact: Fact, today: date) -> Fact:
    """The fact as it holds on a day: a pending value is current from its effective day on."""
    if fact.pending is None or fact.pending.effective > today:
        return fact
    return replace(fact, state=FactState.LOCATED, value=fact.pending.value, quote=fact.pending.quote, pending=None)


def judge_claims(
    claims: Iterable[Claim],
    known: Mapping[str, KnownFact],
    *,
    sources: Mapping[str, Source],
    now: datetime,
    accepted: Mapping[str, Value] | None = None,
) -> tuple[Judgement, ...]:
    """One judgement for each claim, in order, as of `now`.

    known: by fact key. accepted: values that a person accepted, for `unchanged` expectations.
    """
    today = official_day(now)
    current = {key: in_force(item.fact, today) for key, item in known.items()}
    return tuple(_judge(claim, known, current, sources=sources, now=now, accepted=accepted or {}) for claim in claims)


def _judge(
    claim: Claim,
    known: Mapping[str, KnownFact],
    current: Mapping[str, Fact],
    *,
    sources: Mapping[str, Source],
    now: datetime,
    accepted: Mapping[str, Value],
) -> Judgement:
    if not claim.expectations:
        return Judgement(claim=claim.id, standing=Standing.UNWATCHED, reason=claim.unwatched or "no source is watched")
    judged = _tested(claim, known, current, sources=sources, now=now, accepted=accepted)
    tries = [item.tried for item in judged]
    standing, reason, decisive = _combine(judged)
    if _sources_disagree(judged):
        standing, reason = Standing.SUSPECT, "sources disagree: " + "; ".join(_words(item.tried) for item in judged)
    twins = next((words for item in tries if (words := _twins_differ(item, known, current, sources))), "")
    if twins and standing in (Standing.VERIFIED, Standing.CONTRADICTED, Standing.STALE):
        standing, reason = Standing.SUSPECT, f"sources disagree: {twins}"
    outlook = next((item for item in (_outlook(item, current, now, accepted) for item in tries) if item), None)
    outlook = outlook or _warning(claim, current, sources)
    return _judgement(claim, decisive.tried, known, standing=standing, reason=reason, outlook=outlook)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """One tried expectation with the standing that it alone would give."""

    tried: Tried
    standing: Standing
    reason: str


def each_tested(
    claim: Claim,
    known: Mapping[str, KnownFact],
    *,
    sources: Mapping[str, Source],
    now: datetime,
    accepted: Mapping[str, Value] | None = None,
) -> tuple[Tested, ...]:
    """Each expectation of a claim by itself, in order, by what `judge_claims` goes by."""
    today = official_day(now)
    current = {key: in_force(item.fact, today) for key, item in known.items()}
    return tuple(_tested(claim, known, current, sources=sources, now=now, accepted=accepted or {}))


def _tested(
    claim: Claim,
    known: Mapping[str, KnownFact],
    current: Mapping[str, Fact],
    *,
    sources: Mapping[str, Source],
    now: datetime,
    accepted: Mapping[str, Value],
) -> list[Tested]:
    tries = (
        try_expectation(expectation, current, today=official_day(now), accepted=accepted)
        for expectation in claim.expectations
    )
    return [_standing(item, claim, known, sources, now) for item in tries]


_ORDER = (Standing.CONTRADICTED, Standing.SUSPECT, Standing.CANNOT_TELL, Standing.STALE, Standing.VERIFIED)


def _standing(
    tried: Tried, claim: Claim, known: Mapping[str, KnownFact], sources: Mapping[str, Source], now: datetime
) -> Tested:
    match tried.answer:
        case Answer.UNMET:
            return Tested(tried=tried, standing=Standing.CONTRADICTED, reason=tried.reason)
        case Answer.ASK:
            return Tested(tried=tried, standing=Standing.SUSPECT, reason=tried.reason)
        case Answer.UNKNOWN:
            return Tested(tried=tried, standing=Standing.CANNOT_TELL, reason=tried.reason)
        case Answer.MET:
            item = known[tried.expectation.fact]
            budget = freshness_of(tried.expectation.fact, claim, sources)
            if item.last_seen_at is not None and now - item.last_seen_at > budget:
                reason = f"last seen {official_day(item.last_seen_at).isoformat()}, fresh for {_days(budget)}"
                return Tested(tried=tried, standing=Standing.STALE, reason=reason)
            return Tested(tried=tried, standing=Standing.VERIFIED, reason="")


def freshness_of(key: str, claim: Claim | None, sources: Mapping[str, Source]) -> timedelta:
    """How long a reading of a fact holds: the shortest of what its rule and the claim say, else its source's."""
    source = sources.get(key.partition("#")[0])
    rule = source.rule_for(key) if source is not None else None
    stated = [item for item in (rule.freshness if rule else None, claim.freshness if claim else None) if item]
    return min(stated) if stated else (source.freshness if source is not None else timedelta(days=7))


def _days(span: timedelta) -> str:
    return f"{span.days} days" if span.days else f"{int(span.total_seconds() // 3600)} hours"


def _combine(judged: list[Tested]) -> tuple[Standing, str, Tested]:
    worst = min(judged, key=lambda item: _ORDER.index(item.standing))
    return worst.standing, worst.reason, worst


def _sources_disagree(judged: list[Tested]) -> bool:
    """The same question to two pages, one saying yes and another no."""
    asked: dict[tuple[Operator, tuple[str, ...]], dict[str, set[Standing]]] = {}
    for item in judged:
        question = (item.tried.expectation.operator, item.tried.expectation.operand)
        page = item.tried.expectation.fact.partition("#")[0]
        asked.setdefault(question, {}).setdefault(page, set()).add(item.standing)
    for pages in asked.values():
        standings = set().union(*pages.values())
        if len(pages) > 1 and {Standing.CONTRADICTED, Standing.VERIFIED} <= standings:
            return True
    return False


def _words(tried: Tried) -> str:
    return f"{tried.expectation.fact} {tried.found or tried.reason}"


def _twins_differ(
    tried: Tried, known: Mapping[str, KnownFact], current: Mapping[str, Fact], sources: Mapping[str, Source]
) -> str:
    """Both values, where the page in the other language gives another figure at its newest reading; "" otherwise."""
    key = tried.expectation.fact
    other = twin_of(key, sources)
    here, there = current.get(key), current.get(other)
    if here is None or there is None or here.value is None or there.value is None:
        return ""
    read = all(known[name].latest_state is FactState.LOCATED for name in (key, other))
    if not read or same_value(here.value, there.value) is not False:
        return ""
    return f"{key} {value_words(here.value)}; {other} {value_words(there.value)}"


def twin_of(key: str, sources: Mapping[str, Source]) -> str:
    """The key of the same fact on the page in the other language, or "" where it has no twin."""
    name, _, fact = key.partition("#")
    source = sources.get(name)
    twin = sources.get(source.counterpart) if source is not None and source.counterpart else None
    return "" if twin is None or twin.rule_for(f"{twin.id}#{fact}") is None else f"{twin.id}#{fact}"


def _warning(claim: Claim, current: Mapping[str, Fact], sources: Mapping[str, Source]) -> Outlook | None:
    """What a proposal or a piece of news puts at risk; it can never contradict."""
    for key in claim.warned_by:
        fact = current.get(key)
        if fact is not None and fact.state is FactState.LOCATED:
            source = sources.get(key.partition("#")[0])
            return Outlook(at_risk=f"{source.title if source else key}: {fact.quote[:300]}")
    return None


def _outlook(tried: Tried, current: Mapping[str, Fact], now: datetime, accepted: Mapping[str, Value]) -> Outlook | None:
    fact = current.get(tried.expectation.fact)
    if fact is None or fact.pending is None:
        return None
    later = {**current, fact.key: in_force(fact, fact.pending.effective)}
    then = try_expectation(
        tried.expectation, later, today=max(official_day(now), fact.pending.effective), accepted=accepted
    )
    at_risk = "" if then.answer is tried.answer else f"{then.answer.value} from then on: {then.reason or then.found}"
    return Outlook(pending=fact.pending.value, effective=fact.pending.effective, at_risk=at_risk)


def _judgement(
    claim: Claim,
    tried: Tried,
    known: Mapping[str, KnownFact],
    *,
    standing: Standing,
    reason: str,
    outlook: Outlook | None,
) -> Judgement:
    key = tried.expectation.fact
    item = known.get(key)
    located = item is not None and item.fact.state is FactState.LOCATED
    proven = item is not None and located and item.captured_by is CapturedBy.DATE
    earned = standing in (Standing.VERIFIED, Standing.STALE)
    return Judgement(
        claim=claim.id,
        standing=standing,
        reason=reason,
        expected=tried.expected,
        found=tried.found,
        fact=key,
        source=key.partition("#")[0],
        verified_on=item.last_seen_at if item is not None and proven and earned else None,
        evidence=Evidence(snapshot=item.snapshot, quote=item.fact.quote, locator=item.fact.locator)
        if item is not None and located
        else None,
        outlook=outlook,
    )
