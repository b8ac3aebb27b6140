"""The project's own two files: they load, refer to each other rightly, and are honest about what they cover."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from domain.claims import Operator
from domain.values import Kind
from tests.ledger.captures import claims, sources

EDITORIAL_AT_MOST = 19


def test_both_files_load_without_a_problem() -> None:
    assert len(sources()) >= 100
    assert len(claims()) >= 179


def test_every_statement_is_watched_or_says_why_it_is_not() -> None:
    unwatched = [claim for claim in claims().values() if not claim.expectations]

    assert all(claim.unwatched for claim in unwatched)
    assert len(unwatched) <= EDITORIAL_AT_MOST


def test_every_statement_has_a_short_anchor_and_words_of_our_own() -> None:
    for claim in claims().values():
        assert claim.anchor, claim.id
        assert len(claim.anchor.split()) <= 6, claim.id
        assert claim.text, claim.id
        assert claim.anchor != claim.text, claim.id


def test_terms_of_a_page_are_short() -> None:
    for claim in claims().values():
        for expectation in claim.expectations:
            if expectation.operator is Operator.SAYS:
                assert all(len(term.split()) <= 6 for term in (*expectation.operand, *expectation.none_of)), claim.id


def test_what_was_never_tried_on_a_capture_says_so_and_why() -> None:
    unverified = [source for source in sources().values() if source.grounding == "unverified"]

    assert unverified
    assert all(source.note for source in unverified)


def test_language_twins_point_at_each_other() -> None:
    for source in sources().values():
        if source.counterpart is None:
            continue
        twin = sources()[source.counterpart]
        assert twin.counterpart == source.id, source.id
        assert {source.language, twin.language} == {"en", "fr"}
        shared = {rule.key for rule in source.rules} & {rule.key for rule in twin.rules}
        assert shared or not (source.rules and twin.rules), source.id


def test_no_two_facts_of_one_page_read_the_whole_of_one_section_and_a_value_in_it() -> None:
    """A change of the value would be told twice."""
    for source in sources().values():
        whole = {rule.under for rule in source.rules if rule.kind == "text" and rule.under and not rule.match}
        inside = [rule.key for rule in source.rules if rule.under in whole and (rule.match or rule.columns)]
        assert not inside, (source.id, inside)


def test_anchors_stand_in_the_guide() -> None:
    guide = os.environ.get("CLAIMWATCH_GUIDE")
    if not guide or not Path(guide).is_file():
        pytest.skip("the guide's text lies outside the repository: set CLAIMWATCH_GUIDE to its path")
    text = Path(guide).read_text(encoding="utf-8")

    assert [claim.id for claim in claims().values() if claim.anchor not in text] == []
    assert [claim.id for claim in claims().values() if claim.text in text] == []


FIXED_LISTS = {
    "ircc-ee-language#english_tests",
    "ircc-ee-eca#designated_orgs",
    "ircc-pnp#provinces",
    "ircc-aip#provinces",
}
"""Lists whose every possible name is known: provinces, tests, bodies."""


def value_group(pattern: str) -> str:
    """What stands in the brackets of the group `value`."""
    start = pattern.index("(?P<value>") + len("(?P<value>")
    depth = 1
    for at in range(start, len(pattern)):
        depth += {"(": 1, ")": -1}.get(pattern[at], 0) if pattern[at - 1] != "\\" else 0
        if depth == 0:
            return pattern[start:at]
    raise AssertionError(f"no end of the group in {pattern}")


def test_no_rule_can_read_one_value_alone() -> None:
    """A rule whose pattern holds the value itself would lose the fact at the first change of it."""
    pinned = {
        source.fact_key(rule)
        for source in sources().values()
        for rule in source.rules
        if rule.match and rule.kind not in (Kind.TEXT, Kind.YES_NO, Kind.STATUS)
        if not re.search(r"\\[dw]|\[|\.[*{+]", value_group(rule.match))
    }

    assert pinned == FIXED_LISTS
