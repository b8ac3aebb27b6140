"""Within the gaps: which sentences of *before* became which sentences of *after*.

Blocks are cut into sentences, so that a paragraph split into bullets, bullets joined into a sentence, or a sentence
that wandered into the next block is compared with its own words and not with its neighbour.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from domain.documents import Block, BlockKind
from monitor.diff.align import align
from monitor.diff.matching import Gap
from monitor.diff.words import carried, tokens

LINK_SHARE = 0.5
"""The share of the shorter sentence's weight that two must have in common, in order, to be one sentence edited."""

COARSE_CHARACTERS = 200_000
"""Characters of one gap beyond which its sentences are not sought: so much in one stretch is new text, not an edit."""

NEAR_SCORE = 40.0
"""The likeness in words (0-100) at which two sentences of one gap that are left over stand for each other."""

NEAR_PAIRS = 2_500
"""The most pairs of one gap that are looked at for that."""

FAR_SCORE = 72.0
"""The likeness (0-100, order of words forgiven) at which sentences of two gaps are one, moved and edited."""

FAR_PAIRS = 100_000
"""The most pairs that are looked at across gaps; beyond it a moved and edited sentence counts as removed and added."""

_ENDS = re.compile(
    r"(?<=[.!?])[\"'”’»)\]]*\s+(?=[\"'“‘«(\[]*[A-ZÀ-ÖØ-Þ0-9])"
    r"|(?:(?<=[;:])|(?<=; and)|(?<=; or)|(?<=; et)|(?<=; ou))\s+(?=\([a-z0-9.]{1,5}\)\s)"
    r"|\s+(?=\(\d+(?:\.\d+)?\)\s+[A-ZÀ-ÖØ-Þ])"
)
"""Where a sentence ends: at its full stop, and in laws before the label of the next subsection or paragraph."""
_LETTER = re.compile(r"[^\W\d_]")
_ABBREVIATED = re.compile(
    r"(?:\b(?:[A-Za-z]|No|Nos|Art|art|al|vs|St|Ste|Mr|Mrs|Ms|Dr|para|paras|Sec|Reg|Regs|Inc|Ltd|cf|approx|ss|"
    r"[Jj]an|[Jj]anv|[Ff]eb|[Ff]évr|[Mm]ar|[Aa]pr|[Aa]vr|[Jj]un|[Jj]ul|[Jj]uil|[Aa]ug|[Ss]ept?|[Oo]ct|[Nn]ov|[Dd]ec|[Dd]éc)\.|\be\.g\.|\bi\.e\.)$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A sentence (or a whole row or record) of a block, by the block's index in its document."""

    block: int
    text: str
    kind: BlockKind
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Sentences of *before* and what became of them; one side is empty where they were added or removed.

    settled: the words are equal and only their division into blocks or their place differs.
    """

    before: tuple[Unit, ...]
    after: tuple[Unit, ...]
    settled: bool = False


def group(gaps: Sequence[Gap], before: Sequence[Block], after: Sequence[Block]) -> tuple[Group, ...]:
    """Every sentence of every gap in exactly one group; groups in the order of the gaps."""
    coarse = [gap for gap in gaps if _size(gap, before, after) > COARSE_CHARACTERS]
    groups = [found for gap in coarse for found in _coarse(gap, before, after)]
    units: list[tuple[list[Unit], list[Unit]]] = []
    loose: list[tuple[list[Unit], list[Unit]]] = []
    for gap in gaps:
        if gap in coarse:
            continue
        own = [(_units(gap.before, before), _units(gap.after, after))]
        own, same = _same_anywhere(own) if gap.keyed else (own, [])
        groups.extend(same)
        (units if gap.keyed else loose).extend(own)
    loose, same = _same_anywhere(loose)
    units += loose
    groups.extend(same)
    alone_b: list[Unit] = []
    alone_a: list[Unit] = []
    for part_b, part_a in units:
        linked, only_b, only_a = _linked(part_b, part_a)
        groups.extend(linked)
        alone_b.extend(only_b)
        alone_a.extend(only_a)
    far, alone_b, alone_a = _far(alone_b, alone_a)
    groups.extend(far)
    groups.extend(Group(before=(unit,), after=()) for unit in alone_b)
    groups.extend(Group(before=(), after=(unit,)) for unit in alone_a)
    return tuple(groups)


def _size(gap: Gap, before: Sequence[Block], after: Sequence[Block]) -> int:
    return max(sum(len(before[i].text) for i in gap.before), sum(len(after[j].text) for j in gap.after))


def _coarse(gap: Gap, before: Sequence[Block], after: Sequence[Block]) -> list[Group]:
    """The gap without a look at its words: one block for one block where there is one on each side, else each alone."""
    left = [Unit(block=i, text=before[i].text, kind=before[i].kind, words=()) for i in gap.before]
    right = [Unit(block=j, text=after[j].text, kind=after[j].kind, words=()) for j in gap.after]
    if len(left) == len(right):
        return [Group(before=(one,), after=(other,)) for one, other in zip(left, right, strict=True)]
    return [Group(before=(unit,), after=()) for unit in left] + [Group(before=(), after=(unit,)) for unit in right]


def sentences(text: str) -> list[str]:
    """The sentences of a text, in order; abbreviations and initials do not end one."""
    parts: list[str] = []
    start = 0
    for match in _ENDS.finditer(text):
        if _ABBREVIATED.search(text[max(start, match.start() - 12) : match.start()]):
            continue
        parts.append(text[start : match.end()].strip())
        start = match.end()
    parts.append(text[start:].strip())
    return [part for part in parts if part]


def _units(indexes: Iterable[int], blocks: Sequence[Block]) -> list[Unit]:
    units: list[Unit] = []
    for i in indexes:
        block = blocks[i]
        whole = block.kind in {BlockKind.ROW, BlockKind.RECORD, BlockKind.HEADING}
        texts = [block.text] if whole else sentences(block.text)
        units.extend(Unit(block=i, text=text, kind=block.kind, words=tokens(text)) for text in texts)
    return units


def _same_anywhere(
    units: list[tuple[list[Unit], list[Unit]]],
) -> tuple[list[tuple[list[Unit], list[Unit]]], list[Group]]:
    """Sentences with equal words, paired whatever their gap: they were re-divided or moved, not changed."""
    waiting: defaultdict[tuple[str, ...], deque[Unit]] = defaultdict(deque)
    for part, _ in units:
        for unit in part:
            waiting[unit.words].append(unit)
    same: list[Group] = []
    gone: set[int] = set()
    for _, part in units:
        for unit in part:
            if waiting.get(unit.words):
                twin = waiting[unit.words].popleft()
                same.append(Group(before=(twin,), after=(unit,), settled=True))
                gone |= {id(twin), id(unit)}
    left = [([u for u in b if id(u) not in gone], [u for u in a if id(u) not in gone]) for b, a in units]
    return left, same


def _weight(word: str) -> float:
    return 1.0 if carried(word) else 0.2


def _linked(before: list[Unit], after: list[Unit]) -> tuple[list[Group], list[Unit], list[Unit]]:
    """Groups of sentences that share enough words in order, and the sentences that share too little with any."""
    if not before or not after:
        return [], before, after
    stream_b = [(k, word) for k, unit in enumerate(before) for word in unit.words]
    stream_a = [(k, word) for k, unit in enumerate(after) for word in unit.words]
    common: defaultdict[tuple[int, int], float] = defaultdict(float)
    for span in align([word for _, word in stream_b], [word for _, word in stream_a]):
        if span.equal:
            for (left, word), (right, _) in zip(
                stream_b[slice(*span.before)], stream_a[slice(*span.after)], strict=True
            ):
                common[left, right] += _weight(word)
    weights_b = [sum(map(_weight, unit.words)) or 0.2 for unit in before]
    weights_a = [sum(map(_weight, unit.words)) or 0.2 for unit in after]
    root = list(range(len(before) + len(after)))

    def find(node: int) -> int:
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for (left, right), weight in common.items():
        if weight >= LINK_SHARE * min(weights_b[left], weights_a[right]):
            root[find(left)] = find(len(before) + right)
    members: defaultdict[int, tuple[list[Unit], list[Unit]]] = defaultdict(lambda: ([], []))
    for k, unit in enumerate(before):
        members[find(k)][0].append(unit)
    for k, unit in enumerate(after):
        members[find(len(before) + k)][1].append(unit)
    linked = [Group(before=tuple(b), after=tuple(a)) for b, a in members.values() if b and a]
    only_b = [unit for b, a in members.values() if not a for unit in b]
    only_a = [unit for b, a in members.values() if not b for unit in a]
    in_place = _in_place(only_b, only_a)
    gone = {id(unit) for found in in_place for unit in (*found.before, *found.after)}
    return (
        linked + in_place,
        [unit for unit in only_b if id(unit) not in gone],
        [unit for unit in only_a if id(unit) not in gone],
    )


def _in_place(before: list[Unit], after: list[Unit]) -> list[Group]:
    """Sentences of one gap with little in common that yet stand for each other.

    Rows whose first cells are equal; headings, and texts of figures alone, where there are as many before as after;
    then what is most alike.
    """
    found: list[Group] = []
    gone: set[int] = set()

    def pair(one: Unit, other: Unit) -> None:
        found.append(Group(before=(one,), after=(other,)))
        gone.update((id(one), id(other)))

    rows = {_first_cell(unit): unit for unit in reversed(before) if unit.kind is BlockKind.ROW}
    for unit in after:
        twin = rows.get(_first_cell(unit)) if unit.kind is BlockKind.ROW else None
        if twin is not None and id(twin) not in gone:
            pair(twin, unit)
    left = [unit for unit in before if unit.kind is BlockKind.HEADING]
    right = [unit for unit in after if unit.kind is BlockKind.HEADING]
    if len(left) == len(right):
        for one, other in zip(left, right, strict=True):
            pair(one, other)
    bare_b, bare_a = ([u for u in units if _is_bare_figures(u)] for units in (before, after))
    if len(bare_b) == len(bare_a):
        for one, other in zip(bare_b, bare_a, strict=True):
            if {id(one), id(other)}.isdisjoint(gone):
                pair(one, other)
    if len(before) * len(after) <= NEAR_PAIRS:
        ranked = sorted(
            (-fuzz.ratio(one.words, other.words), i, j)
            for i, one in enumerate(before)
            for j, other in enumerate(after)
            if one.kind is other.kind and {id(one), id(other)}.isdisjoint(gone)
        )
        for score, i, j in ranked:
            if -score >= NEAR_SCORE and {id(before[i]), id(after[j])}.isdisjoint(gone):
                pair(before[i], after[j])
    return found


def _is_bare_figures(unit: Unit) -> bool:
    """Whether a text is figures and no word, as cells are whose row was lost."""
    return unit.kind in (BlockKind.PARAGRAPH, BlockKind.ITEM) and bool(unit.words) and not _LETTER.search(unit.text)


def _first_cell(unit: Unit) -> str:
    return unit.text.split(" | ", 1)[0].casefold()


def _far(before: list[Unit], after: list[Unit]) -> tuple[list[Group], list[Unit], list[Unit]]:
    """Sentences left alone in different gaps that are so alike that one became the other; best likeness first."""
    if not before or not after or len(before) * len(after) > FAR_PAIRS:
        return [], before, after
    texts_a = [" ".join(sorted(unit.words)) for unit in after]
    ranked: list[tuple[float, int, int]] = []
    for i, unit in enumerate(before):
        text = " ".join(sorted(unit.words))
        for _, score, j in process.extract(text, texts_a, scorer=fuzz.ratio, score_cutoff=FAR_SCORE, limit=5):
            ranked.append((-score, i, j))
    ranked.sort()
    gone_b: set[int] = set()
    gone_a: set[int] = set()
    groups: list[Group] = []
    for _, i, j in ranked:
        if i not in gone_b and j not in gone_a:
            gone_b.add(i)
            gone_a.add(j)
            groups.append(Group(before=(before[i],), after=(after[j],)))
    return (
        groups,
        [unit for k, unit in enumerate(before) if k not in gone_b],
        [unit for k, unit in enumerate(after) if k not in gone_a],
    )
