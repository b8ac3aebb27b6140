"""Two sequences laid side by side: what is equal in order, and what stands between.

Patience first (items that are unique on both sides anchor the rest), exact longest common subsequence in the small
gaps, a greedy walk in gaps that are too large for it. So the cost is bounded whatever a page holds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rapidfuzz.distance import LCSseq

EXACT_CELLS = 4_000_000
"""The largest gap, as a product of lengths, that is aligned exactly: about 20 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of *before* and the stretch of *after* that stands in its place; half-open ranges.

    Spans follow each other without holes on both sides, so replaying them over *before* gives *after*.
    """

    equal: bool
    before: tuple[int, int]
    after: tuple[int, int]


class Window(NamedTuple):
    """A range of *before* and a range of *after* that are looked at together; half-open."""

    low_b: int
    high_b: int
    low_a: int
    high_a: int


def align(before: Sequence[Hashable], after: Sequence[Hashable]) -> tuple[Span, ...]:
    """Spans that cover both sequences in order; equal spans hold equal items.

    Deterministic. Time grows with the lengths and is bounded by `EXACT_CELLS` for each gap without anchors.
    """
    pairs: list[tuple[int, int]] = []
    waiting = [Window(0, len(before), 0, len(after))]
    while waiting:
        low_b, high_b, low_a, high_a = waiting.pop()
        while low_b < high_b and low_a < high_a and before[low_b] == after[low_a]:
            pairs.append((low_b, low_a))
            low_b, low_a = low_b + 1, low_a + 1
        while low_b < high_b and low_a < high_a and before[high_b - 1] == after[high_a - 1]:
            high_b, high_a = high_b - 1, high_a - 1
            pairs.append((high_b, high_a))
        if low_b == high_b or low_a == high_a:
            continue
        window = Window(low_b, high_b, low_a, high_a)
        anchors = _anchors(before, after, window)
        if not anchors:
            pairs.extend(_within(before, after, window))
            continue
        pairs.extend(anchors)
        ends = zip([(low_b - 1, low_a - 1), *anchors], [*anchors, (high_b, high_a)], strict=True)
        waiting.extend(Window(from_b + 1, to_b, from_a + 1, to_a) for (from_b, from_a), (to_b, to_a) in ends)
    return _spans(sorted(pairs), len(before), len(after))


def replay(before: Sequence[Hashable], after: Sequence[Hashable], spans: Sequence[Span]) -> list[Hashable]:
    """What applying the spans to *before* gives: kept where equal, put in from *after* where not."""
    result: list[Hashable] = []
    for span in spans:
        source, (low, high) = (before, span.before) if span.equal else (after, span.after)
        result.extend(source[low:high])
    return result


def _anchors(before: Sequence[Hashable], after: Sequence[Hashable], window: Window) -> list[tuple[int, int]]:
    """Pairs of items unique on both sides, in the longest run that is in order on both."""
    low_b, high_b, low_a, high_a = window
    count_b = Counter(before[low_b:high_b])
    count_a = Counter(after[low_a:high_a])
    place = {after[i]: i for i in range(low_a, high_a) if count_a[after[i]] == 1}
    unique = [(i, place[before[i]]) for i in range(low_b, high_b) if count_b[before[i]] == 1 and before[i] in place]
    return _longest_rising(unique)


def _longest_rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    tails: list[int] = []
    tops: list[int] = []
    previous: list[int] = []
    for index, (_, value) in enumerate(pairs):
        spot = bisect_left(tails, value)
        previous.append(tops[spot - 1] if spot else -1)
        if spot == len(tails):
            tails.append(value)
            tops.append(index)
        else:
            tails[spot] = value
            tops[spot] = index
    chain: list[tuple[int, int]] = []
    at = tops[-1] if tops else -1
    while at >= 0:
        chain.append(pairs[at])
        at = previous[at]
    return chain[::-1]


def _within(before: Sequence[Hashable], after: Sequence[Hashable], window: Window) -> list[tuple[int, int]]:
    """Equal pairs of a gap without anchors: the longest common subsequence, or a greedy one where that costs more."""
    low_b, high_b, low_a, high_a = window
    if (high_b - low_b) * (high_a - low_a) <= EXACT_CELLS:
        numbers: dict[Hashable, int] = {}
        left = [numbers.setdefault(before[i], len(numbers)) for i in range(low_b, high_b)]
        right = [numbers.setdefault(after[i], len(numbers)) for i in range(low_a, high_a)]
        return [
            (low_b + block.a + step, low_a + block.b + step)
            for block in LCSseq.opcodes(left, right).as_matching_blocks()
            for step in range(block.size)
        ]
    places: dict[Hashable, deque[int]] = {}
    for i in range(low_a, high_a):
        places.setdefault(after[i], deque()).append(i)
    found: list[tuple[int, int]] = []
    reached = low_a
    reach = max(64, (high_a - low_a) // 50)
    for i in range(low_b, high_b):
        spots = places.get(before[i])
        while spots and spots[0] < reached:
            spots.popleft()
        if spots and spots[0] - reached <= reach:
            found.append((i, spots[0]))
            reached = spots.popleft() + 1
    return found


def _spans(pairs: list[tuple[int, int]], length_b: int, length_a: int) -> tuple[Span, ...]:
    spans: list[Span] = []
    at_b = at_a = 0
    index = 0
    while index < len(pairs):
        start_b, start_a = pairs[index]
        if (start_b, start_a) != (at_b, at_a):
            spans.append(Span(equal=False, before=(at_b, start_b), after=(at_a, start_a)))
        run = 1
        while index + run < len(pairs) and pairs[index + run] == (start_b + run, start_a + run):
            run += 1
        at_b, at_a = start_b + run, start_a + run
        spans.append(Span(equal=True, before=(start_b, at_b), after=(start_a, at_a)))
        index += run
    if (at_b, at_a) != (length_b, length_a):
        spans.append(Span(equal=False, before=(at_b, length_b), after=(at_a, length_a)))
    return tuple(spans)
