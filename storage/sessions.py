"""Sessions, sign-in links and API tokens: secrets that speak for a user. Only their digests are kept.

Sessions live on the server, so that any of them can be ended at once.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from domain.people import Scope, Session, Token, User
from storage.columns import optional_time, plain, time_of, time_text
from storage.tables import api_tokens, sessions, sign_in_failures, sign_in_links
from storage.users import load_user

_LONGEST_AGENT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """How many tries failed, and when the last one did."""

    number: int = 0
    last: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """Failed tries of a name from one place, of that place for any name, of the name from anywhere."""

    pair: Tries
    place: Tries
    name: Tries


_SEEN_EVERY = timedelta(minutes=1)
"""How exactly it is kept when a session or a token was last used: a write for every page would be a waste."""


def digest_of(secret: str) -> str:
    """What is kept of a secret that is long and random by itself."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def begin_session(
    connection: Connection,
    *,
    secret: str,
    user: int,
    now: datetime,
    lifetime: timedelta,
    agent: str = "",
    address: str = "",
) -> Session:
    """A new session; what the same person was signed in with before stays as it is. Sessions that ran out go."""
    connection.execute(delete(sessions).where(sessions.c.expires_at <= time_text(now)))
    row = {
        "digest": digest_of(secret),
        "user_id": user,
        "created_at": time_text(now),
        "seen_at": time_text(now),
        "expires_at": time_text(now + lifetime),
        "agent": plain(agent[:_LONGEST_AGENT]),
        "address": plain(address),
    }
    connection.execute(insert(sessions).values(row))
    return _session(row)


def find_session(connection: Connection, secret: str, *, now: datetime, idle: timedelta) -> tuple[Session, User] | None:
    """The session of a secret with its user, or None where it ended, idled too long, or its user was shut out."""
    row = connection.execute(select(sessions).where(sessions.c.digest == digest_of(secret))).mappings().first()
    if row is None:
        return None
    session = _session(row)
    if session.expires_at <= now or session.seen_at + idle <= now:
        return None
    user = load_user(connection, session.user)
    return None if user is None or not user.active else (session, user)


def last_seen(connection: Connection) -> dict[int, datetime]:
    """When each user with a session was last seen, by number."""
    query = select(sessions.c.user_id, func.max(sessions.c.seen_at)).group_by(sessions.c.user_id)
    return {int(number): time_of(at) for number, at in connection.execute(query)}


def is_worth_noting(seen_at: datetime | None, now: datetime) -> bool:
    """Whether a use is so much later than the last one kept that it should be written down."""
    return seen_at is None or now - seen_at >= _SEEN_EVERY


def note_session(connection: Connection, digest: str, *, now: datetime) -> None:
    """The session was used."""
    connection.execute(update(sessions).where(sessions.c.digest == digest).values(seen_at=time_text(now)))


def list_sessions(connection: Connection, user: int, *, now: datetime) -> tuple[Session, ...]:
    """A user's sessions that have not run out, newest first."""
    query = (
        select(sessions)
        .where(sessions.c.user_id == user, sessions.c.expires_at > time_text(now))
        .order_by(sessions.c.seen_at.desc())
    )
    return tuple(_session(row) for row in connection.execute(query).mappings())


def end_session(connection: Connection, digest: str, *, user: int) -> bool:
    """A user's session is over at once. True where there was one."""
    result = connection.execute(delete(sessions).where(sessions.c.digest == plain(digest), sessions.c.user_id == user))
    return bool(result.rowcount)


def end_sessions(connection: Connection, user: int, *, but: str = "") -> int:
    """All of a user's sessions are over, but for one. How many ended."""
    result = connection.execute(delete(sessions).where(sessions.c.user_id == user, sessions.c.digest != but))
    return int(result.rowcount)


# -- links that sign in once ---------------------------------------------------


def add_link(connection: Connection, *, secret: str, user: int, now: datetime, lifetime: timedelta) -> None:
    """A link that signs its user in once, to set a password or (for the demo) to look round. Earlier ones are over."""
    end_links(connection, user)
    connection.execute(
        insert(sign_in_links).values(
            digest=digest_of(secret), user_id=user, expires_at=time_text(now + lifetime), used_at=None
        )
    )


def end_links(connection: Connection, user: int) -> None:
    """Links of a user that were not used work no more."""
    connection.execute(delete(sign_in_links).where(sign_in_links.c.user_id == user, sign_in_links.c.used_at.is_(None)))


def find_link(connection: Connection, secret: str, *, now: datetime) -> User | None:
    """The user whom a link lets in, or None where it was used, ran out or never was."""
    query = select(sign_in_links.c.user_id).where(
        sign_in_links.c.digest == digest_of(secret),
        sign_in_links.c.used_at.is_(None),
        sign_in_links.c.expires_at > time_text(now),
    )
    number = connection.execute(query).scalar_one_or_none()
    user = None if number is None else load_user(connection, int(number))
    return user if user is not None and user.active else None


def use_link(connection: Connection, secret: str, *, now: datetime) -> User | None:
    """Like `find_link`, and the link works no more."""
    user = find_link(connection, secret, now=now)
    if user is not None:
        connection.execute(
            update(sign_in_links).where(sign_in_links.c.digest == digest_of(secret)).values(used_at=time_text(now))
        )
    return user


# -- failed tries ----------------------------------------------------------------


def note_failure(connection: Connection, *, identity: str, place: str, now: datetime, keep: timedelta) -> None:
    """A try that has not succeeded (yet). place: address or browser that it came from. Older ones are forgotten."""
    connection.execute(delete(sign_in_failures).where(sign_in_failures.c.at <= time_text(now - keep)))
    connection.execute(
        insert(sign_in_failures).values(identity=plain(identity), address=plain(place), at=time_text(now))
    )


def failures_of(connection: Connection, *, identity: str, place: str, since: datetime) -> Failures:
    """Failed tries for a name from a place, from the place for any name, and for the name from anywhere."""
    named, there = sign_in_failures.c.identity == plain(identity), sign_in_failures.c.address == plain(place)

    def told(*conditions: Any) -> Tries:
        query = select(func.count(), func.max(sign_in_failures.c.at))
        number, last = connection.execute(query.where(*conditions, sign_in_failures.c.at > time_text(since))).one()
        return Tries(number=int(number), last=optional_time(last))

    return Failures(pair=told(named, there), place=told(there), name=told(named))


def forget_failures(connection: Connection, *, identity: str, place: str) -> None:
    """The name got in from that place, so its failures there are over; those from elsewhere stay."""
    connection.execute(
        delete(sign_in_failures).where(
            sign_in_failures.c.identity == plain(identity), sign_in_failures.c.address == plain(place)
        )
    )


# -- API tokens --------------------------------------------------------------------


def add_token(
    connection: Connection,
    *,
    secret: str,
    user: int,
    name: str,
    scope: Scope,
    now: datetime,
    expires_at: datetime | None = None,
) -> int:
    """The number of a new token."""
    values = {
        "digest": digest_of(secret),
        "user_id": user,
        "name": plain(name),
        "scope": scope.value,
        "created_at": time_text(now),
        "expires_at": None if expires_at is None else time_text(expires_at),
    }
    return int(connection.execute(insert(api_tokens).values(values).returning(api_tokens.c.id)).scalar_one())


def find_token(connection: Connection, secret: str, *, now: datetime) -> tuple[Token, User] | None:
    """The token of a secret with its user, or None where it was revoked, ran out, or its user was shut out."""
    return _token_where(connection, api_tokens.c.digest == digest_of(secret), now)


def token_now(connection: Connection, number: int, *, now: datetime) -> tuple[Token, User] | None:
    """`find_token` by number: for whoever showed its secret a while ago."""
    return _token_where(connection, api_tokens.c.id == number, now)


def _token_where(connection: Connection, condition: Any, now: datetime) -> tuple[Token, User] | None:
    row = connection.execute(select(api_tokens).where(condition)).mappings().first()
    token = None if row is None else _token(row)
    if token is None or token.revoked_at is not None or (token.expires_at is not None and token.expires_at <= now):
        return None
    user = load_user(connection, token.user)
    return None if user is None or not user.active else (token, user)


def note_token(connection: Connection, number: int, *, now: datetime) -> None:
    """The token was used."""
    connection.execute(update(api_tokens).where(api_tokens.c.id == number).values(last_used_at=time_text(now)))


def list_tokens(connection: Connection, user: int) -> tuple[Token, ...]:
    """A user's tokens, newest first, revoked ones too."""
    query = select(api_tokens).where(api_tokens.c.user_id == user).order_by(api_tokens.c.id.desc())
    return tuple(_token(row) for row in connection.execute(query).mappings())


def revoke_token(connection: Connection, number: int, *, user: int, now: datetime) -> bool:
    """A user's token works no more. True where it did."""
    result = connection.execute(
        update(api_tokens)
        .where(api_tokens.c.id == number, api_tokens.c.user_id == user, api_tokens.c.revoked_at.is_(None))
        .values(revoked_at=time_text(now))
    )
    return bool(result.rowcount)


def _session(row: Any) -> Session:
    return Session(
        digest=row["digest"],
        user=row["user_id"],
        created_at=time_of(row["created_at"]),
        seen_at=time_of(row["seen_at"]),
        expires_at=time_of(row["expires_at"]),
        agent=row["agent"],
        address=row["address"],
    )


def _token(row: Any) -> Token:
    return Token(
        id=row["id"],
        user=row["user_id"],
        name=row["name"],
        scope=Scope(row["scope"]),
        created_at=time_of(row["created_at"]),
        expires_at=optional_time(row["expires_at"]),
        last_used_at=optional_time(row["last_used_at"]),
        revoked_at=optional_time(row["revoked_at"]),
    )
