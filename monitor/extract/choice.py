"""Where a rule's words stand, and which of several readings is meant."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from domain.documents import Document
from domain.sources import Rule
from domain.values import Day, Duration, Money, Value, value_words
from monitor.extract.locate import spots
from monitor.extract.place import Missing, Reading, Spot
from monitor.extract.tables import cell_spots, wants_table


def spots_of(document: Document, rule: Rule) -> tuple[Spot, ...] | Missing:
    """The places a rule points at: cells where it names a table, else stretches of text."""
    return cell_spots(document, rule) if wants_table(rule) and rule.path is None else spots(document, rule)


def choose(readings: Sequence[Reading], pick: str) -> Reading | Missing:
    """The reading that `pick` asks for; Missing where it asks for the only one and there are several values."""
    distinct = {key_of(reading.value): reading for reading in reversed(readings)}
    if pick == "first":
        return readings[0]
    if pick == "last":
        return readings[-1]
    if pick in ("newest", "largest", "smallest"):
        ordered = sorted(readings, key=lambda reading: _rank(reading.value))
        return ordered[0] if pick == "smallest" else ordered[-1]
    if len(distinct) > 1:
        words = ", ".join(value_words(reading.value)[:30] for reading in list(distinct.values())[:5][::-1])
        return Missing(reason=f"several values: {words}")
    return readings[0]


def _rank(value: Value) -> tuple[int, Decimal]:
    if isinstance(value, Day):
        return value.date.toordinal(), Decimal(0)
    return 0, amount_of(value) or Decimal(0)


def key_of(value: Value) -> str:
    """One string for equal values."""
    if isinstance(value, Money):
        return f"{value.amount.normalize():f} {value.currency}"
    return value_words(value)


def amount_of(value: Value) -> Decimal | None:
    """The number of a value that is one, None for any other."""
    if isinstance(value, Money):
        return value.amount
    if isinstance(value, Duration):
        return value.quantity
    number = getattr(value, "number", None)
    return number if isinstance(number, Decimal) else None
