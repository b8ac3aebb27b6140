"""What needs a person, and what the person says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Path

from domain.flags import FlagReason, FlagRecord, FlagState, Severity
from domain.people import Actor, Scope
from domain.queue import Newer
from domain.shapes import Json, flag_shape, moment
from review.api.caller import Asking, Caller
from review.api.flag_models import Decision, Seen, Undoing
from review.api.ledger import ClaimName, Jurisdiction, SourceName, claim_named, sources_named
from review.api.paging import After, Limit, cut, place_of
from review.api.problems import ApiProblem
from storage.case_work import NoDecider, NotAhead
from storage.deciding import NotAsSeen, decide_together, undo_together
from storage.flag_history import acts_on
from storage.flag_states import RANKS
from storage.flags import NoSuchFlag, OfAnother, StaleReview, load_flag
from storage.listings import page_of_flags
from storage.store import Connection

_MOST_ACTS = 1_000

Number = Annotated[int, Path(ge=1, lt=2**31)]


def flags(
    caller: Asking,
    state: FlagState | None = None,
    reason: FlagReason | None = None,
    severity: Severity | None = None,
    source: SourceName = None,
    jurisdiction: Jurisdiction = None,
    claim: ClaimName = None,
    limit: Limit = 50,
    after: After = None,
) -> Json:
    """Flags, most harmful first."""
    chosen, touched = sources_named(caller, source, jurisdiction), claim_named(caller, claim)
    with caller.desk.store.reading() as connection:
        found = page_of_flags(
            connection,
            state=state,
            reason=reason,
            severity=severity,
            sources=chosen,
            claim=touched,
            after=place_of(after, int, int),
            limit=limit + 1,
        )
    shown, following = cut(found, limit, lambda record: (RANKS[record.flag.severity], record.id))
    return {"flags": [flag_shape(record) for record in shown], "next": following}


def flag(caller: Asking, number: Number) -> Json:
    """One flag with all that was done to it."""
    with caller.desk.store.reading() as connection:
        return _detail(connection, number)


def decide(caller: Asking, number: Number, decision: Decision) -> Json:
    """Say a verdict on the pair of captures that was seen. 409 where the flag does not stand on that pair any more, where
    a colleague is at it, or where a colleague's verdict stands, which takes scope admin to replace.
    """
    with acting(caller, number) as (connection, record, actor):
        decide_together(
            connection,
            (record,),
            verdict=decision.verdict,
            note=decision.note,
            actor=actor,
            at=caller.now,
            pair=_pair(decision.seen),
        )
    with caller.desk.store.reading() as connection:
        return _detail(connection, number)


def undo(caller: Asking, number: Number, undoing: Undoing) -> Json:
    """Take the last verdict back; it stays in the history. Another person's takes scope admin. 409 where there is none, or the pair is another."""
    with acting(caller, number, of_another=403) as (connection, record, actor):
        if _pair(undoing.seen) != (record.flag.snapshot_before, record.flag.snapshot_after):
            raise StaleReview(f"flag {number} stands on other captures than those you saw")
        undo_together(connection, (record,), actor=actor, at=caller.now)
    with caller.desk.store.reading() as connection:
        return _detail(connection, number)


@contextmanager
def acting(caller: Caller, number: int, *, of_another: int = 409) -> Iterator[tuple[Connection, FlagRecord, Actor]]:
    """One transaction on a flag. What stands in the way is told as a problem, with nothing done.

    of_another: the status where it is a colleague's.
    """
    superseded_by: int | None = None
    try:
        with caller.writing(Scope.DECIDE) as (connection, present):
            record = load_flag(connection, number)
            superseded_by = record.superseded_by
            yield connection, record, present.actor
    except (NoSuchFlag, NoDecider) as error:
        raise ApiProblem(404, str(error)) from error
    except OfAnother as error:
        raise ApiProblem(of_another, str(error)) from error
    except NotAsSeen as error:
        raise _stale(_newer_words(error.newer), error.newer.flag) from error
    except StaleReview as error:
        raise _stale(str(error), superseded_by) from error
    except NotAhead as error:
        raise ApiProblem(409, str(error)) from error


def _newer_words(newer: Newer) -> str:
    if newer.flag is not None:
        return f"flag {newer.flag} stands in the place of one of these"
    if newer.act is not None:
        return f"{newer.act.by} was here since: flag {newer.act.flag} is {newer.act.act}"
    return f"check {newer.check} found since that the page differs again"


def _stale(words: str, superseded_by: int | None) -> ApiProblem:
    return ApiProblem(409, words) if superseded_by is None else ApiProblem(409, words, superseded_by=superseded_by)


def _pair(seen: Seen) -> tuple[str, str]:
    return seen.before or "", seen.after or ""


def _detail(connection: Connection, number: int) -> Json:
    try:
        record = load_flag(connection, number)
    except NoSuchFlag as error:
        raise ApiProblem(404, str(error)) from error
    history = [
        {"act": item.act, "at": moment(item.at), "by": item.by, "verdict": item.verdict or None, "note": item.note}
        for item in reversed(acts_on(connection, number, limit=_MOST_ACTS))
    ]
    return {**flag_shape(record), "history": history}
