"""The same fact keys before and after: what appeared, was removed or altered, in the terms of each kind."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TypeVar

from domain.facts import ChangeKind, Fact, FactChange, FactState
from domain.values import Code, Count, Duration, Members, Money, Percentage, Points, Rows, Text, Value
from monitor.diff.words import shown, worded

Row = tuple[str, ...]


def compare_facts(before: tuple[Fact, ...], after: tuple[Fact, ...]) -> tuple[FactChange, ...]:
    """The changes of every key that both sides know, in the order of *after*.

    `removed` is only located → absent, `appeared` only absent → located. Where either side cannot tell there is no
    change: not knowing is no news about the page. A pending value that changed is an alteration with its day.
    """
    earlier = {fact.key: fact for fact in before}
    found = (_change(earlier[fact.key], fact) for fact in after if fact.key in earlier)
    return tuple(change for change in found if change is not None)


def _change(before: Fact, after: Fact) -> FactChange | None:
    states = (before.state, after.state)
    if FactState.CANNOT_TELL in states:
        return None
    if states == (FactState.LOCATED, FactState.ABSENT):
        return _of(before, after, ChangeKind.REMOVED)
    if states == (FactState.ABSENT, FactState.LOCATED):
        return _of(before, after, ChangeKind.APPEARED)
    if before.value is not None and after.value is not None and not same_value(before.value, after.value):
        return _of(before, after, ChangeKind.ALTERED)
    if _pending_differs(before, after):
        return _pending(before, after)
    return None


def _of(before: Fact, after: Fact, kind: ChangeKind) -> FactChange:
    added, removed, altered = detail(before.value, after.value)
    return FactChange(
        key=after.key,
        change=kind,
        before=before.value,
        after=after.value,
        added=added,
        removed=removed,
        altered=altered,
        quote_before=before.quote,
        quote_after=after.quote,
        effective=after.pending.effective if after.pending is not None else None,
    )


def _pending_differs(before: Fact, after: Fact) -> bool:
    if before.pending is None or after.pending is None:
        return before.pending is not after.pending and not _came_true(before, after)
    same = same_value(before.pending.value, after.pending.value)
    return not same or before.pending.effective != after.pending.effective


def _came_true(before: Fact, after: Fact) -> bool:
    """A pending value that is gone because it is the value now was told when it was announced."""
    return (
        before.pending is not None
        and after.pending is None
        and after.value is not None
        and same_value(before.pending.value, after.value)
    )


def _pending(before: Fact, after: Fact) -> FactChange:
    """The announced value before and after; the value in force stands in where nothing was or is announced."""
    old, new = before.pending, after.pending
    return FactChange(
        key=after.key,
        change=ChangeKind.ALTERED,
        before=old.value if old is not None else before.value,
        after=new.value if new is not None else after.value,
        quote_before=old.quote if old is not None else before.quote,
        quote_after=new.quote if new is not None else after.quote,
        effective=new.effective if new is not None else None,
    )


def same_value(left: Value, right: Value) -> bool:
    """Whether two values state the same: numbers by value, texts as shown, tables and lists in any order."""
    if isinstance(left, Members) and isinstance(right, Members):
        return {worded(item) or shown(item) for item in left.items} == {
            worded(item) or shown(item) for item in right.items
        }
    if isinstance(left, Rows) and isinstance(right, Rows):
        return not any(_rows(left, right))
    if isinstance(left, Text) and isinstance(right, Text):
        return shown(left.text) == shown(right.text)
    return type(left) is type(right) and _plain(left) == _plain(right)


def _plain(value: Value) -> object:
    """The value with numbers in one form, so that 1000 equals 1000.00."""
    match value:
        case Money():
            return (value.amount.normalize(), value.currency)
        case Duration():
            numbers: Iterable[Decimal | None] = (value.quantity, value.lower, value.upper)
            return (*(n if n is None else n.normalize() for n in numbers), value.unit, value.bound, value.statistic)
        case Count() | Percentage() | Points():
            return value.number.normalize()
        case Code():
            return (value.scheme, value.code, worded(value.qualifier or ""))
        case _:
            return value


def detail(
    before: Value | None, after: Value | None
) -> tuple[tuple[Row, ...], tuple[Row, ...], tuple[tuple[Row, Row], ...]]:
    """Rows or members added, removed and altered; empty for kinds that have none."""
    sample = before or after
    if isinstance(sample, Rows):
        empty = Rows(key=sample.key, columns=sample.columns, rows=())
        return _rows(
            before if isinstance(before, Rows) else empty,
            after if isinstance(after, Rows) else empty,
        )
    if isinstance(sample, Members):
        left = {worded(item) or item: item for item in before.items} if isinstance(before, Members) else {}
        right = {worded(item) or item: item for item in after.items} if isinstance(after, Members) else {}
        return (
            tuple((item,) for key, item in right.items() if key not in left),
            tuple((item,) for key, item in left.items() if key not in right),
            (),
        )
    return (), (), ()


def _rows(before: Rows, after: Rows) -> tuple[tuple[Row, ...], tuple[Row, ...], tuple[tuple[Row, Row], ...]]:
    """Rows matched by their key columns; a key that stands on several rows matches them in order of their text."""
    shared = [column for column in after.columns if column in before.columns]
    left, right = _by_key(before), _by_key(after)
    added: list[Row] = []
    removed: list[Row] = []
    altered: list[tuple[Row, Row]] = []
    for key in dict.fromkeys([*right, *left]):
        old, new = left.get(key, []), right.get(key, [])
        forms_b = [_cells(row, before.columns, shared) for row in old]
        forms_a = [_cells(row, after.columns, shared) for row in new]
        rest_b = [row for row, form in zip(old, forms_b, strict=True) if not _take(forms_a, form)]
        forms_b = [_cells(row, before.columns, shared) for row in old]
        rest_a = [row for row in new if not _take(forms_b, _cells(row, after.columns, shared))]
        paired = min(len(rest_b), len(rest_a))
        altered.extend(zip(rest_b[:paired], rest_a[:paired], strict=True))
        removed.extend(rest_b[paired:])
        added.extend(rest_a[paired:])
    return tuple(added), tuple(removed), tuple(altered)


T = TypeVar("T")


def _take(values: list[T], wanted: T) -> bool:
    if wanted in values:
        values.remove(wanted)
        return True
    return False


def _by_key(rows: Rows) -> dict[Row, list[Row]]:
    spots = [rows.columns.index(column) for column in rows.key if column in rows.columns]
    found: dict[Row, list[Row]] = {}
    for row in sorted(rows.rows):
        key = tuple(worded(row[spot]) for spot in spots if spot < len(row)) if spots else tuple(map(worded, row))
        found.setdefault(key, []).append(row)
    return found


def _cells(row: Row, columns: tuple[str, ...], wanted: list[str]) -> Row:
    """The wanted cells as shown, so that typography is no alteration."""
    return tuple(shown(row[columns.index(column)]) for column in wanted if columns.index(column) < len(row))
