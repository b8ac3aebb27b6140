"""What needs a person, and what the person says."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from domain.flags import FlagReason, FlagState, Severity
from domain.people import Scope
from domain.shapes import Json, flag_shape, moment
from review.api.caller import Asking
from review.api.ledger import ClaimName, Jurisdiction, SourceName, claim_named, sources_named
from review.api.models import Decision, Seen, Undoing
from review.api.paging import After, Limit, cut, place_of
from review.api.problems import ApiProblem
from storage.flag_history import acts_on
from storage.flag_states import RANKS
from storage.flags import NoSuchFlag, StaleReview, decide_flag, load_flag, undo_decision
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
    """Say a verdict on the pair of captures that was seen. 409 where the flag does not stand on that pair any more."""
    with caller.desk.store.writing() as connection:
        try:
            decide_flag(
                connection,
                number,
                verdict=decision.verdict,
                note=decision.note,
                by=caller.user.name,
                at=caller.now,
                seen=_pair(decision.seen),
            )
        except (NoSuchFlag, StaleReview) as error:
            raise _refused(connection, number, error) from error
        caller.log(connection, "decided a flag", f"flag {number}", verdict=decision.verdict.value)
    with caller.desk.store.reading() as connection:
        return _detail(connection, number)


def undo(caller: Asking, number: Number, undoing: Undoing) -> Json:
    """Take the last verdict back; it stays in the history. Another person's takes scope admin. 409 where there is none, or the pair is another."""
    with caller.desk.store.writing() as connection:
        try:
            record = load_flag(connection, number)
            if _pair(undoing.seen) != (record.flag.snapshot_before, record.flag.snapshot_after):
                raise StaleReview(f"flag {number} stands on other captures than those you saw")
            if record.review is not None and record.review.by != caller.user.name and not caller.may(Scope.ADMIN):
                raise ApiProblem(
                    403, "the verdict of another is taken back by administrators, with a token of scope admin"
                )
            undo_decision(connection, number, by=caller.user.name, at=caller.now)
        except (NoSuchFlag, StaleReview) as error:
            raise _refused(connection, number, error) from error
        caller.log(connection, "undid a decision", f"flag {number}")
    with caller.desk.store.reading() as connection:
        return _detail(connection, number)


def _refused(connection: Connection, number: int, error: Exception) -> ApiProblem:
    if isinstance(error, NoSuchFlag):
        return ApiProblem(404, str(error))
    newer = load_flag(connection, number).superseded_by
    return ApiProblem(409, str(error)) if newer is None else ApiProblem(409, str(error), superseded_by=newer)


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
