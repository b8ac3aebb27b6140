"""Facts and claims in, standings and flags out: the judge of what needs a person.

The rules are house rules 5 to 10 and 14 of docs/architecture.md: claims are tested at every good check, one flag for
one change, the first visit opens contradictions only, pending values hold from their day on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.claims import Claim, Evidence, Expectation, Judgement, Operator, Outlook, Risk, Standing
from domain.comparison import BlockChange, Significance
from domain.facts import Fact, FactChange, FactState, KnownFact
from domain.flags import Flag, FlagReason, Severity
from domain.snapshots import CapturedBy
from domain.sources import Source
from domain.values import Kind, Value, value_to_json, value_words
from monitor.expect import Answer, Tried, try_expectation

OFFICIAL_ZONE = ZoneInfo("America/Toronto")
"""The zone in which the watched authorities' dates begin and end."""

UNREADABLE_AFTER = 3
"""Visits in a row without a usable answer before a person is asked: one is weather, three are a climate."""

_RANK = {Risk.CRITICAL: 0, Risk.HIGH: 1, Risk.MEDIUM: 2, Risk.LOW: 3}


def official_day(moment: datetime) -> date:
    """The day that a moment falls on where the rules are made."""
    return moment.astimezone(OFFICIAL_ZONE).date()


def in_force(fact: Fact, today: date) -> Fact:
    """The fact as it holds on a day: a pending value is current from its effective day on."""
    if fact.pending is None or fact.pending.effective > today:
        return fact
    return replace(fact, state=FactState.LOCATED, value=fact.pending.value, quote=fact.pending.quote, pending=None)


# -- standings ---------------------------------------------------------------


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
    tries = [
        try_expectation(expectation, current, today=official_day(now), accepted=accepted)
        for expectation in claim.expectations
    ]
    judged = [_standing(item, claim, known, sources, now) for item in tries]
    standing, reason, decisive = _combine(judged)
    if _sources_disagree(judged):
        standing, reason = Standing.SUSPECT, "sources disagree: " + "; ".join(_words(item.tried) for item in judged)
    outlook = next((item for item in (_outlook(item, current, now, accepted) for item in tries) if item), None)
    return _judgement(claim, decisive.tried, known, standing=standing, reason=reason, outlook=outlook)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """One tried expectation with the standing that it alone would give."""

    tried: Tried
    standing: Standing
    reason: str


_ORDER = (Standing.CONTRADICTED, Standing.SUSPECT, Standing.CANNOT_TELL, Standing.STALE, Standing.VERIFIED)


def _standing(
    tried: Tried, claim: Claim, known: Mapping[str, KnownFact], sources: Mapping[str, Source], now: datetime
) -> _Judged:
    match tried.answer:
        case Answer.UNMET:
            return _Judged(tried=tried, standing=Standing.CONTRADICTED, reason=tried.reason)
        case Answer.ASK:
            return _Judged(tried=tried, standing=Standing.SUSPECT, reason=tried.reason)
        case Answer.UNKNOWN:
            return _Judged(tried=tried, standing=Standing.CANNOT_TELL, reason=tried.reason)
        case Answer.MET:
            item = known[tried.expectation.fact]
            budget = freshness_of(tried.expectation.fact, claim, sources)
            if item.last_seen_at is not None and now - item.last_seen_at > budget:
                reason = f"last seen {official_day(item.last_seen_at).isoformat()}, fresh for {_days(budget)}"
                return _Judged(tried=tried, standing=Standing.STALE, reason=reason)
            return _Judged(tried=tried, standing=Standing.VERIFIED, reason="")


def freshness_of(key: str, claim: Claim | None, sources: Mapping[str, Source]) -> timedelta:
    """How long a reading of a fact holds: the shortest of what its rule and the claim say, else its source's."""
    source = sources.get(key.partition("#")[0])
    rule = source.rule_for(key) if source is not None else None
    stated = [item for item in (rule.freshness if rule else None, claim.freshness if claim else None) if item]
    return min(stated) if stated else (source.freshness if source is not None else timedelta(days=7))


def _days(span: timedelta) -> str:
    return f"{span.days} days" if span.days else f"{int(span.total_seconds() // 3600)} hours"


def _combine(judged: list[_Judged]) -> tuple[Standing, str, _Judged]:
    worst = min(judged, key=lambda item: _ORDER.index(item.standing))
    return worst.standing, worst.reason, worst


def _sources_disagree(judged: list[_Judged]) -> bool:
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


# -- flags -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one visit saw of its source, as far as flags depend on it."""

    source: Source
    first: bool
    changes: tuple[FactChange, ...]
    blocks: tuple[BlockChange, ...]
    confirmed: bool
    snapshot_before: str
    snapshot_after: str
    moved_to: str = ""


def change_flags(seen: Seen, claims: Iterable[Claim]) -> tuple[Flag, ...]:
    """Flags for what moved on a page: one for each fact change, one for prose that no fact change explains."""
    if seen.first:
        return ()
    claims = tuple(claims)
    flags = [_fact_flag(change, seen, claims) for change in seen.changes]
    prose = tuple(block for block in seen.blocks if _needs_eyes(block) and not _explained(block, seen.changes))
    if prose:
        flags.append(_prose_flag(prose, seen, claims))
    if seen.moved_to:
        flags.append(_moved_flag(seen))
    return tuple(flags)


def claim_flags(
    judgements: Iterable[Judgement],
    claims: Mapping[str, Claim],
    known: Mapping[str, KnownFact],
    *,
    source: str,
    covered: frozenset[tuple[str, str]],
    confirmed: bool = True,
) -> tuple[Flag, ...]:
    """Flags for claims of one source that a located value contradicts, or on which sources disagree.

    covered: pairs (claim, fact) whose present value is already the outcome of a flagged change; one change, one flag.
    """
    flags = []
    for item in judgements:
        disagree = item.standing is Standing.SUSPECT and item.reason.startswith("sources disagree")
        if not (item.standing is Standing.CONTRADICTED or disagree) or item.source != source or item.fact is None:
            continue
        if (item.claim, item.fact) in covered:
            continue
        reason = FlagReason.DISAGREEMENT if disagree else FlagReason.CONTRADICTED
        reading = known[item.fact]
        flags.append(
            Flag(
                identity=_identity(source, item.claim, reason.value, item.expected, item.found),
                reason=reason,
                severity=Severity(claims[item.claim].risk.value),
                source=source,
                fact=item.fact,
                claims=(item.claim,),
                confirmed=confirmed,
                after=reading.fact.value,
                quote_after=reading.fact.quote,
                detail=f"the guide expects: {item.expected}; the page gives: {item.found} ({item.reason})",
                snapshot_after=reading.snapshot,
                group=_identity(item.fact, reason.value, item.found),
            )
        )
    return tuple(flags)


def unreadable_flag(source: Source, claims: Iterable[Claim], *, failures: int, cause: str, detail: str) -> Flag | None:
    """The one flag for a page that cannot be read any more, once enough visits in a row agree; None before that."""
    if failures < UNREADABLE_AFTER:
        return None
    touched = tuple(claim for claim in claims if any(_on(source, item.fact) for item in claim.expectations))
    return Flag(
        identity=_identity(source.id, "", FlagReason.UNREADABLE.value),
        reason=FlagReason.UNREADABLE,
        severity=_severity(touched, least=Severity.MEDIUM),
        source=source.id,
        claims=tuple(claim.id for claim in touched),
        detail=f"{failures} visits in a row could not read it, the last because: {cause} {detail}".strip(),
        group=_identity("unreadable", source.url.split("/")[2] if "//" in source.url else source.id, cause),
    )


def stale_flags(
    source: Source, known: Mapping[str, KnownFact], claims: Iterable[Claim], *, now: datetime
) -> tuple[Flag, ...]:
    """Flags for facts that claims rest on and that have not been located for longer than their freshness."""
    claims = tuple(claims)
    flags = []
    for rule in source.rules:
        key = source.fact_key(rule)
        item = known.get(key)
        touched = _resting_on(key, claims)
        if item is None or item.last_seen_at is None or not touched:
            continue
        if item.latest_state is FactState.CANNOT_TELL and now - item.last_seen_at > freshness_of(
            key, None, {source.id: source}
        ):
            flags.append(
                Flag(
                    identity=_identity(source.id, key, FlagReason.STALE.value),
                    reason=FlagReason.STALE,
                    severity=_severity(touched, least=Severity.MEDIUM),
                    source=source.id,
                    fact=key,
                    claims=tuple(claim.id for claim in touched),
                    before=item.fact.value,
                    quote_before=item.fact.quote,
                    detail=f"not located since {official_day(item.last_seen_at).isoformat()}: {item.latest_reason}",
                    snapshot_before=item.snapshot,
                )
            )
    return tuple(flags)


def covered_by(change: FactChange, claims: Iterable[Claim]) -> frozenset[tuple[str, str]]:
    """The pairs (claim, fact) for which a flagged change already asks a person."""
    return frozenset((claim.id, change.key) for claim in _resting_on(change.key, claims))


def _fact_flag(change: FactChange, seen: Seen, claims: tuple[Claim, ...]) -> Flag:
    touched = _resting_on(change.key, claims)
    reason = FlagReason(change.change.value)
    return Flag(
        identity=_identity(
            seen.source.id,
            change.key,
            reason.value,
            _canonical(change.before),
            _canonical(change.after),
            change.effective,
        ),
        reason=reason,
        severity=_severity(touched, least=Severity.LOW),
        source=seen.source.id,
        fact=change.key,
        claims=tuple(claim.id for claim in touched),
        confirmed=seen.confirmed,
        before=change.before,
        after=change.after,
        quote_before=change.quote_before,
        quote_after=change.quote_after,
        detail=_change_words(change),
        snapshot_before=seen.snapshot_before,
        snapshot_after=seen.snapshot_after,
        group=_identity(change.key.partition("#")[2], _canonical(change.before), _canonical(change.after)),
    )


def _change_words(change: FactChange) -> str:
    parts = [] if change.effective is None else [f"effective {change.effective.isoformat()}"]
    parts += [f"added: {' | '.join(row)}" for row in change.added[:8]]
    parts += [f"removed: {' | '.join(row)}" for row in change.removed[:8]]
    parts += [f"altered: {' | '.join(old)} -> {' | '.join(new)}" for old, new in change.altered[:8]]
    hidden = max(0, len(change.added) - 8) + max(0, len(change.removed) - 8) + max(0, len(change.altered) - 8)
    return "; ".join(parts + [f"and {hidden} more"] * bool(hidden))


def _needs_eyes(block: BlockChange) -> bool:
    return block.significance is Significance.SUBSTANTIVE


def _explained(block: BlockChange, changes: tuple[FactChange, ...]) -> bool:
    """A block change is explained where a fact change was read from it, so it needs no flag of its own."""
    before, after = _flat(block.before), _flat(block.after)
    for change in changes:
        quotes = (_flat(change.quote_before), _flat(change.quote_after))
        if (quotes[0] and quotes[0] in before) or (quotes[1] and quotes[1] in after):
            return True
        rows = [*change.added, *change.removed, *(row for pair in change.altered for row in pair)]
        if any(_row_in(row, before) or _row_in(row, after) for row in rows):
            return True
    return False


def _row_in(row: tuple[str, ...], text: str) -> bool:
    cells = [_flat(cell) for cell in row if cell.strip()]
    return bool(cells) and bool(text) and sum(cell in text for cell in cells) * 2 > len(cells)


def _flat(text: str | None) -> str:
    return " ".join((text or "").casefold().split())


def _prose_flag(blocks: tuple[BlockChange, ...], seen: Seen, claims: tuple[Claim, ...]) -> Flag:
    """One flag for all prose of a visit. It touches the claims that rest on this page's words."""
    touched = tuple(claim for claim in claims if any(_prose_rests(item, seen.source) for item in claim.expectations))
    quotes_before = " … ".join(block.before for block in blocks if block.before)
    quotes_after = " … ".join(block.after for block in blocks if block.after)
    where = "; ".join(dict.fromkeys(" > ".join(block.path) for block in blocks if block.path))
    return Flag(
        identity=_identity(seen.source.id, "", FlagReason.ALTERED.value, quotes_before, quotes_after),
        reason=FlagReason.ALTERED,
        severity=_severity(touched, least=Severity.LOW, most=Severity.HIGH),
        source=seen.source.id,
        claims=tuple(claim.id for claim in touched),
        confirmed=seen.confirmed,
        quote_before=quotes_before[:4000],
        quote_after=quotes_after[:4000],
        detail=f"{len(blocks)} passage(s) changed{': ' + where[:400] if where else ''}",
        snapshot_before=seen.snapshot_before,
        snapshot_after=seen.snapshot_after,
        group=_identity("prose", quotes_before, quotes_after),
    )


def _moved_flag(seen: Seen) -> Flag:
    return Flag(
        identity=_identity(seen.source.id, "", FlagReason.PAGE_MOVED.value, seen.moved_to),
        reason=FlagReason.PAGE_MOVED,
        severity=Severity.LOW,
        source=seen.source.id,
        detail=f"{seen.source.url} now leads to {seen.moved_to}",
        snapshot_before=seen.snapshot_before,
        snapshot_after=seen.snapshot_after,
    )


_PROSE_OPERATORS = (Operator.SAYS, Operator.UNCHANGED, Operator.ABOUT)


def _prose_rests(item: Expectation, source: Source) -> bool:
    """Whether an expectation rests on this page's words rather than on a figure, a code or a row."""
    rule = source.rule_for(item.fact)
    return rule is not None and (
        item.operator in _PROSE_OPERATORS or rule.kind in (Kind.TEXT, Kind.YES_NO, Kind.STATUS)
    )


def _resting_on(key: str, claims: Iterable[Claim]) -> tuple[Claim, ...]:
    def rests(claim: Claim) -> bool:
        return any(
            item.fact == key or (item.operator in (Operator.SAME_AS, Operator.DIFFERS_FROM) and key in item.operand)
            for item in claim.expectations
        )

    return tuple(sorted((claim for claim in claims if rests(claim)), key=lambda claim: _RANK[claim.risk]))


def _on(source: Source, key: str) -> bool:
    return key.partition("#")[0] == source.id


_SEVERITIES = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)


def _severity(claims: Iterable[Claim], *, least: Severity, most: Severity = Severity.CRITICAL) -> Severity:
    """The highest risk of the claims touched, held between `least` and `most`."""
    rank = min((_RANK[claim.risk] for claim in claims), default=3)
    return _SEVERITIES[max(_SEVERITIES.index(most), min(rank, _SEVERITIES.index(least)))]


def _canonical(value: Value | None) -> str:
    return "" if value is None else json.dumps(value_to_json(value), sort_keys=True, ensure_ascii=False)


def _identity(*parts: object) -> str:
    text = "\x1f".join("" if part is None else str(part) for part in parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def value_line(value: Value | None) -> str:
    """A value in one line for people, or `nothing`."""
    return "nothing" if value is None else value_words(value)
