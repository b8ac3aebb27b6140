"""Deciding in a real browser: by keys alone, beside another reviewer, on a stale page, and without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from domain.flags import FlagState, ReviewVerdict, Severity
from domain.people import Role
from domain.snapshots import Origin
from storage.checks import record_check
from storage.flags import decide_flag, list_flags, load_flag, open_flag
from tests.review.browser.conftest import Opener
from tests.review.office import Office
from tests.storage.builders import fee_change, flag, good

pytestmark = pytest.mark.browser


def more_flags(office: Office, number: int) -> None:
    """Flags on invented fees, each a decision of its own."""
    for at in range(number):
        key = f"fees{at}#permit_fee"
        change = fee_change(1000 + at, 1100 + at, key=key)
        check = good(
            f"<p>The permit costs {1100 + at} dollars.</p>",
            at=office.clock(),
            source=f"fees{at}",
            changes=[change],
            origin=Origin.FETCHED,
        )
        with office.store.writing() as connection:
            kept = record_check(connection, check)
            made = flag(
                f"fee {at}",
                source=f"fees{at}",
                fact=key,
                severity=Severity.MEDIUM,
                before=change.before,
                after=change.after,
                quote_before=change.quote_before,
                quote_after=change.quote_after,
                snapshot_after=check.snapshot.digest if check.snapshot else "",
            )
            open_flag(connection, made, check_id=kept.id, at=office.clock())


def fee_flag(office: Office) -> int:
    """The flag on a fee that rose."""
    with office.store.reading() as connection:
        return next(item.id for item in list_flags(connection) if item.flag.fact == "talent-stream#processing_fee")


def verdicts(office: Office) -> dict[int, ReviewVerdict]:
    with office.store.reading() as connection:
        decided = list_flags(connection, state=FlagState.DECIDED)
    return {item.id: item.review.verdict for item in decided if item.review is not None}


def number_of(page: Page) -> int:
    found = re.search(r"/flags/(\d+)", page.url)
    assert found is not None, page.url
    return int(found[1])


def press(page: Page, key: str) -> None:
    """Press a key that leads to another page, and wait until that is there."""
    with page.expect_navigation():
        page.keyboard.press(key)


def test_ten_flags_are_decided_by_keys_and_the_last_is_undone(browse: Opener, office: Office) -> None:
    more_flags(office, 4)
    page = browse("/flags")
    page.keyboard.press("j")
    press(page, "Enter")
    decided: dict[int, ReviewVerdict] = {}
    order = tuple(ReviewVerdict)
    for turn in range(10):
        number = number_of(page)
        assert number not in decided
        press(page, str(turn % 7 + 1))
        decided[number] = order[turn % 7]
        expect(page.get_by_role("status")).to_contain_text(f"Flag {number} is decided")
    assert verdicts(office) == decided
    press(page, "u")
    assert number_of(page) == number
    expect(page.get_by_role("status")).to_contain_text("open again")
    assert number not in verdicts(office)


def test_a_note_is_typed_without_deciding_anything(browse: Opener, office: Office) -> None:
    fee = fee_flag(office)
    page = browse(f"/flags/{fee}")
    page.keyboard.press("e")
    page.keyboard.type("1, 2 and 3 are all wrong: u n m")
    assert page.url.endswith(f"/flags/{fee}")
    page.keyboard.press("Escape")
    press(page, "1")
    with office.store.reading() as connection:
        review = load_flag(connection, fee).review
    assert review is not None
    assert (review.verdict, review.note) == (ReviewVerdict.GUIDE_WRONG, "1, 2 and 3 are all wrong: u n m")


def test_two_reviewers_at_once_see_each_other_and_one_takes_over_by_a_key(browse: Opener, office: Office) -> None:
    fee = fee_flag(office)
    browse(f"/flags/{fee}", name="ana")
    bo = browse(f"/flags/{fee}", name="bo")
    expect(bo.get_by_text("ana is at this flag until")).to_be_visible()
    press(bo, "t")
    expect(bo.get_by_text("ana is at this flag until")).to_have_count(0)
    press(bo, "7")
    assert verdicts(office) == {fee: ReviewVerdict.NO_IMPACT}


def test_a_stale_page_is_refused_with_its_note_kept(browse: Opener, office: Office) -> None:
    fee = fee_flag(office)
    page = browse(f"/flags/{fee}")
    page.get_by_label("Note").fill("a thought that took a while")
    with office.store.writing() as connection:
        decide_flag(connection, fee, verdict=ReviewVerdict.COSMETIC, note="", by="bo", at=office.clock())
    page.keyboard.press("Escape")
    press(page, "1")
    expect(page.get_by_role("alert")).to_contain_text("bo was here while you looked")
    expect(page.get_by_label("Note")).to_have_value("a thought that took a while")
    assert verdicts(office) == {fee: ReviewVerdict.COSMETIC}


def test_views_and_passages_open_by_keys(browse: Opener, office: Office) -> None:
    fee = fee_flag(office)
    page = browse(f"/flags/{fee}")
    for key, shown in {"s": ".sides", "i": "p.wording"}.items():
        press(page, key)
        expect(page.locator(f"#words {shown}").first).to_be_visible()
    page.keyboard.press("w")
    expect(page.locator("#words details")).to_have_attribute("open", "")
    press(page, "n")
    assert number_of(page) != fee
    press(page, "q")
    assert page.url.rstrip("?").endswith("/flags")


def test_only_identical_changes_can_be_selected_together(browse: Opener) -> None:
    page = browse("/flags")
    page.keyboard.press("j")
    page.keyboard.press("x")
    boxes = page.locator("[data-same]")
    assert boxes.nth(0).is_checked()
    assert boxes.nth(1).is_disabled()
    page.keyboard.press("x")
    assert not boxes.nth(1).is_disabled()


def test_without_javascript_a_flag_is_found_read_decided_and_undone(browse: Opener, office: Office) -> None:
    page = browse("/flags", java_script_enabled=False)
    page.get_by_label("Search").fill("processing fee")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Processing fee").click()
    number = number_of(page)
    expect(page.get_by_text("the employer pays $1,000").first).to_be_visible()
    page.get_by_label("Note").fill("by mouse")
    page.get_by_role("button", name="guide wrong").click()
    assert verdicts(office) == {number: ReviewVerdict.GUIDE_WRONG}
    page.get_by_role("button", name="Undo").click()
    assert verdicts(office) == {}


def test_a_viewer_has_no_keys_that_decide(browse: Opener, office: Office) -> None:
    page = browse(f"/flags/{fee_flag(office)}", name="vi", role=Role.VIEWER)
    for key in "1234567tum":
        page.keyboard.press(key)
    page.goto("/flags")
    assert verdicts(office) == {}
