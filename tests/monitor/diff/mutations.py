"""Edits of pages by chance but seeded: some change what a page states, some only how it is made.

Each takes a page as text and a source of chance, and gives the edited page, or None where the page offers no place.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser

Mutation = Callable[[str, random.Random], str | None]

_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
_SILENT = frozenset(["script", "style", "noscript", "template", "svg", "nav", "footer", "select", "button", "del", "s"])
_TEXT = frozenset(["p", "li", "td"])
_MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "December"]
_MONTH = "|".join(_MONTHS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """An element of the main part by its offsets: the whole, and what stands between its tags."""

    tag: str
    start: int
    inner: int
    inner_end: int
    end: int


@dataclass(slots=True)
class _Open:
    tag: str
    start: int
    inner: int


@dataclass
class _Places(HTMLParser):
    """The elements of the main part that a reader sees, and the stretches of text in its paragraphs, entries, cells."""

    page: str
    elements: list[Element] = field(default_factory=list)
    texts: list[tuple[int, int]] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.lines = [0]
        for line in self.page.splitlines(keepends=True):
            self.lines.append(self.lines[-1] + len(line))
        self.feed(self.page)
        self.close()

    def _at(self) -> int:
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def _seen(self) -> bool:
        tags = {item.tag for item in self.stack}
        return "main" in tags and not tags & _SILENT and "x-hidden" not in tags

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            return
        at, whole = self._at(), self.get_starttag_text() or ""
        hides = any(name in ("hidden", "aria-hidden", "style") or "hid" in (value or "") for name, value in attrs)
        self.stack.append(_Open("x-hidden" if hides and tag != "main" else tag, at, at + len(whole)))

    def handle_endtag(self, tag: str) -> None:
        names = [item.tag for item in self.stack]
        if not names or names[-1] not in (tag, "x-hidden"):
            if tag not in names:
                return
            del self.stack[names.index(tag) + 1 :]
        seen = self._seen()
        closed = self.stack.pop()
        at = self._at()
        end = self.page.find(">", at) + 1
        if seen and closed.tag == tag:
            self.elements.append(Element(tag=tag, start=closed.start, inner=closed.inner, inner_end=at, end=end))

    def handle_data(self, data: str) -> None:
        at = self._at()
        if self._seen() and any(item.tag in _TEXT for item in self.stack):
            self.texts.append((at, at + len(data)))


def places(page: str) -> _Places:
    return _Places(page)


def _in_text(pattern: str, change: Callable[[re.Match[str], random.Random], str]) -> Mutation:
    """One match of the pattern in one stretch of text, changed."""
    compiled = re.compile(pattern)

    def mutate(page: str, chance: random.Random) -> str | None:
        found = [m for start, end in places(page).texts for m in compiled.finditer(page, start, end)]
        if not found:
            return None
        match = chance.choice(found)
        return page[: match.start()] + change(match, chance) + page[match.end() :]

    return mutate


def _more(match: re.Match[str], chance: random.Random) -> str:
    """The match with its last figure made another one."""
    text = match.group()
    at = max(k for k, mark in enumerate(text) if mark.isdigit())
    return text[:at] + chance.choice([mark for mark in "123456789" if mark != text[at]]) + text[at + 1 :]


def _other_month(match: re.Match[str], chance: random.Random) -> str:
    month = chance.choice([name for name in _MONTHS if name != match["month"]])
    return match.group().replace(match["month"], month)


def _swapped(one: str, other: str) -> Mutation:
    return _in_text(rf"(?<=\w )(?:{one}|{other})(?= \w)", lambda match, _: other if match.group() == one else one)


def _whole(
    tag: str, edit: Callable[[str, Element, random.Random], str | None], *, words: int = 2, but: str = "<main"
) -> Mutation:
    """One element with that tag, of that many words at least and without `but` in it, edited."""

    def mutate(page: str, chance: random.Random) -> str | None:
        found = [
            element
            for element in places(page).elements
            if element.tag == tag
            and but not in (markup := page[element.inner : element.inner_end])
            and len(re.sub(r"<[^>]*>", " ", markup).split()) >= words
        ]
        return edit(page, chance.choice(found), chance) if found else None

    return mutate


def _removed(page: str, element: Element, chance: random.Random) -> str | None:
    return page[: element.start] + page[element.end :]


def _hidden(page: str, element: Element, chance: random.Random) -> str | None:
    how = chance.choice([' hidden=""', ' style="display:none"'])
    return page[: element.inner - 1] + how + page[element.inner - 1 :]


def _heading(pattern: str, change: Callable[[re.Match[str]], str]) -> Mutation:
    def mutate(page: str, chance: random.Random) -> str | None:
        found = [
            (element.inner + match.start(), element.inner + match.end(), change(match))
            for element in places(page).elements
            if element.tag in ("h2", "h3")
            for match in re.finditer(pattern, page[element.inner : element.inner_end])
        ]
        if not found:
            return None
        start, end, words = chance.choice(found)
        return page[:start] + words + page[end:]

    return mutate


def _form(page: str, chance: random.Random) -> str | None:
    found = [m for m in re.finditer(r'<form[^>]*\baction="([^"]*)"', page) if "search" not in m.group()]
    if not found:
        return None
    match = chance.choice(found)
    return page[: match.start(1)] + "https://collect.example/send" + page[match.end(1) :]


def _other_cell(page: str, element: Element, chance: random.Random) -> str | None:
    """The row with one figure of one of its cells made another one."""
    figures = [m.start() for m in re.finditer(r"\d", page[element.inner : element.inner_end])]
    if not figures:
        return None
    at = element.inner + chance.choice(figures)
    return page[:at] + chance.choice([mark for mark in "123456789" if mark != page[at]]) + page[at + 1 :]


SUBSTANCE: dict[str, Mutation] = {
    "amount": _in_text(r"[$£€]\d[\d,]*(?:\.\d\d)?", _more),
    "date": _in_text(rf"\b\d{{1,2}} (?P<month>{_MONTH}) \d{{4}}|\b(?P<m>{_MONTH}) \d{{1,2}}, \d{{4}}", _more),
    "month": _in_text(rf"\b\d{{1,2}} (?P<month>{_MONTH})\b", _other_month),
    "code": _in_text(r"(?<![\d,.$£€-])\d{5}(?![\d,.-])", _more),
    "duration": _in_text(r"\b\d{1,3} (?:days|weeks|months|years|hours)\b", _more),
    "unit": _in_text(r"(?<=\d )(?:days|weeks|months)\b", lambda m, _: "years"),
    "percentage": _in_text(r"\b\d{1,3}(?:\.\d+)?%", _more),
    "negation": _in_text(r"(?<=\w )(?:must|may|can|will|is|are)(?= [a-z]+)(?! not)", lambda m, _: f"{m.group()} not"),
    "and/or": _swapped("and", "or"),
    "may/must": _swapped("may", "must"),
    "open/closed": _in_text(r"\b(?:open|closed)\b(?! work)", lambda m, _: "closed" if m.group() == "open" else "open"),
    "entry removed": _whole("li", _removed),
    "row removed": _whole("tr", _removed, but="<th"),
    "row altered": _whole("tr", _other_cell, but="<th"),
    "paragraph removed": _whole("p", _removed, words=8, but="<a "),
    "entry hidden": _whole("li", _hidden),
    "paragraph hidden": _whole("p", _hidden, words=8, but="<a "),
    "form target": _form,
    "heading negated": _heading(r"\b(?:may|must|can)\b(?! not)", lambda m: f"{m.group()} not"),
    "heading dated": _heading(r"\b20\d\d\b", lambda m: str(int(m.group()) + 1)),
    "heading status": _heading(r"\b(?:open|closed)\b", lambda m: "closed" if m.group() == "open" else "open"),
}
"""Edits after which a reader would do otherwise. Each is undone by swapping the sides, so both ways are tried."""


def _classes(page: str, chance: random.Random) -> str | None:
    mark = f"{chance.getrandbits(32):08x}"
    return re.sub(r"<(p|li|div|section|h2|h3|span|ul|tr|td)(?=[ >])(?![^>]*\bclass=)", rf'<\1 class="c-{mark}"', page)


def _rewrapped(page: str, chance: random.Random) -> str | None:
    return re.sub(r"<(p|li|td)(| [^>]*)>", lambda m: f"<{m[1]}{m[2]}>\n      ", page)


def _spaced(page: str, chance: random.Random) -> str | None:
    wanted = (
        {start for start, _ in chance.sample(texts, min(20, len(texts)))} if (texts := places(page).texts) else set()
    )
    for start, end in sorted(texts, reverse=True):
        if start in wanted:
            page = page[:start] + re.sub(r"(?<=\w) (?=\w)", "\n   ", page[start:end]) + page[end:]
    return page


def _attributes(page: str, chance: random.Random) -> str | None:
    return re.sub(r'<(\w+) ([\w-]+="[^"<>]*") ([\w-]+="[^"<>]*")>', r"<\1 \3 \2>", page)


def _scripts(page: str, chance: random.Random) -> str | None:
    mark = f"{chance.getrandbits(64):016x}"
    return page.replace(
        "</head>", f'<script nonce="{mark}">var t="{mark}";</script><meta name="csrf" content="{mark}"></head>', 1
    )


def _assets(page: str, chance: random.Random) -> str | None:
    return re.sub(
        r'((?:src|href)="[^"]+\.(?:js|css|png|svg|jpg))(?:\?[^"]*)?"', rf'\1?v={chance.randrange(10**6)}"', page
    )


def _navigation(page: str, chance: random.Random) -> str | None:
    def turned(match: re.Match[str]) -> str:
        entries = re.findall(r"<li\b.*?</li>", match[2], re.DOTALL)
        return f"{match[1]}<ul>{''.join(reversed(entries))}</ul></nav>"

    return re.sub(r"(<nav\b[^>]*>)(.*?)</nav>", turned, page, flags=re.DOTALL)


def _footer(page: str, chance: random.Random) -> str | None:
    return page.replace(
        "</body>", f"<footer><p>Served for you at 0{chance.randrange(9)}:15. Terms and privacy.</p></footer></body>", 1
    )


def _consent(page: str, chance: random.Random) -> str | None:
    box = (
        '<div class="cookie-banner" role="region" aria-label="Cookies"><p>We use cookies to count visits. You may refuse them.</p>'
        "<button>Accept all</button><button>Reject all</button></div>"
    )
    return re.sub(r"<body\b[^>]*>", lambda m: m.group() + box, page, count=1)


def _consent_in_main(page: str, chance: random.Random) -> str | None:
    box = (
        f'<div class="b{chance.getrandbits(32):08x}"><p>This site keeps cookies on your device to count its visits. Choose what it may keep.</p>'
        "<div><button>Accept all</button><button>Reject all</button></div></div>"
    )
    return re.sub(r"</main>", lambda m: box + m.group(), page, count=1)


def _comment(page: str, chance: random.Random) -> str | None:
    return page.replace("</main>", f"<!-- node {chance.randrange(99)} --></main>", 1)


def _stamp(page: str, chance: random.Random) -> str | None:
    return page.replace("</main>", f"<p>Last updated: {chance.randrange(1, 29)} May 2031</p></main>", 1)


def _tracked(page: str, chance: random.Random) -> str | None:
    return re.sub(r'(<a [^>]*href="/[^"?#.]*)"', rf'\1?utm_source=x{chance.randrange(99)}"', page)


NOISE: dict[str, Mutation] = {
    "class names": _classes,
    "wrapped otherwise": _rewrapped,
    "white space": _spaced,
    "attribute order": _attributes,
    "nonces": _scripts,
    "asset versions": _assets,
    "order of a menu": _navigation,
    "footer": _footer,
    "consent banner": _consent,
    "consent banner inside": _consent_in_main,
    "comment": _comment,
    "stamp": _stamp,
    "tracking": _tracked,
}
"""Edits that only make the page otherwise; no reader would notice or mind."""
