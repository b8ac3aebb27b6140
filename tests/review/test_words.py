"""French lacks nothing that the desk says, and says nothing that the desk does not."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

import pytest

from domain.checks import Outcome
from domain.claims import Standing
from domain.comparison import Operation, Significance, Verdict
from domain.facts import ChangeKind, FactState
from domain.flags import FlagReason, Severity
from domain.people import Deed, Role
from review.causes import CAUSES
from review.french import FRENCH
from review.words import NOTICES, say

HOUSE = Path(__file__).parents[2]
REVIEW = HOUSE / "review"
_SAID = re.compile(
    r"""(?:\bsay\(|Refusal\(\d+, |bare_page\([^"]*?\d+, |notice=)\s*(?:language, )?(["'])((?:(?!\1).)+)\1""", re.DOTALL
)
_ROOM = re.compile(r'^    \("/[a-z]*", "([A-Z][a-z]+)"', re.MULTILINE)


def said() -> set[str]:
    """Every phrase that a template or a module of the desk hands to `say`."""
    phrases = set(NOTICES)
    for path in (*REVIEW.rglob("*.py"), *REVIEW.rglob("*.html")):
        text = path.read_text()
        phrases |= {match[2] for match in _SAID.finditer(text)} | set(_ROOM.findall(text))
    return phrases


def test_french_says_all_that_english_says() -> None:
    assert sorted(said() - FRENCH.keys()) == []


@pytest.mark.parametrize("phrase", sorted(FRENCH))
def test_a_phrase_keeps_its_parts_and_its_plural(phrase: str) -> None:
    parts = set(re.findall(r"\{(\w+)\}", phrase))
    assert set(re.findall(r"\{(\w+)\}", FRENCH[phrase])) == parts
    assert FRENCH[phrase].count("|") == phrase.count("|")


def test_plurals_follow_the_language() -> None:
    assert say("en", "{n} day ago|{n} days ago", n=1) == "1 day ago"
    assert say("en", "{n} day ago|{n} days ago", n=0) == "0 days ago"
    assert say("fr", "{n} day ago|{n} days ago", n=0) == "il y a 0 jour"


@pytest.mark.parametrize(
    "words",
    [Outcome, Verdict, Significance, Operation, ChangeKind, FactState, FlagReason, Severity, Standing, Role, Deed],
)
def test_every_word_that_a_page_takes_from_a_noun_has_its_french(words: type[StrEnum]) -> None:
    shown = [word.value.replace("_", " ") for word in words if word is not Role.PUBLIC]
    assert [word for word in shown if word not in FRENCH] == []


_CAUSE = re.compile(r"""(?:\b(?:Fetch|Decode|Read)Error\(\s*|cause=)"([a-z-]+)\"""")


def test_every_cause_that_a_visit_can_name_has_its_words_and_their_french() -> None:
    paths = [path for room in ("outbound", "monitor") for path in (HOUSE / room).rglob("*.py")]
    causes = {match[1] for path in paths for match in _CAUSE.finditer(path.read_text())}
    assert "timeout" in causes
    assert sorted(causes - CAUSES.keys()) == []
    assert sorted(set(CAUSES.values()) - FRENCH.keys()) == []
