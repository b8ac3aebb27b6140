"""Consolidated law as laws-lois prints it: one block for each section and schedule, keyed by its label.

Tables of contents, "previous version" links and marginal-note lead-ins are the site's; history notes are the law's.
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from domain.documents import Block, BlockKind
from monitor.read.html_text import attribute, children, is_hidden
from monitor.read.law import history_block, law_block, schedule_key
from monitor.read.normalise import collapse

_HEADING = re.compile(r"h[1-6]\Z")
_SKIPPED = ("PITLink", "lawContents", "pull-right", "wb-invisible")
_BREAKS = frozenset(
    [
        "p",
        "li",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "div",
        "section",
        "figure",
        "table",
        "tr",
        "td",
        "th",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "br",
    ]
)


def is_law(region: LexborNode) -> bool:
    """Whether the region prints sections of a law."""
    return region.css_first(".sectionLabel") is not None


def read_law(region: LexborNode, url: str) -> tuple[Block, ...]:
    """The law's blocks in order; `url` is unused but for the reader's common shape."""
    reading = _Reading()
    stack = list(reversed(list(children(region.css_first("#docCont") or region))))
    while stack:
        node = stack.pop()
        tag = node.tag or ""
        if node.is_text_node or tag.startswith("-") or _is_skipped(node):
            continue
        classes = attribute(node, "class").split()
        if "Schedule" in classes:
            reading.schedule(node)
        elif _HEADING.match(tag):
            reading.heading(node, int(tag[1]))
        elif "MarginalNote" in classes:
            reading.marginal = _text(node)
        elif node.css_first(".sectionLabel") is not None and tag in ("p", "ul"):
            reading.section(node)
        elif tag in ("section", "div", "article") and "HistoricalNote" not in classes and "Note" not in classes:
            stack.extend(reversed(list(children(node))))
        elif "HistoricalNote" in classes:
            reading.history(node)
        else:
            reading.more(node)
    return tuple(reading.finished())


class _Reading:
    """Where the reader stands: the headings above, the marginal note to come, the section being gathered."""

    def __init__(self) -> None:
        self.marginal = ""
        self._path: list[tuple[int, str]] = []
        self._blocks: list[Block] = []
        self._label = ""
        self._heading = ""
        self._texts: list[str] = []
        self._past: list[str] = []

    def heading(self, node: LexborNode, level: int) -> None:
        self._close()
        text = _text(node)
        while self._path and self._path[-1][0] >= level:
            self._path.pop()
        if text:
            self._blocks.append(
                Block(kind=BlockKind.HEADING, path=self._headings(), text=text, locator=text, level=level)
            )
            self._path.append((level, text))
        self.marginal = ""

    def section(self, node: LexborNode) -> None:
        self._close()
        label = node.css_first(".sectionLabel")
        self._label = "" if label is None else collapse(label.text(deep=True))
        self._heading, self.marginal = self.marginal, ""
        text = _text(node)
        self._texts = [text.removeprefix(self._label).strip()]

    def more(self, node: LexborNode) -> None:
        """A further part of the open section, or text before the first one."""
        text = _text(node)
        if not text:
            return
        if self._label:
            self._texts.append(text)
        else:
            place = f"before section 1, part {len(self._blocks) + 1}"
            self._blocks.append(Block(kind=BlockKind.PARAGRAPH, path=self._headings(), text=text, locator=place))

    def history(self, node: LexborNode) -> None:
        if text := _text(node):
            self._past.append(text)

    def schedule(self, node: LexborNode) -> None:
        self._close()
        label = node.css_first(".scheduleLabel")
        words = "" if label is None else collapse(label.text(deep=True).split("(")[0])
        inner = node.css_first("span.scheduleLabel")
        key = schedule_key(collapse(inner.text(deep=True)) if inner is not None else words)
        title = node.css_first(".scheduleTitleText")
        heading = "" if title is None else collapse(title.text(deep=True))
        past = [_text(note) for note in node.css("div.HistoricalNote")]
        for part in node.css("header, div.HistoricalNote, .PITLink"):
            part.decompose()
        self._blocks.append(law_block(key, (key, heading) if heading else (key,), _text(node)))
        if past:
            self._blocks.append(history_block(key, (key,), "; ".join(past)))

    def finished(self) -> list[Block]:
        self._close()
        return self._blocks

    def _headings(self) -> tuple[str, ...]:
        return tuple(text for _, text in self._path)

    def _close(self) -> None:
        if self._label:
            path = (*self._headings(), self._heading) if self._heading else self._headings()
            self._blocks.append(law_block(self._label, path, collapse(" ".join(self._texts))))
            if self._past:
                self._blocks.append(history_block(self._label, path, "; ".join(self._past)))
        self._label, self._heading, self._texts, self._past = "", "", [], []


def _is_skipped(node: LexborNode) -> bool:
    attributes = node.attributes
    classes = (attributes.get("class") or "").split()
    return (
        any(name in classes for name in _SKIPPED)
        or node.tag in ("nav", "script", "style", "details")
        or is_hidden(attributes)
    )


def _text(node: LexborNode) -> str:
    """The words of a node, its parts kept apart, without what only the site adds."""
    pieces: list[str] = []
    stack = list(reversed(list(children(node))))
    while stack:
        current = stack.pop()
        if current.is_text_node:
            pieces.append(current.text_content or "")
            continue
        tag = current.tag or ""
        if tag.startswith("-") or _is_skipped(current):
            continue
        if tag in _BREAKS:
            pieces.append(" ")
        stack.extend(reversed(list(children(current))))
    return collapse("".join(pieces).replace("\u00a0", " "))
