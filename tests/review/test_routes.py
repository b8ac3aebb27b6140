"""The table of pages: every address asks for its role, and nothing is served that does not stand in it."""

from __future__ import annotations

import re

import pytest
from starlette.routing import Mount, Route

from domain.people import Role, Scope
from review.api.app import Call, create_api
from review.app import create_app
from review.routes import CALLS, PAGES, Page
from tests.review.office import Office


def address(page: Page) -> str:
    """An address of the page, with something in place of each of its parts."""
    return re.sub(r"\{[^}]+\}", "1", page.path)


def test_the_app_serves_the_table_and_nothing_else(office: Office) -> None:
    served = {
        (route.path, *sorted((route.methods or set()) - {"HEAD"}))
        for route in create_app(office.desk).routes
        if isinstance(route, Route)
    }
    assert served == {(page.path, page.method) for page in PAGES}
    assert [route.path for route in create_app(office.desk).routes if isinstance(route, Mount)] == [
        "/api/v1",
        "/static",
    ]


def test_the_api_serves_its_table_its_description_and_nothing_else(office: Office) -> None:
    routes = create_api(office.desk, CALLS).routes
    assert all(isinstance(route, Route) for route in routes)
    served = {(route.path, method) for route in routes if isinstance(route, Route) for method in route.methods or ()}
    assert served == {(call.path, call.method) for call in CALLS} | {
        ("/openapi.json", "GET"),
        ("/openapi.json", "HEAD"),
    }
    described = office.client(None).get("/api/v1/openapi.json").json()["paths"]
    assert {(path, method.upper()) for path, methods in described.items() for method in methods} == {
        (call.path, call.method) for call in CALLS
    }


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.role is not Role.PUBLIC], ids=lambda page: f"{page.method} {page.path}"
)
def test_a_stranger_is_let_in_nowhere(office: Office, page: Page) -> None:
    answer = office.client(None).client.request(page.method, address(page))
    if page.method == "GET" and not page.feed:
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?next=")
    else:
        assert answer.status_code == 401


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.method} {page.path}")
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PUBLIC])
def test_a_role_gets_what_it_holds_and_no_more(office: Office, page: Page, role: Role) -> None:
    if role.holds(page.role):
        return
    answer = office.client("ana", role).client.request(page.method, address(page))
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.method == "POST" and not page.unsigned], ids=lambda page: page.path
)
def test_a_form_without_its_mark_or_from_elsewhere_is_refused(office: Office, page: Page) -> None:
    client = office.client("root", Role.ADMIN)
    assert client.post(address(page)).status_code == 403
    assert client.post(address(page), mark="0" * 64).status_code == 403
    client.client.headers["origin"] = "https://elsewhere.example"
    assert client.post(address(page), on="/").status_code == 403


def call_address(call: Call) -> str:
    """An address of the call that is as described, with something in place of each of its parts."""
    path = call.path.replace("{number}", "1").replace("{digest}", "0" * 64).replace("{name}", "none")
    return f"/api/v1{path}" + ("?source=none" if call.path == "/captures" else "")


def test_the_api_looks_at_nothing_before_the_token(office: Office) -> None:
    signed_in = office.client("root", Role.ADMIN)
    for call in CALLS:
        for headers in ({}, {"authorization": "Bearer nonsense"}, {"authorization": "Basic cm9vdDpyb290"}):
            answer = signed_in.client.request(call.method, call_address(call), headers=headers, content="{")
            assert answer.status_code == 401, call.path
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("scope", list(Scope))
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PUBLIC])
def test_a_token_does_what_its_scope_and_its_persons_role_hold_and_no_more(
    office: Office, role: Role, scope: Scope
) -> None:
    client = office.api("ana", role, scope)
    for call in CALLS:
        status = client.request(call.method, office.url + call_address(call)).status_code
        if scope is Scope.FEED:
            assert status == 401, call.path
        elif scope.holds(call.scope) and role.holds(call.scope.role):
            assert status in (200, 404, 422), call.path
        else:
            assert status == 403, call.path
