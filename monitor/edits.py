"""A change and the guide's own words in, a suggested edit out: the passage with the value replaced, as a patch.

The new value is written in the manner of the old one, and only where the passage holds the old value exactly once:
what a person would have to think about is left to a person.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from domain.claims import Claim, Operator
from domain.sources import Rule
from domain.values import Bound, Count, Day, Duration, Money, Percentage, Points, Value, kind_of
from monitor.extract import Found, parse_value, values_in
from monitor.operators import fold
from monitor.quantities import same_value

_DIGITS = re.compile(r"\d[\d,.\u00a0\u202f ]*\d|\d")
_MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One line of the guide before and after. line: its number, from 1."""

    claim: str
    line: int
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoEdit:
    """Why nothing can be suggested; a person has to write it."""

    claim: str
    reason: str


def suggest_edits(guide: str, claim: Claim, old: Value, new: Value) -> tuple[Edit, ...] | NoEdit:
    """Edits of every line of the guide in which the claim's anchor and the old value stand."""
    if same_value(old, new) is not False:
        return NoEdit(claim=claim.id, reason="the values are no figures that could be put in each other's place")
    lines = guide.splitlines()
    anchored = [at for at, line in enumerate(lines) if claim.anchor and f" {fold(claim.anchor)} " in f" {fold(line)} "]
    if not anchored:
        return NoEdit(claim=claim.id, reason=f"the words {claim.anchor!r} are not in the guide")
    edits = [edit for at in anchored if (edit := _edited(lines[at], at + 1, claim, old, new)) is not None]
    return tuple(edits) or NoEdit(claim=claim.id, reason="the passage does not hold the old value just once")


def guide_value(claim: Claim, key: str, rule: Rule) -> Value | None:
    """The one value that the claim says the guide gives, or None where it gives a range, a list or words."""
    asked = [item for item in claim.expectations if item.fact == key and item.operator is Operator.EQUALS]
    return parse_value(rule.kind, " ".join(asked[0].operand), codes=rule.codes) if len(asked) == 1 else None


def patch(guide: str, edits: Iterable[Edit], *, name: str) -> str:
    """The edits as a unified diff of the guide; "" where there are none."""
    lines = guide.splitlines(keepends=True)
    changed = list(lines)
    for edit in edits:
        end = lines[edit.line - 1][len(lines[edit.line - 1].rstrip("\r\n")) :]
        changed[edit.line - 1] = edit.after + end
    made = difflib.unified_diff(lines, changed, fromfile=f"a/{name}", tofile=f"b/{name}", n=1)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in made)


def _edited(line: str, number: int, claim: Claim, old: Value, new: Value) -> Edit | None:
    """The line with the old value replaced, where it stands there once, or once beside the anchor's words."""
    found = [item for item in values_in(line) if kind_of(item.value) is kind_of(old) and same_value(item.value, old)]
    near = [item for item in found if _within(line, item, claim.anchor)]
    chosen = near if len(near) == 1 else found
    if len(chosen) != 1:
        return None
    item = chosen[0]
    words = rewritten(item, new)
    if words is None:
        return None
    return Edit(claim=claim.id, line=number, before=line, after=line[: item.start] + words + line[item.end :])


def _within(line: str, item: Found, anchor: str) -> bool:
    """Whether the value stands in the sentence that holds the anchor."""
    start = max((line.rfind(mark, 0, item.start) + 2 for mark in (". ", "? ", "! ")), default=0)
    ends = [at for mark in (". ", "? ", "! ") if (at := line.find(mark, item.end)) >= 0]
    return fold(anchor) in fold(line[max(start, 0) : min(ends, default=len(line)) + 1])


def rewritten(item: Found, new: Value) -> str | None:
    """The new value in the manner of the words in which the old one stood, or None where that cannot be done surely."""
    words = _written(item.text, item.value, new)
    if words is None:
        return None
    again = [found for found in values_in(words) if same_value(found.value, _plain(new))]
    return words if again else None


def _plain(value: Value) -> Value:
    return replace(value, statistic=None) if isinstance(value, Duration) else value


def _written(text: str, old: Value, new: Value) -> str | None:
    match old, new:
        case Money(currency=one), Money(currency=other, amount=amount) if one == other:
            return _with_number(text, amount)
        case ((Count() | Points() | Percentage()), (Count() | Points() | Percentage())) if type(old) is type(new):
            return _with_number(text, new.number)
        case Day(), Day():
            return _with_day(text, new)
        case Duration(), Duration() if old.unit is new.unit and Bound.RANGE not in (old.bound, new.bound):
            words = _with_number(text, new.quantity)
            return None if words is None else _plural(words, new.quantity)
        case _:
            return None


def _with_number(text: str, number: Decimal) -> str | None:
    """The one figure of the text replaced, with its thousands mark and its decimals as they were written."""
    figures = list(_DIGITS.finditer(text))
    if len(figures) != 1:
        return None
    figure = figures[0][0]
    marks = re.findall(r"(?<=\d)([,\u00a0\u202f ])(?=\d{3}\b)", figure)
    places = 2 if re.search(r"[.,]\d{2}\Z", figure) or number != number.to_integral_value() else 0
    written = f"{number:,.{places}f}".replace(",", marks[0] if marks else "," if number >= 10_000 else "")
    return text[: figures[0].start()] + written + text[figures[0].end() :]


def _with_day(text: str, new: Day) -> str | None:
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return new.date.isoformat()
    if new.precision != "day":
        return None
    for language, months in _MONTHS.items():
        for month in months:
            if re.search(rf"\b{month}\b", text, re.IGNORECASE):
                return _in_words(text, month, months, new.date, language)
    return None


def _in_words(text: str, month: str, months: list[str], day: date, language: str) -> str | None:
    """`March 25, 2025` or `25 mars 2025`, the year only where it was written."""
    name = months[day.month - 1]
    year = re.search(r"\b\d{4}\b", text)
    after = re.sub(rf"\b{month}\b", name, text, flags=re.IGNORECASE)
    after = re.sub(r"\b\d{1,2}(?=\b|er\b|st\b|nd\b|rd\b|th\b)", str(day.day), after, count=1)
    after = re.sub(r"\b\d{4}\b", str(day.year), after, count=1) if year else after
    return after if language == "en" or day.day != 1 else after.replace("1 ", "1er ", 1)


def _plural(words: str, number: Decimal) -> str:
    """English and French units in the number that their figure asks for."""
    unit = re.compile(
        r"\b(business day|day|week|month|year|hour|minute|jour|semaine|an|année|heure)s?\b", re.IGNORECASE
    )
    return unit.sub(lambda match: match[1] if number == 1 else f"{match[1]}s", words, count=1)
