"""Changes and standings in, flags out: the judge of what needs a person.

The rules are house rules 5, 7, 8 and 9 of docs/architecture.md: one flag for one change, prose that no fact explains is
flagged too, the first visit opens contradictions only, and equal changes share a group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from domain.claims import Claim, Judgement, Risk, Standing
from domain.comparison import BlockChange
from domain.facts import Fact, FactChange, FactState, KnownFact
from domain.flags import Flag, FlagReason, Severity
from domain.sources import Source
from domain.values import Value, value_words
from monitor.case_keys import canonical, come_to, fact_name, group_of, identity_of, outcome_of, said_of
from monitor.impact import (
    asks,
    held_against,
    in_its_place,
    needs_eyes,
    prose_rests,
    resting_on,
    still_holds,
    stood_in,
    told_by_another,
)
from monitor.places import said_places
from monitor.quantities import same_value
from monitor.standings import freshness_of, official_day

UNREADABLE_AFTER = 3
"""Visits in a row without a usable answer before a person is asked: one is weather, three are a climate."""

FROZEN_AFTER = timedelta(days=30)
"""How long a page may lag behind the pages it is kept up with."""

_RANK = {Risk.CRITICAL: 0, Risk.HIGH: 1, Risk.MEDIUM: 2, Risk.LOW: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one visit saw of its source, as far as flags depend on it.

    earlier: facts of the baseline. lost: those of them that this capture no longer tells.
    twins: what the page in the other language gives, by the fact key of this source. today: the day on which a change
    is held against what claims ask; where it is not known, every touched claim counts as at stake.
    """

    source: Source
    first: bool
    changes: tuple[FactChange, ...]
    blocks: tuple[BlockChange, ...]
    confirmed: bool
    snapshot_before: str
    snapshot_after: str
    earlier: tuple[Fact, ...] = ()
    lost: tuple[Fact, ...] = ()
    moved_to: str = ""
    today: date | None = None
    twins: Mapping[str, KnownFact] = field(default_factory=dict)


def change_flags(seen: Seen, claims: Iterable[Claim]) -> tuple[Flag, ...]:
    """Flags for what moved on a page: one for each fact change, one for prose that no fact change explains."""
    claims = tuple(claims)
    if seen.first:
        return (_arrived_flag(seen),) if seen.source.awaited else ()
    changes = tuple(in_its_place(change, seen.blocks) for change in seen.changes)
    told = tuple(change for change in changes if not told_by_another(change, changes, claims, today=seen.today))
    flags = [_fact_flag(change, seen, claims, told) for change in told]
    prose = tuple(block for block in seen.blocks if needs_eyes(block, changes))
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
    covered: frozenset[tuple[str, str]],
    confirmed: bool = True,
    twins: Mapping[str, str] | None = None,
) -> tuple[Flag, ...]:
    """Flags for claims that a located value contradicts, or on which sources disagree; each stands on the fact's page.

    covered: pairs (claim, fact) whose present value is already the outcome of a flagged change; one change, one flag.
    twins: the key of the same fact on the page in the other language, by fact key.
    """
    flags = []
    for item in judgements:
        doubted = disagree(item)
        if not (item.standing is Standing.CONTRADICTED or doubted) or item.source is None or item.fact is None:
            continue
        told = (item.fact, (twins or {}).get(item.fact, ""), *held_against(claims[item.claim], item.fact))
        if any((item.claim, key) in covered for key in told):
            continue
        reason = FlagReason.DISAGREEMENT if doubted else FlagReason.CONTRADICTED
        reading = known[item.fact]
        # Of the value and not of the words for it: typography, or how many days ago it was, is no new contradiction.
        said = said_of(reading.fact.value)
        flags.append(
            Flag(
                identity=identity_of(item.source, item.claim, reason.value, item.expected, said),
                reason=reason,
                severity=Severity(claims[item.claim].risk.value),
                source=item.source,
                fact=item.fact,
                claims=(item.claim,),
                confirmed=confirmed,
                after=reading.fact.value,
                quote_after=reading.fact.quote,
                detail=f"the guide expects: {item.expected}; the page gives: {item.found} ({item.reason})",
                snapshot_after=reading.snapshot,
                group=identity_of(item.fact, reason.value, said),
                alike=(identity_of("doubted", item.claim), identity_of("to", item.claim, come_to(reading.fact.value))),
            )
        )
    return tuple(flags)


def disagree(item: Judgement) -> bool:
    """Whether a claim is doubted because its sources say different things."""
    return item.standing is Standing.SUSPECT and item.reason.startswith("sources disagree")


def unreadable_flag(source: Source, claims: Iterable[Claim], *, failures: int, cause: str, detail: str) -> Flag | None:
    """The one flag for a page that cannot be read any more, once enough visits in a row agree; None before that."""
    if failures < UNREADABLE_AFTER:
        return None
    touched = tuple(claim for claim in claims if any(_on(source, item.fact) for item in claim.expectations))
    return Flag(
        identity=identity_of(source.id, "", FlagReason.UNREADABLE.value),
        reason=FlagReason.UNREADABLE,
        severity=_severity(touched, least=Severity.MEDIUM),
        source=source.id,
        claims=tuple(claim.id for claim in touched),
        detail=f"{failures} visits in a row could not read it, the last because: {cause} {detail}".strip(),
        group=identity_of("unreadable", source.url.split("/")[2] if "//" in source.url else source.id, cause),
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
        touched = resting_on(key, claims)
        if item is None or item.last_seen_at is None or not touched:
            continue
        if item.latest_state is FactState.CANNOT_TELL and now - item.last_seen_at > freshness_of(
            key, None, {source.id: source}
        ):
            flags.append(
                Flag(
                    identity=identity_of(source.id, key, FlagReason.STALE.value),
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


def _fact_flag(change: FactChange, seen: Seen, claims: tuple[Claim, ...], told: tuple[FactChange, ...]) -> Flag:
    resting = resting_on(change.key, claims, counterpart=seen.source.counterpart)
    at_stake = [
        claim for claim in resting if asks(claim, change.key) and not still_holds(claim, change, today=seen.today)
    ]
    touched = (*at_stake, *(claim for claim in resting if claim not in at_stake))
    reminded = [claim for claim in touched if change.key in claim.context]
    twin = f"{seen.source.counterpart}#{fact_name(change.key)}"
    asking = [claim for claim in touched if asks(claim, change.key) and asks(claim, twin)]
    reason = FlagReason(change.change.value)
    held = twin_holds(change.after, seen.twins.get(change.key))
    return Flag(
        identity=identity_of(
            seen.source.id,
            change.key,
            reason.value,
            canonical(change.before),
            canonical(change.after),
            change.effective,
        ),
        reason=reason,
        severity=max(
            _severity(at_stake, least=Severity.LOW),
            _severity(reminded, least=Severity.LOW, most=Severity.MEDIUM),
            key=_SEVERITIES[::-1].index,
        ),
        source=seen.source.id,
        fact=change.key,
        claims=tuple(claim.id for claim in touched),
        confirmed=seen.confirmed and not held,
        before=change.before,
        after=change.after,
        quote_before=change.quote_before,
        quote_after=change.quote_after,
        detail="; ".join(part for part in (_change_words(change), held) if part),
        snapshot_before=seen.snapshot_before,
        snapshot_after=seen.snapshot_after,
        group=group_of(change, touched, told),
        alike=tuple(identity_of("to", claim.id, outcome_of(change)) for claim in asking),
    )


def twin_holds(after: Value | None, twin: KnownFact | None) -> str:
    """Why a change is not confirmed yet: the page in the other language gives something else; "" where it does not."""
    if twin is None or twin.latest_state is not FactState.LOCATED or twin.fact.value is None:
        return ""
    if after is not None and same_value(after, twin.fact.value) is not False:
        return ""
    return f"when this was seen, {twin.fact.key} still gave {value_words(twin.fact.value)}"


def _change_words(change: FactChange) -> str:
    parts = [] if change.effective is None else [f"effective {change.effective.isoformat()}"]
    parts += [f"added: {' | '.join(row)}" for row in change.added[:8]]
    parts += [f"removed: {' | '.join(row)}" for row in change.removed[:8]]
    parts += [f"altered: {' | '.join(old)} -> {' | '.join(new)}" for old, new in change.altered[:8]]
    hidden = max(0, len(change.added) - 8) + max(0, len(change.removed) - 8) + max(0, len(change.altered) - 8)
    return "; ".join(parts + [f"and {hidden} more"] * bool(hidden))


def _prose_flag(blocks: tuple[BlockChange, ...], seen: Seen, claims: tuple[Claim, ...]) -> Flag:
    """One flag for all prose of a visit. It touches the claims that rest on the words, or on a fact read from them."""
    changed = {change.key for change in seen.changes}
    read = {fact.key for fact in seen.earlier if fact.key not in changed and stood_in(fact, blocks)}
    lost = [fact.key for fact in seen.lost if fact.key in read]
    touched = tuple(
        claim
        for claim in claims
        if any(item.fact in read or prose_rests(item, seen.source, blocks) for item in claim.expectations)
    )
    quotes_before = " … ".join(block.before for block in blocks if block.before)
    quotes_after = " … ".join(block.after for block in blocks if block.after)
    return Flag(
        identity=identity_of(seen.source.id, "", FlagReason.ALTERED.value, quotes_before, quotes_after),
        reason=FlagReason.ALTERED,
        severity=_severity(touched, least=Severity.LOW, most=Severity.HIGH),
        source=seen.source.id,
        claims=tuple(claim.id for claim in touched),
        confirmed=seen.confirmed,
        quote_before=quotes_before[:4000],
        quote_after=quotes_after[:4000],
        detail=said_places(blocks) + (f"; no longer told: {', '.join(lost)}" if lost else ""),
        snapshot_before=seen.snapshot_before,
        snapshot_after=seen.snapshot_after,
        group=identity_of("prose", quotes_before, quotes_after),
    )


def _arrived_flag(seen: Seen) -> Flag:
    return Flag(
        identity=identity_of(seen.source.id, "", FlagReason.APPEARED.value, "page"),
        reason=FlagReason.APPEARED,
        severity=Severity.MEDIUM,
        source=seen.source.id,
        confirmed=seen.confirmed,
        detail=f"the awaited page answers now: {seen.source.title}, {seen.source.url}; give it facts, or drop it",
        snapshot_after=seen.snapshot_after,
    )


def frozen_flag(
    source: Source, moved: Mapping[str, datetime], claims: Iterable[Claim], *, now: datetime
) -> Flag | None:
    """The flag for a page that stood still while a page that is kept up together with it moved; None where it did not.

    moved: when each of them last changed in substance (or was first seen). A page that is merely later is given time.
    """
    siblings = {name: moved[name] for name in source.moves_with if name in moved}
    if source.id not in moved or not siblings:
        return None
    sibling, at = max(siblings.items(), key=lambda item: item[1])
    if at <= moved[source.id] or now - at < FROZEN_AFTER:
        return None
    touched = tuple(claim for claim in claims if any(_on(source, item.fact) for item in claim.expectations))
    return Flag(
        identity=identity_of(source.id, "", FlagReason.PAGE_FROZEN.value, sibling, at.isoformat()),
        reason=FlagReason.PAGE_FROZEN,
        severity=_severity(touched, least=Severity.LOW, most=Severity.MEDIUM),
        source=source.id,
        claims=tuple(claim.id for claim in touched),
        detail=f"{sibling} changed on {official_day(at).isoformat()}; this page is as it was",
    )


def _moved_flag(seen: Seen) -> Flag:
    return Flag(
        identity=identity_of(seen.source.id, "", FlagReason.PAGE_MOVED.value, seen.moved_to),
        reason=FlagReason.PAGE_MOVED,
        severity=Severity.LOW,
        source=seen.source.id,
        detail=f"{seen.source.url} now leads to {seen.moved_to}",
        snapshot_before=seen.snapshot_before,
        snapshot_after=seen.snapshot_after,
    )


def _on(source: Source, key: str) -> bool:
    return key.partition("#")[0] == source.id


_SEVERITIES = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)


def _severity(claims: Iterable[Claim], *, least: Severity, most: Severity = Severity.CRITICAL) -> Severity:
    """The highest risk of the claims touched, held between `least` and `most`."""
    rank = min((_RANK[claim.risk] for claim in claims), default=3)
    return _SEVERITIES[max(_SEVERITIES.index(most), min(rank, _SEVERITIES.index(least)))]


def value_line(value: Value | None) -> str:
    """A value in one line for people, or `nothing`."""
    return "nothing" if value is None else value_words(value)
