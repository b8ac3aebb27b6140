"""Where in a guide's text each claim stands, whatever kind of text it is."""

from __future__ import annotations

from typing import Any

from domain.claims import Claim, Risk
from domain.sources import Source
from monitor.guide import MarkedGuide, Passage, laid_out, mark_guide

SOURCES = (Source(id="fees", title="Fees of the office", url="https://office.example/"),)


def claim(name: str, anchor: str, *, section: str = "fees", text: str = "", **others: Any) -> Claim:
    return Claim(id=name, section=section, text=text or anchor, risk=Risk.HIGH, anchor=anchor, **others)


def marks(guide: MarkedGuide) -> list[tuple[str, tuple[str, ...]]]:
    """Each marked run of words with its claims."""
    return [
        (passage.block.text[span.start : span.end], span.claims) for passage in guide.passages for span in passage.spans
    ]


def headings(guide: MarkedGuide) -> list[tuple[int, str]]:
    return [(item.block.level, item.block.text) for item in guide.passages if item.block.kind.value == "heading"]


def passage(guide: MarkedGuide, words: str) -> Passage:
    return next(item for item in guide.passages if words in item.block.text)


def test_a_claim_is_marked_at_its_words_with_the_sign_and_the_bracket_that_belong_to_them() -> None:
    text = "# Fees\n\nThe desk asks for $1,000 per seat (in CAD) and no more.\n"
    guide = mark_guide(text, [claim("a", "1,000 PER seat (in CAD")], SOURCES)
    assert marks(guide) == [("$1,000 per seat (in CAD)", ("a",))]
    assert guide.unplaced == ()


def test_marks_keep_their_place_behind_accents_and_signs_of_several_letters() -> None:
    text = "# Frais\n\nÀ la ﬁn — déjà —, l’été coûte 40 $ par mois.\n"
    assert marks(mark_guide(text, [claim("a", "ete coute")], SOURCES))[0] == ("été coûte", ("a",))


def test_words_are_found_whole() -> None:
    guide = mark_guide("# Fees\n\nIt takes 12 weeks.\n", [claim("a", "2 weeks")], SOURCES)
    assert guide.unplaced == ("a",)
    assert all(not names for _, names in marks(guide))


def test_claims_whose_words_overlap_share_one_mark_and_others_stand_apart() -> None:
    text = "# Fees\n\nA permit lasts three years at most, and costs a fee.\n"
    claims = [claim("a", "lasts three years"), claim("b", "three years at most"), claim("c", "costs a fee")]
    assert marks(mark_guide(text, claims, SOURCES)) == [
        ("lasts three years at most", ("a", "b")),
        ("costs a fee", ("c",)),
    ]


def test_a_claim_is_marked_wherever_its_words_stand() -> None:
    text = "# One\n\nThe category can invite.\n\n# Two\n\nThen the category can invite.\n"
    assert [words for words, _ in marks(mark_guide(text, [claim("a", "the category can invite")], SOURCES))] == [
        "The category can invite",
        "the category can invite",
    ]


def test_a_section_that_says_it_again_in_other_words_is_told_at_its_heading() -> None:
    text = "# Fees\n\nThe fee is low.\n\n# Questions\n\nIs it dear? Hardly, by and large.\n"
    claims = [claim("a", "the fee is low", also_in=("faq",)), claim("b", "is it dear", section="faq")]
    guide = mark_guide(text, claims, SOURCES)
    assert passage(guide, "Questions").repeats == ("a",)
    assert passage(guide, "Fees").repeats == ()


def test_what_no_claim_covers_is_marked_where_it_stands() -> None:
    text = "# Fees\n\nThe fee is $1,000. A copy costs $35 and takes 3 weeks.\n"
    guide = mark_guide(text, [claim("a", "fee is $1,000"), claim("b", "takes 3 weeks")], SOURCES)
    assert guide.statements == 3
    assert [item.text for item in guide.uncovered] == ["$35"]
    assert marks(guide) == [("fee is $1,000", ("a",)), ("$35", ()), ("takes 3 weeks", ("b",))]


def test_plain_text_of_a_line_a_paragraph_gets_its_headings_lists_and_tables() -> None:
    text = "\n".join(
        (
            "It begins with words that end in a full stop.",
            "The permits",
            "Two kinds are issued by the office, and both cost $20.",
            "- ✓first of all, ask",
            "- ✓then wait 2 weeks",
            "- 1",
            "Send the form",
            "It is sent by post.",
            "| Code | Kind |",
            "|---|---|",
            "| 71 | long |",
            "How long does it take?+",
            "It takes 2 weeks.",
        )
    )
    blocks = laid_out(text).blocks
    assert [(block.kind.value, block.text) for block in blocks] == [
        ("paragraph", "It begins with words that end in a full stop."),
        ("heading", "The permits"),
        ("paragraph", "Two kinds are issued by the office, and both cost $20."),
        ("item", "first of all, ask"),
        ("item", "then wait 2 weeks"),
        ("heading", "1. Send the form"),
        ("paragraph", "It is sent by post."),
        ("row", "Code | Kind"),
        ("row", "71 | long"),
        ("heading", "How long does it take?+"),
        ("paragraph", "It takes 2 weeks."),
    ]


def test_a_guide_in_html_is_read_as_such() -> None:
    text = "<!doctype html><html><body><main><h1>Fees</h1><p>The fee is <b>$20</b>.</p></main></body></html>"
    guide = mark_guide(text, [claim("a", "the fee is $20")], SOURCES)
    assert marks(guide) == [("The fee is $20", ("a",))]
    assert headings(guide) == [(1, "Fees")]
