"""Where passages changed, in a line and back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.comparison import BlockChange, Operation, Significance
from domain.documents import BlockKind
from monitor.places import named_places, said_places

LAW = BlockChange(
    op=Operation.CHANGED,
    kind=BlockKind.SECTION,
    path=("PART 11", "Workers", "Who may work"),
    before="You may come.",
    after="You must come.",
    significance=Significance.SUBSTANTIVE,
    locator="section 3.1",
)
PLAIN = replace(LAW, kind=BlockKind.PARAGRAPH, path=("Fees", "How to pay"), locator="Fees > p 2")


@pytest.mark.parametrize(
    ("blocks", "named"),
    [
        ((LAW,), ("section 3.1, Who may work",)),
        ((replace(LAW, path=()),), ("section 3.1",)),
        ((PLAIN, PLAIN), ("How to pay",)),
        ((LAW, PLAIN), ("section 3.1, Who may work", "How to pay")),
        ((replace(PLAIN, path=()),), ()),
    ],
)
def test_a_line_names_the_sections_of_a_law_and_the_headings_of_a_page(
    blocks: tuple[BlockChange, ...], named: tuple[str, ...]
) -> None:
    assert named_places(said_places(blocks)) == named
    assert named_places(f"{said_places(blocks)}; no longer told: office#fee") == named


def test_a_line_of_an_older_version_is_read_too() -> None:
    assert named_places("2 passage(s) changed: PART 1 > Fees; Updates") == ("Fees", "Updates")


@pytest.mark.parametrize("other", ["", "the guide expects: 5", "1 passage changed", "see: 1 passage changed: x"])
def test_another_line_names_no_place(other: str) -> None:
    assert named_places(other) == ()
