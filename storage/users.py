"""People who sign in at the desk. A name is one person in any case and Unicode form."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from domain.errors import ClaimwatchError
from domain.people import Role, User
from storage.columns import time_of, time_text
from storage.handling import let_go
from storage.tables import users

_LONGEST_NAME = 100
_OURS = frozenset({"claimwatch", "me", "nobody"})
"""Names that nobody may have: the system signs with the first, and the queue is asked by the others."""
_LONGEST_EXTERNAL = 255


class BadName(ClaimwatchError):
    """That is no name for a person, or another person has it."""


def identity_of(name: str) -> str:
    """One key for all spellings of a name. Raises BadName."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name.strip()).casefold())
    if not folded or len(folded) > _LONGEST_NAME or not all(mark.isprintable() for mark in folded):
        raise BadName(f"{name!r} is no name: 1 to {_LONGEST_NAME} printable characters")
    return folded


def add_user(
    connection: Connection, *, name: str, role: Role, now: datetime, password: str = "", external: str = ""
) -> User:
    """The new user. password: its hash, "" for nobody who signs in with one. Raises BadName where the name is taken."""
    identity = identity_of(name)
    if identity in _OURS:
        raise BadName(f"{name.strip()!r} is a word of ours: the log and the queue would read it otherwise")
    if connection.execute(select(users.c.id).where(users.c.identity == identity)).first() is not None:
        raise BadName(f"there is a user {name.strip()!r} already")
    _prove_free(connection, external)
    number = connection.execute(
        insert(users)
        .values(
            name=unicodedata.normalize("NFC", name.strip()),
            identity=identity,
            role=role.value,
            password=password,
            external=external or None,
            active=True,
            language="",
            timezone="",
            theme="auto",
            created_at=time_text(now),
        )
        .returning(users.c.id)
    ).scalar_one()
    found = load_user(connection, int(number))
    if found is None:
        raise AssertionError("a user that was just added is there")
    return found


def load_user(connection: Connection, number: int) -> User | None:
    """The user of a number, or None."""
    return _one(connection, users.c.id == number)


def find_user(connection: Connection, name: str) -> User | None:
    """The user of a name in any spelling, or None."""
    try:
        return _one(connection, users.c.identity == identity_of(name))
    except BadName:
        return None


def find_external(connection: Connection, external: str) -> User | None:
    """The user whom an outside sign-in service knows by this name, or None."""
    return _one(connection, users.c.external == external) if external else None


def set_external(connection: Connection, number: int, external: str) -> None:
    """The name by which an outside sign-in service knows a user, "" for none. Raises BadName where another has it."""
    known = find_external(connection, external)
    if known is None or known.id != number:
        _prove_free(connection, external)
    connection.execute(update(users).where(users.c.id == number).values(external=external or None))


def list_users(connection: Connection) -> tuple[User, ...]:
    """Everybody, by name."""
    return tuple(_user(row) for row in connection.execute(select(users).order_by(users.c.identity)).mappings())


def count_admins(connection: Connection) -> int:
    """How many active administrators there are."""
    query = select(func.count()).where(users.c.role == Role.ADMIN.value, users.c.active)
    return int(connection.execute(query).scalar_one())


def password_of(connection: Connection, number: int) -> str:
    """The hash of a user's password, "" where there is none."""
    return str(connection.execute(select(users.c.password).where(users.c.id == number)).scalar_one_or_none() or "")


def set_password(connection: Connection, number: int, password: str) -> None:
    """Keep the hash of a new password."""
    connection.execute(update(users).where(users.c.id == number).values(password=password))


def change_user(connection: Connection, number: int, *, role: Role | None = None, active: bool | None = None) -> int:
    """Give a role, or let in and shut out. Raises BadName where no active administrator would be left.

    Who may decide no more has no flags in hand: they are nobody's again. How many there were.
    """
    values = {"role": None if role is None else role.value, "active": active}
    connection.execute(
        update(users)
        .where(users.c.id == number)
        .values({name: value for name, value in values.items() if value is not None})
    )
    if count_admins(connection) == 0:
        raise BadName("there must be an administrator left")
    user = load_user(connection, number)
    if user is None or (user.active and user.role.holds(Role.REVIEWER)):
        return 0
    return let_go(connection, user.name)


def change_preferences(connection: Connection, number: int, *, language: str, timezone: str, theme: str) -> None:
    """How a user wants to see the desk."""
    connection.execute(
        update(users).where(users.c.id == number).values(language=language, timezone=timezone, theme=theme)
    )


def _prove_free(connection: Connection, external: str) -> None:
    if len(external) > _LONGEST_EXTERNAL or not all(mark.isprintable() for mark in external):
        raise BadName(f"the outside name has at most {_LONGEST_EXTERNAL} printable characters")
    known = find_external(connection, external)
    if known is not None:
        raise BadName(f"the outside name {external!r} is that of {known.name!r} already")


def _one(connection: Connection, condition: Any) -> User | None:
    row = connection.execute(select(users).where(condition)).mappings().first()
    return None if row is None else _user(row)


def _user(row: Any) -> User:
    return User(
        id=row["id"],
        name=row["name"],
        role=Role(row["role"]),
        active=row["active"],
        has_password=bool(row["password"]),
        external=row["external"] or "",
        language=row["language"],
        timezone=row["timezone"],
        theme=row["theme"],
        created_at=time_of(row["created_at"]),
    )
