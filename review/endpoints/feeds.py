"""Feeds for readers that cannot sign in: changes as Atom and JSON Feed, the days of announced values and of due reviews as a calendar.

A feed is opened by a session, by a feed token in its address, or to everybody where the status page is public.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from starlette.responses import Response

from domain.queue import Wanted
from domain.sources import Source
from notifications.feeds import Entry, atom, calendar, json_feed
from review.pages.feeds import due_reviews, entry_of, occasions
from review.visit import Refusal, Visit
from review.words import LANGUAGES
from storage.facts import announced_since
from storage.listings import newest_confirmed
from storage.queue import queue_page

_MOST = 50
_MOST_DUE = 1000
"""Cases in a calendar, the most harmful first."""

_FILTERS = frozenset({"source", "claim", "jurisdiction", "token"})


def changes_atom(visit: Visit) -> Response:
    """Confirmed changes, newest first, as Atom."""
    day = visit.now.replace(hour=0, minute=0, second=0, microsecond=0)
    base = visit.desk.access.base_url
    text = atom(_entries(visit), id=f"urn:claimwatch:changes:{_name(visit)}", title=_title(visit), url=base, now=day)
    return _answer(visit, text, media="application/atom+xml")


def changes_json(visit: Visit) -> Response:
    """Confirmed changes, newest first, as a JSON Feed."""
    text = json_feed(_entries(visit), title=_title(visit), url=visit.desk.access.base_url)
    return _answer(visit, text, media="application/feed+json")


def dates(visit: Visit) -> Response:
    """A calendar of the days on which announced values begin to hold, and by which reviews are due.

    When reviews are due is told to people of the desk alone. `language` is `en` or `fr`: calendars send no wish.
    """
    chosen, only, language = (
        _sources(visit, "language"),
        _facts_of_claim(visit),
        visit.text("language") or visit.language,
    )
    if language not in LANGUAGES:
        raise Refusal(422, "There is no such filter.")
    open_to_all = visit.viewer.user is None
    wanted = Wanted(sources=None if len(chosen) == len(visit.desk.sources) else tuple(chosen))
    with visit.desk.store.reading() as connection:
        known = visit.desk.knowledge.of(connection).known
        since = announced_since(connection, known.values())
        cases = () if open_to_all else queue_page(connection, wanted, now=visit.now, limit=_MOST_DUE).cases
    base = visit.desk.access.base_url
    days = occasions(known, chosen, now=visit.now, since=since, language=language, only=only)
    days += due_reviews(cases, visit.desk.sources, base_url=base, language=language, claim=visit.text("claim"))
    return _answer(visit, calendar(days, name=_title(visit)), media="text/calendar")


def _entries(visit: Visit) -> list[Entry]:
    chosen = _sources(visit)
    _facts_of_claim(visit)
    everything = len(chosen) == len(visit.desk.sources)
    with visit.desk.store.reading() as connection:
        records = newest_confirmed(
            connection, sources=None if everything else tuple(chosen), claim=visit.text("claim") or None, limit=_MOST
        )
    base = visit.desk.access.base_url
    return [entry_of(record, visit.desk.sources.get(record.flag.source), base_url=base) for record in records]


def _sources(visit: Visit, *more: str) -> Mapping[str, Source]:
    """The sources that the filters leave. more: what else may be asked for. A filter that is none is refused: its feed would be silent for ever."""
    if set(visit.request.query_params) - _FILTERS - set(more):
        raise Refusal(422, "There is no such filter.")
    name, jurisdiction = visit.text("source"), visit.text("jurisdiction")
    if name and name not in visit.desk.sources:
        raise Refusal(404, "There is no such source.")
    if jurisdiction and jurisdiction not in {item.jurisdiction for item in visit.desk.sources.values()}:
        raise Refusal(404, "Nothing is watched in that jurisdiction.")
    return {
        item.id: item
        for item in visit.desk.sources.values()
        if name in ("", item.id) and jurisdiction in ("", item.jurisdiction)
    }


def _facts_of_claim(visit: Visit) -> frozenset[str] | None:
    name = visit.text("claim")
    if not name:
        return None
    if name not in visit.desk.claims:
        raise Refusal(404, "There is no such claim.")
    return frozenset(item.fact for item in visit.desk.claims[name].expectations)


def _name(visit: Visit) -> str:
    chosen = [f"{name}={visit.text(name)}" for name in ("source", "claim", "jurisdiction") if visit.text(name)]
    return "&".join(chosen) or "all"


def _title(visit: Visit) -> str:
    name = _name(visit)
    return "Claimwatch" if name == "all" else f"Claimwatch: {name}"


def _answer(visit: Visit, text: str, *, media: str) -> Response:
    """The feed, or 304 where the reader has this very text already."""
    body = text.encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    open_to_all = visit.viewer.user is None
    headers = {"etag": tag, "cache-control": "public, max-age=300" if open_to_all else "private, no-cache"}
    headers["vary"] = "accept-language, cookie"
    given = visit.request.headers.get("if-none-match", "")
    if tag in [item.strip().removeprefix("W/") for item in given.split(",")]:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media, headers=headers)
