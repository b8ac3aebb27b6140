"""One fact for each declared rule: located exactly as declared, provably absent, or cannot tell with the reason."""

from __future__ import annotations

from datetime import date

from domain.documents import Document
from domain.facts import Fact, FactState
from domain.sources import Expect, Rule, Source
from domain.values import Kind, Members, Rows, value_words
from monitor.extract.amounts import read_quantity
from monitor.extract.choice import amount_of
from monitor.extract.named import EXTRACTORS
from monitor.extract.place import Missing, Reading, fold
from monitor.extract.statements import read_members, read_status, read_text, read_yes_no
from monitor.extract.tables import read_rows


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
            return read_members(document, rule)
        case Kind.TEXT:
            return read_text(document, rule)
        case Kind.YES_NO:
            return read_yes_no(document, rule)
        case Kind.STATUS:
            return read_status(document, rule)
        case _:
            return read_quantity(document, rule, language, today)


def _believed(reading: Reading, expect: Expect) -> Reading | Missing:
    """The reading, unless it is out of what was declared plausible: then nobody should believe it unseen."""
    value = reading.value
    amount = amount_of(value)
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
