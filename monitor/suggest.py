"""A page nobody has written rules for in, proposed rules out: a start for whoever adds a source.

Nothing is proposed that does not work: every rule is tried on the page it was made from and must give just the value
that it was made for. A proposal is for a person to read; nothing of it is ever used unseen.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from domain.documents import Block, BlockKind, Document, Table
from domain.sources import Expect, Rule
from domain.values import Count, Duration, Kind, Members, Money, Percentage, Points, Rows, Value
from monitor.extract.facts import read_rule
from monitor.extract.found import Found
from monitor.extract.place import Missing, Reading, fold, level
from monitor.extract.words import values_in

MOST_RULES = 30
"""A proposal longer than this is no start but a burden."""

MOST_TRIALS = 120
"""So many rules are tried at most: a long log has thousands of values, and each trial reads all of it once."""

_KINDS = (Kind.MONEY, Kind.DURATION, Kind.PERCENTAGE, Kind.POINTS, Kind.DAY)
_LONGEST_STATUS = 160
_MOST_LABEL_WORDS = 5
_STOP = frozenset(
    {"the", "a", "an", "of", "for", "to", "is", "are", "in", "and", "or", "le", "la", "les", "de", "du", "des"}
)
_LOGS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A rule with what it gives on the page it was made from."""

    rule: Rule
    reading: Reading


def suggest(document: Document, *, language: str = "en", today: date) -> tuple[Suggestion, ...]:
    """Rules for the facts that can be seen, in the order of the page, tables first; at most MOST_RULES."""
    tried = _Trial(document, language, today)
    for rule in _candidates(document):
        tried.take(rule)
    # A law is pointed into by `section`, and which of its thousand figures matters only a person can say.
    law = any(block.kind is BlockKind.SECTION for block in document.blocks)
    for block, found in () if law else _values(document):
        tried.first_of(_rules_for(block, found), wanted=found.value)
    return tuple(tried.kept)[:MOST_RULES]


def sentinels(document: Document) -> tuple[str, ...]:
    """Words that must be on the page for it to be the page: its main heading, or else its title."""
    main = next((block.text for block in document.blocks if block.kind is BlockKind.HEADING and block.level == 1), "")
    words = main or document.title.split(" - ")[0].split(" | ")[0].strip()
    return (words,) if words and len(words) <= 120 else ()


class _Trial:
    """The rules kept so far; a rule is kept if it works and says nothing that another already says."""

    def __init__(self, document: Document, language: str, today: date) -> None:
        self.document, self.language, self.today = document, language, today
        self.kept: list[Suggestion] = []
        self._left = MOST_TRIALS
        self._places: set[tuple[str, Value]] = set()

    def take(self, rule: Rule, *, wanted: Value | None = None) -> bool:
        """Keep the rule if it locates a value (just the one wanted). True also where that value is covered already."""
        self._left -= 1
        reading = read_rule(self.document, rule, language=self.language, today=self.today)
        if isinstance(reading, Missing) or (wanted is not None and reading.value != wanted):
            return False
        place = (reading.locator, reading.value)
        if place not in self._places:
            self._places.add(place)
            named = replace(rule, key=self._free(rule.key), expect=_expected(reading.value))
            self.kept.append(Suggestion(rule=named, reading=reading))
        return True

    def first_of(self, rules: Iterator[Rule], *, wanted: Value) -> None:
        if len(self.kept) < MOST_RULES and self._left > 0:
            any(self.take(rule, wanted=wanted) for rule in rules)

    def _free(self, key: str) -> str:
        taken = {item.rule.key for item in self.kept}
        names = (key, *(f"{key}_{number}" for number in range(2, MOST_RULES + 2)))
        return next(name for name in names if name not in taken)


def _expected(value: Value) -> Expect:
    """A plausible range around what stands there now, wide enough for a change and too narrow for another figure."""
    match value:
        case Money(amount=amount) | Duration(quantity=amount):
            return Expect(between=_around(amount))
        case Percentage(number=amount) | Points(number=amount) | Count(number=amount):
            return Expect(between=_around(amount))
        case Rows(rows=entries):
            return Expect(rows=(max(1, len(entries) // 2), len(entries) * 2))
        case Members(items=entries):
            return Expect(rows=(max(1, len(entries) // 2), len(entries) * 2))
        case _:
            return Expect()


def _around(amount: Decimal) -> tuple[Decimal, Decimal]:
    low = (amount / 2).to_integral_value(ROUND_FLOOR)
    return low, (amount * 2).to_integral_value(ROUND_CEILING)


# -- whole structures --------------------------------------------------------


def _candidates(document: Document) -> Iterator[Rule]:
    for table in document.tables:
        if len([name for name in table.columns if name]) >= 2 and len(table.rows) >= 2:
            yield _table_rule(table)
    if document.data is not None:
        yield from _json_rules(document.data)
    dated = [block for block in document.blocks if block.kind is BlockKind.HEADING and _only_a_day(block.text)]
    if len(dated) >= _LOGS:
        under = dated[0].path[-1] if dated[0].path else None
        yield Rule(key="latest_update", kind=Kind.DAY, under=under, extractor="latest_entry")
    yield from _status_rules(document)


def _table_rule(table: Table) -> Rule:
    columns = tuple(dict.fromkeys(name for name in table.columns if name))
    coded = next((name for name in columns if _is_coded(table, table.columns.index(name))), None)
    return Rule(
        key=_slug(table.caption or (table.path[-1] if table.path else "") or columns[0]),
        kind=Kind.ROWS,
        under=table.path[-1] if table.path else None,
        columns=columns,
        key_columns=(coded or columns[0],),
        codes="noc2021" if coded else None,
    )


def _is_coded(table: Table, at: int) -> bool:
    cells = [row[at].text for row in table.rows if at < len(row)]
    return bool(cells) and sum(bool(re.search(r"\b\d{5}\b", cell)) for cell in cells) * 5 >= len(cells) * 4


def _only_a_day(text: str) -> bool:
    found = [item for item in values_in(text) if item.kind == Kind.DAY.value]
    return len(found) == 1 and len(found[0].text) * 2 >= len(text)


_STATED = re.compile(r"\b(?:open|closed|paused|suspended|accepting|fermée?s?|ouverte?s?|suspendue?s?)\b", re.IGNORECASE)
_STREAM = re.compile(
    r"\b(?:stream|intake|applications?|registrations?|program(?:me)?|portal|volet|demandes?)\b", re.IGNORECASE
)


def _status_rules(document: Document) -> Iterator[Rule]:
    """A short sentence that says of a stream or an intake that it is open, closed or paused."""
    for block in document.blocks:
        if block.kind is BlockKind.HEADING or len(block.text) > _LONGEST_STATUS or not block.path:
            continue
        if _STATED.search(block.text) and _STREAM.search(block.text):
            yield Rule(key=_slug(f"{block.path[-1]} status"), kind=Kind.STATUS, under=block.path[-1])


def _json_rules(data: object, path: str = "", depth: int = 0) -> Iterator[Rule]:
    """Lists of records as rows, and plain values that are an amount, a day or a duration."""
    if depth > 4 or not isinstance(data, Mapping):
        return
    for name, value in data.items():
        place = f"{path}.{name}" if path else str(name)
        if re.search(r"[.\[\]]", str(name)):
            continue
        if isinstance(value, list):
            columns = _record_columns(value)
            if columns:
                yield Rule(
                    key=_slug(str(name)), kind=Kind.ROWS, path=f"{place}[*]", columns=columns, key_columns=columns[:1]
                )
        elif isinstance(value, Mapping):
            yield from _json_rules(value, place, depth + 1)
        elif isinstance(value, str):
            kind = next((item.kind for item in values_in(value) if len(item.text) * 3 >= len(value) * 2), None)
            if kind in {each.value for each in _KINDS}:
                yield Rule(key=_slug(place.replace(".", " ")), kind=Kind(kind), path=place)


def _record_columns(items: list[Any]) -> tuple[str, ...]:
    """The plain keys that most records of a list share, those that tell records apart first."""
    records = [item for item in items if isinstance(item, Mapping)]
    if len(records) < 2 or len(records) * 5 < len(items) * 4:
        return ()
    seen = Counter(key for record in records for key, value in record.items() if isinstance(value, str | int | float))
    shared = [key for key, number in seen.items() if number * 5 >= len(records) * 4]
    unlike = {key: len({str(record.get(key)) for record in records}) for key in shared}
    return tuple(sorted(shared, key=lambda key: -(unlike[key] == len(records)))[:6])


# -- single values -----------------------------------------------------------


def _values(document: Document) -> Iterator[tuple[Block, Found]]:
    for block in document.blocks:
        if block.kind in (BlockKind.HEADING, BlockKind.RECORD):
            continue
        for found in values_in(block.text):
            if found.kind in {kind.value for kind in _KINDS}:
                yield block, found


def _rules_for(block: Block, found: Found) -> Iterator[Rule]:
    """Ways to point at one value, the plainest first: its heading, words beside it, both."""
    kind = Kind(found.kind)
    heading = block.path[-1] if block.path else None
    if block.cells:
        yield from _cell_rules(block, kind, heading)
        return
    if heading:
        yield Rule(key=_slug(heading), kind=kind, under=heading)
    for label in _labels(block.text, found):
        key = _slug(label)
        if heading:
            yield Rule(key=key, kind=kind, under=heading, label=label)
        yield Rule(key=key, kind=kind, label=label)


def _cell_rules(block: Block, kind: Kind, heading: str | None) -> Iterator[Rule]:
    """The rest of a row that its first cell names."""
    name = next((cell for cell in block.cells if cell.strip()), "")
    if name and len(name) <= 80:
        yield Rule(key=_slug(name), kind=kind, under=heading, row=name)


def _labels(text: str, found: Found) -> Iterator[str]:
    """Words right before the value, the longest first, within its sentence; and those after it where none precede."""
    before = re.split(r"[.;:!?|]\s", text[: found.start])[-1].strip(" :(\u00a0")
    words = before.split()
    for count in range(min(_MOST_LABEL_WORDS, len(words)), 0, -1):
        label = " ".join(words[-count:])
        if fold(words[-count]) not in _STOP and level(label) in level(text):
            yield label
    if not words:
        after = text[found.end :].split()
        if after:
            yield " ".join(after[:_MOST_LABEL_WORDS])


def _slug(words: str) -> str:
    parts = [part for part in re.findall(r"[a-z0-9]+", fold(words)) if part not in _STOP][:6]
    return "_".join(parts)[:60].strip("_") or "value"
