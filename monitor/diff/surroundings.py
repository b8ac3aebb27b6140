"""What a judge may ask of the document around an edit: what stands above and before it, and what is said elsewhere."""

from __future__ import annotations

from collections import defaultdict

from domain.documents import BlockKind, Document
from monitor.diff.words import carried, meaning, tokens, worded


class Surroundings:
    """One document as a judge asks about it; its index of words is built when first needed."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._first_heading = next((k for k, block in enumerate(document.blocks) if block.kind is BlockKind.HEADING), 0)
        above = " ".join(b.text for b in document.blocks[: self._first_heading] if len(b.text) < 60)
        self._title = frozenset(meaning(f"{document.title} {above}"))
        self._headings = frozenset(
            worded(block.text) for block in document.blocks if block.kind is BlockKind.HEADING
        ) | frozenset({worded(document.title)})
        self._index: dict[str, list[int]] | None = None
        self._bags: list[frozenset[str]] = []

    def heads(self, block: int) -> frozenset[str]:
        return self._title | frozenset(stem for head in self._document.blocks[block].path for stem in meaning(head))

    def above_title(self, block: int) -> bool:
        return block < self._first_heading

    def has_heading(self, text: str) -> bool:
        return worded(text) in self._headings

    def beside(self, block: int, step: int) -> str:
        """The text of the block before (-1) or after (+1) it, "" at the ends."""
        at = block + step
        return self._document.blocks[at].text if 0 <= at < len(self._document.blocks) else ""

    def introduced_by(self, block: int, text: str) -> str:
        """The sentence before it in its block, else the last block before it that is no entry of the same list."""
        blocks = self._document.blocks
        spot = blocks[block].text.find(text)
        if spot > 0:
            return blocks[block].text[max(0, spot - 200) : spot]
        for k in range(block - 1, max(-1, block - 40), -1):
            if blocks[k].kind is not BlockKind.ITEM or blocks[block].kind is not BlockKind.ITEM:
                return blocks[k].text[-200:]
        return ""

    def says(self, text: str) -> bool:
        """Whether one block of the document carries (nearly) all that the text carries, negations included."""
        bag = frozenset(meaning(text))
        if len(bag) < 3:
            return False
        index = self._index if self._index is not None else self._build()
        need = len(bag) * 0.9
        rarest = sorted(bag, key=lambda stem: (len(index.get(stem, ())), stem))[: int(len(bag) - need) + 1]
        candidates = {k for stem in rarest for k in index.get(stem, ())[:200]}
        return any(len(bag & self._bags[k]) >= need for k in candidates)

    def _build(self) -> dict[str, list[int]]:
        index: dict[str, list[int]] = defaultdict(list)
        for block in self._document.blocks:
            found = frozenset(stem for token in tokens(block.text) if (stem := carried(token)))
            for stem in found:
                index[stem].append(len(self._bags))
            self._bags.append(found)
        self._index = index
        return index
