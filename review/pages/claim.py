"""One claim laid open: each expectation with what was found, what is coming, what it rests on. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.claims import Claim, Judgement, Operator, Standing
from domain.facts import FactState, KnownFact
from domain.sources import Source
from domain.values import value_words
from monitor.standings import Tested, freshness_of, official_day

MOST_CHANGES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A value that a fact had for a time. state: of the fact; since, until: first and last capture that showed it."""

    state: str
    words: str
    quote: str
    digest: str
    since: datetime | None
    until: datetime | None


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
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimView:
    """What the page of one claim shows. pages: the sources that it has to do with."""

    claim: Claim
    judgement: Judgement
    tests: tuple[Test, ...]
    others: tuple[RestsOn, ...]
    pages: tuple[Source, ...]
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
        values=_values(history),
    )


def _values(history: tuple[KnownFact, ...]) -> tuple[Value, ...]:
    """Readings that follow each other with the same value are one."""
    made: list[Value] = []
    for item in history:
        if item.fact.state is FactState.CANNOT_TELL:
            continue
        words = "" if item.fact.value is None else value_words(item.fact.value)
        if made and (made[-1].state, made[-1].words) == (item.fact.state.value, words):
            last = made.pop()
            made.append(_value(item, words, since=last.since))
        else:
            made.append(_value(item, words, since=item.captured_at))
    return tuple(reversed(made[-MOST_CHANGES:]))


def _value(item: KnownFact, words: str, *, since: datetime | None) -> Value:
    return Value(
        state=item.fact.state.value,
        words=words,
        quote=item.fact.quote,
        digest=item.snapshot,
        since=since,
        until=item.last_seen_at,
    )
