"""Everybody as the page of people lists them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.people import User

ROLE_WORDS: Mapping[str, str] = {
    "viewer": "sees everything but people and the audit log",
    "reviewer": "decides flags and asks for visits",
    "admin": "looks after people and reads the audit log",
}
SCOPE_WORDS: Mapping[str, str] = {
    "feed": "reads the feeds, with the token in the address",
    "read": "reads what a viewer sees",
    "decide": "decides flags and asks for visits, too",
    "admin": "reads people and the audit log, too",
}
"""What each role and each scope may do, as phrases of the desk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One person in the list. ways: phrases that say how they sign in. seen: in a session, or by what they did."""

    user: User
    ways: tuple[str, ...]
    seen: datetime | None


def everybody(
    users: Sequence[User], *, seen: Mapping[int, datetime], acted: Mapping[int, datetime | None]
) -> tuple[Line, ...]:
    """Who is let in first, then who is not, each by name."""
    lines = [
        Line(
            user=user, ways=ways_of(user), seen=max(filter(None, (seen.get(user.id), acted.get(user.id))), default=None)
        )
        for user in users
    ]
    return tuple(sorted(lines, key=lambda line: not line.user.active))


def ways_of(user: User) -> tuple[str, ...]:
    """How a person signs in, as phrases of the desk."""
    ways = ("password" if user.has_password else "", "outside service" if user.external else "")
    return tuple(way for way in ways if way) or ("link only",)
