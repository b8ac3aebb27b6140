"""The values that an edit touched come as a reader would name them: whole."""

from __future__ import annotations

import pytest

from domain.comparison import ValueChange
from monitor.diff.values import values_changed


@pytest.mark.parametrize(
    ("before", "after", "old", "new"),
    [
        ("The ferry sails until Friday 18 March, at noon.", "The ferry sails until Friday 25 March, at noon.", "18 March", "25 March"),
        ("The fair opens May 30.", "The fair opens June 2.", "May 30", "June 2"),
        ("Le quai ferme le 6 mars.", "Le quai ferme le 9 mai.", "6 mars", "9 mai"),
        ("Pay by 1st of October.", "Pay by 3rd of October.", "1st of October", "3rd of October"),
        ("Moor from Sept. 4 on.", "Moor from Sept. 7 on.", "Sept. 4", "Sept. 7"),
        ("It holds from 4 May 2031.", "It holds from 4 May.", "4 May 2031", "4 May"),
    ],
)  # fmt: skip
def test_a_day_without_a_year_is_one_value(before: str, after: str, old: str, new: str) -> None:
    assert [(v.kind, v.before, v.after) for v in values_changed(before, after)] == [("day", old, new)]


def test_the_same_day_in_another_order_is_no_change() -> None:
    assert values_changed("Pay by March 18.", "Pay by 18 March.") == ()


def test_the_permission_before_a_number_is_no_month() -> None:
    found = values_changed("You may 3 times refuse.", "You may 4 times refuse.")
    assert [(v.kind, v.before, v.after) for v in found] == [("count", "3 times", "4 times")]
    found = values_changed("Of these 3 may stay.", "Of these 4 may stay.")
    assert [(v.kind, v.before, v.after) for v in found] == [("count", "3", "4")]


def test_a_month_of_a_year_is_read_as_before() -> None:
    assert [(v.before, v.after) for v in values_changed("Since March 2031.", "Since April 2031.")] == [
        ("March 2031", "April 2031")
    ]


def test_a_range_of_weekdays_is_one_value() -> None:
    assert values_changed("Open Monday to Sunday, 9am to 5pm.", "Open Monday to Saturday, 9am to 5pm.") == (
        ValueChange(kind="weekdays", before="Monday to Sunday", after="Monday to Saturday"),
    )
    assert values_changed("Ouvert du lundi au samedi.", "Ouvert du lundi au vendredi.", language="fr") == (
        ValueChange(kind="weekdays", before="lundi au samedi", after="lundi au vendredi"),
    )
    assert values_changed("Open Monday to Sunday.", "Open Monday - Sunday.") == ()


def test_a_number_is_shown_with_what_it_counts() -> None:
    assert values_changed("A quota of 6,500 tonnes applies.", "A quota of 7,000 tonnes applies.") == (
        ValueChange(kind="count", before="6,500 tonnes", after="7,000 tonnes"),
    )
    assert values_changed("It is 12 or less.", "It is 14 or less.") == (
        ValueChange(kind="count", before="12", after="14"),
    )


def test_cells_that_were_run_together_are_divided_where_a_number_ends() -> None:
    found = values_changed("9,7508,0231,7274,440", "9,7509,0397113,507")
    assert [(v.before, v.after) for v in found] == [("8,023", "9,039"), ("1,727", "711"), ("4,440", "3,507")]
    found = values_changed("8982,115January 11, 2024, at noon", "8982,115January 23, 2024, at noon")
    assert [(v.before, v.after) for v in found] == [("January 11, 2024", "January 23, 2024")]


@pytest.mark.parametrize("text", ["$1,250", "12,345,678 crews", "1,000, 2,000 and 3,000"])
def test_a_number_with_thousands_is_one(text: str) -> None:
    assert values_changed(text, text.replace("1,", "4,").replace("12,", "42,"))
    assert all(v.kind in ("money", "count") for v in values_changed(text, "none"))
    assert len(values_changed(text, "none")) == text.count(",0") + (",2" in text) + ("12," in text)
