"""Feeds: who may read them, what stands in them, and asking again for what one has."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import httpx
import pytest
from icalendar import Calendar

from claimwatch.commands.export import write_feed
from claimwatch.home import Home
from claimwatch.settings import Settings
from domain.people import Role, Scope
from domain.queue import Case, Wanted
from monitor.standings import official_day
from storage.handling import set_due
from storage.queue import queue_page
from storage.sessions import list_tokens, revoke_token
from storage.users import change_user
from tests.review.office import Office, opened

FEEDS = ("/feeds/changes.atom", "/feeds/changes.json", "/feeds/dates.ics")


@pytest.fixture
def token(office: Office) -> str:
    return office.token("ana", Role.VIEWER, Scope.FEED)


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_token_opens_feeds_and_nothing_else(office: Office, token: str, path: str) -> None:
    assert httpx.get(office.url + path, params={"token": token}).status_code == 200
    assert httpx.get(office.url + path).status_code == 401
    assert httpx.get(office.url + path, params={"token": "nonsense"}).status_code == 401
    assert httpx.get(office.url + "/sources", params={"token": token}).status_code == 303
    wide = office.token("root", Role.ADMIN, Scope.ADMIN)
    assert httpx.get(office.url + path, params={"token": wide}).status_code == 401
    assert office.client("ana", Role.VIEWER).get(path).status_code == 200


def test_a_feed_ends_with_its_token_and_with_its_person(office: Office, token: str) -> None:
    other = office.token("bob", Role.VIEWER, Scope.FEED)
    office.person("root", Role.ADMIN)
    ana, bob = office.person("ana"), office.person("bob")
    with office.store.writing() as connection:
        number = list_tokens(connection, ana.id)[0].id
        revoke_token(connection, number, user=ana.id, now=office.clock())
        change_user(connection, bob.id, active=False)
    for secret in (token, other):
        assert httpx.get(office.url + FEEDS[0], params={"token": secret}).status_code == 401


def test_feeds_are_open_where_the_status_page_is(demo_home: Path, office: Office) -> None:
    with opened(office.home, public_status=True) as public:
        answer = httpx.get(public.url + FEEDS[0])
        assert answer.status_code == 200
        assert answer.headers["cache-control"].startswith("public")


@pytest.mark.parametrize("path", FEEDS)
def test_who_has_it_already_is_told_so(office: Office, token: str, path: str) -> None:
    first = httpx.get(office.url + path, params={"token": token})
    assert first.headers["cache-control"] == "private, no-cache"
    office.clock.on(minutes=5)
    tag = first.headers["etag"]
    for given in (tag, f"W/{tag}", f'"other", {tag}'):
        again = httpx.get(office.url + path, params={"token": token}, headers={"if-none-match": given})
        assert (again.status_code, again.content) == (304, b"")
    fresh = httpx.get(office.url + path, params={"token": token}, headers={"if-none-match": '"other"'})
    assert fresh.content == first.content


def entries(office: Office, token: str, **query: str) -> list[dict[str, object]]:
    answer = httpx.get(office.url + "/feeds/changes.json", params={"token": token, **query})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, object]] = json.loads(answer.text)["items"]
    return items


def test_changes_are_filtered_by_source_claim_and_jurisdiction(office: Office, token: str) -> None:
    every = entries(office, token)
    assert len(every) > 3
    tags = [set(item["tags"]) for item in every if isinstance(item["tags"], list)]
    source = next(iter(office.desk.sources.keys() & set.union(*tags)))
    claim = next(iter(office.desk.claims.keys() & set.union(*tags)))
    place = office.desk.sources[source].jurisdiction
    for name, value in (("source", source), ("claim", claim), ("jurisdiction", place)):
        found = entries(office, token, **{name: value})
        assert 0 < len(found) <= len(every)
        assert [item["id"] for item in found] == [
            item["id"] for item, words in zip(every, tags, strict=True) if value in words
        ]


def test_atom_and_json_tell_the_same(office: Office, token: str) -> None:
    atom = httpx.get(office.url + FEEDS[0], params={"token": token})
    names = {"a": "http://www.w3.org/2005/Atom"}
    told = [node.text for node in ElementTree.fromstring(atom.text).findall("a:entry/a:id", names)]
    assert told == [item["id"] for item in entries(office, token)]
    assert atom.headers["content-type"].startswith("application/atom+xml")


def test_the_calendar_has_the_day_of_what_was_announced(office: Office, token: str) -> None:
    text = httpx.get(office.url + FEEDS[2], params={"token": token}).text
    assert text.startswith("BEGIN:VCALENDAR")
    assert "DTSTART;VALUE=DATE:20270201" in text
    claim = next(item.id for item in office.desk.claims.values() if not item.expectations)
    assert "DTSTART" not in httpx.get(office.url + FEEDS[2], params={"token": token, "claim": claim}).text


@pytest.mark.parametrize("query", ["source=none", "claim=none", "jurisdiction=none", "sources=x"])
def test_a_filter_that_is_none_is_refused_instead_of_silent_for_ever(office: Office, token: str, query: str) -> None:
    for path in FEEDS:
        assert httpx.get(f"{office.url}{path}?{query}", params=None).status_code == 401
        assert httpx.get(f"{office.url}{path}?token={token}&{query}").status_code in (404, 422)


def events(office: Office, **query: str) -> dict[str, object]:
    answer = httpx.get(office.url + FEEDS[2], params=query)
    assert answer.status_code == 200, answer.text
    return {str(event["uid"]): event for event in Calendar.from_ical(answer.content).events}


def open_cases(office: Office) -> tuple[Case, ...]:
    with office.store.reading() as connection:
        return queue_page(connection, Wanted(), now=office.clock(), limit=100).cases


def test_the_calendar_has_each_open_case_on_the_day_that_it_is_due(office: Office, token: str) -> None:
    cases = open_cases(office)
    assert len(cases) > 2
    first = cases[0]
    uid = f"{first.name.replace(' ', '-')}@claimwatch"
    before = events(office, token=token)
    assert {str(event["dtstart"].dt) for event in before.values()} >= {str(official_day(case.due)) for case in cases}
    assert str(before[uid]["url"]).endswith(f"/flags/{first.first.id}")  # type: ignore[index]
    office.clock.on(days=2)
    assert events(office, token=token) == before
    with office.store.writing() as connection:
        set_due(connection, [first.first.id], first.first.opened_at)
    after = events(office, token=token)
    assert after[uid]["dtstart"].dt == official_day(first.first.opened_at)  # type: ignore[index]
    assert after.keys() == before.keys()


def test_due_reviews_follow_the_filters_and_are_told_to_people_of_the_desk_alone(office: Office, token: str) -> None:
    cases = open_cases(office)
    claim = next(case.claims[0] for case in cases if case.claims)
    source = cases[0].first.flag.source
    due = {case.name.replace(" ", "-") + "@claimwatch": case for case in cases}
    of_claim = events(office, token=token, claim=claim).keys() & due.keys()
    assert of_claim == {uid for uid, case in due.items() if claim in case.claims}
    of_source = events(office, token=token, source=source).keys() & due.keys()
    assert f"{cases[0].name.replace(' ', '-')}@claimwatch" in of_source
    assert len(of_source) < len(due)
    with opened(office.home, public_status=True) as public:
        assert not events(public).keys() & due.keys()


def test_the_calendar_speaks_the_language_that_is_asked_for(office: Office, token: str) -> None:
    titles = [str(event["summary"]) for event in events(office, token=token, language="fr").values()]  # type: ignore[index]
    assert any(title.startswith("À trancher") for title in titles)
    for path, query in ((FEEDS[2], "language=xx"), (FEEDS[0], "language=fr")):
        assert httpx.get(f"{office.url}{path}?token={token}&{query}").status_code == 422


def test_what_a_command_writes_holds_the_same_days(office: Office, token: str, tmp_path: Path) -> None:
    home = Home(Settings(_env_file=None, home=str(office.home), base_url=office.url), now=office.clock)  # type: ignore[call-arg]
    write_feed(home, "ics", source=None, claim=None, jurisdiction=None, out=tmp_path / "dates.ics", language="fr")
    written = Calendar.from_ical((tmp_path / "dates.ics").read_bytes()).events
    assert {str(event["uid"]): event for event in written} == events(office, token=token, language="fr")
    assert {str(event["categories"].cats[0]) for event in written} == {"En vigueur", "Échéance"}
