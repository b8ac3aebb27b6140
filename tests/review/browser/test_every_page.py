"""Every page in a real browser: axe finds nothing, nothing overflows a phone, nothing breaks our own content policy."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from domain.people import Role
from review.routes import PAGES
from tests.review.browser.conftest import Opener

pytestmark = pytest.mark.browser

PLAIN = sorted(
    page.path
    for page in PAGES
    if page.method == "GET"
    and "{" not in page.path
    and page.path != "/healthz"
    and not page.feed
    and "outside" not in page.path
)
PLAIN += [*(f"/flags/{number}" for number in range(1, 9)), "/flags/1?show=side", "/flags?view=snoozed", "/flags?q=fee"]
WIDTHS = {"phone": {"width": 375, "height": 800}, "desk": {"width": 1280, "height": 900}}


@pytest.mark.parametrize("path", PLAIN)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browse: Opener, path: str, scheme: str) -> None:
    page = browse(path, name="root", role=Role.ADMIN, color_scheme=scheme)
    found = Axe().run(
        page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    )
    assert found.response["violations"] == []


@pytest.mark.parametrize("path", PLAIN)
def test_a_phone_needs_no_sideways_scrolling_and_the_policy_is_kept(browse: Opener, path: str) -> None:
    page = browse("/sign-in", name="root", role=Role.ADMIN, viewport=WIDTHS["phone"])
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert said == []
