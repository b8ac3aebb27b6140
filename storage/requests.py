"""What people asked of the service: left by the desk, taken up by the scheduler under a lease, answered once."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, insert, or_, select, update

from domain.errors import ClaimwatchError
from domain.people import Actor, Deed
from domain.requests import Proposal, ProposedFact, RequestKind, RequestState, VisitRequest
from storage.audit import log_by
from storage.columns import json_of, json_text, optional_time, plain, time_of, time_text
from storage.tables import requests

MOST_WAITING = 20
"""What one person may have waiting: a service that answers one after the other is not blocked by one of them."""


class TooManyWaiting(ClaimwatchError):
    """The person has as many requests waiting as one person may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenRequest:
    """A request that is ours to answer, with the fence that an answer must show."""

    request: VisitRequest
    fence: int


def ask_as(connection: Connection, actor: Actor, *, kind: RequestKind, subject: str, now: datetime) -> int:
    """`ask`, by somebody at any door, written into the audit log."""
    number = ask(connection, kind=kind, subject=subject, by=actor.name, now=now)
    if kind is RequestKind.CHECK:
        log_by(connection, actor, Deed.ASKED_FOR_CHECK, f"source {subject}", at=now, request=str(number))
    else:
        log_by(connection, actor, Deed.ASKED_FOR_LOOK, f"request {number}", at=now, address=subject[:500])
    return number


def ask(connection: Connection, *, kind: RequestKind, subject: str, by: str, now: datetime) -> int:
    """The number of the request; one for the same that waits or is under way serves this one too.

    Raises TooManyWaiting where MOST_WAITING of the same person wait.
    """
    same = (
        select(requests.c.id)
        .where(
            requests.c.state.in_((RequestState.WAITING.value, RequestState.RUNNING.value)),
            requests.c.kind == kind.value,
            requests.c.subject == plain(subject),
        )
        .order_by(requests.c.id)
        .limit(1)
    )
    waiting = connection.execute(same).scalar_one_or_none()
    if waiting is not None:
        return int(waiting)
    own = select(func.count()).where(requests.c.state == RequestState.WAITING.value, requests.c.asked_by == plain(by))
    if connection.execute(own).scalar_one() >= MOST_WAITING:
        raise TooManyWaiting(f"{MOST_WAITING} requests of {by} wait already")
    values = {
        "kind": kind.value,
        "subject": plain(subject),
        "asked_by": plain(by),
        "asked_at": time_text(now),
        "state": RequestState.WAITING.value,
        "owner": "",
        "fence": 0,
        "result": "",
    }
    return int(connection.execute(insert(requests).values(values).returning(requests.c.id)).scalar_one())


def take(connection: Connection, *, owner: str, now: datetime, lease: timedelta) -> TakenRequest | None:
    """The oldest request that waits, or whose owner let its lease run out; None where there is none."""
    row = connection.execute(select(requests).where(_free(now)).order_by(requests.c.id).limit(1)).mappings().first()
    if row is None:
        return None
    fence = row["fence"] + 1
    connection.execute(
        update(requests)
        .where(requests.c.id == row["id"])
        .values(state=RequestState.RUNNING.value, owner=plain(owner), fence=fence, lease_until=time_text(now + lease))
    )
    return TakenRequest(request=_request(row), fence=fence)


def answer(connection: Connection, taken: TakenRequest, *, state: RequestState, result: str, now: datetime) -> bool:
    """Settle a request. False where somebody else took it over meanwhile; then nothing is written."""
    changed = connection.execute(
        update(requests)
        .where(
            requests.c.id == taken.request.id,
            requests.c.fence == taken.fence,
            requests.c.state == RequestState.RUNNING.value,
        )
        .values(state=state.value, result=plain(result), finished_at=time_text(now), lease_until=None)
    )
    return bool(changed.rowcount)


def give_back(connection: Connection, owner: str) -> int:
    """What an owner that stops has not answered waits for the next one. The number given back."""
    changed = connection.execute(
        update(requests)
        .where(requests.c.state == RequestState.RUNNING.value, requests.c.owner == plain(owner))
        .values(state=RequestState.WAITING.value, owner="", lease_until=None)
    )
    return int(changed.rowcount)


def is_waiting(connection: Connection, *, now: datetime) -> bool:
    """Whether `take` would find a request: asked by reading alone, so that nobody is held up for an answer."""
    return connection.execute(select(requests.c.id).where(_free(now)).limit(1)).first() is not None


def unfinished(connection: Connection, *, kind: RequestKind, subject: str) -> VisitRequest | None:
    """The newest request for the same that is not answered yet, or None."""
    query = (
        select(requests)
        .where(
            requests.c.state.in_((RequestState.WAITING.value, RequestState.RUNNING.value)),
            requests.c.kind == kind.value,
            requests.c.subject == plain(subject),
        )
        .order_by(requests.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().first()
    return None if row is None else _request(row)


def load_request(connection: Connection, number: int) -> VisitRequest | None:
    """The request of a number, or None."""
    row = connection.execute(select(requests).where(requests.c.id == number)).mappings().first()
    return None if row is None else _request(row)


def list_requests(connection: Connection, *, limit: int) -> tuple[VisitRequest, ...]:
    """Requests, newest first."""
    query = select(requests).order_by(requests.c.id.desc()).limit(limit)
    return tuple(_request(row) for row in connection.execute(query).mappings())


def proposal_text(proposal: Proposal) -> str:
    """A proposal as the result of a request."""
    return json_text(asdict(proposal))


def proposal_of(text: str) -> Proposal:
    """The proposal that `proposal_text` wrote."""
    form = json_of(text)
    return Proposal(
        **{
            **form,
            "facts": tuple(ProposedFact(**fact) for fact in form["facts"]),
            "outline": tuple((level, words) for level, words in form["outline"]),
        }
    )


def _free(now: datetime) -> Any:
    return or_(
        requests.c.state == RequestState.WAITING.value,
        and_(requests.c.state == RequestState.RUNNING.value, requests.c.lease_until <= time_text(now)),
    )


def _request(row: Any) -> VisitRequest:
    return VisitRequest(
        id=row["id"],
        kind=RequestKind(row["kind"]),
        subject=row["subject"],
        asked_by=row["asked_by"],
        asked_at=time_of(row["asked_at"]),
        state=RequestState(row["state"]),
        result=row["result"],
        finished_at=optional_time(row["finished_at"]),
    )
