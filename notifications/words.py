"""Values and moments in a reader's language, and the two sides of a change so that they can be held side by side."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import assert_never
from zoneinfo import ZoneInfo

from domain.values import (
    Bound,
    Code,
    Count,
    Day,
    Duration,
    Members,
    Money,
    Percentage,
    Points,
    Rows,
    Status,
    Text,
    Unit,
    Value,
    YesNo,
    number_text,
    value_words,
)
from notifications.phrases import phrase, spoken

_MONTHS = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "fr": (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
}
_UNITS_FR = {
    Unit.MINUTE: ("minute", "minutes"),
    Unit.HOUR: ("heure", "heures"),
    Unit.DAY: ("jour", "jours"),
    Unit.BUSINESS_DAY: ("jour ouvrable", "jours ouvrables"),
    Unit.WEEK: ("semaine", "semaines"),
    Unit.MONTH: ("mois", "mois"),
    Unit.YEAR: ("an", "ans"),
}
_BOUNDS_FR = {Bound.ABOUT: "environ ", Bound.UP_TO: "jusqu’à ", Bound.AT_LEAST: "au moins "}
_STATUS_FR = {
    "open": "ouvert",
    "closed": "fermé",
    "paused": "suspendu",
    "repealed": "abrogé",
    "pending": "à venir",
}

_ZONES_FR = {
    "NST": "HNT",
    "NDT": "HAT",
    "AST": "HNA",
    "ADT": "HAA",
    "EST": "HNE",
    "EDT": "HAE",
    "CST": "HNC",
    "CDT": "HAC",
    "MST": "HNR",
    "MDT": "HAR",
    "PST": "HNP",
    "PDT": "HAP",
}
"""The zones of Canada by their French names."""

_SHOWN_ROWS = 6
"""Rows or members of one side of a change that a reader is shown; the others are counted."""


def words_of(value: Value | None, language: str) -> str:
    """One value in one line: `CAD 1,000`, in French `1 000 CAD`; dates with their month in words."""
    if value is None:
        return phrase(language, "nothing")
    if isinstance(value, Rows):
        return phrase(language, "rows", n=len(value.rows))
    if isinstance(value, Day):
        return day_words(value.date, language)
    return _french(value) if _is_french(language) else value_words(value)


def change_words(before: Value | None, after: Value | None, language: str) -> tuple[str, str]:
    """Both sides of a change. Of tables and sets each side holds only what the other lacks: that is the change."""
    if isinstance(before, Rows) and isinstance(after, Rows):
        return _sides([" · ".join(row) for row in before.rows], [" · ".join(row) for row in after.rows], language)
    if isinstance(before, Members) and isinstance(after, Members):
        return _sides(list(before.items), list(after.items), language)
    return words_of(before, language), words_of(after, language)


def day_words(day: date, language: str) -> str:
    """A date with its month in words, so that no reader takes the day for the month: `23 November 2026`."""
    number = "1er" if _is_french(language) and day.day == 1 else str(day.day)
    return f"{number} {_MONTHS[spoken(language)][day.month - 1]} {day.year}"


def moment_words(moment: datetime, zone: str, language: str) -> str:
    """A moment on the reader's clock, with the name of the zone: `23 November 2026, 07:00 EST`, in French
    `23 novembre 2026 à 7 h HNE`.
    """
    local = moment.astimezone(ZoneInfo(zone) if zone else UTC)
    name = local.tzname() or ""
    if not _is_french(language):
        return f"{day_words(local.date(), language)}, {local:%H:%M} {name}".rstrip()
    clock = f"{local.hour}\u00a0h" + (f"\u00a0{local:%M}" if local.minute else "")
    return f"{day_words(local.date(), language)} à {clock} {_ZONES_FR.get(name, name)}".rstrip()


def visible(text: str) -> str:
    """The text with everything that an eye cannot see, or that turns lines around, written out as `[U+202E]`.

    Line breaks and tabs become spaces; a no-break space stays.
    """
    return "".join(_seen(char) for char in text)


_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def _seen(char: str) -> str:
    if char in "\t\r\n":
        return " "
    return f"[U+{ord(char):04X}]" if unicodedata.category(char) in _UNSEEN else char


def one_line(text: str) -> str:
    """`visible`, with runs of spaces as one."""
    return " ".join(part for part in visible(text).split(" ") if part)


def _is_french(language: str) -> bool:
    return spoken(language) == "fr"


def _sides(before: list[str], after: list[str], language: str) -> tuple[str, str]:
    gone = [item for item in before if item not in set(after)]
    new = [item for item in after if item not in set(before)]
    return _some(gone, language), _some(new, language)


def _some(items: list[str], language: str) -> str:
    if not items:
        return "–"
    rest = len(items) - _SHOWN_ROWS
    shown = items if rest <= 0 else [*items[:_SHOWN_ROWS], phrase(language, "rows_others", n=rest)]
    return "; ".join(shown)


def _french(value: Value) -> str:
    match value:
        case Money():
            return f"{_grouped(value.amount)}\u00a0{value.currency}"
        case Count():
            return _grouped(value.number)
        case Points():
            return f"{_grouped(value.number)}\u00a0point{'s' if abs(value.number) >= 2 else ''}"
        case Percentage():
            return f"{_grouped(value.number)}\u00a0%"
        case Duration():
            return _duration(value)
        case Status():
            return _STATUS_FR[value.status.value]
        case YesNo():
            return phrase("fr", "yes" if value.yes else "no")
        case Rows():
            return phrase("fr", "rows", n=len(value.rows))
        case Day() | Code() | Text() | Members():
            return value_words(value)
        case _ as unreachable:
            assert_never(unreachable)


def _grouped(number: Decimal) -> str:
    return f"{number:,f}".replace(",", "\u00a0").replace(".", ",")


def _duration(value: Duration) -> str:
    one, many = _UNITS_FR[value.unit]
    if value.bound is Bound.RANGE and value.lower is not None and value.upper is not None:
        return f"de {_comma(value.lower)} à {_comma(value.upper)}\u00a0{many}"
    return f"{_BOUNDS_FR.get(value.bound, '')}{_comma(value.quantity)}\u00a0{one if abs(value.quantity) < 2 else many}"


def _comma(number: Decimal) -> str:
    return number_text(number).replace(".", ",")
