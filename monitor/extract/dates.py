"""Dates in both languages: full, month and year, ISO, and (beside a dated heading) day and month alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from domain.values import Day
from monitor.extract.found import Found

MONTHS = {
    name: at
    for at, names in enumerate(
        (
            "january jan janvier janv", "february feb février fevrier févr", "march mar mars", "april apr avril avr",
            "may mai", "june jun juin", "july jul juillet juil", "august aug août aout", "september sept sep septembre",
            "october oct octobre", "november nov novembre", "december dec décembre decembre déc",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_S = "[ \u00a0\u202f]"
_PATTERNS = (
    re.compile(
        rf"\b(?P<month>{_MONTH})\.?{_S}{{1,2}}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?{_S}{{1,2}}(?P<year>(?:19|20)\d\d)\b",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|e)?(?:{_S}of)?{_S}{{1,2}}(?P<month>{_MONTH})\.?,?{_S}{{1,2}}(?P<year>(?:19|20)\d\d)\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?<![\d-])(?P<year>(?:19|20)\d\d)-(?P<month>\d{2})-(?P<day>\d{2})(?!\d)(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?"
    ),
    re.compile(rf"\b(?P<month>{_MONTH})\.?,?{_S}{{1,2}}(?P<year>(?:19|20)\d\d)\b", re.IGNORECASE),
)
_YEARLESS = (
    re.compile(
        rf"\b(?P<month>{_MONTH})\.?{_S}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?!{_S}?,?{_S}?\d{{4}})", re.IGNORECASE
    ),
    re.compile(
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|er)?{_S}(?P<month>{_MONTH})\b(?!\.?,?{_S}?\d{{4}})", re.IGNORECASE
    ),
)


def dates_in(text: str, *, on: date | None = None) -> Iterator[Found]:
    """Every date in a text. on: a day near which dates without a year are meant; without it they are left out."""
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            parts = match.groupdict()
            yield from _day(match, int(parts["year"]), parts["month"], parts.get("day"))
    if on is None:
        return
    for pattern in _YEARLESS:
        for match in pattern.finditer(text):
            yield from _day(match, on.year, match["month"], match["day"])


def _day(match: re.Match[str], year: int, month: str, day: str | None) -> Iterator[Found]:
    number = int(month) if month.isdigit() else MONTHS[month.casefold()]
    try:
        value = Day(date=date(year, number, int(day) if day else 1), precision="day" if day else "month")
    except ValueError:
        return
    yield Found(kind="day", value=value, text=match[0], start=match.start(), end=match.end())
