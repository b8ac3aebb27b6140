"""HTML pages of any template: one parse, one walk without recursion, ordered blocks under their headings."""

from __future__ import annotations

from datetime import date
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from domain.documents import BlockKind, Document, Table
from domain.errors import ReadError
from domain.sources import Ignore
from monitor.read import law_html
from monitor.read.charset import decode_text
from monitor.read.html_aside import mark_asides, without_the_way
from monitor.read.html_furniture import drop_banners, drop_footers, show_addresses
from monitor.read.html_text import MOST_NODES, attribute, seen_length
from monitor.read.html_walk import Walk
from monitor.read.normalise import collapse
from monitor.read.templates import DEFAULT_REGIONS, TEMPLATES, Template

_NESTING = ("div", "section", "article", "span", "ul", "ol", "table", "font", "b", "i", "a", "em")
_MOST_OPEN = 30_000
_MOST_ATTRIBUTES = 10_000


def read_html(
    body: bytes,
    *,
    content_type: str | None = None,
    url: str = "",
    region: str | None = None,
    ignore: tuple[Ignore, ...] = (),
    today: date | None = None,
) -> Document:
    """The document of an HTML page. Raises DecodeError and ReadError."""
    text, encoding, notes = decode_text(body, content_type)
    tree = parse(text)
    template = recognise(tree)
    head = _Head(tree)
    base = base_of(tree, url)
    chosen = find_region(tree, template, region)
    dropped = strip(chosen, template, ignore, today)
    if "ookie" in text or "traceur" in text or "témoin" in text:
        drop_banners(chosen)
    drop_footers(chosen)
    show_addresses(chosen)
    if template.name == "laws-lois" and law_html.is_law(chosen):
        blocks = law_html.read_law(chosen, base)
        tables: tuple[Table, ...] = ()
    else:
        walk = Walk(base=base)
        walk.run(chosen)
        found = walk.outline.blocks
        title = next((b.text for b in found if b.kind is BlockKind.HEADING and b.level == 1), head.title)
        marked = mark_asides(found, title=title, address=head.canonical or url, current=frozenset(walk.outline.current))
        blocks = tuple(without_the_way(marked))
        tables = tuple(walk.outline.tables)
    heading = next((block.text for block in blocks if block.kind is BlockKind.HEADING and block.level == 1), "")
    return Document(
        media="html",
        title=heading or head.title,
        head_title=head.title if heading else "",
        blocks=blocks,
        tables=tables,
        template=template.name,
        language=head.language,
        modified=head.modified,
        canonical=head.canonical,
        encoding=encoding,
        markup=chosen.html or "",
        notes=notes + ((f"{dropped} part(s) ignored by rule",) if dropped else ()),
    )


def parse(text: str) -> LexborHTMLParser:
    """The parsed page. Raises ReadError where it is no page or beyond all measure."""
    tags = text.count("<")
    if tags > 4 * MOST_NODES:
        raise ReadError("too-complex", "the page has more tags than any page of its kind")
    if tags > _MOST_OPEN and tags - 2 * text.count("</") > _MOST_OPEN and _left_open(text) > _MOST_OPEN:
        raise ReadError("too-complex", f"the page leaves more than {_MOST_OPEN} elements open, one inside the other")
    if text.count("=") > 8 * tags + _MOST_ATTRIBUTES and any(map(_is_one_tag_without_end, text.split("<"))):
        raise ReadError("too-complex", "one tag of the page has thousands of attributes")
    tree = LexborHTMLParser(text)
    if tree.body is None:
        raise ReadError("empty", "the page has no body")
    return tree


def _left_open(text: str) -> int:
    """How many elements are never closed, of those that nest: parsing takes the square of their number."""
    return sum(max(0, text.count(f"<{tag}") - text.count(f"</{tag}")) for tag in _NESTING)


def _is_one_tag_without_end(part: str) -> bool:
    return len(part) > 2 * _MOST_ATTRIBUTES and part.count("=", 0, part.find(">")) > _MOST_ATTRIBUTES


def base_of(tree: LexborHTMLParser, url: str) -> str:
    """What the page's links are relative to: its `base` element's address where it has one, else the page's own."""
    node = tree.css_first("base[href]")
    target = "" if node is None else attribute(node, "href").strip()
    try:
        return urljoin(url, target)
    except ValueError:
        return url


def recognise(tree: LexborHTMLParser) -> Template:
    """The template that a page is of; the nameless one where none is recognised."""
    for template in TEMPLATES:
        if any(tree.css_first(sign) is not None for sign in template.signs):
            return template
    return Template(name="", signs=(), region=", ".join(DEFAULT_REGIONS))


def find_region(tree: LexborHTMLParser, template: Template, region: str | None) -> LexborNode:
    """The part of the page that matters: as asked for, else by template, else the usual places, else the body.

    Raises ReadError `region-missing` where the region asked for is not there.
    """
    if region is not None:
        try:
            found = tree.css_first(region)
        except (SelectolaxError, ValueError) as error:
            raise ReadError("region-missing", f"{region!r} is no selector: {error}") from error
        if found is None:
            raise ReadError("region-missing", f"nothing matches the region {region!r}")
        return found
    for selector in (*(part.strip() for part in template.region.split(",")), *DEFAULT_REGIONS):
        candidates = [node for node in tree.css(selector) if seen_length(node) > 40]
        if len(candidates) == 1 or (candidates and selector != "article"):
            return max(candidates, key=seen_length)
    if tree.body is None:
        raise ReadError("empty", "the page has no body")
    return tree.body


def strip(region: LexborNode, template: Template, ignore: tuple[Ignore, ...], today: date | None) -> int:
    """Take the template's furniture and the ignored parts out of the region. The number of ignored parts."""
    for selector in template.drop:
        for node in region.css(selector):
            if node.css_first("h1") is None and node.mem_id != region.mem_id:
                node.decompose()
    count = 0
    for rule in ignore:
        expired = rule.until is not None and today is not None and today > rule.until
        if rule.select is None or expired:
            continue
        for node in region.css(rule.select):
            node.decompose()
            count += 1
    return count


class _Head:
    """What the page says of itself: language, address, date, title."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        root = tree.css_first("html")
        self.language = "" if root is None else attribute(root, "lang")[:2].lower()
        canonical = tree.css_first("link[rel=canonical]")
        self.canonical = "" if canonical is None else attribute(canonical, "href")
        title = tree.css_first("title")
        self.title = "" if title is None else collapse(title.text(deep=True))
        self.modified = ""
        for selector, name in (
            ("meta[name='dcterms.modified']", "content"),
            ("time[property=dateModified]", ""),
            ("gcds-date-modified", ""),
            ("meta[property='article:modified_time']", "content"),
            ("#assentedDate", ""),
        ):
            node = tree.css_first(selector)
            if node is not None and not self.modified:
                self.modified = attribute(node, name) if name else collapse(node.text(deep=True))
