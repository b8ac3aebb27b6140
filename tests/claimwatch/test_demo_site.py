"""The demo's pages: they stand still where nothing is said to change, and change exactly as the story says."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import zlib
from collections.abc import Iterator
from datetime import date

import pytest
from selectolax.lexbor import LexborHTMLParser

from claimwatch.demo.site import Site, running_site
from claimwatch.demo.story import PAGES, Page, Trouble, fill, long_day

TODAY = date(2027, 1, 31)
BY_SOURCE = {page.source: page for page in PAGES}


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site(TODAY) as running:
        yield running


def get(site: Site, page: Page, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=5)
    try:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", page.path, headers={"Host": page.host, **names})
        response = connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    finally:
        connection.close()


def words(body: bytes) -> str:
    """The words of the main part, white space folded."""
    tree = LexborHTMLParser(body.decode())
    for furniture in tree.css(
        "main nav, main script, main form, main .accordion-control, main .pagedetails, main .sidebar-content"
    ):
        furniture.decompose()
    main = tree.css_first("main")
    return " ".join(main.text(separator=" ").split()) if main is not None else ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.source)
def test_every_page_is_whole_and_leaves_no_placeholder(site: Site, page: Page) -> None:
    status, headers, body = get(site, page)
    assert status == 200
    assert headers["content-type"] == page.content_type
    assert b"${" not in body
    if page.content_type == "application/json":
        json.loads(body)
    else:
        assert len(words(body)) > 200


@pytest.mark.parametrize("page", [page for page in PAGES if page.steady], ids=lambda page: page.source)
def test_a_steady_page_answers_304_to_its_own_etag_and_to_no_other(site: Site, page: Page) -> None:
    _, headers, _ = get(site, page)
    assert get(site, page, If_None_Match=headers["etag"])[0] == 304
    assert get(site, page, If_None_Match='"another"')[0] == 200


@pytest.mark.parametrize("page", [page for page in PAGES if not page.steady], ids=lambda page: page.source)
def test_other_pages_never_give_the_same_bytes_twice(site: Site, page: Page) -> None:
    (_, headers, first), (_, _, second) = get(site, page), get(site, page)
    assert "etag" not in headers
    assert first != second
    assert words(first) == words(second)


def test_gzip_is_used_only_where_it_is_accepted(site: Site) -> None:
    page = BY_SOURCE["worker-rules"]
    _, headers, plain = get(site, page)
    assert "content-encoding" not in headers
    _, headers, packed = get(site, page, Accept_Encoding="gzip, br")
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed) == plain


def test_the_redesign_keeps_every_word_in_another_template(site: Site) -> None:
    page = BY_SOURCE["westland-invitations"]
    before = get(site, page)[2]
    site.change()
    after = get(site, page)[2]
    # Where a date spans two rows, the new table repeats it.
    assert set(words(before).split()) == set(words(after).split())
    assert b"accordion" in before
    assert b"accordion" not in after


def test_reworded_navigation_and_a_moved_date_leave_the_words_of_the_page(site: Site) -> None:
    page = BY_SOURCE["category-selection"]
    before = get(site, page)[2]
    site.change()
    after = get(site, page)[2]
    assert words(before) == words(after)
    assert b"Jobs and the workplace" in before
    assert b"Jobs and the workplace" not in after
    assert re.findall(rb'dateModified">([\d-]+)<', before) != re.findall(rb'dateModified">([\d-]+)<', after)


def test_the_real_changes_appear_at_the_second_visit(site: Site) -> None:
    def seen() -> tuple[bool, ...]:
        return (
            "$1,150" in words(get(site, BY_SOURCE["talent-stream"])[2]),
            "22222" not in words(get(site, BY_SOURCE["talent-stream"])[2]),
            "no more registrations" in words(get(site, BY_SOURCE["northland-updates"])[2]),
            "From May 1, 2027 the amount is $1,590" in words(get(site, BY_SOURCE["application-fees"])[2]),
            json.loads(get(site, BY_SOURCE["rounds-feed"])[2])["rounds"][0]["drawNumber"] == "418",
        )

    assert not any(seen())
    site.change()
    assert all(seen())


def test_each_trouble_is_what_it_says_with_a_length_that_is_true(site: Site) -> None:
    whole = {page.source: get(site, page)[2] for page in PAGES}
    site.change()
    replies = {page.trouble: get(site, page) for page in PAGES if page.trouble is not None}
    assert set(replies) == set(Trouble)
    for _, headers, body in replies.values():
        assert int(headers["content-length"]) == len(body)
    status, _, body = replies[Trouble.BLOCK_PAGE]
    assert status == 200
    assert b"captcha" in body
    status, headers, body = replies[Trouble.HALF_BODY]
    assert status == 200
    assert "content-encoding" not in headers
    assert b"</main>" in whole["home-experience"]
    assert b"</main>" not in body
    status, headers, body = replies[Trouble.CUT_GZIP]
    assert (status, headers["content-encoding"]) == (200, "gzip")
    assert not zlib.decompressobj(wbits=31).decompress(body).endswith(b"}")
    assert replies[Trouble.UNAVAILABLE][0] == 503


def test_unknown_hosts_and_paths_get_404_and_robots_may_be_read_everywhere(site: Site) -> None:
    stranger = Page(source="x", host="elsewhere.test", path=PAGES[0].path, title="", content="")
    assert get(site, stranger)[0] == 404
    robots = Page(source="x", host=PAGES[0].host, path="/robots.txt", title="", content="")
    assert get(site, robots)[0] == 200


def test_a_placeholder_without_words_is_an_error_and_an_amount_is_none() -> None:
    assert fill("pays $1,000 for ${what}", {"what": "each"}) == "pays $1,000 for each"
    with pytest.raises(KeyError):
        fill("${nothing}", {})


def test_days_are_printed_in_the_pages_language() -> None:
    assert long_day(date(2027, 3, 3)) == "March 3, 2027"
