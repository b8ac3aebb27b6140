"""Tables with spans resolved, header cells found and multi-value cells divided, bounded against made-up spans."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from domain.documents import Cell, Link
from domain.errors import ReadError
from monitor.read.html_text import (
    attribute,
    children,
    is_footnote_mark,
    is_furniture,
    is_hidden,
    link_of,
    without_opening,
)
from monitor.read.normalise import collapse

MOST_CELLS = 60_000
MOST_LETTERS = 20 * 2**20
"""Characters of a table once each cell is repeated wherever it spans; the largest real one has a hundredth of it."""
MOST_SPAN = 1_000
_DIVIDERS = frozenset({"p", "li", "div", "br", "dd", "dt", "ul", "ol", "tr", "h1", "h2", "h3", "h4", "h5", "h6"})
_TRAILING_MARKS = re.compile(r"(?<=[\w)])\s?(\*{1,4}|[†‡§]+)(?=\s|$)")
_MARKED = frozenset("*†‡§([")
"""What a cell's text holds where it may end in a mark, or say how its link opens."""
_NUMBER = re.compile(r"[\d$€£%<>.,\s/-]*\d[\d$€£%<>.,\s/+-]*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table as a rectangle: header texts by column, body rows, and the links of each body row."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    links: tuple[tuple[Link, ...], ...]


@dataclass(slots=True)
class _Pieces:
    """What one cell holds while it is read: parts of text, marks, links."""

    parts: list[str] = field(default_factory=lambda: [""])
    marks: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)


def is_layout(table: LexborNode) -> bool:
    """Whether a table only lays things out: said so, of one cell, or with further tables or headings inside."""
    if attribute(table, "role") in ("presentation", "none"):
        return True
    if len(table.css("table")) > 1 or table.css_first("h1, h2, h3") is not None:
        return True
    return len(table.css("td, th")) <= 1


def read_table(table: LexborNode, base: str) -> Grid:
    """The table's grid. Raises ReadError `too-complex` beyond `MOST_CELLS` cells."""
    caption = ""
    rows: list[list[tuple[Cell, tuple[Link, ...]]]] = []
    heads: list[bool] = []
    open_spans: dict[int, tuple[int, Cell]] = {}
    count = letters = 0
    for row in table.css("tr"):
        if is_hidden(row.attributes):
            continue
        cells = [cell for cell in children(row) if cell.tag in ("td", "th") and not is_hidden(cell.attributes)]
        if not cells and not open_spans:
            continue
        placed = _place(cells, open_spans, base)
        rows.append(placed)
        in_head = row.parent is not None and row.parent.tag == "thead"
        heads.append(bool(cells) and (in_head or all(cell.tag == "th" for cell in cells)))
        count += len(placed)
        for cell, _ in placed:
            letters += len(cell.text)
        if count > MOST_CELLS or letters > MOST_LETTERS:
            raise ReadError("too-complex", f"a table has more than {MOST_CELLS} cells or {MOST_LETTERS} characters")
    found = table.css_first("caption")
    if found is not None:
        caption = collapse(found.text(deep=True, separator=" "))
    return _grid(caption, rows, heads)


def _place(
    cells: list[LexborNode], open_spans: dict[int, tuple[int, Cell]], base: str
) -> list[tuple[Cell, tuple[Link, ...]]]:
    """One row with the cells that reach into it from above; `open_spans` is moved on to the next row."""
    row: list[tuple[Cell, tuple[Link, ...]]] = []
    waiting = deque(cells)
    following: dict[int, tuple[int, Cell]] = {}
    while waiting or (open_spans and any(at >= len(row) for at in open_spans)):
        at = len(row)
        if at in open_spans:
            left, cell = open_spans.pop(at)
            row.append((cell, ()))
            if left > 1:
                following[at] = (left - 1, cell)
        elif waiting:
            node = waiting.popleft()
            cell, links = _cell(node, base)
            attributes = node.attributes
            if not attributes:
                row.append((cell, links))
                continue
            down = _span(attributes, "rowspan")
            for _ in range(_span(attributes, "colspan")):
                if down > 1:
                    following[len(row)] = (down - 1, cell)
                row.append((cell, links))
                links = ()
            if len(row) > MOST_CELLS:
                raise ReadError("too-complex", f"a table has more than {MOST_CELLS} cells")
        else:
            row.append((Cell(text="", parts=("",)), ()))
    open_spans.clear()
    open_spans.update(following)
    return row


def _span(attributes: dict[str, str | None], name: str) -> int:
    text = (attributes.get(name) or "").strip()
    if not text:
        return 1
    return max(1, min(MOST_SPAN, int(text))) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def _cell(node: LexborNode, base: str) -> tuple[Cell, tuple[Link, ...]]:
    only = node.first_child
    pieces = _Pieces()
    if only is not None and only.is_text_node and only.next is None:
        text = only.text_content or ""
        if _MARKED.isdisjoint(text):
            return _plain(text, header=node.tag == "th"), ()
        pieces.parts[-1] = text
        return _finished(pieces, header=node.tag == "th"), ()
    stack: list[LexborNode | None] = list(reversed(list(children(node))))
    while stack:
        current = stack.pop()
        if current is None:
            pieces.parts.append("")
            continue
        if current.is_text_node:
            pieces.parts[-1] += current.text_content or ""
            continue
        tag = current.tag
        if tag is None or tag.startswith("-") or is_furniture(tag, current.attributes) or is_hidden(current.attributes):
            continue
        if tag in ("sup", "a") and is_footnote_mark(current):
            pieces.marks.append(collapse(current.text(deep=True)))
            continue
        if tag == "a" and (link := link_of(current, current.text(deep=True), base)) is not None:
            pieces.links.append(link)
        inner: list[LexborNode | None] = list(reversed(list(children(current))))
        if tag in _DIVIDERS:
            inner = [None, *inner, None]
        stack.extend(inner)
    return _finished(pieces, header=node.tag == "th"), tuple(pieces.links)


def _plain(text: str, *, header: bool) -> Cell:
    """The cell of one text without a mark or a tag in it, as most cells are."""
    shown = collapse(text)
    return Cell(text=shown, parts=(shown,), header=header)


def _finished(pieces: _Pieces, *, header: bool) -> Cell:
    parts, marks = [], list(pieces.marks)
    for part in pieces.parts:
        text = without_opening(collapse(part))
        if found := _TRAILING_MARKS.findall(text):
            marks += found
            text = collapse(_TRAILING_MARKS.sub("", text))
        if text:
            parts.append(text)
    return Cell(text=" ".join(parts), parts=tuple(parts) or ("",), marks=tuple(marks), header=header)


def _grid(caption: str, rows: list[list[tuple[Cell, tuple[Link, ...]]]], heads: list[bool]) -> Grid:
    width = max((len(row) for row in rows), default=0)
    if width * len(rows) > 4 * MOST_CELLS:
        raise ReadError("too-complex", "a table is wider than any table of a page")
    blank = (Cell(text="", parts=("",)), ())
    full = [row + [blank] * (width - len(row)) for row in rows]
    first = next((at for at, head in enumerate(heads) if not head), len(full))
    if first == 0 and len(full) > 1 and _looks_like_head([cell for cell, _ in full[0]], [cell for cell, _ in full[1]]):
        first = 1
    first = min(first, len(full) - 1) if len(full) == first and len(full) > 1 else first
    columns = (
        tuple(_column([row[at][0].text for row in full[:first]]) for at in range(width)) if first else ("",) * width
    )
    body = full[first:]
    return Grid(
        caption=caption,
        columns=columns,
        rows=tuple(tuple(cell for cell, _ in row) for row in body),
        links=tuple(tuple(link for _, links in row for link in links) for row in body),
    )


def _column(texts: list[str]) -> str:
    return " ".join(dict.fromkeys(text for text in texts if text))


def _looks_like_head(first: list[Cell], second: list[Cell]) -> bool:
    """A first row without `th` is a head where it is all words and something below it is a figure."""
    if not all(0 < len(cell.text) <= 60 for cell in first):
        return False
    words = not any(_NUMBER.match(cell.text) for cell in first)
    distinct = len({cell.text for cell in first}) == len(first) and len(first) > 1
    figures = any(any(mark.isdigit() for mark in cell.text) for cell in second)
    return words and distinct and figures and not any(any(m.isdigit() for m in cell.text) for cell in first)
