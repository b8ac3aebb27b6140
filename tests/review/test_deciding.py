"""Who may decide over whose verdict, and while whom: one rule at the desk, through the API and at the command line."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.flags import FlagState
from domain.people import Role, Scope
from domain.queue import LEASE
from storage.audit import list_acts
from storage.flag_history import acts_on
from storage.flags import list_flags, load_flag
from storage.handling import handling_of
from tests.databases import copied
from tests.review.office import Office, opened
from tests.review.test_flags import FEE, decide, flag_on, form_of, open_flags, undo


def verdict_of(office: Office, number: int) -> tuple[str, str] | None:
    with office.store.reading() as connection:
        review = load_flag(connection, number).review
    return None if review is None else (review.verdict.value, review.by)


def told(
    api: httpx.Client, number: int, verdict: str = "no impact", act: str = "decision", note: str = ""
) -> httpx.Response:
    """A verdict said, or taken back, through the API, on the pair that the flag stands on."""
    seen = api.get(f"/flags/{number}").json()["snapshots"]
    body = {"seen": seen} if act == "undo" else {"verdict": verdict, "seen": seen, "note": note}
    return api.post(f"/flags/{number}/{act}", json=body)


def command(office: Office, *words: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-P", "-m", "claimwatch", *words]
    environment = {"CLAIMWATCH_HOME": str(office.home), "PATH": ""}
    return subprocess.run(line, capture_output=True, text=True, timeout=60, env=environment, check=False)


def test_the_verdict_of_a_colleague_is_replaced_by_administrators_alone(office: Office) -> None:
    number = flag_on(office, FEE)
    assert decide(office.client("ana"), number, "no impact").status_code == 303
    page = office.client("bo").get(f"/flags/{number}").text
    assert 'name="verdict"' not in page
    assert "The verdict is that of ana" in page
    root = office.client("root", Role.ADMIN)
    form = form_of(root.get(f"/flags/{number}").text)
    bo = office.client("bo")
    form["mark"] = form_of(bo.get(f"/flags/{flag_on(office, 'application-fees#residence_fee')}").text)["mark"]
    refused = bo.client.post(f"/flags/{number}/decide", data={**form, "verdict": "cosmetic", "note": "half a page"})
    assert refused.status_code == 409
    assert "The verdict is that of ana" in refused.text
    assert "half a page" in refused.text
    assert told(office.api("bo"), number, "cosmetic").status_code == 409
    assert told(office.api("root", Role.ADMIN, Scope.DECIDE), number, "cosmetic").status_code == 409
    assert verdict_of(office, number) == ("no impact", "ana")
    assert told(office.api("ana"), number, "cosmetic").status_code == 200
    assert decide(root, number, "guide wrong", note="looked at twice").status_code == 303
    assert verdict_of(office, number) == ("guide wrong", "root")
    with office.store.reading() as connection:
        (last,) = list_acts(connection, subject=f"flag {number}", limit=1)
    assert last.detail == {"verdict": "guide wrong", "note": "looked at twice", "before": "cosmetic", "of": "ana"}
    answer = told(office.api("root", Role.ADMIN, Scope.ADMIN), number, "no impact")
    assert answer.json()["decided_by"] == "root"


def test_a_colleagues_look_stands_in_the_way_of_the_api_as_it_does_at_the_desk(office: Office) -> None:
    number = flag_on(office, FEE)
    office.client("ana").get(f"/flags/{number}")
    refused = told(office.api("bo"), number)
    assert refused.status_code == 409
    assert refused.json()["detail"].startswith("ana is at flag")
    assert told(office.api("root", Role.ADMIN, Scope.ADMIN), number).status_code == 409
    assert verdict_of(office, number) is None
    assert told(office.api("ana"), number).status_code == 200
    with office.store.reading() as connection:
        assert handling_of(connection, (number,))[number].locked_by == ""


def test_a_decision_through_the_api_ends_a_rest_as_one_at_the_desk_does(office: Office) -> None:
    number, client = flag_on(office, FEE), office.client("ana")
    client.post(f"/flags/{number}/snooze", on="/flags", day=office.clock().date().replace(year=2027).isoformat())
    told(office.api("ana"), number)
    told(office.api("ana"), number, act="undo")
    assert f'href="/flags/{number}"' in client.get("/flags").text


def test_cases_that_a_colleague_is_at_are_not_decided_from_the_list(office: Office) -> None:
    number, bo = flag_on(office, FEE), office.client("bo")
    page = bo.get("/flags").text
    office.client("ana").get(f"/flags/{number}")
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    refused = bo.post("/flags/decide", on="/flags", seen=seen, verdict="cosmetic", flag=str(number), note="kept")
    assert refused.status_code == 409
    assert "ana is at one of these flags" in refused.text
    assert 'value="kept"' in refused.text
    assert verdict_of(office, number) is None


def test_the_command_line_acts_with_the_operators_power_and_is_logged(office: Office) -> None:
    number = flag_on(office, FEE)
    office.person("Zoé")
    decide(office.client("ana"), number, "no impact")
    done = command(office, "flags", "decide", str(number), "--verdict", "cosmetic", "--as", "ZOE\u0301")
    assert done.returncode == 0, done.stderr
    assert verdict_of(office, number) == ("cosmetic", "Zoé")
    with office.store.reading() as connection:
        (act,) = list_acts(connection, subject=f"flag {number}", limit=1)
    assert (act.act, act.by, act.address, act.detail["of"]) == ("decided", "Zoé", "command line", "ana")
    other = min(open_flags(office))
    office.client("bo").get(f"/flags/{other}")
    assert command(office, "flags", "decide", str(other), "--verdict", "cosmetic", "--as", "ana").returncode == 0
    with office.store.reading() as connection:
        assert handling_of(connection, (other,))[other].locked_by == ""


def test_every_door_names_an_act_alike_and_the_log_is_asked_by_that_name(office: Office) -> None:
    one, two, three = sorted(open_flags(office))[:3]
    decide(office.client("ana"), one, "no impact", note="kept")
    told(office.api("bo"), two, "no impact", note="kept")
    command(office, "flags", "decide", str(three), "--verdict", "no impact", "--note", "kept", "--as", "cy")
    undo(office.client("ana"), one)
    told(office.api("bo"), two, act="undo")
    source = next(iter(office.desk.sources))
    office.client("ana").post(f"/sources/{source}/check", on=f"/sources/{source}")
    office.api("bo").post("/requests", json={"kind": "check", "subject": source})
    root, api = office.client("root", Role.ADMIN), office.api("root", Role.ADMIN, Scope.ADMIN)
    for act, by in (("decided", "cy bo ana"), ("undid", "bo ana"), ("asked for a check", "bo ana")):
        acts = api.get("/audit", params={"act": act}).json()["acts"]
        assert [(item["act"], item["by"]) for item in acts] == [(act, name) for name in by.split()]
        details = [{name: it for name, it in item["detail"].items() if name not in ("token", "of")} for item in acts]
        assert details == [details[0]] * len(acts)
        page = root.get("/audit", act=act).text
        assert f'<option value="{act}" selected>' in page
        assert len(re.findall(r'<td data-label="Act">([^<]+)</td>', page)) == len(acts)
    assert api.get("/audit", params={"act": "decided a flag"}).status_code == 422


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def desks(request: pytest.FixtureRequest, demo_home: Path, tmp_path: Path) -> Iterator[tuple[Office, Office]]:
    """Two desks over one database, as two machines have them."""
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    url = f"sqlite:///{home / 'claimwatch.db'}"
    if request.param == "postgresql":
        url = copied(url, request.getfixturevalue("postgresql_url"))
    with opened(home, database=url) as one, opened(home, database=url) as other:
        yield one, other


def at_once(*acts: Callable[[], httpx.Response]) -> list[httpx.Response]:
    """What each of these was answered, begun at one instant."""
    answers: dict[int, httpx.Response] = {}
    start = threading.Barrier(len(acts))

    def run(place: int, act: Callable[[], httpx.Response]) -> None:
        start.wait(timeout=30)
        answers[place] = act()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return [answers[place] for place in range(len(acts))]


def one_won(office: Office, number: int, answers: dict[str, httpx.Response], won: int) -> str:
    """The name of the one who won: the other was refused with a clear word, and one act is on record, whole."""
    (winner,) = [name for name, answer in answers.items() if answer.status_code == won]
    (loser,) = [name for name in answers if name != winner]
    assert answers[loser].status_code == 409
    assert winner in answers[loser].text
    with office.store.reading() as connection:
        record = load_flag(connection, number)
        acts = [(act.act, act.by, act.note) for act in acts_on(connection, number)]
        logged = [(act.act, act.by) for act in list_acts(connection, subject=f"flag {number}", limit=9)]
    assert record.state is FlagState.DECIDED
    assert acts == [("decided", winner, f"said by {winner}")]
    assert logged == [("decided", winner)]
    return loser


def test_of_two_who_decide_at_one_instant_through_the_api_one_wins(desks: tuple[Office, Office]) -> None:
    one, other = desks
    ana, bo = one.api("ana"), other.api("bo")
    with one.store.reading() as connection:
        flags = list_flags(connection, state=FlagState.OPEN)
    for flag in flags:

        def say(api: httpx.Client, verdict: str, by: str, number: int = flag.id) -> httpx.Response:
            return told(api, number, verdict, note=f"said by {by}")

        answers = at_once(lambda: say(ana, "no impact", "ana"), lambda: say(bo, "guide wrong", "bo"))
        one_won(one, flag.id, dict(zip(("ana", "bo"), answers, strict=True)), won=200)


def test_of_two_who_decide_at_one_instant_at_the_desk_one_wins_and_the_other_keeps_the_note(
    desks: tuple[Office, Office],
) -> None:
    one, other = desks
    ana, bo = one.client("ana"), other.client("bo")
    with one.store.reading() as connection:
        flags = list_flags(connection, state=FlagState.OPEN)
    for flag in flags:
        place = f"/flags/{flag.id}"
        forms: dict[str, dict[str, Any]] = {
            name: {**form_of(client.get(place).text), "note": f"said by {name}", "verdict": "cosmetic"}
            for name, client in (("ana", ana), ("bo", bo))
        }
        for office in desks:
            office.clock.on(seconds=LEASE.total_seconds() + 1)  # nobody holds it any more
        answers = at_once(
            partial(ana.client.post, f"{place}/decide", data=forms["ana"]),
            partial(bo.client.post, f"{place}/decide", data=forms["bo"]),
        )
        given = dict(zip(("ana", "bo"), answers, strict=True))
        loser = one_won(one, flag.id, given, won=303)
        assert f"said by {loser}" in given[loser].text
