"""The guide as an editor reads it: every statement with how its claim stands, in words and in colour. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from domain.claims import Standing
from domain.documents import BlockKind
from monitor.guide import MarkedGuide, Passage, Span
from review.pages.ledger import STANDINGS, UNSAFE, Line

UNCOVERED = "uncovered"
SHOWN = ("", "unsafe", *(standing.value for standing in STANDINGS), UNCOVERED)
"""What the page may be asked to show: all, what is not safe, one standing, or what no claim covers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of text. lines: the claims that are stated in it, the worst first. kind: of a statement that no claim
    covers, else "".
    """

    text: str
    lines: tuple[Line, ...] = ()
    kind: str = ""

    @property
    def standing(self) -> str:
        """How the worst of its claims stands; "" for plain text."""
        return self.lines[0].judgement.standing.value if self.lines else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One passage. name: of its place on the page. segments: its text; cells: those of a row instead."""

    name: str
    kind: str
    level: int
    segments: tuple[Segment, ...] = ()
    cells: tuple[tuple[Segment, ...], ...] = ()
    repeats: tuple[Line, ...] = ()
    head: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Passages that belong together: a list's items, a table's rows, else one. kind: of all of them."""

    kind: str
    passages: tuple[Shown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A line of the outline. unsafe, uncovered: how many are under it, up to the next heading. worst: a standing or ""."""

    name: str
    text: str
    level: int
    unsafe: int = 0
    uncovered: int = 0
    worst: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideView:
    """What the page shows. counts: claims by standing that stand in the text."""

    groups: tuple[Group, ...]
    outline: tuple[Heading, ...]
    counts: Mapping[str, int]
    unplaced: tuple[Line, ...]
    statements: int
    uncovered: int


def guide_view(guide: MarkedGuide, lines: Iterable[Line], *, show: str = "") -> GuideView:
    """The guide with the standings of these lines. show: one of SHOWN; headings stay where anything under them does."""
    by_claim = {line.claim.id: line for line in lines}
    shown = [_shown(at, passage, by_claim) for at, passage in enumerate(guide.passages)]
    placed = {name for passage in guide.passages for name in passage.claims}
    return GuideView(
        groups=tuple(_grouped(shown if not show else list(_filtered(shown, show)))),
        outline=tuple(_outline(shown)),
        counts={
            standing.value: sum(1 for name in placed if by_claim[name].judgement.standing is standing)
            for standing in STANDINGS
        },
        unplaced=tuple(by_claim[name] for name in guide.unplaced),
        statements=guide.statements,
        uncovered=len(guide.uncovered),
    )


def excerpt(passage: Passage, line: Line) -> tuple[Segment, ...]:
    """A passage with the words of one claim marked, and nothing else."""
    spans = tuple(replace(span, claims=(line.claim.id,)) for span in passage.spans if line.claim.id in span.claims)
    return _segments(passage.block.text, spans, {line.claim.id: line})


def _shown(at: int, passage: Passage, by_claim: Mapping[str, Line]) -> Shown:
    block = passage.block
    segments = _segments(block.text, passage.spans, by_claim)
    cells = _cells(block.cells, block.text, passage.spans, by_claim) if block.kind is BlockKind.ROW else ()
    return Shown(
        name=f"p{at}",
        kind=block.kind.value,
        level=block.level,
        segments=segments,
        cells=cells,
        repeats=_worst_first(passage.repeats, by_claim),
        head=block.kind is BlockKind.ROW and block.locator.endswith("head"),
    )


def _segments(
    text: str, spans: tuple[Span, ...], by_claim: Mapping[str, Line], start: int = 0, end: int | None = None
) -> tuple[Segment, ...]:
    """The text from start to end, cut at its spans."""
    end = len(text) if end is None else end
    made, at = [], start
    for span in spans:
        first, last = max(span.start, start), min(span.end, end)
        if first >= last:
            continue
        if first > at:
            made.append(Segment(text=text[at:first]))
        made.append(Segment(text=text[first:last], lines=_worst_first(span.claims, by_claim), kind=span.kind))
        at = last
    if at < end:
        made.append(Segment(text=text[at:end]))
    return tuple(made)


def _worst_first(names: tuple[str, ...], by_claim: Mapping[str, Line]) -> tuple[Line, ...]:
    return tuple(sorted((by_claim[name] for name in names), key=lambda line: STANDINGS.index(line.judgement.standing)))


def _cells(
    cells: tuple[str, ...], text: str, spans: tuple[Span, ...], by_claim: Mapping[str, Line]
) -> tuple[tuple[Segment, ...], ...]:
    """The cells of a row; a cell that the row's text does not hold is shown without marks."""
    made: list[tuple[Segment, ...]] = []
    at = 0
    for cell in cells:
        start = text.find(cell, at) if cell else -1
        if start < 0:
            made.append((Segment(text=cell),))
            continue
        at = start + len(cell)
        made.append(_segments(text, spans, by_claim, start, at))
    return tuple(made)


def _filtered(shown: list[Shown], show: str) -> Iterator[Shown]:
    """The passages in which something asked for stands, with nothing else marked, under their headings."""
    above: list[Shown] = []
    head: Shown | None = None
    for item in shown:
        if item.kind == BlockKind.HEADING.value:
            above = [kept for kept in above if kept.level < item.level]
        head = item if item.head else head if item.kind == BlockKind.ROW.value else None
        kept = replace(
            item,
            segments=tuple(_only(segment, show) for segment in item.segments),
            cells=tuple(tuple(_only(segment, show) for segment in cell) for cell in item.cells),
            repeats=tuple(line for line in item.repeats if _asked(line.judgement.standing, show)),
        )
        if any(segment.lines or segment.kind for segment in kept.segments):
            yield from above
            above = []
            if head is not None and head is not item:
                yield head
                head = None
            yield kept
        elif item.kind == BlockKind.HEADING.value:
            above.append(replace(kept, repeats=()))


def _only(segment: Segment, show: str) -> Segment:
    lines = tuple(line for line in segment.lines if _asked(line.judgement.standing, show))
    return replace(segment, lines=lines, kind=segment.kind if show in ("unsafe", UNCOVERED) else "")


def _asked(standing: Standing, show: str) -> bool:
    return standing.value == show or (show == "unsafe" and standing in UNSAFE)


def _grouped(shown: list[Shown]) -> Iterator[Group]:
    gathered: list[Shown] = []
    together = (BlockKind.ITEM.value, BlockKind.ROW.value)
    for item in shown:
        if gathered and not (item.kind == gathered[0].kind and item.kind in together and not item.head):
            yield Group(kind=gathered[0].kind, passages=tuple(gathered))
            gathered = []
        gathered.append(item)
    if gathered:
        yield Group(kind=gathered[0].kind, passages=tuple(gathered))


def _outline(shown: list[Shown]) -> Iterator[Heading]:
    """Every heading with what is under it; what comes before the first is counted nowhere."""
    at: Heading | None = None
    for item in shown:
        if item.kind == BlockKind.HEADING.value:
            if at is not None:
                yield at
            text = "".join(segment.text for segment in item.segments)
            at = Heading(name=item.name, text=text, level=item.level)
        if at is not None:
            at = _counting(at, item)
    if at is not None:
        yield at


def _counting(heading: Heading, item: Shown) -> Heading:
    standings = {line.claim.id: line.judgement.standing for segment in item.segments for line in segment.lines}
    unsafe = [standing for standing in standings.values() if standing in UNSAFE]
    worst = sorted((*unsafe, *([Standing(heading.worst)] if heading.worst else [])), key=STANDINGS.index)
    return replace(
        heading,
        unsafe=heading.unsafe + len(unsafe),
        uncovered=heading.uncovered + sum(1 for segment in item.segments if segment.kind),
        worst=worst[0].value if worst else "",
    )
