"""Checks, changes and captures, as they were recorded."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Path, Query
from starlette.responses import Response

from domain.shapes import Json, change_shape, found_shape, moment, visit_shape
from review.api.caller import Asking
from review.api.flags import Number
from review.api.ledger import ClaimName, Jurisdiction, SourceName, claim_named, sources_named
from review.api.paging import After, Limit, cut, no_place, place_of
from review.api.problems import ApiProblem
from storage.listings import KeptCheck, load_check, page_of_changes, page_of_checks
from storage.snapshots import Kept, captures_of, find_snapshot, page_of_snapshots

Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
_BODY_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"


def checks(caller: Asking, source: SourceName = None, limit: Limit = 50, after: After = None) -> Json:
    """Visits, newest first, without what was read in them."""
    chosen = sources_named(caller, source, None)
    before = place_of(after, int)
    with caller.desk.store.reading() as connection:
        found = page_of_checks(
            connection,
            source=None if chosen is None else chosen[0],
            before=None if before is None else before[0],
            limit=limit + 1,
        )
    shown, following = cut(found, limit, lambda item: (item.id,))
    return {"checks": [_line(item) for item in shown], "next": following}


def check(caller: Asking, number: Number) -> Json:
    """One visit with what was read in it: facts, changes, flags."""
    with caller.desk.store.reading() as connection:
        loaded = load_check(connection, number)
    if loaded is None:
        raise ApiProblem(404, f"there is no check {number}")
    kept, found = loaded
    return {
        **_line(kept),
        **found_shape(facts=found.facts, blocks=found.blocks, changes=found.changes, flags=found.flags),
    }


def changes(
    caller: Asking,
    source: SourceName = None,
    jurisdiction: Jurisdiction = None,
    claim: ClaimName = None,
    limit: Limit = 50,
    after: After = None,
) -> Json:
    """Changes of facts, newest first. claim: only of facts that the claim rests on."""
    chosen, touched = sources_named(caller, source, jurisdiction), claim_named(caller, claim)
    keys = None if touched is None else [item.fact for item in caller.desk.claims[touched].expectations]
    with caller.desk.store.reading() as connection:
        found = page_of_changes(
            connection,
            sources=chosen,
            keys=keys,
            before=place_of(after, int, str),
            limit=limit + 1,
        )
    shown, following = cut(found, limit, lambda item: (item.check, item.change.key))
    documents = [
        {
            **change_shape(item.change),
            "check": item.check,
            "source": item.source,
            "seen_at": moment(item.seen_at),
            "snapshot": item.digest or None,
        }
        for item in shown
    ]
    return {"changes": documents, "next": following}


def captures(
    caller: Asking,
    source: Annotated[str, Query(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")],
    limit: Limit = 50,
    after: After = None,
) -> Json:
    """The captures of a source, newest first."""
    chosen = sources_named(caller, source, None) or ("",)
    parts = place_of(after, str, int)
    try:
        before = None if parts is None else (datetime.fromisoformat(parts[0]), int(parts[1]))
        if before is not None and before[0].tzinfo is None:
            raise ValueError(parts)
    except ValueError:
        raise no_place() from None
    with caller.desk.store.reading() as connection:
        found = page_of_snapshots(connection, chosen[0], limit=limit + 1, before=before)
    shown, following = cut(found, limit, lambda item: (item.fetched_at.isoformat(), item.id))
    return {"captures": [_capture(item) for item in shown], "next": following}


def capture(caller: Asking, digest: Digest) -> Json:
    """The last time that these bytes came."""
    with caller.desk.store.reading() as connection:
        found = captures_of(connection, digest, limit=1)
    if not found:
        raise ApiProblem(404, "no capture of this digest is kept")
    return _capture(found[0])


def body(caller: Asking, digest: Digest) -> Response:
    """The bytes as kept, whose digest was verified. They are strangers' bytes: save them, do not open them."""
    with caller.desk.store.reading() as connection:
        snapshot = find_snapshot(connection, digest)
    if snapshot is None:
        raise ApiProblem(404, "no capture of this digest is kept")
    return Response(
        snapshot.body,
        media_type="application/octet-stream",
        headers={
            "content-disposition": f'attachment; filename="capture-{digest[:16]}.bin"',
            "content-security-policy": _BODY_POLICY,
        },
    )


def _line(kept: KeptCheck) -> Json:
    shape = visit_shape(
        source=kept.source,
        slot=kept.slot,
        outcome=kept.outcome,
        reason=kept.reason,
        detail=kept.detail,
        status=kept.status,
        not_modified=kept.not_modified,
        size=kept.size,
        snapshot=kept.digest or None,
        verdict=kept.verdict,
        confirmed=kept.confirmed,
        seconds=round((kept.finished_at - kept.started_at).total_seconds(), 3),
    )
    return {"id": kept.id, **shape}


def _capture(item: Kept) -> Json:
    return {
        "id": item.id,
        "source": item.source,
        "digest": item.digest,
        "url": item.final_url,
        "status": item.status,
        "fetched_at": moment(item.fetched_at),
        "captured_by": item.captured_by.value,
        "origin": item.origin.value,
        "bytes": item.size,
    }
