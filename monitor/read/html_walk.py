"""One pass over the region of a page, without recursion: ordered blocks and tables under their headings."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from selectolax.lexbor import LexborNode

from domain.documents import BlockKind, Link
from domain.errors import ReadError
from monitor.read.html_forms import sent_to
from monitor.read.html_furniture import DIALOG_ROLES, is_tool_link
from monitor.read.html_outline import Outline
from monitor.read.html_tables import is_layout, read_table
from monitor.read.html_text import (
    MOST_NODES,
    attribute,
    children,
    has_furniture_name,
    is_collapsed,
    is_footnote_mark,
    is_furniture,
    is_hidden,
    is_language_link,
    link_of,
    names,
    seen_length,
    without_opening,
)
from monitor.read.normalise import collapse, normalise
from monitor.read.templates import ALERT_NAME, ASIDE_NAME, CARD_NAME, CONTENTS_TITLES

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCK_TAGS = """
    address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure form header hgroup
    hr html li main ol p pre section summary ul table thead tbody tfoot tr td th legend gcds-heading gcds-details gcds-text
"""
_BLOCKS = frozenset(_BLOCK_TAGS.split())
_DETAILS_LEVEL = 7
_DEEPEST_LAYOUT = 20
"""Tables inside of tables up to which each is asked whether it only lays things out; below it is taken to."""
_DEEPEST_CONTENTS = 30
_LONGEST_CARD = 400
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
"""Where a part of a name begins that was written together, as in `footerLinks`."""
_MOST_MEASURED = 40
"""How many times over the text of a page is measured, part by part; what is nested is measured again each time."""


@dataclass(slots=True)
class _Open:
    """An element that the walk is inside of, and what it changes until it ends."""

    node: LexborNode
    alert: bool
    collapsed: bool
    depth: int
    item: bool
    aside: bool = False
    tables: int = 0
    pops: int = 0


@dataclass(slots=True)
class Walk:
    """One pass over the region. Inline text gathers until a block begins or ends; then it becomes a block."""

    base: str
    outline: Outline = field(default_factory=Outline)
    _text: list[str] = field(default_factory=list)
    _links: list[Link] = field(default_factory=list)
    _pictured: bool = False
    _seen: int = 0
    _whole: int = 0
    _measured: int = 0
    _skip_list: bool = False

    def run(self, region: LexborNode) -> None:
        self._whole = seen_length(region)
        top = _Open(node=region, alert=False, collapsed=False, depth=0, item=False)
        stack: list[tuple[LexborNode | None, _Open]] = [(child, top) for child in reversed(list(children(region)))]
        while stack:
            node, inside = stack.pop()
            if node is None:
                self._end(inside)
                continue
            self._seen += 1
            if self._seen > MOST_NODES:
                raise ReadError("too-complex", f"the page has more than {MOST_NODES} nodes")
            if node.is_text_node:
                words = node.text_content or ""
                self._pictured = self._pictured and not words.strip()
                self._text.append(words)
                continue
            entered = self._enter(node, inside)
            if entered is not None:
                if entered is not inside:
                    stack.append((None, entered))
                stack.extend((child, entered) for child in reversed(list(children(node))))
        self._flush(top)
        blocks, forms = self.outline.blocks, self.outline.forms
        if forms and blocks:  # a form that ends the page and says nothing but its button
            blocks[-1] = replace(blocks[-1], links=(*blocks[-1].links, *forms))

    def _enter(self, node: LexborNode, inside: _Open) -> _Open | None:
        """What the children are inside of, or None where they were read or are not to be."""
        tag = node.tag or ""
        if tag.startswith("-"):
            return None
        attributes = node.attributes
        if is_furniture(tag, attributes) or (has_furniture_name(node, attributes) and self._is_small_part(node)):
            return None
        if _is_current(tag, attributes):
            self.outline.current.add(len(self.outline.blocks))
        if is_hidden(attributes) and not self._is_the_page(node, attributes):
            return None
        if tag == "button" and not self._opens(node):
            return None
        if tag in _HEADINGS or tag == "summary" or attributes.get("role") == "heading":
            self._heading(node, tag, attributes, inside)
            return None
        if tag == "table" and inside.tables < _DEEPEST_LAYOUT and not is_layout(node):
            self._flush(inside)
            self.outline.add_table(read_table(node, self.base), collapsed=inside.collapsed)
            return None
        if tag in ("ul", "ol") and inside.depth < _DEEPEST_CONTENTS and self._is_contents(node):
            self._flush(inside)
            return None
        if tag not in _BLOCKS:
            return self._inline(node, tag, attributes, inside)
        self._flush(inside)
        if tag == "form":
            self.outline.forms += sent_to(node, self.base)
        return _Open(
            node=node,
            alert=inside.alert
            or ALERT_NAME.search(attributes.get("class") or "") is not None
            or attributes.get("role") == "alert",
            collapsed=inside.collapsed or tag == "details" or (bool(attributes) and is_collapsed(attributes)),
            depth=inside.depth + (tag in ("ul", "ol")),
            tables=inside.tables + (tag == "table"),
            aside=inside.aside or self._is_aside(node, attributes),
            item=tag in ("li", "dd", "dt") or (inside.item and tag in ("p", "div", "span")),
            pops=len(self.outline.headings) if tag == "details" else -1,
        )

    def _end(self, ended: _Open) -> None:
        self._flush(ended)
        if ended.pops >= 0:
            headings = self.outline.headings
            while len(headings) > ended.pops or (headings and headings[-1][0] >= _DETAILS_LEVEL):
                headings.pop()

    def _inline(self, node: LexborNode, tag: str, attributes: dict[str, str | None], inside: _Open) -> _Open | None:
        if tag == "br":
            self._text.append(" ")
            return None
        if tag in ("sup", "a") and is_footnote_mark(node):
            return None
        if tag == "a":
            if is_tool_link(attributes.get("href") or "") or is_language_link(node, attributes):
                return None
            if any(child.tag in _BLOCKS for child in children(node)):
                self._flush(inside)  # a card: what is gathered stands before the link, not in it
            link = link_of(node, node.text(deep=True), self.base)
            if link is not None:
                self._links.append(link)
        if tag == "img" and attribute(node, "alt").strip() and attribute(node, "role") != "presentation":
            self._pictured = self._pictured or not "".join(self._text).strip()
            self._text.append(f" {attribute(node, 'alt')} ")
        return inside

    def _is_small_part(self, node: LexborNode) -> bool:
        """Whether a part could be left out by its name alone.

        A name never costs the page its title or a third of its text: sites also call the box around everything
        `page-with-toc`.
        """
        return self._measure(node) * 3 < self._whole and node.css_first("h1") is None

    def _is_the_page(self, node: LexborNode, attributes: dict[str, str | None]) -> bool:
        """Whether what is marked as hidden is the page itself, put aside while a dialog asks for something."""
        if self._measure(node) * 2 >= self._whole:
            return True
        return (attributes.get("aria-hidden") or "") == "true" and node.css_first("h1") is not None

    def _measure(self, node: LexborNode) -> int:
        """Characters of text in a part; 0 once the page was measured so often that its parts must be nested to hurt."""
        if self._measured > _MOST_MEASURED * (self._whole + 1_000):
            return 0
        length = seen_length(node)
        self._measured += length
        return length

    def _is_aside(self, node: LexborNode, attributes: dict[str, str | None]) -> bool:
        """Whether a box is a dialog or named as one beside the text; a card is, if short and with a link elsewhere."""
        if not attributes:
            return False
        if node.tag == "dialog" or attributes.get("role") in DIALOG_ROLES:
            return self._is_small_part(node)
        name = _HUMP.sub("-", names(attributes))
        if not name or node.tag in ("main", "body", "html", "article"):
            return False
        if ASIDE_NAME.search(name) is not None:
            return self._is_small_part(node)
        if CARD_NAME.search(name) is None or self._measure(node) > _LONGEST_CARD:
            return False
        return any(not attribute(link, "href").startswith("#") for link in node.css("a[href]"))

    def _opens(self, node: LexborNode) -> bool:
        """A button that opens a part of the page carries that part's title."""
        return "aria-controls" in node.attributes or "aria-expanded" in node.attributes

    def _heading(self, node: LexborNode, tag: str, attributes: dict[str, str | None], inside: _Open) -> None:
        self._flush(inside)
        text = without_opening(collapse(_seen_text(node)))
        if not text:
            return
        level = _HEADINGS.get(tag, 0)
        if not level:
            stated = attributes.get("aria-level") or ""
            level = int(stated) if stated in tuple("123456") else _DETAILS_LEVEL
        open_ones = self.outline.headings
        if open_ones and open_ones[-1][1] == text and level >= _DETAILS_LEVEL:
            return
        if normalise(text).casefold() in CONTENTS_TITLES:
            self._skip_list = True
            return
        links = tuple(_links_in(node, self.base))
        self.outline.add_heading(text, level, collapsed=inside.collapsed, aside=inside.aside, links=links)
        self._skip_list = False

    def _is_contents(self, node: LexborNode) -> bool:
        """Whether a list only repeats the headings: every entry is one link to a place on the same page."""
        if self._skip_list and node.css_first("a") is not None:
            self._skip_list = False
            return True
        links = node.css("a")
        if len(links) < 2 or not all(attribute(link, "href").startswith("#") for link in links):
            return False
        words = len(normalise(node.text(deep=True)))
        return words <= 1.3 * sum(len(normalise(link.text(deep=True))) + 1 for link in links)

    def _flush(self, inside: _Open) -> None:
        """What was gathered becomes a block of the element that it stood in."""
        text = without_opening(collapse("".join(self._text)))
        links = tuple(self._links)
        pictured, self._pictured = self._pictured, False
        self._text, self._links = [], []
        if not text:
            self._links = [link for link in links if link.text]  # their words are still to come, in a block of the link
            return
        if normalise(text).casefold() in CONTENTS_TITLES:
            return
        kind = BlockKind.ITEM if inside.item else BlockKind.PARAGRAPH
        kind = BlockKind.ALERT if inside.alert else kind
        level = inside.depth if inside.item else 0
        aside = (inside.aside and not inside.alert) or pictured
        self.outline.add(kind, text, level=level, collapsed=inside.collapsed, aside=aside, links=links)


def _is_current(tag: str, attributes: dict[str, str | None]) -> bool:
    """Whether an entry says that it is the page one is on: menus do, and lists of content have no reason to."""
    return tag in ("a", "li", "span") and (attributes.get("aria-current") or "false") in ("page", "true", "location")


def _seen_text(node: LexborNode) -> str:
    """The text of a node without what is hidden in it."""
    pieces: list[str] = []
    stack = list(reversed(list(children(node))))
    while stack:
        current = stack.pop()
        if current.is_text_node:
            pieces.append(current.text_content or "")
            continue
        tag = current.tag or ""
        if tag.startswith("-") or is_hidden(current.attributes) or (tag in ("sup", "a") and is_footnote_mark(current)):
            continue
        if tag == "br" or tag in _BLOCKS:
            pieces.append(" ")
        stack.extend(reversed(list(children(current))))
    return "".join(pieces)


def _links_in(node: LexborNode, base: str) -> list[Link]:
    return [link for item in node.css("a") if (link := link_of(item, item.text(deep=True), base)) is not None]
