"""A guide's text held against its claims: what it says that nobody watches, and claims whose words are gone from it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from domain.claims import Claim
from domain.documents import Block, Document
from domain.sources import Source
from monitor.extract import values_in
from monitor.operators import fold

CHECKABLE = frozenset({"money", "day", "duration", "percentage", "points", "count", "code", "citation"})
"""Kinds of value that an official page can prove wrong."""

_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+(?=[A-Z(«\"“])|\s[✓•]\s?")
_NAME = re.compile(
    r"\b(?:[A-Z][\w&/-]+(?: (?:of|and|for|the|de|du|des|et|la) (?=[A-Z]))?(?:[ -](?=[A-Z]))?){2,6}|\b[A-Z]{3,}\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Something checkable in the guide. covered_by: the claims whose anchor stands in the same sentence."""

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

    A claim covers the sentence (or table row) in which its anchor stands.
    """
    claims = tuple(claims)
    programmes = _programmes(sources)
    sentences = [(block, text) for block in guide.blocks for text in _sentences(block)]
    folded = [f" {fold(text)} " for _, text in sentences]
    anchors = [(claim, fold(claim.anchor)) for claim in claims if claim.anchor]
    covering: list[list[str]] = [
        [claim.id for claim, anchor in anchors if anchor and f" {anchor} " in text] for text in folded
    ]
    statements: dict[tuple[str, str, str], Statement] = {}
    for (block, text), covered_by in zip(sentences, covering, strict=True):
        for kind, words in _checkable(text, programmes):
            key = (kind, words, text)
            statements.setdefault(
                key,
                Statement(kind=kind, text=words, sentence=text, locator=block.locator, covered_by=tuple(covered_by)),
            )
    everything = " ".join(folded)
    gone = tuple(claim for claim, anchor in anchors if f" {anchor} " not in f" {' '.join(everything.split())} ")
    return Audit(statements=tuple(statements.values()), gone=gone)


def _sentences(block: Block) -> list[str]:
    if block.cells:
        return [block.text]
    return [part.strip() for part in _SENTENCE_END.split(block.text) if part.strip()]


def _checkable(sentence: str, programmes: frozenset[str]) -> list[tuple[str, str]]:
    values = [(item.kind, item.text) for item in values_in(sentence) if item.kind in CHECKABLE]
    names = {match[0].strip() for match in _NAME.finditer(sentence)}
    return values + [("programme", name) for name in sorted(names) if fold(name) in programmes]


def _programmes(sources: Iterable[Source]) -> frozenset[str]:
    """Names that the watched pages' titles hold: the programmes that the guide can be wrong about."""
    return frozenset(
        fold(match[0]) for source in sources for match in _NAME.finditer(source.title) if len(match[0].split()) > 1
    )
