"""One flag: its evidence on one screen, and the verdict. A save is refused where something newer came in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time

from starlette.responses import Response

from domain.flags import MOST_NOTE, FlagRecord, FlagState, ReviewVerdict
from domain.people import Role
from domain.queue import FARTHEST, LEASE, Newer, seen_from
from review.endpoints.evidence import evidence_of
from review.endpoints.queue import found_by
from review.pages.flags import VERDICTS, snooze_day
from review.pages.queue import Filters, filters_in, place_text, step_of
from review.templating import page
from review.visit import Refusal, Visit
from storage.case_work import NoDecider, NotAhead, due_case, hand_case, rest_case, take_case
from storage.deciding import NotAsSeen, NoteTooLong, decide_case, undo_case
from storage.flag_history import seen_now
from storage.flags import NoSuchFlag, OfAnother, StaleReview, load_flag, load_flags, may_replace
from storage.handling import handling_of, lock, release
from storage.queued_cases import members, name_of, place_of
from storage.store import Connection
from storage.users import list_users

VIEWS = ("inline", "side", "table")


def flag(visit: Visit) -> Response:
    """The flag with all that is needed to decide it. Whoever may decide it holds it from now on, for a while."""
    number = _number(visit)
    with visit.desk.store.reading() as connection:
        record = _load(connection, number)
        held = handling_of(connection, (number,))[number]
    holder = held.holder(visit.now)
    renew = held.locked_until is None or held.locked_until - visit.now < LEASE / 2
    if (
        record.state is FlagState.OPEN
        and visit.may(Role.REVIEWER)
        and (not holder or (holder == visit.viewer.name and renew))
    ):
        with visit.desk.store.writing() as connection:
            together = members(connection, name_of(record), state=FlagState.OPEN)
            lock(connection, (number, *(item.id for item in together)), by=visit.viewer.name, now=visit.now)
    return _shown(visit, number)


def decide(visit: Visit) -> Response:
    """The verdict stands, and the next flag is shown; or it is refused, and what is newer is shown with the note kept."""
    number, verdict, seen = _number(visit), visit.text("verdict"), seen_from(visit.text("seen"))
    if verdict not in tuple(ReviewVerdict) or seen is None:
        raise Refusal(400, "That is no request.")
    try:
        with visit.desk.store.writing() as connection:
            record = _load(connection, number)
            if (visit.text("before"), visit.text("after")) != (record.flag.snapshot_before, record.flag.snapshot_after):
                raise StaleReview(f"flag {number} stands on other captures than those you saw")
            decide_case(
                connection,
                record,
                verdict=ReviewVerdict(verdict),
                note=visit.lines("note"),
                seen=seen,
                actor=visit.actor,
                at=visit.now,
                alone=bool(visit.text("alone")),
            )
            release(connection, by=visit.viewer.name)
            return _onward(visit, connection, record)
    except NotAsSeen as error:
        return _shown(visit, error.newer.flag or number, status=409, newer=error.newer, refused=number)
    except NoteTooLong:
        raise Refusal(422, "A note has at most {n} characters.", n=MOST_NOTE) from None
    except (OfAnother, StaleReview):
        return _shown(visit, number, status=409, newer=Newer(), refused=number)


def undo(visit: Visit) -> Response:
    """The last verdict counts no more, for all flags that were decided with this one; not one that came since the look."""
    seen = seen_from(visit.text("seen"))
    if seen is None:
        raise Refusal(400, "That is no request.")
    with _acting(visit, over="There is no verdict to undo.") as (connection, record):
        undo_case(connection, record, actor=visit.actor, at=visit.now, seen=seen)
        closed = _load(connection, record.id).state is FlagState.CLOSED
    address = _address(visit, _number(visit))
    if closed:
        return visit.go(address, notice="Undone: a newer flag stands in its place.")
    return visit.go(address, notice="Undone: the flag is open again.")


def take(visit: Visit) -> Response:
    """Hold the flag, also where somebody else does, who will see it."""
    with _acting(visit) as (connection, record):
        take_case(connection, record, actor=visit.actor, at=visit.now)
    return visit.go(_address(visit, _number(visit)))


def hand(visit: Visit) -> Response:
    """Assign the case: to a person, or (an empty name) to nobody."""
    with _acting(visit) as (connection, record):
        hand_case(connection, record, to=visit.text("to"), actor=visit.actor, at=visit.now)
    return visit.go(_address(visit, _number(visit)), notice="Saved.")


def rest(visit: Visit) -> Response:
    """Snooze the case until the beginning of a day, or (no day) bring it back."""
    until = _moment(visit, time(0, 0))
    with _acting(visit) as (connection, record):
        rest_case(connection, record, until=until, actor=visit.actor, at=visit.now)
    return visit.go(_address(visit, _number(visit)), notice="Saved.")


def due(visit: Visit) -> Response:
    """The case is due by the end of a day, or (no day) when its harm has it."""
    by = _moment(visit, time(23, 59, 59))
    with _acting(visit) as (connection, record):
        due_case(connection, record, by=by, actor=visit.actor, at=visit.now)
    return visit.go(_address(visit, _number(visit)), notice="Saved.")


@contextmanager
def _acting(
    visit: Visit, *, over: str = "Nothing of this change is open any more."
) -> Iterator[tuple[Connection, FlagRecord]]:
    """One transaction on a flag; what stands in the way is said, with nothing done. over: where its time is over."""
    try:
        with visit.desk.store.writing() as connection:
            yield connection, _load(connection, _number(visit))
    except StaleReview:
        raise Refusal(409, over) from None
    except NotAsSeen:
        raise Refusal(409, "Something was done to this flag since you looked. Look at it again.") from None
    except OfAnother:
        raise Refusal(403, "Only whoever decided it, or an administrator, can undo this.") from None
    except NoDecider:
        raise Refusal(422, "Nobody of that name can decide flags.") from None
    except NotAhead:
        raise Refusal(422, "Choose a day that lies ahead, within ten years.") from None


def _moment(visit: Visit, clock: time) -> datetime | None:
    """That time of the day that the form names, where the reader is; None for no day."""
    text = visit.text("day")
    day = snooze_day(text)
    if text and day is None:
        raise Refusal(422, "That is no day.")
    if day is not None and abs(day - visit.now.date()) > 2 * FARTHEST:  # where zones end, so do moments
        raise Refusal(422, "Choose a day that lies ahead, within ten years.")
    return None if day is None else datetime.combine(day, clock, tzinfo=visit.zone).astimezone(UTC)


def _number(visit: Visit) -> int:
    text = visit.part("number")
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Refusal(404, "There is no flag of that number.")
    return int(text)


def _load(connection: Connection, number: int) -> FlagRecord:
    try:
        return load_flag(connection, number)
    except NoSuchFlag:
        raise Refusal(404, "There is no flag of that number.") from None


def _address(visit: Visit, number: int) -> str:
    query = filters_in(visit.text("queue")).query
    return f"/flags/{number}" + (f"?{query}" if query else "")


def _onward(visit: Visit, connection: Connection, record: FlagRecord) -> Response:
    filters = filters_in(visit.text("queue"))
    following = _next_after(visit, connection, filters, record)
    if following is None:
        return visit.go(filters.where(), decided=str(record.id))
    return visit.go(_address(visit, following), decided=str(record.id))


def _next_after(visit: Visit, connection: Connection, filters: Filters, record: FlagRecord) -> int | None:
    """The next case of the queue that the reviewer came from, from its beginning again after its end."""
    for after in (place_text(place_of(record)), ""):
        found = found_by(visit, connection, filters, after=after, limit=2).cases
        own = name_of(record)
        following = next((case.first.id for case in found if case.name != own), None)
        if following is not None:
            return following
    return None


def _shown(
    visit: Visit, number: int, *, status: int = 200, newer: Newer | None = None, refused: int | None = None
) -> Response:
    filters = filters_in(visit.text("queue") or visit.request.url.query)
    with visit.desk.store.reading() as connection:
        record = _load(connection, number)
        evidence = evidence_of(visit, connection, record, newer_check=None if newer is None else newer.check)
        together = members(connection, name_of(record), state=FlagState.OPEN)
        held = handling_of(connection, (number,))[number]
        seen = seen_now(connection)
        following = _next_after(visit, connection, filters, record)
        decided = next(iter(load_flags(connection, (visit.number("decided"),))), None)
        people = [
            person.name for person in list_users(connection) if person.active and person.role.holds(Role.REVIEWER)
        ]
    view = visit.text("show")
    holder = held.holder(visit.now)
    return page(
        visit,
        "flag.html",
        status=status,
        record=record,
        filters=filters,
        evidence=evidence,
        view=view if view in VIEWS else ("table" if evidence.table is not None else "inline"),
        together=together,
        handling=held,
        holder="" if holder == visit.viewer.name else holder,
        seen=seen,
        following=following,
        verdicts=VERDICTS,
        people=people,
        decided=decided if decided is not None and decided.review and decided.review.by == visit.viewer.name else None,
        newer=newer,
        refused=refused,
        mine=visit.may(Role.REVIEWER) and may_replace(record, visit.viewer.name, overrules=visit.actor.overrules),
        given={"note": visit.lines("note"), "verdict": visit.text("verdict"), "alone": bool(visit.text("alone"))},
        step=step_of,
    )
