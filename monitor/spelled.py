"""Numbers in words of both languages, one to ninety-nine, and what a guide counts with them or in digits.

`twenty-two programmes` is a statement that a page can prove wrong; `one of the programmes` and `two weeks` are none. Pages
are not read so: their counts are in digits, and a rule for every noun would find what nobody counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from domain.values import Count
from monitor.extract import Found

_ENGLISH_ONES = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_ENGLISH_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_FRENCH_ONES = "un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf"
_FRENCH_TENS = {"vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "quatre-vingt": 80}


def _english() -> Iterator[tuple[str, int]]:
    ones = _ENGLISH_ONES.split()
    yield from zip(ones, range(1, 20), strict=True)
    for ten, value in zip(_ENGLISH_TENS.split(), range(20, 100, 10), strict=True):
        yield ten, value
        yield from ((f"{ten}-{one}", value + at) for at, one in enumerate(ones[:9], start=1))


def _french() -> Iterator[tuple[str, int]]:
    ones = _FRENCH_ONES.split()
    yield from zip(ones, range(1, 20), strict=True)
    yield "une", 1
    for ten, value in _FRENCH_TENS.items():
        yield ("quatre-vingts" if value == 80 else ten), value
        # Sixty and eighty go on to nineteen: `soixante-douze` is 72, `quatre-vingt-onze` 91.
        for at, one in enumerate(ones[: 19 if value in (60, 80) else 9], start=1):
            yield f"{ten}-{one}", value + at
            if at in (1, 11) and value != 80:
                yield f"{ten}-et-{one}", value + at


NUMBERS = {**dict(_english()), **dict(_french())}
"""Each word, in small letters with hyphens, and its number."""

_WORD = "|".join(sorted((word.replace("-", "[- ]") for word in NUMBERS), key=len, reverse=True))
SPELLED = re.compile(rf"(?<![\w-])(?:{_WORD})(?![\w]|-\w)", re.IGNORECASE)


def spelled(words: str) -> int | None:
    """The number that the words are, None where they are none."""
    return NUMBERS.get(re.sub(r"\s", "-", words.casefold()))


def counts(text: str) -> frozenset[int]:
    """Every small whole number of a text, in digits or in words."""
    digits = {int(match[0]) for match in re.finditer(r"(?<![\w.,$-])\d{1,2}(?![\w%]|[.,]\d)", text)}
    return frozenset(digits | {number for match in SPELLED.finditer(text) if (number := spelled(match[0])) is not None})


_FUNCTION_WORDS = frozenset({
    "of", "the", "a", "an", "to", "and", "or", "in", "on", "at", "by", "for", "with", "from", "that", "which",
    "who", "is", "are", "was", "were", "has", "have", "had", "can", "may", "must", "will", "this", "its", "as",
    "than", "plus", "less", "unless", "across", "always", "towards", "does", "between", "per", "de", "des", "du",
    "d", "la", "le", "les", "un", "une", "et", "ou", "en", "au", "aux", "par", "pour", "sur", "avec", "que",
    "qui", "est", "sont", "ont", "dans", "sans", "depuis", "moins", "puis", "chez", "vers", "pas", "ses", "mes",
    "ces", "nos", "vos", "leurs", "sous",
})  # fmt: skip
"""Words over which a number does not reach to a noun."""
_NO_THINGS = frozenset({
    "times", "ways", "things", "thirds", "fifths", "quarters", "halves", "hundreds", "thousands", "dozens",
    "others", "days", "weeks", "months", "years", "hours", "minutes", "fois", "façons", "choses", "tiers",
    "quarts", "centaines", "milliers", "jours", "semaines", "mois", "années", "ans", "heures",
})  # fmt: skip
_LABELS = frozenset({
    "no", "n°", "line", "page", "level", "niveau", "step", "étape", "stage", "section", "group", "groupe",
    "category", "teer", "clb", "nclc",
})  # fmt: skip
_WORDS_AFTER = re.compile(r"[ \u00a0](?P<word>[^\W\d_][\w'’-]*)")
_PLURAL = re.compile(r"\w{2,}(?:[^s]s|x)\Z|people\Z|children\Z", re.IGNORECASE)
_IN_DIGITS = re.compile(r"(?<![\w.,$£€/-])(?<!\.\s)\d{1,3}(?![\w%]|[.,/]\d|-)")
_SHARE = re.compile(rf"(?:\d|\b(?:{_WORD}|une?))[ \u00a0](?:in|out of|sur)[ \u00a0]\Z", re.IGNORECASE)


def counted_in(text: str) -> Iterator[Found]:
    """Every `two or more of something` of a text: the number, in words or digits, up to the plural that it counts."""
    for match in sorted((*SPELLED.finditer(text), *_IN_DIGITS.finditer(text)), key=lambda item: item.start()):
        number = int(match[0]) if match[0].isdigit() else spelled(match[0])
        before = text[max(0, match.start() - 30) : match.start()]
        if number is None or number < 2 or _SHARE.search(before) or (match[0].isdigit() and _is_label(before)):
            continue
        end = _noun_end(text, match.end())
        if end is not None:
            value = Count(number=Decimal(number))
            yield Found(kind="count", value=value, text=text[match.start() : end], start=match.start(), end=end)


def _is_label(before: str) -> bool:
    """Whether a number is the name of something, as in `Group 21`: behind a capital in the midst of a sentence."""
    named = re.search(r"(?P<word>[\w.°-]+)[ \u00a0]\Z", before)
    if named is None:
        return False
    first = not before[: named.start()].strip() or before[: named.start()].rstrip()[-1] in ".!?:;"
    return (named["word"][0].isupper() and not first) or named["word"].casefold().strip(".") in _LABELS


def _noun_end(text: str, at: int) -> int | None:
    """Where the plural ends that follows within three words, with no word of grammar between."""
    for _ in range(3):
        following = _WORDS_AFTER.match(text, at)
        if following is None or following["word"].casefold() in _FUNCTION_WORDS:
            return None
        at = following.end()
        if _PLURAL.match(following["word"]) and following["word"].casefold() != "autres":
            return None if following["word"].casefold() in _NO_THINGS else at
    return None
