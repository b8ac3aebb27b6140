"""What rules give on a capture, for whoever writes them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.checks import Examination, Outcome
from domain.facts import FactState
from domain.values import value_words

LONGEST_QUOTE = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedFact:
    """A fact as the tried rule reads it. known: what the rules in force read, "" where they have no such fact."""

    name: str
    state: FactState
    value: str
    quote: str
    locator: str
    reason: str
    known: str

    @property
    def differs(self) -> bool:
        return bool(self.known) and self.known != self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """quality: `good`, or why the capture is not believed to be the page."""

    good: bool
    quality: str
    title: str
    facts: tuple[TriedFact, ...]
    located: int


def trial_of(examination: Examination, known: Mapping[str, str]) -> Trial:
    """What was read. known: values in words by the name of the fact, as the rules in force have them."""
    quality = examination.quality
    facts = tuple(
        TriedFact(
            name=(name := fact.key.partition("#")[2]),
            state=fact.state,
            value="" if fact.value is None else value_words(fact.value),
            quote=fact.quote if len(fact.quote) <= LONGEST_QUOTE else fact.quote[: LONGEST_QUOTE - 1] + "…",
            locator=fact.locator,
            reason=fact.reason,
            known=known.get(name, ""),
        )
        for fact in examination.facts
    )
    return Trial(
        good=quality.outcome is Outcome.GOOD,
        quality=f"{quality.cause}: {quality.detail}" if quality.detail else quality.cause,
        title=examination.title,
        facts=facts,
        located=sum(1 for fact in facts if fact.state is FactState.LOCATED),
    )
