"""The rooms of sources, captures and requests in a real browser: axe finds nothing, a phone scrolls one way only, and all
of it is done without a script.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from domain.people import Role
from domain.requests import RequestKind, RequestState
from storage.requests import answer, ask, take
from tests.review.browser.conftest import Opener
from tests.review.browser.test_every_page import WIDTHS
from tests.review.office import Office
from tests.review.test_requests import ADDRESS, proposed
from tests.review.test_source import NAME, kept

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def proposal(office: Office) -> str:
    with office.store.writing() as connection:
        number = ask(connection, kind=RequestKind.LOOK, subject=ADDRESS, by="ana", now=office.clock())
        taken = take(connection, owner="service", now=office.clock(), lease=timedelta(minutes=5))
        assert taken is not None
        answer(connection, taken, state=RequestState.DONE, result=proposed(), now=office.clock())
    return f"/requests/{number}"


def waiting(office: Office) -> str:
    with office.store.writing() as connection:
        number = ask(connection, kind=RequestKind.CHECK, subject=NAME, by="ana", now=office.clock())
    return f"/requests/{number}"


def comparison(office: Office) -> str:
    digests = kept(office)
    return f"/sources/{NAME}/compare?before={digests[-1]}&after={digests[0]}"


ADDRESSES = {
    "source": lambda office: f"/sources/{NAME}",
    "source in trouble": lambda office: "/sources/permit-times",
    "source on a day": lambda office: f"/sources/{NAME}?day=2020-01-01",
    "comparison": comparison,
    "try": lambda office: f"/sources/{NAME}/try",
    "capture": lambda office: f"/captures/{kept(office)[0]}",
    "capture as kept": lambda office: f"/captures/{kept(office)[0]}?view=page",
    "request": waiting,
    "proposal": proposal,
}


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browse: Opener, office: Office, name: str, scheme: str) -> None:
    page = browse(ADDRESSES[name](office), name="root", role=Role.ADMIN, color_scheme=scheme)
    for details in page.locator("details").all():
        details.evaluate("node => { node.open = true }")
    found = Axe().run(page, options={"runOnly": RULES, "iframes": False})
    assert found.response["violations"] == []


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_phone_needs_no_sideways_scrolling_and_the_policy_is_kept(browse: Opener, office: Office, name: str) -> None:
    page = browse("/sign-in", name="root", role=Role.ADMIN, viewport=WIDTHS["phone"])
    said: list[str] = []
    # What the policy of the frame keeps a captured page from is no fault of ours.
    page.on(
        "console",
        lambda message: (
            said.append(message.text)
            if message.type in ("error", "warning") and not message.location["url"].endswith("/frame")
            else None
        ),
    )
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(ADDRESSES[name](office))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert said == []


def test_without_a_script_a_reviewer_compares_tries_and_asks(browse: Opener, office: Office) -> None:
    page = browse(f"/sources/{NAME}", java_script_enabled=False)
    page.get_by_role("button", name="Compare the two").click()
    expect(page.get_by_role("heading", name="Facts that differ")).to_be_visible()
    page.goto(f"/sources/{NAME}/try")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("heading", name="5 of 5 located")).to_be_visible()
    page.goto(f"/sources/{NAME}")
    page.get_by_role("button", name="Visit it now").click()
    expect(page.get_by_text("waits", exact=True)).to_be_visible()
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_text("waits", exact=True)).to_be_visible()


def test_a_request_is_followed_without_loading_the_page_again(browse: Opener, office: Office) -> None:
    page = browse(waiting(office))
    page.evaluate("window.mark = 'still here'")
    with office.store.writing() as connection:
        taken = take(connection, owner="service", now=office.clock(), lease=timedelta(minutes=5))
        assert taken is not None
        number = connection.exec_driver_sql("SELECT max(id) FROM checks").scalar_one()
        answer(connection, taken, state=RequestState.DONE, result=str(number), now=office.clock())
    expect(page.get_by_role("heading", name="What came of it")).to_be_visible(timeout=15_000)
    assert page.evaluate("window.mark") == "still here"
    assert page.locator("[hx-get]").count() == 0


def test_a_proposal_appears_where_it_was_waited_for(browse: Opener, office: Office) -> None:
    with office.store.writing() as connection:
        number = ask(connection, kind=RequestKind.LOOK, subject=ADDRESS, by="ana", now=office.clock())
    page = browse(f"/requests/{number}")
    with office.store.writing() as connection:
        taken = take(connection, owner="service", now=office.clock(), lease=timedelta(minutes=5))
        assert taken is not None
        answer(connection, taken, state=RequestState.DONE, result=proposed(), now=office.clock())
    page.get_by_role("button", name="Write the entry with these").click(timeout=15_000)
    page.wait_for_url("**chosen=yes**")
    expect(page.get_by_role("textbox", name="Entry")).to_have_value(re.compile("facts:"))


def test_the_keys_lead_through_a_source(browse: Opener, office: Office) -> None:
    page = browse("/sources")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("talent")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sources?q=talent**")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/sources/{NAME}")
    page.keyboard.press("c")
    page.wait_for_url("**/compare?**")
