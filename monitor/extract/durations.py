"""Lengths of time with their unit and bound. Business days are a unit of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.values import Bound, Duration, Unit
from monitor.extract.found import Found
from monitor.extract.numbers import NUMBER, SPACE, WORD, number

_UNITS = (
    (Unit.BUSINESS_DAY, r"(?:business|working)[ \u00a0-]days?|jours?[ \u00a0](?:ouvrables?|ouvrés?)"),
    (Unit.MINUTE, r"minutes?"),
    (Unit.HOUR, r"hours?|heures?"),
    (Unit.DAY, r"(?:calendar[ \u00a0])?days?|jours?(?:[ \u00a0]civils?)?"),
    (Unit.WEEK, r"weeks?|semaines?"),
    (Unit.MONTH, r"months?|mois"),
    (Unit.YEAR, r"years?|ans?|années?"),
)
_UNIT = "|".join(f"(?P<{unit.value}>{pattern})" for unit, pattern in _UNITS)
_ADJECTIVE = rf"(?:{SPACE}(?:consecutive|continuous|full|additional|more|complètes?|consécutifs?|consécutives?))?"
_BOUNDS = (
    (
        Bound.UP_TO,
        r"up[ ]to|at[ ]most|no[ ](?:more|longer)[ ]than|not[ ]more[ ]than|maximum(?:[ ]of)?|within|less[ ]than|fewer[ ]than|under|jusqu['’]à|au[ ]plus|moins[ ]de|dans[ ]les",
    ),
    (Bound.AT_LEAST, r"at[ ]least|no[ ]less[ ]than|minimum(?:[ ]of)?|more[ ]than|over|au[ ]moins|plus[ ]de"),
    (Bound.ABOUT, r"about|approximately|around|roughly|~|environ|à[ ]peu[ ]près"),
)
_BOUND = "|".join(f"(?P<{bound.value}>{pattern})" for bound, pattern in _BOUNDS)
_QUANTITY = rf"(?:{NUMBER}|\b(?:{WORD})\b)"
_DURATION = re.compile(
    rf"(?<![\w.,$£€])(?:(?:{_BOUND})(?:[ ]a)?{SPACE})?(?:(?:between|entre){SPACE})?(?P<low>{_QUANTITY})"
    rf"(?:{SPACE}?(?:to|-|–|—|à|and|et|(?P<either>or|ou)){SPACE}?(?P<high>{_QUANTITY}))?(?:{SPACE}?\(\d{{1,3}}\))?{_ADJECTIVE}[ \u00a0\u202f-](?:{_UNIT})\b",
    re.IGNORECASE,
)


def durations_in(text: str, *, statistic: str | None = None) -> Iterator[Found]:
    """Every length of time in a text. statistic: what kind of figure it is, where the page leaves that unsaid."""
    for match in _DURATION.finditer(text):
        groups = match.groupdict()
        low = number(groups["low"])
        high = number(groups["high"]) if groups["high"] else None
        unit = next(unit for unit, _ in _UNITS if groups[unit.value])
        if low is None or (groups["high"] and high is None):
            continue
        bound = next((bound for bound, _ in _BOUNDS if groups[bound.value]), Bound.EXACT)
        value = Duration(quantity=low, unit=unit, bound=bound, statistic=statistic)
        if high is not None and groups["either"]:
            start, end = match.start(), match.end("low")
            yield Found(kind="duration", value=value, text=match.string[start:end], start=start, end=end)
            start, end = match.start("high"), match.end()
            value = Duration(quantity=high, unit=unit, bound=bound, statistic=statistic)
            yield Found(kind="duration", value=value, text=match.string[start:end], start=start, end=end)
            continue
        if high is not None and high > low:
            value = Duration(quantity=high, unit=unit, bound=Bound.RANGE, lower=low, upper=high, statistic=statistic)
        yield Found(kind="duration", value=value, text=match[0], start=match.start(), end=match.end())
