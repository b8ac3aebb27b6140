"""Feeds that other programs read: well formed whatever a page held, newest first, stable identities."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

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
