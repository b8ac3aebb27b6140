"""A guide as its readers see it, with the way back to its own letters, and where in it some words stand.

Marks of Markdown and HTML are left out, so that words are found however they are set; whatever is found can be changed
in the guide's own text without touching a mark.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from domain.folding import fold

_BLOCK = (
    r"address|article|aside|blockquote|body|br|caption|dd|div|dl|dt|figcaption|figure|footer|form|h[1-6]|head|header|hr|"
    r"html|li|main|nav|ol|p|pre|section|summary|details|table|tbody|tfoot|thead|title|tr|ul"
)
_HTML = (
    r"<!--.*?-->|<(?P<unseen>script|style|template|noscript)\b.*?</(?P=unseen)\s*>|(?P<cell></?(?:td|th)\b[^<>]*>)|"
    rf"(?P<block></?(?:{_BLOCK})\b[^<>]*>)|</?[a-z][\w-]*(?:\s[^<>]*|/)?>|"
    r"(?P<entity>&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});)"
)
_ADDRESS = r"(?P<address><?https?://[^\s<>|)\]]+>?)"
_MARKDOWN = (
    r"(?P<fence>^[ ]{0,3}(?P<ticks>```+|~~~+).*?(?:^[ ]{0,3}(?P=ticks)|\Z))|^[ ]{0,3}\[[^\]\n]+\]:[ ][^\n]*|\[\^[^\]\s]{1,40}\]|"
    r"\\(?=[!-/:-@\[-`{-~])|!?\[|\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)?(?:\s+\"[^\"\n]*\")?\)|\]\[[^\]\n]*\]|\]|\*+|~~|"
    r"(?<!\w)_+|_+(?!\w)|`+|^[ ]{0,3}(?:>[ ]?)+"
)
_BREAK = r"(?P<break>\r?\n)"
_IN_HTML = re.compile(f"{_HTML}|{_ADDRESS}|{_BREAK}", re.IGNORECASE | re.DOTALL | re.MULTILINE)
_IN_MARKDOWN = re.compile(f"{_MARKDOWN}|{_HTML}|{_ADDRESS}|{_BREAK}", re.IGNORECASE | re.DOTALL | re.MULTILINE)
_BEGINS = re.compile(r"[ \t]*(?:>[ ]?)*[ \t]*(?:[-*+•✓]\s|\d{1,3}[.)]\s|#{1,6}\s|\||```|~~~|:?-{3,}|={3,}|\Z|\r?\n)")
_ENDS = re.compile(r"[ \t]*(?:#{1,6}\s|\|)|[ \t]*\Z")
_HTML_START = re.compile(
    r"\s*<(?:!doctype html|html|body|main|article|section|header|div|h[1-6]|p|ul|ol|table)\b", re.I
)
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+(?=[A-ZÀ-Þ(«\"“])|\s[✓•]\s?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A text as seen: "\\n" stands between blocks and nowhere else. begins, ends: of each of its marks, in the guide."""

    text: str
    begins: tuple[int, ...]
    ends: tuple[int, ...]

    def together(self, start: int, end: int) -> tuple[int, int] | None:
        """A stretch in the guide's own text, None where a mark that readers do not see stands inside it."""
        if start == end:
            place = self.ends[start - 1] if start else 0
            return place, place
        if any(self.ends[at] != self.begins[at + 1] for at in range(start, end - 1)):
            return None
        return self.begins[start], self.ends[end - 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where words stand, and the sentence (or row of a table) around them, as offsets in the text as seen."""

    start: int
    end: int
    first: int
    last: int


def is_html(text: str) -> bool:
    return _HTML_START.match(text[:500]) is not None


def is_plain(text: str) -> bool:
    """Whether every line is a paragraph of its own: no heading is marked as one, and hardly a line is empty."""
    lines = text.splitlines()
    blank = sum(1 for line in lines if not line.strip())
    marked = any(line.startswith("#") for line in lines) or text[:500].lstrip().startswith("<")
    return not marked and blank * 10 < len(lines)


def unmarked(markdown: str) -> str:
    """Markdown without what its readers do not see: comments, HTML tags, marks of footnotes, line ends within an item.

    Fenced code stays as it is.
    """
    parts = re.split(
        r"(^[ ]{0,3}(?:```|~~~).*?(?:^[ ]{0,3}(?:```|~~~)[^\n]*$|\Z))", markdown, flags=re.DOTALL | re.MULTILINE
    )
    return "".join(part if at % 2 else _unmarked(part) for at, part in enumerate(parts))


def _unmarked(text: str) -> str:
    text = _FOOTNOTE.sub("", _INLINE_TAG.sub("", _BLOCK_TAG.sub(" ", _COMMENT.sub("", text))))
    made: list[str] = []
    for line in text.splitlines(keepends=True):
        goes_on = made and line[:1] in " \t" and line.strip() and not _BEGINS.match(line) and _IN_ITEM.match(made[-1])
        if goes_on:
            made[-1] = f"{made[-1].rstrip()} {line.lstrip()}"
        else:
            made.append(line)
    return "".join(made)


_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_BLOCK_TAG = re.compile(rf"</?(?:{_BLOCK}|td|th)\b[^<>]*>", re.IGNORECASE)
_INLINE_TAG = re.compile(r"</?(?:a|abbr|b|code|em|i|mark|small|span|strong|sub|sup|u)\b(?!:)[^<>]*>", re.IGNORECASE)
_FOOTNOTE = re.compile(r"(?<=\S)\[\^[^\]\s]{1,40}\]")
_IN_ITEM = re.compile(r"[ \t]*(?:[-*+•✓]|\d{1,3}[.)])[ \t]")


def seen(guide: str) -> Seen:
    """The guide as its readers see it, whether plain, Markdown or HTML."""
    in_html, plain = is_html(guide), is_plain(guide)
    marks: list[tuple[str, int, int]] = []
    at = 0
    for match in (_IN_HTML if in_html else _IN_MARKDOWN).finditer(guide):
        marks += ((mark, place, place + 1) for place, mark in enumerate(guide[at : match.start()], start=at))
        words = _shown(match, guide, in_html=in_html, plain=plain)
        marks += ((mark, match.start(), match.end()) for mark in words)
        at = match.end()
    marks += ((mark, place, place + 1) for place, mark in enumerate(guide[at:], start=at))
    return Seen(
        text="".join(mark for mark, _, _ in marks),
        begins=tuple(begin for _, begin, _ in marks),
        ends=tuple(end for _, _, end in marks),
    )


def _shown(match: re.Match[str], guide: str, *, in_html: bool, plain: bool) -> str:
    """What readers see of a mark."""
    groups = match.groupdict()
    if groups["entity"]:
        return html.unescape(groups["entity"])
    if groups["cell"]:
        return "|"
    if groups["block"] or groups.get("fence"):
        return "\n"
    if groups["address"]:
        return "\ufffc"
    if not groups["break"]:
        return ""
    if in_html:
        return " "
    line = guide[guide.rfind("\n", 0, match.start()) + 1 : match.start()]
    apart = plain or _BEGINS.match(guide, match.end()) or _ENDS.match(line)
    return "\n" if apart else " "


def places(shown: Seen, words: str) -> tuple[Place, ...]:
    """Everywhere that the words stand as whole words within one block."""
    text, found = shown.text, []
    for start, end in runs(words, *folded(text)):
        first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end)
        last = len(text) if last < 0 else last
        if "\n" in text[start:end]:
            continue
        if "|" not in text[first:last]:
            breaks = [(item.start(), item.end()) for item in _SENTENCE_END.finditer(text, first, last)]
            first = max((after for _, after in breaks if after <= start), default=first)
            last = min((before for before, _ in breaks if before >= end - 1), default=last)
        found.append(Place(start=start, end=end, first=first, last=last))
    return tuple(found)


def folded(text: str) -> tuple[str, list[int]]:
    """The text as `fold` has it, with a space on each side, and for each mark of it the offset that it came from."""
    marks, origins = [" "], [0]
    for at, mark in enumerate(text):
        for part in unicodedata.normalize("NFKD", mark.casefold()):
            if unicodedata.combining(part):
                continue
            plain = part if part.isalnum() else " "
            if plain != " " or marks[-1] != " ":
                marks.append(plain)
                origins.append(at)
    if marks[-1] != " ":
        marks.append(" ")
        origins.append(len(text))
    return "".join(marks), origins


def runs(words: str, folded_text: str, origins: list[int]) -> Iterator[tuple[int, int]]:
    """Where the words stand as whole words, as offsets in the text that was folded."""
    wanted = fold(words)
    at = folded_text.find(f" {wanted} ") if wanted else -1
    while at >= 0:
        yield origins[at + 1], origins[at + len(wanted)] + 1
        at = folded_text.find(f" {wanted} ", at + 1)
