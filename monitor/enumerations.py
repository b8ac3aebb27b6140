"""Lists in a guide: entries taken out of them and put into them, in a sentence or one to a line, and nowhere by guess."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from monitor.manner import Unsure
from monitor.passages import Place, Seen, folded, runs
from monitor.spelled import counts

_BETWEEN = re.compile(r"\s*[,;/]\s*(?:(?:and|or|et|ou)\s+)?|\s+(?:and|or|et|ou)\s+")
_ITEM = re.compile(r"[ \t]*[-*+•✓][ \t]*\S")
_NUMBERED = re.compile(r"[ \t]*\d{1,3}[.)][ \t]")
_ROW = re.compile(r"[ \t]*\|")
_ELEMENT = re.compile(
    r"<(?P<name>li|tr)\b[^>]*>(?:(?!<(?:li|tr|ul|ol|table)\b).)*?</(?P=name)\s*>", re.IGNORECASE | re.DOTALL
)

Change = tuple[int, int, str]
"""A stretch of the guide's own text, and what stands there afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    name: str
    start: int
    end: int


def list_changes(
    guide: str, shown: Seen, place: Place, entries: tuple[str, ...], *, gone: tuple[str, ...], came: tuple[str, ...]
) -> tuple[Change, ...]:
    """The list around a place without what has gone and with what has come; () where it holds nothing that has gone.

    entries: all that the guide is said to list. Raises Unsure, which says why a person has to write it.
    """
    found = _entries(shown, place, entries)
    wanted = [entry for entry in found if entry.name in gone]
    chain = _chain(shown.text, found)
    if wanted or came:
        _same_count(shown.text[place.first : place.last], len(entries))
    if len(chain) > 1 and all(entry in chain for entry in wanted):
        return _in_sentence(shown, chain, gone=gone, came=came)
    if came:
        raise Unsure(f"there is no plain list to which {', '.join(came)} could be added")
    return tuple(_without_line(guide, shown, entry, found) for entry in wanted)


def _entries(shown: Seen, place: Place, entries: tuple[str, ...]) -> list[_Entry]:
    """Where the entries stand in the sentence, in order, the longest of those that overlap."""
    text = shown.text[place.first : place.last]
    standing = [
        _Entry(name=name, start=start + place.first, end=end + place.first)
        for name in entries
        for start, end in runs(name, *folded(text))
    ]
    taken: list[_Entry] = []
    for entry in sorted(standing, key=lambda item: item.start - item.end):
        if all(entry.end <= other.start or other.end <= entry.start for other in taken):
            taken.append(entry)
    return sorted(taken, key=lambda item: item.start)


def _chain(text: str, found: list[_Entry]) -> list[_Entry]:
    """The longest run of entries with nothing between them but commas and one `and`."""
    best: list[_Entry] = []
    run: list[_Entry] = []
    for entry in found:
        joined = run and _BETWEEN.fullmatch(text[run[-1].end : entry.start])
        run = [*run, entry] if joined else [entry]
        best = max(best, run, key=len)
    return best


def _in_sentence(
    shown: Seen, chain: list[_Entry], *, gone: tuple[str, ...], came: tuple[str, ...]
) -> tuple[Change, ...]:
    text = shown.text
    kept = [text[entry.start : entry.end] for entry in chain if entry.name not in gone]
    if len(kept) == len(chain) and not came:
        return ()
    made = kept + [_like(chain, name) for name in came]
    if not made:
        raise Unsure("nothing of the list is left")
    codes = [text[entry.start : entry.end] for entry in chain]
    if all(code.isdigit() for code in (*codes, *made)) and codes == sorted(codes):
        made.sort()
    between = [text[one.end : other.start] for one, other in pairwise(chain)]
    if len(chain) == 2 and len(made) > 2 and not between[-1].startswith((",", ";", "/")):
        between = [", ", between[-1]]
    if len(made) == 1:
        # What was said of several would be said of one.
        raise Unsure("only one entry of the list is left")
    words = made[0]
    for at, entry in enumerate(made[1:], start=1):
        words += (between[-1] if at == len(made) - 1 else between[0]) + entry
    stretch = shown.together(chain[0].start, chain[-1].end)
    if stretch is None:
        raise Unsure("marks of the text stand inside the list")
    return ((*stretch, words),)


def _like(chain: list[_Entry], name: str) -> str:
    """A new entry as the list writes them: a bare code among codes, a name among names."""
    if all(entry.name.isdigit() for entry in chain) != name.isdigit():
        raise Unsure(f"{name} is not written as the other entries of the list are")
    return name


def _same_count(sentence: str, entries: int) -> None:
    if entries > 1 and entries in counts(sentence):
        raise Unsure("the sentence also says how many entries there are")


def _without_line(guide: str, shown: Seen, entry: _Entry, found: list[_Entry]) -> Change:
    """The item, the row or the element that holds the entry and nothing else that the guide lists."""
    stretch = shown.together(entry.start, entry.end) or (shown.begins[entry.start], shown.ends[entry.end - 1])
    for match in _ELEMENT.finditer(guide):
        if match.start() <= stretch[0] and stretch[1] <= match.end():
            return _whole_lines(guide, *match.span())
    start = shown.text.rfind("\n", 0, entry.start) + 1
    end = shown.text.find("\n", entry.end)
    words = shown.text[start : None if end < 0 else end]
    first = guide.rfind("\n", 0, shown.begins[start]) + 1
    last = guide.find("\n", shown.ends[start + len(words) - 1])
    last = len(guide) if last < 0 else last + 1
    line = guide[first:last]
    if _NUMBERED.match(line):
        raise Unsure("the list is numbered")
    if any(start <= other.start < start + len(words) for other in found if other is not entry):
        raise Unsure(f"{entry.name} stands beside other entries, and not in a plain list")
    if not _ITEM.match(line) and not _ROW.match(line):
        raise Unsure(f"{entry.name} stands in a sentence that a person has to write anew")
    if re.search(r"[.!?]\s+[A-ZÀ-Þ]", words):
        raise Unsure(f"the entry of {entry.name} says more than its name")
    if _indent(guide[last:]) > _indent(line):
        raise Unsure(f"the entry of {entry.name} has others under it")
    return first, last, ""


def _indent(text: str) -> int:
    line = text.partition("\n")[0]
    return len(line) - len(line.lstrip(" \t")) if line.strip() else 0


def _whole_lines(guide: str, start: int, end: int) -> Change:
    """The element, with its line where nothing else stands there."""
    first, last = guide.rfind("\n", 0, start) + 1, guide.find("\n", end)
    last = len(guide) if last < 0 else last + 1
    alone = not guide[first:start].strip() and not guide[end:last].strip()
    return (first, last, "") if alone else (start, end, "")
