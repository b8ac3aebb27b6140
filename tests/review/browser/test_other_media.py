"""A flag and the ledger on paper, and the desk in colours that the reader forces on it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from domain.people import Role
from storage.flags import load_flag
from storage.users import change_preferences
from tests.review.browser.conftest import Opener
from tests.review.browser.test_deciding import fee_flag
from tests.review.office import Office

pytestmark = pytest.mark.browser

A4 = {"width": 718, "height": 1000}
"""What A4 with margins of 10 mm has, in CSS pixels."""


def seen(page: Page, selector: str) -> int:
    """How many of these can be seen."""
    return sum(1 for node in page.locator(selector).all() if node.is_visible())


@pytest.mark.parametrize("where", ["flag", "ledger"])
def test_on_paper_stands_the_evidence_and_nothing_to_press(browse: Opener, office: Office, where: str) -> None:
    number = fee_flag(office)
    person = office.person("ana", Role.REVIEWER)
    with office.store.writing() as connection:
        change_preferences(connection, person.id, language="en", timezone="", theme="dark")
    page = browse(f"/flags/{number}" if where == "flag" else "/claims", viewport=A4)
    page.emulate_media(media="print")
    assert seen(page, "form, button, .button, kbd, nav, .tabs") == 0
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    inks = page.evaluate("[...document.querySelectorAll('h1, .card, td')].map((node) => getComputedStyle(node).color)")
    assert set(inks) == {"rgb(28, 36, 39)"}, "black on white, whatever the screen has"
    said = page.locator("main").inner_text()
    assert f"Claimwatch, {office.url}{page.evaluate('location.pathname')}, as of " in said
    if where == "flag":
        with office.store.reading() as connection:
            flag = load_flag(connection, number).flag
        assert flag.snapshot_before in said
        assert flag.snapshot_after in said
        assert office.desk.sources[flag.source].url in page.evaluate(
            "[...document.querySelectorAll('main a')].map((a) => getComputedStyle(a, '::after').content).join(' ')"
        )


def test_in_forced_colours_what_is_chosen_and_what_is_told_keep_an_edge(browse: Opener, office: Office) -> None:
    page = browse(f"/flags/{fee_flag(office)}", forced_colors="active")
    edges = page.locator(".tag").evaluate_all("all => all.map((node) => getComputedStyle(node).borderTopWidth)")
    assert edges
    assert set(edges) == {"1px"}
    ground, chosen, other = (
        page.locator(selector).first.evaluate(f"node => getComputedStyle(node).{what}")
        for selector, what in (
            ("html", "backgroundColor"),
            (".tabs a[aria-current]", "borderBottomColor"),
            (".tabs a:not([aria-current])", "borderBottomColor"),
        )
    )
    assert other == ground
    assert chosen != ground
    room = page.locator(".top nav a[aria-current]").evaluate("node => getComputedStyle(node).outlineStyle")
    assert room == "solid"


def test_nothing_glides_where_the_reader_wants_no_motion(browse: Opener) -> None:
    page = browse("/guide", reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    moving = page.evaluate(
        "[...document.querySelectorAll('*')].filter((node) => {"
        " const style = getComputedStyle(node);"
        " return parseFloat(style.transitionDuration) > 0 || style.animationName !== 'none' }).length"
    )
    assert moving == 0
