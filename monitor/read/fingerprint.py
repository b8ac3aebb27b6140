"""Fingerprints: equal where nothing but noise moved. One over a document, one cheap enough for every visit."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from selectolax.lexbor import LexborHTMLParser

from domain.documents import Document
from domain.errors import SourceError
from domain.sources import Ignore
from monitor.read.charset import decode_text
from monitor.read.html import base_of, find_region, parse, recognise
from monitor.read.html_text import attribute, is_hidden
from monitor.read.normalise import normalise
from monitor.read.targets import form_essence, link_essence

_DROPPED = "script, style, noscript, template, svg, iframe, input, nav, footer"

_SIGNS: tuple[tuple[str, str, Callable[[str], object]], ...] = (
    ("a[href]", "href", link_essence),
    ("form[action]", "action", form_essence),
    ("[formaction]", "formaction", form_essence),
    ("img[alt]", "alt", str),
)
"""What a region says in its attributes: where it leads, where its forms are sent, what its pictures show; each as far
as the full comparison would see it differ."""
_MAY_HIDE = (
    "del, s, strike, [hidden], [aria-hidden], [style], [class*=hid], [class*=sr-only], [class*=d-none], [class*=invisible], "
    "[class*=wb-inv], [class*=screen-reader], [class*=print-only]"
)
_STRUCK = frozenset({"del", "s", "strike"})


def fingerprint(document: Document) -> str:
    """A digest of what the document says and links to, whatever its markup: SHA-256, hex."""
    digest = hashlib.sha256()
    for block in document.blocks:
        digest.update(normalise(block.text).encode("utf-8", "surrogatepass"))
        digest.update(b"\x1e")
        for link in sorted(link.target for link in block.links):
            digest.update(link.encode("utf-8", "surrogatepass"))
            digest.update(b"\x1f")
        digest.update(b"\x1d")
    return digest.hexdigest()


def quick_fingerprint(
    body: bytes, *, content_type: str | None = None, region: str | None = None, ignore: tuple[Ignore, ...] = ()
) -> str | None:
    """A digest of an HTML page's region, text and link targets, from one parse and no walk; None for anything else.

    Equal digests mean that nothing but noise moved. Different ones mean nothing yet: the document must be read.
    """
    start = body[:512].lstrip().lower()
    if not start.startswith(b"<") or start.startswith((b"<?xml", b"<rss", b"<feed")):
        return None
    try:
        text, _, _ = decode_text(body, content_type)
        tree = parse(text)
        node = find_region(tree, recognise(tree), region)
    except SourceError:
        return None
    for dropped in node.css(", ".join((_DROPPED, *(rule.select for rule in ignore if rule.select)))):
        dropped.decompose()
    digest = hashlib.sha256(" ".join(node.text(deep=True, separator=" ").split()).encode("utf-8", "surrogatepass"))
    for marked, name, essence in _SIGNS:
        for part in node.css(marked):
            digest.update(f"\x1f{essence(attribute(part, name))}".encode("utf-8", "surrogatepass"))
    for part in node.css(_MAY_HIDE):
        if part.tag in _STRUCK or is_hidden(part.attributes):
            digest.update(b"\x1e" + part.text(deep=True).encode("utf-8", "surrogatepass"))
    digest.update(_head_signs(tree))
    return digest.hexdigest()


def _head_signs(tree: LexborHTMLParser) -> bytes:
    """What outside the region could say that this is another page, or that its links lead elsewhere."""
    title = tree.css_first("title")
    said = "" if title is None else " ".join(title.text(deep=True).split())
    return f"\x1d{said}\x1f{link_essence(base_of(tree, ''))}".encode("utf-8", "surrogatepass")
