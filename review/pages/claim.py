"""One claim laid open: each expectation with what was found, what is coming, what it rests on. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.claims import Claim, Judgement, Operator, Standing
from domain.facts import KnownFact
from domain.sources import Source
from domain.values import value_words
from monitor.standings import Tested, freshness_of, official_day
from review.pages.chart import Step, steps_of

MOST_CHANGES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One expectation: what is asked of which fact, what was found, and what that alone says."""

    standing: Standing
    reason: str
    expected: str
    found: str
    fact: RestsOn


@dataclass(frozen=True, slots=True, kw_only=True)
class RestsOn:
    """A fact. role: `asked`, `held against`, `warns` or `context`. values: newest first, only where it changed."""

    key: str
    role: str
    source: Source | None
    known: KnownFact | None
    words: str
    fresh_until: datetime | None
    values: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimView:
    """What the page of one claim shows. pages: the sources that it has to do with. decisive: the one that its standing is due to."""

    claim: Claim
    judgement: Judgement
    tests: tuple[Test, ...]
    others: tuple[RestsOn, ...]
    pages: tuple[Source, ...]
    decisive: Source | None
    days_left: int | None


def keys_of(claim: Claim) -> tuple[str, ...]:
    """Every fact that the claim has to do with, each once."""
    return tuple(_roles(claim))


def claim_view(
    claim: Claim,
    judgement: Judgement,
    tested: tuple[Tested, ...],
    *,
    known: Mapping[str, KnownFact],
    histories: Mapping[str, tuple[KnownFact, ...]],
    sources: Mapping[str, Source],
    now: datetime,
) -> ClaimView:
    """The claim as of `now`. histories: readings of each of its facts, oldest first."""
    roles = _roles(claim)
    facts = {
        key: _rests_on(key, role, claim, known.get(key), histories.get(key, ()), sources) for key, role in roles.items()
    }
    outlook = judgement.outlook
    return ClaimView(
        claim=claim,
        judgement=judgement,
        tests=tuple(
            Test(
                standing=item.standing,
                reason=item.reason,
                expected=item.tried.expected,
                found=item.tried.found,
                fact=facts[item.tried.expectation.fact],
            )
            for item in tested
        ),
        others=tuple(fact for fact in facts.values() if fact.role != "asked"),
        pages=tuple(sources[name] for name in dict.fromkeys(key.partition("#")[0] for key in roles) if name in sources),
        decisive=sources.get((judgement.fact or "").partition("#")[0]),
        days_left=(outlook.effective - official_day(now)).days if outlook and outlook.effective else None,
    )


def _roles(claim: Claim) -> dict[str, str]:
    """Each fact with what it is to the claim; what it is asked for goes before all else."""
    held = (
        key
        for item in claim.expectations
        if item.operator in (Operator.SAME_AS, Operator.DIFFERS_FROM)
        for key in item.operand
    )
    roles = dict.fromkeys((item.fact for item in claim.expectations), "asked")
    for role, keys in (("held against", held), ("warns", claim.warned_by), ("context", claim.context)):
        for key in keys:
            roles.setdefault(key, role)
    return roles


def _rests_on(
    key: str,
    role: str,
    claim: Claim,
    known: KnownFact | None,
    history: tuple[KnownFact, ...],
    sources: Mapping[str, Source],
) -> RestsOn:
    seen = None if known is None else known.last_seen_at
    return RestsOn(
        key=key,
        role=role,
        source=sources.get(key.partition("#")[0]),
        known=known,
        words="" if known is None or known.fact.value is None else value_words(known.fact.value),
        fresh_until=None if seen is None else seen + freshness_of(key, claim, sources),
        values=steps_of(history)[: -MOST_CHANGES - 1 : -1],
    )
