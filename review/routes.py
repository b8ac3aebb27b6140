"""Every address of the desk, with what it takes to be let in: the one table that the app is made from.

A page that is not in it does not exist; a test walks the table with every role.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from domain.people import Role, Scope
from review.api import cases, flag_models, history, ledger, models
from review.api import flags as api_flags
from review.api import people as api_people
from review.api.app import Call
from review.endpoints import (
    account,
    captures,
    claims,
    comparing,
    digest,
    feeds,
    flags,
    guide,
    home,
    outside,
    people,
    queue,
    requests,
    signin,
    source,
    sources,
    subscriptions,
    trial,
)
from review.visit import Visit

Endpoint = Callable[[Visit], Response]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One row. unsigned: a POST that is proven by what it holds (a password, a signed link), not by a session's mark.

    feed: a feed token in the address opens it, too, and it is open to all where the status page is.
    """

    method: str
    path: str
    endpoint: Endpoint
    role: Role
    unsigned: bool = False
    feed: bool = False


def _get(path: str, endpoint: Endpoint, role: Role) -> Page:
    return Page(method="GET", path=path, endpoint=endpoint, role=role)


def _feed(path: str, endpoint: Endpoint) -> Page:
    return Page(method="GET", path=path, endpoint=endpoint, role=Role.VIEWER, feed=True)


def _post(path: str, endpoint: Endpoint, role: Role, *, unsigned: bool = False) -> Page:
    return Page(method="POST", path=path, endpoint=endpoint, role=role, unsigned=unsigned)


PAGES: tuple[Page, ...] = (
    _get("/", home.home, Role.VIEWER),
    _get("/status", home.status, Role.PUBLIC),
    _get("/healthz", home.health, Role.PUBLIC),
    _get("/sign-in", signin.form, Role.PUBLIC),
    _post("/sign-in", signin.sign_in, Role.PUBLIC, unsigned=True),
    _get("/sign-in/outside", outside.leave, Role.PUBLIC),
    _get("/sign-in/outside/back", outside.come_back, Role.PUBLIC),
    _post("/sign-out", signin.sign_out, Role.VIEWER),
    _get("/enter/{secret}", signin.entrance, Role.PUBLIC),
    _post("/enter/{secret}", signin.enter, Role.PUBLIC, unsigned=True),
    _feed("/feeds/changes.atom", feeds.changes_atom),
    _feed("/feeds/changes.json", feeds.changes_json),
    _feed("/feeds/dates.ics", feeds.dates),
    _get("/account", account.account, Role.VIEWER),
    _post("/account/preferences", account.prefer, Role.VIEWER),
    _post("/account/password", account.change_password, Role.VIEWER),
    _post("/account/sessions", account.end, Role.VIEWER),
    _post("/account/tokens", account.make_token, Role.VIEWER),
    _post("/account/tokens/revoke", account.revoke, Role.VIEWER),
    _get("/people", people.people, Role.ADMIN),
    _post("/people", people.add, Role.ADMIN),
    _get("/people/{number}", people.person, Role.ADMIN),
    _post("/people/{number}/link", people.make_link, Role.ADMIN),
    _post("/people/{number}/role", people.give_role, Role.ADMIN),
    _post("/people/{number}/state", people.let_in, Role.ADMIN),
    _post("/people/{number}/outside", people.name_outside, Role.ADMIN),
    _post("/people/{number}/sessions", people.end_all, Role.ADMIN),
    _post("/people/{number}/tokens", people.revoke, Role.ADMIN),
    _get("/audit", people.audit, Role.ADMIN),
    _get("/subscribe", subscriptions.sign_up, Role.PUBLIC),
    _post("/subscribe", subscriptions.asked, Role.PUBLIC, unsigned=True),
    _get("/confirm/{token}", subscriptions.confirmation, Role.PUBLIC),
    _post("/confirm/{token}", subscriptions.confirmed, Role.PUBLIC, unsigned=True),
    _get("/preferences/{token}", subscriptions.preferences, Role.PUBLIC),
    _post("/preferences/{token}", subscriptions.changed, Role.PUBLIC, unsigned=True),
    _get("/unsubscribe/{token}", subscriptions.leaving, Role.PUBLIC),
    _post("/unsubscribe/{token}", subscriptions.left, Role.PUBLIC, unsigned=True),
    _get("/digest/{token}", digest.digest, Role.PUBLIC),
    _post("/language", signin.language, Role.PUBLIC, unsigned=True),
    _get("/flags", queue.queue, Role.VIEWER),
    _post("/flags/decide", queue.decide_selected, Role.REVIEWER),
    _get("/flags/{number}", flags.flag, Role.VIEWER),
    _post("/flags/{number}/decide", flags.decide, Role.REVIEWER),
    _post("/flags/{number}/undo", flags.undo, Role.REVIEWER),
    _post("/flags/{number}/take", flags.take, Role.REVIEWER),
    _post("/flags/{number}/assign", flags.hand, Role.REVIEWER),
    _post("/flags/{number}/snooze", flags.rest, Role.REVIEWER),
    _post("/flags/{number}/due", flags.due, Role.REVIEWER),
    _get("/claims", claims.claims, Role.VIEWER),
    _get("/claims/{claim}", claims.claim, Role.VIEWER),
    _get("/guide", guide.guide, Role.VIEWER),
    _get("/sources", sources.sources, Role.VIEWER),
    _get("/sources/new", requests.new_source, Role.REVIEWER),
    _post("/sources/new", requests.look, Role.REVIEWER),
    _get("/sources/{id}", source.source, Role.VIEWER),
    _post("/sources/{id}/check", source.check, Role.REVIEWER),
    _get("/sources/{id}/compare", comparing.compare, Role.VIEWER),
    _get("/sources/{id}/try", trial.form, Role.REVIEWER),
    _post("/sources/{id}/try", trial.try_rules, Role.REVIEWER),
    _get("/requests/{number}", requests.request, Role.VIEWER),
    _get("/captures/{digest}", captures.capture, Role.VIEWER),
    _get("/captures/{digest}/frame", captures.frame, Role.VIEWER),
    _get("/captures/{digest}/raw", captures.raw, Role.VIEWER),
)


def _read(path: str, endpoint: Callable[..., Any], shape: Any, *, scope: Scope = Scope.READ) -> Call:
    return Call(method="GET", path=path, endpoint=endpoint, scope=scope, shape=shape)


def _do(path: str, endpoint: Callable[..., Any], shape: Any, *, status: int = 200) -> Call:
    return Call(method="POST", path=path, endpoint=endpoint, scope=Scope.DECIDE, shape=shape, status=status)


CALLS: tuple[Call, ...] = (
    _read("/me", api_people.myself, models.Myself),
    _read("/status", ledger.status, models.Document),
    _read("/export", ledger.export, models.Document),
    _read("/sources", ledger.sources, models.Sources),
    _read("/sources/{name}", ledger.source, models.Source),
    _read("/facts", ledger.facts, models.Facts),
    _read("/claims", ledger.claims, models.Claims),
    _read("/claims/{name}", ledger.claim, models.Claim),
    _read("/flags", api_flags.flags, flag_models.Flags),
    _read("/flags/{number}", api_flags.flag, flag_models.FlagDetail),
    _do("/flags/{number}/decision", api_flags.decide, flag_models.FlagDetail),
    _do("/flags/{number}/undo", api_flags.undo, flag_models.FlagDetail),
    _read("/flags/{number}/case", cases.case, flag_models.Case),
    _do("/flags/{number}/case/decision", cases.decide, flag_models.Case),
    _do("/flags/{number}/case/undo", cases.undo, flag_models.Case),
    _do("/flags/{number}/case/assignment", cases.assign, flag_models.Case),
    _do("/flags/{number}/case/snooze", cases.snooze, flag_models.Case),
    _read("/checks", history.checks, models.Checks),
    _read("/checks/{number}", history.check, models.Check),
    _read("/changes", history.changes, models.Changes),
    _read("/captures", history.captures, models.Captures),
    _read("/captures/{digest}", history.capture, models.Capture),
    _read("/captures/{digest}/body", history.body, None),
    _read("/requests", api_people.requests, models.Requests),
    _do("/requests", api_people.ask, models.VisitRequest, status=201),
    _read("/requests/{number}", api_people.request, models.VisitRequest),
    _read("/users", api_people.users, models.Users, scope=Scope.ADMIN),
    _read("/audit", api_people.audit, models.Acts, scope=Scope.ADMIN),
)
"""The calls of the API, under `/api/v1`, each with the scope that its token must have."""
