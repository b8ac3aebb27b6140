"""Two captures compared, for people: block changes with their words marked, facts before and after. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from domain.checks import Examination
from domain.comparison import BlockChange, Significance, ValueChange
from domain.facts import FactChange
from domain.values import value_words
from review.pages.word_diff import Piece, word_diff

MOST_CHANGES = 100
"""Block changes on one page; the substantive ones come first."""

LONGEST_TEXT = 12_000
"""Characters of one side of a change."""

_ORDER = {Significance.SUBSTANTIVE: 0, Significance.EDITORIAL: 1, Significance.NOISE: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """One block change. cut: characters that are left out."""

    op: str
    significance: str
    place: str
    because: str
    pieces: tuple[Piece, ...]
    values: tuple[ValueChange, ...]
    cut: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FactView:
    """One fact that differs. added, removed: rows or members, each as one line; more: how many are not shown.

    pieces: the two values with their words marked, where they are prose and not figures; the quotes say the same then.
    """

    key: str
    change: str
    before: str
    after: str
    pieces: tuple[Piece, ...]
    quote_before: str
    quote_after: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    altered: tuple[tuple[str, str], ...]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonView:
    """counts: block changes by significance, those that occur. noise: whether noise is shown too."""

    verdict: str
    reason: str
    changes: tuple[ChangeView, ...]
    facts: tuple[FactView, ...]
    counts: tuple[tuple[str, int], ...]
    more: int
    noise: bool


def compared(examination: Examination, *, noise: bool) -> ComparisonView:
    """What a comparison came to. noise: whether changes that mean nothing are shown as well."""
    counts = Counter(block.significance for block in examination.blocks)
    shown = [block for block in examination.blocks if noise or block.significance is not Significance.NOISE]
    shown.sort(key=lambda block: _ORDER[block.significance])
    return ComparisonView(
        verdict=examination.verdict.value,
        reason=examination.reason,
        changes=tuple(_change(block) for block in shown[:MOST_CHANGES]),
        facts=tuple(_fact(change) for change in examination.changes),
        counts=tuple((item.value, counts[item]) for item in _ORDER if counts[item]),
        more=max(0, len(shown) - MOST_CHANGES),
        noise=noise,
    )


def _change(block: BlockChange) -> ChangeView:
    before, after = block.before or "", block.after or ""
    cut = max(0, len(before) - LONGEST_TEXT) + max(0, len(after) - LONGEST_TEXT)
    return ChangeView(
        op=block.op.value,
        significance=block.significance.value,
        place=" › ".join(block.path) or block.locator,
        because=block.because,
        pieces=word_diff(before[:LONGEST_TEXT], after[:LONGEST_TEXT]),
        values=block.values,
        cut=cut,
    )


_MOST_ROWS = 30
_LONGEST_FIGURE = 60


def _fact(change: FactChange) -> FactView:
    rows = (change.added, change.removed, change.altered)
    before = "" if change.before is None else value_words(change.before)
    after = "" if change.after is None else value_words(change.after)
    prose = max(len(before), len(after)) > _LONGEST_FIGURE
    return FactView(
        key=change.key,
        change=change.change.value,
        before=before,
        after=after,
        pieces=word_diff(before[:LONGEST_TEXT], after[:LONGEST_TEXT]) if prose else (),
        quote_before="" if prose else change.quote_before[:LONGEST_TEXT],
        quote_after="" if prose else change.quote_after[:LONGEST_TEXT],
        added=tuple(" | ".join(row) for row in change.added[:_MOST_ROWS]),
        removed=tuple(" | ".join(row) for row in change.removed[:_MOST_ROWS]),
        altered=tuple((" | ".join(old), " | ".join(new)) for old, new in change.altered[:_MOST_ROWS]),
        more=sum(max(0, len(part) - _MOST_ROWS) for part in rows),
    )
