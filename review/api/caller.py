"""Who calls the API: the person whose token it is, and what the token may do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as PlainRequest
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.errors import StorageError
from domain.people import Actor, Deed, Token, User
from domain.people import Scope as TokenScope
from review.api.problems import ApiProblem, problem
from review.desk import ReviewDesk
from review.viewers import peer_address
from storage.audit import log_by
from storage.sessions import find_token, is_worth_noting, note_token, token_now
from storage.store import Connection

NO_TOKEN = "send `Authorization: Bearer <token>`, with a token that works"  # noqa: S105 - words of an answer
CHALLENGE = {"www-authenticate": 'Bearer realm="claimwatch"'}
_BEARER = re.compile(r"bearer +([\x21-\x7e]{1,200})\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One request. `token` speaks for `user`; both were valid when the request came."""

    desk: ReviewDesk
    user: User
    token: Token
    now: datetime
    address: str

    def may(self, scope: TokenScope) -> bool:
        """Whether the token is wide enough, and its person's role is so now."""
        return self.token.scope.holds(scope) and self.user.role.holds(scope.role)

    @contextmanager
    def writing(self, scope: TokenScope) -> Iterator[tuple[Connection, Caller]]:
        """One transaction, and the caller as they are in it: between the headers and the end of a body a token may be
        revoked, and its person shut out or given another role. Nothing is done then.
        """
        with self.desk.store.writing() as connection:
            found = token_now(connection, self.token.id, now=self.desk.now())
            if found is None:
                raise ApiProblem(401, NO_TOKEN, headers=CHALLENGE)
            present = replace(self, token=found[0], user=found[1])
            if not present.may(scope):
                raise ApiProblem(403, "the role of the token's person was changed just now")
            yield connection, present

    @property
    def actor(self) -> Actor:
        """The caller as who does something."""
        overrules = self.may(TokenScope.ADMIN)
        return Actor(name=self.user.name, overrules=overrules, address=self.address, token=str(self.token.id))

    def log(self, connection: Connection, act: Deed, subject: str, **detail: str) -> None:
        """Write an act into the audit log, in the transaction that does it."""
        log_by(connection, self.actor, act, subject, at=self.now, **detail)


class Door:
    """ASGI middleware: nothing is looked at before the token is, but the description of the API, which holds no secret."""

    def __init__(self, app: ASGIApp, *, desk: ReviewDesk, unguarded: frozenset[str]) -> None:
        self._app = app
        self._desk = desk
        self._unguarded = unguarded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = PlainRequest(scope)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if path not in self._unguarded:
            try:
                caller = await run_in_threadpool(caller_of, self._desk, request)
            except StorageError:
                await problem(503, "the store cannot be reached just now")(scope, receive, send)
                return
            if caller is None:
                answer = problem(401, NO_TOKEN, headers=CHALLENGE)
                await answer(scope, receive, send)
                return
            scope.setdefault("state", {})["caller"] = caller
        await self._app(scope, receive, send)


def caller_of(desk: ReviewDesk, request: PlainRequest) -> Caller | None:
    """Who calls, or None where the token is missing, was revoked, ran out, or reads feeds alone."""
    given = request.headers.getlist("authorization")
    match = _BEARER.match(given[0].strip()) if len(given) == 1 else None
    if match is None:
        return None
    now = desk.now()
    with desk.store.reading() as connection:
        found = find_token(connection, match[1], now=now)
    if found is None or not found[0].scope.holds(TokenScope.READ):
        return None
    token, user = found
    if is_worth_noting(token.last_used_at, now):
        with desk.store.writing() as connection:
            note_token(connection, token.id, now=now)
    return Caller(desk=desk, user=user, token=token, now=now, address=peer_address(desk.access, request))


def _caller(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


Asking = Annotated[Caller, Depends(_caller)]
"""The caller, as an endpoint takes it."""
