"""What holds for every answer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from domain.people import Role
from review.access import access_from
from review.gate import MOST_BYTES
from tests.review.office import SECRET, Office, opened


def test_every_answer_tells_the_browser_to_run_nothing_that_is_not_ours(office: Office) -> None:
    for path in ("/", "/sign-in", "/no-such-page", "/static/desk.css"):
        headers = office.client("ana").get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_an_unknown_host_is_not_answered(office: Office) -> None:
    assert httpx.get(office.url + "/sign-in", headers={"host": "elsewhere.example"}).status_code == 400


def test_a_body_that_is_too_large_is_refused_declared_or_not(office: Office) -> None:
    client = office.client(None)
    assert client.post("/sign-in", name="a" * MOST_BYTES).status_code == 413
    chunks = (b"a" * 65_536 for _ in range(8))
    streamed = client.client.post(
        "/sign-in", content=chunks, headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert streamed.status_code == 413


def test_the_api_says_as_a_problem_that_a_body_is_too_large_declared_or_not(office: Office) -> None:
    api = office.api()
    whole = b'{"kind": "look", "subject": "' + b"a" * MOST_BYTES + b'"}'
    chunks = (whole[at : at + 65_536] for at in range(0, len(whole), 65_536))
    for content in (whole, chunks):
        answer = api.post("/requests", content=content, headers={"content-type": "application/json"})
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.json()["status"] == 413


def test_a_name_in_a_header_counts_only_from_a_trusted_proxy(demo_home: Path, office: Office) -> None:
    office.person("ana", Role.REVIEWER)
    assert office.client(None, **{"X-Forwarded-User": "ana"}).get("/").status_code == 303
    trusting = access_from(base_url=office.url, secret=SECRET, proxies="127.0.0.1", user_header="X-Forwarded-User")
    with opened(office.home, proxies=trusting.proxies, user_header=trusting.user_header) as proxied:
        assert proxied.client(None, **{"X-Forwarded-User": "ana"}).get("/").status_code == 200
        assert proxied.client(None, **{"X-Forwarded-User": "nobody"}).get("/").status_code == 303
        assert proxied.client(None).get("/").status_code == 303


@pytest.mark.parametrize("secret", ["", "short"])
def test_a_desk_without_a_proper_secret_is_not_opened(secret: str) -> None:
    with pytest.raises(ValueError, match="CLAIMWATCH_SECRET_KEY"):
        access_from(base_url="http://127.0.0.1:8080", secret=secret)


def test_cookies_are_for_tls_alone_where_the_desk_is_reached_by_tls() -> None:
    access = access_from(base_url="https://desk.example/", secret=SECRET)
    assert access.secure
    assert access.cookie == "__Host-claimwatch"
    assert not replace(access, base_url="http://desk.example").secure


def test_what_is_refused_leads_back_to_where_one_was_and_to_no_other_site(office: Office) -> None:
    ours = office.client("vi", Role.VIEWER, referer=f"{office.url}/flags?severity=high")
    assert 'href="/flags?severity=high"' in ours.get("/people").text
    for elsewhere in ("https://elsewhere.example/flags", f"{office.url}.example/flags", f"{office.url}//elsewhere"):
        assert "where you were" not in office.client("vi", Role.VIEWER, referer=elsewhere).get("/people").text


def test_what_is_too_much_is_said_on_a_page_in_the_language_of_the_browser(office: Office) -> None:
    said = office.client(None, **{"accept-language": "fr-CA"}).post("/sign-in", name="a" * MOST_BYTES)
    assert "C’est trop à la fois\u00a0: 256 ko au plus." in said.text
    assert '<html lang="fr">' in said.text
