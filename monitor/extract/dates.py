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
_AND = rf"{_S}?(?:-|–|to|and|through|au|et(?:{_S}le)?){_S}?"
_ORDINAL = "(?:st|nd|rd|th|er|e)?"
_YEAR = rf"{_ORDINAL},?{_S}{{1,2}}(?P<year>(?:19|20)\d\d)\b"
_RANGES = (
    re.compile(
        rf"\b(?P<month>{_MONTH})\.?{_S}{{1,2}}(?P<day>\d{{1,2}}){_ORDINAL}{_AND}(?P<last>\d{{1,2}}){_YEAR}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?P<day>\d{{1,2}}){_ORDINAL}(?={_AND}\d{{1,2}}{_ORDINAL}{_S}(?P<month>{_MONTH})\.?{_YEAR})", re.IGNORECASE
    ),
    re.compile(
        rf"\b(?P<month>{_MONTH})\.?{_S}(?P<day>\d{{1,2}}){_ORDINAL}(?={_AND}(?P<until>{_MONTH})\.?{_S}\d{{1,2}}{_YEAR})",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?P<day>\d{{1,2}}){_ORDINAL}{_S}(?P<month>{_MONTH})(?={_AND}\d{{1,2}}{_ORDINAL}{_S}(?P<until>{_MONTH})\.?{_YEAR})",
        re.IGNORECASE,
    ),
)
"""Ranges that name the year, and perhaps the month, once: the day on which they begin, and `last` where it stands alone."""
_DAY_BEFORE = re.compile(rf"(?<!\d)\d{{1,2}}{_ORDINAL}{_S}{{1,2}}(?:of{_S})?\Z", re.IGNORECASE)
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
            if "day" not in parts and _DAY_BEFORE.search(text[max(0, match.start() - 10) : match.start()]):
                continue  # a day that this month does not have, not a month
            yield from _day(match, int(parts["year"]), parts["month"], parts.get("day"))
    for pattern in _RANGES:
        for match in pattern.finditer(text):
            yield from _range(match)
    if on is None:
        return
    for pattern in _YEARLESS:
        for match in pattern.finditer(text):
            yield from _day(match, on.year, match["month"], match["day"])


def _range(match: re.Match[str]) -> Iterator[Found]:
    parts = match.groupdict()
    year = int(parts["year"])
    if parts.get("until") and MONTHS[parts["month"].casefold()] > MONTHS[parts["until"].casefold()]:
        year -= 1  # from December to January of the year that is named
    end = max(match.end("day"), match.end("month")) if match.end("month") <= match.end() else match.end("day")
    yield from _day(match, year, parts["month"], parts["day"], end=end)
    if parts.get("last"):
        yield from _day(match, year, parts["month"], parts["last"], start=match.start("last"))


def _day(
    match: re.Match[str], year: int, month: str, day: str | None, *, start: int | None = None, end: int | None = None
) -> Iterator[Found]:
    number = int(month) if month.isdigit() else MONTHS[month.casefold()]
    try:
        value = Day(date=date(year, number, int(day) if day else 1), precision="day" if day else "month")
    except ValueError:
        return
    start, end = match.start() if start is None else start, match.end() if end is None else end
    yield Found(kind="day", value=value, text=match.string[start:end], start=start, end=end)
