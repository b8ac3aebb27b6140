"""PDF: the text of each page as paragraphs. A file without text is said to be so, never taken for an empty page."""

from __future__ import annotations

import re
from datetime import date

import pypdfium2

from domain.documents import Block, BlockKind, Document
from domain.errors import ReadError
from domain.sources import Ignore
from monitor.read.normalise import collapse

MOST_PAGES = 2_000
_PARAGRAPH = re.compile(r"\r?\n\s*\r?\n")
_PASSWORD = 4
"""PDFium's error code for a file that wants a password."""


def read_pdf(
    body: bytes,
    *,
    content_type: str | None = None,
    url: str = "",
    region: str | None = None,
    ignore: tuple[Ignore, ...] = (),
    today: date | None = None,
) -> Document:
    """The document of a PDF. Raises ReadError: `pdf-encrypted`, `pdf-damaged`, `no-text`, `too-complex`."""
    try:
        pdf = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        encrypted = getattr(error, "err_code", None) == _PASSWORD or b"/Encrypt" in body
        cause = "pdf-encrypted" if encrypted else "pdf-damaged"
        raise ReadError(cause, "the PDF wants a password" if encrypted else str(error)) from error
    try:
        if len(pdf) > MOST_PAGES:
            raise ReadError("too-complex", f"more than {MOST_PAGES} pages")
        blocks = tuple(block for number in range(len(pdf)) for block in _page(pdf, number))
        metadata = pdf.get_metadata_dict()
    except pypdfium2.PdfiumError as error:
        raise ReadError("pdf-damaged", str(error)) from error
    finally:
        pdf.close()
    if not blocks:
        raise ReadError("no-text", "the PDF holds pictures of text, or nothing")
    return Document(
        media="pdf",
        title=collapse(metadata.get("Title") or "") or blocks[0].text[:200],
        blocks=blocks,
        modified=metadata.get("ModDate") or "",
    )


def _page(pdf: pypdfium2.PdfDocument, number: int) -> list[Block]:
    page = pdf[number]
    try:
        text_page = page.get_textpage()
        text = text_page.get_text_bounded()
        text_page.close()
    finally:
        page.close()
    paragraphs = [collapse(part.replace("\ufffe", "")) for part in _PARAGRAPH.split(text)]
    return [
        Block(
            kind=BlockKind.PARAGRAPH,
            path=(f"page {number + 1}",),
            text=paragraph,
            locator=f"page {number + 1} > paragraph {at}",
        )
        for at, paragraph in enumerate((part for part in paragraphs if part), start=1)
    ]
