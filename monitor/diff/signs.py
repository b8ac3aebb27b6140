"""What a rule may see in an edit: each function answers one question with yes or no.

None of them decides anything; `rules` says what follows and in which order they are asked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from domain.documents import BlockKind
from monitor.diff import lexicon
from monitor.diff.align import Span, align
from monitor.diff.edits import Edit
from monitor.diff.furniture import furniture, is_day, only_tokens_differ
from monitor.diff.furniture import is_housekeeping as says_housekeeping
from monitor.diff.words import carried, meaning, misspelt, plain, shown, tokens, unmasked, worded

SENTENCE_WORDS = 60
"""Words up to which a text is one sentence of ordinary length, in which a word said twice means the same thing."""


def same_shown(edit: Edit) -> bool:
    return shown(edit.before) == shown(edit.after)


def differs_in_tokens(edit: Edit) -> bool:
    return not edit.one_sided and only_tokens_differ(edit.before, edit.after)


def binds_otherwise(edit: Edit) -> bool:
    return not edit.one_sided and bool(edit.binding)


_INSTRUMENT = r"(?:SOR|SI|DORS|TR)/\d{2,4}-\d+"
_CHAPTER = r"(?:R\.S\.|L\.R\.|S\.C\. |L\.C\. )?,? ?\d{4}(?:-\d+)?, (?:c|ch)\. [\w.-]+"
_CITATION = rf"(?:{_INSTRUMENT}|{_CHAPTER})[^;:]{{0,60}}"
_AMENDED_BY = re.compile(rf"\s*\[?(?:{_CITATION})(?:;\s*{_CITATION})*\]?\s*\Z", re.IGNORECASE)
_ENUMERATOR = re.compile(r"^\s*(?:\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]|[-*•–#]+)\s+", re.IGNORECASE)


def is_furniture(edit: Edit) -> bool:
    names = {furniture(text, label=edit.preceded_by) for text in (edit.before, edit.after) if text}
    return len(names) == 1 and names != {""}


def is_housekeeping(edit: Edit) -> bool:
    return edit.one_sided and says_housekeeping(edit.text) and not edit.figures


def heads_entry(edit: Edit) -> bool:
    """A date alone that came or went with the entry below it."""
    return (
        edit.one_sided
        and edit.kind is not BlockKind.ROW
        and is_day(edit.text)
        and not is_day(edit.followed_by or "1 May 2000")
    )


def is_amendment_note(edit: Edit) -> bool:
    """Every side that is there lists citations and nothing else."""
    return all(_AMENDED_BY.match(text) for text in (edit.before, edit.after) if text)


def is_site_header(edit: Edit) -> bool:
    """A few words without a figure or a full stop that stand above the page's own title."""
    words = set(tokens(edit.text))
    return (
        edit.one_sided
        and edit.above_title
        and not edit.figures
        and len(edit.text.split()) <= 6
        and not edit.text.rstrip().endswith((".", "!", "?", ":"))
        and not words & (lexicon.STATUS | lexicon.NEGATION | lexicon.DUTY)
    )


_OFFERED = frozenset({"can", "could", "might", "available", "limited"})
"""Words of permission and status that promotions are made of and that bind nobody there."""
_BINDS = (lexicon.DUTY | lexicon.PERMISSION | lexicon.NEGATION | lexicon.STATUS) - _OFFERED


def is_beside(edit: Edit) -> bool:
    """It stands beside the text and holds no value, no duty and no status."""
    if not edit.aside or edit.figures:
        return False
    differing = set(tokens(edit.text)) if edit.one_sided else set(tokens(edit.before)) ^ set(tokens(edit.after))
    return not differing & _BINDS


def is_empty(edit: Edit) -> bool:
    return not any(carried(token) or token in lexicon.NEGATION for token in tokens(edit.before) + tokens(edit.after))


def same_but_enumerator(edit: Edit) -> bool:
    if edit.one_sided or edit.kind is BlockKind.ROW:
        return False
    return worded(_ENUMERATOR.sub("", edit.before)) == worded(_ENUMERATOR.sub("", edit.after))


def looks_alike(edit: Edit) -> bool:
    return not edit.one_sided and worded(unmasked(edit.before)) == worded(unmasked(edit.after))


def same_words(edit: Edit) -> bool:
    return not edit.one_sided and tokens(edit.before) == tokens(edit.after)


def _joined(text: str) -> str:
    return "".join(tokens(text))


def glued(edit: Edit) -> bool:
    return not edit.one_sided and _joined(edit.before) == _joined(edit.after)


_AS_OF = re.compile(
    r",? ?\(?\b(?:as of|as at|en date du|au) (?:[A-Z][a-zéû]+ \d{1,2}, \d{4}|\d{1,2} [A-Za-zéû]+ \d{4})\)?"
)


def as_of_dropped(edit: Edit) -> bool:
    if edit.one_sided or _AS_OF.search(edit.after):
        return False
    bare = _AS_OF.sub("", edit.before)
    return bare != edit.before and worded(bare) == worded(edit.after)


def value_altered(edit: Edit) -> bool:
    return not edit.one_sided and bool(edit.values)


def exchanged(edit: Edit) -> bool:
    """Values, or single words, that changed places while everything around them stayed."""
    if edit.one_sided:
        return False
    if edit.kind is BlockKind.ROW:
        cells_b, cells_a = edit.before.split(" | "), edit.after.split(" | ")
        if cells_b != cells_a and sorted(cells_b) == sorted(cells_a):
            return True
    left, right = plain(edit.before), plain(edit.after)
    swaps = [
        (
            [word for word in left[slice(*span.before)] if carried(word)],
            [word for word in right[slice(*span.after)] if carried(word)],
        )
        for span in align(left, right)
        if not span.equal
    ]
    odd = [word for gone, come in swaps for word in (*gone, *come)]
    if not odd:
        return False
    one_for_one = len(swaps) > 1 and all(len(gone) == len(come) == 1 for gone, come in swaps)
    same_bag = sorted(w for gone, _ in swaps for w in gone) == sorted(w for _, come in swaps for w in come)
    return all(word[0].isdigit() for word in odd) or (one_for_one and same_bag)


_CONNECTIVES = (frozenset({"and", "or"}), frozenset({"et", "ou"}))
_DIRECTIONS = tuple(
    map(frozenset, (("from", "to"), ("by", "to"), ("by", "from"), ("for", "by"), ("par", "à"), ("de", "vers")))
)
_PAST, _FUTURE = frozenset({"was", "were", "had", "has", "have"}), frozenset({"will"})


def connective(edit: Edit) -> bool:
    """`and` became `or`, or the reverse, or `and` became `and/or`, and the words next to it stayed."""
    return _small_word_swapped(edit, lambda gone, come: {*gone, *come} in _CONNECTIVES or _and_or(gone, come))


def _and_or(gone: list[str], come: list[str]) -> bool:
    return {*gone, *come} <= {"or", "ou"} and bool(gone or come)


def directed(edit: Edit) -> bool:
    """`from` became `to`, `by` became `to`, and the words next to it stayed: who gives and who takes, whence and where."""
    return _small_word_swapped(edit, lambda gone, come: {*gone, *come} in _DIRECTIONS)


def held_or_to_come(edit: Edit) -> bool:
    """What was became what will be, or the reverse, and the other words stayed."""

    def swapped(gone: list[str], come: list[str]) -> bool:
        was, now = frozenset(gone), frozenset(come)
        return bool((was & _PAST and now & _FUTURE) or (was & _FUTURE and now & _PAST))

    return _small_word_swapped(edit, swapped)


def _small_word_swapped(edit: Edit, swapped: Callable[[list[str], list[str]], bool]) -> bool:
    """Whether such a swap is all that changed, or stands between words that stayed."""
    if edit.one_sided:
        return False
    left, right = plain(edit.before), plain(edit.after)
    spans = align(left, right)
    odd = [k for k, span in enumerate(spans) if not span.equal]
    swaps = [k for k in odd if swapped(left[slice(*spans[k].before)], right[slice(*spans[k].after)])]
    if not swaps:
        return False
    firm = [k for k in swaps if 0 < k < len(spans) - 1 and all(_length(spans[j]) >= 2 for j in (k - 1, k + 1))]
    return bool(firm) or swaps == odd


def _length(span: Span) -> int:
    return span.before[1] - span.before[0]


def differs_in_spelling(edit: Edit) -> bool:
    """Every word that differs is the same word, once spelt wrongly or as in another country."""
    if edit.one_sided:
        return False
    left, right = tokens(edit.before), tokens(edit.after)
    return (
        left != right
        and len(left) == len(right)
        and all(a == b or misspelt(a, b) for a, b in zip(left, right, strict=True))
    )


def _residue(edit: Edit) -> tuple[Counter[str], Counter[str]]:
    """What each side carries that the other does not."""
    left, right = meaning(edit.before), meaning(edit.after)
    return left - right, right - left


def _abbreviations(edit: Edit) -> set[str]:
    """Capital words of one side that initials on the other side spell, and the words whose initials they are.

    `CRS` put beside Comprehensive Ranking System, or in its place; never a name that is new together with its letters.
    """
    found: set[str] = set()
    for here, there in ((edit.before, edit.after), (edit.after, edit.before)):
        words = tokens(there)
        initials = "".join(word[0] for word in words)
        for capitals in re.findall(r"\b([A-Z]{2,6})s?\b", here):
            short = capitals.casefold()
            spot = initials.find(short)
            if spot >= 0:
                found |= {carried(short), carried(f"{short}s"), *map(carried, words[spot : spot + len(short)])}
    return found


_CRITICAL = lexicon.QUALIFIERS | lexicon.NEGATION | lexicon.DUTY | lexicon.PERMISSION | lexicon.STATUS
_CRITICAL_STEMS = frozenset(carried(word) for word in _CRITICAL) - {""}
_EVERY = frozenset(map(carried, ("all", "every", "each", "both", "tous", "toutes")))
_SOME = frozenset(map(carried, ("one", "some", "any", "either", "certain", "certains", "certaines")))
_WEAK_STEMS = (frozenset(carried(word) for word in lexicon.WEAK) | {"1"}) - {""} - _CRITICAL_STEMS


def same_meaning(edit: Edit) -> bool:
    if edit.one_sided:
        return False
    gone, come = _residue(edit)
    if (gone.keys() & _EVERY and come.keys() & _SOME) or (gone.keys() & _SOME and come.keys() & _EVERY):
        return False
    forgiven = _WEAK_STEMS | _abbreviations(edit)
    lost, won = gone.keys() - forgiven, come.keys() - forgiven
    if not lost and not won:
        return True
    if (lost and won) or (lost | won) & _CRITICAL_STEMS:
        return False
    return lost | won <= _names(edit) | _repeatable(edit)


def _names(edit: Edit) -> set[str]:
    """Words of proper names that the title or the headings hold too: naming the page's own subject adds nothing."""
    capital = re.findall(r"(?<=[\w,;:(] )[A-Z][\w-]+|(?<=\()[A-Z][\w-]+", f"{edit.before} ; {edit.after}")
    return {carried(token) for word in capital for token in tokens(word)} & edit.heads


def _repeatable(edit: Edit) -> set[str]:
    """Words that both sides hold: in one sentence of ordinary length, to say them once more or less adds nothing."""
    if max(len(tokens(edit.before)), len(tokens(edit.after))) > SENTENCE_WORDS:
        return set()
    return {stem for stem in meaning(edit.before).keys() & meaning(edit.after).keys() if stem.isalpha()}


def is_label(edit: Edit) -> bool:
    """A heading or its copy; not one in which `and` became `or`, or `may` became `must`: that is a rule in short."""
    named = edit.kind is not BlockKind.ROW and all(edit.is_heading(text) for text in (edit.before, edit.after) if text)
    if edit.figures or not (edit.kind is BlockKind.HEADING or named):
        return False
    if connective(edit) or any(change.before and change.after for change in edit.binding):
        return False
    words = set(tokens(edit.text)) if edit.one_sided else set(tokens(edit.before)) ^ set(tokens(edit.after))
    return not words & (lexicon.NEGATION | lexicon.STATUS)


def is_pointer(edit: Edit) -> bool:
    """Every side that is there only sends the reader elsewhere and holds neither value nor duty."""
    if edit.figures or edit.kind is BlockKind.ROW:
        return False
    return all(_points(text) for text in (edit.before, edit.after) if text)


def _points(text: str) -> bool:
    words = worded(text)
    return words.startswith(lexicon.POINTERS) and not set(tokens(text)) & (lexicon.DUTY | lexicon.NEGATION)


def is_illustration(edit: Edit) -> bool:
    """An example that holds no figure and binds nobody."""
    if not edit.one_sided or edit.figures or edit.kind is BlockKind.ROW:
        return False
    if set(tokens(edit.text)) & (lexicon.DUTY | lexicon.PERMISSION | lexicon.NEGATION | lexicon.STATUS):
        return False
    opening = shown(edit.introduced_by).casefold().rstrip(" :")
    return shown(edit.text).casefold().startswith(lexicon.ILLUSTRATION) or opening.endswith(
        ("for example", "for instance", "par exemple")
    )


def is_repeated(edit: Edit) -> bool:
    return edit.one_sided and not is_day(edit.preceded_by) and edit.said_elsewhere(edit.text)


def is_entry(edit: Edit) -> bool:
    return edit.one_sided and edit.kind in {BlockKind.ITEM, BlockKind.ROW, BlockKind.RECORD}
