"""Every address of the desk, with what it takes to be let in: the one table that the app is made from.

A page that is not in it does not exist; a test walks the table with every role.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response

from domain.people import Role
from review.endpoints import captures, home, signin, sources
from review.visit import Visit

Endpoint = Callable[[Visit], Response]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One row. unsigned: a POST that is proven by what it holds (a password, a signed link), not by a session's mark."""

    method: str
    path: str
    endpoint: Endpoint
    role: Role
    unsigned: bool = False


def _get(path: str, endpoint: Endpoint, role: Role) -> Page:
    return Page(method="GET", path=path, endpoint=endpoint, role=role)


def _post(path: str, endpoint: Endpoint, role: Role, *, unsigned: bool = False) -> Page:
    return Page(method="POST", path=path, endpoint=endpoint, role=role, unsigned=unsigned)


PAGES: tuple[Page, ...] = (
    _get("/", home.home, Role.VIEWER),
    _get("/healthz", home.health, Role.PUBLIC),
    _get("/sign-in", signin.form, Role.PUBLIC),
    _post("/sign-in", signin.sign_in, Role.PUBLIC, unsigned=True),
    _post("/sign-out", signin.sign_out, Role.VIEWER),
    _get("/enter/{secret}", signin.entrance, Role.PUBLIC),
    _post("/enter/{secret}", signin.enter, Role.PUBLIC, unsigned=True),
    _post("/language", signin.language, Role.PUBLIC, unsigned=True),
    _get("/sources", sources.sources, Role.VIEWER),
    _get("/captures/{digest}", captures.capture, Role.VIEWER),
    _get("/captures/{digest}/frame", captures.frame, Role.VIEWER),
    _get("/captures/{digest}/raw", captures.raw, Role.VIEWER),
)
