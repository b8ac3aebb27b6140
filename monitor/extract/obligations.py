"""Words that bind, permit, deny or end: a page that swaps one of them has changed its rule."""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.values import Text
from monitor.extract.found import Found

_WORDS = (
    "must not", "may not", "shall not", "cannot", "can't", "can not", "is not required", "are not required", "not required",
    "no longer", "must", "shall", "required to", "is required", "are required", "need to", "may", "not eligible", "ineligible", "eligible",
    "exempt", "except", "unless", "closed", "paused", "suspended", "discontinued", "repealed", "replaced by", "replaces", "reopened",
    "opens", "open", "prohibited", "mandatory", "optional", "effective", "until", "not", "never",
    "ne peut pas", "ne doit pas", "ne doivent pas", "ne peuvent pas", "doit", "doivent", "peut", "peuvent",
    "n'est plus", "ne sont plus", "ne plus", "n'est pas", "ne sont pas", "pas", "jamais", "aucun", "aucune",
    "obligatoire", "facultatif", "fermé", "fermée", "fermés", "fermées", "en pause", "suspendu", "suspendue", "suspendus", "suspendues",
    "abrogé", "abrogée", "abrogés", "abrogées", "remplacé par", "remplacée par", "remplacés par", "remplacées par", "sauf",
    "interdit", "interdite", "interdits", "interdites", "en vigueur", "jusqu'au", "jusqu'à", "jusqu'aux",
)  # fmt: skip
_PATTERN = re.compile(
    r"\b(?:"
    + "|".join(
        re.escape(words).replace(r"\ ", r"\s{1,3}").replace("'", "['’]")
        for words in sorted(_WORDS, key=len, reverse=True)
    )
    + r")\b",
    re.IGNORECASE,
)


def obligations_in(text: str) -> Iterator[Found]:
    """Every such word in a text, as a text value in lower case."""
    for match in _PATTERN.finditer(text):
        words = " ".join(match[0].lower().replace("’", "'").split())
        beside = text[max(0, match.start() - 2) : match.start()], text[match.end() : match.end() + 2]
        if words == "may" and match[0][0] == "M" and any(mark.strip().isdigit() for mark in beside):
            continue  # the month
        yield Found(kind="obligation", value=Text(text=words), text=match[0], start=match.start(), end=match.end())
