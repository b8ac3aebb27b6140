"""Amounts, dates, durations and codes under a rule: the current value, with an announced one as pending."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from datetime import date
from functools import cache

from domain.documents import Document
from domain.facts import Pending
from domain.sources import Rule
from domain.values import Day, Kind, Money, value_words
from monitor.extract.choice import choose, key_of, spots_of
from monitor.extract.dates import dates_in
from monitor.extract.place import Missing, Reading, Spot, sentence
from monitor.extract.words import found_of, parse_value

_FROM_WORDS = (
    r"\b(?:as of|effective(?: from| on)?|from|starting(?: on)?|beginning(?: on)?|on or after|in effect(?: on| from)?|"
    r"takes? effect(?: on)?|à compter du|à partir du|dès le|en vigueur le)\s"
)
_SAYS_FROM = re.compile(_FROM_WORDS, re.IGNORECASE)
_FROM = re.compile(rf"{_FROM_WORDS}+(?:on |le )?\Z", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?=[.;] | \| )")


def read_quantity(document: Document, rule: Rule, language: str, today: date) -> Reading | Missing:
    """The value of the rule's kind that holds on `today`; parts that do not add up to their total are Missing."""
    found = spots_of(document, rule)
    if isinstance(found, Missing):
        return found
    readings = [reading for spot in found for reading in _readings(spot, rule, language)]
    if not readings:
        shown = found[0].text[:80]
        return Missing(reason=f"no {rule.kind.value} in {shown!r}", container=True)
    sums = _parts_do_not_add_up(found, rule) if rule.kind is Kind.MONEY and rule.match is None else ""
    if sums:
        return Missing(reason=sums)
    return _picked(readings, rule, today)


def _readings(spot: Spot, rule: Rule, language: str) -> list[tuple[Reading, date | None]]:
    """Every value of the rule's kind in a spot, each with the day from which it is said to hold."""
    values = found_of(rule.kind, spot.text, currency=rule.currency, statistic=rule.statistic, codes=rule.codes)
    if not values:
        value = parse_value(
            rule.kind,
            spot.text,
            unit=rule.unit,
            currency=rule.currency,
            statistic=rule.statistic,
            codes=rule.codes,
            language=language,
        )
        return [] if value is None else [(Reading(value=value, quote=spot.quote, locator=spot.locator), None)]
    offset = max(0, spot.quote.find(spot.text))
    holds_from = _begins(spot.quote)
    readings = []
    for item in values:
        start, end = item.start + offset, item.end + offset
        reading = Reading(value=item.value, quote=sentence(spot.quote, start, end), locator=spot.locator)
        # A date is no amount that begins to hold on another date.
        readings.append((reading, None if item.kind == "day" else holds_from(start, end)))
    return readings


def _begins(text: str) -> Callable[[int, int], date | None]:
    """What tells of a stretch of the text from which day it holds, where its own sentence says so."""
    ends = [match.start() for match in _SENTENCE_END.finditer(text)]

    @cache
    def begins(first: int, last: int) -> date | None:
        if not _SAYS_FROM.search(text, first, last):
            return None
        for found in dates_in(text[first:last]):
            at = first + found.start
            day = found.value
            if isinstance(day, Day) and day.precision == "day" and _FROM.search(text[max(first, at - 40) : at]):
                return day.date
        return None

    def holds_from(start: int, end: int) -> date | None:
        before, after = bisect_left(ends, start - 1), bisect_left(ends, end)
        return begins(ends[before - 1] if before else 0, ends[after] if after < len(ends) else len(text))

    return holds_from


def _picked(readings: list[tuple[Reading, date | None]], rule: Rule, today: date) -> Reading | Missing:
    """The current value, with the announced one as pending; several current ones are for `pick` to choose from."""
    future = sorted(
        ((reading, day) for reading, day in readings if day is not None and day > today), key=lambda item: item[1]
    )
    current = [(reading, day) for reading, day in readings if day is None or day <= today]
    begun = [(reading, day) for reading, day in current if day is not None]
    if begun and len({key_of(reading.value) for reading, _ in current}) > 1 and len(begun) < len(current):
        # What has begun to hold replaces what the page still says beside it.
        newest = max(day for _, day in begun if day is not None)
        current = [(reading, day) for reading, day in begun if day == newest]
    if not current:
        return Missing(reason=f"only announced for {future[0][1]}: {value_words(future[0][0].value)}")
    chosen = choose([reading for reading, _ in current], rule.pick)
    if isinstance(chosen, Missing) or not future:
        return chosen
    announced, effective = future[0]
    if key_of(announced.value) == key_of(chosen.value):
        return chosen
    pending = Pending(value=announced.value, effective=effective, quote=announced.quote)
    return Reading(value=chosen.value, quote=chosen.quote, locator=chosen.locator, pending=pending)


_BRACKETS = re.compile(r"\(([^()]*)\)")


def _parts_do_not_add_up(found: tuple[Spot, ...], rule: Rule) -> str:
    """For a bundle that states its parts with `+`: why total and parts contradict each other, or ""."""
    for spot in found:
        inner = next(
            (found for found in _BRACKETS.finditer(spot.text) if "$" in found[1].partition("$")[2].partition("+")[2]),
            None,
        )
        if inner is None:
            continue
        total = list(found_of(Kind.MONEY, spot.text[: inner.start()], currency=rule.currency))
        parts = list(found_of(Kind.MONEY, inner[1], currency=rule.currency))
        if total and len(parts) > 1:
            amounts = [item.value.amount for item in parts if isinstance(item.value, Money)]
            whole = total[-1].value
            if isinstance(whole, Money) and sum(amounts) != whole.amount:
                return f"parts do not add up: {' + '.join(map(str, amounts))} is not {whole.amount}"
    return ""
