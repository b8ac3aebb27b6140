"""Who may use the desk, for administrators: everybody, one person, and what was done."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from starlette.responses import Response

from domain.people import Deed, Role, User
from review.pages.people import ROLE_WORDS, Line, everybody
from review.secrets import new_secret
from review.templating import page
from review.visit import Refusal, Visit
from storage.audit import last_act, list_acts
from storage.sessions import add_link, end_links, end_sessions, last_seen, list_sessions, list_tokens, revoke_token
from storage.store import Connection
from storage.users import BadName, add_user, change_user, list_users, load_user, set_external

LINK_LASTS = timedelta(days=2)
_ROLES = (Role.VIEWER, Role.REVIEWER, Role.ADMIN)
_ACTS = 50


def people(visit: Visit) -> Response:
    """Everybody, with role, state and when they were last seen."""
    return page(
        visit,
        "people.html",
        lines=_lines(visit),
        roles=_ROLES,
        role_words=ROLE_WORDS,
        outside=visit.desk.sign_in_service is not None,
        name="",
        external="",
        problem="",
        link="",
    )


def add(visit: Visit) -> Response:
    """A new person, and the link that lets them in, shown once."""
    name, external = visit.text("name"), visit.text("external")
    role = _role(visit)
    try:
        with visit.desk.store.writing() as connection:
            user = add_user(connection, name=name, role=role, now=visit.now, external=external)
            link = _link(visit, connection, user)
            visit.log(connection, Deed.ADDED_USER, user.name, role=role.value)
    except BadName:
        return page(
            visit,
            "people.html",
            status=422,
            lines=_lines(visit),
            roles=_ROLES,
            role_words=ROLE_WORDS,
            outside=visit.desk.sign_in_service is not None,
            name=name,
            external=external,
            problem=visit.say("That name cannot be used: it is taken, or no name of 1 to 100 printable characters."),
            link="",
        )
    return _person(visit, user.id, link=link)


def person(visit: Visit) -> Response:
    """One person: role, sessions, tokens, what they did last."""
    return _person(visit, _number(visit), link="")


def make_link(visit: Visit) -> Response:
    """A link with which the person sets a password, shown once; an earlier one works no more."""
    with visit.desk.store.writing() as connection:
        user = _load(visit, connection)
        link = _link(visit, connection, user)
        visit.log(connection, Deed.MADE_SIGN_IN_LINK, user.name)
    return _person(visit, user.id, link=link)


def give_role(visit: Visit) -> Response:
    """Another role; the person's sessions end, so that nothing goes on under the old one."""
    role = _role(visit)
    with visit.desk.store.writing() as connection:
        user = _load(visit, connection)
        flags = _change(connection, user, role=role)
        end_sessions(connection, user.id, but=_own(visit, user))
        visit.log(connection, Deed.GAVE_ROLE, user.name, role=role.value, **flags)
    return visit.go(f"/people/{user.id}", notice="Saved.")


def let_in(visit: Visit) -> Response:
    """Shut out, which ends every session and stops every token, or let in again."""
    active = visit.text("to") == "in"
    with visit.desk.store.writing() as connection:
        user = _load(visit, connection)
        if not active and visit.viewer.user is not None and user.id == visit.viewer.user.id:
            raise Refusal(409, "Nobody can shut themselves out.")
        flags = _change(connection, user, active=active)
        end_sessions(connection, user.id, but=_own(visit, user))
        end_links(connection, user.id)
        visit.log(connection, Deed.LET_IN_AGAIN if active else Deed.SHUT_OUT, user.name, **flags)
    return visit.go(f"/people/{user.id}", notice="Saved.")


def name_outside(visit: Visit) -> Response:
    """The name by which the outside sign-in service knows the person."""
    with visit.desk.store.writing() as connection:
        user = _load(visit, connection)
        try:
            set_external(connection, user.id, visit.text("external"))
        except BadName:
            raise Refusal(422, "Another person has that outside name, or it cannot be used.") from None
        visit.log(connection, Deed.SET_OUTSIDE_NAME, user.name, external=visit.text("external"))
    return visit.go(f"/people/{user.id}", notice="Saved.")


def end_all(visit: Visit) -> Response:
    """Every session of the person is over, and a link that was not used works no more."""
    with visit.desk.store.writing() as connection:
        user = _load(visit, connection)
        end_sessions(connection, user.id, but=_own(visit, user))
        end_links(connection, user.id)
        visit.log(connection, Deed.ENDED_SESSIONS, user.name)
    return visit.go(f"/people/{user.id}", notice="Saved.")


def revoke(visit: Visit) -> Response:
    """A token of the person works no more."""
    with visit.desk.store.writing() as connection:
        user = _load(visit, connection)
        if revoke_token(connection, visit.number("token"), user=user.id, now=visit.now):
            visit.log(connection, Deed.REVOKED_TOKEN, user.name, token=str(visit.number("token")))
    return visit.go(f"/people/{user.id}", notice="Saved.")


def audit(visit: Visit) -> Response:
    """What was done, newest first."""
    by, word, subject, before = visit.text("by"), visit.text("act"), visit.text("subject"), visit.number("before")
    act = Deed(word) if word in tuple(Deed) else None
    with visit.desk.store.reading() as connection:
        acts = list_acts(
            connection, by=by or None, act=act, subject=subject or None, before=before or None, limit=_ACTS + 1
        )
        names = [user.name for user in list_users(connection)]
    return page(
        visit,
        "audit.html",
        acts=acts[:_ACTS],
        names=names,
        by=by,
        deeds=tuple(Deed),
        deed="" if act is None else act.value,
        query=urlencode({"by": by, "act": "" if act is None else act.value, "subject": subject}),
        subject=subject,
        before=before,
        older=acts[_ACTS - 1].id if len(acts) > _ACTS else 0,
    )


def _person(visit: Visit, number: int, *, link: str) -> Response:
    with visit.desk.store.reading() as connection:
        user = load_user(connection, number)
        if user is None:
            raise Refusal(404, "There is nobody of that number.")
        sessions = list_sessions(connection, number, now=visit.now)
        tokens = [item for item in list_tokens(connection, number) if item.revoked_at is None]
        acts = list_acts(connection, by=user.name, limit=10)
    return page(
        visit,
        "person.html",
        person=user,
        sessions=sessions,
        tokens=tokens,
        acts=acts,
        roles=_ROLES,
        role_words=ROLE_WORDS,
        outside=visit.desk.sign_in_service is not None,
        link=link,
        own=visit.viewer.user is not None and visit.viewer.user.id == number,
    )


def _lines(visit: Visit) -> tuple[Line, ...]:
    with visit.desk.store.reading() as connection:
        users, seen = list_users(connection), last_seen(connection)
        acted = {user.id: last_act(connection, user.name) for user in users}
    return everybody(users, seen=seen, acted=acted)


def _link(visit: Visit, connection: Connection, user: User) -> str:
    secret = new_secret()
    add_link(connection, secret=secret, user=user.id, now=visit.now, lifetime=LINK_LASTS)
    return f"{visit.desk.access.base_url}/enter/{secret}"


def _change(
    connection: Connection, user: User, *, role: Role | None = None, active: bool | None = None
) -> dict[str, str]:
    """Done, and what the log should say of flags that were in their hands."""
    try:
        flags = change_user(connection, user.id, role=role, active=active)
    except BadName:
        raise Refusal(409, "There must be an administrator left.") from None
    return {"handed_back": str(flags)} if flags else {}


def _own(visit: Visit, user: User) -> str:
    """The session that asks, where it is the person's own: nobody is thrown out by what they do to themselves."""
    session = visit.viewer.session
    return session.digest if session is not None and session.user == user.id else ""


def _role(visit: Visit) -> Role:
    try:
        role = Role(visit.text("role"))
    except ValueError:
        role = Role.PUBLIC
    if role not in _ROLES:
        raise Refusal(422, "There is no such role.")
    return role


def _number(visit: Visit) -> int:
    text = visit.part("number")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else 0


def _load(visit: Visit, connection: Connection) -> User:
    user = load_user(connection, _number(visit))
    if user is None:
        raise Refusal(404, "There is nobody of that number.")
    return user
