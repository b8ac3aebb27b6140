"""What a change touches: the claims that rest on it, how much is at stake, and which changes are one event.

A fact change touches the claims that ask about the fact, or about the same fact of the page in the other language.
A passage touches the claims that rest on the words of its own place: another section of a long law touches nobody.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from domain.claims import Claim, Expectation, Operator, Risk
from domain.comparison import BlockChange, Operation, Significance
from domain.documents import BlockKind
from domain.facts import Fact, FactChange, FactState
from domain.sources import Rule, Source
from domain.values import Kind, Status, Text, Value, YesNo
from monitor.expect import try_expectation
from monitor.extract import values_in
from monitor.extract.place import fold
from monitor.operators import Answer

_RANK = {Risk.CRITICAL: 0, Risk.HIGH: 1, Risk.MEDIUM: 2, Risk.LOW: 3}
_PROSE_OPERATORS = (Operator.SAYS, Operator.UNCHANGED, Operator.ABOUT)


def resting_on(key: str, claims: Iterable[Claim], *, counterpart: str | None = None) -> tuple[Claim, ...]:
    """The claims that ask about a fact, most harmful first.

    counterpart: the page in the other language; what rests on its fact of the same name is touched as well.
    """
    keys = {key} | ({f"{counterpart}#{key.partition('#')[2]}"} if counterpart else set())

    def rests(claim: Claim) -> bool:
        return not keys.isdisjoint((*claim.warned_by, *claim.context)) or any(
            item.fact in keys
            or (item.operator in (Operator.SAME_AS, Operator.DIFFERS_FROM) and not keys.isdisjoint(item.operand))
            for item in claim.expectations
        )

    return tuple(sorted((claim for claim in claims if rests(claim)), key=lambda claim: _RANK[claim.risk]))


def held_against(claim: Claim, key: str) -> tuple[str, ...]:
    """The other facts that a claim holds a fact against."""
    return tuple(other for item in claim.expectations if item.fact == key for other in item.operand if "#" in other)


def pages_of(claim: Claim) -> frozenset[str]:
    """The sources whose facts decide how a claim stands: those it asks, and those it holds them against."""
    keys = [key for item in claim.expectations for key in (item.fact, *held_against(claim, item.fact))]
    return frozenset(key.partition("#")[0] for key in keys)


def claims_by_page(claims: Iterable[Claim], sources: Mapping[str, Source]) -> dict[str, tuple[Claim, ...]]:
    """For each source, in order, the claims that a check of it can touch: those that name a fact of it or of the page
    in the other language. Made once, since looking through every claim at every check takes the square of their number.
    """
    found: dict[str, list[Claim]] = defaultdict(list)
    twins: dict[str, set[str]] = defaultdict(set)
    for source in sources.values():
        twins[source.counterpart or source.id].add(source.id)
    for claim in claims:
        named = {key.partition("#")[0] for key in (*claim.warned_by, *claim.context)} | pages_of(claim)
        named |= {
            key.partition("#")[0]
            for item in claim.expectations
            if item.operator in (Operator.SAME_AS, Operator.DIFFERS_FROM)
            for key in item.operand
        }
        for page in named.union(*(twins[name] for name in named)):
            found[page].append(claim)
    return {page: tuple(touched) for page, touched in found.items()}


def asks(claim: Claim, key: str) -> bool:
    """Whether a claim asks something of a fact, rather than being warned or reminded by it."""
    return key not in claim.warned_by and key not in claim.context


def still_holds(claim: Claim, change: FactChange, *, today: date | None) -> bool:
    """Whether all that a claim asks of a fact was met before the change and surely is after it."""
    asked = [item for item in claim.expectations if item.fact == change.key]
    if today is None or not asked or change.effective is not None:
        return False
    return all(_met(item, value, today) for item in asked for value in (change.before, change.after))


def _met(expectation: Expectation, value: Value | None, today: date) -> bool:
    state = FactState.ABSENT if value is None else FactState.LOCATED
    fact = Fact(key=expectation.fact, state=state, value=value)
    return try_expectation(expectation, {fact.key: fact}, today=today).answer is Answer.MET


def prose_rests(item: Expectation, source: Source, blocks: tuple[BlockChange, ...]) -> bool:
    """Whether an expectation rests on the changed words.

    What is read from words rests on every passage of its place; a figure rests on a passage under its own heading or in
    its own section that speaks of such a figure, as an announcement of the next one does.
    """
    rule = source.rule_for(item.fact)
    if rule is None:
        return False
    if item.operator in _PROSE_OPERATORS or rule.kind in (Kind.TEXT, Kind.YES_NO, Kind.STATUS):
        # A sentence found by its words does not rest on the rows of a table beneath the same heading.
        prose = [block for block in blocks if block.kind is not BlockKind.ROW or rule.match is None]
        return any(_stands_under(block, rule) for block in prose)
    placed = rule.section is not None or rule.under is not None
    return placed and any(_stands_under(block, rule) and _speaks_of(block, rule.kind) for block in blocks)


def _speaks_of(block: BlockChange, kind: Kind) -> bool:
    return any(found.kind == kind.value for found in values_in(block.after or ""))


def _stands_under(block: BlockChange, rule: Rule) -> bool:
    """Whether a changed passage stands where the rule reads: in its section of the law, or under its heading.

    A rule that reads a whole page rests on every passage of it, and one that reads a row or a labelled value on every
    passage that names it: a log tells of a stream far from the table in which its status stands.
    """
    named = fold(rule.row or rule.label or "")
    if named and any(named in fold(words) for words in (block.before, block.after, *block.path) if words):
        return True
    if rule.section is not None:
        label = fold(rule.section.partition("(")[0].strip())
        return label in {fold(name) for name in block.path} or fold(block.locator) in (label, f"section {label}")
    if rule.under is not None:
        wanted = fold(rule.under)
        own = (block.before, block.after) if block.kind is BlockKind.HEADING else ()
        return any(wanted in fold(words) for words in (*block.path, *own) if words)
    return True


def told_by_another(
    change: FactChange, changes: tuple[FactChange, ...], claims: tuple[Claim, ...], *, today: date | None
) -> bool:
    """Whether a log's new rows, in which no claim has a stake, are what another change of the visit was read from.

    A round that is entered into a feed is one event, however many facts it moves: the claims' facts tell it.
    """
    rows = _rows_of(change)
    if not rows or not all(still_holds(claim, change, today=today) for claim in resting_on(change.key, claims)):
        return False
    others = " ".join(_shown(item) for item in changes if item is not change and resting_on(item.key, claims))
    return all(_row_in(row, others) for row in rows)


def one_reading(change: FactChange, changes: tuple[FactChange, ...]) -> str:
    """The words that a change shares with another change of the visit because both were read there; else ""."""
    words = _flat(change.quote_after)
    return words if sum(_flat(item.quote_after) == words for item in changes) > 1 else ""


def in_its_place(change: FactChange, blocks: tuple[BlockChange, ...]) -> FactChange:
    """A statement that came or went by an edit of its passage, with the passage's other side as its other words.

    That a thing is open or closed may be read from other words than those that were edited: the edit tells it better.
    """
    gone, came = _flat(change.quote_before), _flat(change.quote_after)
    if gone and came and isinstance(change.after, (Status, YesNo)):
        edits = [item for item in blocks if item.op is Operation.CHANGED and came in _flat(item.after)]
        elsewhere = edits and not any(gone in _flat(item.before) for item in edits)
        return replace(change, quote_before=edits[0].before or "") if elsewhere else change
    if bool(gone) == bool(came):
        return change
    for block in blocks:
        if block.op is Operation.CHANGED and gone and gone in _flat(block.before):
            return replace(change, quote_after=block.after or "")
        if block.op is Operation.CHANGED and came and came in _flat(block.after):
            return replace(change, quote_before=block.before or "")
    return change


def stood_in(fact: Fact, blocks: tuple[BlockChange, ...]) -> bool:
    """Whether a fact of the baseline was read from one of the changed passages."""
    words = _flat(fact.quote)
    return bool(words) and any(words in _flat(_named(block, block.before)) for block in blocks)


def needs_eyes(block: BlockChange, changes: tuple[FactChange, ...]) -> bool:
    """Whether a passage needs a person: it matters, and no fact change was read from it that shows all it touched.

    Another amount that moved in the same passage, outside the words that the fact change quotes, is not explained.
    """
    if block.significance is not Significance.SUBSTANTIVE:
        return False
    before, after = _flat(_named(block, block.before)), _flat(_named(block, block.after))
    reading = [change for change in changes if _read_from(change, before, after) or _cell_of(change, block)]
    if block.op is not Operation.CHANGED:
        # A whole row or record came or went: the row that a fact change names stands for all of it.
        return not reading
    shown = " ".join(map(_shown, reading))
    touched = ((value.kind, words) for value in block.values for words in (value.before, value.after) if words)
    return not shown or not all(_is_shown(kind, _flat(words), shown) for kind, words in touched)


def _is_shown(kind: str, words: str, shown: str) -> bool:
    """An obligation may be put together from words that stand apart, such as `nobody … except`."""
    return words in shown or (kind == "obligation" and set(words.split()) <= set(re.findall(r"\w+", shown)))


def _named(block: BlockChange, words: str | None) -> str:
    """A record's words with its name before them, as a fact of a JSON path quotes them."""
    named = words and block.kind is BlockKind.RECORD and block.path
    return f"{block.path[-1]}: {words}" if named else words or ""


def _read_from(change: FactChange, before: str, after: str) -> bool:
    quotes = (_flat(change.quote_before), _flat(change.quote_after))
    if (quotes[0] and quotes[0] in before) or (quotes[1] and quotes[1] in after):
        return True
    return any(_row_in(row, before) or _row_in(row, after) for row in _rows_of(change))


def _cell_of(change: FactChange, block: BlockChange) -> bool:
    """Whether a record's field is a cell of a row that the change names, found by the key in the field's path."""
    if block.kind is not BlockKind.RECORD:
        return False
    words, path = {_flat(block.before), _flat(block.after)} - {""}, set(map(_flat, block.path))
    rows = ({_flat(cell) for cell in row} for row in _rows_of(change))
    return any(words & cells and path & cells for cells in rows)


def _rows_of(change: FactChange) -> list[tuple[str, ...]]:
    return [*change.added, *change.removed, *(row for pair in change.altered for row in pair)]


def _shown(change: FactChange) -> str:
    """All the words that the flag of a fact change puts before a person."""
    rows = " ".join(" ".join(row) for row in _rows_of(change))
    texts = " ".join(value.text for value in (change.before, change.after) if isinstance(value, Text))
    return _flat(f"{change.quote_before} {change.quote_after} {rows} {texts}")


def _row_in(row: tuple[str, ...], text: str) -> bool:
    cells = [_flat(cell) for cell in row if cell.strip()]
    return bool(cells) and bool(text) and sum(cell in text for cell in cells) * 2 > len(cells)


def _flat(text: str | None) -> str:
    return " ".join((text or "").casefold().split())
