"""Percentages, points, and counts of the things that such pages count."""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.values import Count, Percentage, Points, Value
from monitor.extract.found import Found
from monitor.extract.numbers import NUMBER, SPACE, WORD, ends, number

_COUNTED = (
    "invitations?|nominations?|candidates?|applications?|applicants?|positions?|spaces?|people|persons|jobs?|occupations?|"
    "streams?|categories|category|professions?|employees?|registrations?|admissions?|permits?|visas?|methods?|activities|"
    "candidats?|invitations?|demandes?|places|personnes|emplois?|postes?"
)
_LOW = rf"(?:(?P<low>{NUMBER})(?:[-–]|{SPACE}(?:to|or|à|ou){SPACE}))?"
"""The lower end of a range, or the other of two: a value of its own, so that "10 to 20 %" is never 20 % alone."""
_PER_CENT = rf"(?:per{SPACE}?cents?\b|pour{SPACE}cents?\b)"
_PATTERNS = (
    (
        "percentage",
        re.compile(
            rf"(?<![\w.,]){_LOW}(?P<number>{NUMBER}|(?<!-)(?:{WORD})(?=\s)){SPACE}?(?:%|{_PER_CENT})",
            re.IGNORECASE,
        ),
    ),
    (
        "points",
        re.compile(
            rf"(?<![\w.,]){_LOW}(?P<number>{NUMBER}){SPACE}(?:(?:extra|additional|more|CRS|supplémentaires){SPACE})?points?\b",
            re.IGNORECASE,
        ),
    ),
    (
        "count",
        re.compile(
            rf"(?<![\w.,$]){_LOW}(?P<number>{NUMBER}){SPACE}(?:[a-zé-]{{1,20}}{SPACE})?(?:{_COUNTED})\b", re.IGNORECASE
        ),
    ),
)
_KINDS: dict[str, type[Percentage] | type[Points] | type[Count]] = {
    "percentage": Percentage,
    "points": Points,
    "count": Count,
}


def counts_in(text: str) -> Iterator[Found]:
    """Every percentage, number of points and count in a text."""
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            for start, end, digits in ends(match):
                amount = number(digits)
                if amount is not None:
                    value: Value = _KINDS[kind](number=amount)
                    yield Found(kind=kind, value=value, text=match.string[start:end], start=start, end=end)
