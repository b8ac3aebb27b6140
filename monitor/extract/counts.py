"""Percentages, points, and counts of the things that such pages count."""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.values import Count, Percentage, Points, Value
from monitor.extract.found import Found
from monitor.extract.numbers import NUMBER, SPACE, number

_COUNTED = (
    "invitations?|nominations?|candidates?|applications?|applicants?|positions?|spaces?|people|persons|jobs?|occupations?|"
    "streams?|categories|category|professions?|employees?|registrations?|admissions?|permits?|visas?|methods?|activities|"
    "candidats?|invitations?|demandes?|places|personnes|emplois?|postes?"
)
_PATTERNS = (
    (
        "percentage",
        re.compile(
            rf"(?<![\w.,])(?P<number>{NUMBER}){SPACE}?(?:%|per{SPACE}?cents?\b|pour{SPACE}cents?\b)", re.IGNORECASE
        ),
    ),
    (
        "points",
        re.compile(
            rf"(?<![\w.,])(?P<number>{NUMBER}){SPACE}(?:(?:extra|additional|more|CRS|supplémentaires){SPACE})?points?\b",
            re.IGNORECASE,
        ),
    ),
    (
        "count",
        re.compile(
            rf"(?<![\w.,$])(?P<number>{NUMBER}){SPACE}(?:[a-zé-]{{1,20}}{SPACE})?(?:{_COUNTED})\b", re.IGNORECASE
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
            amount = number(match["number"])
            if amount is not None:
                value: Value = _KINDS[kind](number=amount)
                yield Found(kind=kind, value=value, text=match[0], start=match.start(), end=match.end())
