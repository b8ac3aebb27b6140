"""One source: how it stands, its facts now or on a day, its captures, its rules; and the wish to have it visited."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import urlencode

from starlette.responses import Response

from domain.flags import FlagState
from domain.requests import RequestKind
from domain.sources import Source
from review.endpoints.requests import left
from review.pages.captures import outside, size_words
from review.pages.source import (
    STRIP,
    Capture,
    cadence_words,
    end_of,
    fact_lines,
    relatives,
    resting_on,
    strip_of,
    timeline,
)
from review.pages.sources import line_of
from review.templating import page
from review.visit import Refusal, Visit
from storage.checks import source_states
from storage.facts import known_facts
from storage.flags import list_flags
from storage.histories import Visited, stood_on, visits_that_kept, visits_to
from storage.requests import unfinished
from storage.snapshots import Kept, page_of_snapshots
from storage.store import Connection

_MOST_CAPTURES = 50
_MOST_FLAGS = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def source(visit: Visit) -> Response:
    """The source as it stands, or (`day`) as its page stood or was known on that day."""
    chosen = chosen_source(visit)
    then = end_of(visit.text("day"), visit.zone) if visit.text("day") else None
    known_at = then if visit.text("by") == "known" else None
    with visit.desk.store.reading() as connection:
        states = source_states(connection, chosen.id)
        known = known_facts(connection, sources=(chosen.id,), as_of=then, known_at=known_at)
        capture = stood_on(connection, chosen.id, as_of=then or visit.now, known_at=known_at)
        visits = visits_to(connection, chosen.id, limit=STRIP)
        kept = page_of_snapshots(connection, chosen.id, limit=_MOST_CAPTURES + 1, before=_after(visit))
        captures = _captures(connection, kept[:_MOST_CAPTURES])
        flags = list_flags(connection, state=FlagState.OPEN, source=chosen.id, limit=_MOST_FLAGS + 1)
        waiting = unfinished(connection, kind=RequestKind.CHECK, subject=chosen.id)
    lines = timeline(captures)
    facts = fact_lines(chosen, known, now=then or visit.now)
    located = {line.key for line in facts if line.value}
    older = kept[_MOST_CAPTURES - 1] if len(kept) > _MOST_CAPTURES else None
    return page(
        visit,
        "source.html",
        source=chosen,
        line=line_of(chosen, states.get(chosen.id), located=located, flags=len(flags), now=visit.now),
        link=outside(chosen.url),
        cadence=cadence_words(chosen.cadence),
        facts=facts,
        capture=capture,
        then=then,
        by="known" if known_at else "page",
        bad_day=bool(visit.text("day")) and then is None,
        strip=strip_of((item.outcome, item.page_at, item.reason) for item in visits),
        visits=visits[:20],
        captures=lines,
        earlier=next((at for at, item in enumerate(lines) if at and item.outcome), len(lines) - 1),
        earlier_captures=_after(visit) is not None,
        older="" if older is None else urlencode({"after": f"{_micros(older.fetched_at)}.{older.id}"}),
        flags=flags[:_MOST_FLAGS],
        more_flags=len(flags) > _MOST_FLAGS,
        claims=resting_on(chosen.id, visit.desk.claims.values()),
        counterpart=visit.desk.sources.get(chosen.counterpart or ""),
        relatives=relatives(chosen, visit.desk.sources),
        written=visit.desk.written.get(chosen.id, ""),
        waiting=waiting,
    )


def check(visit: Visit) -> Response:
    """Ask the service to visit it; nothing is fetched here."""
    chosen = chosen_source(visit)
    with visit.desk.store.writing() as connection:
        number = left(visit, connection, RequestKind.CHECK, chosen.id)
    return visit.go(f"/requests/{number}", notice="Asked for: the page will be visited in a moment.")


def chosen_source(visit: Visit) -> Source:
    """The source that the address names. Refused where none is watched under that name."""
    found = visit.desk.sources.get(visit.part("id"))
    if found is None:
        raise Refusal(404, "No source of that name is watched.")
    return found


def _after(visit: Visit) -> tuple[datetime, int] | None:
    """Where the timeline goes on, as the page before it said."""
    micros, _, number = visit.text("after").partition(".")
    if not (micros.isascii() and micros.isdecimal() and number.isascii() and number.isdecimal()):
        return None
    if len(micros) > 16 or len(number) > 9:
        return None
    return datetime.fromtimestamp(int(micros) // 10**6, UTC).replace(microsecond=int(micros) % 10**6), int(number)


def _micros(moment: datetime) -> int:
    passed = moment - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * 10**6 + passed.microseconds


def _captures(connection: Connection, kept: Iterable[Kept]) -> tuple[Capture, ...]:
    """The captures with the check that each came of, where it came of one (a look to confirm has none of its own)."""
    kept = tuple(kept)
    checks: dict[int | None, Visited] = {
        item.snapshot_id: item for item in visits_that_kept(connection, [each.id for each in kept])
    }
    return tuple(
        Capture(
            digest=item.digest,
            at=item.fetched_at,
            first_at=item.fetched_at,
            captured_by=item.captured_by,
            origin=item.origin,
            size=size_words(item.size),
            outcome=None if (check := checks.get(item.id)) is None else check.outcome,
            reason="" if check is None else check.reason,
            verdict="" if check is None else check.verdict,
        )
        for item in kept
    )
