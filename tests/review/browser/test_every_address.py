"""Every page with an address of its own in a real browser, light and dark, on a phone: as test_every_page, for the rest."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from domain.digests import Frequency, SubscriberState
from domain.people import Role
from domain.requests import RequestState
from notifications.tokens import confirm_url, preferences_url, unsubscribe_url
from review.routes import PAGES
from storage.subscribers import add_subscriber, find_subscriber
from tests.review.browser.conftest import Opener
from tests.review.browser.test_every_page import WIDTHS
from tests.review.browser.test_source_pages import RULES, comparison, proposal, waiting
from tests.review.office import SECRET, Office
from tests.review.test_requests import ADDRESS, asked, settled
from tests.review.test_source import NAME, kept

pytestmark = pytest.mark.browser


def entrance(office: Office) -> str:
    """A one-time link that nobody used yet."""
    given = office.client("root", Role.ADMIN).post("/people", on="/people", name="Zoë Tremblay", role="reviewer")
    found = re.search(r"/enter/[\w.-]+", given.text)
    assert found is not None
    return found[0]


def person(office: Office) -> str:
    return f"/people/{office.person('bo').id}"


def confirmation(office: Office) -> str:
    stranger = office.client(None)
    stranger.post("/subscribe", address="new@example.org", frequency="daily", hour="7", timezone="UTC", language="en")
    with office.store.reading() as connection:
        reader = find_subscriber(connection, "new@example.org")
    assert reader is not None
    assert reader.state is SubscriberState.PENDING
    assert reader.asked_at is not None
    return confirm_url("", reader.id, reader.asked_at, secrets=(SECRET,))


def reader(office: Office) -> int:
    with office.store.writing() as connection:
        return add_subscriber(
            connection, address="reader@example.org", frequency=Frequency.DAILY, now=office.clock()
        ).id


def failed(office: Office) -> str:
    number = asked(office, ADDRESS)
    settled(office, number, RequestState.FAILED, "dns: no address for office.example")
    return f"/requests/{number}"


ADDRESSES: dict[str, tuple[str, Callable[[Office], str]]] = {
    "link": ("/enter/{secret}", entrance),
    "link that was used": ("/enter/{secret}", lambda office: "/enter/nothing"),
    "person": ("/people/{number}", person),
    "confirmation": ("/confirm/{token}", confirmation),
    "preferences": (
        "/preferences/{token}",
        lambda o: preferences_url("", reader(o), secrets=o.desk.front_desk.secrets),
    ),
    "digest that is not ours": ("/digest/{token}", lambda office: "/digest/7-7.nothing"),
    "leaving": ("/unsubscribe/{token}", lambda office: unsubscribe_url("", reader(office), secrets=(SECRET,))),
    "flag": ("/flags/{number}", lambda office: "/flags/2"),
    "flag in rows": ("/flags/{number}", lambda office: "/flags/3?show=table"),
    "claim": ("/claims/{claim}", lambda office: "/claims/talent.fee"),
    "source": ("/sources/{id}", lambda office: f"/sources/{NAME}"),
    "comparison": ("/sources/{id}/compare", comparison),
    "rules to try": ("/sources/{id}/try", lambda office: f"/sources/{NAME}/try"),
    "request": ("/requests/{number}", waiting),
    "request that failed": ("/requests/{number}", failed),
    "proposal": ("/requests/{number}", proposal),
    "capture": ("/captures/{digest}", lambda office: f"/captures/{kept(office)[0]}"),
    "capture as kept": ("/captures/{digest}", lambda office: f"/captures/{kept(office)[0]}?view=page"),
    "no such page": ("", lambda office: "/nothing/here"),
}
NO_PAGES = {"/captures/{digest}/frame", "/captures/{digest}/raw"}
"""What a browser gets as it was captured, in a frame that forbids all or as a file."""


def proven(page: Page) -> None:
    for details in page.locator("details").all():
        details.evaluate("node => { node.open = true }")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found = Axe().run(page, options={"runOnly": RULES, "iframes": False})
        assert found.response["violations"] == [], scheme
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_no_address_is_forgotten() -> None:
    there = {page.path for page in PAGES if page.method == "GET" and "{" in page.path}
    assert there - NO_PAGES == {pattern for pattern, _ in ADDRESSES.values() if pattern}


@pytest.mark.parametrize("name", ADDRESSES)
def test_axe_finds_nothing_in_either_light_and_nothing_overflows_a_phone(
    browse: Opener, office: Office, name: str
) -> None:
    pattern, address = ADDRESSES[name]
    role = next((page.role for page in PAGES if page.path == pattern and page.method == "GET"), Role.VIEWER)
    who = None if role is Role.PUBLIC else "root"
    proven(browse(address(office), name=who, role=Role.ADMIN, viewport=WIDTHS["phone"], locale="fr-CA"))


def test_what_is_refused_before_anybody_is_known_is_a_page_like_others(browse: Opener, office: Office) -> None:
    page = browse(f"/sources/{NAME}/try", viewport=WIDTHS["phone"])
    page.locator("textarea").first.evaluate("node => { node.value = 'x'.repeat(300000) }")
    page.get_by_role("button", name="Try it").click()
    page.get_by_role("heading", name="That is too much at once").wait_for()
    proven(page)


@pytest.mark.parametrize("locale", ["en-CA", "fr-CA"])
def test_every_room_can_be_reached_on_a_phone_without_scrolling_its_bar(browse: Opener, locale: str) -> None:
    page = browse("/", name="root", role=Role.ADMIN, viewport=WIDTHS["phone"], locale=locale)
    boxes = [link.bounding_box() for link in page.locator(".top nav a").all()]
    assert len(boxes) == 6
    assert all(box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 375 for box in boxes)
