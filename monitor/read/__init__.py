"""Bytes to a `Document`: one module for each kind of media, and nothing after this room knows which it was."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Protocol

from domain.documents import Document
from domain.errors import ReadError
from domain.sources import Ignore
from monitor.read.feed import read_xml
from monitor.read.fingerprint import fingerprint, quick_fingerprint
from monitor.read.html import read_html
from monitor.read.json_tree import read_json
from monitor.read.markdown import read_markdown, read_text
from monitor.read.normalise import normalise
from monitor.read.pdf import read_pdf
from monitor.read.sheet import read_sheet

__all__ = ["READERS", "fingerprint", "normalise", "quick_fingerprint", "read", "sniff"]

MOST_BYTES = 64 * 2**20


class Reader(Protocol):
    """What every reader is: bytes and how to look at them in, a document out."""

    def __call__(
        self,
        body: bytes,
        *,
        content_type: str | None = None,
        url: str = "",
        region: str | None = None,
        ignore: tuple[Ignore, ...] = (),
        today: date | None = None,
    ) -> Document: ...


READERS: dict[str, Reader] = {
    "html": read_html,
    "xml": read_xml,
    "feed": read_xml,
    "json": read_json,
    "pdf": read_pdf,
    "sheet": read_sheet,
    "markdown": read_markdown,
    "text": read_text,
}

_BY_TYPE = (
    (re.compile(r"html"), "html"),
    (re.compile(r"json"), "json"),
    (re.compile(r"(?:atom|rss)\+xml"), "feed"),
    (re.compile(r"[/+]xml"), "xml"),
    (re.compile(r"/pdf"), "pdf"),
    (re.compile(r"csv|spreadsheet|ms-excel"), "sheet"),
    (re.compile(r"markdown"), "markdown"),
    (re.compile(r"text/plain"), "text"),
)
_BY_NAME = {
    "html": "html",
    "htm": "html",
    "json": "json",
    "xml": "xml",
    "pdf": "pdf",
    "csv": "sheet",
    "tsv": "sheet",
    "xlsx": "sheet",
    "xls": "sheet",
    "ods": "sheet",
    "md": "markdown",
    "markdown": "markdown",
    "txt": "text",
}
_HTML = re.compile(
    rb"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]|<main[\s>]|<div[\s>]|<p[\s>]|<h1[\s>]", re.IGNORECASE
)


def read(
    body: bytes,
    *,
    content_type: str | None = None,
    url: str = "",
    media: str | None = None,
    region: str | None = None,
    ignore: tuple[Ignore, ...] = (),
    today: date | None = None,
) -> Document:
    """The document of a body. The same bytes and rules always give the same document.

    media: the kind to read it as, else `sniff` decides. region: CSS of the part of an HTML page that matters.
    ignore: parts left out, but for those whose time is over on `today`.
    Raises DecodeError where bytes are no text, ReadError where the text is no document of its kind.
    """
    if not body.strip():
        raise ReadError("empty", "the body is empty")
    if len(body) > MOST_BYTES:
        raise ReadError("too-large", f"more than {MOST_BYTES} bytes")
    kind = media or sniff(body, content_type=content_type, url=url)
    document = READERS[kind](body, content_type=content_type, url=url, region=region, ignore=ignore, today=today)
    return _told_apart(document)


def _told_apart(document: Document) -> Document:
    """The document with every locator leading to one block alone: laws repeat headings, and trees repeat keys."""
    taken: set[str] = set()
    times: Counter[str] = Counter()
    blocks = []
    for block in document.blocks:
        locator = block.locator
        while locator in taken:
            times[block.locator] += 1
            locator = f"{block.locator} ({times[block.locator] + 1})"
        taken.add(locator)
        blocks.append(block if locator == block.locator else replace(block, locator=locator))
    return replace(document, blocks=tuple(blocks))


def sniff(body: bytes, *, content_type: str | None = None, url: str = "") -> str:
    """The kind of media: as stated, unless the bytes plainly are something else; then by the name; then by the bytes."""
    plain = _plainly(body)
    stated = next((kind for pattern, kind in _BY_TYPE if pattern.search((content_type or "").lower())), None)
    if stated is not None and plain is not None and stated != plain and not {stated, plain} <= {"xml", "feed", "html"}:
        return plain
    if stated is not None and stated != "text":
        return stated
    name = url.split("?", maxsplit=1)[0].rsplit("/", 1)[-1].rsplit(".", 1)
    named = _BY_NAME.get(name[1].lower()) if len(name) == 2 else None
    if named is not None and (
        plain is None or plain == named or {plain, named} <= {"xml", "feed", "html", "markdown", "text"}
    ):
        return named
    return plain or stated or named or "text"


def _plainly(body: bytes) -> str | None:
    """What the bytes say without doubt, or None."""
    start = body[:4096].lstrip(b"\xef\xbb\xbf \r\n\t")
    if start.startswith(b"%PDF-"):
        return "pdf"
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return "sheet"
    if start.startswith((b"{", b"[")) and body.rstrip().endswith((b"}", b"]")) and not start.startswith(b"[!"):
        return "json" if b'"' in start or start[1:2] in b"]} \n0123456789" else None
    if start.startswith(b"<?xml"):
        return "html" if _HTML.search(start) and b"xhtml" in start.lower() else "xml"
    if start[:40].lower().startswith((b"<rss", b"<feed")):
        return "feed"
    return "html" if start.startswith(b"<") and _HTML.search(start) else None
