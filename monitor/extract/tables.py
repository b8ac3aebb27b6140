"""Tables by their columns: one cell, a column of names, or all rows keyed and divided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain.documents import Cell, Document, Table
from domain.sources import Rule
from domain.values import Rows
from monitor.extract.codes import noc_codes
from monitor.extract.locate import json_nodes
from monitor.extract.place import Missing, Spot, fold, near


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsRead:
    """Rows as a value, with the words of the table and where it stands."""

    value: Rows
    quote: str
    locator: str


def wants_table(rule: Rule) -> bool:
    return bool(rule.columns or rule.caption or rule.row or rule.column)


def find_table(document: Document, rule: Rule) -> Table | Missing:
    """The one table that has the columns, the caption, the row and the heading asked for; the first of several."""
    tables = document.tables
    if rule.under is not None:
        wanted = fold(rule.under)
        exact = [table for table in tables if any(fold(words) == wanted for words in (*table.path, table.caption))]
        placed = exact or [
            table for table in tables if any(wanted in fold(words) for words in (*table.path, table.caption))
        ]
        if not placed:
            headings = [words for table in tables for words in table.path]
            return Missing(reason=f"no table stands under {rule.under!r}{near(rule.under, headings)}")
        tables = tuple(placed)
    if rule.caption is not None:
        tables = tuple(table for table in tables if fold(rule.caption) in fold(table.caption))
        if not tables:
            return Missing(reason=f"no table has the caption {rule.caption!r}")
    fitting = [table for table in tables if all(_column(table, name) is not None for name in _columns(rule))]
    if not fitting:
        shown = [column for table in tables for column in table.columns if column]
        missing = next((name for name in _columns(rule) if all(_column(table, name) is None for table in tables)), "")
        reason = (
            f"no table has a column {missing!r}{near(missing, shown)}"
            if missing
            else "no table has all the columns together"
        )
        return Missing(reason=reason if tables else "there is no table")
    if rule.row is not None:
        with_row = [table for table in fitting if _row(table, rule.row) is not None]
        if not with_row:
            cells = [row[0].text for table in fitting for row in table.rows if row]
            return Missing(reason=f"no row has a cell {rule.row!r}{near(rule.row, cells)}", container=True)
        return with_row[0]
    return fitting[0]


def cell_spots(document: Document, rule: Rule) -> tuple[Spot, ...] | Missing:
    """The cells that row and column point to: one, a whole column, or the rest of a row."""
    table = find_table(document, rule)
    if isinstance(table, Missing):
        return table
    column = _column(table, rule.column) if rule.column is not None else None
    found = []
    for at, row in enumerate(table.rows):
        if rule.row is not None and not _row_fits(row, rule.row):
            continue
        cells = [row[column]] if column is not None else _rest(row, rule.row)
        for cell in cells:
            if cell.text:
                quote = " | ".join(dict.fromkeys(item.text for item in row if item.text))
                found.append(Spot(text=cell.text, quote=quote, locator=_place(table, at), parts=cell.parts))
    return tuple(found) or Missing(reason="the cell is empty", container=True)


def read_rows(document: Document, rule: Rule) -> RowsRead | Missing:
    """All rows by the columns asked for; a cell with several codes becomes several rows, its qualifier kept."""
    if rule.path is not None:
        return _json_rows(document, rule)
    table = find_table(document, rule)
    if isinstance(table, Missing):
        return table
    names = rule.columns or tuple(table.columns)
    places = [_column(table, name) for name in names]
    keys = rule.key_columns or names[:1]
    coded = next(
        (
            at
            for at, name in enumerate(names)
            if (name in keys and rule.codes and "code" in fold(name)) or (rule.codes and name in keys and at == 0)
        ),
        None,
    )
    rows: list[tuple[str, ...]] = []
    for row in table.rows:
        cells = [row[at] if at is not None else Cell(text="") for at in places]
        if not any(cell.text for cell in cells) or all(cell.header for cell in row):
            continue
        rows += _divided(cells, coded)
    quote = "\n".join(" | ".join(dict.fromkeys(cell.text for cell in row if cell.text)) for row in table.rows)
    if not rows:
        return Missing(reason="the table has no rows", container=False)
    value = Rows(key=keys, columns=names, rows=tuple(dict.fromkeys(rows)))
    return RowsRead(value=value, quote=quote[:6000], locator=table.locator)


def _divided(cells: list[Cell], coded: int | None) -> list[tuple[str, ...]]:
    texts = [cell.text for cell in cells]
    if coded is None:
        return [tuple(texts)]
    codes = []
    for part in cells[coded].parts or (cells[coded].text,):
        for found in noc_codes(part):
            qualifier = getattr(found.value, "qualifier", None)
            code = getattr(found.value, "code", found.text)
            codes.append(f"{qualifier} {code}" if qualifier else code)
    if not codes:
        return []
    return [tuple(code if at == coded else text for at, text in enumerate(texts)) for code in codes]


def _json_rows(document: Document, rule: Rule) -> RowsRead | Missing:
    nodes = json_nodes(document, rule.path or "")
    if isinstance(nodes, Missing):
        return nodes
    names = rule.columns
    rows = tuple(tuple(_shown(item.get(name)) for name in names) for _, item in nodes if isinstance(item, dict))
    if not rows or not names:
        return Missing(reason="at the path stand no records with these columns")
    value = Rows(key=rule.key_columns or names[:1], columns=names, rows=rows)
    quote = "\n".join(" | ".join(row) for row in rows[:60])
    return RowsRead(value=value, quote=quote, locator=rule.path or "")


def _shown(value: Any) -> str:
    return "" if value is None else " ".join(str(value).split())


def _columns(rule: Rule) -> tuple[str, ...]:
    return (*rule.columns, *((rule.column,) if rule.column and rule.column not in rule.columns else ()))


def _column(table: Table, name: str | None) -> int | None:
    """The column whose header is the name, else the first that contains it."""
    if name is None:
        return None
    folded = [fold(column) for column in table.columns]
    wanted = fold(name)
    if wanted in folded:
        return folded.index(wanted)
    return next((at for at, column in enumerate(folded) if wanted in column), None)


def _row(table: Table, text: str) -> int | None:
    return next((at for at, row in enumerate(table.rows) if _row_fits(row, text)), None)


def _row_fits(row: tuple[Cell, ...], text: str) -> bool:
    wanted = fold(text)
    return any(wanted in fold(cell.text) for cell in row)


def _rest(row: tuple[Cell, ...], named: str | None) -> list[Cell]:
    if named is None:
        return list(row)
    return [cell for cell in row if fold(named) not in fold(cell.text)]


def _place(table: Table, at: int) -> str:
    return table.row_locators[at] if at < len(table.row_locators) else table.locator
