"""Coming in and going out: name and password, one-time links, the language of strangers."""

from __future__ import annotations

import math

from starlette.responses import Response

from domain.people import Deed, User
from review.access import Access
from review.patience import BY_NAME, BY_PAIR, BY_PLACE, WINDOW, browser_mark, known_browser, place_of, wait
from review.secrets import hash_password, new_secret, password_fits
from review.templating import page
from review.visit import Refusal, Visit, local_path
from review.words import LANGUAGES
from storage.audit import log_act
from storage.sessions import (
    begin_session,
    digest_of,
    end_session,
    end_sessions,
    failures_of,
    find_link,
    forget_failures,
    note_failure,
    use_link,
)
from storage.users import BadName, change_preferences, find_user, identity_of, password_of, set_password


def form(visit: Visit) -> Response:
    """The sign-in form; who is in already goes on."""
    if visit.viewer.user is not None:
        return visit.go(local_path(visit.text("next"), "/"))
    return _form(visit, name="", problem="")


def sign_in(visit: Visit) -> Response:
    """Let a person in by name and password; say no more than that it failed, and have who fails wait."""
    name, password = visit.text("name"), str(visit.form.get("password", ""))
    place = begin_try(visit, name)
    with visit.desk.store.reading() as connection:
        user = find_user(connection, name)
        kept = password_of(connection, user.id) if user is not None and user.active else ""
    if not password_fits(kept, password) or user is None:
        with visit.desk.store.writing() as connection:
            visit.log(connection, Deed.FAILED_TO_SIGN_IN, user.name if user is not None else "")
        return _form(visit, status=401, name=name, problem=visit.say("That name and password do not go together."))
    end_try(visit, name, place)
    return let_in(visit, user, to=local_path(visit.text("next"), "/"))


def sign_out(visit: Visit) -> Response:
    """End this session, here and in the store."""
    with visit.desk.store.writing() as connection:
        if visit.viewer.user is not None and visit.viewer.session is not None:
            end_session(connection, visit.viewer.session.digest, user=visit.viewer.user.id)
        visit.log(connection, Deed.SIGNED_OUT)
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
    _linked(visit)
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
    return let_in(visit, user, to="/")


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
    _keep(response, visit.desk.access, "language", chosen, seconds=31_536_000)
    return response


def _entrance(visit: Visit, *, problem: str, status: int = 200) -> Response:
    return page(visit, "enter.html", status=status, welcome=_linked(visit), problem=problem)


def _linked(visit: Visit) -> User:
    """Whom the link lets in; refused where it works no more."""
    with visit.desk.store.reading() as connection:
        user = find_link(connection, visit.part("secret"), now=visit.now)
    if user is None:
        raise Refusal(410, "This link was used already, or has run out. Ask for a new one.")
    return user


def let_in(visit: Visit, user: User, *, to: str) -> Response:
    """A new session with a secret that nobody saw before; the one that the browser came with is over."""
    secret, access = new_secret(), visit.desk.access
    with visit.desk.store.writing() as connection:
        if visit.viewer.session is not None:
            end_session(connection, visit.viewer.session.digest, user=visit.viewer.session.user)
        begin_session(
            connection,
            secret=secret,
            user=user.id,
            now=visit.now,
            lifetime=access.lifetime,
            agent=visit.request.headers.get("user-agent", ""),
            address=visit.address,
        )
        log_act(connection, by=user.name, act=Deed.SIGNED_IN, at=visit.now, address=visit.address)
    response = visit.go(to)
    _keep(response, access, access.cookie, secret, seconds=int(access.lifetime.total_seconds()))
    mark = browser_mark(access.secret, identity_of(user.name), new_secret())
    _keep(response, access, access.browser_cookie, mark, seconds=31_536_000)
    return response


def begin_try(visit: Visit, name: str) -> str:
    """A try that counts as failed until `end_try`; the place that it counts for. Refused while its maker has to wait.

    It is written down before the password is looked at, so that many tries at once count like as many in a row.
    """
    identity, access = _key(name), visit.desk.access
    browser = known_browser(access.secret, identity, visit.request.cookies.get(access.browser_cookie, ""))
    place = f"browser {digest_of(browser)[:32]}" if browser else place_of(visit.address)
    with visit.desk.store.writing() as connection:
        failures = failures_of(connection, identity=identity, place=place, since=visit.now - WINDOW)
        limits = [(BY_PAIR, failures.pair)]
        if not browser:
            limits.append((BY_PLACE, failures.place))
        if not browser and identity:  # who names nobody (yet) is not held up by failures elsewhere
            limits.append((BY_NAME, failures.name))
        left = max(wait(limit, number=tries.number, last=tries.last, now=visit.now) for limit, tries in limits)
        if not left:
            note_failure(connection, identity=identity, place=place, now=visit.now, keep=WINDOW)
    if left:
        seconds = math.ceil(left.total_seconds())
        raise Refusal(
            429,
            "Too many tries. Wait {n} second, then try again.|Too many tries. Wait {n} seconds, then try again.",
            headers={"retry-after": str(seconds)},
            n=seconds,
        )
    return place


def end_try(visit: Visit, name: str, place: str) -> None:
    """The try succeeded."""
    with visit.desk.store.writing() as connection:
        forget_failures(connection, identity=_key(name), place=place)


def _form(visit: Visit, *, name: str, problem: str, status: int = 200) -> Response:
    service = visit.desk.sign_in_service
    return page(
        visit,
        "sign-in.html",
        status=status,
        next=local_path(visit.text("next"), "/"),
        name=name,
        problem=problem,
        outside="" if service is None else service.name,
    )


def _keep(response: Response, access: Access, name: str, value: str, *, seconds: int) -> None:
    response.set_cookie(name, value, max_age=seconds, secure=access.secure, httponly=True, samesite="lax", path="/")


def _key(name: str) -> str:
    try:
        return identity_of(name)
    except BadName:
        return ""
