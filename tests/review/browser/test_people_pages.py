"""The pages of people, of the account and of the log as people meet them: filled, shown once, without JavaScript."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from domain.people import Role
from tests.review.browser.conftest import Opener
from tests.review.office import Office

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def proven(page: Page) -> None:
    assert Axe().run(page, options=RULES).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_letting_somebody_in_has_no_barrier_at_any_step(office: Office, browse: Opener, scheme: str) -> None:
    phone = {"width": 375, "height": 800}
    page = browse("/people", name="root", role=Role.ADMIN, color_scheme=scheme, viewport=phone)
    page.get_by_label("Name", exact=True).fill("Zoë")
    page.get_by_role("button", name="Add and make a sign-in link").click()
    expect(page.get_by_text("/enter/")).to_be_visible()
    proven(page)
    page.goto("/people")
    page.get_by_role("link", name="Zoë").click()
    expect(page.get_by_role("heading", name="Zoë")).to_be_visible()
    proven(page)
    page.get_by_role("button", name="Shut out").click()
    expect(page.get_by_role("button", name="Let in again")).to_be_visible()
    proven(page)
    page.goto("/audit?by=root")
    expect(page.get_by_role("cell", name="shut out")).to_be_visible()
    proven(page)


def test_a_token_is_made_and_revoked_without_javascript_in_french(office: Office, browse: Opener) -> None:
    page = browse("/account", java_script_enabled=False, locale="fr-CA")
    page.get_by_label("À quoi il sert").fill("lecteur de fils")
    page.get_by_label("Portée").select_option("feed")
    page.get_by_role("button", name="Créer").click()
    expect(page.get_by_text("/feeds/changes.atom?token=cw_")).to_be_visible()
    page.get_by_role("button", name="Révoquer le jeton lecteur de fils").click()
    expect(page.get_by_text("lecteur de fils")).to_have_count(0)


def test_the_account_in_the_dark_on_a_phone_has_no_barrier(browse: Opener) -> None:
    page = browse("/account", color_scheme="dark", viewport={"width": 375, "height": 800})
    page.get_by_label("What it is for").fill("nightly")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_text("This token is shown once")).to_be_visible()
    proven(page)
