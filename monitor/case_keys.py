"""What a flag is about, as keys: flags that share one are told, and decided, as one case."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

from domain.claims import Claim
from domain.facts import FactChange
from domain.folding import fold
from domain.values import Duration, Status, Text, Value, YesNo, value_to_json
from monitor.impact import one_reading
from monitor.quantities import interval


def identity_of(*parts: object) -> str:
    """A name of 32 characters that equal parts share."""
    text = "\x1f".join("" if part is None else str(part) for part in parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def canonical(value: Value | None) -> str:
    """A value as text that equal values share, "" for none."""
    return "" if value is None else json.dumps(value_to_json(value), sort_keys=True, ensure_ascii=False)


def group_of(change: FactChange, touched: tuple[Claim, ...], told: tuple[FactChange, ...]) -> str:
    """Equal for the same change on several pages, and for facts that were read from the same words of one page.

    The same change is the same step in what the same statement rests on, whatever the pages call the fact: the name of
    the fact that it asks first stands for them all.
    """
    if words := one_reading(change, told):
        return identity_of("words", words)
    about = next((claim.expectations[0].fact for claim in touched if claim.expectations), change.key)
    if not isinstance(change.after or change.before, (YesNo, Status)):
        # A figure is told by its step; that something is open or closed is said of many things by the same word.
        about = fact_name(about)
    if change.added or change.removed or change.altered:
        return identity_of(about, change.added, change.removed, change.altered)
    return identity_of(about, _step(change.before), _step(change.after))


def outcome_of(change: FactChange) -> str:
    """What a change came to, equal on pages that tell it in other words, another order or another language."""
    if change.added or change.removed or change.altered:
        moved = (change.added, change.removed, tuple(row for pair in change.altered for row in pair))
        return str([sorted(map(_gist, rows)) for rows in moved])
    return f"{change.change.value} {come_to(change.before)}" if change.after is None else come_to(change.after)


def fact_name(key: str) -> str:
    """A fact's name without its page."""
    return key.partition("#")[2]


def _gist(row: tuple[str, ...]) -> str:
    """The cells of a row that hold figures, which no translation changes; all of it where none does."""
    figures = [fold(cell) for cell in row if any(mark.isdigit() for mark in cell)]
    return " | ".join(figures or map(fold, row))


def come_to(value: Value | None) -> str:
    """A value by what it comes to: fourteen days are two weeks, and what the figure is called does not count."""
    placed = None if value is None else interval(value)
    if placed is not None:
        return f"{placed.dimension} {placed.low.normalize():f} {placed.high.normalize():f}"
    return said_of(value)


def _step(value: Value | None) -> str:
    """A value without what the figure is called: a standard on one page is the same figure on another."""
    return canonical(replace(value, statistic=None) if isinstance(value, Duration) else value)


def said_of(value: Value | None) -> str:
    """A value without the typography of its words."""
    return fold(value.text) if isinstance(value, Text) else canonical(value)
