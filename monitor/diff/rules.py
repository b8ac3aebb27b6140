"""The rules that judge one edit, in the order they are asked. The first that holds decides.

Whatever no rule forgives is substantive: official pages state facts, and a fact that changed unseen costs more than
a wording that was shown in vain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from domain.comparison import Significance, ValueChange
from domain.documents import BlockKind
from monitor.diff import signs
from monitor.diff.edits import Edit
from monitor.diff.values import words_changed

_NOISE, _EDITORIAL, _SUBSTANTIVE = Significance.NOISE, Significance.EDITORIAL, Significance.SUBSTANTIVE

ENTRY = "entry added or removed"


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
    elif rule.significance is _SUBSTANTIVE and not values:
        values = (_stated(edit),) if edit.one_sided else words_changed(edit.before, edit.after)
    elif edit.kind is BlockKind.RECORD and len(edit.values) == 1:
        values = (_in_its_stead(edit, edit.values[0]), *edit.binding)
    return Decision(significance=rule.significance, because=rule.name, values=values)


def _stated(edit: Edit) -> ValueChange:
    """The statement itself as what came or went, where it holds no value."""
    before, after = (text[:200] or None for text in (edit.before, edit.after))
    return ValueChange(kind="text", before=before, after=after)


def _in_its_stead(edit: Edit, value: ValueChange) -> ValueChange:
    """A value of a feed that words took the place of ("31 weeks", then "not enough data"), with those words."""
    if edit.one_sided or (value.before and value.after) or max(len(edit.before), len(edit.after)) > 80:
        return value
    return ValueChange(kind=value.kind, before=value.before or edit.before, after=value.after or edit.after)


def _entry_value(edit: Edit) -> ValueChange:
    """The entry itself as what came or went."""
    kind = "members" if edit.kind is BlockKind.ITEM else "rows"
    before, after = (text[:200] or None for text in (edit.before, edit.after))
    return ValueChange(kind=kind, before=before, after=after)


RULES: tuple[Rule, ...] = (
    Rule(
        name="layout",
        significance=_NOISE,
        reason="A reader sees the same text: white space, line breaks, quotation marks and dashes state nothing.",
        holds=signs.same_shown,
    ),
    Rule(
        name="furniture",
        significance=_NOISE,
        reason="Stamps, counters, copyright years and file sizes change by themselves and bind nobody.",
        holds=signs.is_furniture,
    ),
    Rule(
        name="machine token",
        significance=_NOISE,
        reason="Session references, hashes and build numbers are made for each request.",
        holds=signs.differs_in_tokens,
    ),
    Rule(
        name="no content",
        significance=_NOISE,
        reason="Connecting words and punctuation alone, as left over when a sentence is cut into bullets.",
        holds=signs.is_empty,
    ),
    Rule(
        name="punctuation",
        significance=_EDITORIAL,
        reason="The words are the same in the same order: case, punctuation or number style changed.",
        holds=signs.same_words,
    ),
    Rule(
        name="word division",
        significance=_EDITORIAL,
        reason="The same letters in the same order, divided otherwise.",
        holds=signs.glued,
    ),
    Rule(
        name="renumbering",
        significance=_EDITORIAL,
        reason="The number or bullet before an entry is its place in the list, not a part of what it says.",
        holds=signs.same_but_enumerator,
    ),
    Rule(
        name="spelling",
        significance=_EDITORIAL,
        reason="The same words, one of them once spelt wrongly, without its accents, or as in another country.",
        holds=signs.differs_in_spelling,
    ),
    Rule(
        name="look-alike letters",
        significance=_EDITORIAL,
        reason="Letters of another alphabet stand in for Latin ones; shown, because a search would no longer find it.",
        holds=signs.looks_alike,
    ),
    Rule(
        name="amendment note",
        significance=_EDITORIAL,
        reason="The list of instruments that amended a provision is its history; what they changed stands beside it.",
        holds=signs.is_amendment_note,
    ),
    Rule(
        name="site header",
        significance=_EDITORIAL,
        reason="A few words above a page's own title name the site or the way to it.",
        holds=signs.is_site_header,
    ),
    Rule(
        name="related link",
        significance=_EDITORIAL,
        reason="A list of other pages under `Related links`, or an offer of more help, is filled and changed by the site.",
        holds=lambda edit: edit.related,
    ),
    Rule(
        name="beside the text",
        significance=_EDITORIAL,
        reason="Menus, promotions, author boxes and pictures' words are the site's; a value, duty or status in them counts.",
        holds=signs.is_beside,
    ),
    Rule(
        name="housekeeping note",
        significance=_EDITORIAL,
        reason="A note of change that says itself that only a translation, the layout or the spelling was touched.",
        holds=signs.is_housekeeping,
    ),
    Rule(
        name="date of an entry",
        significance=_EDITORIAL,
        reason="A date that heads an entry of a chronicle came or went with it; the entry is judged for itself.",
        holds=signs.heads_entry,
    ),
    Rule(
        name="as-of date dropped",
        significance=_EDITORIAL,
        reason="A day up to which the page was known to hold went; what it states went on unchanged.",
        holds=signs.as_of_dropped,
    ),
    Rule(
        name="value altered",
        significance=_SUBSTANTIVE,
        reason="An amount, date, duration, percentage, number, code, level or citation came, went or changed.",
        holds=signs.value_altered,
    ),
    Rule(
        name="label",
        significance=_EDITORIAL,
        reason="A heading, or its copy in a list of contents, names what stands below; that is judged for itself.",
        holds=signs.is_label,
    ),
    Rule(
        name="values exchanged",
        significance=_SUBSTANTIVE,
        reason="The same values or names stand in each other's place.",
        holds=signs.exchanged,
    ),
    Rule(
        name="connective",
        significance=_SUBSTANTIVE,
        reason="`and` against `or` decides whether one condition is enough.",
        holds=signs.connective,
    ),
    Rule(
        name="direction",
        significance=_SUBSTANTIVE,
        reason="`from` against `to`, `by` against `to`: who pays whom, and who comes from where, turned round.",
        holds=signs.directed,
    ),
    Rule(
        name="past or to come",
        significance=_SUBSTANTIVE,
        reason="Whether a thing has happened or is still to come is a fact.",
        holds=signs.held_or_to_come,
    ),
    Rule(
        name="obligation altered",
        significance=_SUBSTANTIVE,
        reason="Words of duty, permission, negation or status came or went: what one must, may or may not do changed.",
        holds=signs.binds_otherwise,
    ),
    Rule(
        name="wording",
        significance=_EDITORIAL,
        reason="What the words carry is the same: grammar, order, inflection, abbreviation, plain-language synonyms.",
        holds=signs.same_meaning,
    ),
    Rule(
        name="pointer",
        significance=_EDITORIAL,
        reason="A sentence that only sends the reader elsewhere states no rule.",
        holds=signs.is_pointer,
    ),
    Rule(
        name="illustration",
        significance=_EDITORIAL,
        reason="An example applies a rule that stands elsewhere.",
        holds=signs.is_illustration,
    ),
    Rule(
        name="said elsewhere",
        significance=_EDITORIAL,
        reason="The other version says the same in another place, so no statement came or went.",
        holds=signs.is_repeated,
    ),
    Rule(
        name=ENTRY,
        significance=_SUBSTANTIVE,
        reason="Membership of a list or table is a fact.",
        holds=signs.is_entry,
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
