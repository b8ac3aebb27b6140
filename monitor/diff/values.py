"""The values that an edit touched, as words that stand on the page: what a reviewer wants to see first."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import zip_longest

from domain.comparison import ValueChange
from domain.values import Count, Value, number_text, value_to_json
from monitor.diff import lexicon
from monitor.diff.align import align
from monitor.diff.words import plain, tokens, worded
from monitor.extract import values_in
from monitor.extract.dates import MONTHS

_BINDING = (
    ("duty", lexicon.DUTY),
    ("permission", lexicon.PERMISSION),
    ("negation", lexicon.NEGATION),
    ("status", lexicon.STATUS),
)
_DIGITS = re.compile(r"\d")
_NUMBERED = re.compile(rf"(?<!\S)[^\s\d]*\d\S*|\b(?:{'|'.join(lexicon.NUMBER_WORDS)})\b", re.IGNORECASE)
_PLAIN_NUMBER = re.compile(r"\d[\d.,:/-]*(?:st|nd|rd|th)?|[a-z]+", re.IGNORECASE)

_MONTH = "|".join(sorted((form for name in MONTHS for form in (name, name.title())), key=len, reverse=True))
_NAMED = "|".join(sorted((name.title() for name in MONTHS), key=len, reverse=True))
_S = "[ \u00a0\u202f]"
_YEARLESS = re.compile(
    rf"(?<![\w.,$£€/-])(?:(?P<named>{_NAMED})\.?{_S}(?P<second>\d{{1,2}})(?:st|nd|rd|th)?(?![\w/%-]|[.,]\d)"
    rf"|(?P<first>\d{{1,2}})(?:st|nd|rd|th|er)?(?:{_S}of)?{_S}(?P<month>{_MONTH})(?!\w))"
)
"""A day that leaves its year unsaid ("by 18 March", "from May 30", "le 6 mars"); a bare "may" is never a month."""

_WEEKDAY = "(?:mon|tues|wednes|thurs|fri|satur|sun)days?|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
_WEEKDAYS = re.compile(
    rf"\b(?P<first>{_WEEKDAY})\s?(?:to|through|until|-|–|au|à)\s?(?P<last>{_WEEKDAY})\b", re.IGNORECASE
)
"""Days of the week on which something holds: the range is one value, of which one day alone says little."""
_UNIT = re.compile(rf"{_S}(?P<unit>[a-zéû]{{3,20}})\b")
"""What a number of no known kind counts ("6,500 tonnes"): shown beside it; the number alone is compared."""

_NO_UNIT = lexicon.STOP | lexicon.DUTY | lexicon.PERMISSION | lexicon.NEGATION | lexicon.STATUS | lexicon.QUALIFIERS
"""Words after a number that count nothing ("of these 3 may stay")."""

LONGEST = 20_000
"""Characters of one edit that are searched for values; a longer stretch is one statement that changed anyway."""

MOST_WORDS = 8
"""Stretches of changed words that are named; more of them are a rewritten sentence, which is shown whole anyway."""


def values_changed(before: str, after: str, *, language: str = "en") -> tuple[ValueChange, ...]:
    """Values that stand on one side and not on the other, old and new of a kind paired in the order they stand.

    Equal values in other dress ("$1,000.00", "1 000 $") are no change. Numbers of no known kind come as `count`.
    """
    left, right = _found(before, language), _found(after, language)
    spare = Counter(key for key, _ in left) & Counter(key for key, _ in right)
    gone, come = _unshared(left, spare), _unshared(right, spare)
    changes: list[ValueChange] = []
    for kind in dict.fromkeys([*gone, *come]):
        old, new = gone.get(kind, []), come.get(kind, [])
        changes.extend(ValueChange(kind=kind, before=one, after=other) for one, other in zip_longest(old, new))
    return tuple(change for change in changes if not _mere_one(change))


def _mere_one(change: ValueChange) -> bool:
    """The word "one" come or gone alone counts nothing: "one of these", "the one that"."""
    return (change.before or change.after or "").casefold() == "one" and None in (change.before, change.after)


def _found(text: str, language: str) -> list[tuple[tuple[str, str], str]]:
    """((kind, canonical form), words) for each value of a text, then for each number that belongs to none of them."""
    text = _unglued(text[:LONGEST])
    found: list[tuple[tuple[str, str], str]] = []
    covered = [False] * (len(text) + 1)
    for value in values_in(text, language=language):
        if value.kind == "obligation":
            continue  # `binding_changed` weighs these
        found.append(((value.kind, _canonical(value.value)), value.text))
        covered[value.start : value.end] = [True] * (value.end - value.start)
    for key, start, end in _yearless(text):
        if not any(covered[start:end]):
            found.append((("day", key), text[start:end]))
            covered[start:end] = [True] * (end - start)
    found.extend(
        (("weekdays", f"{match['first']}-{match['last']}".casefold()), match.group())
        for match in _WEEKDAYS.finditer(text)
    )
    for match in _NUMBERED.finditer(text):
        if not any(covered[match.start() : match.end()]):
            words = match.group().strip(".,;:()[]'\"")
            if not _PLAIN_NUMBER.fullmatch(words):
                continue  # a label such as 2(a), a post code, a part number: words, judged as words
            unit = _UNIT.match(text, match.end()) if words[0].isdigit() and match.group()[-1].isdigit() else None
            named = f"{words} {unit['unit']}" if unit is not None and unit["unit"] not in _NO_UNIT else words
            found.extend(
                (("count", lexicon.NUMBER_WORDS.get(token, token)), named)
                for token in tokens(words)
                if _DIGITS.search(token) or token in lexicon.NUMBER_WORDS
            )
    return found


_GLUED_NUMBERS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+\d[\d,]*(?![\d.])")
_GLUED_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+|\d{3}(?=\d{1,3},)|\d+")
_GLUED_DAY = re.compile(rf"(?<=\d)(?=(?:{_NAMED})\s\d)")


def _unglued(text: str) -> str:
    """The text with the cells of a row divided that were run together: `9,7508,023` is two numbers.

    Thousands end after three digits, and three digits before the next number stand for themselves.
    """
    if "," not in text:
        return text
    text = _GLUED_NUMBERS.sub(lambda match: " ".join(_GLUED_NUMBER.findall(match.group())), text)
    return _GLUED_DAY.sub(" ", text)


def _yearless(text: str) -> Iterator[tuple[str, int, int]]:
    """(`--MM-DD`, start, end) of each day without a year: the day of March is no number for itself."""
    for match in _YEARLESS.finditer(text):
        name, day = match["named"] or match["month"], int(match["second"] or match["first"])
        if name != "may" and 1 <= day <= 31:
            yield f"--{MONTHS[name.casefold()]:02}-{day:02}", match.start(), match.end()


def _canonical(value: Value) -> str:
    """One form for equal values; a count is its number, as a number that stands in no known phrase is."""
    return number_text(value.number) if isinstance(value, Count) else str(sorted(value_to_json(value).items(), key=str))


def _unshared(found: list[tuple[tuple[str, str], str]], spare: Counter[tuple[str, str]]) -> dict[str, list[str]]:
    left = Counter(spare)
    result: defaultdict[str, list[str]] = defaultdict(list)
    for key, words in found:
        if left[key] > 0:
            left[key] -= 1
        else:
            result[key[0]].append(words)
    return dict(result)


def binding_changed(before: str, after: str) -> tuple[ValueChange, ...]:
    """Words of duty, permission, negation and status that stand on one side only, as values of kind `obligation`.

    Drafters put `shall`, `must` and `will` for one another: a duty that only changed its verb is the same duty.
    """
    left, right = Counter(plain(before)), Counter(plain(after))
    lost, won = left - right, right - left
    changes: list[ValueChange] = []
    for name, words in _BINDING:
        gone = [word for word in lost if word in words]
        come = [word for word in won if word in words]
        surplus = sum(won[word] for word in come) - sum(lost[word] for word in gone)
        if name == "duty":
            surplus = 0 if surplus == left["will"] - right["will"] else surplus
        if surplus or (name == "status" and (gone or come)):
            changes.append(ValueChange(kind="obligation", before=" ".join(gone) or None, after=" ".join(come) or None))
    return _one_for_another([change for change in changes if change.before or change.after])


def _one_for_another(changes: list[ValueChange]) -> tuple[ValueChange, ...]:
    """A word that went and one that came in its stead (`may`, then `must`) are one change."""
    gone = [change for change in changes if change.after is None]
    come = [change for change in changes if change.before is None]
    if len(gone) == len(come) == 1 and len(changes) == 2:
        return (ValueChange(kind="obligation", before=gone[0].before, after=come[0].after),)
    return tuple(changes)


def words_changed(before: str, after: str) -> tuple[ValueChange, ...]:
    """The words that differ, as they stand, as values of kind `text`: at most `MOST_WORDS` stretches."""
    left, right = before.split(), after.split()
    spans = align([worded(word) or word for word in left], [worded(word) or word for word in right])
    changes = [
        ValueChange(
            kind="text",
            before=" ".join(left[slice(*span.before)])[:200] or None,
            after=" ".join(right[slice(*span.after)])[:200] or None,
        )
        for span in spans
        if not span.equal
    ]
    return tuple(changes[:MOST_WORDS])
