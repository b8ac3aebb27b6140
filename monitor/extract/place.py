"""What a rule found, or why it found nothing."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from domain.facts import Pending
from domain.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A stretch of the document that a rule points to.

    text: what is read for a value. quote: the whole words around it as they stand in the capture. parts: the values
    that a cell was divided into.
    """

    text: str
    quote: str
    locator: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A value that a rule gave, with its evidence."""

    value: Value
    quote: str
    locator: str
    pending: Pending | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Nothing was found. container: the place where it would stand was there, so that its absence can be a finding."""

    reason: str
    container: bool = False


_LEVEL = str.maketrans(
    {
        **dict.fromkeys("\u00a0\u202f\u2009", " "),
        **dict.fromkeys("\u2018\u2019\u02bc", "'"),
        **dict.fromkeys("\u201c\u201d", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
    }
)


def level(text: str) -> str:
    """The text with one kind of space, quote and dash, each mark for one mark, so places in it are places in the text."""
    return text if text.isascii() else text.translate(_LEVEL)


def fold(text: str) -> str:
    """Words for finding words: case, accents, kinds of quote and dash folded, spaces single."""
    return _folded(text) if len(text) <= _HEADING else _fold(text)


def _fold(text: str) -> str:
    if text.isascii():
        return " ".join(text.lower().split())
    plain = unicodedata.normalize("NFKD", level(text).casefold())
    return " ".join("".join(mark for mark in plain if not unicodedata.combining(mark)).split())


_HEADING = 200
_folded = lru_cache(maxsize=16_384)(_fold)
"""Headings and cells, kept for a while: every rule of a source looks at the same ones."""


def near(wanted: str, names: Iterable[str]) -> str:
    """`; nearest: …` with the most similar name, or nothing."""
    found = get_close_matches(fold(wanted), [fold(name) for name in names], n=1, cutoff=0.4)
    return f"; nearest: {found[0]!r}" if found else ""


def sentence(text: str, start: int, end: int, *, most: int = 600) -> str:
    """The sentence around a stretch of text, word for word; the whole text where it is short."""
    if len(text) <= most:
        return text
    first, last = max(0, start - most // 2), min(len(text), end + most // 2)
    marks = (". ", "; ", "? ", "! ")
    left = max((at + len(mark) for mark in marks if (at := text.rfind(mark, first, start)) >= 0), default=first)
    right = min((at + 1 for mark in marks if (at := text.find(mark, end, last)) >= 0), default=last)
    return text[left:right].strip()
