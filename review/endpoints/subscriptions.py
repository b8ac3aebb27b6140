"""Readers of digests look after their own subscription: nobody signs in here, a signed link speaks for each.

A GET changes nothing, since mail programs open links before people do; what changes something is a POST.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable
from typing import Any
from zoneinfo import available_timezones

from starlette.responses import Response

from domain.claims import Risk
from domain.digests import Filters, Frequency, Subscriber
from notifications.subscriptions import (
    Answer,
    BadChoice,
    Choices,
    FrontDesk,
    TooMany,
    ask,
    change_preferences,
    confirm,
    question,
    reader_of,
    reader_to_change,
    unsubscribe,
)
from review.patience import WINDOW, place_of
from review.templating import page
from review.visit import Refusal, Visit
from storage.sessions import failures_of, note_failure

MOST_FROM_A_PLACE = 20
"""Addresses that one place may ask for within an hour: an office behind one address fits, a list of victims does not."""

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def sign_up(visit: Visit) -> Response:
    """The form by which anybody asks for digests, where this installation is open to that."""
    _open(visit)
    return _form(visit, Choices(language=visit.language, timezone=visit.desk.timezone))


def asked(visit: Visit) -> Response:
    """Ask the address that was given whether it wants digests. The answer is the same whoever is subscribed."""
    desk = _open(visit)
    try:
        choices = _chosen(visit)
        _prove_patient(visit)
        ask(desk, address=visit.text("address"), choices=choices, now=visit.now)
    except BadChoice as problem:
        return _form(visit, _held(visit), problem=problem, status=422)
    except TooMany:
        raise Refusal(429, "Too many people ask just now. Try again in an hour.") from None
    return _told(
        visit, "Look into your mail", "Open the link in the mail that we sent. Nothing else comes before that."
    )


def _prove_patient(visit: Visit) -> None:
    """This place asked for few addresses within the hour. It is written down beside failed sign-ins, apart by name."""
    place = f"subscribe {place_of(visit.address)}"
    with visit.desk.store.writing() as connection:
        tries = failures_of(connection, identity="", place=place, since=visit.now - WINDOW).place
        if tries.number < MOST_FROM_A_PLACE:
            note_failure(connection, identity="", place=place, now=visit.now, keep=WINDOW)
            return
    raise Refusal(429, "Too many people ask just now. Try again in an hour.", headers={"retry-after": "3600"})


def confirmation(visit: Visit) -> Response:
    """What the link in that mail shows: a button."""
    answer, reader = question(_desk(visit), visit.part("token"), now=visit.now)
    return _confirmed(visit, answer, reader, asking=True)


def confirmed(visit: Visit) -> Response:
    """The reader said yes."""
    answer, reader = confirm(_desk(visit), visit.part("token"), now=visit.now)
    return _confirmed(visit, answer, reader, asking=False)


def preferences(visit: Visit) -> Response:
    """What one reader gets, as a form."""
    reader = _reader(visit, reader_to_change(_desk(visit), visit.part("token")))
    if not reader.active:
        return _told(visit, "No digests are sent to you", "You are not subscribed.", again=True)
    return _form(visit, _choices_of(reader), reader=reader)


def changed(visit: Visit) -> Response:
    """The reader gets what they chose."""
    desk, token = _desk(visit), visit.part("token")
    reader = _reader(visit, reader_to_change(desk, token))
    if visit.text("seen") not in ("", _stamp(reader)):
        return _form(visit, _choices_of(reader), reader=reader, overtaken=True, status=409)
    try:
        kept = change_preferences(desk, token, _chosen(visit))
    except BadChoice as problem:
        return _form(visit, _held(visit), reader=reader, problem=problem, status=422)
    if kept is None:
        return _told(visit, "No digests are sent to you", "You are not subscribed.", again=True)
    return visit.go(f"/preferences/{token}", notice="Saved.")


def leaving(visit: Visit) -> Response:
    """What the link in each digest shows: a button, and why the digests come."""
    reader = _reader(visit, reader_of(_desk(visit), visit.part("token")))
    if not reader.active:
        return _told(visit, "You are unsubscribed", "No more digests are sent to you.", again=True)
    return page(visit, "unsubscribe.html", reader=reader)


def left(visit: Visit) -> Response:
    """The reader gets nothing any more; RFC 8058 has mail programs send the same."""
    _reader(visit, unsubscribe(_desk(visit), visit.part("token"), now=visit.now))
    return _told(visit, "You are unsubscribed", "No more digests are sent to you.", again=True)


def _desk(visit: Visit) -> FrontDesk:
    if visit.desk.front_desk is None:
        raise Refusal(404, "There is no such page.")
    return visit.desk.front_desk


def _open(visit: Visit) -> FrontDesk:
    if not visit.desk.open_subscriptions:
        raise Refusal(404, "There is no such page.")
    return _desk(visit)


def _reader(visit: Visit, found: Subscriber | None) -> Subscriber:
    if found is None:
        raise Refusal(404, "This link is not one of ours. Take the one in your newest digest.")
    return found


def _confirmed(visit: Visit, answer: Answer, reader: Subscriber | None, *, asking: bool) -> Response:
    if answer is Answer.UNKNOWN or reader is None:
        raise Refusal(404, "This link is not one of ours. Take the one in your newest mail.")
    if answer is Answer.EXPIRED:
        raise Refusal(410, "This question has run out, or a newer one was sent. Ask again.")
    if answer is Answer.DONE and asking:
        return page(visit, "confirm.html", reader=reader)
    return _told(visit, "You are subscribed", "The first digest comes when there is something to tell.")


def _told(visit: Visit, heading: str, words: str, *, again: bool = False) -> Response:
    return page(visit, "told.html", heading=heading, words=words, again=visit.desk.open_subscriptions and again)


def _form(
    visit: Visit,
    choices: Choices,
    *,
    reader: Subscriber | None = None,
    problem: BadChoice | None = None,
    overtaken: bool = False,
    status: int = 200,
) -> Response:
    sources = visit.desk.sources.values()
    return page(
        visit,
        "subscription.html",
        status=status,
        reader=reader,
        address=visit.text("address") if visit.request.method == "POST" else "",
        choices=choices,
        problem=problem,
        overtaken=overtaken,
        seen=_stamp(reader) if reader is not None else "",
        zones=sorted(available_timezones()),
        weekdays=_WEEKDAYS,
        risks=[risk.value for risk in Risk],
        jurisdictions=_names((*(source.jurisdiction for source in sources), *choices.filters.jurisdictions)),
        authorities=_names((*(source.authority for source in sources), *choices.filters.authorities)),
        sections=_names(
            (*(claim.section.partition(".")[0] for claim in visit.desk.claims.values()), *choices.filters.sections)
        ),
        sources={source.id: source.title for source in sources} | _own(choices.filters.sources, visit.desk.sources),
        claims={claim.id: f"{claim.id}: {claim.text}" for claim in visit.desk.claims.values()}
        | _own(choices.filters.claims, visit.desk.claims),
    )


def _own(chosen: Iterable[str], known: Container[str]) -> dict[str, str]:
    """What a reader chose and is watched no more: it stays theirs to untick."""
    return {name: name for name in chosen if name not in known}


def _names(found: Iterable[str]) -> list[str]:
    return sorted({name for name in found if name}, key=str.casefold)


def _chosen(visit: Visit) -> Choices:
    """The choices of the form. Raises BadChoice."""
    return Choices(
        frequency=_frequency(visit),
        timezone=visit.text("timezone"),
        hour=visit.number("hour", 7),
        weekday=visit.number("weekday", 0),
        language=visit.text("language"),
        filters=Filters(**_filters(visit)),
        heartbeat=visit.text("heartbeat") == "yes",
    )


def _held(visit: Visit) -> Choices:
    """What of the form can be shown again although something in it was wrong."""
    return Choices(
        frequency=_frequency(visit),
        weekday=min(visit.number("weekday"), 6),
        hour=min(visit.number("hour", 7), 23),
        filters=Filters(**_filters(visit)),
        heartbeat=visit.text("heartbeat") == "yes",
    )


def _frequency(visit: Visit) -> Frequency:
    word = visit.text("frequency")
    return Frequency(word) if word in [item.value for item in Frequency] else Frequency.DAILY


def _filters(visit: Visit) -> dict[str, Any]:
    return {
        name: tuple(item[:200] for item in visit.choices(name)[:200])
        for name in ("jurisdictions", "authorities", "sources", "sections", "claims", "risks")
    }


def _stamp(reader: Subscriber) -> str:
    """What the reader had chosen when a form was shown, in short: a form of before a later change saves nothing."""
    return hashlib.sha256(repr(_choices_of(reader)).encode()).hexdigest()[:16]


def _choices_of(reader: Subscriber) -> Choices:
    return Choices(
        frequency=reader.frequency,
        timezone=reader.timezone,
        hour=reader.hour,
        weekday=reader.weekday,
        language=reader.language,
        filters=reader.filters,
        heartbeat=reader.heartbeat,
    )
