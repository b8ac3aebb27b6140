"""Which block of *after* is which block of *before*: in place, moved, or in a gap where something changed.

Cheap comparisons first: equal text in order, then equal words in order, then equal words anywhere. What is left are
gaps, and only they are looked at word by word.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.documents import Block, BlockKind, Document
from monitor.diff.align import align
from monitor.diff.words import shown, worded

LONGEST_WORDED = 100_000
"""Characters of one block up to which its words are taken apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Blocks of *before* and the blocks of *after* that stand in their place, by index; either may be empty.

    keyed: the two are one block by its identity, so what changed between them is told of it and of no other block.
    """

    before: tuple[int, ...]
    after: tuple[int, ...]
    keyed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """Every block of both documents stands in exactly one of these.

    kept: equal words in place. moved: equal words elsewhere. relocated: an entry that left one list for another (an
    entry that repeats a heading is a list of contents and is not).
    """

    kept: tuple[tuple[int, int], ...]
    moved: tuple[tuple[int, int], ...]
    relocated: tuple[tuple[int, int], ...]
    gaps: tuple[Gap, ...]


def match_blocks(before: Document, after: Document) -> Matching:
    """The matching of two documents; deterministic, in document order."""
    kept, gaps = _keyed(before.blocks, after.blocks)
    place_b, place_a = _places(before), _places(after)
    found, gaps = _in_order(gaps, _keys(before.blocks, place_b, raw=True), _keys(after.blocks, place_a, raw=True))
    kept += found
    left_b = {i for gap in gaps for i in gap.before}
    left_a = {i for gap in gaps for i in gap.after}
    words_b = {i: _words(before.blocks[i].text) for i in left_b}
    words_a = {i: _words(after.blocks[i].text) for i in left_a}
    found, gaps = _in_order(
        gaps,
        {i: (words, shown(place_b[i])) for i, words in words_b.items()},
        {i: (words, shown(place_a[i])) for i, words in words_a.items()},
    )
    kept += found
    found, gaps = _in_order(gaps, words_b, words_a)
    elsewhere, gaps = _anywhere(gaps, words_b, words_a)
    moved: list[tuple[int, int]] = []
    relocated: list[tuple[int, int]] = []
    heads_b = {worded(place) for place in place_b}
    heads_a = {worded(place) for place in place_a}
    for source, target in [(pair, kept) for pair in found] + [(pair, moved) for pair in elsewhere]:
        left, right = worded(place_b[source[0]]), worded(place_a[source[1]])
        block = before.blocks[source[0]]
        entry = block.kind in {BlockKind.ITEM, BlockKind.ROW} and not block.aside and worded(block.text) not in heads_b
        changed_list = entry and left and right and left != right and left in heads_a and right in heads_b
        (relocated if changed_list else target).append(source)
    return Matching(
        kept=tuple(sorted(kept)), moved=tuple(sorted(moved)), relocated=tuple(sorted(relocated)), gaps=tuple(gaps)
    )


def _words(text: str) -> str:
    """The key under which re-punctuated text is equal; a text of book length is taken as it is shown."""
    return worded(text) if len(text) <= LONGEST_WORDED else shown(text)


def _places(document: Document) -> tuple[str, ...]:
    """What each block stands under: the caption of its table, else the nearest heading."""
    places: list[str] = []
    for block in document.blocks:
        caption = ""
        if block.table is not None and block.table < len(document.tables):
            caption = document.tables[block.table].caption
        places.append(caption or (block.path[-1] if block.path else ""))
    return tuple(places)


def _keys(blocks: Sequence[Block], places: Sequence[str], *, raw: bool) -> dict[int, tuple[str, str]]:
    return {i: (block.text, places[i]) for i, block in enumerate(blocks)} if raw else {}


def _keyed(before: Sequence[Block], after: Sequence[Block]) -> tuple[list[tuple[int, int]], list[Gap]]:
    """Blocks that carry an identity are matched by it, whatever their order; the rest is one gap.

    An identity that stands twice on one side identifies nothing and is not used.
    """
    keys_b, keys_a = _identities(before), _identities(after)
    shared = keys_b.keys() & keys_a.keys()
    if not shared:
        return [], [Gap(before=tuple(range(len(before))), after=tuple(range(len(after))))]
    kept: list[tuple[int, int]] = []
    gaps: list[Gap] = []
    for key in shared:
        left, right = keys_b[key], keys_a[key]
        if before[left].text == after[right].text:
            kept.append((left, right))
        else:
            gaps.append(Gap(before=(left,), after=(right,), keyed=True))
    taken_b, taken_a = {keys_b[key] for key in shared}, {keys_a[key] for key in shared}
    rest = Gap(
        before=tuple(i for i in range(len(before)) if i not in taken_b),
        after=tuple(i for i in range(len(after)) if i not in taken_a),
    )
    return kept, [rest, *sorted(gaps, key=lambda gap: gap.after)]


def _identities(blocks: Sequence[Block]) -> dict[str, int]:
    places: dict[str, int] = {}
    twice: set[str] = set()
    for i, block in enumerate(blocks):
        if block.key is not None:
            if block.key in places:
                twice.add(block.key)
            places[block.key] = i
    return {key: i for key, i in places.items() if key not in twice}


def _in_order(
    gaps: Iterable[Gap],
    keys_b: dict[int, tuple[str, str]] | dict[int, str],
    keys_a: dict[int, tuple[str, str]] | dict[int, str],
) -> tuple[list[tuple[int, int]], list[Gap]]:
    """Pairs of equal keys that stand in one order within each gap, and the gaps that remain between them."""
    found: list[tuple[int, int]] = []
    left: list[Gap] = []
    for gap in gaps:
        for span in align([keys_b[i] for i in gap.before], [keys_a[i] for i in gap.after]):
            part_b, part_a = gap.before[slice(*span.before)], gap.after[slice(*span.after)]
            if span.equal:
                found.extend(zip(part_b, part_a, strict=True))
            else:
                left.append(Gap(before=part_b, after=part_a, keyed=gap.keyed))
    return found, left


def _anywhere(
    gaps: Sequence[Gap], words_b: dict[int, str], words_a: dict[int, str]
) -> tuple[list[tuple[int, int]], list[Gap]]:
    """Pairs of equal words whatever their place, first with first; they leave their gaps."""
    waiting: defaultdict[str, deque[int]] = defaultdict(deque)
    loose = [gap for gap in gaps if not gap.keyed]
    for gap in loose:
        for i in gap.before:
            waiting[words_b[i]].append(i)
    found = [(waiting[words_a[j]].popleft(), j) for gap in loose for j in gap.after if waiting[words_a[j]]]
    gone_b, gone_a = {i for i, _ in found}, {j for _, j in found}
    left = [
        Gap(
            before=tuple(i for i in gap.before if i not in gone_b),
            after=tuple(j for j in gap.after if j not in gone_a),
            keyed=gap.keyed,
        )
        for gap in gaps
    ]
    return found, [gap for gap in left if gap.before or gap.after]
