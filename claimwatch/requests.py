"""What people asked of the service at the desk, answered: a visit in a slot of its own, or one look at an address.

A request is answered once. Its visit stands in the slot of the moment when it was asked for, so whoever takes over
from a service that died finds the visit that was made, and makes none if it was.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from claimwatch.propose import name_from, proposal_of
from domain.checks import Outcome
from domain.errors import ClaimwatchError, SourceError
from domain.requests import RequestKind, RequestState, VisitRequest
from domain.snapshots import Problem, Snapshot
from domain.sources import Source
from monitor.check import Desk, visit
from monitor.fetch import fetch
from monitor.look import look_at
from monitor.standings import official_day
from outbound.urls import url_refusal
from storage.histories import visit_for
from storage.requests import TakenRequest, answer, is_waiting, proposal_text, take
from storage.slots import Claimed, claim_slot

log = structlog.get_logger()

SLOT_LEASE = timedelta(minutes=15)
LEASE = SLOT_LEASE + timedelta(minutes=1)
"""How long a request is left to its owner: a little longer than its slot, so that whoever takes it over gets both."""

MOST_TRIES = 3
"""A request that was taken up so often without an answer hurts whoever takes it, and is given up."""

Answer = tuple[RequestState, str]
_GIVEN_UP: Answer = (RequestState.FAILED, f"given up: it was begun {MOST_TRIES} times and never ended")


def take_one(desk: Desk, owner: str) -> TakenRequest | None:
    """The oldest request that waits, now ours; None where there is none. Asks by reading before it writes."""
    now = desk.now()
    with desk.store.reading() as connection:
        if not is_waiting(connection, now=now):
            return None
    with desk.store.writing() as connection:
        return take(connection, owner=owner, now=now, lease=LEASE)


async def answer_request(taken: TakenRequest, *, desk: Desk, owner: str) -> None:
    """Answer a request and write the answer down; nothing is written where somebody else took it over meanwhile.

    Never raises for what a page, a server or the store does.
    """
    request = taken.request
    try:
        given = _GIVEN_UP if taken.fence > MOST_TRIES else await _answer(request, desk, owner)
        if given is None:
            log.warning("request left to another", request=request.id, kind=request.kind.value)
            return
        state, result = given
        settled = await asyncio.to_thread(_settle, taken, desk, state, result)
        log.info("request answered", request=request.id, kind=request.kind.value, state=state.value, settled=settled)
    except ClaimwatchError as error:
        log.error("request not answered", request=request.id, kind=request.kind.value, error=str(error))


async def _answer(request: VisitRequest, desk: Desk, owner: str) -> Answer | None:
    match request.kind:
        case RequestKind.CHECK:
            return await _check(request, desk, owner)
        case RequestKind.LOOK:
            return await _look(request, desk)


async def _check(request: VisitRequest, desk: Desk, owner: str) -> Answer | None:
    """The number of the check that answers for the slot; None where somebody else is at it."""
    source = desk.sources.get(request.subject)
    if source is None:
        return RequestState.FAILED, f"no source {request.subject} is watched"
    claimed = await asyncio.to_thread(_claim, request, desk, owner)
    if claimed is not None:
        recorded = await visit(source, slot=request.asked_at, desk=desk, fence=claimed.fence)
        return RequestState.DONE, str(recorded.id)
    made = await asyncio.to_thread(_made, request, desk)
    return None if made is None else (RequestState.DONE, str(made))


def _claim(request: VisitRequest, desk: Desk, owner: str) -> Claimed | None:
    with desk.store.writing() as connection:
        return claim_slot(connection, request.subject, request.asked_at, owner=owner, now=desk.now(), lease=SLOT_LEASE)


def _made(request: VisitRequest, desk: Desk) -> int | None:
    with desk.store.reading() as connection:
        found = visit_for(connection, request.subject, request.asked_at)
    return None if found is None else found.id


async def _look(request: VisitRequest, desk: Desk) -> Answer:
    """One fetch through the gate that every visit passes, read in a worker, told as an entry to start from."""
    refusal = url_refusal(request.subject)
    if refusal:
        return RequestState.FAILED, f"url-refused: {refusal}"
    bare = Source(id=name_from(request.subject, desk.sources), title="", url=request.subject)
    snapshot = await fetch(bare, client=desk.client, validators=None, now=desk.now)
    if isinstance(snapshot, Problem):
        return RequestState.FAILED, f"{snapshot.cause}: {snapshot.detail}"
    if not isinstance(snapshot, Snapshot):
        return RequestState.FAILED, "protocol: 304 without a question"
    try:
        view = await desk.workers.run(look_at, bare, snapshot, today=official_day(snapshot.fetched_at))
    except SourceError as error:
        return RequestState.FAILED, f"{error.cause}: {error.detail}"
    quality = view.examination.quality
    if quality.outcome is not Outcome.GOOD:
        return RequestState.FAILED, f"{quality.cause}: {quality.detail}"
    return RequestState.DONE, proposal_text(proposal_of(bare, snapshot, view))


def _settle(taken: TakenRequest, desk: Desk, state: RequestState, result: str) -> bool:
    with desk.store.writing() as connection:
        return answer(connection, taken, state=state, result=result, now=desk.now())
