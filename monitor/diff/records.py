"""Parsed trees (JSON) compared by their keys: records by what identifies them, never by their position."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice

from domain.comparison import BlockChange, Operation, Significance, ValueChange
from domain.documents import BlockKind
from monitor.diff.edits import edit_of
from monitor.diff.rules import Decision, judge
from monitor.diff.words import shown
from monitor.read.targets import same_target

Path = tuple[str, ...]

_WHEN = r"(?:[_ -]?(?:at|on|date|time|utc))*"
_STAMP_KEY = re.compile(
    rf"(?:fetched|retrieved|generated|captured|crawled|scraped|downloaded|refreshed|cached|checked|accessed|exported){_WHEN}"
    rf"|(?:last|date)?[_ -]?(?:updated?|modified|modification|update|build){_WHEN}"
    r"|time[_ -]?stamp|ts|etag|hash|checksum|digest|sha\d*|md5|nonce|token|csrf|(?:request|trace)[_ -]?id"
    r"|session(?:[_ -]?id)?|views?|hits|page[_ -]?views|elapsed(?:[_ -]?ms)?|duration[_ -]?ms|version[_ -]?hash",
    re.IGNORECASE,
)
"""Keys whose value changes by itself with every capture."""
_IDENTITY = re.compile(
    r"(?:.*[_-])?(?:id|key|code|number|no|num|slug|guid|uri|name|label|title|category|date)"
    r"|.*(?:Id|Key|Code|Number|Name|Num|No)",
    re.IGNORECASE,
)
"""Keys that may tell records apart."""
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:\.\d{1,12})?\Z")
_URL = re.compile(r"https?://\S+\Z", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_HREF = re.compile(r"""(?:href|src)\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)

MOST_CHANGES = 8_000
"""Differences that are judged one by one, about a second of work; a feed with more of them is another feed."""

DEEPEST = 60
"""Levels of nesting that are followed; what lies deeper is compared whole."""


def compare_data(before: object, after: object, *, language: str = "en") -> list[BlockChange]:
    """Every difference of two parsed trees; the order of keys, of keyed records and of plain lists is none.

    Beyond `MOST_CHANGES` the rest is one entry that says so.
    """
    walk = _walk(before, after, (), language)
    changes = list(islice(walk, MOST_CHANGES))
    if next(walk, None) is not None:
        rest = Decision(significance=Significance.SUBSTANTIVE, because="one of too many differences to judge each")
        changes.append(_change((), "", f"more than {MOST_CHANGES} differences", rest))
    return changes


def _walk(before: object, after: object, path: Path, language: str) -> Iterator[BlockChange]:
    if before is after:
        return
    if len(path) > DEEPEST:
        if before != after:
            decision = Decision(
                significance=Significance.SUBSTANTIVE, because="differs below the depth that is followed"
            )
            yield _change(path, _line(before), _line(after), decision)
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _members(before, after, path, language)
    elif _is_list(before) and _is_list(after):
        yield from _lists(before, after, path, language)  # type: ignore[arg-type]
    elif _scalar(before) != _scalar(after) or type(before) is not type(after):
        yield from _scalars(before, after, path, language)


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _members(
    before: Mapping[object, object], after: Mapping[object, object], path: Path, language: str
) -> Iterator[BlockChange]:
    for key in [*before, *(key for key in after if key not in before)]:
        inner = (*path, str(key))
        if key in before and key in after:
            yield from _walk(before[key], after[key], inner, language)
        elif key in before:
            yield _one_sided(inner, before[key], Operation.REMOVED, language)
        else:
            yield _one_sided(inner, after[key], Operation.ADDED, language)


def _lists(before: Sequence[object], after: Sequence[object], path: Path, language: str) -> Iterator[BlockChange]:
    identity = _identity(before, after)
    if identity is None:
        yield from _unkeyed(before, after, path, language)
        return
    left: dict[object, object] = {_name(record, identity): record for record in before}
    right: dict[object, object] = {_name(record, identity): record for record in after}
    yield from _members(left, right, path, language)


def _identity(before: Sequence[object], after: Sequence[object]) -> tuple[str, ...] | None:
    """The key, or pair of keys, whose plain value tells the records of both lists apart; None where there is none."""
    records = [*before, *after]
    if not before or not after or not all(isinstance(record, Mapping) for record in records):
        return None
    shared = [
        str(key)
        for key in records[0]  # type: ignore[attr-defined]
        if all(_plain(record.get(key)) for record in records)  # type: ignore[attr-defined]
    ]
    shared = [key for key in shared if not _STAMP_KEY.fullmatch(key)]
    likely = [key for key in shared if _IDENTITY.fullmatch(key)]
    candidates: list[tuple[str, ...]] = [(key,) for key in likely]
    candidates += [(a, b) for k, a in enumerate(likely[:6]) for b in likely[k + 1 : 6]]
    candidates += [tuple(likely[:n]) for n in range(3, min(len(likely), 8) + 1)]
    for keys in candidates:
        if _tells_apart(before, keys) and _tells_apart(after, keys):
            return keys
    return None


def _plain(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool) and len(str(value)) <= 300


def _tells_apart(records: Sequence[object], keys: tuple[str, ...]) -> bool:
    return len({_name(record, keys) for record in records}) == len(records)


def _name(record: object, keys: tuple[str, ...]) -> str:
    return " · ".join(_scalar(record[key]) for key in keys)  # type: ignore[index]


def _unkeyed(before: Sequence[object], after: Sequence[object], path: Path, language: str) -> Iterator[BlockChange]:
    """Lists without identity: equal members are the same wherever they stand; what is left is compared in order."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for k, value in enumerate(before):
        places[_canonical(value)].append(k)
    gone = set(range(len(before)))
    come: list[int] = []
    for k, value in enumerate(after):
        twins = places[_canonical(value)]
        if twins:
            gone.discard(twins.pop(0))
        else:
            come.append(k)
    left = sorted(gone)
    paired = min(len(left), len(come)) if len(left) == len(come) else 0
    for i, j in zip(left[:paired], come[:paired], strict=True):
        yield from _walk(before[i], after[j], (*path, f"[{j}]"), language)
    for i in left[paired:]:
        yield _one_sided((*path, f"[{i}]"), before[i], Operation.REMOVED, language)
    for j in come[paired:]:
        yield _one_sided((*path, f"[{j}]"), after[j], Operation.ADDED, language)


def _canonical(value: object) -> str:
    """One form for equal trees, whatever the order of their keys."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def _scalars(before: object, after: object, path: Path, language: str) -> Iterator[BlockChange]:
    text_b, text_a = _line(before), _line(after)
    if _is_list(before) or _is_list(after) or isinstance(before, Mapping) or isinstance(after, Mapping):
        yield _leaf(path, text_b, text_a, language)
        return
    if _same_number(text_b, text_a):
        yield _change(path, text_b, text_a, Decision(significance=Significance.NOISE, because="number style"))
        return
    if _URL.match(text_b) and _URL.match(text_a):
        yield _change(path, text_b, text_a, _link_decision([text_b], [text_a]))
        return
    links_b, links_a = _HREF.findall(text_b), _HREF.findall(text_a)
    bare_b, bare_a = _TAG.sub("", text_b), _TAG.sub("", text_a)
    if (links_b or links_a) and shown(bare_b) == shown(bare_a):
        yield _change(path, text_b, text_a, _link_decision(links_b, links_a))
        return
    yield _leaf(path, bare_b, bare_a, language, shown_b=text_b, shown_a=text_a)


def _same_number(before: str, after: str) -> bool:
    """Whether two plain numbers are one: `100` and `100.0`, never `007` and `7`, which may be codes."""
    if not (_NUMBER.match(before) and _NUMBER.match(after)):
        return False
    return Decimal(before) == Decimal(after)


def _link_decision(before: Sequence[str], after: Sequence[str]) -> Decision:
    if len(before) == len(after) and all(map(same_target, before, after)):
        return Decision(significance=Significance.NOISE, because="link address")
    value = ValueChange(kind="link", before=" ".join(before) or None, after=" ".join(after) or None)
    return Decision(significance=Significance.EDITORIAL, because="link target", values=(value,))


def _leaf(
    path: Path, before: str, after: str, language: str, *, shown_b: str | None = None, shown_a: str | None = None
) -> BlockChange:
    """A plain value that changed, judged like a table cell; a stamp is known by its key."""
    if path and _STAMP_KEY.fullmatch(_own_key(path)):
        decision = Decision(significance=Significance.NOISE, because="stamp")
    else:
        decision = judge(edit_of(before, after, kind=BlockKind.RECORD, language=language))
    return _change(path, shown_b or before, shown_a or after, decision)


def _own_key(path: Path) -> str:
    return next((part for part in reversed(path) if not part.startswith("[")), "")


def _named(path: Path, op: Operation) -> tuple[ValueChange, ...]:
    """The key itself, as what came or went with its value: it names what the value is of."""
    name = _own_key(path)
    removed = op is Operation.REMOVED
    member = ValueChange(kind="members", before=name if removed else None, after=None if removed else name)
    return (member,) if name else ()


def _one_sided(path: Path, value: object, op: Operation, language: str) -> BlockChange:
    """A key, record or member that is there on one side only."""
    text = _line(value)
    before, after = (text, "") if op is Operation.REMOVED else ("", text)
    if _STAMP_KEY.fullmatch(_own_key(path)) and _plain(value):
        decision = Decision(significance=Significance.NOISE, because="stamp")
    elif value is None or value in ("", [], {}):
        decision = Decision(significance=Significance.NOISE, because="no content")
    else:
        found = edit_of(before, after, kind=BlockKind.RECORD, language=language)
        decision = Decision(
            significance=Significance.SUBSTANTIVE,
            because="entry added or removed",
            values=found.values + _named(path, op),
        )
    return BlockChange(
        op=op,
        kind=BlockKind.RECORD,
        path=path,
        before=before or None,
        after=after or None,
        significance=decision.significance,
        values=decision.values,
        because=decision.because,
        locator=_locator(path),
    )


def _change(path: Path, before: str, after: str, decision: Decision) -> BlockChange:
    return BlockChange(
        op=Operation.CHANGED,
        kind=BlockKind.RECORD,
        path=path,
        before=before,
        after=after,
        significance=decision.significance,
        values=decision.values,
        because=decision.because,
        locator=_locator(path),
    )


def _locator(path: Path) -> str:
    return ".".join(path)


def _scalar(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _line(value: object, depth: int = 0) -> str:
    """A value in one line: records as `key: value; …`, so that the values can be found in it."""
    if depth > DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        return "; ".join(
            f"{key}: {_line(inner, depth + 1)}" for key, inner in sorted(value.items(), key=lambda p: str(p[0]))
        )
    if _is_list(value):
        return ", ".join(_line(inner, depth + 1) for inner in value)  # type: ignore[attr-defined]
    return _scalar(value)
