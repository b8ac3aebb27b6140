"""What holds of every difference: nothing lost, order and division forgiven, what binds always seen, time bounded."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.comparison import Comparison, Verdict
from monitor.diff import compare_bodies, compare_documents
from monitor.diff.grouping import group, sentences
from monitor.diff.matching import match_blocks
from monitor.diff.words import tokens, worded
from tests.growth import grows_linearly
from tests.monitor.diff.pages import page

WORDS = st.sampled_from(
    ["the", "pier", "must", "not", "$5", "$7", "open", "12", "office", "lamp.", "Boats", "- x", "# h", "| c |"]
)
PAGES = st.lists(st.lists(WORDS, min_size=1, max_size=6).map(" ".join), max_size=14).map("\n".join)


@settings(max_examples=150, deadline=None)
@given(before=PAGES, after=PAGES)
def test_what_is_matched_and_what_stands_in_gaps_rebuild_both_pages(before: str, after: str) -> None:
    left, right = page(before), page(after)

    matching = match_blocks(left, right)

    pairs = [*matching.kept, *matching.moved, *matching.relocated]
    rebuilt = {j: worded(left.blocks[i].text) for i, j in pairs}
    rebuilt |= {j: worded(right.blocks[j].text) for gap in matching.gaps for j in gap.after}
    assert [rebuilt[j] for j in range(len(right.blocks))] == [worded(block.text) for block in right.blocks]
    used = [i for i, _ in pairs] + [i for gap in matching.gaps for i in gap.before]
    assert sorted(used) == list(range(len(left.blocks)))


@settings(max_examples=150, deadline=None)
@given(before=PAGES, after=PAGES)
def test_every_word_of_a_gap_stands_in_exactly_one_group(before: str, after: str) -> None:
    left, right = page(before), page(after)
    gaps = match_blocks(left, right).gaps

    groups = group(gaps, left.blocks, right.blocks)

    for side, blocks in (("before", left.blocks), ("after", right.blocks)):
        wanted = Counter(word for gap in gaps for i in getattr(gap, side) for word in tokens(blocks[i].text))
        assert Counter(word for found in groups for unit in getattr(found, side) for word in unit.words) == wanted


NAMES = "Newhaven Oldport Westhaven Easthaven Northpier Southpier Midquay Farquay".split()  # noqa: SIM905
STATEMENTS = (
    "{} takes boats from dawn until the lamps are lit.",
    "The office at {} keeps the book of arrivals.",
    "Every pilot at {} carries a lantern and a rope.",
    "A berth at {} is given to whoever asks first.",
)


def harbour(rng: random.Random) -> list[list[str]]:
    """Sections of statements, no two of them equal."""
    names = rng.sample(NAMES, 4)
    return [[form.format(name) for form in rng.sample(STATEMENTS, 3)] for name in names]


def written(sections: list[list[str]], names: list[int] | None = None, gap: str = "\n") -> str:
    order = names or list(range(len(sections)))
    return "# Harbour\n" + "\n".join(f"## Part {'abcd'[k]}\n" + gap.join(sections[k]) for k in order)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_moving_swapping_and_dividing_blocks_is_never_substantive(seed: int) -> None:
    rng = random.Random(seed)
    sections = harbour(rng)
    order = rng.sample(range(4), 4)
    swapped = [rng.sample(section, len(section)) for section in sections]

    for after in (
        written(sections, order),
        written(swapped),
        written(sections, gap=" "),
        written(swapped, order, gap=" "),
        written([[text.replace(" ", "\u00a0  ") for text in section] for section in sections]),
    ):
        assert compare_documents(page(written(sections)), page(after)).verdict is not Verdict.SUBSTANTIVE
        assert compare_documents(page(after), page(written(sections))).verdict is not Verdict.SUBSTANTIVE


@settings(max_examples=40, deadline=None)
@given(entries=st.lists(st.sampled_from(NAMES), unique=True, min_size=2), data=st.data())
def test_the_order_of_entries_and_rows_is_never_substantive(entries: list[str], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(entries))

    for form in ("- {} pier", "| {} | lamp |"):
        before, after = ("# Piers\n" + "\n".join(map(form.format, names)) for names in (entries, shuffled))
        assert compare_documents(page(before), page(after)).verdict is not Verdict.SUBSTANTIVE


FORMS = (
    ("The toll is ${}.", ["5", "7", "1,000", "1,000.50"]),
    ("Le droit est de {} $.", ["5", "7", "1 000", "1 000,50"]),
    ("Apply by {} 2031.", ["May 3", "May 4", "June 3"]),
    ("The permit lasts up to {}.", ["2 years", "3 years", "3 months", "10 days", "10 business days"]),
    ("A boat {} moor at night.", ["must", "must not", "may", "may not"]),
    ("The night intake is {}.", ["open", "closed", "paused", "no longer open"]),
    ("Le quai {} ouvert.", ["est", "n'est pas", "n'est plus"]),
    ("You need NOC {}.", ["72602", "72603", "75210"]),
    ("You need CLB {} in speaking.", ["5", "7"]),
    ("It follows from section {}.", ["204(a)", "204(b)", "205(a)"]),
    ("The office is shut {} 2031.", ["May 3 to 9", "May 3 to 8", "May 4 to 9"]),
    ("Un fanal est {}.", ["obligatoire", "facultatif", "interdit"]),
    ("Le pilote {} attendre.", ["doit", "peut", "ne doit pas"]),
    ("A lamp costs {} dollars.", ["10 to 20", "10 to 30", "5 to 20"]),
    ("You need {} points.", ["67", "70"]),
    ("A discount of {} applies.", ["5%", "15%", "1.5%"]),
)


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 100_000), form=st.sampled_from(FORMS), data=st.data())
def test_a_value_or_duty_that_changed_is_seen_whatever_else_moved(
    seed: int, form: tuple[str, list[str]], data: st.DataObject
) -> None:
    rng = random.Random(seed)
    sentence, values = form
    old, new = data.draw(st.permutations(values))[:2]
    sections = harbour(rng)
    where, mark = rng.randrange(4), rng.choice(["", "- ", "| Night | "])
    before = [[*section, mark + sentence.format(old)] if k == where else section for k, section in enumerate(sections)]
    after = [[*section, mark + sentence.format(new)] if k == where else section for k, section in enumerate(sections)]
    order, gap = rng.sample(range(4), 4), rng.choice(["\n", " "]) if not mark else "\n"
    left, right = page(written(before)), page(written(after, order, gap=gap))

    there, back = compare_documents(left, right), compare_documents(right, left)
    assert (there.verdict, back.verdict) == (Verdict.SUBSTANTIVE, Verdict.SUBSTANTIVE)
    named = {value.kind for block in there.blocks for value in block.values}
    assert named - {"text"} or not any(map(str.isdigit, old))


@given(names=st.permutations(NAMES), mark=st.sampled_from(["", "- ", "| Toll | "]))
def test_two_amounts_that_changed_places_are_seen(names: list[str], mark: str) -> None:
    one, other = names[:2]

    def toll(first: str, second: str) -> str:
        return (
            f"# Tolls\n{mark}A berth at {one} costs {first} a night.\n{mark}A berth at {other} costs {second} a night."
        )

    assert compare_documents(page(toll("$5", "$7")), page(toll("$7", "$5"))).verdict is Verdict.SUBSTANTIVE


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_a_link_that_leads_elsewhere_is_named_whatever_else_moved(seed: int) -> None:
    rng = random.Random(seed)
    sections = harbour(rng)
    sections[rng.randrange(4)].append("Use [the form](https://pier.example/form-3.pdf) to apply.")
    before = written(sections)

    comparison = compare_documents(
        page(before), page(written(sections, rng.sample(range(4), 4)).replace("form-3", "form-4"))
    )

    links = [(v.before, v.after) for block in comparison.blocks for v in block.values if v.kind == "link"]
    assert links == [("https://pier.example/form-3.pdf", "https://pier.example/form-4.pdf")]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_a_body_with_itself_is_the_same_and_comparing_again_gives_the_same(seed: int) -> None:
    rng = random.Random(seed)
    before, after = (
        "<html><body><main>"
        + "".join(f"<p>{text}</p>" for section in harbour(rng) for text in section)
        + "</main></body></html>"
        for _ in range(2)
    )

    assert compare_bodies(before.encode(), before.encode()).verdict is Verdict.SAME
    assert compare_bodies(before.encode(), after.encode()) == compare_bodies(before.encode(), after.encode())


def lines(count: int, kinds: int) -> list[str]:
    return [f"line {k * k % kinds}" for k in range(count)]


def shuffled(texts: list[str]) -> list[str]:
    return random.Random(7).sample(texts, len(texts))


@pytest.mark.timeout(120)
@pytest.mark.parametrize("kinds", [1, 5, 10_000_000], ids=["all equal", "few kinds", "all different"])
def test_the_time_grows_with_the_shuffled_lines(kinds: int) -> None:
    found: list[Comparison] = []

    def prepare(count: int) -> Callable[[], object]:
        texts = lines(count, kinds)
        left, right = (page("\n".join(f"- {text}" for text in order)) for order in (texts, shuffled(texts)))
        return lambda: found.append(compare_documents(left, right))

    assert grows_linearly(prepare, size=4_000)
    assert all(comparison.verdict is not Verdict.SUBSTANTIVE for comparison in found)


def test_sentences_lose_no_word() -> None:
    text = "Pay $1.50. Then sail! Mr. Reed, e.g. a pilot, waits; and (a) rows (b) sails. (2) The end"

    assert " ".join(sentences(text)).split() == text.split()
