"""Captures for the ledger's tests: real ones from a collection outside the repository, and pages of our own making.

Both go through the same front door as a visit (`monitor.examine`), so a test sees what a visit would see.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

from claimwatch.config import Config, load_config
from domain.checks import Examination, Outcome
from domain.claims import Claim, Judgement
from domain.facts import Fact, KnownFact
from domain.snapshots import CapturedBy, Snapshot
from domain.sources import Source
from monitor.examine import examine
from monitor.standings import judge_claims

ROOT = Path(__file__).parents[2]
PAGES = Path(__file__).parent / "pages"
COLLECTIONS = ("watched", "ee_rounds_feed", "ircc_processing_times", "laws_lois_xml")
_TYPES = {".html": "text/html; charset=utf-8", ".json": "application/json", ".csv": "text/csv"}


@cache
def ledger() -> Config:
    """The project's own two files."""
    return load_config(ROOT)


def sources() -> dict[str, Source]:
    return {source.id: source for source in ledger().sources}


def claims() -> dict[str, Claim]:
    return {claim.id: claim for claim in ledger().claims}


def real_captures(root: Path) -> Iterator[tuple[Source, Snapshot]]:
    """Every capture of the collection whose address is one of a source, in the order of the manifests."""
    by_address = {url.casefold(): source for source in ledger().sources for url in (source.url, *source.also_at)}
    for collection in COLLECTIONS:
        manifest = root / collection / "manifest.jsonl"
        for line in manifest.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            source = by_address.get(entry["url"].casefold())
            if source is not None:
                yield source, _captured(source, root / collection / entry["file"], entry)


def _captured(source: Source, path: Path, entry: Mapping[str, object]) -> Snapshot:
    headers = entry["headers"]
    return snapshot(
        source,
        path.read_bytes(),
        content_type=headers["content-type"] if isinstance(headers, dict) else "",
        at=datetime.fromisoformat(str(entry["fetched_at"])),
        captured_by=CapturedBy(str(entry.get("captured_by", "date"))),
    )


def newest(captures: Iterable[tuple[Source, Snapshot]]) -> dict[str, tuple[Source, Snapshot]]:
    """The newest capture of each source."""
    found: dict[str, tuple[Source, Snapshot]] = {}
    for source, capture in captures:
        if source.id not in found or capture.fetched_at > found[source.id][1].fetched_at:
            found[source.id] = (source, capture)
    return found


def own_page(source_id: str, at: datetime) -> Snapshot:
    """The page of our own making that stands for a source; a fragment is put into the common frame."""
    source = sources()[source_id]
    path = next(PAGES.glob(f"{source_id}.*"))
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html" and "<html" not in text:
        frame = (PAGES / "frame-gcweb.html").read_text(encoding="utf-8")
        text = (
            frame.replace("{{title}}", html.escape(source.title))
            .replace("{{url}}", html.escape(source.url))
            .replace("{{modified}}", at.date().isoformat())
            .replace("{{body}}", text)
        )
    return snapshot(source, text.encode(), content_type=_TYPES[path.suffix], at=at)


def snapshot(
    source: Source, body: bytes, *, content_type: str, at: datetime, captured_by: CapturedBy = CapturedBy.DATE
) -> Snapshot:
    return Snapshot(
        source=source.id,
        url=source.url,
        final_url=source.url,
        status=200,
        headers=(("content-type", content_type),),
        body=body,
        digest=hashlib.sha256(body).hexdigest(),
        fetched_at=at,
        captured_by=captured_by,
    )


def facts_of(examined: Iterable[tuple[Snapshot, Examination]]) -> dict[str, KnownFact]:
    """What good pages tell, by fact key."""
    known = {}
    for capture, examination in examined:
        assert examination.quality.outcome is Outcome.GOOD, (capture.source, examination.quality)
        for fact in examination.facts:
            known[fact.key] = _known(fact, capture)
    return known


def _known(fact: Fact, capture: Snapshot) -> KnownFact:
    return KnownFact(
        fact=fact,
        snapshot=capture.digest,
        captured_at=capture.fetched_at,
        captured_by=capture.captured_by,
        last_seen_at=capture.fetched_at,
        first_seen_at=capture.fetched_at,
        latest_state=fact.state,
    )


def examined(captures: Iterable[tuple[Source, Snapshot]]) -> list[tuple[Snapshot, Examination]]:
    return [(capture, examine(source, capture)) for source, capture in captures]


def judged(known: Mapping[str, KnownFact], now: datetime) -> dict[str, Judgement]:
    """Every claim of the ledger as of `now`, all facts counted as seen just then: freshness has tests of its own."""
    seen = {key: _seen(item, now) for key, item in known.items()}
    return {item.claim: item for item in judge_claims(ledger().claims, seen, sources=sources(), now=now)}


def _seen(item: KnownFact, now: datetime) -> KnownFact:
    return KnownFact(
        fact=item.fact,
        snapshot=item.snapshot,
        captured_at=item.captured_at,
        captured_by=item.captured_by,
        last_seen_at=now,
        first_seen_at=item.first_seen_at,
        latest_state=item.latest_state,
    )


_TAG = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<[^<>]*>", re.IGNORECASE | re.DOTALL)


def letters(text: str) -> str:
    """Letters and digits alone, so that markup, spacing and punctuation do not count."""
    return "".join(mark for mark in html.unescape(text).casefold() if mark.isalnum())


def stands_in(quote: str, body: bytes) -> bool:
    """Whether every piece of a quote stands in the capture, word for word."""
    text = letters(_TAG.sub("", body.decode("utf-8-sig")))
    pieces = re.split(r"\n| \| |; (?=draw)", quote)
    return bool(quote.strip()) and all(letters(piece) in text for piece in pieces)
