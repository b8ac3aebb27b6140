"""Feeds that other programs read: well formed whatever a page held, newest first, stable identities."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from notifications.feeds import Entry, Occasion, atom, calendar, json_feed

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ATOM = {"a": "http://www.w3.org/2005/Atom"}


def entry(name: str, hour: int = 0, text: str = "It costs more.") -> Entry:
    return Entry(
        id=f"urn:x:{name}",
        title=text,
        text=text,
        url="https://a.example.org/?a=1&b=2",
        at=NOW.replace(hour=hour),
        tags=("fees",),
    )


def feed(*entries: Entry) -> ElementTree.Element:
    return ElementTree.fromstring(atom(entries, id="urn:x", title="Changes", url="https://a.example.org/", now=NOW))


def test_the_newest_comes_first_and_dates_the_feed() -> None:
    root = feed(entry("one", 1), entry("two", 9), entry("three", 5))
    assert [node.text for node in root.findall("a:entry/a:id", ATOM)] == ["urn:x:two", "urn:x:three", "urn:x:one"]
    assert root.findtext("a:updated", namespaces=ATOM) == "2026-06-01T09:00:00Z"
    assert feed().findtext("a:updated", namespaces=ATOM) == "2026-06-01T12:00:00Z"


@given(st.text())
def test_whatever_a_page_held_the_feeds_are_well_formed(text: str) -> None:
    root = feed(entry("one", text=text))
    shown = root.findtext("a:entry/a:content", namespaces=ATOM) or ""
    assert "\x00" not in shown
    assert "\u202e" not in shown
    assert json.loads(json_feed([entry("one", text=text)], title="x", url="y"))["items"][0]["id"] == "urn:x:one"


@given(st.text(max_size=400))
def test_a_calendar_has_short_lines_and_one_event_whatever_the_words(text: str) -> None:
    made = calendar(
        [Occasion(id="a#b", day=date(2026, 12, 31), title=text, text=text, url="https://a.example.org/", stamped=NOW)],
        name="x",
    )
    lines = made.split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    assert "\n" not in "".join(lines)
    unfolded = made.replace("\r\n ", "").split("\r\n")
    assert unfolded.count("BEGIN:VEVENT") == 1
    assert "DTEND;VALUE=DATE:20270101" in unfolded


def occasion(**changes: object) -> Occasion:
    given: dict[str, object] = {
        "id": "fees#permit@claimwatch",
        "day": date(2027, 2, 1),
        "title": "x",
        "text": "",
        "url": "https://a.example.org/",
        "stamped": NOW,
    }
    return Occasion(**{**given, **changes})  # type: ignore[arg-type]


def read(*made: Occasion) -> Calendar:
    """As a program for calendars reads it."""
    return Calendar.from_ical(calendar(made, name="Échéances; and more, of fees").encode())


FRENCH = (
    "Frais de permis\u00a0: 1\u202f155,00 CAD; jusqu’à cette date, «\u00a01\u202f000 CAD\u00a0»\nÉnoncés : permis.frais\\total "
    + "é" * 90
)


def test_a_reader_of_calendars_gets_back_the_words_that_were_put_in() -> None:
    title, _, _ = FRENCH.partition("\n")
    (event,) = read(occasion(title=title, text=FRENCH, kind="En vigueur")).events
    assert (str(event["summary"]), str(event["description"])) == (title, FRENCH)
    assert (event["dtstart"].dt, event["dtend"].dt, event["dtstamp"].dt) == (date(2027, 2, 1), date(2027, 2, 2), NOW)
    assert str(event["uid"]) == "fees#permit@claimwatch"


@given(st.text(), st.text())
def test_whatever_the_words_a_calendar_is_read_without_a_fault(title: str, text: str) -> None:
    made = read(occasion(title=title, text=text), occasion(id=f"{title}@x", url=text))
    assert not made.errors
    assert len(made.events) == 2
    assert all(not event.errors for event in made.events)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example.org/frais?a=1,2;b=3&c=d", "https://a.example.org/frais?a=1,2;b=3&c=d"),
        ("https://a.example.org/déjà vu\r\nATTACH:x", "https://a.example.org/d%C3%A9j%C3%A0%20vu%0D%0AATTACH:x"),
        ("https://a.example.org/" + "x" * 200, "https://a.example.org/" + "x" * 200),
        ("https://a.example.org/100%25?q=%C3%A9", "https://a.example.org/100%25?q=%C3%A9"),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_an_address_is_one_whatever_it_held_or_is_left_out(url: str, shown: str | None) -> None:
    (event,) = read(occasion(url=url)).events
    assert event.get("url") == shown
    assert "attach" not in event


def test_the_first_and_the_last_day_that_there_are_are_days_too() -> None:
    first, last = read(occasion(day=date.min), occasion(id="z", day=date.max)).events
    assert (first["dtstart"].dt, last["dtstart"].dt) == (date.min, date.max)
