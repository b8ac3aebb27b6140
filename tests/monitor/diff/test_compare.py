"""Two documents and what is said of their difference."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.comparison import Comparison, Operation, Significance, Verdict
from domain.documents import Document
from monitor.diff import compare_documents
from tests.monitor.diff.pages import law, page

FERRY = """
# Ferry permits
You must hold a permit to sail. The permit costs $40.
## Who may apply
- residents of the island
- owners of a registered boat
## Piers
| Pier | Days | Fee |
| Newhaven | Monday to Friday | $5 |
| Oldport | every day | $7 |
## How to apply
Send the form to the harbour office. Keep a copy of the form.
"""


def changed(before: str | Document, old: str, new: str) -> Comparison:
    text = before if isinstance(before, str) else ""
    assert old in text
    return compare_documents(page(text), page(text.replace(old, new)))


def heavy(comparison: Comparison) -> list[tuple[Operation, str | None, str | None]]:
    return [
        (block.op, block.before, block.after)
        for block in comparison.blocks
        if block.significance is Significance.SUBSTANTIVE
    ]


def test_equal_content_is_noise_because_same_is_kept_for_equal_bytes() -> None:
    comparison = compare_documents(page(FERRY), page(FERRY))

    assert comparison.verdict is Verdict.NOISE
    assert comparison.blocks == ()
    assert comparison.reason


def test_a_changed_amount_is_one_block_change_with_its_value_and_place() -> None:
    comparison = changed(FERRY, "$40", "$55")

    (block,) = comparison.blocks
    assert comparison.verdict is Verdict.SUBSTANTIVE
    assert block.op is Operation.CHANGED
    assert block.path == ("Ferry permits",)
    assert block.because == "value altered"
    assert [(value.before, value.after) for value in block.values] == [("$40", "$55")]


def test_a_changed_row_shows_the_row_before_and_after() -> None:
    assert heavy(changed(FERRY, "| $5 |", "| $6 |")) == [
        (Operation.CHANGED, "Newhaven | Monday to Friday | $5", "Newhaven | Monday to Friday | $6")
    ]


def test_a_row_that_went_and_an_entry_that_came_are_substantive() -> None:
    assert heavy(changed(FERRY, "| Oldport | every day | $7 |", "")) == [
        (Operation.REMOVED, "Oldport | every day | $7", None)
    ]
    assert heavy(changed(FERRY, "- owners", "- guests of the harbour board\n- owners")) == [
        (Operation.ADDED, None, "guests of the harbour board")
    ]


def test_a_sentence_cut_into_bullets_with_equal_words_is_not_substantive() -> None:
    before = "# Pier\nYou must bring a ticket, a passport and a lamp."
    after = "# Pier\nYou must bring:\n- a ticket\n- a passport and\n- a lamp"

    assert compare_documents(page(before), page(after)).verdict in {Verdict.NOISE, Verdict.EDITORIAL}


def test_a_paragraph_cut_in_two_is_noise() -> None:
    comparison = changed(FERRY, "office. Keep", "office.\nKeep")

    assert comparison.verdict is Verdict.NOISE


def test_a_section_that_moved_whole_is_no_change_of_substance() -> None:
    first, second = (
        "## Tides\nThe tide table hangs at the pier.\n",
        "## Lamps\nEvery boat must carry a lamp at night.\n",
    )

    assert compare_documents(page(first + second), page(second + first)).verdict is Verdict.EDITORIAL


def test_an_entry_that_left_one_list_for_another_is_substantive() -> None:
    before = "## Open piers\n- Newhaven\n- Oldport\n## Closed piers\n- Westhaven"
    after = "## Open piers\n- Newhaven\n## Closed piers\n- Oldport\n- Westhaven"

    comparison = compare_documents(page(before), page(after))

    assert [op for op, _, _ in heavy(comparison)] == [Operation.MOVED]
    assert comparison.blocks[0].before == "Oldport"


def test_a_list_whose_heading_was_renamed_keeps_its_entries() -> None:
    comparison = changed(FERRY, "## Who may apply", "## Eligible applicants")

    assert comparison.verdict is Verdict.EDITORIAL
    assert [block.because for block in comparison.blocks] == ["label"]


def test_the_order_of_rows_is_no_change_of_substance() -> None:
    rows = ["| Newhaven | $5 |", "| Oldport | $7 |", "| Westhaven | $9 |"]
    before, after = "# Fees\n" + "\n".join(rows), "# Fees\n" + "\n".join(reversed(rows))

    assert compare_documents(page(before), page(after)).verdict is not Verdict.SUBSTANTIVE


def test_a_statement_repeated_under_its_heading_is_not_news_but_under_another_one_is() -> None:
    again = FERRY.replace("costs $40.", "costs $40. You must hold a permit to sail.")
    elsewhere = FERRY.replace("The form", "Form").replace(
        "Send the form", "You must hold a permit to sail. Send the form"
    )

    assert compare_documents(page(FERRY), page(again)).verdict is Verdict.EDITORIAL
    assert compare_documents(page(FERRY), page(elsewhere)).verdict is Verdict.SUBSTANTIVE


def test_an_example_that_went_is_editorial_but_not_one_with_an_amount() -> None:
    plain = "# Lamps\nEvery boat must carry a lamp.\nFor example, a fishing boat carries a lamp at the mast."
    priced = "# Lamps\nEvery boat must carry a lamp.\nFor example, a lamp costs $30."

    assert changed(plain, "For example, a fishing boat carries a lamp at the mast.", "").verdict is Verdict.EDITORIAL
    assert changed(priced, "For example, a lamp costs $30.", "").verdict is Verdict.SUBSTANTIVE


def test_a_link_that_leads_elsewhere_is_seen_though_its_words_are_equal() -> None:
    text = "Use [form 12](https://pier.example/forms/12-v3.pdf) to apply."

    comparison = changed(text, "12-v3", "12-v4")

    (block,) = comparison.blocks
    assert comparison.verdict is Verdict.EDITORIAL
    assert block.because == "link target"
    assert [(v.kind, v.before, v.after) for v in block.values] == [
        ("link", "https://pier.example/forms/12-v3.pdf", "https://pier.example/forms/12-v4.pdf")
    ]


def test_tracking_in_a_link_is_noise() -> None:
    text = "Read [the rules](https://pier.example/rules?utm_source=a1&v=3f9c) first."

    assert changed(text, "utm_source=a1&v=3f9c", "utm_source=b2&v=771d").verdict is Verdict.NOISE


def test_sections_of_a_law_are_compared_by_their_label_whatever_their_order() -> None:
    before = law({"1": "A boat must carry a lamp.", "2": "The fee is $10.", "3": "A pilot may refuse a boat."})
    after = law({"3": "A pilot may refuse a boat.", "1": "A boat must carry a lamp.", "2": "The fee is $12."})

    comparison = compare_documents(before, after)

    assert heavy(comparison) == [(Operation.CHANGED, "The fee is $10.", "The fee is $12.")]


def test_a_repealed_section_is_substantive() -> None:
    before = law({"1": "A boat must carry a lamp.", "2": "The fee is $10."})
    after = law({"1": "A boat must carry a lamp.", "2": "[Repealed, 2031, c. 4, s. 2]"})

    assert compare_documents(before, after).verdict is Verdict.SUBSTANTIVE


def test_two_edits_of_one_paragraph_are_one_change() -> None:
    comparison = compare_documents(
        page("The toll is $4. Boats sail at dawn. Lamps cost $9."),
        page("The toll is $5. Boats sail at dawn. Lamps cost $8."),
    )

    (block,) = comparison.blocks
    assert [(value.before, value.after) for value in block.values] == [("$4", "$5"), ("$9", "$8")]


def test_more_differences_than_a_person_reads_are_counted_in_the_last_one() -> None:
    before = page("\n".join(f"- pier number {k} is {'open' * (k % 3)}" for k in range(3000)))
    after = page("\n".join(f"- quay {k * 7} takes boat {k}" for k in range(3000)))

    comparison = compare_documents(before, after)

    assert len(comparison.blocks) == 2000
    assert comparison.blocks[-1].because == "not listed"
    assert comparison.verdict is Verdict.SUBSTANTIVE


WORDS = st.sampled_from(
    ["the", "pier", "must", "may", "not", "$5", "$7", "open", "closed", "12", "office", "-", "#", "|", "and", "or"]
)
PAGES = st.lists(st.lists(WORDS, min_size=1, max_size=8).map(" ".join), max_size=12).map("\n".join)


@settings(max_examples=60, deadline=None)
@given(text=PAGES)
def test_a_page_with_itself_has_no_difference(text: str) -> None:
    assert compare_documents(page(text), page(text)).blocks == ()


@settings(max_examples=100, deadline=None)
@given(before=PAGES, after=PAGES)
def test_whether_it_matters_does_not_depend_on_the_direction(before: str, after: str) -> None:
    there = compare_documents(page(before), page(after)).verdict is Verdict.SUBSTANTIVE
    back = compare_documents(page(after), page(before)).verdict is Verdict.SUBSTANTIVE

    assert there == back


@settings(max_examples=60, deadline=None)
@given(before=PAGES, after=PAGES)
def test_comparing_twice_gives_the_same(before: str, after: str) -> None:
    assert compare_documents(page(before), page(after)) == compare_documents(page(before), page(after))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_an_amount_that_changed_anywhere_is_found_whatever_else_was_reworded(seed: int) -> None:
    rng = random.Random(seed)
    lines = [f"Pier {name} asks a toll of ${rng.randrange(3, 90)} for each boat." for name in "abcdefghij"]
    spot = rng.randrange(len(lines))
    edited = [line.replace("for each boat", "per boat") if rng.random() < 0.5 else line for line in lines]
    edited[spot] = edited[spot].replace("toll of $", "toll of $9")
    rng.shuffle(edited)

    comparison = compare_documents(page("\n".join(lines)), page("\n".join(edited)))

    assert comparison.verdict is Verdict.SUBSTANTIVE


def test_a_row_is_not_said_by_an_equal_row_of_another_table() -> None:
    grid = """
# Points
With a partner
| Schooling | Points |
| Diploma of the harbour school | 13 |
| No schooling at all | 0 |
Without a partner
| Schooling | Points |
| Diploma of the harbour school | 13 |
| No schooling at all | 0 |
"""
    row = "| Diploma of the harbour school | 13 |\n"
    found = compare_documents(page(grid), page(grid[::-1].replace(row[::-1], "", 1)[::-1]))
    assert found.verdict is Verdict.SUBSTANTIVE


def test_an_entry_of_a_list_is_not_said_by_a_longer_one() -> None:
    trades = """
# Trades
- harbour pilots, tug masters and engine fitters
- cooks
"""
    assert changed(trades, "- cooks", "- cooks\n- harbour pilots and engine fitters").verdict is Verdict.SUBSTANTIVE
