"""Captures made elsewhere, read from disk: folders with a `manifest.jsonl`, and WARC files.

What cannot be used is said and skipped, one line each; nothing is guessed about a capture's date or address.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from domain.snapshots import CapturedBy, Origin, Snapshot
from domain.sources import Source
from monitor.evidence import CAPTURED_BY, FINAL_URI

MOST_BYTES = 64 * 2**20
"""Larger captures are skipped: no watched page comes near, and memory is bounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A capture that was not brought in, where it stood and why."""

    place: str
    reason: str


def captures(
    paths: Iterable[Path], sources: Iterable[Source], *, only: str | None = None
) -> Iterator[tuple[Source, Snapshot] | Skipped]:
    """Every usable capture under the paths with the source it belongs to, in the order found.

    A capture belongs to the source whose address, or earlier address (`also_at`), it has, whatever its scheme,
    `www.` or trailing slash. only: bring everything in as this source, whatever its address says.
    """
    by_address = {_address(url): source for source in sources for url in (source.url, *source.also_at)}
    forced = next((source for source in sources if source.id == only), None)
    for path in paths:
        for found in _found(path):
            if isinstance(found, Skipped):
                yield found
                continue
            place, snapshot = found
            source = forced or by_address.get(_address(snapshot.url)) or by_address.get(_address(snapshot.final_url))
            if source is None:
                yield Skipped(place=place, reason=f"no source has the address {snapshot.url}")
            elif (problem := _unfit(source, snapshot)) is not None:
                yield Skipped(place=place, reason=problem)
            else:
                yield source, _of(source, snapshot)


def _of(source: Source, snapshot: Snapshot) -> Snapshot:
    return Snapshot(
        source=source.id,
        url=snapshot.url,
        final_url=snapshot.final_url,
        status=snapshot.status,
        headers=snapshot.headers,
        body=snapshot.body,
        digest=snapshot.digest,
        fetched_at=snapshot.fetched_at,
        captured_by=snapshot.captured_by,
        origin=Origin.IMPORTED,
        wire_bytes=snapshot.wire_bytes,
    )


def _address(url: str) -> str:
    """An address without what never changes the page: scheme, `www.`, default port, trailing slash, fragment."""
    parts = urlsplit(url.strip())
    host = (parts.hostname or "").removeprefix("www.")
    path = parts.path.rstrip("/")
    return f"{host}{path}{'?' + parts.query if parts.query else ''}".casefold()


_MARKUP = ("text/html", "application/xhtml+xml")


def _unfit(source: Source, snapshot: Snapshot) -> str | None:
    """Why a capture cannot be this source's page by its media type, or None."""
    stated = (snapshot.header("content-type") or "").partition(";")[0].strip().casefold()
    wanted = {"json": "json", "xml": "xml", "pdf": "pdf"}.get(source.media or "")
    if wanted and stated and wanted not in stated and (stated in _MARKUP or stated.startswith("image/")):
        return f"the media type {stated} is not that of {source.id} ({source.media})"
    if stated.startswith(("image/", "video/", "audio/", "font/")):
        return f"the media type {stated} is no page"
    return None


def _found(path: Path) -> Iterator[tuple[str, Snapshot] | Skipped]:
    if path.is_dir():
        manifests = sorted(path.rglob("manifest.jsonl"))
        warcs = sorted(item for item in path.rglob("*") if item.name.endswith((".warc", ".warc.gz")))
        if not manifests and not warcs:
            yield Skipped(place=str(path), reason="holds no manifest.jsonl and no WARC file")
        for manifest in manifests:
            yield from _from_manifest(manifest)
        for warc in warcs:
            yield from _from_warc(warc)
    elif path.name == "manifest.jsonl":
        yield from _from_manifest(path)
    elif path.name.endswith((".warc", ".warc.gz")):
        yield from _from_warc(path)
    else:
        yield Skipped(place=str(path), reason="neither a folder with manifest.jsonl nor a WARC file")


# -- manifests ---------------------------------------------------------------


def _from_manifest(manifest: Path) -> Iterator[tuple[str, Snapshot] | Skipped]:
    root = manifest.parent.resolve()
    try:
        lines = manifest.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        yield Skipped(place=str(manifest), reason=f"cannot be read: {error}")
        return
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        place = f"{manifest}:{number}"
        try:
            yield place, _entry(json.loads(line), root)
        except _Unusable as error:
            yield Skipped(place=place, reason=str(error))
        except ValueError as error:
            yield Skipped(place=place, reason=f"no JSON: {error}")


class _Unusable(Exception):
    """One entry cannot be used; the text says why. Never leaves this module."""


def _entry(entry: Any, root: Path) -> Snapshot:
    if not isinstance(entry, dict):
        raise _Unusable("the line is no JSON object")
    for name in ("file", "url", "fetched_at"):
        if not isinstance(entry.get(name), str) or not entry[name].strip():
            raise _Unusable(f"`{name}` is missing or no text")
    body = _body(root / entry["file"], root)
    status = entry.get("status", 200)
    if not isinstance(status, int) or isinstance(status, bool):
        raise _Unusable("`status` is no number")
    headers = entry.get("headers") or {}
    if not isinstance(headers, dict):
        raise _Unusable("`headers` is no mapping")
    return Snapshot(
        source="",
        url=entry["url"],
        final_url=entry.get("final_url") or entry["url"],
        status=status,
        headers=tuple((str(name).lower(), str(value)) for name, value in headers.items()),
        body=body,
        digest=hashlib.sha256(body).hexdigest(),
        fetched_at=_date(entry["fetched_at"]),
        captured_by=_captured_by(entry.get("captured_by", "date")),
        origin=Origin.IMPORTED,
        wire_bytes=len(body),
    )


def _date(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise _Unusable(f"`fetched_at` is no date: {text[:40]!r}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _captured_by(text: object) -> CapturedBy:
    try:
        return CapturedBy(str(text))
    except ValueError:
        raise _Unusable(f"`captured_by` is {text!r}, not date, latest or unknown") from None


def _body(path: Path, root: Path) -> bytes:
    resolved = path.resolve()
    if not resolved.is_relative_to(root):
        raise _Unusable("the file lies outside the folder of its manifest")
    try:
        if resolved.stat().st_size > MOST_BYTES:
            raise _Unusable(f"the file is larger than {MOST_BYTES} bytes")
        body = resolved.read_bytes()
    except OSError as error:
        raise _Unusable(f"the file cannot be read: {error.strerror}") from None
    if not body:
        raise _Unusable("the file is empty")
    return body


# -- WARC --------------------------------------------------------------------


def _from_warc(path: Path) -> Iterator[tuple[str, Snapshot] | Skipped]:
    try:
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream):
                if record.rec_type != "response" or record.http_headers is None:
                    continue
                place = f"{path}:{record.rec_headers.get_header('WARC-Record-ID') or 'response'}"
                try:
                    yield place, _response(record)
                except _Unusable as error:
                    yield Skipped(place=place, reason=str(error))
    except (OSError, EOFError, ArchiveLoadFailed, gzip.BadGzipFile) as error:
        yield Skipped(place=str(path), reason=f"damaged or no WARC file: {type(error).__name__} {error}")


def _response(record: Any) -> Snapshot:
    if record.rec_headers.get_header("WARC-Truncated"):
        raise _Unusable("the record says that it is truncated")
    try:
        body = record.content_stream().read(MOST_BYTES + 1)
        status = int(record.http_headers.get_statuscode())
    except (ValueError, OSError) as error:
        raise _Unusable(f"the response cannot be read: {type(error).__name__}") from None
    if len(body) > MOST_BYTES:
        raise _Unusable(f"the body is larger than {MOST_BYTES} bytes")
    if not body:
        raise _Unusable("the body is empty")
    url = str(record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")
    stated = record.rec_headers.get_header(CAPTURED_BY)
    return Snapshot(
        source="",
        url=url,
        final_url=record.rec_headers.get_header(FINAL_URI) or url,
        captured_by=CapturedBy(stated) if stated in set(CapturedBy) else CapturedBy.DATE,
        status=status,
        headers=tuple((str(name).lower(), str(value)) for name, value in record.http_headers.headers),
        body=body,
        digest=hashlib.sha256(body).hexdigest(),
        fetched_at=_date(str(record.rec_headers.get_header("WARC-Date") or "")),
        origin=Origin.IMPORTED,
        wire_bytes=len(body),
    )
