"""A capture over real HTTP: what it is, its text in stretches, its bytes as an attachment, the page as kept inert."""

from __future__ import annotations

import re
from hashlib import sha256

import pytest

from domain.people import Role
from domain.snapshots import CapturedBy, Origin, Snapshot
from review.endpoints.captures import FRAME_POLICY
from storage.snapshots import keep_snapshot, list_snapshots
from tests.review.office import Office


def keep(
    office: Office, body: bytes, *, content_type: str | None = "text/html; charset=utf-8", **changes: object
) -> str:
    """A capture of the demo's fee page with these bytes; its digest."""
    source = (
        office.desk.sources["widget-fee"]
        if "widget-fee" in office.desk.sources
        else next(iter(office.desk.sources.values()))
    )
    made = Snapshot(
        **{  # type: ignore[arg-type]
            "source": source.id,
            "url": source.url,
            "final_url": source.url,
            "status": 200,
            "headers": (("content-type", content_type), ("x-odd", "<b>odd</b>")) if content_type else (),
            "body": body,
            "digest": sha256(body).hexdigest(),
            "fetched_at": office.clock(),
            **changes,
        }
    )
    with office.store.writing() as connection:
        keep_snapshot(connection, made)
    return made.digest


def newest(office: Office) -> str:
    """The digest of a capture that the demo made."""
    with office.store.reading() as connection:
        return next(
            found[0].digest for name in office.desk.sources if (found := list_snapshots(connection, name, limit=1))
        )


def test_a_capture_says_what_it_is_and_what_rests_on_it(office: Office) -> None:
    digest = newest(office)
    said = office.client("vi", Role.VIEWER).get(f"/captures/{digest}")
    assert said.status_code == 200
    assert digest in said.text
    assert "verified just now" in said.text
    assert "outcome-good" in said.text
    assert 'id="b0"' in said.text


def test_the_beginning_of_a_digest_leads_to_the_whole_and_a_stranger_digest_to_nothing(office: Office) -> None:
    digest, client = newest(office), office.client()
    assert client.get(f"/captures/{digest[:12]}").headers["location"] == f"/captures/{digest}"
    for unknown in ("0" * 64, "abc", "..%2f..", "g" * 64, digest.upper()):
        assert client.get(f"/captures/{unknown}").status_code == 404
        assert client.get(f"/captures/{unknown}/raw").status_code == 404
        assert client.get(f"/captures/{unknown}/frame").status_code == 404


def test_captured_words_are_text_and_nothing_else(office: Office) -> None:
    digest = keep(
        office,
        b"<title>t<script>alert(1)</script></title><main><h1>&lt;img src=x onerror=alert(1)&gt;</h1>"
        b"<p>&lt;script&gt;alert(2)&lt;/script&gt; and a licence</p></main>",
        final_url="javascript:alert(1)",
    )
    said = office.client().get(f"/captures/{digest}").text
    assert "&lt;script&gt;alert(2)" in said
    assert "<script>alert" not in said
    assert "&lt;b&gt;odd&lt;/b&gt;" in said
    assert 'href="javascript' not in said


def test_bytes_are_handed_out_to_be_saved_only(office: Office) -> None:
    body = b"<script>alert(1)</script>"
    answer = office.client().get(f"/captures/{keep(office, body)}/raw")
    assert answer.content == body
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox")


def test_the_frame_forbids_all_and_is_no_page_of_its_own(office: Office) -> None:
    digest = keep(office, b"<html><body><p>licence")
    client = office.client()
    answer = client.get(f"/captures/{digest}/frame")
    assert answer.headers["content-security-policy"] == FRAME_POLICY
    assert {"sandbox", "default-src 'none'", "form-action 'none'", "base-uri 'none'"} <= set(FRAME_POLICY.split("; "))
    assert "allow-" not in FRAME_POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    client.client.headers["sec-fetch-dest"] = "document"
    assert client.get(f"/captures/{digest}/frame").headers["location"] == f"/captures/{digest}?view=page"


@pytest.mark.parametrize(
    ("content_type", "body", "framed"),
    [
        ("text/html", b"<p>x", True),
        ("application/xhtml+xml; charset=utf-8", b"<html>", True),
        (None, b"<!doctype html><p>x", True),
        ("image/svg+xml", b"<svg onload=alert(1)>", False),
        ("application/json", b'{"a": "<script>"}', False),
        ("text/xml", b"<a/>", False),
        (None, b"%PDF-1.4", False),
    ],
)
def test_only_what_a_browser_calls_a_page_is_framed(
    office: Office, content_type: str | None, body: bytes, framed: bool
) -> None:
    digest = keep(office, body, content_type=content_type)
    answer = office.client().get(f"/captures/{digest}/frame")
    assert answer.status_code == (200 if framed else 404)
    assert ("As the page was kept" in office.client().get(f"/captures/{digest}").text) is framed


def test_a_charset_is_passed_on_only_where_it_is_a_plain_name(office: Office) -> None:
    plain = keep(office, b"<p>caf\xe9", content_type="text/html; charset=ISO-8859-1")
    assert office.client().get(f"/captures/{plain}/frame").headers["content-type"] == "text/html; charset=ISO-8859-1"
    odd = keep(office, b"<p>odd", content_type='text/html; charset="\x01utf-8"')
    assert office.client().get(f"/captures/{odd}/frame").headers["content-type"] == "text/html"


def test_a_long_text_comes_in_stretches(office: Office) -> None:
    body = "<main><h1>Licences</h1>" + "".join(f"<h2>Part {n}</h2><p>licence {n}</p>" for n in range(300)) + "</main>"
    digest, client = keep(office, body.encode()), office.client()
    first = client.get(f"/captures/{digest}").text
    assert "licence 5<" in first.replace("\n", "")
    assert "licence 299<" not in first
    seen, path = first, f"/captures/{digest}"
    for _ in range(10):
        found = re.search(r'rel="next" href="([^"]+)"', seen)
        if found is None:
            break
        path = found[1]
        seen = client.get(path).text
    assert "licence 299<" in seen
    assert "licence 5<" not in seen
    assert 'rel="prev"' in seen


def test_a_capture_that_cannot_be_read_says_why(office: Office) -> None:
    digest = keep(office, b"\x00\x01\x02" * 500, content_type="application/pdf")
    said = office.client().get(f"/captures/{digest}")
    assert said.status_code == 200
    assert "It cannot be read as text:" in said.text


def test_where_a_capture_came_from_and_when_is_said_as_far_as_it_is_known(office: Office) -> None:
    digest = keep(
        office, b"<p>an old licence", origin=Origin.IMPORTED, captured_by=CapturedBy.LATEST, length_verified=False
    )
    said = office.client().get(f"/captures/{digest}").text
    for words in ("by another archive, imported", "no later than then", "length not proven"):
        assert words in said
    french = office.client("vi", Role.VIEWER, **{"accept-language": "fr"}).get(f"/captures/{digest}").text
    assert "par une autre archive" in french
