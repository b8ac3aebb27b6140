"""The readers on every real capture of the collection; skipped where the collection is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.checks import Outcome
from monitor.examine import read_source
from monitor.quality import judge_page
from monitor.read import fingerprint, quick_fingerprint
from tests.ledger.captures import real_captures

pytestmark = pytest.mark.real_pages


def test_every_real_page_is_read_and_twice_the_same(real_pages: Path) -> None:
    for source, capture in real_captures(real_pages):
        found, again = read_source(source, capture), read_source(source, capture)

        assert found == again, capture.url
        assert fingerprint(found) == fingerprint(again)
        assert len({block.locator for block in found.blocks}) == len(found.blocks) > 0, capture.url
        assert judge_page(found, capture.body).outcome is Outcome.GOOD, capture.url
        assert quick_fingerprint(capture.body) == quick_fingerprint(bytes(bytearray(capture.body)))
