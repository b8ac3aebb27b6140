"""Two wordings with the exact words marked in their context: in one line, or each side by itself. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from review.pages.word_diff import Piece, side, word_diff

LONGEST = 60_000
"""Characters of each side that are looked at."""

CONTEXT = 220
"""Characters of unchanged text that stay on each side of a change."""

CUT = Piece(kind="cut", text="…")
"""Unchanged text that is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Before and after as pieces in one line, and each by itself for side by side."""

    pieces: tuple[Piece, ...]

    @property
    def differs(self) -> bool:
        return any(piece.kind in ("gone", "come") for piece in self.pieces)

    @property
    def before(self) -> tuple[Piece, ...]:
        return side(self.pieces, "come")

    @property
    def after(self) -> tuple[Piece, ...]:
        return side(self.pieces, "gone")


def wording(before: str, after: str, *, whole: bool = False, around: int = CONTEXT) -> Wording:
    """The two texts word by word. whole: no unchanged text is left out; else `around` characters stay beside a change."""
    pieces = word_diff(_bounded(before), _bounded(after))
    if whole or all(piece.kind == "same" for piece in pieces):
        return Wording(pieces=pieces)
    return Wording(pieces=tuple(_in_context(pieces, around)))


def _bounded(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def _in_context(pieces: tuple[Piece, ...], around: int) -> Iterator[Piece]:
    """Long unchanged stretches cut down to what stands next to a change."""
    for at, piece in enumerate(pieces):
        head = around if at > 0 else 0
        tail = around if at < len(pieces) - 1 else 0
        if piece.kind != "same" or len(piece.text) <= head + tail + 40:
            yield piece
            continue
        if head:
            yield Piece(kind="same", text=piece.text[: _end_of_word(piece.text, head)])
        yield CUT
        if tail:
            yield Piece(kind="same", text=piece.text[piece.text.rfind(" ", 0, len(piece.text) - tail) + 1 :])


def _end_of_word(text: str, at: int) -> int:
    found = text.find(" ", at)
    return len(text) if found < 0 else found
