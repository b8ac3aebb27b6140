"""What a digest has no room for opens from its mail, for its reader alone, and is what the mail counted."""

from __future__ import annotations

import re
from datetime import timedelta
from email import policy
from email.parser import BytesParser

import httpx
import pytest

from domain.digests import Filters, Frequency, Subscriber
from domain.flags import ReviewVerdict
from notifications.digest import compose_due
from notifications.tokens import digest_url, preferences_url, sign
from notifications.whole import LINK_LIVES
from storage.flags import decide_flag
from storage.subscribers import add_subscriber, change_choices, deactivate_subscriber
from tests.notifications.builders import dollars, flag
from tests.notifications.stores import happen
from tests.review.office import SECRET, Office

CHANGES = 55
"""More than a mail shows."""


def subscribed(office: Office, name: str = "reader", language: str = "en") -> Subscriber:
    with office.store.writing() as connection:
        return add_subscriber(
            connection,
            address=f"{name}@example.org",
            frequency=Frequency.DAILY,
            now=office.clock(),
            language=language,
        )


def changes(office: Office) -> list[int]:
    """So many changes, each of a page and with a value of its own; their numbers."""
    office.clock.on(minutes=1)
    return [
        happen(
            office.store,
            flag(at, f"page-{at}", before=dollars(1000), after=dollars(20_000 + at), quote_after="<b>pay</b> here"),
            at=office.clock(),
        )
        for at in range(CHANGES)
    ]


def mailed(office: Office, person: Subscriber) -> str:
    """The text of the mail about what happened so far."""
    office.clock.on(minutes=1)
    (composed,) = compose_due(
        office.store,
        sources=office.desk.sources,
        claims=office.desk.claims,
        now=office.clock(),
        sender="Claimwatch <digest@watch.example>",
        base_url=office.url,
        period="now",
        subscriber=person,
        secrets=(SECRET,),
    )
    assert composed.message is not None
    assert composed.digest.more > 0
    body = BytesParser(policy=policy.default).parsebytes(composed.message.content).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_in(text: str) -> str:
    found = re.search(r"https?://\S+/digest/\S+", text)
    assert found is not None, text
    return found[0]


def values(text: str) -> set[int]:
    """Which of the new values a text speaks of."""
    return {int(found) for found in re.findall(r"20[,\s\u202f\xa0]?0(\d\d)", text)}


def rewritten(office: Office, person: Subscriber, filters: Filters) -> None:
    with office.store.writing() as connection:
        change_choices(
            connection,
            person.id,
            frequency=person.frequency,
            timezone=person.timezone,
            hour=person.hour,
            weekday=person.weekday,
            language=person.language,
            filters=filters,
            heartbeat=person.heartbeat,
        )


def test_the_link_in_the_mail_opens_without_an_account_and_shows_every_change(office: Office) -> None:
    person = subscribed(office)
    changes(office)
    text = mailed(office, person)
    assert values(text) < set(range(CHANGES))
    answer = httpx.get(link_in(text))
    assert answer.status_code == 200
    assert answer.text.count("<article") == CHANGES
    assert values(answer.text) == set(range(CHANGES))
    assert f"{CHANGES} changes" in " ".join(text.split())
    assert f"{CHANGES} changes" in answer.text
    assert "&lt;b&gt;pay&lt;/b&gt;" in answer.text
    assert "<b>" not in answer.text
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in answer.headers["x-robots-tag"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<form" not in answer.text.partition("<dialog")[0], "without a referrer a form would be refused"


def test_it_shows_what_the_mail_counted_whatever_was_decided_since(office: Office) -> None:
    person = subscribed(office)
    numbers = changes(office)
    link = link_in(mailed(office, person))
    before = httpx.get(link).text
    office.clock.on(hours=1)
    with office.store.writing() as connection:
        for number in numbers[::2]:
            decide_flag(
                connection, number, verdict=ReviewVerdict.COSMETIC, note="looked at later", by="ana", at=office.clock()
            )
    happen(office.store, flag(99, "page-99", before=dollars(1000), after=dollars(20_099)), at=office.clock())
    after = httpx.get(link).text
    assert values(after) == values(before)
    assert "looked at later" not in after
    assert after.count("<article") == CHANGES


def test_a_reader_of_french_gets_it_in_french(office: Office) -> None:
    person = subscribed(office, language="fr")
    changes(office)
    answer = httpx.get(link_in(mailed(office, person)), headers={"accept-language": "en"})
    assert '<html lang="fr"' in answer.text
    assert "Tous les changements d’un bulletin" in answer.text
    assert values(answer.text) == set(range(CHANGES))


def test_a_link_opens_the_digest_of_its_reader_and_no_other(office: Office) -> None:
    person, other = subscribed(office), subscribed(office, "other")
    changes(office)
    link = link_in(mailed(office, person))
    subject, _, signature = link.rpartition("/")[2].partition(".")
    event = int(subject.partition("-")[2])
    wrong = [
        digest_url(office.url, other.id, event, secrets=(SECRET,)),
        digest_url(office.url, person.id, event - 1, secrets=(SECRET,)),
        digest_url(office.url, person.id, event, secrets=("another secret of enough characters",)),
        f"{office.url}/digest/{other.id}-{event}.{signature}",
        f"{office.url}/digest/{sign('preferences', subject, secrets=(SECRET,))}",
        preferences_url(office.url, person.id, secrets=(SECRET,)).replace("preferences", "digest"),
        f"{link[:-1]}{'A' if link[-1] != 'A' else 'Q'}",
        f"{office.url}/digest/{subject}",
        f"{office.url}/digest/{'9' * 400}-1.{signature}",
    ]
    answers = [httpx.get(address) for address in wrong]
    assert [answer.status_code for answer in answers] == [404] * len(wrong)
    said = {re.sub(r"/digest/[^\s\"<]+", "", answer.text) for answer in answers}
    assert len(said) == 1, "one refusal tells nothing that another does not"
    assert "20,0" not in said.pop()


@pytest.mark.parametrize("gone", ["expired", "left", "filtered"])
def test_a_link_that_is_old_or_of_other_wishes_shows_nothing(office: Office, gone: str) -> None:
    person = subscribed(office)
    changes(office)
    link = link_in(mailed(office, person))
    assert httpx.get(link).status_code == 200
    if gone == "expired":
        office.clock.moment += LINK_LIVES + timedelta(seconds=1)
    elif gone == "filtered":
        rewritten(office, person, Filters(sources=("page-1",)))
    else:
        with office.store.writing() as connection:
            deactivate_subscriber(connection, person.id)
    answer = httpx.get(link)
    assert answer.status_code == (404 if gone == "left" else 410)
    assert values(answer.text) == set()
