"""Suggested edits: the new value in the manner of the old, and nothing where a person would have to think."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from domain.values import Count, Day, Duration, Members, Money, Percentage, Points, Unit, Value
from monitor.edits import Edit, NoEdit, patch, suggest_edits
from monitor.extract import values_in
from tests.site import claim

GUIDE = """# Licences

A licence costs $1,000 CAD per position. Couriers charge $15.
The rule began on March 25, 2025, and 600 points are given.
It takes 2 weeks; in most offices 80% are done in time.
Twice: a licence is $70 here and $70 there.
"""


def money(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="CAD")


def weeks(number: int) -> Duration:
    return Duration(quantity=Decimal(number), unit=Unit.WEEK)


@pytest.mark.parametrize(
    ("anchor", "old", "new", "words"),
    [
        ("CAD per position", money("1000"), money("1150"), "$1,150 CAD per position. Couriers charge $15."),
        ("CAD per position", money("1000"), money("990.5"), "$990.50 CAD per position."),
        ("couriers charge", money("15"), money("1500"), "Couriers charge $1500."),
        ("the rule began", Day(date=date(2025, 3, 25)), Day(date=date(2026, 11, 3)), "began on November 3, 2026, and"),
        ("600 points", Points(number=Decimal(600)), Points(number=Decimal(450)), "450 points are given"),
        ("it takes", weeks(2), weeks(1), "It takes 1 week;"),
        ("it takes", weeks(2), weeks(12), "It takes 12 weeks;"),
        ("most offices", Percentage(number=Decimal(80)), Percentage(number=Decimal(75)), "75% are done"),
    ],
)
def test_the_value_is_replaced_in_the_manner_of_the_guide(anchor: str, old: Value, new: Value, words: str) -> None:
    found = suggest_edits(GUIDE, replace(claim(), anchor=anchor), old, new)
    assert isinstance(found, tuple)
    (edit,) = found
    assert words in edit.after
    assert GUIDE.splitlines()[edit.line - 1] == edit.before


@pytest.mark.parametrize(
    ("anchor", "old", "new"),
    [
        ("nowhere", money("1000"), money("1150")),
        ("here and", money("70"), money("80")),
        ("CAD per position", money("1000"), money("1000.00")),
        ("CAD per position", money("1000"), Money(amount=Decimal(900), currency="USD")),
        ("CAD per position", money("999"), money("1150")),
        ("it takes", weeks(2), Duration(quantity=Decimal(3), unit=Unit.MONTH)),
        ("CAD per position", Members(items=("a",)), Members(items=("b",))),
        ("CAD per position", money("1000"), Count(number=Decimal(5))),
    ],
)
def test_what_needs_thought_is_left_to_a_person(anchor: str, old: Value, new: Value) -> None:
    found = suggest_edits(GUIDE, replace(claim(), anchor=anchor), old, new)
    assert isinstance(found, NoEdit)
    assert found.reason


def test_the_patch_applies(tmp_path: Path) -> None:
    (tmp_path / "guide.md").write_text(GUIDE, encoding="utf-8")
    edits = suggest_edits(GUIDE, replace(claim(), anchor="CAD per position"), money("1000"), money("1150"))
    assert isinstance(edits, tuple)
    made = patch(GUIDE, edits, name="guide.md")
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=made.encode(), check=True, capture_output=True)
    assert (tmp_path / "guide.md").read_text(encoding="utf-8") == GUIDE.replace("$1,000", "$1,150")


def test_a_last_line_without_an_end_stays_without_one(tmp_path: Path) -> None:
    text = "A licence costs $5"
    (tmp_path / "guide.txt").write_text(text, encoding="utf-8")
    made = patch(text, [Edit(claim="a", line=1, before=text, after="A licence costs $6")], name="guide.txt")
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=made.encode(), check=True, capture_output=True)
    assert (tmp_path / "guide.txt").read_text(encoding="utf-8") == "A licence costs $6"


def test_every_replacement_reads_back_as_the_new_value() -> None:
    for anchor, old, new in (("CAD per position", money("1000"), money("12345.67")), ("it takes", weeks(2), weeks(30))):
        found = suggest_edits(GUIDE, replace(claim(), anchor=anchor), old, new)
        assert isinstance(found, tuple)
        assert new in [item.value for item in values_in(found[0].after)]
