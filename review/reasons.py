"""What the judge of claims says, in a reader's language: the frame is ours and translated, what it holds is evidence. Pure.

The judge writes English, which is kept with flags and exported; what fits no frame is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from review.causes import cause_phrase
from review.words import say, spoken

REASONS = (
    "a required statement is not there",
    "an excluded statement is there",
    "another code",
    "another value",
    "fewer than two dated values",
    "it stands on the page",
    "it went the other way",
    "never checked",
    "no capture has been accepted by a person yet",
    "no source is watched",
    "none of them is on the list",
    "not located",
    "not on the list",
    "nothing in common",
    "on the list",
    "only some of the guide's entries are on the official list",
    "outside the range",
    "the fact and the bound do not compare",
    "the fact and the range do not compare",
    "the fact is no date",
    "the fact is no list",
    "the list differs",
    "the lists differ",
    "the page no longer states it",
    "the provision is about something else",
    "the range cannot be read as the kind of the fact",
    "the two are the same",
    "the units do not compare exactly",
    "the values are no numbers",
    "the words differ",
    "a row has no date",
    "before that day",
    "changed since a person last accepted it",
    "less than that",
    "more than that",
    "not before that day",
    "nothing to compare with",
    "the fact is no table of dated values",
    "last seen {day}, fresh for {days} days",
    "last seen {day}, fresh for {hours} hours",
    "nothing for more than {days} days",
    "sources disagree: {rest}",
    "the words differ: {rest}",
    "{fact} has not been located",
    "says {terms}; does not say {others}",
    "does not say {terms}",
    "says {terms}",
    "two values of {day}",
    "before {terms}",
    "on or after {terms}",
    "superset of {terms}",
    "within {days} days",
    "between {low} to {high}",
    "at least {terms}",
    "at most {terms}",
    "differs from {terms}",
    "same as {terms}",
    "equals {terms}",
    "contains any {terms}",
    "contains {terms}",
    "excludes {terms}",
    "overlaps {terms}",
    "same members {terms}",
    "subset of {terms}",
    "about {terms}",
    "unchanged",
    "present",
    "absent",
)
"""Why a claim stands as it does, and what it expects; the narrower before the wider."""

FINDINGS = (
    "not on the page",
    "none of them listed",
    "{value}, {days} days ago",
    "{some} of {all} listed: {there}; not listed: {missing}",
    "no longer said: {gone}; said: {there}",
    "no longer said: {gone}",
    "not there: {missing}; besides: {there}",
    "not there: {missing}",
    "besides: {there}",
    "not listed: {missing}",
    "listed: {there}",
    "said: {there}",
)
"""What was found, where the judge put it: what a page itself says is never translated."""


def _frames(phrases: Iterable[str]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((phrase, re.compile(_PART.sub(_found, re.escape(phrase)), re.DOTALL)) for phrase in phrases)


_PART = re.compile(r"\\\{(\w+)\\\}")


def _found(part: re.Match[str]) -> str:
    """What stands for a part: figures where it counts, a day where it dates, else anything."""
    what = {
        "days": r"\d+",
        "hours": r"\d+",
        "some": r"\d+",
        "all": r"\d+",
        "day": r"[\d-]+",
        "value": r"\d{4}-\d\d-\d\d",
    }
    return f"(?P<{part[1]}>{what.get(part[1], '.+')})"


_REASONS, _FINDINGS = _frames(REASONS), _frames(FINDINGS)


def reason_words(language: str, text: str) -> str:
    """A reason or an expectation in the language; the causes of readings that failed, too."""
    if language != "en" and "-" in text and cause_phrase(text) != text:
        return spoken(language, cause_phrase(text))
    return _framed(language, text, _REASONS)


def finding_words(language: str, text: str) -> str:
    """What was found, in the language where the judge put it into a frame, else as it is."""
    return _framed(language, text, _FINDINGS)


def _framed(language: str, text: str, frames: tuple[tuple[str, re.Pattern[str]], ...]) -> str:
    for phrase, frame in frames if language != "en" else ():
        found = frame.fullmatch(text)
        if found is not None:
            return say(language, phrase, **found.groupdict())
    return text
