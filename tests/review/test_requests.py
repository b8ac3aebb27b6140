"""An address put in, a request that waits, runs, is answered: as pages that need no script."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from claimwatch.config.entries import read_entry
from claimwatch.propose import proposal_of
from domain.people import Role
from domain.requests import RequestKind, RequestState
from domain.snapshots import Snapshot
from domain.sources import Source
from monitor.look import look_at
from storage.audit import list_acts
from storage.requests import answer, ask, load_request, proposal_text, take
from storage.runs import record_cycle
from tests.review.office import Office
from tests.site import fee_page
from tests.storage.builders import snapshot

ADDRESS = "https://office.example/fees/permits.html"


def asked(office: Office, subject: str, kind: RequestKind = RequestKind.LOOK) -> int:
    with office.store.writing() as connection:
        return ask(connection, kind=kind, subject=subject, by="ana", now=office.clock())


def settled(office: Office, number: int, state: RequestState, result: str) -> None:
    with office.store.writing() as connection:
        taken = take(connection, owner="service", now=office.clock(), lease=timedelta(minutes=5))
        assert taken is not None
        assert taken.request.id == number
        assert answer(connection, taken, state=state, result=result, now=office.clock())


def proposed() -> str:
    bare = Source(id="permits", title="", url=ADDRESS)
    page: Snapshot = snapshot(fee_page("$1,250", more="<p>Wait 10 business days.</p><h3>&lt;b&gt;</h3>"), url=ADDRESS)
    return proposal_text(proposal_of(bare, page, look_at(bare, page, today=page.fetched_at.date())))


def test_an_address_becomes_a_request_and_nothing_is_fetched_here(office: Office) -> None:
    client = office.client("rea", Role.REVIEWER)
    answer = client.post("/sources/new", on="/sources/new", address=ADDRESS)
    assert answer.status_code == 303
    number = int(answer.headers["location"].rpartition("/")[2])
    with office.store.reading() as connection:
        request, acts = load_request(connection, number), list_acts(connection, limit=1)
    assert request is not None
    assert (request.kind, request.subject, request.state) == (RequestKind.LOOK, ADDRESS, RequestState.WAITING)
    assert (acts[0].by, acts[0].act, acts[0].detail["address"]) == ("rea", "asked for a look", ADDRESS)
    assert office.client("vi", Role.VIEWER).get("/sources/new").status_code == 403


@pytest.mark.parametrize(
    "address", ["", "fees", "javascript:alert(1)", "file:///etc/passwd", "http://0x7f.1/", "http://a@b.example/"]
)
def test_what_is_no_address_to_be_asked_is_refused_at_once(office: Office, address: str) -> None:
    answer = office.client().post("/sources/new", on="/sources/new", address=address)
    assert answer.status_code == 422
    assert "That address cannot be watched:" in answer.text


def test_a_page_that_is_watched_already_is_pointed_to(office: Office) -> None:
    source = next(iter(office.desk.sources.values()))
    answer = office.client().post("/sources/new", on="/sources/new", address=source.url)
    assert answer.status_code == 422
    assert f'href="/sources/{source.id}"' in answer.text


def test_a_request_that_waits_says_so_and_whether_a_service_runs(office: Office) -> None:
    number, client = asked(office, ADDRESS), office.client("vi", Role.VIEWER)
    office.clock.on(minutes=5)
    said = client.get(f"/requests/{number}").text
    assert "waits" in said
    assert "hx-get" in said
    assert f'href="/requests/{number}"' in said
    assert "The service does not seem to run." in said
    with office.store.writing() as connection:
        record_cycle(connection, now=office.clock(), owner="service", started=0, under_way=0)
        take(connection, owner="service", now=office.clock(), lease=timedelta(minutes=5))
    said = client.get(f"/requests/{number}").text
    assert "under way" in said
    assert "The service does not seem to run." not in said
    for unknown in ("0", "999999", "x", "9" * 40):
        assert client.get(f"/requests/{unknown}").status_code == 404


def test_a_visit_that_was_made_is_shown(office: Office) -> None:
    with office.store.reading() as connection:
        check = connection.exec_driver_sql("SELECT max(id) FROM checks WHERE outcome = 'good'").scalar_one()
    number = asked(office, "talent-stream", RequestKind.CHECK)
    settled(office, number, RequestState.DONE, str(check))
    said = office.client("vi", Role.VIEWER).get(f"/requests/{number}").text
    assert "outcome-good" in said
    assert "hx-get" not in said
    assert 'href="/sources/talent-stream"' in said


def test_a_look_that_came_to_nothing_says_why(office: Office) -> None:
    number = asked(office, ADDRESS)
    settled(office, number, RequestState.FAILED, "address-refused: <b>10.0.0.1</b> is not public")
    said = office.client("vi", Role.VIEWER).get(f"/requests/{number}").text
    assert "came to nothing" in said
    assert "&lt;b&gt;10.0.0.1" in said


def test_the_facts_that_are_ticked_make_the_entry(office: Office) -> None:
    number = asked(office, ADDRESS)
    settled(office, number, RequestState.DONE, proposed())
    client = office.client("vi", Role.VIEWER)
    whole = client.get(f"/requests/{number}").text
    keys = re.findall(r'name="fact" value="([^"]+)"', whole)
    assert len(keys) >= 2
    assert {rule.key for rule in read_entry(entry_in(whole)).rules} == set(keys)
    one = entry_in(client.get(f"/requests/{number}", chosen="yes", fact=keys[0]).text)
    assert [rule.key for rule in read_entry(one).rules] == [keys[0]]
    none = entry_in(client.get(f"/requests/{number}", chosen="yes", fact="nonsense").text)
    assert read_entry(none).rules == ()
    assert read_entry(none).url == ADDRESS
    assert "<b></h3>" not in whole


def entry_in(html: str) -> str:
    found = re.search(r"<textarea[^>]*readonly[^>]*>\n?(.*?)</textarea>", html, re.DOTALL)
    assert found is not None
    return (
        found[1]
        .replace("&#34;", '"')
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
    )


def test_a_request_that_is_under_way_serves_whoever_asks_for_the_same(office: Office) -> None:
    source = next(iter(office.desk.sources))
    first = asked(office, source, RequestKind.CHECK)
    with office.store.writing() as connection:
        taken = take(connection, owner="service", now=office.clock(), lease=timedelta(minutes=5))
    assert taken is not None
    client = office.client("rea", Role.REVIEWER)
    for _ in range(3):
        answered = client.post(f"/sources/{source}/check", on=f"/sources/{source}")
        assert answered.headers["location"].startswith(f"/requests/{first}?")
    assert office.api("rea").post("/requests", json={"kind": "check", "subject": source}).json()["id"] == first
    with office.store.writing() as connection:
        assert answer(connection, taken, state=RequestState.DONE, result="1", now=office.clock())
    assert asked(office, source, RequestKind.CHECK) > first


def test_a_look_that_came_to_nothing_says_why_in_words_and_can_be_tried_again(office: Office) -> None:
    number = asked(office, ADDRESS)
    settled(office, number, RequestState.FAILED, "dns: no address for office.example")
    said = office.client("rea", Role.REVIEWER, **{"accept-language": "fr"}).get(f"/requests/{number}").text
    assert "ce serveur n’existe pas" in said
    assert "(no address for office.example)" in said
    again = office.client("rea", Role.REVIEWER).post("/sources/new", on=f"/requests/{number}", address=ADDRESS)
    assert re.fullmatch(r"/requests/\d+", again.headers["location"])
    assert again.headers["location"] != f"/requests/{number}"
    assert "Try again" not in office.client("vi", Role.VIEWER).get(f"/requests/{number}").text
