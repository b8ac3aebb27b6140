"""Readers by their links: looking changes nothing, posting does, and nobody needs to sign in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, replace
from email import policy
from email.parser import BytesParser
from pathlib import Path

import httpx
import pytest

from domain.digests import Filters, Frequency, Subscriber, SubscriberState
from notifications.deliver import deliver_due
from notifications.tokens import preferences_url, unsubscribe_url
from review.access import access_from
from review.endpoints.subscriptions import MOST_FROM_A_PLACE
from review.serve import listening, serving
from storage.subscribers import add_subscriber, find_subscriber
from tests.review.office import SECRET, Office, opened

ADDRESS = "reader@example.org"


def reader(office: Office, address: str = ADDRESS) -> Subscriber | None:
    with office.store.reading() as connection:
        return find_subscriber(connection, address)


@pytest.fixture
def there(office: Office) -> Subscriber:
    with office.store.writing() as connection:
        return add_subscriber(connection, address=ADDRESS, frequency=Frequency.DAILY, now=office.clock())


@pytest.fixture
def stranger(office: Office) -> Iterator[httpx.Client]:
    """A stranger at a desk that is open to new readers."""
    at = listening("127.0.0.1", 0)
    url = f"http://127.0.0.1:{at.getsockname()[1]}"
    desk = replace(office.desk, open_subscriptions=True)
    desk = replace(desk, access=replace(desk.access, hosts=frozenset({url.removeprefix("http://")})))
    with serving(desk, at), httpx.Client(base_url=url, timeout=30) as client:
        yield client


def mails(office: Office, folder: Path) -> list[str]:
    """The text of every letter that waits."""
    deliver_due(office.store, sender_url=f"file://{folder}", owner="test", now=office.clock)
    parse = BytesParser(policy=policy.default).parsebytes
    bodies = [parse(path.read_bytes()).get_body(("plain",)) for path in sorted(folder.glob("letter*.eml"))]
    return [body.get_content() for body in bodies if body is not None]


def test_asking_confirming_changing_and_leaving(office: Office, stranger: httpx.Client, tmp_path: Path) -> None:
    assert stranger.get("/subscribe").status_code == 200
    fields = {"address": ADDRESS, "frequency": "weekly", "weekday": "4", "hour": "18", "timezone": "Europe/Paris"}
    answer = stranger.post("/subscribe", data={**fields, "language": "fr", "risks": "critical"})
    assert answer.status_code == 200
    asked = reader(office)
    assert asked is not None
    assert asked.state is SubscriberState.PENDING
    (text,) = mails(office, tmp_path)
    link = re.search(r"https?://\S+(/confirm/\S+)", text)
    assert link is not None
    shown = stranger.get(link[1])
    assert ADDRESS in shown.text
    assert (still := reader(office)) is not None
    assert still.state is SubscriberState.PENDING, "looking says nothing"
    assert stranger.post(link[1]).status_code == 200
    said_yes = reader(office)
    assert said_yes is not None
    assert (said_yes.state, said_yes.filters.risks) == (SubscriberState.ACTIVE, ("critical",))
    assert (said_yes.frequency, said_yes.weekday, said_yes.hour) == (Frequency.WEEKLY, 4, 18)


def test_the_answer_does_not_tell_who_is_subscribed(stranger: httpx.Client, there: Subscriber) -> None:
    fields = {"frequency": "daily", "hour": "7", "timezone": "UTC", "language": "en"}
    answers = [stranger.post("/subscribe", data={**fields, "address": who}) for who in (ADDRESS, "new@example.org")]
    assert answers[0].text == answers[1].text


@pytest.mark.parametrize("wrong", [{"address": "nobody"}, {"timezone": "Mars/North"}, {"language": "de"}])
def test_what_cannot_be_asked_for_is_said(office: Office, stranger: httpx.Client, wrong: dict[str, str]) -> None:
    fields = {"address": ADDRESS, "frequency": "daily", "hour": "7", "timezone": "UTC", "language": "en", **wrong}
    answer = stranger.post("/subscribe", data=fields)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert reader(office) is None


def test_one_place_cannot_ask_for_very_many_addresses_and_nobody_else_is_held_up(
    office: Office, stranger: httpx.Client
) -> None:
    fields = {"frequency": "daily", "hour": "7", "timezone": "UTC", "language": "en"}
    given = [stranger.post("/subscribe", data={**fields, "address": f"a{n}@example.org"}) for n in range(21)]
    assert [answer.status_code for answer in given] == [200] * MOST_FROM_A_PLACE + [429]
    assert given[-1].headers["retry-after"]
    assert office.client(None).post("/sign-in", name="ana", password="x").status_code == 401, "signing in is apart"
    office.clock.on(minutes=61)
    assert stranger.post("/subscribe", data={**fields, "address": "b@example.org"}).status_code == 200


def test_places_are_told_apart_behind_a_trusted_proxy(office: Office) -> None:
    trusting = access_from(base_url=office.url, secret=SECRET, proxies="127.0.0.1")
    fields = {"frequency": "daily", "hour": "7", "timezone": "UTC", "language": "en"}
    with opened(office.home, public=True, proxies=trusting.proxies) as proxied:
        for number, (place, status) in enumerate([("192.0.2.1", 200)] * 20 + [("192.0.2.1", 429), ("192.0.2.2", 200)]):
            browser = proxied.client(None, **{"X-Forwarded-For": place})
            answer = browser.post("/subscribe", address=f"a{number}@example.org", **fields)
            assert answer.status_code == status, number


def test_a_desk_that_is_not_open_has_no_form(office: Office) -> None:
    assert office.client(None).get("/subscribe").status_code == 404
    assert office.client(None).post("/subscribe", address=ADDRESS).status_code == 404
    assert reader(office) is None


def test_one_click_ends_it_as_rfc_8058_has_it(office: Office, there: Subscriber) -> None:
    url = unsubscribe_url(office.url, there.id, secrets=(SECRET,))
    assert "button" in httpx.get(url).text
    assert (still := reader(office)) is not None
    assert still.active, "a GET only shows"
    multipart = {"List-Unsubscribe": (None, "One-Click")}
    for _ in range(2):
        assert httpx.post(url, data={"List-Unsubscribe": "One-Click"}).status_code == 200
        assert httpx.post(url, files=multipart).status_code == 200
    assert (gone := reader(office)) is not None
    assert gone.state is SubscriberState.LEFT


def test_preferences_by_link(office: Office, there: Subscriber) -> None:
    url = preferences_url(office.url, there.id, secrets=(SECRET,))
    assert "Digests are sent to" in httpx.get(url).text
    fields = {"frequency": "instant", "hour": "9", "weekday": "0", "timezone": "UTC", "language": "fr"}
    answer = httpx.post(url, data=fields)
    assert answer.status_code == 303
    changed = reader(office)
    assert changed is not None
    assert (changed.frequency, changed.language, changed.heartbeat) == (Frequency.INSTANT, "fr", False)
    french = httpx.get(url, headers={"accept-language": "fr"})
    assert "Les bulletins vont à" in french.text


def test_a_form_of_before_a_later_change_saves_nothing_and_says_so(office: Office, there: Subscriber) -> None:
    url = preferences_url(office.url, there.id, secrets=(SECRET,))
    seen = re.search(r'name="seen" value="([^"]+)"', httpx.get(url).text)
    assert seen is not None
    fields = {"hour": "9", "weekday": "0", "timezone": "UTC", "language": "en", "seen": seen[1]}
    assert httpx.post(url, data={**fields, "frequency": "weekly"}).status_code == 303
    late = httpx.post(url, data={**fields, "frequency": "instant"})
    assert late.status_code == 409
    assert 'role="alert"' in late.text
    assert (kept := reader(office)) is not None
    assert kept.frequency is Frequency.WEEKLY


def test_every_filter_is_set_by_the_page_and_none_is_lost_by_saving(office: Office) -> None:
    chosen = Filters(sources=("gone-page",), sections=("employer.deep",), claims=("gone.claim",))
    with office.store.writing() as connection:
        number = add_subscriber(
            connection, address=ADDRESS, frequency=Frequency.DAILY, now=office.clock(), filters=chosen
        ).id
    url = preferences_url(office.url, number, secrets=(SECRET,))
    ticked = re.findall(r'name="(\w+)" value="([^"]+)" checked', httpx.get(url).text)
    assert ("sources", "gone-page") in ticked
    source, claim_ = next(iter(office.desk.sources)), next(iter(office.desk.claims))
    fields = {"frequency": "daily", "hour": "7", "weekday": "0", "timezone": "UTC", "language": "en"}
    more: dict[str, list[str]] = {"sources": [source], "claims": [claim_], "risks": ["critical"]}
    for kind, name in ticked:
        if kind != "heartbeat":
            more.setdefault(kind, []).append(name)
    assert httpx.post(url, data={**fields, **more}).status_code == 303
    kept = reader(office)
    assert kept is not None
    assert {kind: set(names) for kind, names in asdict(kept.filters).items()} == {
        "sources": {source, "gone-page"},
        "claims": {claim_, "gone.claim"},
        "sections": {"employer.deep"},
        "risks": {"critical"},
        "jurisdictions": set(),
        "authorities": set(),
    }


@pytest.mark.parametrize("page", ["confirm", "preferences", "unsubscribe"])
def test_a_link_that_we_did_not_sign_does_nothing(office: Office, there: Subscriber, page: str) -> None:
    for token in (f"{there.id}.aaaaaaaaaaaaaaaaaaaaaa", f"{there.id}.", "x", "%00", "1-1.x"):
        for method in ("GET", "POST"):
            assert httpx.request(method, f"{office.url}/{page}/{token}").status_code == 404
    assert reader(office) == there
