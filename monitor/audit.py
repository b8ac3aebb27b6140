"""A guide's text held against its claims: what it says that nobody watches, and claims whose words are gone from it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from domain.claims import Claim
from domain.documents import Block, Document
from domain.folding import fold
from domain.sources import Source
from domain.values import Count, Value
from monitor.extract import Found, values_in
from monitor.quantities import same_value
from monitor.spelled import counted_in

CHECKABLE = frozenset({"money", "day", "duration", "percentage", "points", "count", "code", "citation"})
"""Kinds of value that an official page can prove wrong."""

_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+(?=[A-Z(«\"“])|\s[✓•]\s?")
_NAME = re.compile(
    r"\b(?:[A-Z][\w&/-]+(?: (?:of|and|for|the|de|du|des|et|la) (?=[A-Z]))?(?:[ -](?=[A-Z]))?){2,6}|\b[A-Z]{3,}\b"
)


_ARTICLE = re.compile(r"\A(?:The|A|An|Le|La|Les|Un|Une) ")
_PROVISION = re.compile(r"\b(?:Schedule|Annex|Appendix|Chapter|Annexe|Appendice|Chapitre) \d+(?:\.\d+)?(?:-[A-Z])?\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Something checkable in the guide.

    covered_by: the claims whose anchor stands in the same sentence and that speak of it; for a named programme, all
    claims of the sentence.
    """

    kind: str
    text: str
    sentence: str
    locator: str
    covered_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """statements: everything checkable, in order. gone: claims whose anchor is not in the guide any more."""

    statements: tuple[Statement, ...]
    gone: tuple[Claim, ...]

    @property
    def uncovered(self) -> tuple[Statement, ...]:
        return tuple(item for item in self.statements if not item.covered_by)


def audit(guide: Document, claims: Iterable[Claim], sources: Iterable[Source]) -> Audit:
    """Every amount, date, duration, code, count, citation and named programme of the guide, with who covers it.

    A claim covers what it speaks of in the sentence (or table row) in which its anchor stands: another figure of the
    same sentence is not covered by it.
    """
    claims = tuple(claims)
    programmes = _programmes(sources)
    stated = [(block, text) for block in guide.blocks for text in sentences(block)]
    folded = [f" {fold(text)} " for _, text in stated]
    anchors = [(claim, fold(claim.anchor)) for claim in claims if claim.anchor]
    covering = [[claim for claim, anchor in anchors if anchor and f" {anchor} " in text] for text in folded]
    statements: dict[tuple[str, str, str], Statement] = {}
    for (block, text), near in zip(stated, covering, strict=True):
        for kind, words, value in _checkable(text, programmes):
            covered_by = tuple(claim.id for claim in near if kind == "programme" or _speaks_of(claim, words, value))
            made = Statement(kind=kind, text=words, sentence=text, locator=block.locator, covered_by=covered_by)
            statements.setdefault((kind, words, text), made)
    everything = " ".join(folded)
    gone = tuple(claim for claim, anchor in anchors if f" {anchor} " not in f" {' '.join(everything.split())} ")
    return Audit(statements=tuple(statements.values()), gone=gone)


def sentences(block: Block) -> list[str]:
    """The sentences of a block; a row of a table is one."""
    if block.cells:
        return [block.text]
    return [part.strip() for part in _SENTENCE_END.split(block.text) if part.strip()]


def _checkable(sentence: str, programmes: frozenset[str]) -> list[tuple[str, str, Value | None]]:
    values = [(item.kind, item.text, item.value) for item in _stated(sentence) if item.kind in CHECKABLE]
    provisions = [("citation", match[0], None) for match in _PROVISION.finditer(sentence)]
    names = {_ARTICLE.sub("", match[0].strip()) for match in _NAME.finditer(sentence)}
    # A few words that only lead in to a list state nothing about the programme that they name.
    leads_in = sentence.endswith(":") and len(sentence.split()) < 5
    named = [("programme", name, None) for name in sorted(names) if fold(name) in programmes and not leads_in]
    return [*values, *provisions, *named]


def _stated(text: str) -> list[Found]:
    """The values of a text, and what it counts beside them, in digits or words."""
    values = values_in(text)
    counted = (
        item for item in counted_in(text) if all(item.end <= one.start or one.end <= item.start for one in values)
    )
    return sorted((*values, *counted), key=lambda item: item.start)


def _speaks_of(claim: Claim, words: str, value: Value | None) -> bool:
    """Whether a claim's anchor, statement or expectation holds the words, or the same value in other words."""
    own = (claim.anchor, claim.text, *(" ".join(item.operand) for item in claim.expectations))
    if any(f" {fold(words)} " in f" {fold(text)} " for text in own):
        return True
    if isinstance(value, Count) and f"{value.number:f}" in (
        word for item in claim.expectations for word in item.operand
    ):
        return True
    return value is not None and any(same_value(item.value, value) for text in own for item in _stated(text))


def _programmes(sources: Iterable[Source]) -> frozenset[str]:
    """Names and longer acronyms in the watched pages' titles: the programmes that the guide can be wrong about."""
    return frozenset(
        fold(match[0])
        for source in sources
        for match in _NAME.finditer(source.title)
        if len(match[0].split()) > 1 or (match[0].isupper() and len(match[0]) > 3)
    )
