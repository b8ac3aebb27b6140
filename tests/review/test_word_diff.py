"""The words that went and came, whatever the texts are: both sides can always be read off the pieces."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from review.pages.word_diff import MOST_WORDS, Piece, side, word_diff
from review.pages.wording import CONTEXT, wording

_TEXTS = st.text(st.sampled_from("ab 1,$.é\n"), max_size=60)


@given(_TEXTS, _TEXTS)
def test_both_sides_are_in_the_pieces(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    assert "".join(piece.text for piece in side(pieces, "come")) == before
    assert "".join(piece.text for piece in side(pieces, "gone")) == after


def test_the_figure_alone_is_marked() -> None:
    assert word_diff("The fee is $1,000 a year.", "The fee is $1,150 a year.") == (
        Piece(kind="same", text="The fee is $"),
        Piece(kind="gone", text="1,000"),
        Piece(kind="come", text="1,150"),
        Piece(kind="same", text=" a year."),
    )


def test_words_next_to_each_other_change_together() -> None:
    pieces = word_diff("wait two full weeks here", "wait five short weeks here")
    assert [(piece.kind, piece.text) for piece in pieces if piece.kind != "same"] == [
        ("gone", "two full"),
        ("come", "five short"),
    ]


def test_a_long_difference_is_shown_whole() -> None:
    old, new = "a " * (MOST_WORDS + 1), "b " * (MOST_WORDS + 1)
    assert {piece.kind for piece in word_diff(f"x {old}", f"x {new}")} == {"same", "gone", "come"}
    assert len(word_diff(f"x {old}", f"x {new}")) <= 4


def test_where_many_passages_are_to_be_read_each_keeps_less_around_it() -> None:
    text = "word " * 200
    few, many = (
        sum(len(piece.text) for piece in wording(f"{text}old {text}", f"{text}new {text}", around=around).pieces)
        for around in (CONTEXT, CONTEXT // 3)
    )
    assert many < few / 2
