"""Quantities side by side: units convert where that is exact, and ask where it is not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from domain.values import Bound, Count, Day, Duration, Members, Money, Rows, Unit, Value
from monitor.quantities import age_in_days, order, same_quantity, same_value


def span(quantity: int, unit: Unit) -> Duration:
    return Duration(quantity=Decimal(quantity), unit=unit)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (span(10, Unit.BUSINESS_DAY), span(2, Unit.WEEK), True),
        (span(10, Unit.BUSINESS_DAY), span(10, Unit.DAY), False),
        (span(12, Unit.MONTH), span(1, Unit.YEAR), True),
        (span(6, Unit.MONTH), span(1, Unit.YEAR), False),
        (span(1, Unit.MONTH), span(30, Unit.DAY), None),
        (Money(amount=Decimal("1000.00")), Money(amount=Decimal(1000)), True),
        (Money(amount=Decimal(1000)), Money(amount=Decimal(1000), currency="USD"), None),
        (Count(number=Decimal(3)), Money(amount=Decimal(3)), None),
    ],
)
def test_two_quantities_are_the_same_only_where_no_rounding_is_needed(
    left: Value, right: Value, same: bool | None
) -> None:
    assert same_quantity(left, right) is same
    assert same_quantity(right, left) is same


def test_a_range_lies_above_another_only_where_all_of_it_does() -> None:
    weeks = Duration(quantity=Decimal(12), unit=Unit.WEEK, bound=Bound.RANGE, lower=Decimal(4), upper=Decimal(12))
    assert order(span(88, Unit.BUSINESS_DAY), weeks) == 1
    assert order(span(10, Unit.WEEK), weeks) == 0
    assert order(span(2, Unit.WEEK), weeks) == -1


def test_a_date_has_an_age() -> None:
    assert age_in_days(Day(date=date(2024, 4, 11)), date(2026, 4, 11)) == 730
    assert age_in_days(Count(number=Decimal(1)), date(2026, 4, 11)) is None


def test_lists_of_codes_are_the_same_in_any_language_and_lists_of_words_do_not_compare() -> None:
    def table(*rows: tuple[str, str]) -> Rows:
        return Rows(key=("NOC",), columns=("Title", "NOC"), rows=rows)

    english = table(("Cybersecurity specialists", "21220"), ("Civil engineers", "21300"))
    assert same_value(english, table(("Ingénieurs civils", "21300"), ("Spécialistes", "21220"))) is True
    assert same_value(english, table(("Ingénieurs civils", "21300"))) is False
    assert same_value(english, table(("Ingénieurs civils", "génie"))) is None
    assert same_value(Members(items=("C61", "C62")), Members(items=("C62", "C61"))) is True
    assert same_value(Members(items=("C61",)), Members(items=("C61", "C63"))) is False
    assert same_value(Members(items=("Transport",)), Members(items=("Transports",))) is None
