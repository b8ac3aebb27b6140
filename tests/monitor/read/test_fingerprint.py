"""Fingerprints: what moves on every visit leaves them alone, and every word, figure and link target moves them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from monitor.read import fingerprint, quick_fingerprint, read

PAGE = (
    '<!DOCTYPE html><html lang="en"><head><title>Berths</title><script nonce="a1">var t="a1";</script></head><body>'
    '<nav><a href="/x">Menu</a></nav><main><h1>Berths</h1><script>var u="a1"</script><p class="lead" id="p1">Every keeper pays $40 for a berth.</p>'
    '<form action="/berths/ask" method="post"><input type="hidden" name="csrf" value="a1"></form><ul><li>a lamp</li><li>a rope</li></ul>'
    "<p hidden>The pier is shut.</p><p><strong>A lamp is lent.</strong></p>"
    '<p>Use <a href="/forms/a.pdf">the form</a>.</p></main><footer>Date modified: 2031-04-02</footer></body></html>'
)
NOISE = {
    "nonce": ("a1", "zz9"),
    "footer date": ("2031-04-02", "2031-05-09"),
    "attribute order": ('class="lead" id="p1"', 'id="p1" class="lead"'),
    "a class": ('class="lead"', 'class="lead mb-3"'),
    "menu": (">Menu<", ">Main menu<"),
    "comment": ("<h1>", "<!-- served by 7 --><h1>"),
    "white space": ("<li>a rope", "\n  <li>a\n   rope"),
}
PASSING_MARKS = {
    "a mark in a link": ("/forms/a.pdf", "/forms/a.pdf?v=9f3c1d20"),
    "tracking": ("/forms/a.pdf", "/forms/a.pdf?utm_source=letter"),
    "a version in a file's name": ("/forms/a.pdf", "/forms/a-0123abcd.pdf"),
    "a session of a form": ('action="/berths/ask"', 'action="/berths/ask?session=8a1f00c2d3"'),
}
"""What the full comparison calls noise in a target: the quick fingerprint must not send such a page to it."""
CHANGES = {
    "amount": ("$40", "$45"),
    "word": ("keeper pays", "keeper may pay"),
    "gone": ("<li>a rope</li>", ""),
    "order": ("<li>a lamp</li><li>a rope</li>", "<li>a rope</li><li>a lamp</li>"),
    "link target": ("/forms/a.pdf", "/forms/b.pdf"),
    "title": ("<h1>Berths", "<h1>Births"),
    "form target": ('<form action="/berths/ask"', '<form action="https://elsewhere.example/ask"'),
    "hidden text shown": ("<p hidden>", "<p>"),
    "text struck out": ("<strong>A lamp is lent.</strong>", "<strong><del>A lamp is lent.</del></strong>"),
    "what a link asks for": ("/forms/a.pdf", "/forms/a.pdf?form=2"),
    "base": ("<title>Berths", '<base href="https://elsewhere.example/"><title>Berths'),
    "look-alike": ("berth.", "b\u0435rth."),
}
BOTH = pytest.mark.parametrize(
    "digest", [lambda body: fingerprint(read(body)), quick_fingerprint], ids=["document", "quick"]
)


@BOTH
@pytest.mark.parametrize("swap", NOISE.values(), ids=NOISE)
def test_noise_leaves_the_fingerprint_alone(digest: Callable[[bytes], str], swap: tuple[str, str]) -> None:
    assert swap[0] in PAGE
    assert digest(PAGE.replace(*swap).encode()) == digest(PAGE.encode())


@BOTH
@pytest.mark.parametrize("swap", CHANGES.values(), ids=CHANGES)
def test_every_change_of_content_moves_the_fingerprint(digest: Callable[[bytes], str], swap: tuple[str, str]) -> None:
    assert swap[0] in PAGE
    assert digest(PAGE.replace(*swap).encode()) != digest(PAGE.encode())


@pytest.mark.parametrize("swap", PASSING_MARKS.values(), ids=PASSING_MARKS)
def test_marks_that_pass_leave_the_quick_fingerprint_alone(swap: tuple[str, str]) -> None:
    assert swap[0] in PAGE
    assert quick_fingerprint(PAGE.replace(*swap).encode()) == quick_fingerprint(PAGE.encode())


def test_the_markup_around_the_same_words_does_not_count() -> None:
    plain = PAGE.replace('<p class="lead" id="p1">', "<div><p><strong>").replace(
        "a berth.</p>", "a berth.</strong></p></div>"
    )

    assert fingerprint(read(plain.encode())) == fingerprint(read(PAGE.encode()))


def test_the_quick_fingerprint_is_for_html_alone() -> None:
    for body in (b'{"a": 1}', b"<?xml version='1.0'?><rss/>", b"words", b"\x1f\x8b<html>"):
        assert quick_fingerprint(body) is None
    assert quick_fingerprint(PAGE.encode(), region="#gone") is None
