"""A flag as a reviewer reads it: what the guide says, what the page says, what else moved, what could be edited. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from domain.claims import Claim, Judgement
from domain.comparison import BlockChange, Significance
from domain.facts import FactChange
from domain.flags import Flag, ReviewVerdict
from domain.folding import fold
from domain.sources import Source
from domain.values import Members, Rows
from monitor.diff.facts import detail
from monitor.diff.words import shown
from monitor.edits import Edit, NoEdit, patch, suggest_for, together
from review.pages.wording import CONTEXT, Wording, wording

VERDICTS = tuple(enumerate((verdict.value for verdict in ReviewVerdict), start=1))
"""Every verdict with its key."""

MOST_CLAIMS = 40
MOST_ROWS = 200
_MOST_BLOCKS = {Significance.SUBSTANTIVE: 40, Significance.EDITORIAL: 20}
_MOST_PASSAGES = 3
_LONGEST_PASSAGE = 1_500
_AROUND = 160
_FEW = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Where the guide says it: the line, from 1, and the heading that it stands under; what the claim is about, and the
    words around it. said: "" where it could not be pointed at."""

    line: int
    heading: str
    before: str
    said: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """A claim that the flag touches, with how it stands now. claim: None where the file no longer has it."""

    id: str
    claim: Claim | None
    standing: Judgement | None
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One difference in its place: where it stands under which headings, and its words."""

    path: tuple[str, ...]
    op: str
    significance: str
    because: str
    wording: Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """One row (or member) of a table. op: added, removed or altered; cells: each before and after."""

    op: str
    cells: tuple[Wording, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableView:
    """The rows of a fact that differ. more: how many are not shown."""

    columns: tuple[str, ...]
    rows: tuple[RowChange, ...]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What else changed. here: the differences that hold the flag's own words; others by significance; noise: how many."""

    here: tuple[Words, ...]
    others: tuple[Words, ...]
    more: int
    noise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Suggested edits of the guide: each line before and after, one patch, and why there is none for some claims."""

    edits: tuple[tuple[Edit, Wording], ...]
    patch: str
    none: tuple[NoEdit, ...]


def touched_by(
    names: Sequence[str], claims: Mapping[str, Claim], judged: Mapping[str, Judgement], guide: str
) -> tuple[Touched, ...]:
    """The claims of a flag, at most MOST_CLAIMS, with the guide's own words where they are at hand."""
    return tuple(
        Touched(
            id=name,
            claim=claims.get(name),
            standing=judged.get(name),
            passages=passages_of(guide, claims[name].anchor) if name in claims else (),
        )
        for name in names[:MOST_CLAIMS]
    )


def passages_of(guide: str, anchor: str) -> tuple[Passage, ...]:
    """The lines of the guide in which the anchor stands."""
    wanted = fold(anchor)
    if not guide or not wanted:
        return ()
    found = [line for line in _lines(guide) if f" {wanted} " in line.folded]
    return tuple(
        Passage(line=line.number, heading=line.heading, before=before, said=said, after=after)
        for line in found[:_MOST_PASSAGES]
        for before, said, after in (_pointed_at(line.text, anchor),)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    number: int
    heading: str
    text: str
    folded: str


@lru_cache(maxsize=2)
def _lines(guide: str) -> tuple[_Line, ...]:
    """The guide line by line, kept for the next page: a guide changes seldom."""
    lines: list[_Line] = []
    heading = ""
    for number, text in enumerate(guide.splitlines(), start=1):
        if text.startswith("#"):
            heading = text.lstrip("#").strip()
        lines.append(_Line(number=number, heading=heading, text=text.strip(), folded=f" {fold(text)} "))
    return tuple(lines)


def _pointed_at(text: str, anchor: str) -> tuple[str, str, str]:
    """The anchor in a line, with at most _AROUND characters on each side, cut between words."""
    words = r"[\s*_`]+".join(re.escape(word) for word in anchor.split())
    found = re.search(words, text, re.IGNORECASE)
    if found is None:
        return _clip(text), "", ""
    before, after = text[: found.start()], text[found.end() :]
    if len(before) > _AROUND:
        before = "… " + before[before.find(" ", len(before) - _AROUND) + 1 :]
    if len(after) > _AROUND:
        after = after[: after.rfind(" ", 0, _AROUND)] + " …"
    return before, found[0], after


def _clip(text: str) -> str:
    return text if len(text) <= _LONGEST_PASSAGE else text[:_LONGEST_PASSAGE] + " …"


def page_changes(blocks: Iterable[BlockChange], flag: Flag) -> Page:
    """The differences of the check that opened the flag, those that hold its own words first."""
    here: list[BlockChange] = []
    others: list[BlockChange] = []
    noise = more = 0
    left = dict(_MOST_BLOCKS)
    about_the_page = flag.fact is None
    for block in sorted(blocks, key=lambda block: block.significance is not Significance.SUBSTANTIVE):
        if block.significance is Significance.NOISE:
            noise += 1
        elif _holds(block, flag) or (about_the_page and block.significance is Significance.SUBSTANTIVE):
            if len(here) < _MOST_BLOCKS[Significance.SUBSTANTIVE]:
                here.append(block)
            else:
                more += 1
        elif left[block.significance]:
            left[block.significance] -= 1
            others.append(block)
        else:
            more += 1
    return Page(here=_worded(here), others=_worded(others), more=more, noise=noise)


def _worded(blocks: Sequence[BlockChange]) -> tuple[Words, ...]:
    """Each difference in its context, which is short where there are many to read."""
    around = CONTEXT if len(blocks) <= _FEW else CONTEXT // 3
    return tuple(_words(block, around) for block in blocks)


def _holds(block: BlockChange, flag: Flag) -> bool:
    """Whether the flag's words stand in this difference."""
    before, after = shown(block.before or ""), shown(block.after or "")
    quotes = (shown(flag.quote_before), shown(flag.quote_after))
    return any(
        quote and side and (quote in side or side in quote) for quote, side in zip(quotes, (before, after), strict=True)
    )


def _words(block: BlockChange, around: int) -> Words:
    return Words(
        path=block.path,
        op=block.op.value,
        significance=block.significance.value,
        because=block.because,
        wording=wording(block.before or "", block.after or "", around=around),
    )


def table_view(flag: Flag, change: FactChange | None) -> TableView | None:
    """The rows or members that differ, None where the fact has none."""
    sample = flag.after or flag.before
    if not isinstance(sample, Rows | Members):
        return None
    if change is not None and (change.added or change.removed or change.altered):
        added, removed, altered = change.added, change.removed, change.altered
    else:
        added, removed, altered = detail(flag.before, flag.after)
    rows = [
        *(RowChange(op="altered", cells=_cells(old, new)) for old, new in altered),
        *(RowChange(op="removed", cells=tuple(wording(cell, "", whole=True) for cell in row)) for row in removed),
        *(RowChange(op="added", cells=tuple(wording("", cell, whole=True) for cell in row)) for row in added),
    ]
    columns = sample.columns if isinstance(sample, Rows) else ()
    return (
        TableView(columns=columns, rows=tuple(rows[:MOST_ROWS]), more=max(0, len(rows) - MOST_ROWS)) if rows else None
    )


def _cells(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[Wording, ...]:
    width = max(len(old), len(new))
    padded = (row + ("",) * (width - len(row)) for row in (old, new))
    return tuple(wording(before, after, whole=True) for before, after in zip(*padded, strict=True))


def suggestion_for(
    flag: Flag, touched: Iterable[Touched], source: Source | None, guide: str, *, name: str
) -> Suggestion | None:
    """What could be edited in the guide; None where its text is not at hand or the flag brings no new value."""
    if not guide or flag.after is None or flag.fact is None:
        return None
    rule = None if source is None else source.rule_for(flag.fact)
    claims = [item.claim for item in touched if item.claim is not None]
    if rule is None:
        return None
    edits, none = together(
        edit for claim in claims for edit in suggest_for(guide, claim, flag.fact, rule, flag.after, before=flag.before)
    )
    return Suggestion(
        edits=tuple((edit, wording(edit.before, edit.after)) for edit in edits),
        patch=patch(guide, edits, name=name),
        none=none,
    )


def snooze_day(text: str) -> date | None:
    """A day as a form has it, None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
