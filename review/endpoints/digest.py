"""All of one digest, for the reader whom its mail reached: the signed link in it speaks for them."""

from __future__ import annotations

from dataclasses import replace

from starlette.responses import Response

from notifications.phrases import phrase
from notifications.view import counted, view_of
from notifications.whole import LINK_LIVES, digest_of, whole_digest
from review.templating import page
from review.visit import Refusal, Visit

MOST = 200
"""Changes on one page."""

_UNLISTED = {"x-robots-tag": "noindex, nofollow"}
_PRIVATE = _UNLISTED | {"referrer-policy": "no-referrer"}
"""The address is the key: nobody is told it, and no search engine keeps it."""


def digest(visit: Visit) -> Response:
    """Every change that the mail told or counted. What can be pressed there leads to official pages alone."""
    desk = visit.desk
    found = None if desk.front_desk is None else digest_of(desk.front_desk, visit.part("token"))
    if found is None:
        raise Refusal(404, "This link is not one of ours. Take the one in your newest digest.", headers=_UNLISTED)
    reader, kept = found
    visit.prefer(reader.language)
    if visit.now - kept.composed_at > LINK_LIVES:
        raise Refusal(410, "This link has run out. Take the one in your newest digest.", headers=_UNLISTED)
    reader = replace(reader, language=visit.language)
    whole = whole_digest(desk.store, reader, kept, sources=desk.sources, claims=desk.claims)
    if whole is None:
        raise Refusal(
            410,
            "What you follow was changed since this digest was sent, so it cannot be shown as it was.",
            headers=_UNLISTED,
        )
    last = max((len(whole.items) - 1) // MOST, 0)
    at = min(max(visit.number("page", 1), 1) - 1, last)
    part = replace(whole, items=whole.items[at * MOST : (at + 1) * MOST])
    answer = page(
        visit,
        "digest.html",
        phrase=phrase,
        view=view_of(part, base_url="", unsubscribe_url=None),
        counted=counted(whole),
        before=at or None,
        after=at + 2 if at < last else None,
    )
    answer.headers.update(_PRIVATE)
    return answer
