"""One's own account: how the desk is seen, the password, sessions, tokens."""

from __future__ import annotations

import re

import pytest

from domain.people import Role, Scope
from review.secrets import hash_password
from storage.sessions import find_token, list_sessions, list_tokens
from storage.users import set_password
from tests.review.office import Browser, Office

PASSWORD = "a long sentence that nobody guesses"
TOKEN = re.compile(r"<code>(cw_[\w-]+)</code>")


@pytest.fixture
def ana(office: Office) -> Browser:
    user = office.person("ana", Role.REVIEWER)
    with office.store.writing() as connection:
        set_password(connection, user.id, hash_password(PASSWORD))
    return office.client("ana")


def test_language_zone_and_theme_are_kept_with_the_person(office: Office, ana: Browser) -> None:
    given = {"language": "fr", "timezone": "Asia/Tokyo", "theme": "dark"}
    assert ana.post("/account/preferences", on="/account", **given).status_code == 303
    elsewhere = office.client("ana").get("/account").text
    assert "Votre compte" in elsewhere
    assert 'data-theme="dark"' in elsewhere
    assert 'value="Asia/Tokyo"' in elsewhere


def test_a_zone_or_a_theme_that_is_none_is_refused(ana: Browser) -> None:
    given = {"language": "", "timezone": "Mars/Olympus", "theme": "auto"}
    wrong = ana.post("/account/preferences", on="/account", **given)
    assert wrong.status_code == 422
    assert "There is no such time zone." in wrong.text
    assert 'value="Mars/Olympus"' in wrong.text
    for bad in ({"theme": "pink"}, {"language": "de"}):
        assert ana.post("/account/preferences", on="/account", **{**given, "timezone": "", **bad}).status_code == 422


def test_a_new_password_ends_every_other_session_and_keeps_this_one(office: Office, ana: Browser) -> None:
    other = office.client("ana")
    new = "another long sentence, quite different"
    assert ana.post("/account/password", on="/account", present="wrong", new=new).status_code == 422
    assert other.get("/").status_code == 200
    assert ana.post("/account/password", on="/account", present=PASSWORD, new="short").status_code == 422
    assert ana.post("/account/password", on="/account", present=PASSWORD, new=new).status_code == 303
    assert other.get("/").status_code == 303
    assert ana.get("/").status_code == 200
    stranger = office.client(None)
    assert stranger.post("/sign-in", name="ana", password=PASSWORD).status_code == 401
    assert stranger.post("/sign-in", name="ana", password=new).status_code == 303


def test_the_present_password_cannot_be_guessed_without_end(ana: Browser) -> None:
    answers = [
        ana.post("/account/password", on="/account", present="wrong", new=PASSWORD).status_code for _ in range(6)
    ]
    assert answers == [422] * 5 + [429]


def test_sessions_are_seen_and_ended_one_by_one_or_all_others(office: Office, ana: Browser) -> None:
    second, third = office.client("ana"), office.client("ana")
    bob = office.client("bob")
    shown = ana.get("/account").text
    digests = re.findall(r'name="session" value="([0-9a-f]{64})"', shown)
    assert len(digests) == 2
    ana.post("/account/sessions", on="/account", session=digests[0])
    assert sorted((second.get("/").status_code, third.get("/").status_code)) == [200, 303]
    ana.post("/account/sessions", on="/account", session="others")
    assert (second.get("/").status_code, third.get("/").status_code) == (303, 303)
    with office.store.reading() as connection:
        of_bob = list_sessions(connection, office.person("bob").id, now=office.clock())[0].digest
    ana.post("/account/sessions", on="/account", session=of_bob)
    assert bob.get("/").status_code == 200


def test_a_token_is_shown_once_kept_as_a_digest_and_revoked(office: Office, ana: Browser) -> None:
    shown = ana.post("/account/tokens", on="/account", label="nightly", scope="decide", days="30")
    secret = TOKEN.search(shown.text)
    assert secret is not None
    assert secret[1] not in ana.get("/account").text
    with office.store.reading() as connection:
        found = find_token(connection, secret[1], now=office.clock())
        assert found is not None
        assert found[0].scope is Scope.DECIDE
        kept = list_tokens(connection, found[1].id)[0]
    ana.post("/account/tokens/revoke", on="/account", token=str(kept.id))
    with office.store.reading() as connection:
        assert find_token(connection, secret[1], now=office.clock()) is None
    assert "nightly" not in ana.get("/account").text


def test_a_token_runs_out(office: Office, ana: Browser) -> None:
    secret = TOKEN.search(ana.post("/account/tokens", on="/account", label="x", scope="read", days="30").text)
    assert secret is not None
    office.clock.on(days=31)
    with office.store.reading() as connection:
        assert find_token(connection, secret[1], now=office.clock()) is None


@pytest.mark.parametrize("fields", [{"scope": "admin"}, {"scope": "all"}, {"days": "1000"}, {"days": "-1"}], ids=str)
def test_no_token_is_wider_than_its_person_or_lasts_for_ever(ana: Browser, fields: dict[str, str]) -> None:
    given = {"label": "x", "scope": "read", "days": "30", **fields}
    assert ana.post("/account/tokens", on="/account", **given).status_code == 422


def test_nobody_revokes_the_token_of_another(office: Office, ana: Browser) -> None:
    ana.post("/account/tokens", on="/account", label="nightly", scope="read", days="30")
    with office.store.reading() as connection:
        token = list_tokens(connection, office.person("ana").id)[0].id
    office.client("bob").post("/account/tokens/revoke", on="/account", token=str(token))
    assert "nightly" in ana.get("/account").text
