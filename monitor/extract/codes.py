"""Codes: NOC 2021 unit groups in a list context, TEER and language levels, legal citations.

A NOC 2021 code has five digits whose second is the TEER category, 0 to 5. In running text the table of unit groups and
the context together keep out numbers that only look like codes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.values import Code, Scheme
from monitor.extract.found import Found
from monitor.extract.noc import UNIT_GROUPS

NOC = re.compile(r"(?<![\d$.,-])(?P<code>\d[0-5]\d{3})(?![\d,.]\d|\d)")
_NOC_CONTEXT = re.compile(r"\b(?:NOCs?|CNP|TEER|FEER|(?i:unit groups?|occupations?|professions?))\b")
_LEADING = re.compile(
    r"\s*(?:(?:sub-?set|subset|part) of )?\d[0-5]\d{3}\s*(?:[-–—|:*(]|\b[A-Z][a-z]|\Z)", re.IGNORECASE
)
_SUBSET = re.compile(r"(sub-?set of|part of|sous-ensemble d[eu])\s*\Z", re.IGNORECASE)
_SUBSET_AFTER = re.compile(
    r"[ \u00a0]{0,2}[-–—(]?[ \u00a0]?(?:sub-?set|sous-ensemble)\b(?! (?:of|d[eu]) \d)", re.IGNORECASE
)
_LEVELS = re.compile(
    r"\b(?P<scheme>CLB|NCLC|TEER|FEER)\b(?: (?:level|category|categories|niveau))?[ \u00a0]{0,2}(?P<codes>\d{1,2}(?:(?:,? (?:or|and|ou|et) |, ?|/|-)\d{1,2}){0,6})",
    re.IGNORECASE,
)
_LEVEL_OF = re.compile(
    r"\bniveaux?[ \u00a0](?P<code>\d{1,2})[ \u00a0](?:des|du|selon les)[ \u00a0](?P<scheme>NCLC|CLB)\b"
)
_PARAGRAPH = r"(?:\(\w{1,4}(?:\.\d)?\)|[a-z]\)){0,4}"
"""The paragraph after a section: `(2)(a)`, and in French `(2)a)`."""
_CITATIONS = (
    re.compile(r"\b(?:SOR|DORS|SI|TR)/\d{2,4}-\d{1,4}\b"),
    re.compile(r"\b(?:19|20)\d\d, c\. ?\d{1,3}(?:, (?:s|ss|Sch)\. ?[\d.]{1,6})?"),
    re.compile(rf"\bR\d{{1,3}}(?:\.\d{{1,3}})?{_PARAGRAPH}(?![\w-])"),
    re.compile(
        rf"\b(?:ss?\.|sections?|subsections?|paragraphs?|articles?|alinéas?|paragraphes?)[ \u00a0]?\d{{1,3}}(?:\.\d{{1,3}})?{_PARAGRAPH}(?![\w%])",
        re.IGNORECASE,
    ),
)
_DIGITS = re.compile(r"\d{1,2}")


def codes_in(text: str) -> Iterator[Found]:
    """Every code, level and citation in a text."""
    if _NOC_CONTEXT.search(text) or _LEADING.match(text):
        yield from (found for found in noc_codes(text) if found.text in UNIT_GROUPS)
    for match in _LEVELS.finditer(text):
        scheme = {"clb": Scheme.CLB, "nclc": Scheme.NCLC}.get(match["scheme"].casefold(), Scheme.TEER)
        for number, digits in enumerate(_DIGITS.finditer(match["codes"])):
            start = match.start() if number == 0 else match.start("codes") + digits.start()
            end = match.start("codes") + digits.end()
            yield Found(
                kind="code", value=Code(scheme=scheme, code=digits[0]), text=text[start:end], start=start, end=end
            )
    for match in _LEVEL_OF.finditer(text):
        value = Code(scheme=Scheme(match["scheme"].lower()), code=match["code"])
        yield Found(kind="code", value=value, text=match[0], start=match.start(), end=match.end())
    for pattern in _CITATIONS:
        for match in pattern.finditer(text):
            value = Code(scheme=Scheme.CITATION, code=" ".join(match[0].split()))
            yield Found(kind="citation", value=value, text=match[0], start=match.start(), end=match.end())


def noc_codes(text: str) -> Iterator[Found]:
    """Every number of the form of a NOC 2021 code, with the words that limit it."""
    for match in NOC.finditer(text):
        before = _SUBSET.search(text[max(0, match.start() - 40) : match.start()])
        qualifier = " ".join(before[1].lower().split()) if before else None
        if qualifier is None and _SUBSET_AFTER.match(text, match.end()):
            qualifier = "sub-set of"
        value = Code(scheme=Scheme.NOC2021, code=match["code"], qualifier=qualifier)
        yield Found(kind="code", value=value, text=match[0], start=match.start(), end=match.end())
