"""Where on a page passages changed: as a flag says it in a line, and what that line names. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from domain.comparison import BlockChange
from domain.documents import BlockKind

_MOST = 400
_SAID = re.compile(r"\d+ passage(?:s|\(s\))? changed: (.*?)(?:; no longer told: .*)?", re.DOTALL)


def said_places(blocks: Iterable[BlockChange]) -> str:
    """How many passages changed, and where: under which headings, of a law in which section."""
    changed = tuple(blocks)
    where = "; ".join(dict.fromkeys(place for block in changed if (place := _place(block))))
    return f"{len(changed)} passage{'' if len(changed) == 1 else 's'} changed{': ' + where[:_MOST] if where else ''}"


def named_places(said: str) -> tuple[str, ...]:
    """The places that such a line names, each by its own heading; none where it is another line."""
    found = _SAID.fullmatch(said)
    places = () if found is None else (place.rpartition(" > ")[2].strip() for place in found[1].split("; "))
    return tuple(dict.fromkeys(place for place in places if place))


def _place(block: BlockChange) -> str:
    if block.kind is BlockKind.SECTION:
        return ", ".join((block.locator, *block.path[-1:]))
    return " > ".join(block.path)
