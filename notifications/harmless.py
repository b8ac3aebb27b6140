"""Captured words made harmless where they are told: in a chat they call nobody, in a tracker they ping nobody, link
nothing and run nothing. Pure.
"""

from __future__ import annotations

import re

_JOINER = "\u2060"
"""Word joiner: unseen, and with it neither `@all` calls anybody nor `<!channel>` means anything."""

_SPACE = "\u200b"
"""Zero-width space: unseen, and a tracker takes what it breaks apart for plain text."""

UNSEEN = (_JOINER, _SPACE)
"""What is put into words to break them apart."""

_CALLS = re.compile(r"[@<]")
_LIVE = re.compile(r"(?<=[@#!~%&$^/\[*`_<>])(?=\S)|(?i:(?<=GH)(?=-\d))")
_MARKUP = re.compile(r"[\\`*_{}\[\]()<>#+\-.!|~&$=:^\"']")
TITLE_LENGTH = 200


def uncalled(text: str) -> str:
    """Text for a chat in which nobody is called."""
    return _CALLS.sub(rf"\g<0>{_JOINER}", text)


def unlinked(text: str) -> str:
    """One line in which nothing pings, links or is a command: what would begin such a thing is broken apart."""
    return _LIVE.sub(_SPACE, _one_line(text))


def harmless_title(text: str) -> str:
    """`unlinked`, cut to what a tracker takes as a title."""
    return unlinked(text)[:TITLE_LENGTH]


def unmarked(text: str) -> str:
    """One line of Markdown that shows the text as it is: its marks are escaped, and it is broken apart as `unlinked`."""
    broken = _LIVE.sub(_SPACE, _one_line(text))
    return _MARKUP.sub(r"\\\g<0>", broken)


def fenced(text: str) -> str:
    """Text as it is, in a fence that is longer than any within it. Marks that hide or turn text are left out."""
    plain = "".join(char if char.isprintable() or char == "\n" else " " for char in text)
    longest = max((len(run) for run in re.findall(r"`+", plain)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{plain}\n{fence}"


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
