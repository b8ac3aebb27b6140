"""From bytes to characters, and which differences between characters count."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DecodeError
from monitor.read import normalise, read
from tests.monitor.read.pages import page

WORDS = "Le capitaine paie 40 € à l’arrivée — déjà réglé."
TYPE = "text/html; charset="


def said(body: bytes, content_type: str | None = None) -> tuple[str, str]:
    found = read(body, content_type=content_type)
    return found.blocks[-1].text, found.encoding


@pytest.mark.parametrize(
    ("encoding", "declared", "mark", "found"),
    [
        ("utf-8", None, b"", "utf-8"),
        ("utf-8", "utf-8", b"", "utf-8"),
        ("utf-8", "iso-8859-1", b"", "utf-8"),
        ("utf-8", "base64", b"", "utf-8"),
        ("utf-8", "windows-1252", b"\xef\xbb\xbf", "utf-8"),
        ("cp1252", None, b"", "windows-1252"),
        ("cp1252", "utf-8", b"", "windows-1252"),
        ("cp1252", "iso-8859-1", b"", "windows-1252"),
        ("cp1252", "Windows-1252", b"", "windows-1252"),
        ("cp1252", "no-such-charset", b"", "windows-1252"),
        ("cp1252", "idna", b"", "windows-1252"),
        ("utf-16-le", None, b"\xff\xfe", "utf-16-le"),
        ("utf-16-be", "utf-8", b"\xfe\xff", "utf-16-be"),
        ("utf-16-le", None, b"", "utf-16-le"),
        ("mac-roman", "macintosh", b"", "mac-roman"),
    ],
)
def test_the_words_are_the_same_however_they_were_encoded(
    encoding: str, declared: str | None, mark: bytes, found: str
) -> None:
    body = mark + page(f"<p>{WORDS}</p>").encode(encoding)

    assert said(body, f"{TYPE}{declared}" if declared else "text/html") == (WORDS, found)


def test_a_declaration_in_the_page_counts_where_the_header_is_silent() -> None:
    body = page(f"<p>{WORDS}</p>", head='<meta charset="macintosh">').encode("mac-roman")

    assert said(body)[0] == WORDS
    assert said(body, f"{TYPE}windows-1252")[0] != WORDS


def test_a_choice_against_the_declaration_is_noted() -> None:
    body = page(f"<p>{WORDS}</p>").encode("cp1252")

    assert read(body, content_type=f"{TYPE}utf-8").notes == ("charset windows-1252, declared utf-8",)


@pytest.mark.parametrize(
    "body", [b"\x1f\x8b" + b"page" * 9, b"\x28\xb5\x2f\xfd" + b"page" * 9, bytes(range(128, 160)) * 50]
)
def test_bytes_that_are_no_text_are_refused(body: bytes) -> None:
    with pytest.raises(DecodeError):
        read(body, content_type="text/html")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("1\u00a0000 $", "1 000 $"),
        ("1\u202f000 $", "1\u2009000 $"),
        ("caf\u00e9", "cafe\u0301"),
        ("co\u00adoperate", "cooperate"),
        ("\u200bfee\ufeff", "fee"),
        ("the keeper\u2019s \u201cberth\u201d", 'the keeper\'s "berth"'),
        ("4\u20136 weeks", "4-6 weeks"),
        ("a \n\t b", "a b"),
    ],
)
def test_how_a_text_is_set_makes_no_difference(left: str, right: str) -> None:
    assert normalise(left) == normalise(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("1,000", "1.000"),
        ("1 000", "1000"),
        ("fee", "f\u0435e"),
        ("$4O", "$40"),
        ("m\u00b2", "m2"),
        ("Fee", "fee"),
        ("re-sent", "resent"),
        ("10", "1O"),
    ],
)
def test_what_a_text_says_makes_a_difference(left: str, right: str) -> None:
    assert normalise(left) != normalise(right)


@given(st.text())
def test_normalising_settles_at_once_and_touches_no_digit(text: str) -> None:
    once = normalise(text)
    digits = [mark for mark in unicodedata.normalize("NFC", text) if mark.isdecimal()]

    assert normalise(once) == once
    assert [mark for mark in once if mark.isdecimal()] == digits
