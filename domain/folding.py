"""Words told apart by letters and digits alone, so that a search and a comparison mean the same by "the same word"."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def fold(text: str) -> str:
    """Text for comparing words: case, accents, dashes and spacing folded; digits and letters kept."""
    plain = text.lower()
    if not text.isascii():
        # what is one sign may come apart into capitals, so that case is folded between two partings
        plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    kept = "".join(mark if mark.isalnum() else " " for mark in plain if not unicodedata.combining(mark))
    return " ".join(kept.split())


def words_in(texts: Iterable[str]) -> str:
    """Every folded word of the texts once, in order, with spaces between: a part of a word is found in it as in them."""
    return " ".join(sorted(set(fold(" ".join(texts)).split())))
