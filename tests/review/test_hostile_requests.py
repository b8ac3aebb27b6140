"""What somebody sends who means harm: it is refused as their mistake, costs little, and gets them nothing."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack

import httpx
import pytest
from structlog.testing import capture_logs

from domain.people import Role, Scope
from domain.requests import RequestKind
from review.routes import PAGES
from review.secrets import HASHED_AT_ONCE, hashing, new_secret
from storage.requests import MOST_WAITING, ask
from storage.sessions import add_link
from tests.review.office import Office, mark_of

_POSTS = sorted({page.path for page in PAGES if page.method == "POST" and "{" not in page.path})


def multipart(fields: dict[str, bytes], charset: str) -> tuple[bytes, str]:
    """The body and the type of a form that says its own charset."""
    parts = (
        b'--edge\r\ncontent-disposition: form-data; name="%b"\r\n\r\n%b\r\n' % (name.encode(), value)
        for name, value in fields.items()
    )
    return b"".join(parts) + b"--edge--\r\n", f"multipart/form-data; boundary=edge; charset={charset}"


@pytest.mark.parametrize(
    ("charset", "value"),
    [("punycode", b"-\xff-"), ("undefined", b"a"), ("utf-7", b"+2AA-"), ("unicode_escape", b"\\ud800")],
)
def test_a_form_in_another_charset_is_no_request(office: Office, charset: str, value: bytes) -> None:
    client = office.client("root", Role.ADMIN)
    mark = mark_of(client.get("/account").text)
    names = ("name", "password", "address", "label", "entry", "note", "seen", "next", "external", "new", "timezone")
    body, kind = multipart({"mark": mark.encode(), **dict.fromkeys(names, value)}, charset)
    for path in _POSTS:
        answer = client.client.post(path, content=body, headers={"content-type": kind})
        assert answer.status_code == 415, path
        assert "That is no request." in answer.text


def test_a_form_in_parts_is_taken_where_it_is_utf_8(office: Office) -> None:
    client = office.client("ana")
    for charset in ("utf-8", "UTF-8"):
        body, kind = multipart({"to": b"fr", "next": "/sources?q=é".encode()}, charset)
        answer = client.client.post("/language", content=body, headers={"content-type": kind})
        assert answer.headers["location"] == "/sources?q=%C3%A9"


@pytest.mark.parametrize("fields", [29, 31, 400])
def test_an_address_with_very_many_parts_is_a_page_like_any_other(office: Office, fields: int) -> None:
    client = office.client("ana")
    assert client.client.get("/flags/1?" + "&".join(["a=1"] * fields)).status_code == 200
    assert client.client.get("/flags?" + "&".join(["a=1"] * fields)).status_code == 200


def test_a_link_that_is_none_is_not_worth_a_hash(office: Office) -> None:
    """Hashing takes 64 MiB. While others use all that there is for it, who has no link is told so at once."""
    with ExitStack() as busy:
        for _ in range(HASHED_AT_ONCE):
            busy.enter_context(hashing())
        assert (
            office.client(None).post("/enter/none", set_="password", password="long enough by far").status_code == 410
        )


def test_one_person_cannot_fill_the_line_of_requests(office: Office) -> None:
    with office.store.writing() as connection:
        for number in range(MOST_WAITING):
            address = f"https://office.example/{number}"
            ask(connection, kind=RequestKind.LOOK, subject=address, by="rea", now=office.clock())
    client, api = office.client("rea"), office.api("rea")
    source = next(iter(office.desk.sources))
    assert client.post("/sources/new", on="/sources/new", address="https://office.example/more").status_code == 429
    assert client.post(f"/sources/{source}/check", on=f"/sources/{source}").status_code == 429
    refused = api.post("/requests", json={"kind": "check", "subject": source})
    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    # What waits already is no further request, and others may ask.
    assert api.post("/requests", json={"kind": "look", "subject": "https://office.example/0"}).status_code == 201
    assert office.client("bob").post(f"/sources/{source}/check", on=f"/sources/{source}").status_code == 303


def test_the_verdict_of_another_is_taken_back_through_the_api_by_administrators_alone(office: Office) -> None:
    flag = office.api("ana").get("/flags", params={"state": "open"}).json()["flags"][0]
    place, seen = f"/flags/{flag['id']}", flag["snapshots"]
    assert office.api("ana").post(f"{place}/decision", json={"verdict": "no impact", "seen": seen}).status_code == 200
    assert office.api("bob").post(f"{place}/undo", json={"seen": seen}).status_code == 403
    assert office.api("root", Role.ADMIN, Scope.DECIDE).post(f"{place}/undo", json={"seen": seen}).status_code == 403
    assert office.api("ana").get(place).json()["state"] == "decided"
    assert office.api("root", Role.ADMIN, Scope.ADMIN).post(f"{place}/undo", json={"seen": seen}).status_code == 200


@pytest.mark.parametrize("path", ["state", "sessions"])
def test_who_is_put_out_has_no_link_left_that_leads_back_in(office: Office, path: str) -> None:
    carol, secret = office.person("carol", Role.VIEWER), new_secret()
    with office.store.writing() as connection:
        add_link(connection, secret=secret, user=carol.id, now=office.clock(), lifetime=office.desk.access.lifetime)
    root, page = office.client("root", Role.ADMIN), f"/people/{carol.id}"
    assert office.client(None).get(f"/enter/{secret}").status_code == 200
    assert root.post(f"{page}/{path}", on=page, to="out").status_code == 303
    assert root.post(f"{page}/state", on=page, to="in").status_code == 303
    assert office.client(None).get(f"/enter/{secret}").status_code == 410


def test_no_secret_of_an_address_comes_into_the_log(office: Office) -> None:
    secret = new_secret()
    with sqlite3.connect(office.home / "claimwatch.db") as database:
        database.execute("ALTER TABLE sign_in_links RENAME TO away")
    with capture_logs() as events:
        assert office.client(None).get(f"/enter/{secret}").status_code == 503
    assert [event["event"] for event in events] == ["page not answered"]
    assert secret not in str(events)


def test_very_many_fields_are_refused_in_either_kind_of_form(office: Office) -> None:
    client = office.client(None).client
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/sign-in", content=b"a&" * 100_000, headers=kind).status_code == 400
    body, parts = multipart({f"f{number}": b"" for number in range(2_100)}, "utf-8")
    assert client.post("/sign-in", content=body, headers={"content-type": parts}).status_code == 400


def test_an_answer_is_found_under_its_own_address_alone(office: Office) -> None:
    """Nothing is made of an address: `..`, encoded slashes and other digits lead to no page."""
    with httpx.Client(base_url=office.url, timeout=30) as client:
        client.cookies.set(office.desk.access.cookie, office.session("ana"), domain="127.0.0.1")
        for path in ("/flags/%31%2F..%2F2", "/flags/%D9%A1", "/flags/%C2%B9", "/flags/1%00", "/captures/..%2f..%2fetc"):
            assert client.get(path).status_code == 404, path
