"""What a section says under a rule: its text, a yes or no, a status, the names it lists."""

from __future__ import annotations

import re

from domain.documents import BlockKind, Document
from domain.sources import Rule
from domain.values import Code, Kind, Members, Status, StatusWord, Text, YesNo
from monitor.extract.choice import choose, spots_of
from monitor.extract.locate import blocks_under
from monitor.extract.place import Missing, Reading, Spot, fold, sentence
from monitor.extract.tables import wants_table
from monitor.extract.words import found_of, parse_value, statuses_in

_LONGEST_TEXT = 60_000


def read_text(document: Document, rule: Rule) -> Reading | Missing:
    """The words of a section, of a law's part, or of the places pointed at."""
    if rule.section is not None and rule.match is None:
        return _law_part(document, rule)
    if rule.match or rule.label or rule.select or rule.path or wants_table(rule):
        found = spots_of(document, rule)
        if isinstance(found, Missing):
            return found
        if rule.pick == "all":
            text = " ".join(dict.fromkeys(spot.text for spot in found))
            return Reading(value=Text(text=text), quote=found[0].quote, locator=found[0].locator)
        readings = [Reading(value=Text(text=spot.text), quote=spot.quote, locator=spot.locator) for spot in found]
        return choose(readings, rule.pick)
    blocks = blocks_under(document, rule)
    if isinstance(blocks, Missing):
        return blocks
    words = " ".join(block.text for block in blocks)[:_LONGEST_TEXT]
    if not words.strip():
        return Missing(reason="the section is empty", container=True)
    quote = next((block.text for block in blocks if block.kind is not BlockKind.HEADING), blocks[0].text)
    return Reading(value=Text(text=words), quote=quote, locator=blocks[0].locator)


def _law_part(document: Document, rule: Rule) -> Reading | Missing:
    blocks = blocks_under(document, rule)
    if isinstance(blocks, Missing):
        return blocks
    block = blocks[0]
    text = block.path[-1] if rule.part == "heading" and block.path else block.text
    if not text:
        return Missing(reason="the section is empty", container=True)
    return Reading(value=Text(text=text), quote=sentence(text, 0, 1), locator=block.locator)


def read_yes_no(document: Document, rule: Rule) -> Reading | Missing:
    """By the words that mean yes and the words that mean no; saying both, or neither, is cannot tell."""
    if not rule.says:
        found = spots_of(document, rule)
        if isinstance(found, Missing):
            return found
        value = parse_value(Kind.YES_NO, found[0].text) or YesNo(yes=True)
        return Reading(value=value, quote=found[0].quote, locator=found[0].locator)
    answers = _said(document, rule)
    if isinstance(answers, Missing):
        return answers
    if len({answer for answer, _ in answers}) > 1:
        return Missing(reason="the page says both yes and no")
    answer, spot = answers[0]
    parsed = parse_value(Kind.YES_NO, answer)
    if parsed is None:
        return Missing(reason=f"{answer!r} is neither yes nor no")
    return Reading(value=parsed, quote=spot.quote, locator=spot.locator)


def read_status(document: Document, rule: Rule) -> Reading | Missing:
    """The status that the section states, by its words or by the repeal of a law's section."""
    if rule.says:
        answers = _said(document, rule)
        if isinstance(answers, Missing):
            return answers
        if len({answer for answer, _ in answers}) > 1 and rule.pick != "first":
            return Missing(reason="the page states several statuses")
        answer, spot = answers[0]
        return Reading(value=Status(status=StatusWord(answer)), quote=spot.quote, locator=spot.locator)
    if rule.section is not None:
        return _law_status(document, rule)
    found = spots_of(document, rule)
    if isinstance(found, Missing):
        return found
    stated = [(word, spot) for spot in found for word in statuses_in(spot.text)]
    if not stated:
        return Missing(reason=f"no status in {found[0].text[:80]!r}", container=True)
    if rule.pick == "only" and len({word for word, _ in stated}) > 1:
        return Missing(reason="several statuses: " + ", ".join(sorted({word.value for word, _ in stated})))
    word, spot = stated[-1] if rule.pick == "last" else stated[0]
    return Reading(value=Status(status=word), quote=sentence(spot.quote, 0, 1), locator=spot.locator)


_REPEALED = re.compile(r"\W*(?:\d[\d.]*\s*)?(?:\([\d.]+\)\s*)?\[?\s*(?:repealed|abrogée?s?)\b", re.IGNORECASE)


def _law_status(document: Document, rule: Rule) -> Reading | Missing:
    blocks = blocks_under(document, rule)
    if isinstance(blocks, Missing):
        return blocks
    text = blocks[0].text
    repealed = len(text) < 400 and _REPEALED.match(text)
    word = StatusWord.REPEALED if repealed else StatusWord.OPEN
    return Reading(value=Status(status=word), quote=sentence(text, 0, 1) or text, locator=blocks[0].locator)


def _said(document: Document, rule: Rule) -> list[tuple[str, Spot]] | Missing:
    """Each answer whose terms stand in the place, with where they stand."""
    found = spots_of(document, rule)
    if isinstance(found, Missing):
        return found
    folded = [(spot, fold(spot.text)) for spot in found]
    answers = []
    for answer, terms in rule.says:
        spot = next((spot for spot, text in folded if any(fold(term) in text for term in terms)), None)
        if spot is not None:
            answers.append((answer, spot))
    wanted = ", ".join(term for _, words in rule.says for term in words)
    return answers or Missing(reason=f"none of these is said there: {wanted}", container=True)


def read_members(document: Document, rule: Rule) -> Reading | Missing:
    """Names: the cells of a column, what a pattern matches, or the entries of the list in a section."""
    if wants_table(rule) or rule.match or rule.select or rule.path or rule.label:
        found = spots_of(document, rule)
        if isinstance(found, Missing):
            return found
        names = [part for spot in found for part in (spot.parts or (spot.text,)) if part]
        if rule.codes:
            names = [code for name in names for code in _codes(name, rule.codes)]
        quote = "\n".join(dict.fromkeys(spot.quote for spot in found))[:6000]
        locator = found[0].locator
    else:
        blocks = blocks_under(document, rule)
        if isinstance(blocks, Missing):
            return blocks
        items = [block for block in blocks if block.kind is BlockKind.ITEM]
        names = (
            [code for block in items for code in _codes(block.text, rule.codes)]
            if rule.codes
            else [block.text for block in items]
        )
        quote = "\n".join(block.text for block in items)[:6000]
        locator = items[0].locator if items else ""
    distinct = tuple(dict.fromkeys(name.strip(" .;,") for name in names if name.strip(" .;,")))
    if not distinct:
        return Missing(reason="the list has no entries there")
    return Reading(value=Members(items=distinct), quote=quote, locator=locator)


def _codes(text: str, scheme: str) -> list[str]:
    found = found_of(Kind.CODE, text, codes=scheme)
    return [item.value.code for item in found if isinstance(item.value, Code)]
