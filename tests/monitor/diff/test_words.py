"""How text becomes comparable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.diff.words import carried, meaning, misspelt, shown, stemmed, tokens, worded


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("a fee of $1,000.00", "a fee of $1000"),
        ("1\u00a0000\u202f$", "1 000 $"),
        ("open 9.00am to 5:00 p.m.", "open 9am to 5pm"),
        ("you don’t pay", "you do not pay"),
        ("You CAN'T pay", "you cannot pay"),
        ("full-time work", "full time work"),
        ("the 3rd ferry", "the 3 ferry"),
        ("tea & milk", "tea and milk"),
    ],
)
def test_formatting_alone_makes_no_other_words(left: str, right: str) -> None:
    assert tokens(left) == tokens(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("1,000", "1.000"),
        ("$10", "£10"),
        ("10 %", "10"),
        ("-5 degrees", "5 degrees"),
        ("10.5 hours", "105 hours"),
        ("section 3(1)", "section 3(2)"),
        ("more than 5", "5"),
    ],
)
def test_what_changes_a_figure_makes_other_words(left: str, right: str) -> None:
    assert tokens(left) != tokens(right)


def test_employer_and_employee_do_not_fall_together() -> None:
    assert stemmed("employer") != stemmed("employee")


def test_words_that_bind_never_fall_together_with_words_that_do_not() -> None:
    assert carried("not") == "not"
    assert carried("only") == "only"
    assert carried("notify") != carried("not")


def test_a_slip_within_a_long_word_is_the_same_word_and_an_ending_is_not() -> None:
    assert misspelt("recieved", "received")
    assert misspelt("organisation", "organization")
    assert misspelt("evaluation", "évaluation")
    assert not misspelt("employer", "employee")
    assert not misspelt("eligible", "ineligible")
    assert not misspelt("county", "country")


def test_inflection_and_nouns_of_action_fall_together() -> None:
    assert meaning("applications are approved") == meaning("we approve the application")
    assert meaning("certified") == meaning("certification")


@given(st.text(max_size=80))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert shown(shown(text)) == shown(text)


@given(
    st.lists(st.sampled_from(["ferry", "the", "50", "$3", "must"]), min_size=1),
    st.sampled_from([" ", "  ", "\u00a0", "\n"]),
)
def test_white_space_makes_no_other_words(words: list[str], space: str) -> None:
    assert worded(space.join(words)) == worded(" ".join(words))
