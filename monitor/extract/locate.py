"""Where a rule points: by heading, selector, label, pattern, JSON path, section of a law or page of a PDF.

Each narrowing step that fails says which one it was and what was nearest, so that whoever wrote the rule can mend it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import re2

from domain.documents import Block, BlockKind, Document
from domain.sources import Rule
from monitor.extract.place import Missing, Spot, fold, level, near, sentence

_STEP = re.compile(r"([^.\[\]]+)|\[([^\[\]]*)\]")
_PARAGRAPH = re.compile(r"\A(?P<section>[^()]+)(?P<parts>(?:\([^()]{1,6}\))+)\Z")
MOST_SPOTS = 5_000


def blocks_under(document: Document, rule: Rule) -> tuple[Block, ...] | Missing:
    """The blocks that `under`, `page` and `section` leave."""
    blocks: tuple[Block, ...] = document.blocks
    if rule.page is not None:
        blocks = tuple(block for block in blocks if block.path[:1] == (f"page {rule.page}",))
        if not blocks:
            return Missing(reason=f"there is no page {rule.page} with text")
    if rule.section is not None:
        return _section(blocks, rule)
    if rule.under is None:
        return blocks
    wanted = fold(rule.under)
    exact = tuple(block for block in blocks if any(fold(words) == wanted for words in block.path))
    chosen = exact or tuple(block for block in blocks if any(wanted in fold(words) for words in block.path))
    if chosen:
        return chosen
    headings = [block.text for block in blocks if block.kind is BlockKind.HEADING]
    if any(wanted in fold(words) for words in headings):
        return Missing(reason=f"nothing stands under the heading {rule.under!r}", container=True)
    return Missing(reason=f"no heading contains {rule.under!r}{near(rule.under, headings)}")


def _section(blocks: tuple[Block, ...], rule: Rule) -> tuple[Block, ...] | Missing:
    found = _PARAGRAPH.match(rule.section or "")
    label = found["section"].strip() if found else rule.section or ""
    chosen = tuple(block for block in blocks if block.key is not None and fold(block.key) == fold(label))
    if not chosen:
        keys = [block.key for block in blocks if block.key]
        return Missing(reason=f"there is no section {label!r}{near(label, keys)}")
    if found is None:
        return chosen
    block = chosen[0]
    text = block.text
    start = 0
    for part in re.findall(r"\([^()]+\)", found["parts"]):
        at = text.find(f"{part} ", start)
        if at < 0:
            return Missing(reason=f"section {label} has no paragraph {found['parts']}", container=True)
        start = at
    following = re.compile(r" \([a-z0-9.]{1,5}\) ").search(text, start + 3)
    part_text = text[start : following.start() if following else len(text)]
    return (_replaced(block, part_text, f"{block.locator}{found['parts']}"),)


def _replaced(block: Block, text: str, locator: str) -> Block:
    return Block(kind=block.kind, path=block.path, text=text, locator=locator, key=block.key)


def spots(document: Document, rule: Rule) -> tuple[Spot, ...] | Missing:
    """Every stretch that the rule points to, in order; tables are read elsewhere."""
    if rule.path is not None:
        return json_spots(document, rule.path)
    if rule.select is not None:
        found = _selected(document, rule.select)
    else:
        blocks = blocks_under(document, rule)
        if isinstance(blocks, Missing):
            return blocks
        found = tuple(
            Spot(text=block.text, quote=block.text, locator=block.locator)
            for block in blocks
            if block.kind is not BlockKind.HEADING or rule.match or rule.label
        )
    if not found:
        return Missing(reason=f"nothing matches {rule.select!r}" if rule.select else "the section is empty")
    if rule.label is not None:
        found = _labelled(found, rule.label)
        if not found:
            return Missing(reason=f"the words {rule.label!r} do not stand there", container=True)
    if rule.match is not None:
        return _matched(found, rule.match)
    return found[:MOST_SPOTS]


def _selected(document: Document, selector: str) -> tuple[Spot, ...]:
    """The elements that a selector matches, by BeautifulSoup: rules ask for loose parts of loose markup."""
    if not document.markup:
        return ()
    # Here, not above: few rules ask for it, and it takes a third of what starting a worker takes (decision 0011).
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(document.markup, "lxml")
    spots_ = []
    for number, element in enumerate(soup.select(selector, limit=MOST_SPOTS), start=1):
        text = " ".join(element.get_text(" ").split())
        if text:
            spots_.append(Spot(text=text, quote=text, locator=f"{selector} [{number}]"))
    return tuple(spots_)


def _labelled(found: tuple[Spot, ...], label: str) -> tuple[Spot, ...]:
    """The words after the label in the same stretch, or before it where nothing follows."""
    wanted = fold(label)
    chosen = []
    for spot in found:
        if wanted not in fold(spot.text):
            continue
        at = level(spot.text).casefold().find(level(label).casefold())
        after = spot.text[at + len(label) :] if at >= 0 else spot.text
        before = spot.text[:at] if at >= 0 else ""
        text = after if any(mark.isalnum() for mark in after) else before
        chosen.append(Spot(text=text.strip(" :\u00a0-–—"), quote=spot.quote, locator=spot.locator))
    return tuple(chosen)


def _matched(found: tuple[Spot, ...], pattern: str) -> tuple[Spot, ...] | Missing:
    """What the pattern's group `value` (or its first group, or all of it) holds, wherever it matches.

    RE2 syntax, so no pattern can be slow; it sees plain spaces, quotes and dashes whatever the page uses.
    """
    try:
        compiled = re2.compile(level(pattern))
    except re2.error as error:
        return Missing(reason=f"the pattern {pattern!r} cannot be used: {error}")
    group = compiled.groupindex.get("value", 1 if compiled.groups else 0)
    chosen = []
    for spot in found:
        offset = spot.quote.find(spot.text)
        for match in compiled.finditer(level(spot.text)):
            start, end = match.span(group)
            if 0 <= start < end:
                text = spot.text[start:end]
                quote = sentence(spot.quote, start + offset, end + offset) if offset >= 0 else spot.quote[:600]
                chosen.append(Spot(text=text, quote=quote, locator=spot.locator))
    return tuple(chosen) or Missing(reason=f"the pattern {pattern!r} matches nothing there", container=True)


# -- JSON paths --------------------------------------------------------------


def json_spots(document: Document, path: str) -> tuple[Spot, ...] | Missing:
    """The plain values at a path: dots, `[n]`, `[*]`, `[name=value]`, `[name~part of value]`."""
    nodes = json_nodes(document, path)
    if isinstance(nodes, Missing):
        return nodes
    found = []
    for place, value in nodes:
        text = _plain(value)
        if text is not None:
            name = place.rsplit(".", 1)[-1]
            found.append(Spot(text=text, quote=f"{name}: {text}", locator=place))
    return tuple(found) or Missing(reason=f"at {path!r} stands no plain value", container=True)


def json_nodes(document: Document, path: str) -> tuple[tuple[str, Any], ...] | Missing:
    """Every node at a path with its full place."""
    if document.data is None:
        return Missing(reason="a path needs JSON, and this page is none")
    nodes: list[tuple[str, Any]] = [("", document.data)]
    for name, bracket in _STEP.findall(path):
        step = name or f"[{bracket}]"
        following = [item for place, value in nodes for item in _stepped(place, value, name, bracket)]
        if not following:
            keys = [str(key) for _, value in nodes if isinstance(value, Mapping) for key in value]
            return Missing(
                reason=f"the path {path!r} ends before {step!r}{near(step, keys)}",
                container=len(nodes) > 0 and step.startswith("["),
            )
        nodes = following[:MOST_SPOTS]
    return tuple(nodes)


def _stepped(place: str, value: Any, name: str, bracket: str) -> list[tuple[str, Any]]:
    if name:
        if isinstance(value, Mapping) and name in value:
            return [(f"{place}.{name}" if place else name, value[name])]
        return []
    items: Sequence[Any] = value if isinstance(value, list) else ()
    if bracket == "*":
        if isinstance(value, Mapping):
            return [(f"{place}.{key}", inner) for key, inner in value.items()]
        return [(f"{place}[{at}]", item) for at, item in enumerate(items)]
    if bracket.lstrip("-").isdigit():
        at = int(bracket)
        return [(f"{place}[{bracket}]", items[at])] if -len(items) <= at < len(items) else []
    for mark in ("=", "~"):
        key, found, wanted = bracket.partition(mark)
        if found:
            return [
                (f"{place}[{at}]", item)
                for at, item in enumerate(items)
                if isinstance(item, Mapping) and _fits(_plain(item.get(key)), wanted.strip("'\""), mark)
            ]
    return []


def _fits(text: str | None, wanted: str, mark: str) -> bool:
    if text is None:
        return False
    return fold(text) == fold(wanted) if mark == "=" else fold(wanted) in fold(text)


def _plain(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (str, int, float)) else None
