"""A real Chromium. Where there is none, these tests are skipped and say so."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from domain.people import Role
from tests.review.office import Office, opened

CHROMIUM = os.environ.get("CLAIMWATCH_TEST_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture
def office(demo_home: Path, tmp_path: Path) -> Iterator[Office]:
    """A desk that is open to new readers too, so that every page is there to be seen."""
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    with opened(home, public=True) as office:
        yield office


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    if not Path(CHROMIUM).is_file():
        pytest.skip(f"no Chromium at {CHROMIUM}: install it, or set CLAIMWATCH_TEST_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_QUIET))
        yield browser
        browser.close()


Opener = Callable[..., Page]


@pytest.fixture
def browse(chromium: Browser, office: Office) -> Iterator[Opener]:
    """`browse(path, name=…, role=…, **context)` opens a page of the desk in a browser of its own."""
    contexts = []

    def open_page(path: str, *, name: str | None = "ana", role: Role = Role.REVIEWER, **options: object) -> Page:
        context = chromium.new_context(base_url=office.url, **options)  # type: ignore[arg-type]
        contexts.append(context)
        if name is not None:
            context.add_cookies(
                [{"name": office.desk.access.cookie, "value": office.session(name, role), "url": office.url}]
            )
        page = context.new_page()
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
