"""Quantities put side by side: numbers of any kind, and durations in any unit, without losing what they mean.

Business days are five to the week. Months and years are not days: across those families a comparison is only made
where no rounding could change its answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

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
)

# Days in one unit, as (least, most): a month has 28 to 31, a year 365 or 366. Exact units have equal ends.
_DAYS: dict[Unit, tuple[Decimal, Decimal]] = {
    Unit.MINUTE: (Decimal(1) / 1440, Decimal(1) / 1440),
    Unit.HOUR: (Decimal(1) / 24, Decimal(1) / 24),
    Unit.DAY: (Decimal(1), Decimal(1)),
    Unit.BUSINESS_DAY: (Decimal(7) / 5, Decimal(7) / 5),
    Unit.WEEK: (Decimal(7), Decimal(7)),
    Unit.MONTH: (Decimal(28), Decimal(31)),
    Unit.YEAR: (Decimal(365), Decimal(366)),
}
_MONTHS = {Unit.MONTH: Decimal(1), Unit.YEAR: Decimal(12)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A quantity that lies between `low` and `high` (inclusive), in a dimension that only compares with itself."""

    dimension: str
    low: Decimal
    high: Decimal


def interval(value: Value) -> Interval | None:
    """Where a value lies on its scale, or None where its kind has no scale.

    Durations come in days, money in its currency, dates as day ordinals.
    """
    match value:
        case Money():
            return Interval(dimension=f"money {value.currency}", low=value.amount, high=value.amount)
        case Count() | Points() | Percentage():
            return Interval(dimension="number", low=value.number, high=value.number)
        case Day():
            ordinal = Decimal(value.date.toordinal())
            return Interval(dimension="day", low=ordinal, high=ordinal + _spread(value))
        case Duration():
            least, most = _DAYS[value.unit]
            low, high = _ends(value)
            return Interval(dimension="days", low=low * least, high=high * most)
        case _:
            return None


def same_quantity(left: Value, right: Value) -> bool | None:
    """Whether two values are the same quantity; None where they are of different dimensions or cannot be told apart."""
    if isinstance(left, Duration) and isinstance(right, Duration):
        if left.unit in _MONTHS and right.unit in _MONTHS:
            factors = _MONTHS[left.unit], _MONTHS[right.unit]
            return tuple(end * factors[0] for end in _ends(left)) == tuple(end * factors[1] for end in _ends(right))
        if left.unit is right.unit:
            return _ends(left) == _ends(right)
    one, other = interval(left), interval(right)
    if one is None or other is None or one.dimension != other.dimension:
        return None
    if (one.low, one.high) == (other.low, other.high):
        return True
    overlap = one.low <= other.high and other.low <= one.high
    return None if overlap and isinstance(left, Duration) and _families_differ(left, right) else False


def same_value(left: Value, right: Value) -> bool | None:
    """Whether two readings say the same, whatever the language: quantities, codes, lists of codes, statuses, yes or no.

    None where the kind is words or a list of words, which a translation changes, or where the two do not compare.
    """
    if type(left) is not type(right) or isinstance(left, Text):
        return None
    if isinstance(left, (Members, Rows)):
        codes = _codes(left), _codes(right)
        return codes[0] == codes[1] if all(codes) else None
    if isinstance(left, (Code, Status, YesNo)):
        return left == right
    return same_quantity(left, right)


_CODE = re.compile(r"\b[A-Z]?\d{2,5}\b")


def _codes(value: Value) -> frozenset[str]:
    """The codes of a list whose every entry holds one in its key; empty where some entry is known by words alone."""
    entries: list[tuple[str, ...]]
    match value:
        case Members():
            entries = [(item,) for item in value.items]
        case Rows():
            at = [value.columns.index(name) for name in value.key if name in value.columns]
            entries = [tuple(row[place] for place in at if place < len(row)) for row in value.rows]
        case _:
            return frozenset()
    found = [next((code for cell in entry for code in _CODE.findall(cell)), "") for entry in entries]
    return frozenset(found) if all(found) else frozenset()


def order(left: Value, right: Value) -> int | None:
    """-1 where all of `left` lies below all of `right`, 1 where above, 0 where they touch, None where not comparable."""
    if isinstance(left, Duration) and isinstance(right, Duration) and left.unit in _MONTHS and right.unit in _MONTHS:
        one = Interval(
            dimension="months", low=_ends(left)[0] * _MONTHS[left.unit], high=_ends(left)[1] * _MONTHS[left.unit]
        )
        other = Interval(
            dimension="months", low=_ends(right)[0] * _MONTHS[right.unit], high=_ends(right)[1] * _MONTHS[right.unit]
        )
    else:
        first, second = interval(left), interval(right)
        if first is None or second is None or first.dimension != second.dimension:
            return None
        one, other = first, second
    if one.high < other.low:
        return -1
    if one.low > other.high:
        return 1
    return 0


def age_in_days(value: Value, today: date) -> int | None:
    """Days from a date value to `today` (negative where it lies ahead); None for any other kind."""
    return (today - value.date).days if isinstance(value, Day) else None


def _ends(value: Duration) -> tuple[Decimal, Decimal]:
    if value.bound is Bound.RANGE and value.lower is not None and value.upper is not None:
        return value.lower, value.upper
    return value.quantity, value.quantity


def _families_differ(left: Value, right: Value) -> bool:
    return (
        isinstance(left, Duration)
        and isinstance(right, Duration)
        and ((left.unit in _MONTHS) != (right.unit in _MONTHS))
    )


def _spread(value: Day) -> Decimal:
    return {"day": Decimal(0), "month": Decimal(27), "year": Decimal(364)}[value.precision]
