"""A snapshot read into ordered blocks, whatever its media type was.

A `Document` is the only thing that extracting, comparing and judging look at, so every reader ends here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class BlockKind(StrEnum):
    """What a block is. A reader picks the nearest; comparing never depends on paragraph against item alone."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    ROW = "row"
    ALERT = "alert"
    SECTION = "section"
    RECORD = "record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link as written: its words and its target (made absolute against the final address where known).

    sends: "" for a link, else how a form is sent there, `get` or `post`; its words are then those of its button.
    """

    text: str
    target: str
    sends: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One stretch of a document.

    kind: what it is. path: headings above it, outermost first (a heading's own text is not in its path).
    text: as shown, white space collapsed to single spaces, Unicode as it was.
    locator: stable words that lead a person to it, such as `Processing fee > p 2` or `rounds[415]`.
    level: heading level 1-6, nesting depth of an item, else 0.
    cells: the text of each cell, for a row; `table` is then the index in `Document.tables`.
    key: identity across versions where the format has one (draw number, section label), else None.
    collapsed: it stood in a closed `details`, tab or accordion.
    aside: it stands beside the text: in a menu, a promotion, a box about the author, or it is a picture's words.
    """

    kind: BlockKind
    path: tuple[str, ...]
    text: str
    locator: str
    level: int = 0
    links: tuple[Link, ...] = ()
    cells: tuple[str, ...] = ()
    table: int | None = None
    key: str | None = None
    collapsed: bool = False
    aside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell after spans were resolved.

    text: whole text. parts: the separate values where `<br>`, `<p>` or `<li>` divided it (one part otherwise).
    marks: footnote marks (`*`, `1`) kept apart from the text and the parts.
    """

    text: str
    parts: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    header: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with header cells found and spans resolved, so each row has one cell a column.

    columns: header texts ("" where none). rows: body rows. row_locators: one for each row.
    """

    caption: str
    path: tuple[str, ...]
    locator: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    row_locators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A page as read.

    media: `html`, `xml`, `json`, `feed`, `pdf`, `sheet`, `markdown` or `text`.
    title: the page's own heading, else the title in its head. head_title: the title in the head where there are both.
    template: the page family the reader recognised (`gcweb`, `laws-lois`, `welcomebc`, `ontario`, `alberta`,
    `govuk`, `rounds`, `processing-times`, `law`, `""`).
    modified: the page's own modified date as printed, an observation that is never trusted.
    markup: the decoded HTML of the region, for rules with `select`; "" otherwise.
    data: the parsed tree, for JSON; None otherwise. Never changed after reading.
    notes: what the reader had to decide, such as `charset windows-1252 declared utf-8`.
    """

    media: str
    title: str
    blocks: tuple[Block, ...]
    tables: tuple[Table, ...] = ()
    template: str = ""
    language: str = ""
    modified: str = ""
    canonical: str = ""
    encoding: str = ""
    markup: str = ""
    data: object = None
    notes: tuple[str, ...] = ()
    head_title: str = ""
