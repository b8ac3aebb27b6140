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
    longest = sorted(found, key=lambda each: (each.start - each.end, each.start))
    taken: list[Found] = []
    occupied = bytearray(max((item.end for item in longest), default=0))
    for item in longest:
        # None taken before is shorter, so one that overlaps covers an end of this one.
        if not (occupied[item.start] or occupied[item.end - 1]):
            taken.append(item)
            occupied[item.start : item.end] = b"\x01" * (item.end - item.start)
    return tuple(sorted(taken, key=lambda each: each.start))
