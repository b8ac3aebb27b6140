"""`users`: who may use the review desk, from the command line of the machine that it runs on."""

from __future__ import annotations

import os
from datetime import timedelta

from claimwatch.home import Home, nearest, wrong_call
from claimwatch.show import line, print_json, table
from domain.people import Deed, Role, User
from domain.shapes import moment
from review.pages.people import Line, everybody
from review.secrets import new_secret
from storage.audit import last_act, log_act
from storage.sessions import add_link, end_links, end_sessions, last_seen, list_tokens, revoke_token
from storage.store import Connection
from storage.users import add_user, change_user, find_user, list_users, set_external

LINK_LASTS = timedelta(days=2)
"""How long a link that lets somebody set a password works."""


def add(home: Home, *, name: str, role: Role, outside: str = "") -> None:
    """A new user, and the link that lets them in. Raises BadName."""
    if role is Role.PUBLIC:
        raise wrong_call("a user is viewer, reviewer or admin")
    with home.store().writing() as connection:
        user = add_user(connection, name=name, role=role, now=home.now(), external=outside)
        address = _link(home, connection, user)
        _log(home, connection, Deed.ADDED_USER, user, role=role.value)
    line(f"{user.name} is {user.role.value}. Their link to set a password, once, within two days:")
    line(address)


def link(home: Home, name: str) -> None:
    """A new link for a user who is there."""
    with home.store().writing() as connection:
        user = _known(connection, name)
        address = _link(home, connection, user)
        _log(home, connection, Deed.MADE_SIGN_IN_LINK, user)
    line(address)


def show(home: Home, *, as_json: bool) -> None:
    """Print everybody."""
    with home.store().reading() as connection:
        everyone, in_session = list_users(connection), last_seen(connection)
        acted = {user.id: last_act(connection, user.name) for user in everyone}
    lines = everybody(everyone, seen=in_session, acted=acted)
    if as_json:
        print_json({"users": [_shape(item) for item in lines]})
        return
    rows = [
        (
            item.user.name,
            item.user.role.value,
            "yes" if item.user.active else "no",
            ", ".join(item.ways),
            moment(item.seen) or "never",
        )
        for item in lines
    ]
    table("Users", ("name", "role", "let in", "signs in with", "last seen"), rows)


def give_role(home: Home, name: str, *, role: Role) -> None:
    """Another role, and the end of every session."""
    if role is Role.PUBLIC:
        raise wrong_call("a user is viewer, reviewer or admin")
    with home.store().writing() as connection:
        user = _known(connection, name)
        flags = change_user(connection, user.id, role=role)
        end_sessions(connection, user.id)
        _log(home, connection, Deed.GAVE_ROLE, user, role=role.value, **_handed_back(flags))
    line(f"{user.name} is {role.value}.")


def let_in(home: Home, name: str, *, active: bool) -> None:
    """Let a user in, or shut them out and end their sessions."""
    with home.store().writing() as connection:
        user = _known(connection, name)
        flags = change_user(connection, user.id, active=active)
        end_sessions(connection, user.id)
        end_links(connection, user.id)
        _log(home, connection, Deed.LET_IN_AGAIN if active else Deed.SHUT_OUT, user, **_handed_back(flags))
    line(f"{user.name} is {'let in' if active else 'let in no more'}.")


def name_outside(home: Home, name: str, *, outside: str) -> None:
    """Another outside name, or none. Raises BadName where another person has it."""
    with home.store().writing() as connection:
        user = _known(connection, name)
        set_external(connection, user.id, outside)
        _log(home, connection, Deed.SET_OUTSIDE_NAME, user, external=outside)
    line(f"{user.name} is {outside} at the sign-in service." if outside else f"{user.name} has no outside name.")


def end(home: Home, name: str) -> None:
    """End sessions and revoke tokens."""
    with home.store().writing() as connection:
        user = _known(connection, name)
        sessions = end_sessions(connection, user.id)
        end_links(connection, user.id)
        tokens = [item.id for item in list_tokens(connection, user.id) if item.revoked_at is None]
        for number in tokens:
            revoke_token(connection, number, user=user.id, now=home.now())
        _log(home, connection, Deed.ENDED_SESSIONS, user, sessions=str(sessions), tokens=str(len(tokens)))
    line(f"{user.name}: {sessions} sessions ended, {len(tokens)} tokens revoked.")


def _handed_back(flags: int) -> dict[str, str]:
    return {"handed_back": str(flags)} if flags else {}


def _known(connection: Connection, name: str) -> User:
    user = find_user(connection, name)
    if user is None:
        names = [item.name for item in list_users(connection)]
        raise wrong_call(f"there is no user {name!r}", nearest=nearest(name, names))
    return user


def _link(home: Home, connection: Connection, user: User) -> str:
    secret = new_secret()
    add_link(connection, secret=secret, user=user.id, now=home.now(), lifetime=LINK_LASTS)
    return f"{home.settings.base_url.rstrip('/')}/enter/{secret}"


def _log(home: Home, connection: Connection, act: Deed, user: User, **detail: str) -> None:
    who = os.environ.get("USER") or os.environ.get("LOGNAME") or "command line"
    log_act(connection, by=who, act=act, subject=user.name, at=home.now(), address="command line", detail=detail)


def _shape(item: Line) -> dict[str, object]:
    user = item.user
    return {
        "name": user.name,
        "role": user.role.value,
        "active": user.active,
        "has_password": user.has_password,
        "outside": user.external or None,
        "created_at": moment(user.created_at),
        "last_seen_at": moment(item.seen),
    }
