"""The first page and the status page over HTTP, and what they are made from."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from domain.checks import Outcome
from domain.flags import FlagReason, FlagState
from domain.people import Role
from review.pages.home import changes_of, coming, pulse_of, source_lines, stale_facts
from storage.facts import known_facts
from storage.flags import list_flags, load_flag
from storage.handling import assign
from storage.runs import record_cycle
from tests.review.office import Office, opened
from tests.review.test_ledger import words
from tests.storage.builders import NOW, other, record


def beat(office: Office) -> None:
    with office.store.writing() as connection:
        record_cycle(connection, now=office.clock(), owner="keeper@machine", started=0, under_way=0)


def test_the_first_page_says_whether_the_service_is_alive(office: Office) -> None:
    client = office.client()
    beat(office)
    assert "The service is at work." in client.get("/").text
    office.clock.on(minutes=11)
    assert "The service is silent." in client.get("/").text


def test_a_service_that_never_ran_is_not_alive() -> None:
    pulse = pulse_of(None, (), now=NOW)
    assert (pulse.at, pulse.silent, pulse.next_due, pulse.due_now) == (None, True, None, 0)


def test_what_is_mine_and_what_is_late_is_counted(office: Office) -> None:
    client = office.client("ana")
    with office.store.writing() as connection:
        number = list_flags(connection, state=FlagState.OPEN)[0].id
        assign(connection, [number], "ana")
    text = words(client.get("/").text)
    assert "1 assigned to you" in text
    assert "0 overdue" in text
    office.clock.on(days=40)
    assert "0 overdue" not in words(office.client("ana").get("/").text)


def test_pages_that_cannot_be_read_stand_with_the_day_of_their_last_reading(office: Office) -> None:
    source = next(iter(office.desk.sources))
    office.clock.on(hours=1)
    record(office.store, other(Outcome.FAILED, at=office.clock(), source=source, reason="timeout"))
    text = words(office.client().get("/").text)
    assert f"{office.desk.sources[source].title} not read since" in text
    assert "no answer came in time" in text


def test_facts_past_their_freshness_are_told(office: Office) -> None:
    with office.store.reading() as connection:
        known = known_facts(connection)
    desk, now = office.desk, office.clock()
    assert stale_facts(known, desk.claims.values(), desk.sources, now=now) == ()
    later = stale_facts(known, desk.claims.values(), desk.sources, now=now + timedelta(days=400))
    assert {item.key for item in later} == {key for key, item in known.items() if item.last_seen_at is not None}
    assert [item.claims for item in later] == sorted((item.claims for item in later), reverse=True)


def test_announced_values_come_by_their_day_and_leave_on_it(office: Office) -> None:
    with office.store.reading() as connection:
        known = known_facts(connection)
    desk, now = office.desk, office.clock()
    announced = coming(known, desk.claims.values(), desk.sources, now=now)
    assert announced
    assert [item.effective for item in announced] == sorted(item.effective for item in announced)
    assert all(item.days > 0 for item in announced)
    first = announced[0]
    assert first.words in words(office.client().get("/").text)
    on_its_day = now + timedelta(days=(first.effective - date(now.year, now.month, now.day)).days + 1)
    assert first.key not in {item.key for item in coming(known, (), desk.sources, now=on_its_day)}


def test_changes_of_a_week_are_listed_once_a_case(office: Office) -> None:
    with office.store.reading() as connection:
        every = [item for item in list_flags(connection) if item.flag.reason is FlagReason.ALTERED]
    one, two = (replace(every[0], id=number, flag=replace(every[0].flag, group="case")) for number in (91, 92))
    now = office.clock()
    old = replace(one, id=90, opened_at=now - timedelta(days=8))
    assert [item.places for item in changes_of([two, one, old], office.desk.sources, now=now)] == [2]


def test_the_list_of_pages_leaves_out_what_is_paused(office: Office) -> None:
    name, source = next(iter(office.desk.sources.items()))
    paused = {**office.desk.sources, name: replace(source, enabled=False)}
    assert name not in {line.source.id for line in source_lines(paused, {}, now=office.clock())}


def test_the_status_page_is_for_whoever_is_in(office: Office) -> None:
    answer = office.client(None).get("/status")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")
    assert office.client("vera", Role.VIEWER).get("/status").status_code == 200


def test_the_status_page_is_for_all_where_it_is_public_and_names_nobody(demo_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    with opened(home, public_status=True) as office:
        beat(office)
        office.person("secretive reviewer", Role.REVIEWER)
        with office.store.writing() as connection:
            number = list_flags(connection, state=FlagState.OPEN)[0].id
            assign(connection, [number], "secretive reviewer")
        answer = office.client(None).get("/status")
        assert answer.status_code == 200
        with office.store.reading() as connection:
            flag = load_flag(connection, number).flag
        for hidden in (
            "secretive reviewer",
            "keeper@machine",
            str(home),
            "/flags/",
            "/claims/",
            flag.detail or "-none-",
        ):
            assert hidden not in answer.text, hidden
        assert "The service is at work." in answer.text
        assert 'name="mark"' not in answer.text
        assert office.client(None).get("/").status_code == 303
        assert office.client(None).get("/claims").status_code == 303


def test_both_pages_speak_french(office: Office) -> None:
    client = office.client(**{"accept-language": "fr"})
    assert "Ce qui vous attend" in client.get("/").text
    assert "Où en est le guide" in client.get("/status").text


def test_the_status_page_does_not_say_that_all_was_read_while_a_page_was_never_visited(
    office: Office, tmp_path: Path
) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("sources.yaml", "claims.yaml", "guide.md"):
        shutil.copy(office.home / name, bare / name)
    with opened(bare) as never:
        text = words(never.client().get("/status").text)
        assert f"{len(never.desk.sources)} pages were never visited" in text
        assert "Every page could be read" not in text
