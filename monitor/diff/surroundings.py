"""What a judge may ask of the document around an edit: what stands above and before it, and what is said elsewhere."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from domain.documents import BlockKind, Document
from monitor.diff.grouping import sentences
from monitor.diff.lexicon import DUTY, NEGATION, PERMISSION, QUALIFIERS, STATUS
from monitor.diff.words import meaning, shown, tokens, worded
from monitor.read.html_text import is_all_links

BINDING = DUTY | NEGATION | PERMISSION | QUALIFIERS | STATUS

LONGEST_SAID = 20_000
"""Characters of one block that are searched for a statement said elsewhere."""

RELATED_TITLES = re.compile(
    r"related (?:articles?|content|links?|pages?|topics?|information|resources|posts|guides)|see also|read next|more articles|"
    r"recommended(?: articles| for you)?|(?:more|featured|recent|popular|trending|latest) (?:posts|articles|stories|blog posts)|"
    r"(?:more )?from (?:the|our) blog|more from (?:the |our )?[\w' ]{1,30}|you(?:'ll| will) also like|(?:you )?(?:may|might) also (?:like|be interested in)|"
    r"you may also be interested in|people also (?:read|viewed)|explore (?:the|related) topics?|"
    r"(?:articles?|contenus?|liens?|pages?|sujets?|rubriques?) (?:connexes?|associée?s?|liée?s?|similaires?)|à lire (?:aussi|également)|"
    r"voir (?:aussi|également)|vous aimerez aussi|ces articles pourraient vous intéresser",
    re.IGNORECASE,
)
"""Titles of lists of other pages, which a site fills by itself and turns round from visit to visit."""

MORE_HELP = re.compile(
    r"(?:do you )?(?:still need|need more) help|try these next steps|(?:ask|post (?:to|in)|visit) the (?:help )?(?:community|forum)|"
    r"(?:vous avez )?encore besoin d'aide|essayez les solutions ci-dessous|posez (?:vos questions|une question) à la communauté(?: d'aide)?",
    re.IGNORECASE,
)
"""Titles of what a help centre offers below every page of it."""

LONGEST_RELATED = 30
"""Entries of such a list beyond which its title is not sought."""


_ROWS = frozenset({BlockKind.ROW, BlockKind.RECORD})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What one sentence of a document carries."""

    words: frozenset[str]
    binding: frozenset[str]
    kind: BlockKind


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
        self._said: dict[str, list[_Said]] | None = None

    def heads(self, block: int) -> frozenset[str]:
        return self._title | frozenset(stem for head in self._document.blocks[block].path for stem in meaning(head))

    def above_title(self, block: int) -> bool:
        return block < self._first_heading

    def has_heading(self, text: str) -> bool:
        return worded(text) in self._headings

    def path(self, block: int) -> tuple[str, ...]:
        return self._document.blocks[block].path

    def is_aside(self, block: int) -> bool:
        return self._document.blocks[block].aside or self.is_under_related(block)

    def beside(self, block: int, step: int) -> str:
        """The text of the block before (-1) or after (+1) it, "" at the ends."""
        at = block + step
        return self._document.blocks[at].text if 0 <= at < len(self._document.blocks) else ""

    def is_related(self, block: int) -> bool:
        """Whether it is a link to another page in a list whose title says that there is nothing else in it."""
        blocks = self._document.blocks
        for k in range(block, max(-1, block - LONGEST_RELATED), -1):
            if not is_all_links(blocks[k].text, blocks[k].links):
                return k < block and RELATED_TITLES.fullmatch(shown(blocks[k].text).rstrip(" :")) is not None
        return False

    def is_under_related(self, block: int) -> bool:
        """Whether it stands under a heading that says that there is nothing below but other pages."""
        return any(
            head != self._document.title and RELATED_TITLES.fullmatch(shown(head).rstrip(" :")) is not None
            for head in self._document.blocks[block].path
        )

    def offers_help(self, block: int) -> bool:
        """Whether it is said, without a figure, under a title with which a help centre ends each of its pages."""
        if any(mark.isdigit() for mark in self._document.blocks[block].text):
            return False
        heads = (*self._document.blocks[block].path[1:], self._document.blocks[block].text)
        return any(MORE_HELP.fullmatch(shown(head).rstrip(" ?:")) is not None for head in heads)

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

    def says(self, text: str, kind: BlockKind, under: tuple[str, ...]) -> bool:
        """Whether one sentence under the same headings carries all that the text carries and hardly more.

        What stands under another heading is said of something else, though the words be equal. A row is not said by
        another row, which stands for itself, and an entry of a list not by a longer one.
        """
        bag = frozenset(meaning(text))
        binding = _binding(text)
        if len(bag) < 3:
            return False
        said = self._said if self._said is not None else self._build()
        return any(
            len(bag & part.words) >= len(bag) * 0.9
            and len(part.words) <= (len(bag) if kind is BlockKind.ITEM else len(bag) * 1.5 + 1)
            and part.binding == binding
            and not (kind in _ROWS and part.kind in _ROWS)
            for part in said.get(worded(" ".join(under)), ())
        )

    def _build(self) -> dict[str, list[_Said]]:
        said: dict[str, list[_Said]] = defaultdict(list)
        for block in self._document.blocks:
            said[worded(" ".join(block.path))] += [
                _Said(words=frozenset(meaning(part)), binding=_binding(part), kind=block.kind)
                for part in sentences(block.text[:LONGEST_SAID])
            ]
        self._said = said
        return said


def _binding(text: str) -> frozenset[str]:
    """The words of a text that bind, limit or negate."""
    return frozenset(tokens(text)) & BINDING
