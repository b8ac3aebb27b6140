"""Cases: all flags of one decision, acted on together. A case is named by the number of any of its flags."""

from __future__ import annotations

from datetime import datetime

from domain.flags import FlagRecord, FlagState
from domain.queue import Handling, Seen, seen_from
from domain.shapes import Json, moment
from review.api.caller import Asking, Caller
from review.api.flag_models import Assignment, CaseDecision, CaseUndoing, Snooze
from review.api.flags import Number, acting
from review.api.problems import ApiProblem
from storage.case_work import hand_case, rest_case
from storage.deciding import decide_case, undo_case
from storage.flag_history import seen_now
from storage.flags import NoSuchFlag, load_flag
from storage.handling import handling_of
from storage.queued_cases import members, name_of
from storage.store import Connection


def case(caller: Asking, number: Number) -> Json:
    """The flags that are one decision with this one."""
    with caller.desk.store.reading() as connection:
        try:
            record = load_flag(connection, number)
        except NoSuchFlag as error:
            raise ApiProblem(404, str(error)) from error
        together = members(connection, name_of(record))
        handled = handling_of(connection, (item.id for item in together))
        seen = seen_now(connection)
    return {
        "name": name_of(record),
        "seen": str(seen),
        "flags": [_line(item, handled[item.id], caller) for item in together],
    }


def decide(caller: Asking, number: Number, decision: CaseDecision) -> Json:
    """Say one verdict on every flag of the case that was open when it was read. 409 where something came since, a
    colleague is at it or nothing is open; the same verdict sent again adds nothing.
    """
    seen = _seen(decision.seen)
    with acting(caller, number) as (connection, record, actor):
        decide_case(
            connection,
            _open_first(connection, record, seen),
            verdict=decision.verdict,
            note=decision.note,
            seen=seen,
            actor=actor,
            at=caller.now,
            anew=False,
        )
    return case(caller, number)


def undo(caller: Asking, number: Number, undoing: CaseUndoing) -> Json:
    """Take the last verdict back on all flags that were decided with this one. Another person's takes scope admin. 409
    where there is none, or something was done to them since.
    """
    with acting(caller, number, of_another=403) as (connection, record, actor):
        undo_case(connection, record, actor=actor, at=caller.now, seen=_seen(undoing.seen))
    return case(caller, number)


def assign(caller: Asking, number: Number, assignment: Assignment) -> Json:
    """Put the open flags of the case into somebody's hands. 409 where something was done to them since."""
    seen = _seen(assignment.seen)
    with acting(caller, number) as (connection, record, actor):
        hand_case(connection, record, to=assignment.to or "", actor=actor, at=caller.now, seen=seen)
    return case(caller, number)


def snooze(caller: Asking, number: Number, snooze: Snooze) -> Json:
    """Put the open flags of the case out of the way until a moment. 409 where something was done to them since."""
    until, seen = None if snooze.until is None else datetime.fromisoformat(snooze.until), _seen(snooze.seen)
    with acting(caller, number) as (connection, record, actor):
        rest_case(connection, record, until=until, actor=actor, at=caller.now, seen=seen)
    return case(caller, number)


def _open_first(connection: Connection, record: FlagRecord, seen: Seen) -> FlagRecord:
    """A flag of the case that was open when it was seen and still is: the one named, else the worst; the one named where none is."""
    together = [item for item in members(connection, name_of(record), state=FlagState.OPEN) if item.id <= seen.flag]
    return record if record in together or not together else together[0]


def _seen(text: str) -> Seen:
    seen = seen_from(text)
    if seen is None:
        raise ApiProblem(422, "`seen` is not that of a case")
    return seen


def _line(record: FlagRecord, handling: Handling, caller: Caller) -> Json:
    flag, review, held = record.flag, record.review, handling.holder(caller.now)
    return {
        "id": record.id,
        "state": record.state.value,
        "severity": flag.severity.value,
        "source": flag.source,
        "fact": flag.fact,
        "snapshots": {"before": flag.snapshot_before or None, "after": flag.snapshot_after or None},
        "verdict": None if review is None else review.verdict.value,
        "note": None if review is None else review.note,
        "decided_by": None if review is None else review.by,
        "assignee": handling.assignee or None,
        "held_by": held or None,
        "held_until": moment(handling.locked_until) if held else None,
        "snoozed_until": moment(handling.snoozed_until) if handling.rests(caller.now) else None,
        "due_at": moment(handling.due_at),
    }
