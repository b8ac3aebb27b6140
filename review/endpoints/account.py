"""What people look after themselves: how they see the desk, their password, their sessions, their tokens."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from zoneinfo import available_timezones

from starlette.responses import Response

from domain.people import Deed, Scope, Token, User
from review.endpoints.signin import begin_try, end_try
from review.pages.people import SCOPE_WORDS
from review.secrets import hash_password, new_secret, password_fits
from review.templating import page
from review.visit import Refusal, Visit
from review.words import LANGUAGES
from storage.sessions import (
    add_token,
    end_links,
    end_session,
    end_sessions,
    list_sessions,
    list_tokens,
    revoke_token,
)
from storage.users import change_preferences, password_of, set_password

_THEMES = ("auto", "light", "dark")
_DAYS = (30, 90, 365)
_MOST_TOKENS = 50
_LONGEST_LABEL = 60


def account(visit: Visit) -> Response:
    """Everything of one's own."""
    return _account(visit)


def prefer(visit: Visit) -> Response:
    """Language, zone and theme."""
    user = _self(visit)
    language, timezone, theme = visit.text("language"), visit.text("timezone"), visit.text("theme")
    if language not in ("", *LANGUAGES) or theme not in _THEMES:
        raise Refusal(422, "That is no request.")
    if timezone and timezone not in _zones():
        return _account(visit, status=422, zone_problem=visit.say("There is no such time zone."), timezone=timezone)
    with visit.desk.store.writing() as connection:
        change_preferences(connection, user.id, language=language, timezone=timezone, theme=theme)
    return visit.go("/account", notice="Saved.")


def change_password(visit: Visit) -> Response:
    """A new password, for who knows the present one; every other session is over."""
    user, new = _self(visit), str(visit.form.get("new", ""))
    with visit.desk.store.reading() as connection:
        kept = password_of(connection, user.id)
    if kept:
        place = begin_try(visit, user.name)
        if not password_fits(kept, str(visit.form.get("present", ""))):
            return _account(visit, status=422, password_problem=visit.say("That is not your present password."))
        end_try(visit, user.name, place)
    try:
        hashed = hash_password(new)
    except ValueError:
        return _account(visit, status=422, password_problem=visit.say("A password has 12 to 256 characters."))
    with visit.desk.store.writing() as connection:
        set_password(connection, user.id, hashed)
        end_sessions(connection, user.id, but=visit.viewer.session.digest if visit.viewer.session else "")
        end_links(connection, user.id)
        visit.log(connection, Deed.CHANGED_PASSWORD, user.name)
    return visit.go("/account", notice="The password is changed; every other session is over.")


def end(visit: Visit) -> Response:
    """One session of one's own is over, or every other one."""
    user, which = _self(visit), visit.text("session")
    with visit.desk.store.writing() as connection:
        if which == "others":
            end_sessions(connection, user.id, but=visit.viewer.session.digest if visit.viewer.session else "")
        else:
            end_session(connection, which, user=user.id)
        visit.log(connection, Deed.ENDED_SESSIONS, user.name)
    return visit.go("/account", notice="Saved.")


def make_token(visit: Visit) -> Response:
    """A token, shown once: never of a scope that the person's own role does not hold."""
    user, label = _self(visit), visit.text("label")[:_LONGEST_LABEL]
    scope, days = visit.text("scope"), visit.number("days")
    if scope not in [item.value for item in _scopes(user)] or days not in _DAYS or not label.isprintable():
        raise Refusal(422, "That is no request.")
    secret = f"cw_{new_secret()}"
    with visit.desk.store.writing() as connection:
        if sum(token.revoked_at is None for token in list_tokens(connection, user.id)) >= _MOST_TOKENS:
            raise Refusal(409, "You have as many tokens as one person may have. Revoke one first.")
        number = add_token(
            connection,
            secret=secret,
            user=user.id,
            name=label or scope,
            scope=Scope(scope),
            now=visit.now,
            expires_at=visit.now + timedelta(days=days),
        )
        visit.log(connection, Deed.MADE_TOKEN, user.name, token=str(number), scope=scope)
    return _account(visit, secret=secret, scope=Scope(scope))


def revoke(visit: Visit) -> Response:
    """A token of one's own works no more."""
    user = _self(visit)
    with visit.desk.store.writing() as connection:
        if revoke_token(connection, visit.number("token"), user=user.id, now=visit.now):
            visit.log(connection, Deed.REVOKED_TOKEN, user.name, token=str(visit.number("token")))
    return visit.go("/account", notice="Saved.")


def _account(
    visit: Visit,
    *,
    status: int = 200,
    zone_problem: str = "",
    timezone: str | None = None,
    password_problem: str = "",
    secret: str = "",
    scope: Scope = Scope.READ,
) -> Response:
    user = _self(visit)
    with visit.desk.store.reading() as connection:
        sessions, tokens = list_sessions(connection, user.id, now=visit.now), list_tokens(connection, user.id)
    return page(
        visit,
        "account.html",
        status=status,
        sessions=sessions,
        tokens=[token for token in tokens if _works(token, visit)],
        scopes=_scopes(user),
        scope_words=SCOPE_WORDS,
        days=_DAYS,
        zones=_zones(),
        usual_zone=visit.desk.timezone,
        timezone=user.timezone if timezone is None else timezone,
        zone_problem=zone_problem,
        password_problem=password_problem,
        secret=secret,
        scope=scope,
        base=visit.desk.access.base_url,
    )


def _works(token: Token, visit: Visit) -> bool:
    return token.revoked_at is None and (token.expires_at is None or token.expires_at > visit.now)


def _scopes(user: User) -> tuple[Scope, ...]:
    return tuple(scope for scope in Scope if user.role.holds(scope.role))


@cache
def _zones() -> tuple[str, ...]:
    return tuple(sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc")))


def _self(visit: Visit) -> User:
    if visit.viewer.user is None:
        raise AssertionError("the table lets no stranger in here")
    return visit.viewer.user
