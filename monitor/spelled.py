"""Numbers in words of both languages, one to ninety-nine: `three`, `twenty-two`, `trois`, `vingt-deux`."""

from __future__ import annotations

import re
from collections.abc import Iterator

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
