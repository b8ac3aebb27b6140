"""The guide with its claims marked, kept as long as its text is the same: auditing it takes a tenth of a second."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from domain.claims import Claim
from domain.sources import Source
from monitor.guide import MarkedGuide, mark_guide


class KeptGuide:
    """The last guide that was marked."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._kept: tuple[str, MarkedGuide] | None = None

    def of(self, text: str, claims: Mapping[str, Claim], sources: Mapping[str, Source]) -> MarkedGuide:
        """The text marked. claims, sources: the same for the life of this. Raises SourceError for what is no guide."""
        with self._turn:
            if self._kept is None or self._kept[0] != text:
                self._kept = (text, mark_guide(text, claims.values(), sources.values()))
            return self._kept[1]
