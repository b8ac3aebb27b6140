"""Changes as feeds that others read: Atom, JSON Feed, and a calendar of the days on which announced values begin to hold.

Pure: entries in, text out. Whoever serves or writes a feed gathers the entries. Sources: RFC 4287, JSON Feed 1.1,
RFC 5545.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

from notifications.view import link_or_nothing

_ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing to tell. id: a stable URN. url: where a person can look. tags: source, claims, jurisdiction."""

    id: str
    title: str
    text: str
    url: str
    at: datetime
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """A day in the calendar.

    id: stable, so that a calendar updates it in place. stamped: since when it stands as it does; it changes with
    nothing else. kind: a word by which people sort what is in their calendar. url: "" where there is none.
    """

    id: str
    day: date
    title: str
    text: str
    url: str
    stamped: datetime
    kind: str = ""


def atom(entries: Iterable[Entry], *, id: str, title: str, url: str, now: datetime) -> str:
    """An Atom feed, newest entry first, as XML text."""
    ordered = sorted(entries, key=lambda entry: (entry.at, entry.id), reverse=True)
    ElementTree.register_namespace("", _ATOM)
    feed = ElementTree.Element(f"{{{_ATOM}}}feed")
    _child(feed, "id", id)
    _child(feed, "title", title)
    _child(feed, "updated", _stamp(ordered[0].at if ordered else now))
    ElementTree.SubElement(feed, f"{{{_ATOM}}}link", href=url)
    author = ElementTree.SubElement(feed, f"{{{_ATOM}}}author")
    _child(author, "name", "Claimwatch")
    for entry in ordered:
        node = ElementTree.SubElement(feed, f"{{{_ATOM}}}entry")
        _child(node, "id", entry.id)
        _child(node, "title", entry.title)
        _child(node, "updated", _stamp(entry.at))
        ElementTree.SubElement(node, f"{{{_ATOM}}}link", href=_harmless(entry.url))
        for tag in entry.tags:
            ElementTree.SubElement(node, f"{{{_ATOM}}}category", term=_harmless(tag))
        _child(node, "content", entry.text).set("type", "text")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(feed, encoding="unicode") + "\n"


def json_feed(entries: Iterable[Entry], *, title: str, url: str) -> str:
    """A JSON Feed, newest entry first."""
    ordered = sorted(entries, key=lambda entry: (entry.at, entry.id), reverse=True)
    items = [
        {
            "id": entry.id,
            "url": entry.url,
            "title": _harmless(entry.title),
            "content_text": _harmless(entry.text),
            "date_published": _stamp(entry.at),
            "tags": list(entry.tags),
        }
        for entry in ordered
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": title, "home_page_url": url, "items": items}
    return json.dumps(feed, ensure_ascii=False, indent=2) + "\n"


def calendar(occasions: Iterable[Occasion], *, name: str) -> str:
    """An iCalendar of whole days, in order, with CRLF and folded lines."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Claimwatch//EN",
        f"NAME:{_escaped(name)}",
        f"X-WR-CALNAME:{_escaped(name)}",
    ]
    for item in sorted(occasions, key=lambda each: (each.day, each.id)):
        lines += _event(item)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _event(item: Occasion) -> list[str]:
    address = link_or_nothing(item.url)
    last = item.day if item.day == date.max else item.day + timedelta(days=1)
    return [
        "BEGIN:VEVENT",
        f"UID:{_escaped(item.id)}",
        f"DTSTAMP:{_date(item.stamped.astimezone(UTC))}T{item.stamped.astimezone(UTC):%H%M%S}Z",
        f"DTSTART;VALUE=DATE:{_date(item.day)}",
        *([f"DTEND;VALUE=DATE:{_date(last)}"] if last > item.day else []),
        f"SUMMARY:{_escaped(item.title)}",
        f"DESCRIPTION:{_escaped(item.text)}",
        *([f"CATEGORIES:{_escaped(item.kind)}"] if item.kind else []),
        *([f"URL:{address}"] if address else []),
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _date(day: date) -> str:
    """Eight digits; `strftime` writes a year before 1000 with fewer."""
    return f"{day.year:04}{day.month:02}{day.day:02}"


def _child(parent: ElementTree.Element, name: str, text: str) -> ElementTree.Element:
    node = ElementTree.SubElement(parent, f"{{{_ATOM}}}{name}")
    node.text = _harmless(text)
    return node


def _harmless(text: str) -> str:
    """Text without what XML forbids and without marks that turn its direction; captured words can hold anything."""
    return "".join(
        mark for mark in text if mark in "\n\t" or unicodedata.category(mark) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _escaped(text: str) -> str:
    plain = _harmless(text).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return plain.replace("\n", "\\n").replace("\t", " ")


def _folded(line: str) -> list[str]:
    """Lines of at most 75 octets, continued with a space, never cut inside a character."""
    parts: list[str] = []
    current = ""
    for mark in line:
        if len((current + mark).encode()) > (75 if not parts else 74):
            parts.append(current)
            current = ""
        current += mark
    parts.append(current)
    return [parts[0], *(f" {part}" for part in parts[1:])]
