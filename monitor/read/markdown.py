"""Markdown and plain text: headings, items, tables of pipes, paragraphs. Other tools' page renderings come this way."""

from __future__ import annotations

import re
from datetime import date

from domain.documents import Block, BlockKind, Cell, Document, Link, Table
from domain.errors import ReadError
from domain.sources import Ignore
from monitor.read.charset import decode_text
from monitor.read.normalise import collapse
from monitor.read.targets import clean_target

_HEADING = re.compile(r"(#{1,6})\s+(.*)\Z")
_ITEM = re.compile(r"(\s*)(?:[-*+•✓]|\d{1,3}[.)])\s+(.*)\Z")
_RULE = re.compile(r"\s*(?:[-*_]\s*){3,}\Z")
_UNDERLINE = re.compile(r" {0,3}(?:(=)=*|(-)-+)\s*\Z")
_IMAGE = re.compile(r"!\[([^\[\]]{0,500})\]\([^()\s]{0,2000}[^()]{0,300}\)")
_LINK = re.compile(r"\[([^\[\]]{0,500})\]\(([^()\s]{0,2000})[^()]{0,300}\)")
_EMPHASIS = re.compile(r"(\*\*|__|\*|`)(?=\S)((?:(?!\1).){1,2000})(?<=\S)\1")
_MARKED = re.compile(r"[\[*_`\\]")
_SEPARATOR = re.compile(r":?-{2,}:?\Z")
_ENDS = ".!?:;"
"""Marks after which a line of plain text is whole; without one, a line that goes on in small letters goes on."""
MOST_LINES = 300_000


def read_markdown(
    body: bytes,
    *,
    content_type: str | None = None,
    url: str = "",
    region: str | None = None,
    ignore: tuple[Ignore, ...] = (),
    today: date | None = None,
) -> Document:
    """The document of a Markdown text. Raises DecodeError and ReadError."""
    return _read(body, content_type, url, media="markdown")


def read_text(
    body: bytes,
    *,
    content_type: str | None = None,
    url: str = "",
    region: str | None = None,
    ignore: tuple[Ignore, ...] = (),
    today: date | None = None,
) -> Document:
    """The document of a plain text: every line is a block, joined with the lines that go on with its sentence."""
    return _read(body, content_type, url, media="text")


def _read(body: bytes, content_type: str | None, url: str, *, media: str) -> Document:
    text, encoding, notes = decode_text(body, content_type)
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        raise ReadError("too-complex", f"more than {MOST_LINES} lines")
    reading = _Reading(url, media == "markdown")
    for line in _without_front_matter(lines):
        reading.line(line)
    blocks, tables = reading.finished()
    title = next((block.text for block in blocks if block.kind is BlockKind.HEADING), "") or (
        blocks[0].text[:200] if blocks else ""
    )
    return Document(media=media, title=title, blocks=blocks, tables=tables, encoding=encoding, notes=notes)


def _without_front_matter(lines: list[str]) -> list[str]:
    """A block of `key: value` lines between `---` at the very top says how a page was captured, not what it holds."""
    if lines and lines[0].strip() == "---":
        for at, line in enumerate(lines[1:60], start=1):
            if line.strip() == "---":
                return lines[at + 1 :]
    return lines


class _Reading:
    """Where the reader stands: headings above, the paragraph or table being gathered."""

    def __init__(self, url: str, markdown: bool) -> None:
        self._url = url
        self._markdown = markdown
        self._path: list[tuple[int, str]] = []
        self._blocks: list[Block] = []
        self._tables: list[Table] = []
        self._gathered: list[str] = []
        self._rows: list[list[str]] = []
        self._counts: dict[str, int] = {}

    def line(self, line: str) -> None:
        if self._markdown and line.lstrip().startswith("|") and line.count("|") > 1:
            self._flush_text()
            cells = [part.strip() for part in line.strip().strip("|").split("|")]
            if not all(_SEPARATOR.match(cell) for cell in cells):
                self._rows.append(cells)
            return
        self._flush_table()
        underline = _UNDERLINE.match(line) if self._markdown and len(self._gathered) == 1 else None
        if underline:
            title, self._gathered = self._gathered[0], []
            self._heading(1 if underline[1] else 2, title)
            return
        heading = _HEADING.match(line) if self._markdown else None
        item = _ITEM.match(line)
        if not line.strip() or (self._markdown and _RULE.match(line)):
            self._flush_text()
        elif heading:
            self._flush_text()
            self._heading(len(heading[1]), heading[2].rstrip().rstrip("#").rstrip())
        elif item:
            self._flush_text()
            self._add(BlockKind.ITEM, item[2], level=1 + len(item[1].expandtabs(4)) // 2)
        elif self._markdown:
            self._gathered.append(line)
        else:
            if not (self._gathered and line[:1].islower() and self._gathered[-1].rstrip()[-1] not in _ENDS):
                self._flush_text()
            self._gathered.append(line)

    def finished(self) -> tuple[tuple[Block, ...], tuple[Table, ...]]:
        self._flush_text()
        self._flush_table()
        return tuple(self._blocks), tuple(self._tables)

    def _heading(self, level: int, written: str) -> None:
        text, _ = _inline(written, self._url)
        if not text:
            return
        while self._path and self._path[-1][0] >= level:
            self._path.pop()
        self._add(BlockKind.HEADING, written, level=level)
        self._path.append((level, text))

    def _flush_text(self) -> None:
        if self._gathered:
            self._add(BlockKind.PARAGRAPH, " ".join(self._gathered))
            self._gathered = []

    def _flush_table(self) -> None:
        if not self._rows:
            return
        rows, self._rows = self._rows, []
        width = max(map(len, rows))
        full = [[_inline(cell, self._url)[0] for cell in row] + [""] * (width - len(row)) for row in rows]
        path = tuple(text for _, text in self._path)
        locator = self._place("table", path)
        places = tuple(f"{locator}, row {number}" for number in range(1, len(full)))
        self._tables.append(
            Table(
                caption="",
                path=path,
                locator=locator,
                columns=tuple(full[0]),
                rows=tuple(tuple(Cell(text=cell, parts=(cell,)) for cell in row) for row in full[1:]),
                row_locators=places,
            )
        )
        for at, cells in enumerate(full):
            text = " | ".join(cell for cell in cells if cell)
            place = f"{locator}, head" if at == 0 else places[at - 1]
            if text:
                self._blocks.append(
                    Block(
                        kind=BlockKind.ROW,
                        path=path,
                        text=text,
                        locator=place,
                        cells=tuple(cells),
                        table=len(self._tables) - 1,
                    )
                )

    def _add(self, kind: BlockKind, written: str, *, level: int = 0) -> None:
        text, links = _inline(written, self._url)
        if not text:
            return
        path = tuple(words for _, words in self._path)
        self._blocks.append(
            Block(kind=kind, path=path, text=text, locator=self._place(kind.value, path), level=level, links=links)
        )

    def _place(self, what: str, path: tuple[str, ...]) -> str:
        place = " > ".join((*path[-2:], what))
        self._counts[place] = self._counts.get(place, 0) + 1
        return f"{place} {self._counts[place]}"


def _inline(written: str, url: str) -> tuple[str, tuple[Link, ...]]:
    """The text without marks of emphasis and links, and the links; an image is its words, its file no link."""
    if not _MARKED.search(written):
        return collapse(written), ()
    written = _IMAGE.sub(r"\1", written)
    links = tuple(
        Link(text=collapse(match[1]), target=clean_target(match[2], url))
        for match in _LINK.finditer(written)
        if match[2] and not match[2].startswith("#")
    )
    text = _EMPHASIS.sub(r"\2", _LINK.sub(r"\1", written))
    return collapse(text.replace("\\", "")), links
