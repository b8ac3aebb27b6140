"""What is asked of the service, who may ask, and what was done."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from domain.people import Act, Deed, Scope, User
from domain.requests import RequestKind, RequestState, VisitRequest
from domain.shapes import Json, moment
from review.api.caller import Asking
from review.api.flags import Number
from review.api.models import Asked
from review.api.paging import After, Limit, cut, cut_named, place_of
from review.api.problems import ApiProblem
from storage.audit import list_acts
from storage.listings import page_of_requests
from storage.requests import TooManyWaiting, ask_as, load_request
from storage.users import list_users

Word = Annotated[str | None, Query(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


def myself(caller: Asking) -> Json:
    """Who the token speaks for, and what it may do."""
    return {
        "name": caller.user.name,
        "role": caller.user.role.value,
        "scope": caller.token.scope.value,
        "expires_at": moment(caller.token.expires_at),
    }


def requests(caller: Asking, state: RequestState | None = None, limit: Limit = 50, after: After = None) -> Json:
    """What was asked of the service, newest first."""
    before = place_of(after, int)
    with caller.desk.store.reading() as connection:
        found = page_of_requests(connection, state=state, before=None if before is None else before[0], limit=limit + 1)
    shown, following = cut(found, limit, lambda item: (item.id,))
    return {"requests": [_request(item) for item in shown], "next": following}


def request(caller: Asking, number: Number) -> Json:
    """One request, and what came of it."""
    with caller.desk.store.reading() as connection:
        found = load_request(connection, number)
    if found is None:
        raise ApiProblem(404, f"there is no request {number}")
    return _request(found)


def ask(caller: Asking, asked: Asked) -> Json:
    """Ask the service for a visit. It is made in its turn; one for the same that waits or runs serves this one too."""
    if asked.kind is RequestKind.CHECK and asked.subject not in caller.desk.sources:
        raise ApiProblem(404, "`subject` names no source")
    with caller.writing(Scope.DECIDE) as (connection, present):
        try:
            number = ask_as(connection, present.actor, kind=asked.kind, subject=asked.subject, now=caller.now)
        except TooManyWaiting:
            raise ApiProblem(429, "as many requests of yours wait as one person may have waiting") from None
    return request(caller, number)


def users(caller: Asking, limit: Limit = 50, after: After = None) -> Json:
    """Everybody who may use the desk."""
    with caller.desk.store.reading() as connection:
        everybody = list_users(connection)
    shown, following = cut_named(everybody, limit, after, lambda user: user.name)
    return {"users": [_user(user) for user in shown], "next": following}


def audit(
    caller: Asking,
    by: Word = None,
    act: Deed | None = None,
    subject: Word = None,
    limit: Limit = 50,
    after: After = None,
) -> Json:
    """What was done, newest first. by, act, subject: exactly these."""
    before = place_of(after, int)
    with caller.desk.store.reading() as connection:
        found = list_acts(
            connection, by=by, act=act, subject=subject, before=None if before is None else before[0], limit=limit + 1
        )
    shown, following = cut(found, limit, lambda item: (item.id,))
    return {"acts": [_act(item) for item in shown], "next": following}


def _request(item: VisitRequest) -> Json:
    return {
        "id": item.id,
        "kind": item.kind.value,
        "subject": item.subject,
        "asked_by": item.asked_by,
        "asked_at": moment(item.asked_at),
        "state": item.state.value,
        "result": item.result,
        "finished_at": moment(item.finished_at),
    }


def _user(user: User) -> Json:
    return {
        "name": user.name,
        "role": user.role.value,
        "active": user.active,
        "has_password": user.has_password,
        "external": user.external,
        "created_at": moment(user.created_at),
    }


def _act(item: Act) -> Json:
    return {
        "id": item.id,
        "at": moment(item.at),
        "by": item.by,
        "act": item.act,
        "subject": item.subject,
        "address": item.address,
        "detail": dict(item.detail),
    }
