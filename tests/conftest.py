"""What every room's tests share: the collection of real pages, which lies outside the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("unhurried", settings(), deadline=None)
settings.load_profile("unhurried")
"""No example fails for its time: machines differ, and are shared."""


@pytest.fixture(scope="session")
def real_pages() -> Path:
    """The folder of real captures. Where it is not there, the test is skipped and says so."""
    root = Path(os.environ.get("CLAIMWATCH_REAL_PAGES") or Path(__file__).parents[2] / "shared" / "pages")
    if not (root / "watched" / "manifest.jsonl").is_file():
        pytest.skip(f"no collection of real pages at {root}: set CLAIMWATCH_REAL_PAGES to its folder")
    return root
