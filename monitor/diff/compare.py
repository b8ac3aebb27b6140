"""Two documents in, one verdict out, with every difference that was found and the rule that judged it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.comparison import BlockChange, Comparison, Operation, Significance, ValueChange, Verdict
from domain.documents import Block, BlockKind, Document
from monitor.diff.chronicle import moved_by_time_zone
from monitor.diff.edits import edit_of
from monitor.diff.furniture import furniture
from monitor.diff.grouping import Group, group
from monitor.diff.links import link_changes
from monitor.diff.matching import Matching, match_blocks
from monitor.diff.records import compare_data
from monitor.diff.rules import Decision, judge
from monitor.diff.surroundings import Surroundings
from monitor.diff.words import differing_part, shown

_ORDER = {Significance.NOISE: 0, Significance.EDITORIAL: 1, Significance.SUBSTANTIVE: 2}

MOST_JUDGED = 300_000
"""Characters of edits that are judged one by one, about a second of work; a page with more of them is another page."""

PRICE_OF_ONE = 100
"""What judging one edit costs beside its length, in characters."""

LONGEST_JUDGED = 30_000
"""Characters of one edit that are judged by words; of a longer one only the part that differs is looked at."""

MOST_CHANGES = 2_000
"""The most block changes that are listed; the rest is counted in the last one."""

LONGEST_WHOLE = 2_000
"""Characters up to which a changed block is shown whole; of a longer one the sentences that changed are shown."""

LONGEST_TEXT = 8_000
"""Characters of one side of a change that are shown at all."""


def compare_documents(before: Document, after: Document) -> Comparison:
    """Every difference of two documents, judged. The verdict is the weightiest; `noise` where there is none.

    Never `same` (that is for equal bytes) and never `cannot_tell`: both documents are taken to be the page.
    """
    if before.data is not None and after.data is not None:
        changes = compare_data(before.data, after.data, language=after.language or before.language or "en")
    else:
        changes = _compare_blocks(before, after)
    return _comparison(_bounded(changes))


def _comparison(changes: tuple[BlockChange, ...]) -> Comparison:
    if not changes:
        return Comparison(verdict=Verdict.NOISE, reason="the content is equal")
    weight = max((change.significance for change in changes), key=_ORDER.__getitem__)
    names = Counter(change.because for change in changes if change.significance is weight)
    words = ", ".join(f"{name} ({count})" if count > 1 else name for name, count in names.most_common(4))
    return Comparison(verdict=Verdict(weight.value), reason=words, blocks=changes)


def _bounded(changes: Sequence[BlockChange]) -> tuple[BlockChange, ...]:
    if len(changes) <= MOST_CHANGES:
        return tuple(changes)
    ranked = sorted(range(len(changes)), key=lambda k: (-_ORDER[changes[k].significance], k))
    kept = [changes[k] for k in sorted(ranked[: MOST_CHANGES - 1])]
    rest = [changes[k] for k in ranked[MOST_CHANGES - 1 :]]
    heaviest = max((change.significance for change in rest), key=_ORDER.__getitem__)
    note = f"{len(rest)} more differences"
    last = BlockChange(
        op=Operation.CHANGED,
        kind=BlockKind.SECTION,
        path=(),
        before=note,
        after=note,
        significance=heaviest,
        because="not listed",
    )
    return (*kept, last)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    group: Group
    decision: Decision


def _compare_blocks(before: Document, after: Document) -> list[BlockChange]:
    matching = match_blocks(before, after)
    surroundings_b, surroundings_a = Surroundings(before), Surroundings(after)
    language = after.language or before.language or "en"
    groups = group(matching.gaps, before.blocks, after.blocks)
    judged: list[_Judged] = []
    left = MOST_JUDGED
    elsewhere = moved_by_time_zone(groups, before, after)
    for at, found in enumerate(groups):
        left -= PRICE_OF_ONE + sum(min(len(unit.text), LONGEST_JUDGED) for unit in (*found.before, *found.after))
        if at in elsewhere:
            decision = _TIME_ZONE
        else:
            decision = _decide(found, surroundings_b, surroundings_a, language) if left > 0 else _UNJUDGED
        judged.append(_Judged(group=found, decision=decision))
    numbered = _components(judged, before, after)
    numbered += _matched(matching, before, after)
    numbered.sort(key=lambda pair: pair[0])
    return _title(before, after) + [change for _, change in numbered]


def _title(before: Document, after: Document) -> list[BlockChange]:
    """The titles of a page, of which the head's is shown by no block: labels, so never more than editorial."""
    return [
        BlockChange(
            op=Operation.CHANGED,
            kind=BlockKind.HEADING,
            path=(),
            before=old,
            after=new,
            significance=Significance.EDITORIAL,
            because="title",
            locator=locator,
        )
        for locator, old, new in (
            ("title", before.title, after.title),
            ("title in the head", before.head_title, after.head_title),
        )
        if shown(old) != shown(new) and not (furniture(old) and furniture(new))
    ]


_TIME_ZONE = Decision(significance=Significance.NOISE, because="time zone")
_UNJUDGED = Decision(significance=Significance.SUBSTANTIVE, because="one of too many differences to judge each")


def _decide(found: Group, before: Surroundings, after: Surroundings, language: str) -> Decision:
    text_b = " ".join(unit.text for unit in found.before)
    text_a = " ".join(unit.text for unit in found.after)
    if max(len(text_b), len(text_a)) > LONGEST_JUDGED:
        text_b, text_a = differing_part(text_b, text_a)
    if max(len(text_b), len(text_a)) > LONGEST_JUDGED:
        return Decision(significance=Significance.SUBSTANTIVE, because="too long to judge by words")
    if found.settled:
        same = shown(text_b) == shown(text_a)
        return Decision(
            significance=Significance.NOISE if same else Significance.EDITORIAL,
            because="layout" if same else "punctuation",
        )
    units, here, there = (found.after, after, before) if found.after else (found.before, before, after)
    first = units[0]
    return judge(
        edit_of(
            text_b,
            text_a,
            kind=_kind_of(found),
            heads=_shared_heads(found, before, after),
            introduced_by=here.introduced_by(first.block, first.text),
            preceded_by=here.beside(first.block, -1),
            followed_by=here.beside(units[-1].block, 1),
            said_elsewhere=lambda text: there.says(text, first.kind, here.path(first.block)),
            is_heading=lambda text: before.has_heading(text) or after.has_heading(text),
            above_title=here.above_title(first.block),
            related=all(
                side.is_related(unit.block) or side.offers_help(unit.block)
                for side, side_units in ((before, found.before), (after, found.after))
                for unit in side_units
            ),
            aside=all(before.is_aside(unit.block) for unit in found.before)
            and all(after.is_aside(unit.block) for unit in found.after),
            language=language,
        )
    )


def _shared_heads(found: Group, before: Surroundings, after: Surroundings) -> frozenset[str]:
    """Words of titles and headings that stand above both sides: what the page is about in either version."""
    if not found.before or not found.after:
        return frozenset()
    return before.heads(found.before[0].block) & after.heads(found.after[0].block)


def _kind_of(found: Group) -> BlockKind:
    """The kind that both sides share; a heading that became a paragraph is judged as a paragraph."""
    kinds = {unit.kind for unit in (*found.before, *found.after)}
    for kind in (BlockKind.ROW, BlockKind.RECORD, BlockKind.ITEM, BlockKind.PARAGRAPH):
        if kind in kinds:
            return kind
    return kinds.pop()


def _components(
    judged: Sequence[_Judged], before: Document, after: Document
) -> list[tuple[tuple[int, int], BlockChange]]:
    """One change for each set of blocks that groups tie together: two edits of one paragraph are one change."""
    offset = len(before.blocks)
    root: dict[int, int] = {}

    def find(node: int) -> int:
        root.setdefault(node, node)
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for item in judged:
        nodes = [unit.block for unit in item.group.before] + [offset + unit.block for unit in item.group.after]
        for node in nodes[1:]:
            root[find(node)] = find(nodes[0])
        find(nodes[0])
    parts: defaultdict[int, list[_Judged]] = defaultdict(list)
    for item in judged:
        first = item.group.before[0].block if item.group.before else offset + item.group.after[0].block
        parts[find(first)].append(item)
    members: defaultdict[int, list[int]] = defaultdict(list)
    for node in sorted(root):
        members[find(node)].append(node)
    return [
        _component(
            parts[top], [n for n in nodes if n < offset], [n - offset for n in nodes if n >= offset], before, after
        )
        for top, nodes in members.items()
    ]


def _component(
    items: Sequence[_Judged], left: Sequence[int], right: Sequence[int], before: Document, after: Document
) -> tuple[tuple[int, int], BlockChange]:
    heaviest = max((item.decision for item in items), key=lambda decision: _ORDER[decision.significance])
    values = [value for item in items for value in item.decision.values]
    weight, because = heaviest.significance, heaviest.because
    if left and right:
        links = _links([before.blocks[i] for i in left], [after.blocks[j] for j in right])
        values += [value for value, heavy in links if heavy is not Significance.NOISE]
        led = _heaviest(links)
        if _ORDER[led] > _ORDER[weight]:
            weight, because = led, "link target"
    block = after.blocks[right[0]] if right else before.blocks[left[0]]
    if block.kind is BlockKind.SECTION and block.key and not (left and right):
        values.insert(0, ValueChange(kind="members", before=_label(left, before), after=_label(right, after)))
    heavy = [item.group for item in items if item.decision.significance is heaviest.significance]
    only_b = [unit.text for found in heavy for unit in found.before]
    only_a = [unit.text for found in heavy for unit in found.after]
    op = Operation.CHANGED if left and right else Operation.REMOVED if left else Operation.ADDED
    change = BlockChange(
        op=op,
        kind=block.kind,
        path=block.path,
        before=_text([before.blocks[i].text for i in left], only_b) if left else None,
        after=_text([after.blocks[j].text for j in right], only_a) if right else None,
        significance=weight,
        values=tuple(dict.fromkeys(values)),
        because=because,
        locator=block.locator,
    )
    return (right[0], 1) if right else (left[0], 0), change


def _label(at: Sequence[int], document: Document) -> str | None:
    """How a provision is cited that came or went: its locator, such as `section 12.1`."""
    return ", ".join(document.blocks[k].locator for k in at) or None


def _links(left: Sequence[Block], right: Sequence[Block]) -> tuple[tuple[ValueChange, Significance], ...]:
    if not any(block.links for block in (*left, *right)):
        return ()
    return link_changes(_with_links(left), _with_links(right))


def _heaviest(links: Sequence[tuple[ValueChange, Significance]]) -> Significance:
    return max((weight for _, weight in links), key=_ORDER.__getitem__, default=Significance.NOISE)


def _with_links(blocks: Sequence[Block]) -> Block:
    return Block(
        kind=BlockKind.PARAGRAPH,
        path=(),
        text="",
        locator="",
        links=tuple(link for block in blocks for link in block.links),
    )


def _text(whole: Sequence[str], changed: Sequence[str]) -> str:
    text = "\n".join(whole)
    if len(text) > LONGEST_WHOLE and changed:
        text = "\n".join(changed)
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"


def _matched(matching: Matching, before: Document, after: Document) -> list[tuple[tuple[int, int], BlockChange]]:
    """What is to be said of blocks whose words are equal: typography, links, a place that changed."""
    found: list[tuple[tuple[int, int], BlockChange]] = []
    for pairs, judge_pair in (
        (matching.kept, _kept),
        (matching.moved, _moved),
        (matching.relocated, _relocated),
    ):
        for i, j in pairs:
            change = judge_pair(before.blocks[i], after.blocks[j])
            if change is not None:
                found.append(((j, 1), change))
    return found


def _kept(before: Block, after: Block) -> BlockChange | None:
    """None where text and links are equal."""
    links = link_changes(before, after)
    values = tuple(value for value, weight in links if weight is not Significance.NOISE)
    if values:
        return _pair(before, after, Operation.CHANGED, _heaviest(links), because="link target", values=values)
    if links:
        return _pair(before, after, Operation.CHANGED, Significance.NOISE, because="link address")
    if before.text == after.text:
        return None
    if shown(before.text) == shown(after.text):
        return _pair(before, after, Operation.CHANGED, Significance.NOISE, because="layout")
    return _pair(before, after, Operation.CHANGED, Significance.EDITORIAL, because="punctuation")


def _moved(before: Block, after: Block) -> BlockChange | None:
    kept = _kept(before, after)
    if kept is None or kept.significance is not Significance.SUBSTANTIVE:
        values = kept.values if kept is not None else ()
        return _pair(before, after, Operation.MOVED, Significance.EDITORIAL, because="moved", values=values)
    return replace(kept, op=Operation.MOVED)


def _relocated(before: Block, after: Block) -> BlockChange | None:
    value = ValueChange(kind="members", before=_listed(before), after=_listed(after))
    return _pair(
        before, after, Operation.MOVED, Significance.SUBSTANTIVE, because="entry moved to another list", values=(value,)
    )


def _listed(block: Block) -> str:
    """An entry with the heading it stands under."""
    return " > ".join((*block.path[-1:], block.text))[:200]


def _pair(
    before: Block,
    after: Block,
    op: Operation,
    weight: Significance,
    *,
    because: str,
    values: tuple[ValueChange, ...] = (),
) -> BlockChange:
    return BlockChange(
        op=op,
        kind=after.kind,
        path=after.path,
        before=_text([before.text], []),
        after=_text([after.text], []),
        significance=weight,
        values=values,
        because=because,
        locator=after.locator,
    )
