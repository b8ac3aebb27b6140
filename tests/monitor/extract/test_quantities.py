"""Amounts, dates, durations, percentages, points and counts in free text, in both languages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from domain.values import Bound, Count, Day, Duration, Money, Percentage, Points, Unit, Value
from monitor.extract import values_in
from tests.monitor.extract.pages import money, span, spread


def found(kind: str, text: str, *, on: date | None = None) -> list[Value]:
    return [item.value for item in values_in(text, on=on) if item.kind == kind]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("A mooring costs $1,000 a year.", [money("1000")]),
        ("un droit de 1 000 $", [money("1000")]),
        ("un droit de 1\u00a0000\u00a0$", [money("1000")]),
        ("un droit de 1\u202f000\u202f$", [money("1000")]),
        ("un droit de 1\u2009000\u2009$", [money("1000")]),
        ("CAD 1,000.00 in all", [money("1000.00")]),
        ("un salaire de 80 000 $ par an", [money("80000")]),
        ("2 500,50 $ CAN", [money("2500.50")]),
        ("US$5,000 or £20 or 30 euros", [money("5000", "USD"), money("20", "GBP"), money("30", "EUR")]),
        ("$1,000 to $2,000", [money("1000"), money("2000")]),
        ("$1,000-2,000 a berth", [money("1000"), money("2000")]),
        ("de 1 000 à 2 000 $", [money("1000"), money("2000")]),
        ("$1.5 million", [money("1500000")]),
        ("1,5 million de dollars", [money("1500000")]),
        ("$155 ($85 berth + $70 lamp)", [money("155"), money("85"), money("70")]),
        ("Paid: $1,000. Then $2", [money("1000"), money("2")]),
        ("berth 1,000 and 12 boats", []),
        ("$1,00,000", []),
        ("$1.123456", []),
        ("1.000,50 $", []),
        ("$12345678901234567890123", []),
    ],
)
def test_money(text: str, values: list[Money]) -> None:
    assert found("money", text) == values


def day(year: int, month: int, number: int) -> Day:
    return Day(date=date(year, month, number))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("from January 5, 2031 on", [day(2031, 1, 5)]),
        ("Saturday, 3rd of May 2031", [day(2031, 5, 3)]),
        ("à compter du 1er mai 2031", [day(2031, 5, 1)]),
        ("le 5\u00a0février\u00a02031", [day(2031, 2, 5)]),
        ("as of Sept. 3, 2031", [day(2031, 9, 3)]),
        ("2031-05-03T12:00:00Z", [day(2031, 5, 3)]),
        ("in March 2031", [Day(date=date(2031, 3, 1), precision="month")]),
        ("en mars 2031", [Day(date=date(2031, 3, 1), precision="month")]),
        ("May 3, 2031 to June 4, 2031", [day(2031, 5, 3), day(2031, 6, 4)]),
        ("May 3 to 9, 2031", [day(2031, 5, 3), day(2031, 5, 9)]),
        ("3–9 May 2031", [day(2031, 5, 3), day(2031, 5, 9)]),
        ("entre le 3 et le 9 mai 2031", [day(2031, 5, 3), day(2031, 5, 9)]),
        ("du 3 mai au 4 juin 2031", [day(2031, 5, 3), day(2031, 6, 4)]),
        ("December 20 to January 9, 2031", [day(2030, 12, 20), day(2031, 1, 9)]),
        ("30 février 2031", []),
        ("February 30, 2031", []),
        ("2031-13-40", []),
        ("May 3", []),
        ("boats may 3 times", []),
    ],
)
def test_dates(text: str, values: list[Day]) -> None:
    assert found("day", text) == values


def test_a_date_without_a_year_is_meant_near_the_day_of_its_heading() -> None:
    assert found("day", "The pier opens May 3 and closes 9 October.", on=date(2031, 4, 1)) == [
        day(2031, 5, 3),
        day(2031, 10, 9),
    ]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("up to 3 years", [span("3", Unit.YEAR, Bound.UP_TO)]),
        ("jusqu’à 3 ans", [span("3", Unit.YEAR, Bound.UP_TO)]),
        ("at least one year", [span("1", Unit.YEAR, Bound.AT_LEAST)]),
        ("au moins 12 mois", [span("12", Unit.MONTH, Bound.AT_LEAST)]),
        ("about 6 weeks", [span("6", Unit.WEEK, Bound.ABOUT)]),
        ("4 to 12 weeks", [spread("4", "12", Unit.WEEK)]),
        ("entre 4 et 12 semaines", [spread("4", "12", Unit.WEEK)]),
        ("six to eight weeks", [spread("6", "8", Unit.WEEK)]),
        ("3 or 4 months", [span("3", Unit.MONTH), span("4", Unit.MONTH)]),
        ("within 10 business days", [span("10", Unit.BUSINESS_DAY, Bound.UP_TO)]),
        ("10 jours ouvrables", [span("10", Unit.BUSINESS_DAY)]),
        ("10 days", [span("10", Unit.DAY)]),
        ("12 months of full-time work", [span("12", Unit.MONTH)]),
        ("two (2) years", [span("2", Unit.YEAR)]),
        ("a 12-month permit", [span("12", Unit.MONTH)]),
        ("1.5 years", [span("1.5", Unit.YEAR)]),
        ("pier A12 days", []),
        ("$12 months", []),
        ("yesterday", []),
    ],
)
def test_durations(text: str, values: list[Duration]) -> None:
    assert found("duration", text) == values


@pytest.mark.parametrize(
    ("kind", "text", "numbers"),
    [
        ("percentage", "15% of boats, 3,5 % and 20 per cent", ["15", "3.5", "20"]),
        ("percentage", "20 pour cent", ["20"]),
        ("percentage", "10-20%", ["10", "20"]),
        ("points", "67 points, or 600 additional points", ["67", "600"]),
        ("points", "50 à 60 points", ["50", "60"]),
        ("points", "three good points", []),
        ("count", "5,000 invitations", ["5000"]),
        ("count", "1\u00a0500 candidats", ["1500"]),
        ("count", "100 to 200 positions", ["100", "200"]),
        ("count", "Draw 5 - 500 invitations", ["500"]),
        ("count", "$500 applications", []),
    ],
)
def test_percentages_points_and_counts(kind: str, text: str, numbers: list[str]) -> None:
    make = {"percentage": Percentage, "points": Points, "count": Count}[kind]

    assert found(kind, text) == [make(number=Decimal(number)) for number in numbers]
