"""Sheets: CSV by the standard library, XLSX, XLS and ODS by calamine; each sheet is a table under its name."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date

from python_calamine import CalamineError, CalamineWorkbook

from domain.documents import Block, BlockKind, Cell, Document, Table
from domain.errors import ReadError
from domain.sources import Ignore
from monitor.read.charset import decode_text
from monitor.read.normalise import collapse

MOST_CELLS = 400_000
MOST_UNPACKED = 200 * 2**20


def read_sheet(
    body: bytes,
    *,
    content_type: str | None = None,
    url: str = "",
    region: str | None = None,
    ignore: tuple[Ignore, ...] = (),
    today: date | None = None,
) -> Document:
    """The document of a sheet. Raises ReadError `sheet-damaged` or `too-complex`, DecodeError for broken CSV."""
    if body.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        sheets = _workbook(body)
    else:
        text, _, _ = decode_text(body, content_type)
        sheets = [("", _csv(text))]
    blocks: list[Block] = []
    tables: list[Table] = []
    for name, rows in sheets:
        _add(name, rows, blocks, tables)
    if not blocks:
        raise ReadError("empty", "the sheet holds no rows")
    return Document(media="sheet", title=url.rstrip("/").rsplit("/", 1)[-1], blocks=tuple(blocks), tables=tuple(tables))


def _workbook(body: bytes) -> list[tuple[str, list[list[str]]]]:
    try:
        if body.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(body)) as archive:
                if sum(item.file_size for item in archive.infolist()) > MOST_UNPACKED:
                    raise ReadError("too-complex", "the workbook unpacks to more than any real one")
        book = CalamineWorkbook.from_filelike(io.BytesIO(body))
        return [
            (name, [[_shown(cell) for cell in row] for row in book.get_sheet_by_name(name).to_python()])
            for name in book.sheet_names
        ]
    # NotImplementedError is what zipfile raises for a compression that it does not know.
    except (CalamineError, zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise ReadError("sheet-damaged", str(error)[:200]) from error


def _csv(text: str) -> list[list[str]]:
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
        return [[collapse(cell) for cell in row] for row in rows]
    except csv.Error as error:
        raise ReadError("sheet-damaged", str(error)) from error


def _delimiter(text: str) -> str:
    """The mark that divides the head into most cells, the comma last: figures and prose hold it too."""
    marks = "\t;|,"
    head = next((line for line in text[:65_536].splitlines() if any(mark in line for mark in marks)), "")
    return max(marks, key=lambda mark: len(next(csv.reader([head], delimiter=mark), ())))


def _shown(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return collapse(str(cell)) if cell is not None else ""


def _add(name: str, rows: list[list[str]], blocks: list[Block], tables: list[Table]) -> None:
    rows = [row for row in rows if any(row)]
    if not rows:
        return
    width = max(map(len, rows))
    if width * len(rows) > MOST_CELLS:
        raise ReadError("too-complex", f"more than {MOST_CELLS} cells")
    full = [row + [""] * (width - len(row)) for row in rows]
    path = (name,) if name else ()
    locator = name or "sheet"
    places = tuple(f"{locator}, row {number}" for number in range(2, len(full) + 1))
    tables.append(
        Table(
            caption=name,
            path=path,
            locator=locator,
            columns=tuple(full[0]),
            rows=tuple(tuple(Cell(text=cell, parts=(cell,)) for cell in row) for row in full[1:]),
            row_locators=places,
        )
    )
    for at, cells in enumerate(full):
        blocks.append(
            Block(
                kind=BlockKind.ROW,
                path=path,
                text=" | ".join(cell for cell in cells if cell),
                locator=f"{locator}, head" if at == 0 else places[at - 1],
                cells=tuple(cells),
                table=len(tables) - 1,
            )
        )
