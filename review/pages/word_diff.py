"""Two wordings of one passage, cut into what stayed, what went and what came. Pure, and bounded in time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from monitor.diff.align import align

MOST_WORDS = 12_000
"""Words in the part that differs; beyond it the two are shown whole, as one that went and one that came."""

_WORD = re.compile(r"\w+(?:[.,'’-]\w+)*|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of text. kind: `same`, `gone` (only before) or `come` (only after)."""

    kind: str
    text: str


def word_diff(before: str, after: str) -> tuple[Piece, ...]:
    """The pieces in reading order: without the gone it is the text after, without the come the text before."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    same_tail = old[len(old) - tail :]
    changed = _changed(old[head : len(old) - tail], new[head : len(new) - tail])
    pieces = (Piece(kind="same", text="".join(old[:head])), *changed, Piece(kind="same", text="".join(same_tail)))
    return tuple(piece for piece in pieces if piece.text)


def side(pieces: tuple[Piece, ...], leaving_out: str) -> tuple[Piece, ...]:
    """One side of it: the text before leaves out what came, the text after what is gone."""
    return tuple(piece for piece in pieces if piece.kind != leaving_out)


def _common(old: list[str], new: list[str]) -> int:
    return next(
        (at for at, (left, right) in enumerate(zip(old, new, strict=False)) if left != right), min(len(old), len(new))
    )


def _changed(old: list[str], new: list[str]) -> Iterator[Piece]:
    if max(len(old), len(new)) > MOST_WORDS:
        yield Piece(kind="gone", text="".join(old))
        yield Piece(kind="come", text="".join(new))
        return
    gone, come = "", ""
    for span in align(old, new):
        kept = "".join(old[slice(*span.before)])
        # A space alone between two changed words would cut them into crumbs.
        if span.equal and (kept.strip() or not (gone or come)):
            yield from _pair(gone, come)
            gone = come = ""
            yield Piece(kind="same", text=kept)
        else:
            gone += kept
            come += "".join(new[slice(*span.after)])
    yield from _pair(gone, come)


def _pair(gone: str, come: str) -> Iterator[Piece]:
    if gone:
        yield Piece(kind="gone", text=gone)
    if come:
        yield Piece(kind="come", text=come)
