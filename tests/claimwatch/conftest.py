"""A site on loopback with one page of fees, and an empty store: what the service is tried on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.store import Store, open_store
from tests.site import Answer, Site, fee_page, site


@pytest.fixture
def pages() -> Iterator[Site]:
    with site() as running:
        running.pages["/fee"] = Answer(fee_page("$1,000"))
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'watch.db'}")
    yield opened
    opened.close()
