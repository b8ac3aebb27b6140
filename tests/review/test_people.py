"""The page of people: everybody, links shown once, roles, shutting out, and never a desk without an administrator."""

from __future__ import annotations

import re

import httpx
import pytest

from domain.people import Role, Scope
from storage.audit import list_acts
from storage.sessions import add_token
from storage.users import find_user
from tests.review.office import Browser, Office

LINK = re.compile(r"<code>(http[^<]+/enter/[^<]+)</code>")


@pytest.fixture
def root(office: Office) -> Browser:
    return office.client("root", Role.ADMIN)


def number_of(office: Office, name: str) -> int:
    with office.store.reading() as connection:
        user = find_user(connection, name)
    assert user is not None
    return user.id


def test_somebody_is_added_and_comes_in_by_a_link_that_is_shown_once(office: Office, root: Browser) -> None:
    shown = root.post("/people", on="/people", name="Zoë", role="viewer")
    link = LINK.search(shown.text)
    assert link is not None
    assert link[1].startswith(office.url)
    assert "/enter/" not in root.get(f"/people/{number_of(office, 'zoë')}").text
    stranger = office.client(None)
    assert stranger.post(link[1].removeprefix(office.url)).status_code == 303
    assert stranger.get("/").status_code == 200
    assert "Zoë" in root.get("/people").text


def test_a_forged_host_header_is_in_no_link(office: Office, root: Browser) -> None:
    root.client.headers["x-forwarded-host"] = "elsewhere.example"
    root.client.headers["forwarded"] = "host=elsewhere.example"
    assert "elsewhere.example" not in root.post("/people", on="/people", name="zoe", role="viewer").text


def test_a_new_link_ends_the_one_before(office: Office, root: Browser) -> None:
    first = LINK.search(root.post("/people", on="/people", name="zoe", role="viewer").text)
    person = f"/people/{number_of(office, 'zoe')}"
    second = LINK.search(root.post(f"{person}/link", on=person).text)
    assert first is not None
    assert second is not None
    assert httpx.get(first[1]).status_code == 410
    assert httpx.get(second[1]).status_code == 200


def test_a_name_in_another_spelling_is_taken(root: Browser) -> None:
    assert root.post("/people", on="/people", name="ZOE", role="viewer").status_code == 200
    refused = root.post("/people", on="/people", name="zoe ", role="viewer")
    assert refused.status_code == 422
    assert "That name cannot be used" in refused.text
    assert root.post("/people", on="/people", name="zora", role="public").status_code == 422
    assert root.post("/people", on="/people", name="zora", role="emperor").status_code == 422


def test_another_role_ends_the_sessions_of_the_old_one(office: Office, root: Browser) -> None:
    ana = office.client("ana", Role.REVIEWER)
    person = f"/people/{number_of(office, 'ana')}"
    assert root.post(f"{person}/role", on=person, role="viewer").status_code == 303
    assert ana.get("/").status_code == 303
    assert office.person("ana").role is Role.VIEWER
    with office.store.reading() as connection:
        act = list_acts(connection, limit=1)[0]
    assert (act.by, act.act, act.subject, act.detail) == ("root", "gave a role", "ana", {"role": "viewer"})


def test_who_is_shut_out_is_out_at_once_and_may_come_back(office: Office, root: Browser) -> None:
    ana = office.client("ana", Role.REVIEWER)
    person = f"/people/{number_of(office, 'ana')}"
    root.post(f"{person}/state", on=person, to="out")
    assert ana.get("/").status_code == 303
    assert "shut out" in root.get("/people").text
    root.post(f"{person}/state", on=person, to="in")
    assert office.client("ana").get("/").status_code == 200


def test_the_desk_never_loses_its_last_administrator(office: Office, root: Browser) -> None:
    own = f"/people/{number_of(office, 'root')}"
    assert root.post(f"{own}/role", on=own, role="viewer").status_code == 409
    assert root.post(f"{own}/state", on=own, to="out").status_code == 409
    assert office.person("root").role is Role.ADMIN
    office.person("second", Role.ADMIN)
    assert root.post(f"{own}/role", on=own, role="viewer").status_code == 303
    assert root.get("/people").status_code == 403


def test_an_outside_name_belongs_to_one_person(office: Office, root: Browser) -> None:
    ana, bob = office.person("ana").id, office.person("bob").id
    assert root.post(f"/people/{ana}/outside", on="/people", external="subject 1").status_code == 303
    assert root.post(f"/people/{bob}/outside", on="/people", external="subject 1").status_code == 422
    assert root.post(f"/people/{ana}/outside", on="/people", external="").status_code == 303
    assert root.post(f"/people/{bob}/outside", on="/people", external="subject 1").status_code == 303


def test_sessions_are_ended_and_tokens_revoked_for_somebody(office: Office, root: Browser) -> None:
    ana = office.client("ana", Role.REVIEWER)
    user = office.person("ana")
    with office.store.writing() as connection:
        token = add_token(
            connection, secret="t" * 40, user=user.id, name="nightly", scope=Scope.READ, now=office.clock()
        )
    person = f"/people/{user.id}"
    assert "nightly" in root.get(person).text
    root.post(f"{person}/tokens", on=person, token=str(token))
    assert "nightly" not in root.get(person).text
    root.post(f"{person}/sessions", on=person)
    assert ana.get("/").status_code == 303


@pytest.mark.parametrize("path", ["/people/999999", "/people/nobody", "/people/1e3"])
def test_nobody_of_that_number(root: Browser, path: str) -> None:
    assert root.get(path).status_code == 404


def test_the_audit_log_is_filtered_and_paged_without_a_gap(office: Office, root: Browser) -> None:
    for number in range(60):
        root.post("/people", on="/people", name=f"person {number}", role="viewer")
    first = root.get("/audit", by="root").text
    assert "person 59" in first
    older = re.search(r'href="(/audit\?[^"]*before=\d+)"', first)
    assert older is not None
    second = root.get(older[1].replace("&amp;", "&")).text
    told = re.findall(r"<td[^>]*>(person \d+)<", first + second)
    assert sorted(set(told)) == sorted(f"person {number}" for number in range(60))
    assert len(told) == 60
    one = root.get("/audit", subject="person 7").text
    assert re.findall(r"person \d+", re.sub(r"<form.*?</form>", "", one, flags=re.DOTALL)) == ["person 7"]
    assert "Nothing is on record here" in root.get("/audit", by="nobody").text


def test_captured_or_typed_names_are_text(office: Office, root: Browser) -> None:
    root.post("/people", on="/people", name="<b>bold</b>", role="viewer")
    for path in ("/people", "/audit"):
        assert "<b>bold" not in root.get(path).text
        assert "&lt;b&gt;bold" in root.get(path).text
