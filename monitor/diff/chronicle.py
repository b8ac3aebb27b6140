"""Dates of a chronicle that all moved by one day: the page was shown in another time zone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from domain.documents import Block, Document
from domain.values import Day
from monitor.diff.furniture import is_day
from monitor.diff.grouping import Group
from monitor.extract import values_in

_CHRONICLE = re.compile(
    r"\b(?:change ?log|history|updates|(?:previous|past|earlier) versions|revisions|journal|historique|versions (?:antérieures|précédentes))\b",
    re.IGNORECASE,
)
"""Headings of lists of what was changed when."""

FEWEST = 2
"""Dates that must have moved alike: one alone may have been corrected."""


def moved_by_time_zone(groups: Sequence[Group], before: Document, after: Document) -> frozenset[int]:
    """The groups of dates alone under the heading of a chronicle, if all its dates moved by the same one day.

    Such dates are instants that a server writes out for its visitor. One date that moved, or two that moved
    differently, were edited.
    """
    moved = [
        at
        for at, found in enumerate(groups)
        if not found.settled and found.before and found.after and _are_dates(found, before, after)
    ]
    if not moved:
        return frozenset()
    old, new = _dates(before), _dates(after)
    if len(old) != len(new) or len(old) < FEWEST:
        return frozenset()
    shifts = {now - was for was, now in zip(old, new, strict=True)}
    return frozenset(moved) if shifts in ({1}, {-1}) else frozenset()


def _are_dates(found: Group, before: Document, after: Document) -> bool:
    return all(
        is_day(unit.text) and _is_chronicle(document.blocks[unit.block])
        for units, document in ((found.before, before), (found.after, after))
        for unit in units
    )


def _is_chronicle(block: Block) -> bool:
    return _CHRONICLE.search(" ".join(block.path)) is not None


def _dates(document: Document) -> list[int]:
    """Every date that stands alone in a chronicle, in the order of time."""
    days = (
        _day(block.text, document.language) for block in document.blocks if is_day(block.text) and _is_chronicle(block)
    )
    return sorted(day for day in days if day is not None)


def _day(text: str, language: str) -> int | None:
    """The ordinal of the one day that a text names."""
    days = [found.value.date for found in values_in(text, language=language or "en") if isinstance(found.value, Day)]
    return days[0].toordinal() if len(days) == 1 else None
