"""Every word of ours that the desk shows, in each language. English phrases are their own keys.

Captured words are never translated: they are evidence. Plural forms are `one|many`, chosen by `n`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from notifications.phrases import is_one
from review.french import FRENCH

LANGUAGES: Mapping[str, Mapping[str, str]] = {"en": {}, "fr": FRENCH}
"""Phrases by language; English needs no dictionary. A test holds that French lacks nothing that we say."""

NOTICES = frozenset(
    {
        "Saved.",
        "Signed out.",
        "Undone: the flag is open again.",
        "Undone: a newer flag stands in its place.",
        "Asked for: the page will be visited in a moment.",
        "The password is changed; every other session is over.",
    }
)
"""What a page may be told to announce. Only phrases that stand here are shown."""

_APART = re.compile(r" (?=[:;?!»])|(?<=«) ")

_MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "fr": ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juill.", "août", "sept.", "oct.", "nov.", "déc."],
}


def say(language: str, words: str, **parts: object) -> str:
    """The phrase in a language, with `parts` put in. KeyError for a phrase that nobody translated."""
    spoken = words if language == "en" else _spaced(LANGUAGES[language][words])
    one, bar, many = spoken.partition("|")
    if bar:
        count = int(str(parts["n"]))
        spoken = one if is_one(count, language) else many
    return spoken.format(**parts) if parts else spoken


def spoken(language: str, words: str) -> str:
    """The phrase in a language where it has one, else as it stands: for words of the audit log, which any room writes."""
    return _spaced(LANGUAGES[language][words]) if words in LANGUAGES[language] else words


def _spaced(french: str) -> str:
    """With spaces that do not break before the signs that French sets apart, so that none begins a line."""
    return _APART.sub("\u00a0", french)


def day_words(language: str, day: date) -> str:
    """`24 Nov 2026`, `24 nov. 2026`."""
    return f"{day.day} {_MONTHS[language][day.month - 1]} {day.year}"


def moment_words(language: str, moment: datetime) -> str:
    """`24 Nov 2026, 18:05`, in the zone that the moment is in."""
    return f"{day_words(language, moment.date())}, {moment:%H:%M}"


def since_words(language: str, passed: timedelta) -> str:
    """How long ago, in the largest unit that fits."""
    minutes = int(passed.total_seconds() // 60)
    if minutes < 1:
        return say(language, "just now")
    if minutes < 60:
        return say(language, "{n} minute ago|{n} minutes ago", n=minutes)
    if minutes < 48 * 60:
        return say(language, "{n} hour ago|{n} hours ago", n=minutes // 60)
    return say(language, "{n} day ago|{n} days ago", n=minutes // (24 * 60))
