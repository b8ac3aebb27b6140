"""What people asked of the service and how it goes; an address that somebody would have watched."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response

from domain.requests import RequestKind, RequestState, VisitRequest
from outbound.urls import url_refusal
from review.templating import page
from review.visit import Refusal, Visit
from storage.histories import visit_of
from storage.requests import TooManyWaiting, ask_as, load_request, proposal_of
from storage.runs import last_cycle
from storage.store import Connection

_SILENT = timedelta(minutes=2)
"""A service that has not said for so long that it is there answers no request."""


def request(visit: Visit) -> Response:
    """How far a request is, and what came of it."""
    with visit.desk.store.reading() as connection:
        asked = load_request(connection, visit.numbered("number"))
        if asked is None:
            raise Refusal(404, "There is no such request.")
        cycle = last_cycle(connection)
        check = visit_of(connection, int(asked.result)) if _made_a_check(asked) else None
    done = asked.state is RequestState.DONE
    proposal = proposal_of(asked.result) if done and asked.kind is RequestKind.LOOK else None
    keys = visit.choices("fact")
    if proposal is not None and not visit.text("chosen"):
        keys = tuple(fact.key for fact in proposal.facts)
    return page(
        visit,
        "request.html",
        asked=asked,
        under_way=asked.state in (RequestState.WAITING, RequestState.RUNNING),
        silent=cycle is None or visit.now - cycle.at > _SILENT,
        check=check,
        source=visit.desk.sources.get(asked.subject),
        proposal=proposal,
        keys=frozenset(keys),
        entry="" if proposal is None else proposal.entry(keys),
    )


def new_source(visit: Visit) -> Response:
    """Where an address is put in."""
    return page(visit, "new-source.html", address="", problem="", known=None)


def look(visit: Visit) -> Response:
    """Ask the service to look at an address once; nothing is fetched here."""
    address = visit.text("address")
    known = next((item for item in visit.desk.sources.values() if address in (item.url, *item.also_at)), None)
    problem = url_refusal(address) or ""
    if known is not None or problem:
        return page(visit, "new-source.html", status=422, address=address, problem=problem, known=known)
    with visit.desk.store.writing() as connection:
        number = left(visit, connection, RequestKind.LOOK, address)
    return visit.go(f"/requests/{number}")


def left(visit: Visit, connection: Connection, kind: RequestKind, subject: str) -> int:
    """The number of the request that this person leaves for the service. Refused where too many of theirs wait."""
    try:
        return ask_as(connection, visit.actor, kind=kind, subject=subject, now=visit.now)
    except TooManyWaiting:
        raise Refusal(429, "Very many requests of yours wait already. Ask again when some are answered.") from None


def _made_a_check(asked: VisitRequest) -> bool:
    return asked.kind is RequestKind.CHECK and asked.state is RequestState.DONE and asked.result.isdecimal()
