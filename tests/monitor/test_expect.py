"""Expectations in three values: figures may contradict, prose may only ask, and what cannot be tried is unknown."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from domain.claims import Expectation, Operator
from domain.facts import Fact, FactState
from domain.values import Code, Day, Duration, Members, Money, Points, Rows, Scheme, Text, Unit, Value, YesNo
from monitor.expect import try_expectation
from monitor.operators import Answer

TODAY = date(2026, 6, 1)
FEE = Money(amount=Decimal(1000), currency="CAD")
WEEKS = Duration(quantity=Decimal(2), unit=Unit.WEEK)
BUSINESS = Duration(quantity=Decimal(10), unit=Unit.BUSINESS_DAY)
ROUND = Day(date=date(2026, 5, 2))
LIST = Rows(key=("NOC",), columns=("NOC", "Title"), rows=(("21231", "Engineers"), ("sub-set of 52120", "Designers")))
PAIRS = Rows(key=("NOC", "Title"), columns=("NOC", "Title"), rows=(("21231", "Engineers"), ("21233", "Designers")))
SPEECH = Text(text="You must apply online. Paper is no longer accepted.")
NAMES = Members(items=("Ontario", "Québec"))
CODED = Members(items=("21231 - Engineers", "21233 - Designers"))
DRAWS = Rows(key=("Day",), columns=("Day", "Score"), rows=(("2026-05-01", "481"), ("2026-04-01", "1,500")))


def dated(*rows: tuple[str, str]) -> Rows:
    return Rows(key=("When",), columns=("When", "Value"), rows=rows)


CASES: tuple[tuple[Value, Operator, tuple[str, ...], Answer], ...] = (
    (FEE, Operator.EQUALS, ("CAD 1000",), Answer.MET),
    (FEE, Operator.EQUALS, ("CAD 1,000.00",), Answer.MET),
    (FEE, Operator.EQUALS, ("CAD 1001",), Answer.UNMET),
    (FEE, Operator.EQUALS, ("USD 1000",), Answer.UNMET),
    (FEE, Operator.EQUALS, ("a lot",), Answer.UNKNOWN),
    (FEE, Operator.BETWEEN, ("CAD 900", "CAD 1000"), Answer.MET),
    (FEE, Operator.BETWEEN, ("CAD 1001", "CAD 2000"), Answer.UNMET),
    (FEE, Operator.AT_LEAST, ("CAD 1000",), Answer.MET),
    (FEE, Operator.AT_LEAST, ("CAD 1000.01",), Answer.UNMET),
    (FEE, Operator.AT_MOST, ("CAD 1000",), Answer.MET),
    (FEE, Operator.AT_MOST, ("CAD 999",), Answer.UNMET),
    (WEEKS, Operator.EQUALS, ("14 days",), Answer.MET),
    (WEEKS, Operator.EQUALS, ("15 days",), Answer.UNMET),
    (BUSINESS, Operator.EQUALS, ("10 days",), Answer.UNMET),
    (BUSINESS, Operator.EQUALS, ("10 business days",), Answer.MET),
    (ROUND, Operator.BEFORE, ("2026-05-03",), Answer.MET),
    (ROUND, Operator.BEFORE, ("2026-05-02",), Answer.UNMET),
    (ROUND, Operator.ON_OR_AFTER, ("2026-05-02",), Answer.MET),
    (ROUND, Operator.WITHIN_DAYS, ("30",), Answer.MET),
    (ROUND, Operator.WITHIN_DAYS, ("29",), Answer.UNMET),
    (LIST, Operator.CONTAINS, ("21231", "52120"), Answer.MET),
    (LIST, Operator.CONTAINS, ("21231", "21232"), Answer.UNMET),
    (PAIRS, Operator.CONTAINS, ("21231 Engineers",), Answer.MET),
    (PAIRS, Operator.CONTAINS, ("21231 Designers",), Answer.UNMET),
    (PAIRS, Operator.SUBSET_OF, ("21231", "Engineers", "21233", "Designers"), Answer.MET),
    (LIST, Operator.EXCLUDES, ("21232",), Answer.MET),
    (LIST, Operator.EXCLUDES, ("52120",), Answer.UNMET),
    (LIST, Operator.SUBSET_OF, ("21231", "sub-set of 52120", "1"), Answer.MET),
    (LIST, Operator.SUPERSET_OF, ("21231",), Answer.MET),
    (LIST, Operator.SAME_MEMBERS, ("21231",), Answer.UNMET),
    (LIST, Operator.CONTAINS_ANY, ("9", "21231"), Answer.MET),
    (LIST, Operator.CONTAINS_ANY, ("9",), Answer.UNMET),
    (LIST, Operator.OVERLAPS, ("21231", "52120"), Answer.MET),
    (LIST, Operator.OVERLAPS, ("21231", "9"), Answer.ASK),
    (LIST, Operator.OVERLAPS, ("9",), Answer.UNMET),
    (PAIRS, Operator.SAME_MEMBERS, ("21231", "21233"), Answer.MET),
    (PAIRS, Operator.SAME_MEMBERS, ("21231 Engineers", "21233"), Answer.MET),
    (PAIRS, Operator.SUBSET_OF, ("21231",), Answer.UNMET),
    (CODED, Operator.SAME_MEMBERS, ("21231", "21233"), Answer.MET),
    (CODED, Operator.SAME_MEMBERS, ("21231",), Answer.UNMET),
    (NAMES, Operator.SAME_MEMBERS, ("quebec", "Ontario"), Answer.MET),
    (NAMES, Operator.SAME_MEMBERS, ("Ontario",), Answer.UNMET),
    (SPEECH, Operator.SAYS, ("apply online",), Answer.MET),
    (SPEECH, Operator.SAYS, ("apply by post",), Answer.ASK),
    (SPEECH, Operator.ABOUT, ("paper",), Answer.MET),
    (SPEECH, Operator.ABOUT, ("tax",), Answer.UNMET),
    (SPEECH, Operator.EQUALS, ("something else",), Answer.ASK),
    (YesNo(yes=True), Operator.EQUALS, ("yes",), Answer.MET),
    (YesNo(yes=True), Operator.EQUALS, ("no",), Answer.ASK),
    (Code(scheme=Scheme.TEER, code="1"), Operator.EQUALS, ("TEER 1",), Answer.MET),
    (Code(scheme=Scheme.TEER, code="1"), Operator.EQUALS, ("TEER 2",), Answer.UNMET),
    (Points(number=Decimal(50)), Operator.AT_LEAST, ("50 points",), Answer.MET),
    (DRAWS, Operator.TREND, ("down",), Answer.MET),
    (DRAWS, Operator.TREND, ("up",), Answer.UNMET),
    (dated(("May 12, 2026", "490"), ("April 2, 2026", "500")), Operator.TREND, ("down",), Answer.MET),
    (dated(("2025", "55,000"), ("2024", "110,000"), ("2027", "92,000")), Operator.TREND, ("down",), Answer.MET),
    (dated(("9 mai 2026", "1 500"), ("10 avril 2026", "900")), Operator.TREND, ("up",), Answer.MET),
    (dated(("2025", "55,000"), ("2026", "55,000")), Operator.TREND, ("same",), Answer.MET),
    (dated(("2025", "55,000"), ("2027", "60,000")), Operator.TREND, ("up",), Answer.UNKNOWN),
    (dated(("2025", "Less than 10"), ("2026", "20")), Operator.TREND, ("up",), Answer.UNKNOWN),
    (dated(("2025", "10-20"), ("2026", "20")), Operator.TREND, ("up",), Answer.UNKNOWN),
    (dated(("2026-05-01", "5"), ("2026-05-01", "7")), Operator.TREND, ("up",), Answer.UNKNOWN),
    (dated(("first", "5"), ("2026", "7"), ("2025", "6")), Operator.TREND, ("up",), Answer.UNKNOWN),
    (FEE, Operator.PRESENT, (), Answer.MET),
    (FEE, Operator.ABSENT, (), Answer.UNMET),
    (FEE, Operator.CONTAINS, ("x",), Answer.UNKNOWN),
    (FEE, Operator.WITHIN_DAYS, ("3",), Answer.UNKNOWN),
    (FEE, Operator.BEFORE, ("2026-01-01",), Answer.UNKNOWN),
)


def located(value: Value, key: str = "a#b") -> Fact:
    return Fact(key=key, state=FactState.LOCATED, value=value, quote="q", locator="l")


@pytest.mark.parametrize(("value", "operator", "operand", "answer"), CASES)
def test_an_answer(value: Value, operator: Operator, operand: tuple[str, ...], answer: Answer) -> None:
    asked = Expectation(fact="a#b", operator=operator, operand=operand)
    tried = try_expectation(asked, {"a#b": located(value)}, today=TODAY)
    assert tried.answer is answer
    assert tried.reason or answer is Answer.MET


@pytest.mark.parametrize("operator", [each for each in Operator if each is not Operator.ABSENT])
def test_what_could_not_be_located_answers_nothing(operator: Operator) -> None:
    asked = Expectation(fact="a#b", operator=operator, operand=("1", "2"))
    lost = Fact(key="a#b", state=FactState.CANNOT_TELL, reason="no heading")
    assert try_expectation(asked, {"a#b": lost}, today=TODAY).answer is Answer.UNKNOWN
    assert try_expectation(asked, {}, today=TODAY).answer is Answer.UNKNOWN


def test_absence_is_met_only_by_a_proven_absence() -> None:
    asked = Expectation(fact="a#b", operator=Operator.ABSENT)
    states = {
        FactState.ABSENT: Answer.MET,
        FactState.CANNOT_TELL: Answer.UNKNOWN,
    }
    for state, answer in states.items():
        assert try_expectation(asked, {"a#b": Fact(key="a#b", state=state)}, today=TODAY).answer is answer


def test_a_statement_that_is_gone_asks_and_contradicts_nothing() -> None:
    gone = Fact(key="a#b", state=FactState.ABSENT, reason="not there")
    for operator in (Operator.EQUALS, Operator.SAYS, Operator.CONTAINS, Operator.WITHIN_DAYS, Operator.PRESENT):
        asked = Expectation(fact="a#b", operator=operator, operand=("1",))
        assert try_expectation(asked, {"a#b": gone}, today=TODAY).answer is Answer.ASK


def test_an_excluded_statement_asks() -> None:
    asked = Expectation(fact="a#b", operator=Operator.SAYS, none_of=("no longer accepted",))
    assert try_expectation(asked, {"a#b": located(SPEECH)}, today=TODAY).answer is Answer.ASK


def test_two_facts_are_held_against_each_other() -> None:
    facts = {"a#b": located(FEE), "c#d": located(Money(amount=Decimal("1000.00"), currency="CAD"), "c#d")}
    same = Expectation(fact="a#b", operator=Operator.SAME_AS, operand=("c#d",))
    apart = Expectation(fact="a#b", operator=Operator.DIFFERS_FROM, operand=("c#d",))
    assert try_expectation(same, facts, today=TODAY).answer is Answer.MET
    assert try_expectation(apart, facts, today=TODAY).answer is Answer.UNMET
    assert try_expectation(same, {"a#b": facts["a#b"]}, today=TODAY).answer is Answer.UNKNOWN


def test_unchanged_has_no_verdict_before_a_person_accepted_a_capture() -> None:
    asked = Expectation(fact="a#b", operator=Operator.UNCHANGED)
    facts = {"a#b": located(SPEECH)}
    assert try_expectation(asked, facts, today=TODAY).answer is Answer.UNKNOWN
    assert try_expectation(asked, facts, today=TODAY, accepted={"a#b": SPEECH}).answer is Answer.MET
    other = Text(text="You may apply on paper.")
    assert try_expectation(asked, facts, today=TODAY, accepted={"a#b": other}).answer is Answer.ASK
