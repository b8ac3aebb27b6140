"""Pages and files of our own making, small enough to see what a reader should make of them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

from domain.documents import Document
from monitor.read import read

PROSE = (
    "<p>Keepers of ferries ask for a berth before the season begins, and say which boats they bring.</p>"
    "<p>The harbour office answers in writing and names the berth, the season and the keeper.</p>"
)


def html(main: str, *, head: str = "", around: str = "") -> Document:
    """The document of a page with `main` after its title."""
    return read(page(main, head=head, around=around).encode(), url="https://harbour.example/en/berths")


def page(main: str, *, head: str = "", around: str = "") -> str:
    return (
        f'<!DOCTYPE html><html lang="en"><head><title>Berths - Harbour</title>{head}</head><body>{around}'
        f"<main><h1>Berths</h1>{PROSE}{main}</main></body></html>"
    )


def texts(document: Document) -> list[str]:
    """What the blocks after the frame's own say."""
    return [block.text for block in document.blocks[3:]]


def pdf(*pages: str) -> bytes:
    """A PDF with a line of text on each page ("" for a page that is a picture)."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for number, words in enumerate(pages):
        drawn = f"BT /F1 12 Tf 72 720 Td ({words}) Tj ET" if words else "0 0 9 9 re f"
        resources = f"<</Font<</F1 3 0 R>>>>/Contents {5 + 2 * number} 0 R"
        objects.append(f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources {resources}>>")
        objects.append(f"<</Length {len(drawn)}>>stream\n{drawn}\nendstream")
    body, places = b"%PDF-1.4\n", []
    for number, written in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n{written}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = (
        f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{len(body)}\n%%EOF"
    )
    return body + end.encode()


_OFFICE = "http://schemas.openxmlformats.org"
_MAIN = f"{_OFFICE}/spreadsheetml/2006/main"
_LINKS = f"{_OFFICE}/officeDocument/2006/relationships"


def xlsx(rows: Sequence[Sequence[str | int]], *, name: str = "Fees") -> bytes:
    """A workbook of one sheet."""
    cells = "".join(
        f'<row r="{down}">'
        + "".join(_cell(cell, f"{chr(65 + across)}{down}") for across, cell in enumerate(row))
        + "</row>"
        for down, row in enumerate(rows, start=1)
    )
    return workbook(f"<sheetData>{cells}</sheetData>", name=name)


def workbook(sheet: str, *, name: str = "Fees") -> bytes:
    """A workbook whose one sheet is written as given."""
    packages = f"{_OFFICE}/package/2006"
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{packages}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{types}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{packages}/relationships">'
        f'<Relationship Id="r1" Type="{_LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}">'
        f'<sheets><sheet name="{name}" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{packages}/relationships">'
        f'<Relationship Id="r1" Type="{_LINKS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}">{sheet}</worksheet>',
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for path, text in parts.items():
            archive.writestr(zipfile.ZipInfo(path), f'<?xml version="1.0"?>{text}', zipfile.ZIP_DEFLATED)
    return written.getvalue()


def _cell(value: str | int, place: str) -> str:
    if isinstance(value, int):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'
