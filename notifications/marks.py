"""Two sides of a change cut to what a reader bears, and which of their words differ, so that an eye finds them. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any

from notifications.words import one_line

Parts = tuple[tuple[str, bool], ...]
"""Stretches of a text, in order, with whether each differs from the other side."""

_WORDS = re.compile(r"\S+\s*")
_SHORT = 24
"""Characters up to which a side is read at a glance: nothing in it is marked."""

_ALIKE = 0.3
"""Share of words that both sides have, below which marks would cover everything."""


def differing(before: str, after: str) -> tuple[Parts, Parts]:
    """Both sides in stretches, the words that the other side lacks marked; none where little is the same."""
    if not before or not after or before == after or max(len(before), len(after)) <= _SHORT:
        return _whole(before), _whole(after)
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    matcher = SequenceMatcher(None, [word.strip() for word in old], [word.strip() for word in new], autojunk=False)
    if matcher.ratio() < _ALIKE:
        return _whole(before), _whole(after)
    steps = matcher.get_opcodes()
    return (
        _parts([("".join(old[at:end]), kind != "equal") for kind, at, end, _, _ in steps]),
        _parts([("".join(new[at:end]), kind != "equal") for kind, _, _, at, end in steps]),
    )


def side_by_side(rows: Sequence[Sequence[Any]]) -> tuple[Parts, ...]:
    """The words of each row in stretches, where there are two rows; one row by itself is whole."""
    if len(rows) != 2:
        return tuple(_whole(row[1]) for row in rows)
    return differing(rows[0][1], rows[1][1])


def _parts(stretches: list[tuple[str, bool]]) -> Parts:
    return tuple((text, strong) for text, strong in stretches if text)


def _whole(text: str) -> Parts:
    return ((text, False),) if text else ()


def focused(before: str, after: str, length: int) -> tuple[str, str]:
    """Two quotes cut to `length` around where they begin to differ, so that what is shown holds the change."""
    old, new = one_line(before), one_line(after)
    if len(old) <= length and len(new) <= length:
        return old, new
    same = next(
        (at for at, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), min(len(old), len(new))
    )
    start = old.rfind(" ", 0, max(same - length // 3, 0)) + 1
    return _window(old, start, length), _window(new, start, length)


def _window(text: str, start: int, length: int) -> str:
    lead = "… " if start else ""
    return shortened(lead + text[start:], length) if text else ""


def shortened(text: str, length: int) -> str:
    """A text cut at a space, with a mark that it goes on."""
    if len(text) <= length:
        return text
    cut = text.rfind(" ", length // 2, length - 1)
    return text[: cut if cut > 0 else length - 2].rstrip() + " …"
