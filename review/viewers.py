"""Who is behind a request: the session of its cookie, or the name that a trusted proxy vouches for."""

from __future__ import annotations

import ipaddress
from datetime import datetime

from starlette.requests import Request

from domain.people import Scope
from review.access import Access
from review.desk import ReviewDesk
from review.visit import Viewer
from storage.sessions import find_session, find_token, is_worth_noting, note_session, note_token
from storage.users import find_user


def viewer_of(desk: ReviewDesk, request: Request, *, now: datetime) -> Viewer:
    """The person, or nobody. A proxy's word counts only from a trusted peer, and only for a user who is let in here."""
    named = _named_by_proxy(desk.access, request)
    secret = request.cookies.get(desk.access.cookie, "")
    if not named and not secret:
        return Viewer()
    with desk.store.reading() as connection:
        if named:
            user = find_user(connection, named)
            return Viewer(user=user if user is not None and user.active else None)
        found = find_session(connection, secret, now=now, idle=desk.access.idle)
    if found is None:
        return Viewer()
    session, user = found
    if is_worth_noting(session.seen_at, now):
        with desk.store.writing() as connection:
            note_session(connection, session.digest, now=now)
    return Viewer(user=user, session=session)


def feed_reader(desk: ReviewDesk, secret: str, *, now: datetime) -> Viewer:
    """The person whose feed token stands in an address, or nobody: a wider token has no business there."""
    with desk.store.reading() as connection:
        found = find_token(connection, secret, now=now)
    if found is None or found[0].scope is not Scope.FEED:
        return Viewer()
    token, user = found
    if is_worth_noting(token.last_used_at, now):
        with desk.store.writing() as connection:
            note_token(connection, token.id, now=now)
    return Viewer(user=user)


def peer_address(access: Access, request: Request) -> str:
    """The address that asks: the nearest one that is no proxy of ours.

    What a stranger wrote into the header stands left of what our proxies added, and is never reached.
    """
    peer = request.client.host if request.client is not None else ""
    if not access.trusts(peer):
        return peer
    for item in reversed(",".join(request.headers.getlist("x-forwarded-for")).split(",")):
        try:
            address = str(ipaddress.ip_address(_bare(item.strip())))
        except ValueError:
            return peer
        if not access.trusts(address):
            return address
    return peer


def _bare(item: str) -> str:
    """An address without the port that some proxies add."""
    if item.startswith("["):
        return item[1:].partition("]")[0]
    return item.partition(":")[0] if item.count(":") == 1 else item


def _named_by_proxy(access: Access, request: Request) -> str:
    """The name that the proxy vouches for. Two such headers mean that one may be the visitor's own: then nobody."""
    if not access.user_header or request.client is None or not access.trusts(request.client.host):
        return ""
    named = request.headers.getlist(access.user_header)
    return named[0].strip() if len(named) == 1 else ""
