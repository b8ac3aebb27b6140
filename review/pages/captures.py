"""A capture as people read it: its blocks in order, a stretch at a time, and its headings to go by. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.documents import Block, BlockKind, Document
from domain.snapshots import Snapshot

MOST_BLOCKS = 200
MOST_CHARACTERS = 60_000
"""What one page of text holds; a law has thousands of blocks."""

MOST_HEADINGS = 300
_LONGEST_HEADING = 140
_HTML = re.compile(r"(?:text/html|application/xhtml\+xml)\b", re.IGNORECASE)
_MARKUP = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_CHARSET = re.compile(r"charset=[\"']?([A-Za-z0-9_.:-]{1,40})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One block to be shown. number: its place in the capture, from 0. cut: characters that are left out at its end."""

    number: int
    kind: str
    level: int
    text: str
    cells: tuple[str, ...]
    locator: str
    collapsed: bool
    cut: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading of the outline. start: the stretch of text that it stands in begins there."""

    number: int
    start: int
    level: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of a capture's text. earlier, later: where the stretches before and after begin, None at the ends.

    outline: headings of the whole capture, at most MOST_HEADINGS; more_headings counts the others.
    """

    title: str
    media: str
    notes: tuple[str, ...]
    passages: tuple[Passage, ...]
    start: int
    count: int
    earlier: int | None
    later: int | None
    outline: tuple[Heading, ...]
    more_headings: int

    @property
    def end(self) -> int:
        return self.start + len(self.passages)


def stretch_of(document: Document, start: int) -> Stretch:
    """The stretch of a document's text that holds block number `start`."""
    starts = _starts(document.blocks)
    at = max((place for place, first in enumerate(starts) if first <= start), default=0)
    first = starts[at] if starts else 0
    end = starts[at + 1] if at + 1 < len(starts) else len(document.blocks)
    headings = [number for number, block in enumerate(document.blocks) if block.kind is BlockKind.HEADING]
    return Stretch(
        title=document.title,
        media=document.media,
        notes=document.notes,
        passages=tuple(_passage(number, document.blocks[number]) for number in range(first, end)),
        start=first,
        count=len(document.blocks),
        earlier=starts[at - 1] if at > 0 else None,
        later=starts[at + 1] if at + 1 < len(starts) else None,
        outline=_outline(document.blocks, headings[:MOST_HEADINGS], starts),
        more_headings=max(0, len(headings) - MOST_HEADINGS),
    )


def _starts(blocks: tuple[Block, ...]) -> list[int]:
    """Where each stretch begins: they part where one would hold too many blocks or characters."""
    starts: list[int] = []
    held = characters = 0
    for number, block in enumerate(blocks):
        length = min(len(block.text), MOST_CHARACTERS)
        if not starts or held >= MOST_BLOCKS or characters + length > MOST_CHARACTERS:
            starts.append(number)
            held = characters = 0
        held += 1
        characters += length
    return starts


def _passage(number: int, block: Block) -> Passage:
    whole = sum(len(cell) for cell in block.cells) + len(block.text) <= MOST_CHARACTERS
    return Passage(
        number=number,
        kind=block.kind.value,
        level=min(block.level, 6),
        text=block.text[:MOST_CHARACTERS],
        cells=block.cells if whole else (),
        locator=block.locator,
        collapsed=block.collapsed,
        cut=max(0, len(block.text) - MOST_CHARACTERS),
    )


def _outline(blocks: tuple[Block, ...], numbers: list[int], starts: list[int]) -> tuple[Heading, ...]:
    found: list[Heading] = []
    at = 0
    for number in numbers:
        while at + 1 < len(starts) and starts[at + 1] <= number:
            at += 1
        text = blocks[number].text
        short = text if len(text) <= _LONGEST_HEADING else text[: _LONGEST_HEADING - 1] + "…"
        found.append(Heading(number=number, start=starts[at], level=min(max(blocks[number].level, 1), 6), text=short))
    return tuple(found)


def shown_as_page(snapshot: Snapshot) -> bool:
    """Whether a browser could show it as a page: its type says HTML, or it says no type and begins like HTML."""
    declared = snapshot.header("content-type")
    if declared:
        return _HTML.match(declared.strip()) is not None
    return _MARKUP.match(snapshot.body[:2000]) is not None


def charset_of(snapshot: Snapshot) -> str:
    """The charset that its type declares, "" where it declares none that is a plain name."""
    found = _CHARSET.search(snapshot.header("content-type") or "")
    return found[1] if found else ""


def size_words(size: int) -> str:
    """`12 B`, `3.4 kB`, `1.4 MB`."""
    if size < 1000:
        return f"{size} B"
    return f"{size / 1000:.1f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def outside(url: str) -> str:
    """The address where it may be a link of ours (plain http or https), else ""."""
    return url if url.startswith(("http://", "https://")) else ""
