"""Two sides of a change: cut around what differs, and the words that differ told apart."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.values import Text
from notifications.marks import differing, focused, side_by_side
from notifications.notes import note_words
from tests.notifications.builders import dollars, flag, table
from tests.notifications.test_compose import digest

LONG = "The employer pays {} for each position that is named in the request."


def strong(parts: tuple[tuple[str, bool], ...]) -> list[str]:
    return [text.strip() for text, is_strong in parts if is_strong]


def test_the_words_that_differ_are_marked_on_both_sides():
    old, new = differing(LONG.format("$1,000"), LONG.format("$1,150 or more"))
    assert (strong(old), strong(new)) == (["$1,000"], ["$1,150 or more"])


def test_nothing_is_marked_where_a_glance_is_enough_or_all_is_new():
    assert [strong(part) for part in differing("10 weeks", "9 weeks")] == [[], []]
    assert [strong(part) for part in differing(LONG, "Nobody pays anything since the rule was taken back.")] == [[], []]


@settings(deadline=None)
@given(st.text(), st.text())
def test_marks_lose_no_character(before, after):
    assert tuple("".join(text for text, _ in part) for part in differing(before.strip(), after.strip())) == (
        before.strip(),
        after.strip(),
    )


def test_one_row_by_itself_is_whole():
    assert side_by_side([("Now", "words", True)]) == ((("words", False),),)


@settings(deadline=None)
@given(st.text(), st.text(), st.integers(8, 80))
def test_what_is_cut_is_no_longer_than_asked_for(before, after, length):
    assert all(len(words) <= length for words in focused(before, after, length))


def test_words_that_old_and_new_say_already_are_not_quoted_again():
    said = flag(
        1,
        "rounds",
        before=Text(text="Every week."),
        after=Text(text="Each month."),
        quote_before="every week",
        quote_after="Each month.",
    )
    rows = flag(
        2, "rounds", before=table(("1", "a")), after=table(("2", "b")), quote_before="1 | a", quote_after="2 | b"
    )
    money = flag(3, "rounds", before=dollars(1), after=dollars(2), quote_before="pay $1", quote_after="pay $2")
    quotes = {item.flag: (item.quote_before, item.quote_after) for item in digest(said, rows, money).items}
    assert quotes == {1: ("", ""), 2: ("", ""), 3: ("pay $1", "pay $2")}


def test_long_values_are_cut_around_what_differs():
    before, after = "same words " * 60 + "old end", "same words " * 60 + "new end"
    (item,) = digest(flag(1, "rounds", before=Text(text=before), after=Text(text=after))).items
    assert item.before.endswith("old end")
    assert item.after.endswith("new end")


def test_a_note_is_told_in_the_language_of_the_reader():
    note = "the guide expects: equals open; the page gives: repealed (another value)"
    assert note_words(note, "en") == note
    assert note_words(note, "fr-CA") == (
        "le guide attend\u00a0: equals open\u00a0; la page donne\u00a0: repealed (another value)"
    )
    assert note_words("2 passages changed: A > B", "fr") == "2 passages modifiés\u00a0: A > B"
    assert note_words("anything else", "fr") == "anything else"
