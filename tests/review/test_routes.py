"""The table of pages: every address asks for its role, and nothing is served that does not stand in it."""

from __future__ import annotations

import re

import pytest
from starlette.routing import Mount, Route

from domain.people import Role
from review.app import create_app
from review.routes import PAGES, Page
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
    assert [route.path for route in create_app(office.desk).routes if isinstance(route, Mount)] == ["/static"]


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.role is not Role.PUBLIC], ids=lambda page: f"{page.method} {page.path}"
)
def test_a_stranger_is_let_in_nowhere(office: Office, page: Page) -> None:
    answer = office.client(None).client.request(page.method, address(page))
    if page.method == "GET":
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
