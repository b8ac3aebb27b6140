"""The API over real HTTP: the shapes of the contract, pages without a gap, decisions bound to what was seen."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx
import pytest

from domain.people import Role, Scope
from storage.audit import list_acts
from storage.flags import close_flag
from storage.sessions import list_tokens, revoke_token
from storage.users import change_user
from tests.review.office import Office


@pytest.fixture
def api(office: Office) -> httpx.Client:
    return office.api("ana", Role.REVIEWER, Scope.DECIDE)


def walked(api: httpx.Client, path: str, name: str, **query: Any) -> list[dict[str, Any]]:
    """Every item of a list, page by page."""
    items: list[dict[str, Any]] = []
    after: str | None = None
    for _ in range(200):
        given = {**query, "limit": 3, **({} if after is None else {"after": after})}
        page = api.get(path, params=given)
        assert page.status_code == 200, page.text
        document = page.json()
        assert len(document[name]) <= 3
        items += document[name]
        after = document["next"]
        if after is None:
            return items
    raise AssertionError("the list has no end")


@pytest.mark.parametrize(
    ("path", "name", "key", "query"),
    [
        ("/flags", "flags", "id", {}),
        ("/flags", "flags", "id", {"state": "open"}),
        ("/claims", "claims", "id", {}),
        ("/facts", "facts", "key", {}),
        ("/sources", "sources", "id", {}),
        ("/checks", "checks", "id", {}),
        ("/changes", "changes", "key", {}),
        ("/captures", "captures", "id", {}),
    ],
)
def test_pages_hold_everything_once(
    office: Office, api: httpx.Client, path: str, name: str, key: str, query: dict[str, str]
) -> None:
    if path == "/captures":
        query = {"source": next(iter(office.desk.sources))}
    whole = api.get(path, params={**query, "limit": 200}).json()
    assert whole["next"] is None
    assert len(whole[name]) > 0
    by_pages = walked(api, path, name, **query)
    assert [item[key] for item in by_pages] == [item[key] for item in whole[name]]


def test_flags_come_by_harm_and_as_filtered(office: Office, api: httpx.Client) -> None:
    every = api.get("/flags", params={"limit": 200}).json()["flags"]
    ranks = ["critical", "high", "medium", "low"]
    assert [ranks.index(flag["severity"]) for flag in every] == sorted(ranks.index(f["severity"]) for f in every)
    one = every[0]
    for name, value in (("source", one["source"]), ("severity", one["severity"]), ("reason", one["reason"])):
        found = api.get("/flags", params={name: value, "limit": 200}).json()["flags"]
        assert [flag["id"] for flag in found] == [flag["id"] for flag in every if flag[name] == value]
    claim = next(flag["claims"][0] for flag in every if flag["claims"])
    found = api.get("/flags", params={"claim": claim}).json()["flags"]
    assert [flag["id"] for flag in found] == [flag["id"] for flag in every if claim in flag["claims"]]


def test_a_decision_is_bound_to_the_pair_that_was_seen(office: Office, api: httpx.Client) -> None:
    flag = api.get("/flags", params={"state": "open"}).json()["flags"][0]
    place = f"/flags/{flag['id']}"
    other = {"before": flag["snapshots"]["before"], "after": "0" * 64}
    refused = api.post(f"{place}/decision", json={"verdict": "no impact", "seen": other})
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    assert api.get(place).json()["state"] == "open"
    given = {"verdict": "guide wrong", "seen": flag["snapshots"], "note": "seen by the night shift"}
    decided = api.post(f"{place}/decision", json=given).json()
    assert (decided["state"], decided["verdict"], decided["decided_by"]) == ("decided", "guide wrong", "ana")
    assert api.post(f"{place}/undo", json={"seen": other}).status_code == 409
    undone = api.post(f"{place}/undo", json={"seen": flag["snapshots"]}).json()
    assert undone["state"] == "open"
    assert [act["act"] for act in undone["history"]][-2:] == ["decided", "undone"]
    assert api.post(f"{place}/undo", json={"seen": flag["snapshots"]}).status_code == 409
    with office.store.reading() as connection:
        undid, did = list_acts(connection, limit=2)
    for act, name in ((undid, "undid"), (did, "decided")):
        assert (act.act, act.subject, act.by) == (name, f"flag {flag['id']}", "ana")
        assert (act.detail["verdict"], act.detail["note"]) == ("guide wrong", "seen by the night shift")


def test_a_superseded_flag_names_the_one_in_its_place(office: Office, api: httpx.Client) -> None:
    first, second = api.get("/flags", params={"state": "open"}).json()["flags"][:2]
    with office.store.writing() as connection:
        close_flag(connection, first["id"], because="superseded", at=office.clock(), superseded_by=second["id"])
    given = {"verdict": "cosmetic", "seen": first["snapshots"]}
    refused = api.post(f"/flags/{first['id']}/decision", json=given)
    assert refused.status_code == 409
    assert refused.json()["superseded_by"] == second["id"]


def test_a_capture_is_what_its_digest_says_and_opens_nowhere(office: Office, api: httpx.Client) -> None:
    source = next(iter(office.desk.sources))
    capture = api.get("/captures", params={"source": source}).json()["captures"][0]
    body = api.get(f"/captures/{capture['digest']}/body")
    assert hashlib.sha256(body.content).hexdigest() == capture["digest"]
    assert len(body.content) == capture["bytes"]
    assert body.headers["content-type"] == "application/octet-stream"
    assert body.headers["content-disposition"].startswith("attachment")
    assert body.headers["content-security-policy"].startswith("sandbox")
    assert body.headers["x-content-type-options"] == "nosniff"
    assert api.get("/captures/" + "0" * 64).status_code == 404


def test_facts_are_told_on_both_axes_of_time_with_their_history(office: Office, api: httpx.Client) -> None:
    change = api.get("/changes").json()["changes"][0]
    key = change["key"]
    fact = api.get("/facts", params={"key": key, "history": "true"}).json()["facts"][0]
    assert len(fact["history"]) >= 2
    assert fact["history"][-1]["snapshot"] == fact["snapshot"]
    assert api.get("/facts", params={"key": key, "as_of": "2001-01-01"}).json()["facts"] == []
    moment = (office.clock()).isoformat().replace("+00:00", "Z")
    assert api.get("/facts", params={"key": key, "known_at": moment}).status_code == 200
    assert api.get("/facts", params={"as_of": "2026-02-30"}).status_code == 422


def test_one_check_tells_what_was_read_in_it(api: httpx.Client) -> None:
    change = api.get("/changes").json()["changes"][0]
    check = api.get(f"/checks/{change['check']}").json()
    assert change["key"] in [item["key"] for item in check["changes"]]
    assert check["facts"]["located"] > 0
    assert check["snapshot"] == change["snapshot"]
    assert set(check["flags"]) <= {flag["id"] for flag in api.get("/flags", params={"limit": 200}).json()["flags"]}


def test_status_and_export_are_those_of_the_command_line(office: Office, api: httpx.Client) -> None:
    assert api.get("/status").json()["flags"]["open"] == len(walked(api, "/flags", "flags", state="open"))
    assert {fact["key"] for fact in api.get("/export").json()["facts"]} == {
        source.fact_key(rule) for source in office.desk.sources.values() for rule in source.rules
    }


def test_a_visit_is_asked_for_once(office: Office, api: httpx.Client) -> None:
    source = next(iter(office.desk.sources))
    asked = api.post("/requests", json={"kind": "check", "subject": source})
    assert asked.status_code == 201
    assert api.post("/requests", json={"kind": "check", "subject": source}).json()["id"] == asked.json()["id"]
    assert api.get(f"/requests/{asked.json()['id']}").json()["state"] == "waiting"
    assert api.post("/requests", json={"kind": "check", "subject": "nothing"}).status_code == 404


@pytest.mark.parametrize(
    ("path", "where"),
    [("/flags?stat=open", "query stat"), ("/flags?limit=0", "query limit"), ("/flags?state=shut", "query state")],
)
def test_a_filter_that_is_none_is_refused_and_named(api: httpx.Client, path: str, where: str) -> None:
    refused = api.get(path)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["where"] == where


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'{"verdict": "perhaps", "seen": {"before": null, "after": null}}',
        b'{"verdict": "no impact"}',
        b'{"verdict": "no impact", "seen": {"before": null, "after": null}, "by": "root"}',
        b'{"verdict": "no impact", "seen": {"before": null, "after": null}, "note": 5}',
        b'{"verdict": "no impact", "seen": {"before": null, "after": null}, "note": "' + b"x" * 4001 + b'"}',
        b"\xff\xfe",
    ],
)
def test_a_body_that_is_not_as_described_is_refused(api: httpx.Client, body: bytes) -> None:
    answer = api.post("/flags/1/decision", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_note_may_hold_any_character_and_half_of_one_is_refused(office: Office, api: httpx.Client) -> None:
    flag = api.get("/flags", params={"state": "open"}).json()["flags"][0]

    def decided(note: str) -> httpx.Response:
        given = f'{{"verdict": "cosmetic", "note": "{note}", "seen": {seen_text(flag)}}}'
        return api.post(f"/flags/{flag['id']}/decision", content=given, headers={"content-type": "application/json"})

    assert decided("\\u0000 <b>").json()["note"] == "\\u0000 <b>"
    assert decided("\\ud800").status_code == 422


def seen_text(flag: dict[str, Any]) -> str:
    pair = flag["snapshots"]
    before, after = (f'"{value}"' if value else "null" for value in (pair["before"], pair["after"]))
    return f'{{"before": {before}, "after": {after}}}'


def test_the_last_use_of_a_token_is_written_once_a_minute(office: Office, api: httpx.Client) -> None:
    def last() -> object:
        with office.store.reading() as connection:
            return list_tokens(connection, office.person("ana").id)[0].last_used_at

    api.get("/me")
    first = last()
    assert first is not None
    office.clock.on(seconds=30)
    api.get("/me")
    assert last() == first
    office.clock.on(seconds=31)
    api.get("/me")
    assert last() != first


def test_a_token_ends_when_it_is_revoked_and_with_its_person(office: Office) -> None:
    ana, bob = office.api("ana"), office.api("bob")
    assert (ana.get("/me").status_code, bob.get("/me").status_code) == (200, 200)
    user = office.person("ana")
    office.person("root", Role.ADMIN)
    number_of_bob = office.person("bob").id
    with office.store.writing() as connection:
        revoke_token(connection, list_tokens(connection, user.id)[0].id, user=user.id, now=office.clock())
        change_user(connection, number_of_bob, active=False)
    assert (ana.get("/me").status_code, bob.get("/me").status_code) == (401, 401)


def test_a_method_that_is_not_there_names_those_that_are(api: httpx.Client) -> None:
    answer = api.delete("/requests")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST"
    assert api.get("/nothing").headers["content-type"] == "application/problem+json"


def test_the_description_is_openapi_and_shows_no_shape_of_another_kind(office: Office) -> None:
    document = office.client(None).get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert "HTTPValidationError" not in document["components"]["schemas"]
    for methods in document["paths"].values():
        for operation in methods.values():
            assert operation["security"] == [{"HTTPBearer": []}]
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    assert list(answer["content"]) == ["application/problem+json"]
