"""Who has a case, until when it rests and when it is due: one transaction on all its open flags, signed in the audit log.

`seen` is how far the store had come when whoever acts looked, None where they do not say so.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from domain.errors import ClaimwatchError
from domain.flags import FlagRecord, FlagState
from domain.people import Actor, Deed, Role
from domain.queue import FARTHEST, Newer, Seen
from storage.audit import log_by
from storage.deciding import NotAsSeen
from storage.flag_history import acts_since
from storage.flags import StaleReview
from storage.handling import assign, handling_of, lock, set_due, snooze
from storage.queued_cases import members, name_of
from storage.users import find_user


class NoDecider(ClaimwatchError):
    """Nobody of that name can decide flags."""


class NotAhead(ClaimwatchError):
    """The moment is past already, or too far ahead."""


def hand_case(
    connection: Connection, record: FlagRecord, *, to: str, actor: Actor, at: datetime, seen: Seen | None = None
) -> None:
    """The case is whose this is, "" for nobody's. Raises NoDecider; StaleReview and NotAsSeen as `_open` has them."""
    person = find_user(connection, to) if to else None
    if to and (person is None or not person.active or not person.role.holds(Role.REVIEWER)):
        raise NoDecider("nobody of that name can decide flags")
    name = "" if person is None else person.name
    assign(connection, _open(connection, record, seen), name)
    log_by(connection, actor, Deed.ASSIGNED, f"flag {record.id}", at=at, to=name)


def rest_case(
    connection: Connection,
    record: FlagRecord,
    *,
    until: datetime | None,
    actor: Actor,
    at: datetime,
    seen: Seen | None = None,
) -> None:
    """The case is out of the way until then, or (None) back. Raises NotAhead; StaleReview and NotAsSeen as `_open` has them."""
    _prove_ahead(until, at)
    snooze(connection, _open(connection, record, seen), until)
    log_by(connection, actor, Deed.SNOOZED, f"flag {record.id}", at=at, until=_told(until))


def due_case(connection: Connection, record: FlagRecord, *, by: datetime | None, actor: Actor, at: datetime) -> None:
    """The case is due then, or (None) when its harm has it. Raises NotAhead; StaleReview as `_open` has it."""
    _prove_ahead(by, at)
    set_due(connection, _open(connection, record, None), by)
    log_by(connection, actor, Deed.SET_DUE, f"flag {record.id}", at=at, until=_told(by))


def take_case(connection: Connection, record: FlagRecord, *, actor: Actor, at: datetime) -> None:
    """The case is kept for whoever asks, also where somebody else is at it. Raises StaleReview as `_open` has it."""
    holder = handling_of(connection, (record.id,))[record.id].holder(at)
    lock(connection, _open(connection, record, None), by=actor.name, now=at, over=True)
    log_by(connection, actor, Deed.TOOK_OVER, f"flag {record.id}", at=at, **({"from": holder} if holder else {}))


def _open(connection: Connection, record: FlagRecord, seen: Seen | None) -> tuple[int, ...]:
    """The open flags of the case. StaleReview where there is none, NotAsSeen where something was done to one since."""
    numbers = tuple(item.id for item in members(connection, name_of(record), state=FlagState.OPEN))
    if not numbers:
        raise StaleReview(f"nothing of the case of flag {record.id} is open any more")
    acts = () if seen is None else acts_since(connection, numbers, seen)
    if acts:
        raise NotAsSeen(Newer(act=acts[-1]))
    return numbers


def _prove_ahead(moment: datetime | None, at: datetime) -> None:
    if moment is not None and not at < moment <= at + FARTHEST:
        raise NotAhead("choose a moment that lies ahead, within ten years")


def _told(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat()
