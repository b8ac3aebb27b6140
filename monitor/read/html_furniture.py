"""Furniture that no tag or name gives away: consent banners, footers of links, and links that are tools.

Sites whose class names are made by a build say nothing of what a box is for. Its buttons and its links do.
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from monitor.read.html_text import attribute, seen_length
from monitor.read.normalise import normalise
from monitor.read.templates import CONSENT_WINDOWS

_BUTTONS = "button, [role=button], input[type=button], input[type=submit], a[class*=button], a[class*=btn]"
_CHOICE = re.compile(
    r"(?:i |yes,? i |j')?(?:accept(?:e|er)?|agree|allow|reject|refuse(?:r)?|decline|deny|ok|okay|got it|understood|tout (?:accepter|"
    r"refuser|autoriser|rejeter)|autoriser|interdire|compris|d'accord|only|use|manage|customi[sz]e|cookies? (?:settings|preferences|choices)|necessary|essential|strictly|"
    r"paramétrer|personnaliser|gérer|continuer sans)\b.{0,40}",
    re.IGNORECASE | re.DOTALL,
)
"""What the buttons of a consent banner say, in both languages; in small letters it is a word of a sentence."""
_COOKIES = re.compile(r"\bcookies?\b|\btémoins?\b|\btraceurs?\b", re.IGNORECASE)
DIALOG_ROLES = frozenset({"dialog", "alertdialog"})
_LONGEST_BANNER = 1_500
_LONGEST_DIALOG = 40_000
_SHORTEST_BANNER = 60
_DEEPEST = 14
_MOST_BUTTONS = 100

FOOTER_LINK = re.compile(
    r"(?:about(?: us| this site)?|careers?|jobs|contact(?: us)?|privacy(?: policy| notice| statement)?|cookies?(?: policy| settings)?|"
    r"manage cookies|accessibility(?: statement)?|terms(?: of (?:use|service)| (?:and|&) conditions)?|legal(?: notices?)?|site ?map|help"
    r"(?: cent(?:er|re))?|press|newsroom|disclaimer|copyright|transparency|foia|à propos(?: de nous)?|carrières|emplois|contact(?:ez-nous|er)|"
    r"nous joindre|confidentialité|protection de la vie privée|mentions légales|plan du site|accessibilité|avis|conditions d'utilisation|"
    r"gestion des cookies|aide|presse)",
    re.IGNORECASE,
)
"""What the links at the foot of a site are called; two of them in one box of links make it the footer."""
_LONGEST_FOOTER_LINK = 40
_MOST_FOOTERS = 3
_MENU_SHARE = 0.5
_LINKS_OF_A_SITE = 8
"""Links that a footer inside the main part has at least; a few links at its end are the page's own."""
_LONGEST_IN_MENU = 120
"""Characters of one paragraph up to which a box of links is still a menu."""

_HEXADECIMAL = re.compile(r"(?:[0-9a-fA-F]{2}){2,}")
_LONGEST_HIDDEN = 400

_TOOL_LINK = re.compile(
    r"facebook\.com/(?:sharer|share\.php|dialog/)|(?:twitter|x)\.com/(?:intent|share)|linkedin\.com/(?:sharearticle|sharing/)|"
    r"(?:api\.)?whatsapp\.com/send|\bwa\.me/\?|reddit\.com/submit|pinterest\.\w+/pin/create|tumblr\.com/(?:share|widgets/share)|"
    r"t\.me/share|bsky\.app/intent|\Amailto:\?|\Ajavascript:\s*window\.print|addtoany\.com|addthis\.com",
    re.IGNORECASE,
)
"""Targets that share or print the page."""


def is_tool_link(target: str) -> bool:
    """Whether a link shares or prints the page."""
    return target.startswith(("http", "mailto:?", "javascript:", "//")) and _TOOL_LINK.search(target) is not None


def drop_banners(region: LexborNode) -> None:
    """Take out every box that asks for consent to cookies: it says so, and has a button that accepts or refuses.

    The windows of known consent managers go whatever they say.

    A policy that explains cookies has no such button, and stays.
    """
    windows = {node.mem_id: node for node in region.css(CONSENT_WINDOWS) if node.css_first("h1, main") is None}
    for window in _outermost(windows):
        if window.mem_id != region.mem_id:
            window.decompose()
    banners: dict[int, LexborNode] = {}
    for button in region.css(_BUTTONS)[:_MOST_BUTTONS]:
        label = normalise(button.text(deep=True)) or attribute(button, "value")
        if len(label) <= 60 and label[:1].isupper() and _CHOICE.fullmatch(label):
            banner = _banner(button, region)
            if banner is not None:
                banners[banner.mem_id] = banner
    for banner in _outermost(banners):
        banner.decompose()


def _banner(button: LexborNode, region: LexborNode) -> LexborNode | None:
    """The box around a button that speaks of cookies: the dialog it stands in, else the smallest that says enough."""
    found: LexborNode | None = None
    size = 0
    node = button.parent
    for _ in range(_DEEPEST):
        if node is None or node.mem_id == region.mem_id or node.tag in ("body", "main", "html"):
            break
        length = seen_length(node)
        if length > _LONGEST_DIALOG or node.css_first("h1") is not None:
            break
        if node.tag == "dialog" or attribute(node, "role") in DIALOG_ROLES:
            return node if _COOKIES.search(node.text(deep=True)) else None
        if found is None and _SHORTEST_BANNER <= length <= _LONGEST_BANNER and _COOKIES.search(node.text(deep=True)):
            found, size = node, length
        elif found is not None and length <= size * 1.25 + _SHORTEST_BANNER and length <= _LONGEST_BANNER:
            found = node
        node = node.parent
    return found


def show_addresses(region: LexborNode) -> None:
    """Put addresses of mail back that a content network hid from robots: a visitor's browser shows them.

    The first two figures are the key to the rest, another one at each visit (`data-cfemail`).
    """
    for node in region.css("[data-cfemail]"):
        hidden = attribute(node, "data-cfemail")
        if len(hidden) <= _LONGEST_HIDDEN and _HEXADECIMAL.fullmatch(hidden):
            key, *marks = bytes.fromhex(hidden)
            node.replace_with(bytes(mark ^ key for mark in marks).decode("utf-8", "replace"))


def drop_footers(region: LexborNode) -> None:
    """Take out the boxes of links that close a page without saying so: two of their links are what every footer has.

    Where a main part is marked its footer should stand outside; inside only a long box that ends it is one.
    """
    for _ in range(_MOST_FOOTERS):
        links = [link for link in region.css("a") if _is_footer_link(link)]
        footer = _footer(links[-1], region) if len(links) > 1 else None
        if footer is None or (region.tag != "body" and not _ends(footer, region)):
            return
        footer.decompose()


def _is_footer_link(link: LexborNode) -> bool:
    text = normalise(link.text(deep=True))
    return len(text) <= _LONGEST_FOOTER_LINK and FOOTER_LINK.fullmatch(text) is not None


def _footer(link: LexborNode, region: LexborNode) -> LexborNode | None:
    """The largest box of links around a link of a footer; None where the link stands alone or among prose."""
    found: LexborNode | None = None
    node = link.parent
    for _ in range(_DEEPEST):
        if node is None or node.mem_id == region.mem_id or node.tag in ("body", "main", "html") or not _is_menu(node):
            break
        if sum(map(_is_footer_link, node.css("a"))) > 1:
            found = node
        node = node.parent
    return found


def _ends(footer: LexborNode, region: LexborNode) -> bool:
    """Whether a box of many links is the last thing that a region says."""
    if len(footer.css("a")) < _LINKS_OF_A_SITE:
        return False
    node: LexborNode | None = footer
    while node is not None and node.mem_id != region.mem_id:
        after = node.next
        while after is not None:
            if seen_length(after) if after.is_element_node else (after.text_content or "").strip():
                return False
            after = after.next
        node = node.parent
    return True


def _is_menu(node: LexborNode) -> bool:
    """Whether a box holds links and hardly anything else: no title, no table, no prose."""
    if node.css_first("h1, table, main, article") is not None:
        return False
    length = seen_length(node)
    linked = sum(len(link.text(deep=True)) for link in node.css("a"))
    if linked < length * _MENU_SHARE:
        return False
    return not any(
        seen_length(part) - sum(len(link.text(deep=True)) for link in part.css("a")) > _LONGEST_IN_MENU
        for part in node.css("p, li, dd, blockquote")
    )


def _outermost(nodes: dict[int, LexborNode]) -> list[LexborNode]:
    """The nodes that stand in none of the others: what is inside of one goes with it."""
    kept = []
    for node in nodes.values():
        above = node.parent
        while above is not None and above.mem_id not in nodes:
            above = above.parent
        if above is None:
            kept.append(node)
    return kept
