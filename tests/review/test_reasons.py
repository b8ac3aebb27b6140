"""What the judge of claims says has its French, and what it found stays word for word."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from domain.claims import Operator
from review.french import FRENCH
from review.pages.flags import passages_of
from review.reasons import FINDINGS, REASONS, finding_words, reason_words

HOUSE = Path(__file__).parents[2]
_PLAIN = re.compile(r"[a-z][a-z' ]* [a-z' ]+")


def judged() -> set[str]:
    """Every plain phrase of more than one word in the judge's modules that is no docstring."""
    found: set[str] = set()
    for name in ("operators", "expect", "standings"):
        tree = ast.parse((HOUSE / "monitor" / f"{name}.py").read_text())
        apart = {
            id(part)
            for node in ast.walk(tree)
            for part in (
                [node.value] if isinstance(node, ast.Expr) else node.values if isinstance(node, ast.JoinedStr) else ()
            )
        }
        found |= {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in apart
        }
    return {text for text in found if _PLAIN.fullmatch(text)} - {"a located fact has a value"}


def test_every_reason_of_the_judge_has_its_french() -> None:
    assert "outside the range" in judged()
    assert sorted(judged() - {*REASONS, *FINDINGS}) == []
    assert sorted({*REASONS, *FINDINGS} - FRENCH.keys()) == []


@pytest.mark.parametrize("operator", Operator)
def test_every_expectation_has_its_french(operator: Operator) -> None:
    if operator is Operator.WITHIN_DAYS:
        assert reason_words("fr", "within 365 days") == "depuis 365 jours au plus"
    elif operator is not Operator.TREND:
        words = f"{operator.value.replace('_', ' ')} a to b"
        assert reason_words("fr", words) != words or operator in (Operator.PRESENT, Operator.ABSENT, Operator.UNCHANGED)


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("nothing for more than 365 days", "rien depuis plus de 365 jours"),
        ("last seen 2026-04-20, fresh for 3 days", "vu le 2026-04-20, valable 3 jours"),
        ("sentinel-missing", "des mots qui doivent y figurer manquent"),
        ("something else entirely", "something else entirely"),
    ],
)
def test_a_reason_is_french_around_what_it_holds(english: str, french: str) -> None:
    assert reason_words("fr", english) == french
    assert reason_words("en", english) == english


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("2024-04-11, 957 days ago", "2024-04-11, il y a 957 jours"),
        ("no longer said: by air; said: in May", "n’est plus dit\u00a0: by air\u00a0; est dit\u00a0: in May"),
        ("CAD 1,150", "CAD 1,150"),
        ("about agreements", "about agreements"),
        ("protection against loss, 3 days ago", "protection against loss, 3 days ago"),
    ],
)
def test_what_a_page_says_is_never_translated(english: str, french: str) -> None:
    assert finding_words("fr", english) == french
    assert finding_words("en", english) == english


def test_a_long_passage_is_cut_down_to_what_the_claim_is_about() -> None:
    guide = "Before. " * 100 + "The fee is **$1,000** a position. " + "After. " * 100
    (passage,) = passages_of(guide, "fee is $1,000 a position")
    assert passage.said == "fee is **$1,000** a position"
    assert passage.before.startswith("… Before.")
    assert passage.after.endswith("After. …")
    assert max(len(passage.before), len(passage.after)) < 180
