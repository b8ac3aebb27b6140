"""The ledger's pages with an address of their own: nothing for axe, no sideways scrolling, and all without JavaScript."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.review.browser.conftest import Opener
from tests.review.browser.test_every_page import WIDTHS

pytestmark = pytest.mark.browser

PATHS = ("/claims?standing=unsafe", "/claims/talent.fee", "/claims/closing.weather", "/guide?show=unsafe")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_and_nothing_overflows(browse: Opener, path: str, scheme: str, width: str) -> None:
    page = browse(path, color_scheme=scheme, viewport=WIDTHS[width], locale="fr-CA" if scheme == "dark" else "en-CA")
    found = Axe().run(
        page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    )
    assert found.response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_an_editor_finds_what_is_not_safe_without_javascript(browse: Opener) -> None:
    page = browse("/guide", java_script_enabled=False)
    page.get_by_role("link", name="only what is not safe").click()
    page.locator(".guide .said-contradicted").first.click()
    assert "/claims/" in page.url
    page.get_by_role("link", name="Read on in the guide").first.click()
    assert page.locator(":target").count() == 1


def test_the_ledger_is_filtered_without_javascript(browse: Opener) -> None:
    page = browse("/claims", java_script_enabled=False)
    page.get_by_label("Standing").select_option("contradicted")
    page.get_by_role("button", name="Show").click()
    assert page.locator("tbody .standing-contradicted").count() == page.locator("tbody tr").count() > 0
