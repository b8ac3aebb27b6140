"""Where the forms of a page are sent: what people type, pay or upload goes there, and no text of the page says so."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from domain.documents import Link
from monitor.read.html_text import attribute
from monitor.read.normalise import collapse
from monitor.read.targets import clean_target

_TOOL = re.compile(
    r"search|recherche|feedback|newsletter|subscri|log-?(?:in|out)|sign-?(?:in|out)|connexion|locale|language|cookie|consent|"
    r"comment|rating|\bvotes?\b|\blikes?\b|report-?a?-?problem",
    re.IGNORECASE,
)
"""Targets of the forms that a site puts on any page: tools of the site, not what the page is about."""
_BUTTONS = "button, input[type=submit], input[type=image]"
_MOST_BUTTONS = 20
_LONGEST_NAME = 80


def sent_to(form: LexborNode, base: str) -> list[Link]:
    """The targets of a form and of its buttons that have one of their own; none of a form that is sent to its own page.

    Search fields, opinions, newsletters and logins are tools of the site and are left out.
    """
    if attribute(form, "role") == "search" or form.css_first("input[type=search]") is not None:
        return []
    sends = "post" if attribute(form, "method").strip().lower() == "post" else "get"
    buttons = form.css(_BUTTONS)[:_MOST_BUTTONS]
    words = next(filter(None, map(_name, buttons)), "")
    targets = [(words, attribute(form, "action"))]
    targets += [(_name(button), attribute(button, "formaction")) for button in buttons]
    return [
        Link(text=name, target=clean_target(target, base), sends=sends)
        for name, target in ((name, target.strip()) for name, target in targets)
        if target and not target.startswith(("#", "?", "javascript:", "about:")) and not _TOOL.search(target)
    ]


def _name(button: LexborNode) -> str:
    return collapse(button.text(deep=True) or attribute(button, "value") or attribute(button, "alt"))[:_LONGEST_NAME]
