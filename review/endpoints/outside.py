"""Signing in by an outside service: off to it, and back from it."""

from __future__ import annotations

import structlog
from starlette.responses import RedirectResponse, Response

from domain.people import Deed, Role, User
from review.endpoints.signin import begin_try, end_try, let_in
from review.oidc import LASTS, NotSignedIn, NotThere, OutsideSignIn
from review.visit import Refusal, Visit, local_path
from storage.audit import log_act
from storage.users import BadName, add_user, find_external

log = structlog.get_logger()


def leave(visit: Visit) -> Response:
    """To the service; the browser keeps what it needs to come back."""
    service = _service(visit)
    try:
        address, kept = service.begin(local_path(visit.text("next"), "/"))
    except NotThere as error:
        # Anybody can come here as often as they like: neither the audit log nor the service is to grow by that.
        if error.fresh:
            log.warning("the outside sign-in service cannot be asked", why=str(error))
        raise Refusal(
            503, "The sign-in service cannot be reached just now. Try again in a minute.", headers={"retry-after": "60"}
        ) from error
    except NotSignedIn as error:
        raise _failed(visit, error) from error
    response = RedirectResponse(address, status_code=303)
    access = visit.desk.access
    response.set_cookie(
        access.outside_cookie,
        kept,
        max_age=int(LASTS.total_seconds()),
        secure=access.secure,
        httponly=True,
        samesite="lax",
        path="/",
    )
    return response


def come_back(visit: Visit) -> Response:
    """From the service: whom it vouches for is let in, if we know them or the settings say that all are."""
    service, access = _service(visit), visit.desk.access
    place = begin_try(visit, "")
    try:
        kept = visit.request.cookies.get(access.outside_cookie, "")
        claims, following = service.finish(kept, dict(visit.request.query_params))
        external = service.external(claims)
    except NotSignedIn as error:
        raise _failed(visit, error) from error
    names = [claims.get(name) for name in ("preferred_username", "email", "name")]
    user = _user(visit, external, default=service.service.default_role, names=[n for n in names if isinstance(n, str)])
    end_try(visit, "", place)
    response = let_in(visit, user, to=local_path(following, "/"))
    response.delete_cookie(access.outside_cookie, secure=access.secure, httponly=True, samesite="lax", path="/")
    return response


def _user(visit: Visit, external: str, *, default: Role, names: list[str]) -> User:
    """Whom the service vouches for. A name that somebody has here already is never taken for that person."""
    with visit.desk.store.writing() as connection:
        user = find_external(connection, external)
        if user is None and default is not Role.PUBLIC:
            for name in [*names, external]:
                try:
                    user = add_user(connection, name=name, role=default, now=visit.now, external=external)
                except BadName:
                    continue
                act = Deed.ADDED_FROM_OUTSIDE
                log_act(connection, by=user.name, act=act, subject=user.name, at=visit.now, address=visit.address)
                break
    if user is None or not user.active:
        raise Refusal(403, "That service knows you, but nobody has let you in here. Ask an administrator.")
    return user


def _service(visit: Visit) -> OutsideSignIn:
    if visit.desk.sign_in_service is None:
        raise Refusal(404, "There is no such page.")
    return visit.desk.sign_in_service


def _failed(visit: Visit, error: NotSignedIn) -> Refusal:
    log.warning("not signed in by the outside service", why=str(error))
    with visit.desk.store.writing() as connection:
        visit.log(connection, Deed.FAILED_TO_SIGN_IN, "", why=str(error)[:200])
    return Refusal(403, "Signing in there did not work. Try again, or ask an administrator.")
