"""Who is behind a request: the session of its cookie, or the name that a trusted proxy vouches for."""

from __future__ import annotations

from datetime import datetime

from starlette.requests import Request

from review.access import Access
from review.desk import ReviewDesk
from review.visit import Viewer
from storage.sessions import find_session, is_worth_noting, note_session
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


def peer_address(access: Access, request: Request) -> str:
    """The address that asks: the nearest one that is no proxy of ours."""
    peer = request.client.host if request.client is not None else ""
    if not access.trusts(peer):
        return peer
    forwarded = [item.strip() for item in request.headers.get("x-forwarded-for", "").split(",") if item.strip()]
    return next((item for item in reversed(forwarded) if not access.trusts(item)), peer)


def _named_by_proxy(access: Access, request: Request) -> str:
    if not access.user_header or request.client is None or not access.trusts(request.client.host):
        return ""
    return request.headers.get(access.user_header, "").strip()
