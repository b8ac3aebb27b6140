"""What sections of law look like as blocks, whichever form they were published in."""

from __future__ import annotations

import re

from domain.documents import Block, BlockKind

_SCHEDULE = re.compile(r"(?:schedule|annexe)\s*([\w.]*)", re.IGNORECASE)


def law_block(key: str, path: tuple[str, ...], text: str) -> Block:
    """A section or schedule: `key` its label, the last of `path` its own heading, `text` its words."""
    return Block(kind=BlockKind.SECTION, path=path, text=text, locator=place(key), key=key)


def history_block(key: str, path: tuple[str, ...], text: str) -> Block:
    """The bracketed notes that say which instruments made or changed a section."""
    return Block(kind=BlockKind.PARAGRAPH, path=path, text=text, locator=f"{place(key)}, history", key=f"{key} history")


def place(key: str) -> str:
    return key if key.startswith("Schedule") else f"section {key}"


def schedule_key(label: str) -> str:
    """`SCHEDULE 1.1` and `ANNEXE 1.1` are both `Schedule 1.1`; an unnumbered one is `Schedule`."""
    found = _SCHEDULE.search(label)
    return f"Schedule {found[1]}".strip() if found else label.strip() or "Schedule"
