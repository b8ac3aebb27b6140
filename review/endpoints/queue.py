"""The queue: open flags by harm, one line a case, and one verdict for identical changes."""

from __future__ import annotations

from starlette.responses import Response

from domain.flags import MOST_NOTE, FlagRecord, FlagState, ReviewVerdict
from domain.people import Role
from domain.queue import Newer, Seen, seen_from
from review.pages.flags import VERDICTS
from review.pages.queue import (
    A_PAGE,
    REASONS,
    SEVERITIES,
    VIEWS,
    Filters,
    all_same,
    filters_in,
    filters_of,
    line_of,
    place_from,
    place_text,
    wanted_by,
)
from review.templating import page
from review.visit import Refusal, Visit
from storage.deciding import NoteTooLong, decide_together, said_already
from storage.flag_history import newer_than, seen_now
from storage.flags import OfAnother, load_flags
from storage.queue import QueuePage, queue_counts, queue_page
from storage.queued_cases import members, name_of
from storage.store import Connection
from storage.users import list_users


def queue(visit: Visit) -> Response:
    """The flags that were asked for."""
    return _shown(visit, filters_of(visit.text))


def found_by(
    visit: Visit, connection: Connection, filters: Filters, *, after: str = "", limit: int = A_PAGE
) -> QueuePage:
    """Some of the queue, as this person asked for it."""
    desk = visit.desk
    return queue_page(
        connection,
        wanted_by(filters, desk.sources, desk.claims, me=visit.viewer.name, now=visit.now),
        now=visit.now,
        limit=limit,
        after=place_from(after),
    )


def decide_selected(visit: Visit) -> Response:
    """One verdict on every case that was selected, where their changes are identical."""
    filters = filters_in(visit.text("queue"))
    seen, verdict = seen_from(visit.text("seen")), visit.text("verdict")
    numbers = [int(item) for item in visit.choices("flag") if item.isascii() and item.isdecimal() and len(item) < 10]
    if seen is None:
        raise Refusal(400, "That is no request.")
    if not numbers or verdict not in tuple(ReviewVerdict):
        problem = visit.say("Select cases, and say what the verdict is.")
        return _shown(visit, filters, status=422, problem=problem)
    try:
        with visit.desk.store.writing() as connection:
            chosen = load_flags(connection, numbers[:A_PAGE])
            given, note = ReviewVerdict(verdict), visit.lines("note")
            again = bool(chosen) and all(said_already(record, given, note, visit.actor) for record in chosen)
            problem = "" if again else _problem(visit, connection, chosen, seen)
            if not problem and not again:
                together = {item.id: item for first in chosen for item in _open_members(connection, first, seen)}
                decide_together(
                    connection, tuple(together.values()), verdict=given, note=note, actor=visit.actor, at=visit.now
                )
    except OfAnother as error:
        problem = visit.say("{name} is at one of these flags: nothing was decided.", name=error.holder)
    except NoteTooLong:
        raise Refusal(422, "A note has at most {n} characters.", n=MOST_NOTE) from None
    if problem:
        return _shown(visit, filters, status=409, problem=problem)
    return visit.go(filters.where(), decided=str(chosen[0].id))


def _problem(visit: Visit, connection: Connection, chosen: tuple[FlagRecord, ...], seen: Seen) -> str:
    """Why one verdict cannot be given on these, "" where it can."""
    if not chosen:
        raise Refusal(404, "There is no flag of that number.")
    if not all_same(record.flag for record in chosen):
        return visit.say("These changes are not identical: each needs a verdict of its own.")
    if _moved(connection, chosen, seen):
        return visit.say("Something came in since this list was loaded. Look at it again, then decide.")
    return ""


def _open_members(connection: Connection, first: FlagRecord, seen: Seen) -> tuple[FlagRecord, ...]:
    return tuple(item for item in members(connection, name_of(first), state=FlagState.OPEN) if item.id <= seen.flag)


def _moved(connection: Connection, chosen: tuple[FlagRecord, ...], seen: Seen) -> bool:
    for first in chosen:
        newer = newer_than(connection, _open_members(connection, first, seen) or (first,), seen)
        if newer != Newer() or first.state is not FlagState.OPEN:
            return True
    return False


def _shown(visit: Visit, filters: Filters, *, status: int = 200, problem: str = "") -> Response:
    after = "" if visit.request.method == "POST" else visit.text("after")
    with visit.desk.store.reading() as connection:
        found = found_by(visit, connection, filters, after=after)
        counts = queue_counts(connection, mine=visit.viewer.name, now=visit.now)
        seen = seen_now(connection)
        people = [
            person.name for person in list_users(connection) if person.active and person.role.holds(Role.REVIEWER)
        ]
        decided = _just_decided(visit, connection)
    desk = visit.desk
    return page(
        visit,
        "queue.html",
        status=status,
        filters=filters,
        lines=[line_of(case, desk.sources, desk.claims, now=visit.now) for case in found.cases],
        after="" if found.after is None else place_text(found.after),
        paged=bool(after),
        counts=counts,
        seen=seen,
        views=VIEWS,
        reasons=REASONS,
        severities=SEVERITIES,
        verdicts=VERDICTS,
        jurisdictions=sorted({item.jurisdiction for item in desk.sources.values()} - {""}),
        sources=sorted(desk.sources.values(), key=lambda item: item.title),
        people=people,
        decided=decided,
        problem=problem,
        given={"note": visit.lines("note"), "verdict": visit.text("verdict"), "flags": visit.choices("flag")},
    )


def _just_decided(visit: Visit, connection: Connection) -> FlagRecord | None:
    """The flag of which the address says that it was decided just now, where this person did."""
    number = visit.number("decided")
    if not number:
        return None
    record = next(iter(load_flags(connection, (number,))), None)
    return record if record is not None and record.review and record.review.by == visit.viewer.name else None
