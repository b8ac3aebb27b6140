"""A value in running text, and where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One value in a text. kind: a `Kind` name, `citation` or `obligation`. text: the words, from `start` to `end`."""

    kind: str
    value: Value
    text: str
    start: int
    end: int


def apart(found: Iterable[Found]) -> tuple[Found, ...]:
    """Of values that overlap the longest, in the order in which they stand."""
    taken: list[Found] = []
    occupied: set[int] = set()
    for item in sorted(found, key=lambda each: (each.start - each.end, each.start)):
        if not any(at in occupied for at in (item.start, item.end - 1)):
            taken.append(item)
            occupied.update(range(item.start, item.end))
    return tuple(sorted(taken, key=lambda each: each.start))
