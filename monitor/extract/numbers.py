"""Numbers as written in English and French, read without losing a digit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

SPACE = "[ \u00a0\u202f\u2009]"
NUMBER = (
    rf"(?:\d{{1,3}}(?:,\d{{3}}){{1,5}}(?:\.\d{{1,2}})?|\d{{1,3}}(?:{SPACE}\d{{3}}){{1,5}}(?![\d])(?:,\d{{1,2}})?"
    r"|\d{1,18}(?:[.,]\d{1,4})?)(?!\d|[.,]\d)"
)
"""A number with its separators: `1,000.50`, `1 000,50`, `12`, `3.75`; never the beginning of a longer figure.

Every repetition is bounded, so no text makes it slow.
"""

WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "fifteen": 15, "eighteen": 18, "twenty": 20, "thirty": 30, "sixty": 60, "ninety": 90,
    "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7, "huit": 8, "neuf": 9, "dix": 10,
    "onze": 11, "douze": 12, "quinze": 15, "vingt": 20, "trente": 30,
}  # fmt: skip
WORD = "|".join(sorted(WORDS, key=len, reverse=True))

_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?\Z")
_GAPS = str.maketrans(dict.fromkeys(" \u00a0\u202f\u2009", ""))


def number(text: str) -> Decimal | None:
    """The number that a text is: `1,000` is a thousand, `1.000` is one, `3,75` is three and three quarters."""
    plain = text.strip().translate(_GAPS)
    if plain.casefold() in WORDS:
        return Decimal(WORDS[plain.casefold()])
    plain = plain.replace(",", "") if _THOUSANDS.match(plain) else plain.replace(",", ".")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def ends(match: re.Match[str]) -> Iterator[tuple[int, int, str]]:
    """Where the values of a match stand, and their digits: with group `low` two, else one; marks and units go along."""
    if match["low"]:
        yield match.start(), match.end("low"), match["low"]
    yield match.start("number") if match["low"] else match.start(), match.end(), match["number"]
