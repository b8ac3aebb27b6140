"""Atom and RSS feeds: one block for each entry, keyed by its identity. Entities of the feed's own making are refused."""

from __future__ import annotations

import re
from datetime import date

from lxml import etree

from domain.documents import Block, BlockKind, Document, Link
from domain.sources import Ignore
from monitor.read import law_xml
from monitor.read.normalise import collapse

_TAG = re.compile(r"<[^<>]{1,4000}>")


def read_xml(
    body: bytes,
    *,
    content_type: str | None = None,
    url: str = "",
    region: str | None = None,
    ignore: tuple[Ignore, ...] = (),
    today: date | None = None,
) -> Document:
    """A feed, a consolidated law, or any other XML as its elements with text. Raises ReadError."""
    root = law_xml.parse_xml(body)
    if law_xml.is_law(root):
        return law_xml.read_law_xml(body, content_type=content_type, url=url, region=region, ignore=ignore, today=today)
    entries = [item for item in root.iter() if _name(item) in ("entry", "item")]
    if entries:
        return Document(
            media="feed",
            title=_text(root, "title") or (_text(root[0], "title") if len(root) else ""),
            blocks=tuple(_entry(item, number) for number, item in enumerate(entries, start=1)),
            template="feed",
            encoding="utf-8",
        )
    return Document(media="xml", title=_name(root), blocks=tuple(_plain(root)), encoding="utf-8")


def _entry(entry: etree._Element, number: int) -> Block:
    title = _text(entry, "title")
    identity = _text(entry, "id") or _text(entry, "guid") or _link(entry)
    when = _text(entry, "published") or _text(entry, "pubDate") or _text(entry, "updated") or _text(entry, "date")
    words = _text(entry, "summary") or _text(entry, "description") or _text(entry, "content")
    target = _link(entry)
    return Block(
        kind=BlockKind.RECORD,
        path=(),
        text=collapse(" · ".join(part for part in (title, when, collapse(_TAG.sub(" ", words))) if part)),
        locator=f"entry {number}",
        links=(Link(text=title, target=target),) if target else (),
        key=identity or None,
    )


def _plain(root: etree._Element) -> list[Block]:
    blocks = []
    for number, element in enumerate(root.iter(), start=1):
        text = collapse(element.text or "") if isinstance(element.tag, str) else ""
        if text:
            path = tuple(_name(parent) for parent in reversed(list(element.iterancestors())))[-4:]
            blocks.append(
                Block(kind=BlockKind.RECORD, path=path, text=f"{_name(element)}: {text}", locator=f"element {number}")
            )
    return blocks


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _text(element: etree._Element, name: str) -> str:
    for child in element:
        if _name(child) == name:
            return collapse("".join(child.itertext()))
    return ""


def _link(entry: etree._Element) -> str:
    for child in entry:
        if _name(child) == "link":
            return (child.get("href") or child.text or "").strip()
    return ""
