"""Mails as a phone and a desktop lay them out: nothing wider than the screen, whatever words were captured."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from tests.notifications.test_render import HOSTILE, a_digest, hostile_item, mail, part

TABLE = "1 | a very long cell of a table | 3,500 | 391 " * 8


@pytest.mark.parametrize("width", [320, 375, 700])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_mail_is_wider_than_the_screen(chromium: Browser, width: int, scheme: str) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    for language in ("en", "fr"):
        items = tuple(hostile_item(text) for text in (*HOSTILE, TABLE, "anticonstitutionnellement" * 9))
        page.set_content(part(mail(replace(a_digest(language), items=items)), "html"))
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.get_by_role("link", name="Unsubscribe" if language == "en" else "Se désabonner").is_visible()
    context.close()
