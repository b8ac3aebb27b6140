"""All of a digest that was sent: for its reader, whose mail could not hold it, by a signed link and without an account."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import timedelta

from domain.claims import Claim
from domain.digests import Coverage, Digest, Period, Subscriber
from domain.sources import Source
from notifications.compose import compose
from notifications.gather import happenings
from notifications.subscriptions import FrontDesk
from notifications.tokens import subject_of
from storage.digests import ComposedDigest, digest_until
from storage.store import Store
from storage.subscribers import load_subscriber

LINK_LIVES = timedelta(days=90)
"""How long after a digest was composed its link opens. Nothing is lost later: the record itself is kept."""

_LONGEST = 18
_NO_COVERAGE = Coverage(
    sources=0,
    sources_read=0,
    sources_unreadable=(),
    facts_declared=0,
    facts_located=0,
    claims=0,
    claims_watched=0,
    checks=0,
)


def digest_of(desk: FrontDesk, token: str) -> tuple[Subscriber, ComposedDigest] | None:
    """Whose digest this link opens, and which. None where we did not sign it, or its reader is subscribed no more."""
    subject = subject_of("digest", token, secrets=desk.secrets) or ""
    number, _, event = subject.partition("-")
    if not number.isdigit() or not event.isdigit() or max(len(number), len(event)) > _LONGEST:
        return None
    with desk.store.reading() as connection:
        reader = load_subscriber(connection, int(number))
        if reader is None or not reader.active:
            return None
        kept = digest_until(connection, reader.id, int(event))
    return None if kept is None else (reader, kept)


def whole_digest(
    store: Store,
    reader: Subscriber,
    kept: ComposedDigest,
    *,
    sources: Mapping[str, Source],
    claims: Mapping[str, Claim],
) -> Digest | None:
    """Every change that the mail told or counted, as it stood when the mail was made, in the language of `reader`.

    Composed again from the events that the digest covers, without what the mail tells in full (sites that cannot be
    read, how much was checked). None where that is not what the mail counted: the reader's filters are others now.
    """
    with store.reading() as connection:
        happened = happenings(
            connection,
            first_event=kept.first_event,
            last_event=kept.last_event,
            sources=sources,
            until=kept.composed_at,
        )
    digest = compose(
        subscriber=reader,
        period=Period(key=kept.period, start=kept.period_start, end=kept.period_end),
        first_event=kept.first_event,
        last_event=kept.last_event,
        flags=happened.opened,
        decided=happened.settled,
        sources=sources,
        claims=claims,
        unreadable=(),
        coverage=_NO_COVERAGE,
        most=sys.maxsize,
    )
    return digest if len(digest.items) == kept.items else None
