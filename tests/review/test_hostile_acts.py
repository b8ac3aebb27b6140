"""What happens to people who decide: forms sent twice, two tabs, roles and tokens taken away in the middle, notes without
end. Nothing is lost or done twice, and nobody is told what is not so.
"""

from __future__ import annotations

import http.client
import json
import time
from contextlib import closing
from datetime import timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest

from domain.flags import MOST_NOTE, FlagState
from domain.people import Role, Scope
from storage.audit import list_acts
from storage.flag_history import acts_on
from storage.flags import load_flag
from storage.handling import handling_of
from storage.sessions import list_tokens, revoke_token
from storage.users import change_user
from tests.review.office import Office, mark_of
from tests.review.test_flags import FEE, decide, flag_on, form_of, open_flags, rise, seen_on, undo


def acts(office: Office, number: int) -> list[str]:
    with office.store.reading() as connection:
        return [act.act for act in acts_on(connection, number)]


def logged(office: Office, number: int) -> list[str]:
    with office.store.reading() as connection:
        return [act.act for act in list_acts(connection, subject=f"flag {number}", limit=20)]


def test_a_verdict_that_is_sent_twice_is_said_once_and_told_as_saved(office: Office) -> None:
    number, client = flag_on(office, FEE), office.client()
    page = client.get(f"/flags/{number}").text
    answers = [decide(client, number, page=page, note="one\r\ntwo") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert (acts(office, number), logged(office, number)) == (["decided"], ["decided"])
    with office.store.reading() as connection:
        review = load_flag(connection, number).review
    assert review is not None
    assert review.note == "one\ntwo"
    api = office.api("bo")
    other = min(open_flags(office))
    seen = api.get(f"/flags/{other}").json()["snapshots"]
    for _ in range(2):
        answer = api.post(f"/flags/{other}/decision", json={"verdict": "cosmetic", "seen": seen, "note": "x"})
        assert answer.status_code == 200
    assert (acts(office, other), logged(office, other)) == (["decided"], ["decided"])


def test_a_list_that_is_sent_twice_or_names_a_flag_twice_decides_once(office: Office) -> None:
    first, second = (rise(office, 1, 2, source=name, group="g", key="fee") for name in ("one", "two"))
    client = office.client()
    page = client.get("/flags").text
    given = {"mark": mark_of(page), "seen": seen_on(page), "verdict": "cosmetic", "note": "kept"}
    for _ in range(2):
        answer = client.client.post("/flags/decide", data={**given, "flag": [str(first), str(second), str(first)]})
        assert answer.status_code == 303
    for number in (first, second):
        assert (acts(office, number), logged(office, number)) == (["decided"], ["decided"])


def test_an_old_tab_does_not_take_back_a_verdict_that_it_never_showed(office: Office) -> None:
    number, client = flag_on(office, FEE), office.client()
    decide(client, number, "no impact")
    old_tab = client.get(f"/flags/{number}").text
    assert undo(client, number).status_code == 303
    assert decide(client, number, "guide wrong").status_code == 303
    refused = undo(client, number, page=old_tab)
    assert refused.status_code == 409
    assert "Something was done to this flag since you looked" in refused.text
    assert number not in open_flags(office)
    assert client.post(f"/flags/{number}/undo", on="/flags").status_code == 400


def test_a_verdict_taken_back_after_a_newer_change_leaves_the_newer_flag_alone_open(office: Office) -> None:
    number, client = flag_on(office, FEE), office.client()
    decide(client, number, "no impact")
    newer = rise(office, 1150, 1290)
    answer = undo(client, number)
    assert answer.status_code == 303
    assert "Undone: a newer flag stands in its place." in client.get(answer.headers["location"]).text
    with office.store.reading() as connection:
        record = load_flag(connection, number)
    assert (record.state, record.superseded_by) == (FlagState.CLOSED, newer)
    assert {number, newer} & open_flags(office) == {newer}
    assert undo(client, number).status_code == 409


def test_what_is_open_no_more_is_not_handed_on_snoozed_or_held(office: Office) -> None:
    number, client = flag_on(office, FEE), office.client()
    decide(client, number)
    day = (office.clock().date() + timedelta(days=9)).isoformat()
    for act, fields in (("assign", {"to": "ana"}), ("snooze", {"day": day}), ("due", {"day": day}), ("take", {})):
        refused = client.post(f"/flags/{number}/{act}", on="/flags", **fields)
        assert refused.status_code == 409, act
        assert "Nothing of this change is open any more." in refused.text
    assert logged(office, number) == ["decided"]
    undo(client, number)
    assert f'href="/flags/{number}' in client.get("/flags").text


def test_a_day_that_is_past_or_today_is_no_day_to_rest_until(office: Office) -> None:
    number, client = flag_on(office, FEE), office.client()
    today = office.clock().astimezone(ZoneInfo(office.desk.timezone)).date()
    for days, snoozed, due in ((-1, 422, 422), (0, 422, 303), (1, 303, 303), (3650, 303, 303), (3700, 422, 422)):
        day = (today + timedelta(days=days)).isoformat()
        assert client.post(f"/flags/{number}/snooze", on="/flags", day=day).status_code == snoozed, days
        assert client.post(f"/flags/{number}/due", on="/flags", day=day).status_code == due, days


@pytest.mark.parametrize("change", [{"active": False}, {"role": Role.VIEWER}])
def test_who_may_decide_no_more_has_nothing_in_hand_and_holds_nothing(
    office: Office, change: dict[str, object]
) -> None:
    number = flag_on(office, FEE)
    zoe, root = office.client("Zoé"), office.client("root", Role.ADMIN)
    zoe.get(f"/flags/{number}")
    zoe.post(f"/flags/{number}/assign", on=f"/flags/{number}", to="zoe\u0301")
    with office.store.reading() as connection:
        held = handling_of(connection, (number,))[number]
    assert (held.assignee, held.locked_by) == ("Zoé", "Zoé")
    person = f"/people/{office.person('Zoé').id}"
    if "role" in change:
        assert root.post(f"{person}/role", on=person, role="viewer").status_code == 303
    else:
        assert root.post(f"{person}/state", on=person, to="out").status_code == 303
    with office.store.reading() as connection:
        held = handling_of(connection, (number,))[number]
        (act,) = list_acts(connection, limit=1)
    assert (held.assignee, held.locked_by) == ("", "")
    assert act.detail["handed_back"] == "1"
    assert f'href="/flags/{number}' in root.get("/flags", who="nobody").text
    assert decide(root, number).status_code == 303


def test_a_note_without_end_is_refused_at_every_door(office: Office) -> None:
    number, client, api = flag_on(office, FEE), office.client(), office.api("ana")
    seen = api.get(f"/flags/{number}").json()["snapshots"]
    for length, desk, program in ((1_000_000, 413, 413), (MOST_NOTE + 1, 422, 422)):
        assert decide(client, number, note="é" * length).status_code == desk
        body = {"verdict": "cosmetic", "seen": seen, "note": "é" * length}
        assert api.post(f"/flags/{number}/decision", json=body).status_code == program
    page = client.get("/flags").text
    given = {"mark": mark_of(page), "seen": seen_on(page), "verdict": "cosmetic", "flag": str(number)}
    assert client.client.post("/flags/decide", data={**given, "note": "x" * (MOST_NOTE + 1)}).status_code == 422
    assert number in open_flags(office)
    assert decide(client, number, note="\r\n".join(["é"] * (MOST_NOTE // 2))).status_code == 303


@pytest.mark.parametrize("path", ["decision", "case/decision"])
@pytest.mark.parametrize("how", ["revoked", "shut out", "another role"])
def test_a_token_that_ends_while_the_body_comes_decides_nothing(office: Office, path: str, how: str) -> None:
    number, api = flag_on(office, FEE), office.api("ana")
    case = api.get(f"/flags/{number}/case").json()
    seen = case["seen"] if path.startswith("case") else case["flags"][0]["snapshots"]
    body = json.dumps({"verdict": "cosmetic", "seen": seen}).encode()
    office.clock.on(minutes=5)  # so that the next use of the token is worth noting
    with closing(http.client.HTTPConnection(urlsplit(office.url).netloc, timeout=30)) as line:
        line.putrequest("POST", f"/api/v1/flags/{number}/{path}")
        for name, value in (
            ("authorization", api.headers["authorization"]),
            ("content-type", "application/json"),
            ("content-length", str(len(body))),
        ):
            line.putheader(name, value)
        line.endheaders(body[:5])
        user = office.person("ana").id
        end = time.monotonic() + 20
        while time.monotonic() < end:  # until the token was looked at, which is noted
            with office.store.reading() as connection:
                (token,) = list_tokens(connection, user)
            if token.last_used_at == office.clock():
                break
            time.sleep(0.02)
        assert token.last_used_at == office.clock()
        office.person("root", Role.ADMIN)
        with office.store.writing() as connection:
            if how == "revoked":
                revoke_token(connection, token.id, user=user, now=office.clock())
            elif how == "shut out":
                change_user(connection, user, active=False)
            else:
                change_user(connection, user, role=Role.VIEWER)
        line.send(body[5:])
        answer = line.getresponse()
        assert answer.status == (403 if how == "another role" else 401)
        assert answer.getheader("content-type") == "application/problem+json"
        answer.read()
    assert acts(office, number) == []
    assert number in open_flags(office)


def test_who_was_an_administrator_a_moment_ago_overrules_nobody(office: Office) -> None:
    number = flag_on(office, FEE)
    decide(office.client("ana"), number, "no impact")
    api = office.api("old", Role.ADMIN, Scope.ADMIN)
    office.person("root", Role.ADMIN)
    old = office.person("old").id
    with office.store.writing() as connection:
        change_user(connection, old, role=Role.REVIEWER)
    seen = api.get(f"/flags/{number}").json()["snapshots"]
    refused = api.post(f"/flags/{number}/decision", json={"verdict": "cosmetic", "seen": seen})
    assert refused.status_code == 409
    assert api.post(f"/flags/{number}/undo", json={"seen": seen}).status_code == 403


def test_a_flag_that_gave_way_is_decided_by_no_door(office: Office) -> None:
    number, client = flag_on(office, FEE), office.client()
    form = form_of(client.get(f"/flags/{number}").text)
    newer = rise(office, 1150, 1290)
    form["seen"] = seen_on(client.get(f"/flags/{newer}").text)  # forged: as if the newer one had been seen
    refused = client.client.post(f"/flags/{number}/decide", data={**form, "verdict": "cosmetic", "note": "kept"})
    assert refused.status_code == 409
    assert "kept" in refused.text
    api = office.api("bo")
    seen = api.get(f"/flags/{number}").json()["snapshots"]
    answer = api.post(f"/flags/{number}/decision", json={"verdict": "cosmetic", "seen": seen})
    assert (answer.status_code, answer.json()["superseded_by"]) == (409, newer)
    case = api.get(f"/flags/{number}/case").json()
    answer = api.post(f"/flags/{number}/case/decision", json={"verdict": "cosmetic", "seen": case["seen"]})
    assert answer.status_code == 409
    assert acts(office, number) == ["closed"]
