"""One capture: what it is and what rests on it, its text, the page as it was kept (inert), its bytes."""

from __future__ import annotations

import re

from starlette.responses import Response

from domain.errors import SourceError, StorageError
from domain.snapshots import Snapshot
from domain.sources import Source
from review.pages.captures import Stretch, charset_of, outside, shown_as_page, size_words, stretch_of
from review.templating import page
from review.visit import Refusal, Visit
from storage.histories import visits_that_kept
from storage.snapshots import captures_of, load_snapshot, whole_digest
from storage.store import Connection

_MOST_LISTED = 20
_BEGINNING = re.compile("[0-9a-f]{8,64}")

FRAME_POLICY = "; ".join(
    (
        "sandbox",
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    )
)
"""What a captured page may do in its frame: be looked at. No script, no request, no form, no way out of the frame."""

RAW_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"


def capture(visit: Visit) -> Response:
    """What it is, what rests on it, and its text or the page as kept."""
    view = "page" if visit.text("view") == "page" else "text"
    with visit.desk.store.reading() as connection:
        digest = _digest(connection, visit.part("digest"))
        if digest != visit.part("digest"):
            return visit.go(f"/captures/{digest}")
        times = captures_of(connection, digest, limit=_MOST_LISTED + 1)
        chosen = next((item for item in times if item.id == visit.number("at")), times[0])
        checks = visits_that_kept(connection, [item.id for item in times])
        snapshot, damage = _loaded(connection, chosen.id)
    stretch, problem = (None, "") if view == "page" else _read(visit, snapshot)
    return page(
        visit,
        "capture.html",
        digest=digest,
        times=times[:_MOST_LISTED],
        more_times=len(times) > _MOST_LISTED,
        chosen=chosen,
        checks=checks[:_MOST_LISTED],
        size=size_words(chosen.size),
        link=outside(chosen.final_url),
        capture=snapshot,
        damage=damage,
        view=view,
        stretch=stretch,
        problem=problem,
        sources=visit.desk.sources,
        framed=snapshot is not None and shown_as_page(snapshot),
    )


def frame(visit: Visit) -> Response:
    """The page as kept, for a frame of ours alone: shown by itself, its links could lead a reader away from the desk."""
    if visit.request.headers.get("sec-fetch-dest", "iframe") != "iframe":
        return visit.go(f"/captures/{visit.part('digest')}?view=page")
    snapshot = _whole(visit)
    if not shown_as_page(snapshot):
        raise Refusal(404, "This capture is no page that a browser could show.")
    charset = charset_of(snapshot)
    return Response(
        snapshot.body,
        headers={
            "content-type": f"text/html; charset={charset}" if charset else "text/html",
            "content-security-policy": FRAME_POLICY,
            "referrer-policy": "no-referrer",
            "x-dns-prefetch-control": "off",
        },
    )


def raw(visit: Visit) -> Response:
    """The bytes as kept, to be saved; nothing opens them."""
    snapshot = _whole(visit)
    return Response(
        snapshot.body,
        headers={
            "content-type": "application/octet-stream",
            "content-disposition": f'attachment; filename="capture-{snapshot.digest[:16]}.bin"',
            "content-security-policy": RAW_POLICY,
            "x-content-type-options": "nosniff",
        },
    )


def reading_source(visit: Visit, snapshot: Snapshot) -> Source:
    """The source by whose rules a capture is read; a plain one where its own is watched no more."""
    known = visit.desk.sources.get(snapshot.source)
    return known or Source(id=snapshot.source, title=snapshot.source, url=snapshot.url)


def capture_named(connection: Connection, beginning: str, *, source: str = "") -> Snapshot:
    """The newest capture whose digest begins so, of this source where it has one. Refused where there is none."""
    times = captures_of(connection, _digest(connection, beginning), limit=_MOST_LISTED)
    own = next((item for item in times if item.source == source), times[0])
    return load_snapshot(connection, own.id)


def _digest(connection: Connection, beginning: str) -> str:
    found = whole_digest(connection, beginning) if _BEGINNING.fullmatch(beginning) else None
    if found is None or not captures_of(connection, found, limit=1):
        raise Refusal(404, "There is no capture of that digest.")
    return found


def _whole(visit: Visit) -> Snapshot:
    with visit.desk.store.reading() as connection:
        return capture_named(connection, visit.part("digest"))


def _loaded(connection: Connection, number: int) -> tuple[Snapshot | None, str]:
    """The capture with its verified bytes, or why they cannot be had."""
    try:
        return load_snapshot(connection, number), ""
    except StorageError as error:
        return None, str(error)


def _read(visit: Visit, snapshot: Snapshot | None) -> tuple[Stretch | None, str]:
    """A stretch of its text, or why it cannot be read."""
    if snapshot is None:
        return None, ""
    try:
        document = visit.desk.reader.document(reading_source(visit, snapshot), snapshot)
    except SourceError as error:
        return None, f"{error.cause}: {error.detail}" if error.detail else error.cause
    return stretch_of(document, visit.number("from")), ""
