"""What people decide, by whichever door they come: the same rules, one transaction, signed in the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from domain.errors import ClaimwatchError
from domain.flags import MOST_NOTE, FlagRecord, FlagState, ReviewVerdict
from domain.people import Actor, Deed
from domain.queue import Newer, Seen
from storage.audit import log_by
from storage.columns import plain
from storage.flag_history import acts_since, newer_than
from storage.flags import OfAnother, StaleReview, decide_flag, undo_decision
from storage.handling import handling_of, settle
from storage.queued_cases import members, name_of


class NotAsSeen(ClaimwatchError):
    """Something came since the reviewer looked. newer: what."""

    def __init__(self, newer: Newer) -> None:
        super().__init__("something came since you looked: look again, then decide")
        self.newer = newer


class NoteTooLong(ClaimwatchError):
    """A note has at most MOST_NOTE characters."""


def decide_case(
    connection: Connection,
    record: FlagRecord,
    *,
    verdict: ReviewVerdict,
    note: str,
    seen: Seen,
    actor: Actor,
    at: datetime,
    alone: bool = False,
    anew: bool = True,
) -> None:
    """The verdict stands on this flag and (but for `alone`) on the others of its case that were open when it was seen.

    anew: whether a flag that is open no more may be decided, by itself. Sent twice, a verdict is said once. Raises
    NotAsSeen, and what `decide_together` raises.
    """
    if said_already(record, verdict, note, actor):
        return
    if not anew and record.state is not FlagState.OPEN:
        raise StaleReview(f"nothing of the case of flag {record.id} is open any more")
    chosen = [record]
    if record.state is FlagState.OPEN and not alone:
        together = members(connection, name_of(record), state=FlagState.OPEN)
        chosen += [item for item in together if item.id != record.id and item.id <= seen.flag]
    newer = newer_than(connection, chosen, seen)
    if newer != Newer():
        raise NotAsSeen(newer)
    decide_together(connection, chosen, verdict=verdict, note=note, actor=actor, at=at)


def decide_together(
    connection: Connection,
    records: Sequence[FlagRecord],
    *,
    verdict: ReviewVerdict,
    note: str,
    actor: Actor,
    at: datetime,
    pair: tuple[str, str] | None = None,
) -> None:
    """The verdict stands on each of these flags; nobody holds them any more, and none rests.

    pair: the captures that were seen, where they were named. Raises OfAnother where a colleague is at one of them;
    NoteTooLong; and what `decide_flag` raises.
    """
    if len(note) > MOST_NOTE:
        raise NoteTooLong(f"a note has at most {MOST_NOTE:,} characters")
    _prove_free(connection, records, actor, at)
    for record in records:
        review = decide_flag(
            connection,
            record.id,
            verdict=verdict,
            note=note,
            by=actor.name,
            at=at,
            seen=pair,
            overrules=actor.overrules,
        )
        if review != record.review:
            old = {} if record.review is None else {"before": record.review.verdict.value, "of": record.review.by}
            log_by(connection, actor, Deed.DECIDED, f"flag {record.id}", at=at, verdict=verdict.value, note=note, **old)
    settle(connection, (record.id for record in records))


def undo_case(connection: Connection, record: FlagRecord, *, actor: Actor, at: datetime, seen: Seen) -> None:
    """The last verdict counts no more, on all flags of the case that were decided with this one.

    Raises NotAsSeen where something was done to one of them since, and what `undo_decision` raises.
    """
    review = record.review
    if review is None:
        raise StaleReview(f"flag {record.id} has no decision to undo")
    together = [
        item
        for item in members(connection, name_of(record))
        if item.review is not None and (item.review.by, item.review.at) == (review.by, review.at)
    ]
    acts = acts_since(connection, (item.id for item in together), seen)
    if acts:
        raise NotAsSeen(Newer(act=acts[-1]))
    undo_together(connection, together or [record], actor=actor, at=at)


def undo_together(connection: Connection, records: Sequence[FlagRecord], *, actor: Actor, at: datetime) -> None:
    """The last verdict on each of these flags counts no more. Raises what `undo_decision` raises."""
    for record in records:
        old = undo_decision(connection, record.id, by=actor.name, at=at, overrules=actor.overrules)
        told = {"verdict": old.verdict.value, "note": old.note, "of": old.by}
        log_by(connection, actor, Deed.UNDID, f"flag {record.id}", at=at, **told)


def _prove_free(connection: Connection, records: Sequence[FlagRecord], actor: Actor, at: datetime) -> None:
    for number, handling in handling_of(connection, (record.id for record in records)).items():
        holder = handling.holder(at)
        if holder not in ("", plain(actor.name)) and not actor.takes_over:
            raise OfAnother(f"{holder} is at flag {number}, and it is kept for them for a while", holder=holder)


def said_already(record: FlagRecord, verdict: ReviewVerdict, note: str, actor: Actor) -> bool:
    """Whether this very verdict of this person stands on it."""
    last = record.review
    return last is not None and (last.verdict, last.note, last.by) == (verdict, plain(note), plain(actor.name))
