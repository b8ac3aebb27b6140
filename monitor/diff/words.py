"""How text becomes comparable: folded forms and canonical words, so that formatting is never taken for a change.

Three strengths, weakest first: `shown` forgives white space and typography, `worded` forgives case, punctuation and
number style as well, `meaning` forgives grammar, inflection and plain-language synonyms.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

from rapidfuzz.distance import OSA

from monitor.diff import lexicon
from monitor.read.normalise import normalise

_LOOSE_SPACE = re.compile(r" (?=[,.;:!?)\]%])|(?<=[(\[]) ")

_TOKEN = re.compile(
    r"""
      (?P<group>(?<![\d.,])\d{1,3}(?:[ ,]\d{3})+(?![\d])(?:\.\d+)?(?=\s?(?:\$|£|€|CAD\b)))   # 1 000 $
    | (?P<mixed>\b(?!\d+(?:st|nd|rd|th|[ap]m|[kcm]?m|[km]?[gb])\b)(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{4,}\b)  # 3fa9c2
    | (?P<time>\d{1,2}(?:[:.]\d{2})?\s?(?:[ap]\.?m\b\.?))                                     # 9.00am, 9 a.m.
    | (?P<number>(?:(?<![\w.,)])-)?\d+(?:[.,:/]\d+)*)(?P<ordinal>(?:st|nd|rd|th)\b)?
    | (?P<word>[^\W\d_]+(?:'[^\W\d_]+)*\d*)
    | (?P<other>\w+)
    | (?P<sign>[$£€%+=<>≤≥&©])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_CENTS = re.compile(r"\.(?:00|(\d)0)$")
_CONTRACTIONS = {"won't": "will not", "can't": "can not", "cannot": "can not", "shan't": "shall not", "let's": "let us"}
_TAILS = {"n't": " not", "'re": " are", "'ll": " will", "'ve": " have", "'m": " am", "'d": " would", "'s": ""}
_MONTHS = r"january|february|march|april|may \d|june|july|august|september|october|november|december"
_PHRASES = re.compile(
    r"\b(?:" + "|".join(re.escape(old) for old, _ in sorted(lexicon.PHRASES, key=lambda p: -len(p[0]))) + r")\b"
)
_PHRASE_FOR = dict(lexicon.PHRASES)

_MAY = re.compile(r"(?<=\d )may\b|\bmay(?= \d)")
_EDGE = re.compile(rf"\b(?:{'|'.join(sorted(lexicon.EDGES))})(?= (?:[$£€]|\d|(?:{_MONTHS})))")

_LOOKALIKES = str.maketrans("аеорсухіјѕАВЕКМНОРСТХІЈЅαοΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aeopcyxijsABEKMHOPCTXIJSaoABEZHIKMNOPTYX")

SHORTEST_MISSPELT = 7
"""Letters of a word from which one wrong letter is taken for a slip; shorter words turn into others too easily."""

CONTEXT = 200
"""Characters around a difference that are kept when a long text is cut down to it."""


def shown(text: str) -> str:
    """The text as a reader sees it: equal results differ in white space, quotation marks, dashes and joiners alone."""
    return _LOOSE_SPACE.sub("", normalise(text))


def differing_part(before: str, after: str) -> tuple[str, str]:
    """Both texts without what they share at the beginning and at the end, cut at white space, with some context."""
    head = _shared(before, after)
    head = max(0, before.rfind(" ", 0, max(0, head - CONTEXT)) + 1)
    rest_b, rest_a = before[head:], after[head:]
    tail = _shared(rest_b[::-1], rest_a[::-1])
    if tail > CONTEXT:
        cut = rest_b.find(" ", len(rest_b) - tail + CONTEXT)
        tail = len(rest_b) - cut if cut >= 0 else 0
        return rest_b[: len(rest_b) - tail], rest_a[: len(rest_a) - tail]
    return rest_b, rest_a


def _shared(left: str, right: str) -> int:
    """How many characters two texts share at their beginning."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def tokens(text: str) -> tuple[str, ...]:
    """The words and numbers of a text in order, case, punctuation and number style taken away.

    "1,000.00" and "1000" are one token, "1.000" is another; "don't" is two words.
    """
    return _tokens(text)


@lru_cache(maxsize=8192)
def _tokens(text: str) -> tuple[str, ...]:
    found: list[str] = []
    for match in _TOKEN.finditer(shown(text)):
        kind = match.lastgroup
        word = match.group()
        if kind == "group":
            found.append(_number(word.replace(" ", "")))
        elif kind == "time":
            found.append(_time(word))
        elif kind in {"number", "ordinal"}:
            found.append(_number(match.group("number")))
        elif kind == "word":
            folded = word.casefold()
            if "'" in folded or folded in _CONTRACTIONS:
                found.extend(_word(folded))
            else:
                found.append(folded)
        elif word == "&":
            found.append("and")
        else:
            found.append(word.casefold())
    return tuple(found)


def _number(token: str) -> str:
    if token.isdecimal():
        return token
    return _CENTS.sub(lambda match: f".{match.group(1)}" if match.group(1) else "", _THOUSANDS.sub("", token))


def _time(token: str) -> str:
    compact = re.sub(r"[\s.](?=[ap]|m|$)", "", token.casefold())
    return re.sub(r"[:.]00(?=[ap])", "", compact).replace(".", ":").rstrip(":")


def _word(word: str) -> list[str]:
    if word in _CONTRACTIONS:
        return _CONTRACTIONS[word].split()
    if "'" not in word:
        return [word]
    for tail, full in _TAILS.items():
        if word.endswith(tail) and len(word) > len(tail):
            return [word[: -len(tail)], *full.split()]
    return [part for part in word.split("'") if part]


def worded(text: str) -> str:
    """The words alone in one string: a key under which re-wrapped, re-cased and re-punctuated text is equal."""
    return " ".join(tokens(text))


def unmasked(text: str) -> str:
    """The text with look-alike letters of other alphabets read as the Latin ones they imitate."""
    return text.translate(_LOOKALIKES)


def meaning(text: str) -> Counter[str]:
    """What the words carry, as a bag: grammar left out, inflection and synonyms brought to one form."""
    return Counter(stem for token in plain(text) if (stem := carried(token)))


def plain(text: str) -> list[str]:
    """The tokens with phrases of one meaning brought to one form, and words that set an edge marked as such."""
    joined = _PHRASES.sub(lambda match: _PHRASE_FOR[match.group()], _MAY.sub("may#", worded(text)))
    return _EDGE.sub(lambda match: f"{match.group()}#", joined).split()


@lru_cache(maxsize=65536)
def carried(token: str) -> str:
    """The form under which a word counts, or "" for one that carries nothing by itself."""
    if token in lexicon.NUMBER_WORDS:
        return lexicon.NUMBER_WORDS[token]
    if token in lexicon.QUALIFIERS or token in lexicon.NEGATION:
        return token
    if token in lexicon.STOP:
        return ""
    stem = stemmed(token)
    form = _SYNONYM_FOR.get(token) or _SYNONYM_FOR.get(stem, stem)
    return "" if form in lexicon.STOP else form


_BRITISH = re.compile(
    r"(?<=\w{3})(?:is(?=(?:ations?|e|es|ed|ing)\Z)|our(?=(?:s|ed|ing|able|er|ers)?\Z)|tre(?=s?\Z)|lled\Z|lling\Z)"
)
_AMERICAN = {"is": "iz", "our": "or", "tre": "ter", "lled": "led", "lling": "ling"}
_SPELLINGS = {"licence": "license", "licences": "licenses", "programme": "program", "programmes": "programs"}
_SPELLINGS |= {"enrol": "enroll", "fulfil": "fulfill", "cheque": "check", "grey": "gray", "catalogue": "catalog"}


def spelled(word: str) -> str:
    """The word in one of the spellings that English countries differ in."""
    return _SPELLINGS.get(word) or _BRITISH.sub(lambda match: _AMERICAN[match.group()], word)


def misspelt(left: str, right: str) -> bool:
    """Whether two words are one word, once spelt wrongly: a letter added, dropped, changed or exchanged within it.

    Both are long, and begin and end alike, so that neither a prefix nor an ending that changes the sense is forgiven;
    or they differ in accents alone, or in the spelling of one country.
    """
    if spelled(left) == spelled(right) or unaccented(left) == unaccented(right):
        return True
    return (
        min(len(left), len(right)) >= SHORTEST_MISSPELT
        and (left + right).isalpha()
        and (left[0], left[-2:]) == (right[0], right[-2:])
        and OSA.distance(left, right, score_cutoff=1) <= 1
    )


def unaccented(word: str) -> str:
    """The word without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


_ENDINGS = """
    ifications ification ications ication ifying ifies ified ify ations ation ating ators ated ates ate ising izing ised
    ized ises izes ise ize ments ings ing ied ies ed ions ion es s e y ly aux
    """
_SUFFIXES = sorted(_ENDINGS.split(), key=len, reverse=True)
_SHORTEST_STEM = {"ly": 5, "if": 4}


@lru_cache(maxsize=65536)
def stemmed(word: str) -> str:
    """A light stem: plural, tense and noun of action fall together; agents do not (employer is not employee)."""
    if not word.isalpha() or len(word) < 4:
        return word
    word = spelled(word)
    for suffix in _SUFFIXES:
        if (
            word.endswith(suffix)
            and not (suffix == "s" and word.endswith("ss"))
            and len(word) - len(suffix) >= _SHORTEST_STEM.get(suffix[:2], 3)
        ):
            stem = word[: -len(suffix)]
            if suffix in {"ing", "ed", "ings"} and len(stem) > 3 and stem[-1] == stem[-2]:
                return stem[:-1]
            return stem
    return word


_SYNONYM_FOR = {
    form: group[0]
    for group in lexicon.SYNONYMS
    for word in group
    for form in (word, stemmed(word))
    if not word.endswith("_")
}
