"""A change and the guide's own words in, a suggested edit out: the passage with the value replaced, as a patch.

The new value is written in the manner of the old one, and only where the passage says surely which words give it: what
a person would have to think about is left to a person, with the reason.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from domain.claims import Claim, Expectation, Operator
from domain.sources import Rule
from domain.values import (
    Bound,
    Code,
    Count,
    Duration,
    Members,
    Percentage,
    Points,
    Rows,
    Status,
    Text,
    Value,
    YesNo,
    kind_of,
)
from monitor.enumerations import Change, list_changes
from monitor.extract import Found, parse_value, values_in
from monitor.manner import Unsure, written, written_number
from monitor.operators import besides, missing_from
from monitor.passages import Place, Seen, places, seen
from monitor.quantities import same_value

_SINGLE = frozenset({Operator.EQUALS, Operator.AT_LEAST, Operator.AT_MOST, Operator.ON_OR_AFTER})
"""Operators whose operand is the value that the guide gives, and stays true of the official one."""
_LISTS = frozenset(
    {Operator.CONTAINS, Operator.SUPERSET_OF, Operator.SAME_MEMBERS, Operator.SUBSET_OF, Operator.EQUALS}
)
_WHOLE_LISTS = frozenset({Operator.SAME_MEMBERS, Operator.SUBSET_OF, Operator.EQUALS})
"""Those of them for which the guide has to name whatever the official list names."""
_BARE = re.compile(r"(?<![\w.,$])\d[\d,\u00a0\u202f ]*\d|(?<![\w.,$])\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One passage of the guide before and after, in whole lines: "" after means that they go.

    line: the number of its first line, from 1. changes: the stretches of the guide's text that it replaces.
    """

    claim: str
    line: int
    before: str
    after: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoEdit:
    """Why nothing can be suggested, there or at all; a person has to write it."""

    claim: str
    reason: str


def suggest_for(
    guide: str, claim: Claim, key: str, rule: Rule, new: Value, *, before: Value | None = None
) -> tuple[Edit | NoEdit, ...]:
    """What a new value of a fact asks of the guide's words for a claim.

    before: what the fact was, for a claim that does not say what the guide gives.
    """
    asked = [item for item in claim.expectations if item.fact == key]
    if isinstance(new, (Members, Rows)):
        return _list_edits(guide, claim, asked, new)
    old = guide_value(claim, key, rule) or before
    if old is None or isinstance(old, (Code, Status, Text, YesNo)):
        return (NoEdit(claim=claim.id, reason="the guide says it in words, which a person has to write"),)
    return suggest_edits(guide, claim, old, new)


def guide_value(claim: Claim, key: str, rule: Rule) -> Value | None:
    """The one value or range that the claim says the guide gives, or None where it gives several, a list or words."""
    asked = [item for item in claim.expectations if item.fact == key and item.operator in _SINGLE | {Operator.BETWEEN}]
    if len(asked) != 1:
        return None
    if asked[0].operator is not Operator.BETWEEN:
        return parse_value(rule.kind, " ".join(asked[0].operand), codes=rule.codes)
    low, high = (parse_value(rule.kind, text) for text in asked[0].operand)
    if isinstance(low, Duration) and isinstance(high, Duration) and low.unit is high.unit:
        return replace(high, bound=Bound.RANGE, lower=low.quantity, upper=high.quantity)
    return None


def suggest_edits(guide: str, claim: Claim, old: Value, new: Value) -> tuple[Edit | NoEdit, ...]:
    """Edits of every passage of the guide in which the claim's anchor and the old value stand, or why there are none."""
    if same_value(old, new) is not False:
        return (NoEdit(claim=claim.id, reason="the values are no figures that could be put in each other's place"),)
    return _at_each_place(
        guide, claim, lambda shown, place: _replaced(shown, place, old, new), "does not hold the old value"
    )


def _at_each_place(
    guide: str, claim: Claim, change: Callable[[Seen, Place], tuple[Change, ...]], otherwise: str
) -> tuple[Edit | NoEdit, ...]:
    shown = seen(guide)
    found = places(shown, claim.anchor) if claim.anchor else ()
    if not found:
        return (NoEdit(claim=claim.id, reason=f"the words {claim.anchor!r} are not in the guide"),)
    made: list[Edit | NoEdit] = []
    for place in found:
        try:
            changes = change(shown, place)
        except Unsure as reason:
            made.append(NoEdit(claim=claim.id, reason=str(reason)))
            continue
        if changes:
            made.append(_edit(guide, claim.id, changes))
    return tuple(dict.fromkeys(made)) or (NoEdit(claim=claim.id, reason=f"the passage {otherwise}"),)


def _replaced(shown: Seen, place: Place, old: Value, new: Value) -> tuple[Change, ...]:
    text = shown.text[place.first : place.last]
    found = [item for item in values_in(text) if kind_of(item.value) is kind_of(old) and same_value(item.value, old)]
    if not found and isinstance(old, (Count, Points, Percentage)) and type(old) is type(new):
        return _bare_number(shown, place, old.number, new.number)
    if not found:
        return ()
    item = _meant(text, found, place)
    words = written(item, new, before=text[: item.start])
    start = place.first + item.start
    return _changes(shown, start, item.text, words)


def _meant(text: str, found: list[Found], place: Place) -> Found:
    """The one of several that the anchor holds, or that stands right beside it. Raises Unsure."""
    if len(found) == 1:
        return found[0]
    start, end = place.start - place.first, place.end - place.first
    held = [item for item in found if item.start < end and start < item.end]
    beside = [
        item
        for item in found
        if (item.start >= end and not text[end : item.start].strip(" :–—-"))
        or (item.end <= start and not text[item.end : start].strip())
    ]
    chosen = held or beside
    if len(chosen) != 1:
        raise Unsure("the passage holds the old value more than once, and the anchor does not say which is meant")
    return chosen[0]


def _bare_number(shown: Seen, place: Place, old: Decimal, new: Decimal) -> tuple[Change, ...]:
    """A number without its unit, only where the anchor itself holds it."""
    text = shown.text[place.first : place.last]
    held = [
        match
        for match in _BARE.finditer(text)
        if match.start() < place.end - place.first
        and place.start - place.first < match.end()
        and re.sub(r"[^\d]", "", match[0]) == f"{old:f}"
    ]
    if len(held) != 1:
        return ()
    return _changes(shown, place.first + held[0].start(), held[0][0], written_number(held[0][0], old, new))


def _changes(shown: Seen, start: int, old: str, new: str) -> tuple[Change, ...]:
    """The words that differ, each where it stands, so that marks and line ends between them stay."""
    one, other = (re.findall(r"\w+|\W", text) for text in (old, new))
    offsets = [start]
    for token in one:
        offsets.append(offsets[-1] + len(token))
    changes: list[Change] = []
    for op, first, last, came, went in difflib.SequenceMatcher(a=one, b=other, autojunk=False).get_opcodes():
        if op == "equal":
            continue
        stretch = shown.together(offsets[first], offsets[last])
        if stretch is None:
            raise Unsure("marks of the text stand inside the value")
        changes.append((*stretch, "".join(other[came:went])))
    return tuple(changes)


def _list_edits(guide: str, claim: Claim, asked: list[Expectation], new: Members | Rows) -> tuple[Edit | NoEdit, ...]:
    lists = [item for item in asked if item.operator in _LISTS]
    if len(lists) != 1 or len(asked) != 1:
        return (NoEdit(claim=claim.id, reason="what the guide says of the list is for a person to write"),)
    entries = lists[0].operand
    gone = missing_from(new, entries)
    came = besides(new, entries) if lists[0].operator in _WHOLE_LISTS else ()
    if not gone and not came:
        return (NoEdit(claim=claim.id, reason="the list holds all that the guide names"),)
    return _at_each_place(
        guide,
        claim,
        lambda shown, place: list_changes(guide, shown, place, entries, gone=gone, came=came),
        f"does not name {', '.join(gone or came)} as the official list does",
    )


def _edit(guide: str, claim: str, changes: tuple[Change, ...]) -> Edit:
    first = guide.rfind("\n", 0, changes[0][0]) + 1
    end = changes[-1][1]
    last = guide.find("\n", end - 1 if end and guide[end - 1 : end] == "\n" else end)
    last = len(guide) if last < 0 else last + 1
    after = applied(guide[first:last], tuple((start - first, stop - first, words) for start, stop, words in changes))
    return Edit(
        claim=claim,
        line=guide.count("\n", 0, first) + 1,
        before=guide[first:last].rstrip("\r\n"),
        after=after.rstrip("\r\n"),
        changes=changes,
    )


def applied(text: str, changes: Iterable[Change]) -> str:
    """The text with every stretch replaced; they stand apart from each other."""
    for start, end, words in sorted(changes, reverse=True):
        text = text[:start] + words + text[end:]
    return text


def together(found: Iterable[Edit | NoEdit]) -> tuple[tuple[Edit, ...], tuple[NoEdit, ...]]:
    """Edits that can be taken at once, and why there are no others: of two that meet in other words, the first stays."""
    kept: list[Edit] = []
    none: list[NoEdit] = []
    taken: set[Change] = set()
    for item in found:
        if isinstance(item, NoEdit):
            none.append(item)
            continue
        fresh = [change for change in item.changes if change not in taken]
        if any(start < end2 and start2 < end for start, end, _ in fresh for start2, end2, _ in taken):
            none.append(NoEdit(claim=item.claim, reason=f"another edit of line {item.line} touches the same words"))
        elif fresh:
            kept.append(item)
            taken.update(fresh)
    return tuple(kept), tuple(none)


def patch(guide: str, edits: Iterable[Edit], *, name: str) -> str:
    """The edits, which stand apart, as a unified diff of the guide; "" where there are none."""
    lines = re.findall(r"[^\n]*\n|[^\n]+", guide)
    changed = re.findall(r"[^\n]*\n|[^\n]+", applied(guide, {change for edit in edits for change in edit.changes}))
    end = "\t" if " " in name else ""
    made = difflib.unified_diff(lines, changed, fromfile=f"a/{name}{end}", tofile=f"b/{name}{end}", n=1)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in made)
