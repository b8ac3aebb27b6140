"""Cases through the API: all flags of one decision are acted on together, bound to what was seen of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from domain.people import Role, Scope
from storage.audit import list_acts
from storage.flags import close_flag
from storage.users import change_user
from tests.review.office import Office
from tests.review.test_flags import FEE, decide, flag_on, open_flags, rise


@pytest.fixture
def pair(office: Office) -> tuple[int, int]:
    """Two open flags of one case, on two pages."""
    return rise(office, 1, 2, source="one", group="g"), rise(office, 1, 2, source="two", group="g")


def case(api: httpx.Client, number: int) -> dict[str, Any]:
    answer = api.get(f"/flags/{number}/case")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def act(api: httpx.Client, number: int, name: str, *, seen: str = "", **body: Any) -> httpx.Response:
    """An act on the case, as it is now or as it was seen."""
    return api.post(f"/flags/{number}/case/{name}", json={**body, "seen": seen or case(api, number)["seen"]})


def test_a_case_is_told_decided_and_undone_whole(office: Office, pair: tuple[int, int]) -> None:
    api, (first, second) = office.api("ana"), pair
    told = case(api, second)
    assert told["name"] == "g"
    assert [(flag["id"], flag["state"]) for flag in told["flags"]] == [(first, "open"), (second, "open")]
    decided = act(api, second, "decision", verdict="guide wrong", note="both").json()
    assert {(flag["verdict"], flag["note"], flag["decided_by"]) for flag in decided["flags"]} == {
        ("guide wrong", "both", "ana")
    }
    with office.store.reading() as connection:
        logged = list_acts(connection, limit=2)
    assert [(item.act, item.subject) for item in logged] == [
        ("decided", f"flag {first}"),
        ("decided", f"flag {second}"),
    ]
    undone = act(api, first, "undo")
    assert [flag["state"] for flag in undone.json()["flags"]] == ["open", "open"]
    assert act(api, first, "undo").status_code == 409


def test_a_flag_of_no_group_is_a_case_of_its_own(office: Office) -> None:
    api, number = office.api("ana"), flag_on(office, FEE)
    told = case(api, number)
    assert [flag["id"] for flag in told["flags"]] == [number]
    assert act(api, number, "decision", verdict="cosmetic").status_code == 200
    assert number not in open_flags(office)
    assert api.get("/flags/999/case").status_code == 404


def test_the_same_decision_sent_again_adds_nothing(office: Office, pair: tuple[int, int]) -> None:
    api, seen = office.api("ana"), case(office.api("ana"), pair[0])["seen"]
    given = {"verdict": "no impact", "note": "line lost", "seen": seen}
    first = act(api, pair[0], "decision", **given)
    again = act(api, pair[0], "decision", **given)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["flags"] == again.json()["flags"]
    with office.store.reading() as connection:
        acts = [item for item in list_acts(connection, limit=20) if item.act == "decided"]
    assert len(acts) == 2
    assert act(api, pair[0], "decision", **{**given, "note": "another"}).status_code == 409


def test_what_came_since_the_look_refuses_every_act_and_nothing_is_done(office: Office, pair: tuple[int, int]) -> None:
    ana, bo, (first, second) = office.api("ana"), office.api("bo"), pair
    seen = case(ana, first)["seen"]
    answer = bo.post(
        f"/flags/{second}/decision", json={"verdict": "cosmetic", "seen": case(bo, second)["flags"][1]["snapshots"]}
    )
    assert answer.status_code == 200
    assert act(bo, second, "undo").status_code == 200
    until = (office.clock() + timedelta(days=3)).isoformat()
    for name, body in (
        ("decision", {"verdict": "no impact"}),
        ("assignment", {"to": "ana"}),
        ("snooze", {"until": until}),
    ):
        refused = act(ana, first, name, seen=seen, **body)
        assert refused.status_code == 409, name
        assert "bo was here since" in refused.json()["detail"]
    assert all(
        (flag["state"], flag["assignee"], flag["snoozed_until"]) == ("open", None, None)
        for flag in case(ana, first)["flags"]
    )


def test_what_joined_the_case_since_is_not_decided_with_it_and_a_newer_flag_is_named(
    office: Office, pair: tuple[int, int]
) -> None:
    api, (first, second) = office.api("ana"), pair
    seen = case(api, first)["seen"]
    third = rise(office, 1, 2, source="three", group="g")
    assert act(api, first, "decision", seen=seen, verdict="no impact").status_code == 200
    assert {first, second, third} & open_flags(office) == {third}
    assert act(api, first, "decision", seen=seen, verdict="cosmetic").status_code == 409
    seen = case(api, first)["seen"]
    with office.store.writing() as connection:
        close_flag(connection, third, because="superseded", at=office.clock(), superseded_by=first)
    refused = act(api, third, "decision", seen=seen, verdict="cosmetic")
    assert refused.status_code == 409


def test_a_case_is_assigned_and_snoozed_and_comes_back(office: Office, pair: tuple[int, int]) -> None:
    api, (first, second) = office.api("ana"), pair
    office.person("Zoé")
    assert {flag["assignee"] for flag in act(api, first, "assignment", to="zoe\u0301").json()["flags"]} == {"Zoé"}
    assert {flag["assignee"] for flag in act(api, second, "assignment", to=None).json()["flags"]} == {None}
    until = (office.clock() + timedelta(days=3)).replace(microsecond=0)
    rested = act(api, second, "snooze", until=until.isoformat()).json()
    assert {flag["snoozed_until"] for flag in rested["flags"]} == {until.isoformat().replace("+00:00", "Z")}
    client = office.client("ana")
    assert f'href="/flags/{first}' not in client.get("/flags").text
    assert {flag["snoozed_until"] for flag in act(api, first, "snooze", until=None).json()["flags"]} == {None}
    assert f'href="/flags/{first}' in client.get("/flags").text
    for body in ({"to": "nobody known"}, {"to": "vi"}, {"to": "gone"}):
        office.person("vi", Role.VIEWER)
        office.person("root", Role.ADMIN)
        gone = office.person("gone").id
        with office.store.writing() as connection:
            change_user(connection, gone, active=False)
        assert act(api, first, "assignment", **body).status_code == 404
    for past in ("2020-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"):
        assert act(api, first, "snooze", until=past).status_code == 409, past
    for wrong in ("soon", "2026-02-30T00:00:00Z", "2027-01-01", 5):
        assert act(api, first, "snooze", until=wrong).status_code == 422, wrong


def test_a_colleagues_look_and_verdict_hold_for_cases_too(office: Office, pair: tuple[int, int]) -> None:
    ana, (first, second) = office.api("ana"), pair
    office.client("bo").get(f"/flags/{second}")
    assert {flag["held_by"] for flag in case(ana, first)["flags"]} == {"bo"}
    refused = act(ana, first, "decision", verdict="no impact")
    assert refused.status_code == 409
    assert refused.json()["detail"].startswith("bo is at flag")
    assert decide(office.client("bo"), second).status_code == 303
    assert act(ana, first, "undo").status_code == 403
    assert act(office.api("root", Role.ADMIN, Scope.ADMIN), first, "undo").status_code == 200


def test_acting_takes_the_scope_to_decide(office: Office, pair: tuple[int, int]) -> None:
    api = office.api("vi", Role.VIEWER, Scope.DECIDE)
    assert case(api, pair[0])["name"] == "g"
    for name in ("decision", "undo", "assignment", "snooze"):
        assert act(api, pair[0], name, verdict="cosmetic", to=None, until=None).status_code == 403
