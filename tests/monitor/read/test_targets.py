"""Targets of links: made absolute as everybody makes them, and one essence for what is one page to a reader."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.read.targets import absolute_target, clean_target, form_essence, link_essence, same_target

PIECE = st.sampled_from(
    ["/", ".", "..", "a", "b.html", "?", "x=1", "&", "#", "top", "//", ";", ":", " ", "é", "@", "%20"]
)


@given(
    st.lists(PIECE, max_size=8).map("".join), st.sampled_from(["https://h.example/en/page.html?q=1#part", "file:x", ""])
)
def test_a_target_is_made_absolute_as_by_the_standard_library(target: str, base: str) -> None:
    expected = urljoin(base, target) if base else target

    # An empty query or fragment is dropped by joining, and by the splitting that follows in any case.
    assert urlsplit(absolute_target(target, base)) == urlsplit(expected)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("/forms/a.pdf?v=2", "https://www.harbour.example/forms/A.pdf#page=2"),
        ("/a?utm_source=x&form=2", "/a?form=2&cb=9"),
        ("https://web.archive.org/web/20310402id_/https://harbour.example/a", "http://harbour.example/a/"),
        ("/cdn-cgi/l/email-protection#1a2b", "/cdn-cgi/l/email-protection#ffee"),
    ],
)
def test_one_page_has_one_essence(left: str, right: str) -> None:
    assert same_target(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [("/a?form=2", "/a?form=3"), ("/a", "/b"), ("https://a.example/x", "https://b.example/x"), ("mailto:a@b", "tel:1")],
)
def test_two_pages_have_two(left: str, right: str) -> None:
    assert not same_target(left, right)


@given(st.text(max_size=60))
def test_any_text_has_an_essence(target: str) -> None:
    assert link_essence(target) == link_essence(target)
    assert form_essence(target) == form_essence(target)
    assert isinstance(clean_target(target, "https://harbour.example/"), str)
