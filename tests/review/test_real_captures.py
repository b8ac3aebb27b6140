"""The longest real pages at the desk: a law of 1.4 MB is read in stretches and bloats no page."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.review.office import Office
from tests.review.test_captures import keep

MOST = 200_000
"""Bytes of a page of text with its outline."""


def longest(folder: Path) -> bytes:
    lines = [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]
    return max(((folder / line["file"]).read_bytes() for line in lines), key=len)


def test_a_whole_law_is_read_stretch_by_stretch(office: Office, real_pages: Path) -> None:
    body = longest(real_pages / "watched")
    assert len(body) > 1_000_000
    digest, client = keep(office, body), office.client()
    path, seen = f"/captures/{digest}", []
    for _ in range(200):
        said = client.get(path)
        assert said.status_code == 200
        assert len(said.content) < MOST
        seen += re.findall(r'id="b(\d+)"', said.text)
        more = re.search(r'rel="next" href="([^"]+)"', said.text)
        if more is None:
            break
        path = more[1]
    assert [int(number) for number in seen] == list(range(len(seen)))
    assert len(seen) > 1000
    assert client.get(f"/captures/{digest}/raw").content == body
