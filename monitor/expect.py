"""Expectations: what a claim asks of a fact, answered in three values.

Numbers, dates, codes, lists and statuses may contradict a claim by themselves; prose may only ask a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from domain.claims import Expectation, Operator
from domain.facts import Fact, FactState
from domain.values import Text, Value, value_words
from monitor.operators import ANSWERS, Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One expectation tried against its fact; `expected` and `found` are words for people."""

    expectation: Expectation
    answer: Answer
    expected: str
    found: str
    reason: str = ""


def try_expectation(
    expectation: Expectation,
    facts: Mapping[str, Fact],
    *,
    today: date,
    accepted: Mapping[str, Value] | None = None,
) -> Tried:
    """The answer of the facts to one expectation.

    facts: the newest believed reading by key, with pending values already turned current for `today`.
    accepted: for `unchanged`, the value in the capture that a person last accepted, by fact key.
    """
    fact = facts.get(expectation.fact)
    expected = _expected_words(expectation, facts)

    def tried(answer: Answer, found: str, reason: str = "") -> Tried:
        return Tried(expectation=expectation, answer=answer, expected=expected, found=found, reason=reason)

    if fact is None:
        return tried(Answer.UNKNOWN, "", "never checked")
    if expectation.operator is Operator.ABSENT:
        return _absence(fact, tried)
    if fact.state is FactState.CANNOT_TELL or (fact.state is FactState.LOCATED and fact.value is None):
        return tried(Answer.UNKNOWN, "", fact.reason or "not located")
    if fact.state is FactState.ABSENT:
        # Only a located value says otherwise; that a statement is gone is for a person to judge.
        return tried(Answer.ASK, "not on the page", "the page no longer states it")
    if expectation.operator is Operator.PRESENT:
        return tried(Answer.MET, _found_words(fact))
    value = fact.value
    if value is None:
        raise AssertionError("a located fact has a value")
    other = _other_value(expectation, facts, accepted or {})
    if other is _MISSING:
        return tried(Answer.UNKNOWN, _found_words(fact), _missing_words(expectation))
    answer, found, reason = ANSWERS[expectation.operator](expectation, value, other, today)
    return tried(answer, found or _found_words(fact), reason)


_MISSING = Text(text="\0missing")


def _absence(fact: Fact, tried: Callable[..., Tried]) -> Tried:
    if fact.state is FactState.ABSENT:
        return tried(Answer.MET, "not on the page")
    if fact.state is FactState.LOCATED:
        return tried(Answer.UNMET, _found_words(fact), "it stands on the page")
    return tried(Answer.UNKNOWN, "", fact.reason or "not located")


def _other_value(expectation: Expectation, facts: Mapping[str, Fact], accepted: Mapping[str, Value]) -> Value | None:
    if expectation.operator in (Operator.SAME_AS, Operator.DIFFERS_FROM):
        other = facts.get(expectation.operand[0])
        return other.value if other is not None and other.value is not None else _MISSING
    if expectation.operator is Operator.UNCHANGED:
        return accepted.get(expectation.fact, _MISSING)
    return None


def _missing_words(expectation: Expectation) -> str:
    if expectation.operator is Operator.UNCHANGED:
        return "no capture has been accepted by a person yet"
    return f"{expectation.operand[0]} has not been located"


def _found_words(fact: Fact) -> str:
    return "" if fact.value is None else value_words(fact.value)


def _expected_words(expectation: Expectation, facts: Mapping[str, Fact]) -> str:
    operator = expectation.operator.value.replace("_", " ")
    if expectation.operator is Operator.SAYS:
        parts = [f"says {', '.join(expectation.operand)}"] * bool(expectation.operand)
        return "; ".join(parts + [f"does not say {', '.join(expectation.none_of)}"] * bool(expectation.none_of))
    if expectation.operator is Operator.WITHIN_DAYS:
        return f"within {expectation.operand[0]} days"
    joined = (" to " if expectation.operator is Operator.BETWEEN else ", ").join(expectation.operand)
    other = facts.get(expectation.operand[0]) if expectation.operand else None
    if (
        expectation.operator in (Operator.SAME_AS, Operator.DIFFERS_FROM)
        and other is not None
        and other.value is not None
    ):
        joined = f"{joined} ({value_words(other.value)})"
    return f"{operator} {joined}".strip()
