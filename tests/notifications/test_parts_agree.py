"""Text and HTML of a mail say the same, whatever was captured, and hostile words break neither of them nor a header."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.digests import Digest
from domain.flags import FlagReason, FlagState, Severity
from domain.values import Members, Text
from notifications.compose import compose
from notifications.phrases import LANGUAGES
from notifications.render import MOST_HTML, html_of, text_of
from notifications.view import View, view_of
from tests.notifications.builders import (
    CLAIMS,
    COVERAGE,
    PERIOD,
    SOURCES,
    claim,
    dollars,
    flag,
    outage,
    review,
    source,
    subscriber,
    table,
)
from tests.notifications.test_render import LINK, a_digest, assert_sound, mail, part, read_html

BASE = "https://watch.example"
MEAN = (
    "</td></tr></table><h1>All is well</h1>",
    "<style>*{display:none}</style>",
    '"><a href="javascript:alert(1)">click</a>',
    "{{ view }}{% endfor %}",
    "Fee\r\nBcc: victim@example.org\r\n\r\n<b>hello</b>",
    "\u202egnp.exe\u202c \u2066left\u2069 \u200f",
    "zero\u200bwidth\u00adsoft\ufeff",
    "\x00\x07\x1b[31m\x7f",
    "👩\u200d👩\u200d👧 🇨🇦 e\u0301\u0323",
    "مرحبا بالعالم שלום",
    "=?utf-8?b?PHNjcmlwdD4=?=",
    ".\r\n.\r\nQUIT\r\n",
    "w" * 10_000,
    "‑" * 3_000,
    "&amp;&lt;&#x202e;",
    "--- a\n+++ b\n===",
)
captured = st.one_of(st.sampled_from(MEAN), st.text(max_size=60))
values = st.one_of(
    st.none(),
    st.builds(dollars, st.integers(0, 10**7)),
    st.builds(lambda text: Text(text=text), captured),
    st.builds(lambda text: Members(items=(text, "other")), captured),
    st.builds(lambda text: table((text, "row")), captured),
)
reasons = st.sampled_from([reason for reason in FlagReason if reason is not FlagReason.UNREADABLE])


@st.composite
def flags(draw: st.DrawFn, number: int) -> Any:
    settled = draw(st.booleans())
    return flag(
        number,
        draw(st.sampled_from([*SOURCES, "gone", "mean"])),
        fact=draw(st.sampled_from(["fee", "", "what_it_costs"])),
        reason=draw(reasons),
        severity=draw(st.sampled_from(list(Severity))),
        before=draw(values),
        after=draw(values),
        quote_before=draw(captured),
        quote_after=draw(captured),
        detail=draw(st.one_of(captured, st.just("effective 2027-04-30"))),
        confirmed=draw(st.booleans()),
        claims=draw(st.sampled_from([(), ("permit.fee",), ("mean", *CLAIMS)])),
        state=FlagState.DECIDED if settled else FlagState.OPEN,
        review=review(number, note=draw(captured)) if settled else None,
    )


@st.composite
def digests(draw: st.DrawFn) -> Digest:
    words = draw(captured)
    sources = {**SOURCES, "mean": source("mean", words or "mean", host="mean.example")}
    records = tuple(draw(flags(number)) for number in range(1, draw(st.integers(0, 12)) + 1))
    pages = st.sampled_from([*SOURCES, "mean"])
    return compose(
        subscriber=subscriber(language=draw(st.sampled_from(list(LANGUAGES)))),
        period=PERIOD,
        first_event=1,
        last_event=40,
        flags=records,
        decided=(),
        sources=sources,
        claims={**CLAIMS, "mean": claim("mean", words, "mean#fee", section="mean")},
        unreadable=tuple((page, draw(captured)) for page in draw(st.sets(pages, max_size=3))),
        outages=tuple(
            outage(page, at, draw(st.sampled_from([None, at + 9])))
            for at, page in enumerate(draw(st.lists(pages, max_size=3)))
        ),
        coverage=COVERAGE,
        most=draw(st.sampled_from([3, 9, 40])),
    )


def links(view: View) -> Iterator[str]:
    """Every address that a mail leads to, as often as it does."""
    for item in (*view.open_items, *view.decided_items):
        yield item.link
        if not item.brief:
            yield item.url
            yield from (url for _, url in item.also)
    yield from (view.more_url if view.more else "", view.unsubscribe_url, view.preferences_url)


def letters(text: str) -> Counter[str]:
    """What a text says, without the spaces and marks by which the two forms are laid out."""
    return Counter(char for char in text if char.isalnum() or char in "$€%→“”«»<>{}&")


def leaves(part_: object) -> Iterator[str]:
    if isinstance(part_, str):
        yield part_
    elif isinstance(part_, tuple):
        for item in part_:
            yield from leaves(item)
    elif is_dataclass(part_):
        for field in fields(part_):
            if field.name not in ("language", "subject", "severity", "more_url", "link_words", "more_also"):
                yield from leaves(getattr(part_, field.name))


def squeezed(text: str) -> str:
    return "".join(text.split())


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(digests())
def test_text_and_html_say_the_same_and_lead_to_the_same_places(made):
    view = view_of(made, base_url=BASE, unsubscribe_url=LINK, preferences_url=f"{BASE}/preferences/7.x")
    text, html = text_of(view), read_html(html_of(view))
    led = [link for link in links(view) if link]
    assert Counter(html.links) == Counter(led)
    assert letters(text) - letters("".join(led)) == letters("".join(html.words))
    assert all(text.count(link) >= count for link, count in Counter(led).items())


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(digests())
def test_everything_in_the_view_is_in_both_parts(made):
    view = view_of(made, base_url="", unsubscribe_url=None)
    text, html = squeezed(text_of(view)), squeezed("".join(read_html(html_of(view)).words))
    whole = [item for item in (*view.open_items, *view.decided_items) if not item.brief]
    brief = [item for item in (*view.open_items, *view.decided_items) if item.brief]
    said = [
        *leaves(replace(view, open_items=(), decided_items=())),
        *(words for item in whole for words in leaves(replace(item, short="", touched="", url=""))),
        *(
            words
            for item in brief
            for words in (item.severity_words, item.reason, item.short, item.source, item.decided)
        ),
    ]
    assert [words for words in said if squeezed(words) not in text] == []
    assert [words for words in said if squeezed(words) not in html] == []


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(digests())
def test_whatever_was_captured_the_mail_is_sound_and_short(made):
    message = mail(made)
    assert_sound(message)
    assert len(part(message, "html").encode()) <= MOST_HTML
    seen = read_html(part(message, "html"))
    assert seen.tags <= read_html(part(mail(a_digest()), "html")).tags | {"ul", "li", "b"}
    plain = part(message, "plain")
    long = [line for line in plain.splitlines() if len(line) > 72 and "://" not in line]
    assert [line for line in long if max(map(len, line.split())) <= 60] == []


@pytest.mark.parametrize("words", MEAN)
def test_a_hostile_title_of_a_page_breaks_no_header(words):
    sources = {**SOURCES, "mean": source("mean", words, host="mean.example")}
    made = compose(
        subscriber=subscriber(),
        period=PERIOD,
        first_event=1,
        last_event=9,
        flags=(flag(1, "mean", before=Text(text=words), after=Text(text=f"not {words}"), severity=Severity.CRITICAL),),
        decided=(),
        sources=sources,
        claims=CLAIMS,
        unreadable=(("mean", words),),
        coverage=COVERAGE,
    )
    message = mail(made)
    assert_sound(message)
    assert len(message.subject) < 200
