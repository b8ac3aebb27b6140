"""The judge of change on pairs of real pages that a person labelled; skipped where the collection is not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from domain.comparison import Verdict
from monitor.diff import compare_bodies

pytestmark = pytest.mark.real_pages

NO_PAGE = {"broken_capture", "maintenance_page"}
UNCERTAIN = {"flapping", "stale_cache", "partial_capture"}


def labelled(root: Path) -> list[tuple[dict[str, Any], Verdict]]:
    """Every pair labelled with high confidence, with the verdict it gets."""
    found = []
    for line in (root / "labels.jsonl").read_text(encoding="utf-8").splitlines():
        pair = json.loads(line)
        if pair["confidence"] == "high" and not UNCERTAIN & set(pair["flags"]):
            kind = "text/markdown" if pair["new"].endswith(".md") else None
            before, after = (root / pair["old"]).read_bytes(), (root / pair["new"]).read_bytes()
            found.append((pair, compare_bodies(before, after, url=pair["url"] or "", content_type=kind).verdict))
    return found


@pytest.mark.timeout(120)
def test_labelled_pairs_are_judged_within_the_aims(real_pages: Path) -> None:
    pairs = labelled(real_pages)
    wanted = {pair["pair_id"] for pair, _ in pairs if pair["label"] == "substantive"}
    called = {pair["pair_id"] for pair, verdict in pairs if verdict is Verdict.SUBSTANTIVE}
    broken = {pair["pair_id"]: verdict for pair, verdict in pairs if NO_PAGE & set(pair["flags"])}

    assert len(wanted & called) >= 0.98 * len(wanted), sorted(wanted - called)
    assert len(wanted & called) >= 0.95 * len(called), sorted(called - wanted)
    assert set(broken.values()) <= {Verdict.CANNOT_TELL}, broken
