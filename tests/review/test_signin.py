"""Coming in and going out."""

from __future__ import annotations

import pytest

from domain.people import Role
from review.endpoints.signin import MOST_BY_NAME
from review.secrets import hash_password
from storage.audit import list_acts
from storage.sessions import add_link
from storage.users import change_user, set_password
from tests.review.office import Office

PASSWORD = "a long sentence that nobody guesses"


@pytest.fixture
def ana(office: Office) -> Office:
    user = office.person("ana", Role.REVIEWER)
    with office.store.writing() as connection:
        set_password(connection, user.id, hash_password(PASSWORD))
    return office


def test_a_password_lets_its_person_in_under_any_spelling_of_the_name(ana: Office) -> None:
    client = ana.client(None)
    answer = client.post("/sign-in", name=" ANA ", password=PASSWORD, next_="/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert client.get("/").status_code == 200
    with ana.store.reading() as connection:
        assert list_acts(connection, limit=1)[0].act == "signed in"


def test_a_wrong_password_and_an_unknown_name_are_told_alike(ana: Office) -> None:
    client = ana.client(None)
    wrong, unknown = (
        client.post("/sign-in", name="ana", password="x" * 20),
        client.post("/sign-in", name="bob", password="x" * 20),
    )
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert "do not go together" in wrong.text
    assert wrong.text.replace("ana", "") == unknown.text.replace("bob", "")


def test_after_too_many_tries_nobody_is_let_in_by_that_name_until_time_has_passed(ana: Office) -> None:
    client = ana.client(None)
    for _ in range(MOST_BY_NAME):
        assert client.post("/sign-in", name="ana", password="wrong wrong wrong").status_code == 401
    blocked = client.post("/sign-in", name="ana", password=PASSWORD)
    assert blocked.status_code == 429
    assert blocked.headers["retry-after"] == "900"
    ana.clock.on(minutes=16)
    assert client.post("/sign-in", name="ana", password=PASSWORD).status_code == 303


@pytest.mark.parametrize(
    "there",
    ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)", "/a\r\nb"],
)
def test_signing_in_never_leads_to_another_site(ana: Office, there: str) -> None:
    answer = ana.client(None).post("/sign-in", name="ana", password=PASSWORD, next_=there)
    assert answer.headers["location"] == "/"


def test_signing_out_ends_the_session_in_the_store(office: Office) -> None:
    client = office.client("ana")
    kept = dict(client.client.cookies)
    assert client.post("/sign-out", on="/").status_code == 303
    client.client.cookies.update(kept)
    assert client.get("/").status_code == 303


def test_a_session_ends_when_it_idles_runs_out_or_its_person_is_shut_out(office: Office) -> None:
    client = office.client("ana")
    office.clock.on(hours=11)
    assert client.get("/").status_code == 200
    office.clock.on(hours=13)
    assert client.get("/").status_code == 303
    office.person("root", Role.ADMIN)
    other, bob = office.client("bob"), office.person("bob")
    with office.store.writing() as connection:
        change_user(connection, bob.id, active=False)
    assert other.get("/").status_code == 303


def test_a_link_sets_a_password_once(office: Office) -> None:
    user = office.person("carol", Role.VIEWER)
    with office.store.writing() as connection:
        add_link(connection, secret="s" * 40, user=user.id, now=office.clock(), lifetime=office.desk.access.lifetime)
    client = office.client(None)
    assert "carol" in client.get("/enter/" + "s" * 40).text
    assert client.post("/enter/" + "s" * 40, set_="password", password="short").status_code == 422
    assert client.post("/enter/" + "s" * 40, set_="password", password=PASSWORD).status_code == 303
    assert client.get("/").status_code == 200
    assert client.post("/enter/" + "s" * 40, set_="password", password=PASSWORD).status_code == 410
    assert office.client(None).post("/sign-in", name="carol", password=PASSWORD).status_code == 303


def test_a_stranger_may_choose_the_language(office: Office) -> None:
    client = office.client(None)
    assert "Sign in" in client.get("/sign-in").text
    assert client.post("/language", to="fr", next_="/sign-in").headers["location"] == "/sign-in"
    assert "Se connecter" in client.get("/sign-in").text
