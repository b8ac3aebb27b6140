"""Parsed trees compared by their keys."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from domain.comparison import BlockChange, Operation, Significance
from monitor.diff.records import compare_data

ROUNDS = [
    {"roundNumber": str(number), "date": f"2031-01-{number:02}", "size": f"{number * 100}", "cutoff": str(500 + number)}
    for number in range(1, 9)
]


def weights(changes: list[BlockChange]) -> set[Significance]:
    return {change.significance for change in changes}


def test_the_order_of_keyed_records_is_no_difference() -> None:
    assert compare_data({"rounds": ROUNDS}, {"rounds": ROUNDS[::-1]}) == []


def test_a_new_record_is_one_added_entry_named_by_its_key() -> None:
    fresh = {"roundNumber": "9", "date": "2031-02-01", "size": "1,250", "cutoff": "507"}

    (change,) = compare_data({"rounds": ROUNDS}, {"rounds": [fresh, *ROUNDS]})

    assert change.op is Operation.ADDED
    assert change.path == ("rounds", "9")
    assert change.significance is Significance.SUBSTANTIVE
    assert "1,250" in (change.after or "")


def test_a_corrected_field_of_an_old_record_is_found_by_its_key() -> None:
    corrected = [dict(record) for record in ROUNDS]
    corrected[3]["date"] = "2031-01-14"
    random.Random(5).shuffle(corrected)

    (change,) = compare_data({"rounds": ROUNDS}, {"rounds": corrected})

    assert change.path == ("rounds", "4", "date")
    assert (change.before, change.after) == ("2031-01-04", "2031-01-14")
    assert change.significance is Significance.SUBSTANTIVE


def test_a_stamp_is_noise_by_its_key() -> None:
    changes = compare_data(
        {"fetched": "2031-01-01", "lastUpdated": "a", "fee": 5}, {"fetched": "2031-02-02", "lastUpdated": "b", "fee": 5}
    )

    assert weights(changes) == {Significance.NOISE}


def test_a_time_that_became_unavailable_is_substantive() -> None:
    (change,) = compare_data({"visitor": {"AA": "31 weeks"}}, {"visitor": {"AA": "No time available"}})

    assert change.significance is Significance.SUBSTANTIVE
    assert change.path == ("visitor", "AA")


def test_a_key_that_went_is_substantive() -> None:
    (change,) = compare_data({"childcare": "3 months", "trades": "2 months"}, {"trades": "2 months"})

    assert change.op is Operation.REMOVED
    assert change.significance is Significance.SUBSTANTIVE


def test_members_of_a_plain_list_count_without_their_order() -> None:
    assert compare_data({"ports": ["a", "b", "c"]}, {"ports": ["c", "a", "b"]}) == []
    (change,) = compare_data({"ports": ["a", "b"]}, {"ports": ["a", "b", "Newhaven"]})
    assert change.op is Operation.ADDED


def test_a_link_inside_a_field_that_leads_elsewhere_is_editorial() -> None:
    (change,) = compare_data({"text": "<a href='/a/1'>Round 1</a>"}, {"text": "<a href='/b/1'>Round 1</a>"})

    assert change.significance is Significance.EDITORIAL
    assert change.values[0].kind == "link"


def test_nesting_deeper_than_any_real_feed_is_followed_or_compared_whole() -> None:
    before: object = 1
    after: object = 2
    for _ in range(400):
        before, after = [before], [after]

    assert len(compare_data(before, after)) == 1


TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["a", "b", "5 weeks"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=4),
    max_leaves=12,
)


@given(tree=TREES)
def test_a_tree_with_itself_has_no_difference(tree: object) -> None:
    assert compare_data(tree, tree) == []


@given(before=TREES, after=TREES)
def test_no_difference_means_equal_but_for_the_order_of_lists(before: object, after: object) -> None:
    def sorted_lists(value: object) -> object:
        if isinstance(value, list):
            return sorted((sorted_lists(inner) for inner in value), key=repr)
        if isinstance(value, dict):
            return {key: sorted_lists(inner) for key, inner in sorted(value.items())}
        return value

    if not compare_data(before, after):
        assert repr(sorted_lists(before)) == repr(sorted_lists(after))


def test_a_number_in_another_style_and_an_empty_key_are_noise() -> None:
    assert weights(compare_data({"fee": "100"}, {"fee": "100.0"})) == {Significance.NOISE}
    assert weights(compare_data({"fee": "100", "note": None}, {"fee": "100"})) == {Significance.NOISE}
    assert weights(compare_data({"code": "007"}, {"code": "7"})) == {Significance.SUBSTANTIVE}
    assert weights(compare_data({"fee": "100"}, {"fee": None})) == {Significance.SUBSTANTIVE}


def test_a_key_that_went_is_named_beside_its_value() -> None:
    before = {"crews": {"deck": "46 months", "deck_pr": "33 months"}}
    changes = compare_data(before, {"crews": {"deck_pr": "33 months"}})

    assert [(v.kind, v.before, v.after) for v in changes[0].values] == [
        ("duration", "46 months", None),
        ("members", "deck", None),
    ]
