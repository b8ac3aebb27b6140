"""Subscribers: one for every mailbox, however it is spelt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.digests import Filters, Frequency, Subscriber
from storage.events import append_event
from storage.store import Store
from storage.subscribers import (
    BadAddress,
    add_subscriber,
    deactivate_subscriber,
    find_subscriber,
    list_subscribers,
    load_subscriber,
    mailbox,
)
from tests.storage.builders import NOW

SPELLINGS = ["Renée@Büro.example", " rene\u0301e@xn--bro-hoa.EXAMPLE", "ＲＥＮÉＥ@büro.example."]


def add(store: Store, address: str = "ana@example.org", **options: object) -> Subscriber:
    given_: dict[str, object] = {"frequency": Frequency.DAILY, "now": NOW, **options}
    with store.writing() as connection:
        return add_subscriber(connection, address=address, **given_)  # type: ignore[arg-type]


ONE = "ana@xn--bro-hoa.example"
VARIANTS = [
    ("Ana@Büro.Example", ONE),
    ("ANA@BÜRO.EXAMPLE", ONE),
    (" ana@büro.example\t", ONE),
    ("\u00a0ana@büro.example\u3000", ONE),
    ("ana@bu\u0308ro.example", ONE),
    ("ana@XN--BRO-HOA.example", ONE),
    ("ana@büro.example.", ONE),
    ("ana@büro。example", ONE),
    ("ａｎａ＠büro.example", ONE),
    ("ana+digest@büro.example", "ana+digest@xn--bro-hoa.example"),
    ("ana+DIGEST@büro.example", "ana+digest@xn--bro-hoa.example"),
    ("ana+@büro.example", "ana+@xn--bro-hoa.example"),
    ("a.na@büro.example", "a.na@xn--bro-hoa.example"),
    ("ana@mail.büro.example", "ana@mail.xn--bro-hoa.example"),
    ("ana@buro.example", "ana@buro.example"),
    ("аna@büro.example", "аna@xn--bro-hoa.example"),
]
"""Spellings, and the mailbox that each is. The last begins with a Cyrillic letter: it is another mailbox."""


@pytest.mark.parametrize(("spelling", "name"), VARIANTS)
def test_each_spelling_is_the_mailbox_that_it_reaches(store: Store, spelling: str, name: str) -> None:
    assert mailbox(spelling) == name
    first, second = add(store, spelling), add(store, name)
    assert first.id == second.id
    assert mailbox(first.address) == name
    assert first.address == first.address.strip().rstrip(".")


def test_all_spellings_of_a_mailbox_are_one_subscriber(store: Store) -> None:
    numbers = {add(store, spelling).id for spelling in SPELLINGS}
    assert len(numbers) == 1
    with store.reading() as connection:
        found = [find_subscriber(connection, spelling) for spelling in SPELLINGS]
        assert {item.id for item in found if item is not None} == numbers
        assert find_subscriber(connection, "other@example.org") is None


def test_a_subscriber_comes_back_as_given_and_is_changed_by_adding_again(store: Store) -> None:
    filters = Filters(sources=("fees", "rules"), risks=("critical",))
    first = add(store, frequency=Frequency.WEEKLY, hour=9, weekday=4, language="fr", filters=filters, heartbeat=False)
    with store.reading() as connection:
        assert load_subscriber(connection, first.id) == first
        assert load_subscriber(connection, 99) is None
    assert (first.filters, first.weekday, first.heartbeat) == (filters, 4, False)
    changed = add(store, frequency=Frequency.INSTANT)
    assert (changed.id, changed.frequency, changed.filters) == (first.id, Frequency.INSTANT, Filters())


def test_a_subscriber_gets_what_happens_from_then_on(store: Store) -> None:
    def happen() -> int:
        with store.writing() as connection:
            return append_event(connection, kind="readable", source="fees", at=NOW)

    happen()
    second = happen()
    reader = add(store)
    assert reader.since_event == second
    happen()
    assert add(store, hour=8).since_event == second, "changing the hour forgets nothing"
    with store.writing() as connection:
        assert deactivate_subscriber(connection, reader.id)
        assert not deactivate_subscriber(connection, reader.id)
    last = happen()
    assert add(store).since_event == last, "coming back tells nothing of the time between"


def test_who_left_is_listed_but_not_among_the_active(store: Store) -> None:
    one, two = add(store, "one@example.org"), add(store, "two@example.org")
    with store.writing() as connection:
        deactivate_subscriber(connection, one.id)
    with store.reading() as connection:
        assert [item.id for item in list_subscribers(connection)] == [one.id, two.id]
        assert [item.id for item in list_subscribers(connection, active_only=True)] == [two.id]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ana",
        "@example.org",
        "ana@",
        "a na@example.org",
        "ana@example.org\r\nBcc: x@y",
        "ana@" + "x" * 70 + ".org",
        "ana\x00@example.org",
        "\ud800@example.org",
        "ana@\ud800.org",
        "ana@a..b",
        "ana\u200b@example.org",
        "ana@straße.example",
        "ana@STRAẞE.example",
        "ana@a\u200cb.example",
        "a@b@example.org",
        "ana,bo@example.org",
        "<ana@example.org>",
        "ana@[192.0.2.1]",
        ".ana@example.org",
        "ana.@example.org",
        "a..na@example.org",
        "x" * 65 + "@example.org",
        "ana@" + "long.label." * 24 + "org",
    ],
)
def test_what_is_no_address_is_refused(store: Store, address: str) -> None:
    with pytest.raises(BadAddress):
        add(store, address)


@given(st.text(min_size=1, max_size=20), st.text(alphabet="aAbBßİſüÜ.", min_size=1, max_size=12))
def test_a_mailbox_is_its_own_mailbox(local: str, domain: str) -> None:
    try:
        name = mailbox(f"{local}@{domain}")
    except BadAddress:
        return
    assert mailbox(name) == name
    assert mailbox(name.upper()) == name or "ı" in name
