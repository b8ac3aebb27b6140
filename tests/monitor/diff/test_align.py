"""Laying two sequences side by side."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitor.diff.align import align, replay

letters = st.lists(st.sampled_from("abcdefg"), max_size=40)


@given(before=letters, after=letters)
def test_replaying_the_spans_over_before_gives_after(before: list[str], after: list[str]) -> None:
    assert replay(before, after, align(before, after)) == after


@given(before=letters, after=letters)
def test_spans_cover_both_sides_in_order_and_equal_spans_are_equal(before: list[str], after: list[str]) -> None:
    at_before = at_after = 0
    for span in align(before, after):
        assert (span.before[0], span.after[0]) == (at_before, at_after)
        at_before, at_after = span.before[1], span.after[1]
        if span.equal:
            assert before[slice(*span.before)] == after[slice(*span.after)]
    assert (at_before, at_after) == (len(before), len(after))


@given(items=letters)
def test_a_sequence_with_itself_is_one_equal_span(items: list[str]) -> None:
    assert [span.equal for span in align(items, items)] == [True] * bool(items)


def test_one_item_put_in_is_one_span() -> None:
    spans = align(list("abcabc"), list("abcxabc"))

    assert [(span.equal, span.before, span.after) for span in spans if not span.equal] == [(False, (3, 3), (3, 4))]


def test_a_hundred_thousand_lines_of_three_kinds_are_aligned_without_quadratic_cost() -> None:
    before = [k * k % 3 for k in range(100_000)]
    after = [(k * k + k // 7) % 3 for k in range(100_000)]

    assert replay(before, after, align(before, after)) == after
