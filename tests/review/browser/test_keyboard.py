"""The whole day of a reviewer without a mouse, and once more without JavaScript: focus is seen, never lost, never caught."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from domain.flags import ReviewVerdict
from domain.people import Role
from domain.requests import RequestState
from review.secrets import hash_password
from storage.flags import load_flag
from storage.requests import answer, take
from storage.users import set_password
from tests.review.browser.conftest import Opener
from tests.review.browser.test_deciding import number_of, press, verdicts
from tests.review.browser.test_source_pages import waiting
from tests.review.office import Office

pytestmark = pytest.mark.browser

PASSWORD = "a sentence that is easy to keep"
MOST_STEPS = 200

_FOCUSED = """() => {
  const node = document.activeElement;
  if (!node || node === document.body || node === document.documentElement) return null;
  const box = node.getBoundingClientRect(), style = getComputedStyle(node);
  const bar = document.querySelector(".top");
  const stuck = getComputedStyle(bar).position === "sticky" ? bar.getBoundingClientRect().bottom : 0;
  return {
    tag: node.tagName.toLowerCase(),
    words: (node.getAttribute("aria-label") || node.textContent || node.name || "").trim().slice(0, 80),
    ringed: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    inView: box.bottom > 0 && box.top < innerHeight && box.width > 0,
    covered: !bar.contains(node) && !node.matches(".skip") && box.bottom <= stuck,
    href: node.getAttribute("href") || "",
  };
}"""


def signed_in_by_keys(page: Page) -> None:
    page.keyboard.type("ana")  # the first field has the focus when the page opens
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    press(page, "Enter")


def with_password(office: Office) -> None:
    person = office.person("ana", Role.REVIEWER)
    with office.store.writing() as connection:
        set_password(connection, person.id, hash_password(PASSWORD))


def focused(page: Page) -> dict[str, Any]:
    """What has the focus, which is there, seen, and not behind the bar at the top."""
    node = page.evaluate(_FOCUSED)
    assert node is not None, page.url
    assert node["ringed"] or node["tag"] == "main", node
    assert node["inView"], node
    assert not node["covered"], node
    return dict(node)


def test_from_signing_in_to_the_ledger_without_a_mouse(browse: Opener, office: Office) -> None:
    with_password(office)
    page = browse("/sign-in", name=None, reduced_motion="reduce")
    signed_in_by_keys(page)
    expect(page.get_by_role("heading", name="Home", level=1)).to_be_visible()

    page.keyboard.press("Tab")
    assert focused(page)["words"] == "Skip to the content"
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.locator("main :focus").count() == 1

    tab_to_room(page, "Queue")
    for key, row in (("j", 0), ("j", 1), ("k", 0), ("j", 1)):
        page.keyboard.press(key)
        focused(page)
        expect(page.locator("[data-row]").nth(row).locator("a").first).to_be_focused()
    press(page, "Enter")

    number = number_of(page)
    page.keyboard.press("w")
    focused(page)
    press(page, "s")
    expect(page.locator("#words .sides").first).to_be_visible()
    page.keyboard.press("e")
    focused(page)
    page.keyboard.type("read by keys, 1 to 7")
    page.keyboard.press("Escape")
    press(page, "3")
    with office.store.reading() as connection:
        review = load_flag(connection, number).review
    assert review is not None
    assert (review.verdict, review.note) == (ReviewVerdict.GUIDE_STILL_RIGHT, "read by keys, 1 to 7")
    press(page, "u")
    assert number_of(page) == number
    assert verdicts(office) == {}

    press(page, "q")
    page.keyboard.press("/")
    expect(page.get_by_label("Search")).to_be_focused()
    page.keyboard.type("fee")
    press(page, "Enter")
    page.keyboard.press("j")
    expect(page.locator("[data-row] a").first).to_be_focused()

    tab_to_room(page, "Ledger")
    page.keyboard.press("/")
    page.keyboard.type("fee")
    press(page, "Enter")
    page.keyboard.press("j")
    press(page, "Enter")
    assert "/claims/" in page.url


def tab_to_room(page: Page, name: str) -> None:
    """Back up to the bar of rooms and into one."""
    for _ in range(MOST_STEPS):
        page.keyboard.press("Shift+Tab")
        if focused(page)["words"] == name:
            press(page, "Enter")
            return
    raise AssertionError(f"{name} cannot be reached on {page.url}")


def test_the_help_of_keys_takes_the_focus_and_gives_it_back(browse: Opener) -> None:
    page = browse("/flags")
    page.keyboard.press("j")
    held = focused(page)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys on this page")
    expect(dialog).to_contain_text("Next and previous row")
    expect(dialog).to_contain_text("Select the row")
    assert page.locator("dialog :focus").count() == 1
    for _ in range(6):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('dialog, body').tagName") in ("DIALOG", "BODY")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert focused(page) == held
    page.get_by_role("button", name="Keys on this page").focus()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()


PLACES = ("/", "/flags", "/flags/2", "/claims", "/claims/talent.fee", "/guide", "/sources", "/sources/talent-stream")


@pytest.mark.parametrize("path", PLACES)
def test_tab_leads_through_the_page_and_out_again_with_its_focus_seen_both_ways(browse: Opener, path: str) -> None:
    page = browse(path, viewport={"width": 1280, "height": 700}, reduced_motion="reduce")
    count = page.evaluate("document.querySelectorAll('a[href], button, input, select, textarea, summary').length")
    page.keyboard.press("Tab")
    first = focused(page)
    seen = 1
    for _ in range(2 * count + 20):
        page.keyboard.press("Tab")
        if page.evaluate(_FOCUSED) is None:
            break
        focused(page)
        seen += 1
    else:
        raise AssertionError("the focus was caught")
    assert seen > 10
    for _ in range(seen):
        page.keyboard.press("Shift+Tab")
        if page.evaluate(_FOCUSED) is None:
            continue
        last = focused(page)
        if last["words"] == first["words"]:
            return
    raise AssertionError("there is no way back")


def test_the_focus_outlives_what_the_page_brings_by_itself(browse: Opener, office: Office) -> None:
    page = browse(waiting(office))
    link = page.get_by_role("link", name="Look again")
    link.focus()
    page.evaluate("document.addEventListener('htmx:afterSettle', () => { document.body.dataset.brought = 'yes' })")
    expect(page.locator("body")).to_have_attribute("data-brought", "yes", timeout=15_000)
    expect(link).to_be_focused()
    with office.store.writing() as connection:
        taken = take(connection, owner="service", now=office.clock(), lease=timedelta(minutes=5))
        assert taken is not None
        number = connection.exec_driver_sql("SELECT max(id) FROM checks").scalar_one()
        answer(connection, taken, state=RequestState.DONE, result=str(number), now=office.clock())
    expect(page.get_by_role("heading", name="What came of it")).to_be_visible(timeout=15_000)
    expect(page.locator("#progress")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.locator("#progress :focus").count() == 1


def test_the_whole_way_by_forms_alone(browse: Opener, office: Office) -> None:
    with_password(office)
    page = browse("/sign-in", name=None, java_script_enabled=False)
    page.get_by_label("Name").fill("ana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("navigation", name="Rooms").get_by_role("link", name="Queue").click()
    page.get_by_label("Harm").select_option("critical")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Processing fee").click()
    number = number_of(page)
    page.get_by_text("What else changed on the page").first.click()
    page.get_by_role("link", name="Side by side").click()
    page.get_by_label("Note").fill("by forms")
    page.get_by_role("button", name="no impact").click()
    assert verdicts(office)[number] is ReviewVerdict.NO_IMPACT
    page.get_by_role("button", name="Undo").click()
    assert verdicts(office) == {}
    page.get_by_role("navigation", name="Rooms").get_by_role("link", name="Ledger").click()
    page.get_by_label("Search").fill("fee")
    page.get_by_role("button", name="Show").click()
    page.locator("[data-row] th a").first.click()
    page.get_by_role("link", name="Read on in the guide").first.click()
    assert re.search(r"/guide#p\d+", page.url)
    page.get_by_role("navigation", name="Rooms").get_by_role("link", name="Sources").click()
    page.locator("[data-row] th a").first.click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.get_by_role("button", name="Keys on this page").count() == 0
