"""One fact for each declared rule: located exactly as declared, provably absent, or cannot tell with the reason."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import cache

from domain.documents import BlockKind, Document
from domain.facts import Fact, FactState, Pending
from domain.sources import Expect, Rule, Source
from domain.values import (
    Code,
    Day,
    Duration,
    Kind,
    Members,
    Money,
    Rows,
    Status,
    StatusWord,
    Text,
    Value,
    YesNo,
    value_words,
)
from monitor.extract.dates import dates_in
from monitor.extract.locate import blocks_under, spots
from monitor.extract.named import EXTRACTORS
from monitor.extract.place import Missing, Reading, Spot, fold, sentence
from monitor.extract.tables import cell_spots, read_rows, wants_table
from monitor.extract.words import found_of, parse_value, statuses_in

_LONGEST_TEXT = 60_000
_FROM_WORDS = (
    r"\b(?:as of|effective(?: from| on)?|from|starting(?: on)?|beginning(?: on)?|on or after|in effect(?: on| from)?|"
    r"takes? effect(?: on)?|à compter du|à partir du|dès le|en vigueur le)\s"
)
_SAYS_FROM = re.compile(_FROM_WORDS, re.IGNORECASE)
_FROM = re.compile(rf"{_FROM_WORDS}+(?:on |le )?\Z", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?=[.;] | \| )")


def extract(document: Document, source: Source, *, today: date) -> tuple[Fact, ...]:
    """One fact for each rule of the source, in order. today: the day on which pending values are judged."""
    return tuple(_fact(document, source, rule, today) for rule in source.rules)


def _fact(document: Document, source: Source, rule: Rule, today: date) -> Fact:
    key = source.fact_key(rule)
    found = read_rule(document, rule, language=source.language, today=today)
    if isinstance(found, Reading):
        found = _believed(found, rule.expect)
    if isinstance(found, Missing):
        absent = found.container and rule.may_be_absent
        state = FactState.ABSENT if absent else FactState.CANNOT_TELL
        return Fact(key=key, state=state, reason=found.reason)
    return Fact(
        key=key,
        state=FactState.LOCATED,
        value=found.value,
        quote=found.quote,
        locator=found.locator,
        pending=found.pending,
    )


def read_rule(document: Document, rule: Rule, *, language: str, today: date) -> Reading | Missing:
    """What a rule gives on a document, before it is held against what was expected."""
    if rule.extractor is not None:
        extractor = EXTRACTORS.get(rule.extractor)
        if extractor is None:
            return Missing(reason=f"there is no extractor {rule.extractor!r}")
        return extractor(document, rule, today)
    match rule.kind:
        case Kind.ROWS:
            rows = read_rows(document, rule)
            return (
                rows if isinstance(rows, Missing) else Reading(value=rows.value, quote=rows.quote, locator=rows.locator)
            )
        case Kind.MEMBERS:
            return _members(document, rule)
        case Kind.TEXT:
            return _text(document, rule)
        case Kind.YES_NO:
            return _yes_no(document, rule)
        case Kind.STATUS:
            return _status(document, rule)
        case _:
            return _quantity(document, rule, language, today)


def _believed(reading: Reading, expect: Expect) -> Reading | Missing:
    """The reading, unless it is out of what was declared plausible: then nobody should believe it unseen."""
    value = reading.value
    amount = _amount(value)
    if expect.between is not None and amount is not None and not expect.between[0] <= amount <= expect.between[1]:
        low, high = expect.between
        return Missing(reason=f"out of range: {value_words(value)} is not between {low} and {high}")
    size = len(value.rows) if isinstance(value, Rows) else len(value.items) if isinstance(value, Members) else None
    if expect.rows is not None and size is not None and not expect.rows[0] <= size <= expect.rows[1]:
        return Missing(reason=f"out of range: {size} entries, expected {expect.rows[0]} to {expect.rows[1]}")
    if expect.one_of and fold(value_words(value)) not in {fold(word) for word in expect.one_of}:
        return Missing(reason=f"not one of {', '.join(expect.one_of)}: {value_words(value)[:80]}")
    if expect.contains:
        words = fold(
            " ".join(value.items)
            if isinstance(value, Members)
            else " ".join(" ".join(row) for row in value.rows)
            if isinstance(value, Rows)
            else value_words(value)
        )
        lost = [item for item in expect.contains if fold(item) not in words]
        if lost:
            return Missing(reason=f"without {', '.join(lost)}, which must be there")
    return reading


def _amount(value: Value) -> Decimal | None:
    if isinstance(value, Money):
        return value.amount
    if isinstance(value, Duration):
        return value.quantity
    number = getattr(value, "number", None)
    return number if isinstance(number, Decimal) else None


def _spots(document: Document, rule: Rule) -> tuple[Spot, ...] | Missing:
    return cell_spots(document, rule) if wants_table(rule) and rule.path is None else spots(document, rule)


# -- quantities --------------------------------------------------------------


def _quantity(document: Document, rule: Rule, language: str, today: date) -> Reading | Missing:
    found = _spots(document, rule)
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
    if begun and len({_key(reading.value) for reading, _ in current}) > 1 and len(begun) < len(current):
        # What has begun to hold replaces what the page still says beside it.
        newest = max(day for _, day in begun if day is not None)
        current = [(reading, day) for reading, day in begun if day == newest]
    if not current:
        return Missing(reason=f"only announced for {future[0][1]}: {value_words(future[0][0].value)}")
    chosen = _choose([reading for reading, _ in current], rule.pick)
    if isinstance(chosen, Missing) or not future:
        return chosen
    announced, effective = future[0]
    if _key(announced.value) == _key(chosen.value):
        return chosen
    pending = Pending(value=announced.value, effective=effective, quote=announced.quote)
    return Reading(value=chosen.value, quote=chosen.quote, locator=chosen.locator, pending=pending)


def _choose(readings: Sequence[Reading], pick: str) -> Reading | Missing:
    distinct = {_key(reading.value): reading for reading in reversed(readings)}
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
    return 0, _amount(value) or Decimal(0)


def _key(value: Value) -> str:
    if isinstance(value, Money):
        return f"{value.amount.normalize():f} {value.currency}"
    return value_words(value)


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


# -- words -------------------------------------------------------------------


def _text(document: Document, rule: Rule) -> Reading | Missing:
    if rule.section is not None and rule.match is None:
        return _law_part(document, rule)
    if rule.match or rule.label or rule.select or rule.path or wants_table(rule):
        found = _spots(document, rule)
        if isinstance(found, Missing):
            return found
        if rule.pick == "all":
            text = " ".join(dict.fromkeys(spot.text for spot in found))
            return Reading(value=Text(text=text), quote=found[0].quote, locator=found[0].locator)
        readings = [Reading(value=Text(text=spot.text), quote=spot.quote, locator=spot.locator) for spot in found]
        return _choose(readings, rule.pick)
    blocks = blocks_under(document, rule)
    if isinstance(blocks, Missing):
        return blocks
    words = " ".join(block.text for block in blocks)[:_LONGEST_TEXT]
    if not words.strip():
        return Missing(reason="the section is empty", container=True)
    quote = next((block.text for block in blocks if block.kind is not BlockKind.HEADING), blocks[0].text)
    return Reading(value=Text(text=words), quote=quote, locator=blocks[0].locator)


def _law_part(document: Document, rule: Rule) -> Reading | Missing:
    blocks = blocks_under(document, rule)
    if isinstance(blocks, Missing):
        return blocks
    block = blocks[0]
    text = block.path[-1] if rule.part == "heading" and block.path else block.text
    if not text:
        return Missing(reason="the section is empty", container=True)
    return Reading(value=Text(text=text), quote=sentence(text, 0, 1), locator=block.locator)


def _yes_no(document: Document, rule: Rule) -> Reading | Missing:
    """By the words that mean yes and the words that mean no; saying both, or neither, is cannot tell."""
    if not rule.says:
        found = _spots(document, rule)
        if isinstance(found, Missing):
            return found
        value = parse_value(Kind.YES_NO, found[0].text) or YesNo(yes=True)
        return Reading(value=value, quote=found[0].quote, locator=found[0].locator)
    answers = _said(document, rule)
    if isinstance(answers, Missing):
        return answers
    if len({answer for answer, _ in answers}) > 1:
        return Missing(reason="the page says both yes and no")
    answer, spot = answers[0]
    parsed = parse_value(Kind.YES_NO, answer)
    if parsed is None:
        return Missing(reason=f"{answer!r} is neither yes nor no")
    return Reading(value=parsed, quote=spot.quote, locator=spot.locator)


def _status(document: Document, rule: Rule) -> Reading | Missing:
    if rule.says:
        answers = _said(document, rule)
        if isinstance(answers, Missing):
            return answers
        if len({answer for answer, _ in answers}) > 1:
            return Missing(reason="the page states several statuses")
        answer, spot = answers[0]
        return Reading(value=Status(status=StatusWord(answer)), quote=spot.quote, locator=spot.locator)
    if rule.section is not None:
        return _law_status(document, rule)
    found = _spots(document, rule)
    if isinstance(found, Missing):
        return found
    stated = [(word, spot) for spot in found for word in statuses_in(spot.text)]
    if not stated:
        return Missing(reason=f"no status in {found[0].text[:80]!r}", container=True)
    if rule.pick == "only" and len({word for word, _ in stated}) > 1:
        return Missing(reason="several statuses: " + ", ".join(sorted({word.value for word, _ in stated})))
    word, spot = stated[-1] if rule.pick == "last" else stated[0]
    return Reading(value=Status(status=word), quote=sentence(spot.quote, 0, 1), locator=spot.locator)


_REPEALED = re.compile(r"\W*(?:\d[\d.]*\s*)?(?:\([\d.]+\)\s*)?\[?\s*(?:repealed|abrogée?s?)\b", re.IGNORECASE)


def _law_status(document: Document, rule: Rule) -> Reading | Missing:
    blocks = blocks_under(document, rule)
    if isinstance(blocks, Missing):
        return blocks
    text = blocks[0].text
    repealed = len(text) < 400 and _REPEALED.match(text)
    word = StatusWord.REPEALED if repealed else StatusWord.OPEN
    return Reading(value=Status(status=word), quote=sentence(text, 0, 1) or text, locator=blocks[0].locator)


def _said(document: Document, rule: Rule) -> list[tuple[str, Spot]] | Missing:
    """Each answer whose terms stand in the place, with where they stand."""
    found = _spots(document, rule)
    if isinstance(found, Missing):
        return found
    folded = [(spot, fold(spot.text)) for spot in found]
    answers = []
    for answer, terms in rule.says:
        spot = next((spot for spot, text in folded if any(fold(term) in text for term in terms)), None)
        if spot is not None:
            answers.append((answer, spot))
    wanted = ", ".join(term for _, words in rule.says for term in words)
    return answers or Missing(reason=f"none of these is said there: {wanted}", container=True)


def _members(document: Document, rule: Rule) -> Reading | Missing:
    """Names: the cells of a column, what a pattern matches, or the entries of the list in a section."""
    if wants_table(rule) or rule.match or rule.select or rule.path or rule.label:
        found = _spots(document, rule)
        if isinstance(found, Missing):
            return found
        names = [part for spot in found for part in (spot.parts or (spot.text,)) if part]
        if rule.codes:
            names = [code for name in names for code in _codes(name, rule.codes)]
        quote = "\n".join(dict.fromkeys(spot.quote for spot in found))[:6000]
        locator = found[0].locator
    else:
        blocks = blocks_under(document, rule)
        if isinstance(blocks, Missing):
            return blocks
        items = [block for block in blocks if block.kind is BlockKind.ITEM]
        names = (
            [code for block in items for code in _codes(block.text, rule.codes)]
            if rule.codes
            else [block.text for block in items]
        )
        quote = "\n".join(block.text for block in items)[:6000]
        locator = items[0].locator if items else ""
    distinct = tuple(dict.fromkeys(name.strip(" .;,") for name in names if name.strip(" .;,")))
    if not distinct:
        return Missing(reason="the list has no entries there")
    return Reading(value=Members(items=distinct), quote=quote, locator=locator)


def _codes(text: str, scheme: str) -> list[str]:
    found = found_of(Kind.CODE, text, codes=scheme)
    return [item.value.code for item in found if isinstance(item.value, Code)]
