"""A guide's text laid out as people read it, and where in it each claim stands: text and claims in, marked passages out.

The audit tells what is covered; this tells where. Both read the same words, so that the page that shows the guide and
the command that counts it cannot disagree.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from domain.claims import Claim
from domain.documents import Block, BlockKind, Document
from domain.folding import fold
from domain.sources import Source
from monitor.audit import Statement, audit, sentences
from monitor.passages import folded, is_html, is_plain, runs, unmarked
from monitor.read import read

_PIPED = re.compile(r"\s*\|")
_MARKED = re.compile(r"\s*[-*+]\s+[✓•]\s*")
_BARE_NUMBER = re.compile(r"\s*[-*+]\s+(\d{1,2})\s*\Z")
_BULLET = re.compile(r"\s*[-*+•✓]\s")
_NUMBERED = re.compile(r"\s*\d{1,2}[.)]\s")
_LONGEST_TITLE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of a passage, by offsets in its text. claims: whose words stand here; none: it is a checkable statement
    of that `kind` that no claim covers.
    """

    start: int
    end: int
    claims: tuple[str, ...] = ()
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A block of the guide with what is marked in it, in order, apart from each other.

    repeats: for a heading, the claims that its section states again in other words.
    """

    block: Block
    spans: tuple[Span, ...] = ()
    repeats: tuple[str, ...] = ()

    @property
    def claims(self) -> tuple[str, ...]:
        return tuple(name for span in self.spans for name in span.claims)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedGuide:
    """The guide in order. unplaced: claims whose words are not in it. statements: how many are checkable; uncovered:
    those of them that no claim covers.
    """

    passages: tuple[Passage, ...]
    unplaced: tuple[str, ...]
    statements: int
    uncovered: tuple[Statement, ...]


def mark_guide(text: str, claims: Iterable[Claim], sources: Iterable[Source]) -> MarkedGuide:
    """The guide with every claim at its words, wherever they stand, and every checkable statement without a claim.

    Raises ReadError and DecodeError for a text that is no guide.
    """
    claims = tuple(claims)
    found = audit(document_of(text), claims, sources)
    blocks = laid_out(text).blocks
    plain = [folded(block.text) for block in blocks]
    marks: list[list[Span]] = [[] for _ in blocks]
    for claim in claims:
        for at, (words, places) in enumerate(plain):
            marks[at] += [
                Span(start=start, end=end, claims=(claim.id,))
                for start, end in (_whole(blocks[at].text, *run) for run in runs(claim.anchor, words, places))
            ]
    for statement in found.uncovered:
        for at, start, end in _stands(statement, blocks, plain):
            marks[at].append(Span(start=start, end=end, kind=statement.kind))
    passages = tuple(Passage(block=block, spans=_apart(spans)) for block, spans in zip(blocks, marks, strict=True))
    placed = {name for passage in passages for name in passage.claims}
    return MarkedGuide(
        passages=_with_repeats(passages, claims),
        unplaced=tuple(claim.id for claim in claims if claim.id not in placed),
        statements=len(found.statements),
        uncovered=found.uncovered,
    )


def laid_out(text: str) -> Document:
    """The guide's blocks: HTML and Markdown as they are; of plain text, each line is one, and short ones are headings."""
    return document_of(_as_markdown(text) if is_plain(text) else text)


def document_of(text: str) -> Document:
    """A guide read as it is, plain, Markdown or HTML. Raises ReadError and DecodeError for a text that is no guide."""
    if is_html(text):
        return read(text.encode(), content_type="text/html; charset=utf-8")
    return read(unmarked(text).encode(), media="markdown")


def _as_markdown(text: str) -> str:
    lines = [_MARKED.sub("- ", line) for line in text.splitlines() if line.strip()]
    made: list[str] = []
    number = ""
    for at, line in enumerate(lines):
        bare = _BARE_NUMBER.match(line)
        if bare:
            number = bare[1]
            continue
        if number:
            made += ["", f"### {number}. {line.strip()}"]
        elif _is_title(line, lines[at + 1 : at + 2]):
            made += [
                "",
                f"{'###' if _NUMBERED.match(line) or line.rstrip(' +').endswith('?') else '##'} {line.strip()}",
            ]
        else:
            # Rows of a table and items of a list belong together; all else stands apart.
            made += [line] if _PIPED.match(line) and made and _PIPED.match(made[-1]) else ["", line]
        number = ""
    return "\n".join(made)


def _is_title(line: str, following: list[str]) -> bool:
    words = line.strip()
    if len(words) > _LONGEST_TITLE or words.endswith((".", "!", ":", ";", ",")) or not following:
        return False
    return not (_BULLET.match(line) or _PIPED.match(line))


def _whole(text: str, start: int, end: int) -> tuple[int, int]:
    """The run with the sign of its amount and the bracket that it opened."""
    start -= text[:start].endswith(("$", "~"))
    end += text[end : end + 1] == ")" and text.count("(", start, end) > text.count(")", start, end)
    return start, end


def _stands(
    statement: Statement, blocks: tuple[Block, ...], plain: list[tuple[str, list[int]]]
) -> Iterator[tuple[int, int, int]]:
    """Where an uncovered statement stands: its words, in the blocks that hold its sentence or a part of it."""
    sentence = f" {fold(statement.sentence)} "
    for at, (words, places) in enumerate(plain):
        if (
            words in sentence
            or sentence in words
            or any(f" {fold(part)} " in sentence for part in sentences(blocks[at]))
        ):
            yield from ((at, *_whole(blocks[at].text, *run)) for run in runs(statement.text, words, places))


def _apart(spans: list[Span]) -> tuple[Span, ...]:
    """Spans in order, those of claims that overlap as one; a statement without a claim only where none stands."""
    made: list[Span] = []
    for span in sorted((span for span in spans if span.claims), key=lambda span: (span.start, -span.end)):
        if made and span.start < made[-1].end:
            last = made[-1]
            names = tuple(dict.fromkeys((*last.claims, *span.claims)))
            made[-1] = Span(start=last.start, end=max(last.end, span.end), claims=names)
        else:
            made.append(span)
    for span in sorted((span for span in spans if not span.claims), key=lambda span: (span.start, -span.end)):
        if all(span.end <= other.start or span.start >= other.end for other in made):
            made.append(span)
    return tuple(sorted(made, key=lambda span: span.start))


def _with_repeats(passages: tuple[Passage, ...], claims: tuple[Claim, ...]) -> tuple[Passage, ...]:
    """The passages, each heading with the claims of which its section says that it states them again."""
    under = _headings_over(passages)
    stands = {name: under[at] for at, passage in enumerate(passages) for name in passage.claims}
    homes = _homes(claims, stands)
    placed = {(under[at], name) for at, passage in enumerate(passages) for name in passage.claims}
    repeats: dict[int, list[str]] = {}
    for claim in claims:
        for section in claim.also_in:
            home = homes.get(section)
            if home is not None and (home, claim.id) not in placed:
                repeats.setdefault(home, []).append(claim.id)
    return tuple(
        Passage(block=passage.block, spans=passage.spans, repeats=tuple(repeats.get(at, ())))
        for at, passage in enumerate(passages)
    )


def _headings_over(passages: tuple[Passage, ...]) -> list[int]:
    """For each passage, the place of the heading that it stands under (0 before the first)."""
    heading, found = 0, []
    for at, passage in enumerate(passages):
        heading = at if passage.block.kind is BlockKind.HEADING else heading
        found.append(heading)
    return found


def _homes(claims: tuple[Claim, ...], stands: Mapping[str, int]) -> dict[str, int]:
    """For each section, the heading under which most of its claims stand."""
    votes: dict[str, Counter[int]] = {}
    for claim in claims:
        if claim.id in stands:
            votes.setdefault(claim.section, Counter())[stands[claim.id]] += 1
    return {section: counted.most_common(1)[0][0] for section, counted in votes.items()}
