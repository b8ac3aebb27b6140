"""A reader asks, says yes, changes what they get, and leaves: by signed links alone, and nothing before the yes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from email import policy
from email.parser import BytesParser

import pytest

from domain.digests import DeliveryKind, DeliveryState, Filters, Frequency, SubscriberState
from notifications.deliver import deliver_due
from notifications.digest import compose_due
from notifications.subscriptions import (
    MOST_QUESTIONS,
    QUESTION_EVERY,
    QUESTION_LIVES,
    Answer,
    BadChoice,
    Choices,
    FrontDesk,
    ask,
    change_preferences,
    confirm,
    question,
    reader_of,
    unsubscribe,
)
from notifications.tokens import preferences_url, sign, unsubscribe_url
from storage.delivery_lists import list_deliveries
from storage.store import Store
from storage.subscribers import find_subscriber
from tests.notifications.builders import CLAIMS, NOW, SOURCES, dollars, flag
from tests.notifications.sinks import sink
from tests.notifications.stores import happen, reader

SECRETS = ("a key that is long enough for signing",)
BASE = "https://watch.example"
SENDER = "Claimwatch <digest@watch.example>"
ADDRESS = "Ana@Example.org"
WANTED = Choices(language="fr", filters=Filters(risks=("critical",)))


@pytest.fixture
def desk(store: Store) -> FrontDesk:
    return FrontDesk(store=store, sender=SENDER, base_url=BASE, secrets=SECRETS)


def letters(desk: FrontDesk):  # type: ignore[no-untyped-def]
    """What waits, as mail programs read it, newest first."""
    with sink() as server:
        deliver_due(desk.store, sender_url=server.url, owner="test", now=lambda: NOW + timedelta(days=30))
    return [BytesParser(policy=policy.default).parsebytes(item.content) for item in reversed(server.kept)]


def link_in(mail) -> str:  # type: ignore[no-untyped-def]
    text = mail.get_body(("plain",)).get_content()
    return re.search(r"https://\S+", text)[0]  # type: ignore[index]


def token_in(mail) -> str:  # type: ignore[no-untyped-def]
    return link_in(mail).rpartition("/")[2]


def compose(desk: FrontDesk, at=NOW):  # type: ignore[no-untyped-def]
    return compose_due(
        desk.store, sources=SOURCES, claims=CLAIMS, now=at, sender=SENDER, base_url=BASE, secrets=SECRETS
    )


def test_a_pending_reader_gets_one_question_and_no_digest_until_they_say_yes(desk):
    asked = ask(desk, address=ADDRESS, choices=WANTED, now=NOW - timedelta(days=2))
    assert asked.state is SubscriberState.PENDING
    happen(desk.store, flag(1, "permit-fee", before=dollars(1000), after=dollars(1100)), at=NOW - timedelta(hours=30))
    assert compose(desk) == ()
    (mail,) = letters(desk)
    assert mail["Subject"].startswith("Confirmez")
    assert mail["To"] == ADDRESS
    assert link_in(mail) in mail.get_body(("html",)).get_content()
    answer, who = confirm(desk, token_in(mail), now=NOW - timedelta(days=1))
    assert answer is Answer.DONE
    assert who is not None
    assert (who.state, who.language, who.filters.risks) == (SubscriberState.ACTIVE, "fr", ("critical",))
    assert len(compose(desk)) == 1


def test_looking_at_the_question_says_nothing(desk):
    ask(desk, address=ADDRESS, choices=WANTED, now=NOW)
    (mail,) = letters(desk)
    for _ in range(2):
        answer, who = question(desk, token_in(mail), now=NOW)
        assert answer is Answer.DONE
        assert who is not None
        assert who.state is SubscriberState.PENDING


def test_saying_yes_twice_changes_nothing_and_an_old_yes_does_not_bring_back_who_left(desk):
    ask(desk, address=ADDRESS, choices=WANTED, now=NOW)
    token = token_in(letters(desk)[0])
    _, who = confirm(desk, token, now=NOW)
    assert confirm(desk, token, now=NOW)[0] is Answer.AGAIN
    assert who is not None
    assert unsubscribe(desk, sign("unsubscribe", str(who.id), secrets=SECRETS), now=NOW) is not None
    assert confirm(desk, token, now=NOW)[0] is Answer.EXPIRED
    with desk.store.reading() as connection:
        found = find_subscriber(connection, ADDRESS)
    assert found is not None
    assert found.state is SubscriberState.LEFT


def test_a_question_is_answered_in_time_and_a_newer_one_replaces_it(desk):
    ask(desk, address=ADDRESS, choices=WANTED, now=NOW)
    first = token_in(letters(desk)[0])
    assert confirm(desk, first, now=NOW + QUESTION_LIVES + timedelta(seconds=1))[0] is Answer.EXPIRED
    ask(desk, address=ADDRESS, choices=WANTED, now=NOW + QUESTION_EVERY)
    second = token_in(letters(desk)[0])
    assert confirm(desk, first, now=NOW + QUESTION_EVERY)[0] is Answer.EXPIRED
    assert confirm(desk, second, now=NOW + QUESTION_EVERY)[0] is Answer.DONE


def test_who_left_and_asks_again_at_once_is_asked(desk):
    ask(desk, address=ADDRESS, choices=WANTED, now=NOW)
    (mail,) = letters(desk)
    confirm(desk, token_in(mail), now=NOW)
    with desk.store.reading() as connection:
        person = find_subscriber(connection, ADDRESS)
    assert person is not None
    unsubscribe(desk, sign("unsubscribe", str(person.id), secrets=SECRETS), now=NOW + timedelta(minutes=1))
    ask(desk, address=ADDRESS, choices=WANTED, now=NOW + timedelta(minutes=2))
    newest = [mail for mail in letters(desk) if mail["To"] == ADDRESS]
    assert len(newest) == 1
    answer, back = confirm(desk, token_in(newest[0]), now=NOW + timedelta(minutes=3))
    assert answer is Answer.DONE
    assert back is not None
    assert back.active


def test_nobodys_mailbox_is_filled_by_asking_again(desk):
    for minute in range(5):
        ask(desk, address=ADDRESS, choices=WANTED, now=NOW + timedelta(minutes=minute))
    for hour in range(1, 40):
        ask(desk, address=ADDRESS.upper(), choices=WANTED, now=NOW + hour * QUESTION_EVERY)
    with desk.store.reading() as connection:
        lines = list_deliveries(connection)
    assert len(lines) == MOST_QUESTIONS
    assert {line.kind for line in lines} == {DeliveryKind.LETTER}


def test_a_stranger_who_asks_in_its_name_does_not_keep_an_address_out(desk):
    for hour in range(24 * 8):
        ask(desk, address=ADDRESS, choices=WANTED, now=NOW + hour * QUESTION_EVERY)
    mails = letters(desk)
    assert len(mails) == MOST_QUESTIONS + 1
    answers = [confirm(desk, token_in(mail), now=NOW + timedelta(days=8))[0] for mail in mails]
    assert answers.count(Answer.DONE) == 1, "the newest question can be answered"


def test_who_is_subscribed_keeps_what_they_have_and_is_told_so_by_mail(desk):
    there = reader(desk.store, "ana")
    again = ask(desk, address="ANA@example.ORG", choices=WANTED, now=NOW)
    assert again == there
    (mail,) = letters(desk)
    assert "already" in mail["Subject"]
    assert link_in(mail) == preferences_url(BASE, there.id, secrets=SECRETS)


def test_preferences_are_changed_by_their_own_link_and_by_no_other(desk):
    there = reader(desk.store, "ana")
    other = reader(desk.store, "ben")
    chosen = Choices(frequency=Frequency.WEEKLY, weekday=4, hour=18, timezone="Europe/Paris", heartbeat=False)
    changed = change_preferences(desk, sign("preferences", str(there.id), secrets=SECRETS), chosen)
    assert changed is not None
    assert (changed.frequency, changed.weekday, changed.hour) == (Frequency.WEEKLY, 4, 18)
    assert (changed.timezone, changed.heartbeat) == ("Europe/Paris", False)
    for wrong in (
        sign("unsubscribe", str(there.id), secrets=SECRETS),
        sign("preferences", str(there.id), secrets=("another key that is long enough",)),
        f"{there.id}.",
        "",
        "9" * 30 + ".x",
    ):
        assert change_preferences(desk, wrong, chosen) is None
    with desk.store.reading() as connection:
        assert find_subscriber(connection, other.address) == other


def test_leaving_cancels_what_waits_and_leaving_twice_changes_nothing(desk):
    there = reader(desk.store, "ana")
    happen(desk.store, flag(1, "permit-fee", before=dollars(1000), after=dollars(1100)), at=NOW - timedelta(hours=3))
    compose(desk)
    token = unsubscribe_url(BASE, there.id, secrets=SECRETS).rpartition("/")[2]
    found = reader_of(desk, token)
    assert found is not None
    assert found.active, "looking changes nothing"
    for _ in range(2):
        gone = unsubscribe(desk, token, now=NOW)
        assert gone is not None
        assert gone.state is SubscriberState.LEFT
    with desk.store.reading() as connection:
        assert [line.state for line in list_deliveries(connection)] == [DeliveryState.CANCELLED]
    assert letters(desk) == []


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("timezone", "Mars/North"), ("timezone", "../etc/passwd"), ("language", "de"), ("hour", 24), ("weekday", 7)],
)
def test_what_cannot_be_chosen_is_named(field, wrong):
    with pytest.raises(BadChoice) as caught:
        replace(WANTED, **{field: wrong})
    assert caught.value.field == field


@pytest.mark.parametrize("wrong", ["", "nobody", "a b@example.org", "a@b@", "a@example.org\r\nBcc: b@example.org", "@"])
def test_what_is_no_address_is_not_asked(desk, wrong):
    with pytest.raises(BadChoice):
        ask(desk, address=wrong, choices=WANTED, now=NOW)
    with desk.store.reading() as connection:
        assert list_deliveries(connection) == ()


def test_every_digest_says_why_it_came_and_how_to_change_or_end_it(desk):
    there = reader(desk.store, "ana")
    happen(desk.store, flag(1, "permit-fee", before=dollars(1000), after=dollars(1100)), at=NOW - timedelta(hours=3))
    compose(desk)
    (mail,) = letters(desk)
    leave, pages = unsubscribe_url(BASE, there.id, secrets=SECRETS), preferences_url(BASE, there.id, secrets=SECRETS)
    assert mail["List-Unsubscribe"] == f"<{leave}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Help"] == f"<{pages}>"
    for kind in ("plain", "html"):
        words = mail.get_body((kind,)).get_content()
        assert leave in words
        assert pages in words
        assert "ana@example.org is subscribed to daily digests" in " ".join(words.split())
