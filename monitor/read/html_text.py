"""Small questions about nodes of a parsed page: its text, its name, whether it is seen."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from domain.documents import Link
from monitor.read.normalise import collapse
from monitor.read.targets import clean_target
from monitor.read.templates import (
    COLLAPSED_NAME,
    FURNITURE_NAME,
    FURNITURE_ROLES,
    FURNITURE_TAGS,
    HIDDEN_NAME,
    SILENT_TAGS,
)

_STYLE_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|text-decoration[^;]*line-through", re.IGNORECASE
)
"""Styles of text that is not shown, or is shown as struck out: it is no longer said."""
_FOOTNOTE = re.compile(r"\A[\[(]?\s*(?:footnote|note|renvoi)?\s*[\d*†‡§]{1,4}\s*[\])]?\Z", re.IGNORECASE)
_LONGEST_MARK = 24
_LONGEST_LANGUAGE = 20
_FOOTNOTE_PLACE = re.compile(r"#(?:fn|footnote|note|renvoi|tfn|_?ftn)", re.IGNORECASE)
_NEVER_NAMED = frozenset({"main", "body", "html", "article", "h1", "td", "th", "tr", "tbody", "table"})

MOST_NODES = 400_000
"""Nodes of the largest page that is read; the longest watched law has about a tenth of it."""


def attribute(node: LexborNode, name: str) -> str:
    """An attribute's value, "" where it is missing or empty."""
    return node.attributes.get(name) or ""


def names(attributes: dict[str, str | None]) -> str:
    """Class and id in one string."""
    return f"{attributes.get('class') or ''} {attributes.get('id') or ''}".strip()


def seen_length(node: LexborNode) -> int:
    """Characters of text in a node without its scripts and styles, white space counted."""
    length = len(node.text(deep=True))
    return length - sum(len(part.text(deep=True)) for part in node.css("script, style, noscript, template"))


def is_furniture(tag: str, attributes: dict[str, str | None]) -> bool:
    """Whether an element is a tool, a menu or a drawn icon by its tag or role."""
    if tag in SILENT_TAGS or tag in FURNITURE_TAGS:
        return True
    role = (attributes.get("role") or "") if attributes else ""
    return role in FURNITURE_ROLES or (role == "img" and tag in ("span", "i"))


def has_furniture_name(node: LexborNode, attributes: dict[str, str | None]) -> bool:
    """Whether an element's class or id is one that sites give to tools and menus."""
    name = names(attributes) if attributes else ""
    return bool(name) and FURNITURE_NAME.search(name) is not None and node.tag not in _NEVER_NAMED


def is_hidden(attributes: dict[str, str | None]) -> bool:
    """Whether an element is not shown and will not be by opening something."""
    if not attributes:
        return False
    hidden = "hidden" in attributes or (attributes.get("aria-hidden") or "") == "true"
    hidden = hidden or _STYLE_HIDDEN.search(attributes.get("style") or "") is not None
    hidden = hidden or HIDDEN_NAME.search(attributes.get("class") or "") is not None
    return hidden and not is_collapsed(attributes)


def is_collapsed(attributes: dict[str, str | None]) -> bool:
    """Whether an element is the shut part of an accordion, a tab or the like."""
    if (attributes.get("role") or "") == "tabpanel" or (attributes.get("hidden") or "") == "until-found":
        return True
    return COLLAPSED_NAME.search(names(attributes)) is not None or "aria-labelledby" in attributes


def is_footnote_mark(node: LexborNode) -> bool:
    """Whether a `sup` or a link is a footnote's mark and no part of the sentence."""
    link = node if node.tag == "a" else node.css_first("a")
    if link is not None and _FOOTNOTE_PLACE.search(attribute(link, "href")):
        return True
    if node.tag != "sup" or link is None:
        return False
    text = collapse(node.text(deep=True))
    return len(text) <= _LONGEST_MARK and _FOOTNOTE.match(text) is not None


def children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.first_child
    while child is not None:
        yield child
        child = child.next


def is_language_link(node: LexborNode, attributes: dict[str, str | None]) -> bool:
    """Whether a link leads to the same page in another language: it is named for the language, and says which."""
    return ("hreflang" in attributes or "lang" in attributes) and len(node.text(deep=True).strip()) <= _LONGEST_LANGUAGE


def link_of(node: LexborNode, text: str, base: str) -> Link | None:
    """The link of an `a`, its target made absolute and freed of session and tracking marks; None for anchors."""
    target = attribute(node, "href").strip()
    if not target or target.startswith("#") or target.lower().startswith(("javascript:", "data:")):
        return None
    return Link(text=collapse(text), target=clean_target(target, base))


_OPENS = re.compile(
    r"[\s\u2060]?[(\[](?:this )?(?:link )?(?:will )?(?:opens? (?:up )?(?:in|as) (?:a |an )?(?:new|external|another) (?:browser )?(?:window|tab|site|"
    r"page)|external (?:link|site)|(?:ce lien )?s[’']ouvre dans une? (?:nouvel(?:le)?|autre) (?:fenêtre|onglet|page)|lien externe|"
    r"nouvelle fenêtre|nouvel onglet)[)\]]",
    re.IGNORECASE,
)


def without_opening(text: str) -> str:
    """The text without the words beside links that say how their page will open, which a site adds and takes away."""
    return _OPENS.sub("", text) if "(" in text or "[" in text else text


def is_all_links(text: str, links: tuple[Link, ...]) -> bool:
    """Whether a text is the words of its links and hardly a mark besides."""
    words = [link.text for link in links if not link.sends]
    return bool(words) and sum(map(len, words)) >= 0.9 * len(text) - len(words)
