"""Which blocks stand beside the text of a page: menus, footers and promotions that no tag or name gives away.

They are kept and marked, never dropped: a rule that is said in a box of links is still a rule. The judge of changes
weighs them lightly as long as they hold no value, no duty and no status. Lines of links above the title alone go.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from domain.documents import Block, BlockKind
from monitor.read.html_furniture import FOOTER_LINK
from monitor.read.html_text import is_all_links
from monitor.read.normalise import normalise

_WAY = re.compile(r"\S [>›»→/|] \S")
"""The marks between the steps of a way: `Home > Permits`."""
_LONGEST_WAY = 200
_FEWEST_ENTRIES = 5
"""Links from which a list can be a menu; fewer of them are some links of the text."""
_FEWEST_LANGUAGES = 3
_MOST_AGAIN = 0.8
"""The share of a list's targets that must stand in another list too for it to be the site's and not the page's."""
_LONGEST_ENTRY = 100
_LONGEST_LABEL = 40
_LONGEST_NAME_WORDS = 12
_MOST_BETWEEN = 30
_MOST_OF_PAGE = 0.5
"""The share of a page's text above which a list of links is no menu but what the page is there for."""
_MOST_SLOGANS = 6
_LONGEST_LANGUAGE = 25
_WORD = re.compile(r"\w+")
_TAIL_OF_PAGE = 0.25
_LONGEST_IN_TAIL = 200
_LANGUAGE_NAMES = """
    english français francais french deutsch german español espanol spanish italiano italian português portuguese nederlands
    dutch polski polish čeština svenska dansk norsk suomi ελληνικά magyar română türkçe русский українська 中文 日本語 한국어 العربية
    עברית हिन्दी tagalog cymraeg gaeilge
"""
_LANGUAGES = frozenset(_LANGUAGE_NAMES.split())


def without_the_way(blocks: Sequence[Block]) -> list[Block]:
    """The blocks without the lines of links above the page's own title: menus, and the way that led here."""
    first = _title_at(blocks)
    return [block for block in blocks[:first] if not _is_way(block)] + list(blocks[first:])


def _title_at(blocks: Sequence[Block]) -> int:
    """Where the page's own title stands, 0 where it has none."""
    return next((at for at, block in enumerate(blocks) if block.kind is BlockKind.HEADING and block.level == 1), 0)


def _is_way(block: Block) -> bool:
    if block.kind not in (BlockKind.PARAGRAPH, BlockKind.ITEM) or not block.links:
        return False
    return is_all_links(block.text, block.links) or (
        len(block.text) < _LONGEST_WAY and _WAY.search(block.text) is not None
    )


def mark_asides(
    blocks: Sequence[Block], *, title: str, address: str, current: frozenset[int] = frozenset()
) -> list[Block]:
    """The blocks, those that stand beside the text marked so.

    title: the page's own. address: the page's own, "" where unknown. current: places of blocks that a menu marks as
    the page one is on. Beside the text stand names above the title; a list of links of which one is the page itself,
    that is repeated on the page, or that holds what every footer holds; names of languages; and the short texts below
    a footer.
    """
    whole = sum(len(block.text) for block in blocks)
    beside = {*_names_above(blocks), *_languages(blocks)}
    runs = _runs(blocks)
    name, own = _key(title), _page(address)
    first_at, last_at = _seen_at(blocks, runs)
    for first, end in runs:
        run = blocks[first:end]
        size = sum(len(block.text) for block in run)
        led = _targets(run)
        here = any(_key(block.text) == name for block in run) or not current.isdisjoint(range(first, end))
        here = here or any(_is_page(target, own) for target in led)
        again = sum(last_at[target] - first_at[target] >= _FEWEST_ENTRIES for target in led)
        footer = sum(FOOTER_LINK.fullmatch(normalise(link.text)) is not None for b in run for link in b.links) > 1
        if footer or again >= _MOST_AGAIN * len(led) or (here and size < whole * _MOST_OF_PAGE):
            beside.update(range(first, end))
        if footer and _is_tail(blocks[end:], whole):
            beside.update(range(end, len(blocks)))
    beside.update(_slogans(blocks, beside))
    return [
        replace(block, aside=True) if at in beside and block.kind not in _KEPT else block
        for at, block in enumerate(blocks)
    ]


_KEPT = frozenset({BlockKind.ROW, BlockKind.ALERT})


def _names_above(blocks: Sequence[Block]) -> list[int]:
    """Headings and names above the page's own title: the site's, its menu's, never a sentence or an entry of a list."""
    first = _title_at(blocks)
    if first * 2 > len(blocks):
        return []
    above = [at for at, block in enumerate(blocks[:first]) if _is_name(block)]
    return above + _names_between_titles(blocks, first)


def _names_between_titles(blocks: Sequence[Block], first: int) -> list[int]:
    """Names between the title of a collection and that of the one page of it that is shown: its other pages."""
    titles = [at for at, block in enumerate(blocks) if block.kind is BlockKind.HEADING and block.level == 1]
    if len(titles) != 2 or titles[1] - first > _MOST_BETWEEN or (titles[1] - first) * 4 > len(blocks):
        return []
    return [
        at
        for at in range(first + 1, titles[1])
        if blocks[at].kind in (BlockKind.PARAGRAPH, BlockKind.HEADING) and _is_name(blocks[at])
    ]


def _is_name(block: Block) -> bool:
    return len(block.text.split()) <= _LONGEST_NAME_WORDS and not block.text.rstrip().endswith((".", "!", "?", ":"))


def _runs(blocks: Sequence[Block]) -> list[tuple[int, int]]:
    """Stretches of blocks that are nothing but links, and labels between them; half-open, without the page's title."""
    runs: list[tuple[int, int]] = []
    first = entries = 0
    for at, block in enumerate((*blocks, None)):
        if block is not None and _is_entry(block):
            entries += len(block.links)
        elif block is None or not _is_label(block):
            if entries >= _FEWEST_ENTRIES and entries * 2 >= at - first:
                runs.append((first, at))
            first, entries = at + 1, 0
    return runs


def _is_entry(block: Block) -> bool:
    return (
        block.kind not in _KEPT
        and not (block.kind is BlockKind.HEADING and block.level == 1)
        and bool(block.links)
        and len(block.text) <= _LONGEST_ENTRY * len(block.links)
        and is_all_links(block.text, block.links)
    )


def _is_label(block: Block) -> bool:
    title = block.kind is BlockKind.HEADING and block.level == 1
    return (
        block.kind not in _KEPT
        and not title
        and len(block.text) <= _LONGEST_LABEL
        and not block.text.endswith((".", ":", ";"))
        and not any(mark.isdigit() for mark in block.text)
    )


def _targets(run: Sequence[Block]) -> list[str]:
    return [_page(link.target) for block in run for link in block.links]


def _seen_at(blocks: Sequence[Block], runs: Sequence[tuple[int, int]]) -> tuple[dict[str, int], dict[str, int]]:
    """Where a target stands first and last among the lists of links."""
    places = [
        (target, at) for first, end in runs for at in range(first, end) for target in _targets(blocks[at : at + 1])
    ]
    return dict(reversed(places)), dict(places)


def _is_page(target: str, own: str) -> bool:
    """Whether a target is the page itself; one without a host is taken for one of its site."""
    return bool(own) and (target == own or (target.startswith("/") and own.endswith(target) and len(target) > 1))


def _page(address: str) -> str:
    """An address as one of a page: without scheme, `www.`, query and place within it."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    return f"{parts.netloc.casefold().removeprefix('www.')}{parts.path.rstrip('/')}"


def _key(text: str) -> str:
    return normalise(text).casefold()


def _languages(blocks: Sequence[Block]) -> list[int]:
    """Names of languages in a row: what one chooses the language of the site from."""
    named = {at for at, block in enumerate(blocks) if _names_language(block.text)}
    return [at for at in sorted(named) if sum(near in named for near in range(at - 2, at + 3)) >= _FEWEST_LANGUAGES]


def _names_language(text: str) -> bool:
    return len(text) <= _LONGEST_LANGUAGE and not _LANGUAGES.isdisjoint(_WORD.findall(_key(text)))


def _slogans(blocks: Sequence[Block], beside: set[int]) -> list[int]:
    """Short calls between the end of the text and the menus that close the page."""
    at = len(blocks) - 1
    found: list[int] = []
    while at > 0 and (at in beside or (len(found) < _MOST_SLOGANS and _is_slogan(blocks[at]))) and beside:
        if at not in beside:
            found.append(at)
        at -= 1
    return found if len(blocks) - 1 in beside else []


def _is_slogan(block: Block) -> bool:
    text = block.text
    short = len(text) <= _LONGEST_LABEL and block.kind in (BlockKind.PARAGRAPH, BlockKind.HEADING)
    return short and (text.endswith("...") or not text.endswith((".", ":", ";"))) and not any(map(str.isdigit, text))


def _is_tail(rest: Sequence[Block], whole: int) -> bool:
    """Whether what follows a footer is its end: a notice of copyright, an address, a form."""
    lengths = [len(block.text) for block in rest]
    return bool(rest) and max(lengths) <= _LONGEST_IN_TAIL and sum(lengths) <= whole * _TAIL_OF_PAGE
