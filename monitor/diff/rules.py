"""The rules that judge one edit, in the order they are asked. The first that holds decides.

Whatever no rule forgives is substantive: official pages state facts, and a fact that changed unseen costs more than
a wording that was shown in vain.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from domain.comparison import Significance, ValueChange
from domain.documents import BlockKind
from monitor.diff import lexicon
from monitor.diff.align import Span, align
from monitor.diff.furniture import furniture, is_day, is_housekeeping, only_tokens_differ
from monitor.diff.values import binding_changed, values_changed, words_changed
from monitor.diff.words import carried, meaning, misspelt, plain, shown, tokens, unmasked, worded

_NOISE, _EDITORIAL, _SUBSTANTIVE = Significance.NOISE, Significance.EDITORIAL, Significance.SUBSTANTIVE

SENTENCE_WORDS = 60
"""Words up to which a text is one sentence of ordinary length, in which a word said twice means the same thing."""

ENTRY = "entry added or removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One edit with what a judge must know of its surroundings.

    before, after: the words of one group, "" where it was added or removed. kind: of the block it stands in.
    heads: words of the title and of the headings above. introduced_by: the sentence, or the block above its list.
    preceded_by, followed_by: the blocks next to it.
    said_elsewhere: whether the other document says the same in another place. is_heading: whether a text is a heading
    (or the title) of either document. above_title: it stands before the first heading of its document.
    values, binding: what `values` found to differ.
    """

    before: str
    after: str
    kind: BlockKind
    heads: frozenset[str] = frozenset()
    introduced_by: str = ""
    preceded_by: str = ""
    followed_by: str = ""
    said_elsewhere: Callable[[str], bool] = field(default=lambda text: False)
    is_heading: Callable[[str], bool] = field(default=lambda text: False)
    above_title: bool = False
    values: tuple[ValueChange, ...] = ()
    binding: tuple[ValueChange, ...] = ()

    @property
    def one_sided(self) -> bool:
        return not self.before or not self.after

    @property
    def figures(self) -> tuple[ValueChange, ...]:
        """The values but for small numbers in words, which any sentence may hold ("all three of them")."""
        return tuple(v for v in self.values if v.kind != "count" or re.search(r"\d", f"{v.before}{v.after}"))

    @property
    def text(self) -> str:
        """The side that is there, for an edit that has one side only."""
        return self.before or self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule by name: when it holds, what follows, and why."""

    name: str
    significance: Significance
    reason: str
    holds: Callable[[Edit], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    significance: Significance
    because: str
    values: tuple[ValueChange, ...] = ()


def judge(edit: Edit) -> Decision:
    """The decision of the first rule that holds, with every value the edit touched; the words where it is no value."""
    rule = next(rule for rule in RULES if rule.holds(edit))
    if rule.significance is _NOISE:
        return Decision(significance=rule.significance, because=rule.name)
    values = edit.values + edit.binding
    if rule.name == ENTRY:
        values = (_entry_value(edit), *values)
    elif rule.significance is _SUBSTANTIVE and not edit.one_sided and not values:
        values = words_changed(edit.before, edit.after)
    return Decision(significance=rule.significance, because=rule.name, values=values)


def _entry_value(edit: Edit) -> ValueChange:
    """The entry itself as what came or went."""
    kind = "members" if edit.kind is BlockKind.ITEM else "rows"
    before, after = (text[:200] or None for text in (edit.before, edit.after))
    return ValueChange(kind=kind, before=before, after=after)


def edit_of(
    before: str,
    after: str,
    *,
    kind: BlockKind,
    heads: frozenset[str] = frozenset(),
    introduced_by: str = "",
    preceded_by: str = "",
    followed_by: str = "",
    said_elsewhere: Callable[[str], bool] = lambda text: False,
    is_heading: Callable[[str], bool] = lambda text: False,
    above_title: bool = False,
    language: str = "en",
) -> Edit:
    """The edit with its values looked up."""
    return Edit(
        before=before,
        after=after,
        kind=kind,
        heads=heads,
        introduced_by=introduced_by,
        preceded_by=preceded_by,
        followed_by=followed_by,
        said_elsewhere=said_elsewhere,
        is_heading=is_heading,
        above_title=above_title,
        values=values_changed(before, after, language=language),
        binding=binding_changed(before, after) if before and after else (),
    )


_INSTRUMENT = r"(?:SOR|SI|DORS|TR)/\d{2,4}-\d+"
_CHAPTER = r"(?:R\.S\.|L\.R\.|S\.C\. |L\.C\. )?,? ?\d{4}(?:-\d+)?, (?:c|ch)\. [\w.-]+"
_CITATION = rf"(?:{_INSTRUMENT}|{_CHAPTER})[^;:]{{0,60}}"
_AMENDED_BY = re.compile(rf"\s*\[?(?:{_CITATION})(?:;\s*{_CITATION})*\]?\s*\Z", re.IGNORECASE)
_ENUMERATOR = re.compile(r"^\s*(?:\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]|[-*•–#]+)\s+", re.IGNORECASE)
_ACRONYM = re.compile(r"\s*\(\s*([A-Z][A-Za-z&-]{1,9})\s*\)")


def _is_furniture(edit: Edit) -> bool:
    names = {furniture(text, label=edit.preceded_by) for text in (edit.before, edit.after) if text}
    return len(names) == 1 and names != {""}


def _is_housekeeping(edit: Edit) -> bool:
    return edit.one_sided and is_housekeeping(edit.text) and not edit.figures


def _heads_entry(edit: Edit) -> bool:
    """A date alone that came or went with the entry below it."""
    return (
        edit.one_sided
        and edit.kind is not BlockKind.ROW
        and is_day(edit.text)
        and not is_day(edit.followed_by or "1 May 2000")
    )


def _is_amendment_note(edit: Edit) -> bool:
    """Every side that is there lists citations and nothing else."""
    return all(_AMENDED_BY.match(text) for text in (edit.before, edit.after) if text)


def _is_site_header(edit: Edit) -> bool:
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


def _is_empty(edit: Edit) -> bool:
    return not any(carried(token) or token in lexicon.NEGATION for token in tokens(edit.before) + tokens(edit.after))


def _same_but_enumerator(edit: Edit) -> bool:
    if edit.one_sided or edit.kind is BlockKind.ROW:
        return False
    return worded(_ENUMERATOR.sub("", edit.before)) == worded(_ENUMERATOR.sub("", edit.after))


def _looks_alike(edit: Edit) -> bool:
    return not edit.one_sided and worded(unmasked(edit.before)) == worded(unmasked(edit.after))


def _same_words(edit: Edit) -> bool:
    return not edit.one_sided and tokens(edit.before) == tokens(edit.after)


def _joined(text: str) -> str:
    return "".join(tokens(text))


def _glued(edit: Edit) -> bool:
    return not edit.one_sided and _joined(edit.before) == _joined(edit.after)


_AS_OF = re.compile(
    r",? ?\(?\b(?:as of|as at|en date du|au) (?:[A-Z][a-zéû]+ \d{1,2}, \d{4}|\d{1,2} [A-Za-zéû]+ \d{4})\)?"
)


def _as_of_dropped(edit: Edit) -> bool:
    if edit.one_sided or _AS_OF.search(edit.after):
        return False
    bare = _AS_OF.sub("", edit.before)
    return bare != edit.before and worded(bare) == worded(edit.after)


def _value_altered(edit: Edit) -> bool:
    return not edit.one_sided and bool(edit.values)


def _exchanged(edit: Edit) -> bool:
    """Values, or single words, that changed places while everything around them stayed."""
    if edit.one_sided:
        return False
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


def _connective(edit: Edit) -> bool:
    """`and` became `or`, or the reverse, and the words next to it stayed."""
    if edit.one_sided:
        return False
    left, right = plain(edit.before), plain(edit.after)
    spans = align(left, right)
    odd = [k for k, span in enumerate(spans) if not span.equal]
    swaps = [
        k
        for k in odd
        if {*left[slice(*spans[k].before)], *right[slice(*spans[k].after)]} in ({"and", "or"}, {"et", "ou"})
    ]
    if not swaps:
        return False
    firm = [k for k in swaps if 0 < k < len(spans) - 1 and all(_length(spans[j]) >= 2 for j in (k - 1, k + 1))]
    return bool(firm) or swaps == odd


def _length(span: Span) -> int:
    return span.before[1] - span.before[0]


def _misspelt(edit: Edit) -> bool:
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
    left, right = meaning(_ACRONYM.sub(" ", edit.before)), meaning(_ACRONYM.sub(" ", edit.after))
    return left - right, right - left


def _abbreviations(edit: Edit) -> set[str]:
    """Capital words that the initials of either side spell, and the words whose initials they are.

    `CRS` beside Comprehensive Ranking System, or in its place.
    """
    words = tokens(f"{edit.before} . {edit.after}")
    initials = "".join(word[0] for word in words)
    found: set[str] = set()
    for capitals in re.findall(r"\b([A-Z]{2,6})s?\b", f"{edit.before} {edit.after}"):
        short = capitals.casefold()
        spot = initials.find(short)
        if spot >= 0:
            found |= {carried(short), carried(f"{short}s"), *map(carried, words[spot : spot + len(short)])}
    return found


_CRITICAL = lexicon.QUALIFIERS | lexicon.NEGATION | lexicon.DUTY | lexicon.PERMISSION | lexicon.STATUS
_CRITICAL_STEMS = frozenset(carried(word) for word in _CRITICAL) - {""}
_EVERY = frozenset(map(carried, ("all", "every", "each", "both")))
_SOME = frozenset(map(carried, ("one", "some", "any", "either")))
_WEAK_STEMS = (frozenset(carried(word) for word in lexicon.WEAK) | {"1"}) - {""} - _CRITICAL_STEMS


def _same_meaning(edit: Edit) -> bool:
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
    return lost | won <= edit.heads | _repeatable(edit)


def _repeatable(edit: Edit) -> set[str]:
    """Words that both sides hold: in one sentence of ordinary length, to say them once more or less adds nothing."""
    if max(len(tokens(edit.before)), len(tokens(edit.after))) > SENTENCE_WORDS:
        return set()
    return {stem for stem in meaning(edit.before).keys() & meaning(edit.after).keys() if stem.isalpha()}


def _is_label(edit: Edit) -> bool:
    named = edit.kind is not BlockKind.ROW and all(edit.is_heading(text) for text in (edit.before, edit.after) if text)
    if edit.figures or not (edit.kind is BlockKind.HEADING or named):
        return False
    words = set(tokens(edit.text)) if edit.one_sided else set(tokens(edit.before)) ^ set(tokens(edit.after))
    return not words & (lexicon.NEGATION | lexicon.STATUS)


def _is_pointer(edit: Edit) -> bool:
    """Every side that is there only sends the reader elsewhere and holds neither value nor duty."""
    if edit.figures or edit.kind is BlockKind.ROW:
        return False
    return all(_points(text) for text in (edit.before, edit.after) if text)


def _points(text: str) -> bool:
    words = worded(text)
    return words.startswith(lexicon.POINTERS) and not set(tokens(text)) & (lexicon.DUTY | lexicon.NEGATION)


def _is_illustration(edit: Edit) -> bool:
    if edit.figures or edit.kind is BlockKind.ROW:
        return False
    opening = shown(edit.introduced_by).casefold().rstrip(" :")
    own = shown(edit.text).casefold()
    return edit.one_sided and (
        own.startswith(lexicon.ILLUSTRATION) or opening.endswith(("for example", "for instance", "par exemple"))
    )


def _is_repeated(edit: Edit) -> bool:
    return edit.one_sided and not is_day(edit.preceded_by) and edit.said_elsewhere(edit.text)


def _is_entry(edit: Edit) -> bool:
    return edit.one_sided and edit.kind in {BlockKind.ITEM, BlockKind.ROW, BlockKind.RECORD}


RULES: tuple[Rule, ...] = (
    Rule(
        name="layout",
        significance=_NOISE,
        reason="A reader sees the same text: white space, line breaks, quotation marks and dashes state nothing.",
        holds=lambda edit: shown(edit.before) == shown(edit.after),
    ),
    Rule(
        name="furniture",
        significance=_NOISE,
        reason="Stamps, counters, copyright years and file sizes change by themselves and bind nobody.",
        holds=_is_furniture,
    ),
    Rule(
        name="machine token",
        significance=_NOISE,
        reason="Session references, hashes and build numbers are made for each request.",
        holds=lambda edit: not edit.one_sided and only_tokens_differ(edit.before, edit.after),
    ),
    Rule(
        name="no content",
        significance=_NOISE,
        reason="Connecting words and punctuation alone, as left over when a sentence is cut into bullets.",
        holds=_is_empty,
    ),
    Rule(
        name="punctuation",
        significance=_EDITORIAL,
        reason="The words are the same in the same order: case, punctuation or number style changed.",
        holds=_same_words,
    ),
    Rule(
        name="word division",
        significance=_EDITORIAL,
        reason="The same letters in the same order, divided otherwise.",
        holds=_glued,
    ),
    Rule(
        name="renumbering",
        significance=_EDITORIAL,
        reason="The number or bullet before an entry is its place in the list, not a part of what it says.",
        holds=_same_but_enumerator,
    ),
    Rule(
        name="spelling",
        significance=_EDITORIAL,
        reason="The same words, one of them once spelt wrongly, without its accents, or as in another country.",
        holds=_misspelt,
    ),
    Rule(
        name="look-alike letters",
        significance=_EDITORIAL,
        reason="Letters of another alphabet stand in for Latin ones; shown, because a search would no longer find it.",
        holds=_looks_alike,
    ),
    Rule(
        name="amendment note",
        significance=_EDITORIAL,
        reason="The list of instruments that amended a provision is its history; what they changed stands beside it.",
        holds=_is_amendment_note,
    ),
    Rule(
        name="site header",
        significance=_EDITORIAL,
        reason="A few words above a page's own title name the site or the way to it.",
        holds=_is_site_header,
    ),
    Rule(
        name="housekeeping note",
        significance=_EDITORIAL,
        reason="A note of change that says itself that only a translation, the layout or the spelling was touched.",
        holds=_is_housekeeping,
    ),
    Rule(
        name="date of an entry",
        significance=_EDITORIAL,
        reason="A date that heads an entry of a chronicle came or went with it; the entry is judged for itself.",
        holds=_heads_entry,
    ),
    Rule(
        name="as-of date dropped",
        significance=_EDITORIAL,
        reason="A day up to which the page was known to hold went; what it states went on unchanged.",
        holds=_as_of_dropped,
    ),
    Rule(
        name="value altered",
        significance=_SUBSTANTIVE,
        reason="An amount, date, duration, percentage, number, code, level or citation came, went or changed.",
        holds=_value_altered,
    ),
    Rule(
        name="label",
        significance=_EDITORIAL,
        reason="A heading, or its copy in a list of contents, names what stands below; that is judged for itself.",
        holds=_is_label,
    ),
    Rule(
        name="values exchanged",
        significance=_SUBSTANTIVE,
        reason="The same values or names stand in each other's place.",
        holds=_exchanged,
    ),
    Rule(
        name="connective",
        significance=_SUBSTANTIVE,
        reason="`and` against `or` decides whether one condition is enough.",
        holds=_connective,
    ),
    Rule(
        name="obligation altered",
        significance=_SUBSTANTIVE,
        reason="Words of duty, permission, negation or status came or went: what one must, may or may not do changed.",
        holds=lambda edit: not edit.one_sided and bool(edit.binding),
    ),
    Rule(
        name="wording",
        significance=_EDITORIAL,
        reason="What the words carry is the same: grammar, order, inflection, abbreviation, plain-language synonyms.",
        holds=_same_meaning,
    ),
    Rule(
        name="pointer",
        significance=_EDITORIAL,
        reason="A sentence that only sends the reader elsewhere states no rule.",
        holds=_is_pointer,
    ),
    Rule(
        name="illustration",
        significance=_EDITORIAL,
        reason="An example applies a rule that stands elsewhere.",
        holds=_is_illustration,
    ),
    Rule(
        name="said elsewhere",
        significance=_EDITORIAL,
        reason="The other version says the same in another place, so no statement came or went.",
        holds=_is_repeated,
    ),
    Rule(
        name=ENTRY,
        significance=_SUBSTANTIVE,
        reason="Membership of a list or table is a fact.",
        holds=_is_entry,
    ),
    Rule(
        name="statement added or removed",
        significance=_SUBSTANTIVE,
        reason="A sentence that came or went is a statement that came or went.",
        holds=lambda edit: edit.one_sided,
    ),
    Rule(
        name="statement altered",
        significance=_SUBSTANTIVE,
        reason="Words that carry meaning were replaced, added or dropped.",
        holds=lambda edit: True,
    ),
)
