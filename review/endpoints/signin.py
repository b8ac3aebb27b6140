"""Coming in and going out: name and password, one-time links, the language of strangers."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response

from domain.people import User
from review.secrets import hash_password, new_secret, password_fits
from review.templating import page
from review.visit import Refusal, Visit, local_path
from review.words import LANGUAGES
from storage.audit import log_act
from storage.sessions import (
    begin_session,
    count_failures,
    end_session,
    end_sessions,
    find_link,
    forget_failures,
    note_failure,
    use_link,
)
from storage.users import BadName, change_preferences, find_user, identity_of, password_of, set_password

WINDOW = timedelta(minutes=15)
MOST_BY_NAME = 5
MOST_BY_ADDRESS = 30
"""Failed tries within the window, after which nobody is let in by that name, or from that address, until it is over."""


def form(visit: Visit) -> Response:
    """The sign-in form; who is in already goes on."""
    if visit.viewer.user is not None:
        return visit.go(local_path(visit.text("next"), "/"))
    return page(visit, "sign-in.html", next=local_path(visit.text("next"), "/"), name="", problem="")


def sign_in(visit: Visit) -> Response:
    """Let a person in by name and password; say no more than that it failed, and only so often."""
    name, password = visit.text("name"), str(visit.form.get("password", ""))
    _prove_patience(visit, name)
    with visit.desk.store.reading() as connection:
        user = find_user(connection, name)
        kept = password_of(connection, user.id) if user is not None and user.active else ""
    if not password_fits(kept, password) or user is None:
        _note_failure(visit, name)
        return page(
            visit,
            "sign-in.html",
            status=401,
            next=local_path(visit.text("next"), "/"),
            name=name,
            problem=visit.say("That name and password do not go together."),
        )
    return _let_in(visit, user, to=local_path(visit.text("next"), "/"))


def sign_out(visit: Visit) -> Response:
    """End this session, here and in the store."""
    with visit.desk.store.writing() as connection:
        if visit.viewer.user is not None and visit.viewer.session is not None:
            end_session(connection, visit.viewer.session.digest, user=visit.viewer.user.id)
        visit.log(connection, "signed out")
    response = visit.go("/sign-in", notice="Signed out.")
    access = visit.desk.access
    response.delete_cookie(access.cookie, secure=access.secure, httponly=True, samesite="lax")
    return response


def entrance(visit: Visit) -> Response:
    """What a one-time link shows: looking does not use it up, so that a mail scanner cannot."""
    return _entrance(visit, problem="")


def enter(visit: Visit) -> Response:
    """Use the link: set a password where the person has none yet or wants a new one, and let them in."""
    password = str(visit.form.get("password", ""))
    wants_password = visit.text("set") == "password"
    try:
        kept = hash_password(password) if wants_password else ""
    except ValueError:
        return _entrance(visit, problem=visit.say("A password has 12 to 256 characters."), status=422)
    with visit.desk.store.writing() as connection:
        user = use_link(connection, visit.part("secret"), now=visit.now)
        if user is None:
            raise Refusal(410, "This link was used already, or has run out. Ask for a new one.")
        if kept:
            set_password(connection, user.id, kept)
            end_sessions(connection, user.id)
    return _let_in(visit, user, to="/")


def language(visit: Visit) -> Response:
    """Another language: kept with the person, or in a cookie for who is not signed in."""
    chosen = visit.text("to")
    if chosen not in LANGUAGES:
        raise Refusal(422, "The desk does not speak that language.")
    user = visit.viewer.user
    if user is not None:
        with visit.desk.store.writing() as connection:
            change_preferences(connection, user.id, language=chosen, timezone=user.timezone, theme=user.theme)
    response = visit.back("/")
    response.set_cookie(
        "language", chosen, max_age=31_536_000, secure=visit.desk.access.secure, httponly=True, samesite="lax"
    )
    return response


def _entrance(visit: Visit, *, problem: str, status: int = 200) -> Response:
    with visit.desk.store.reading() as connection:
        user = find_link(connection, visit.part("secret"), now=visit.now)
    if user is None:
        raise Refusal(410, "This link was used already, or has run out. Ask for a new one.")
    return page(visit, "enter.html", status=status, welcome=user, problem=problem)


def _let_in(visit: Visit, user: User, *, to: str) -> Response:
    secret, access = new_secret(), visit.desk.access
    with visit.desk.store.writing() as connection:
        begin_session(
            connection,
            secret=secret,
            user=user.id,
            now=visit.now,
            lifetime=access.lifetime,
            agent=visit.request.headers.get("user-agent", ""),
            address=visit.address,
        )
        forget_failures(connection, identity_of(user.name))
        log_act(connection, by=user.name, act="signed in", at=visit.now, address=visit.address)
    response = visit.go(to)
    response.set_cookie(
        access.cookie,
        secret,
        max_age=int(access.lifetime.total_seconds()),
        secure=access.secure,
        httponly=True,
        samesite="lax",
        path="/",
    )
    return response


def _prove_patience(visit: Visit, name: str) -> None:
    with visit.desk.store.reading() as connection:
        by_name, by_address = count_failures(
            connection, identity=_key(name), address=visit.address, since=visit.now - WINDOW
        )
    if by_name >= MOST_BY_NAME or by_address >= MOST_BY_ADDRESS:
        seconds = str(int(WINDOW.total_seconds()))
        raise Refusal(429, "Too many tries. Wait a quarter of an hour.", headers={"retry-after": seconds})


def _note_failure(visit: Visit, name: str) -> None:
    with visit.desk.store.writing() as connection:
        note_failure(connection, identity=_key(name), address=visit.address, now=visit.now, keep=WINDOW)
        visit.log(connection, "failed to sign in", name[:100])


def _key(name: str) -> str:
    try:
        return identity_of(name)
    except BadName:
        return ""
