"""Snapshots: the envelope of every body that came over the wire or from an archive."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select

from domain.errors import StorageError
from domain.snapshots import CapturedBy, Origin, Snapshot
from storage.bodies import keep_body, load_body
from storage.columns import json_of, json_text, plain, time_of, time_text
from storage.tables import bodies, snapshots

_DIGEST = re.compile("[0-9a-f]{1,64}")
_INSERT = insert(snapshots).returning(snapshots.c.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A snapshot as listed: everything but its body. size: bytes of the body."""

    id: int
    source: str
    digest: str
    final_url: str
    status: int
    fetched_at: datetime
    captured_by: CapturedBy
    origin: Origin
    size: int


def keep_snapshot(connection: Connection, snapshot: Snapshot) -> int:
    """The number under which the snapshot is kept; its body is kept once, however often it comes."""
    digest = keep_body(connection, series=snapshot.source, body=snapshot.body)
    if digest != snapshot.digest:
        raise StorageError("a snapshot's digest is not that of its body")
    row = {
        "source": snapshot.source,
        "url": plain(snapshot.url),
        "final_url": plain(snapshot.final_url),
        "status": snapshot.status,
        "headers": json_text(snapshot.headers),
        "hops": json_text(snapshot.hops),
        "address": plain(snapshot.address),
        "fetched_at": time_text(snapshot.fetched_at),
        "captured_by": snapshot.captured_by.value,
        "origin": snapshot.origin.value,
        "length_verified": snapshot.length_verified,
        "wire_bytes": snapshot.wire_bytes,
        "digest": digest,
    }
    return int(connection.execute(_INSERT, row).scalar_one())


def load_snapshot(connection: Connection, number: int) -> Snapshot:
    """A snapshot with its verified body. Raises StorageError."""
    row = connection.execute(select(snapshots).where(snapshots.c.id == number)).mappings().first()
    if row is None:
        raise StorageError(f"no snapshot {number} is kept")
    return _snapshot(row, load_body(connection, row["digest"]))


def find_snapshot(connection: Connection, digest: str) -> Snapshot | None:
    """The newest snapshot whose body has this digest, or a digest beginning so, or None. Raises StorageError."""
    if not _DIGEST.fullmatch(digest):
        return None
    # The letter after "f" ends the range of hexadecimal words that begin so; a range can use the index.
    query = select(snapshots).where(snapshots.c.digest >= digest, snapshots.c.digest < digest + "g")
    row = connection.execute(query.order_by(snapshots.c.id.desc()).limit(1)).mappings().first()
    return None if row is None else _snapshot(row, load_body(connection, row["digest"]))


def whole_digest(connection: Connection, beginning: str) -> str | None:
    """The first digest of a kept body that begins so, or None."""
    if not _DIGEST.fullmatch(beginning):
        return None
    query = select(func.min(bodies.c.digest)).where(bodies.c.digest >= beginning, bodies.c.digest < beginning + "g")
    found: str | None = connection.execute(query).scalar_one()
    return found


def captures_of(connection: Connection, digest: str, *, limit: int) -> tuple[Kept, ...]:
    """The newest times that a body of this digest came, those kept last first."""
    return _listed(connection, snapshots.c.digest == digest, order=(snapshots.c.id.desc(),), limit=limit)


def list_snapshots(connection: Connection, source: str, *, limit: int = 200) -> tuple[Kept, ...]:
    """A source's snapshots, newest capture first."""
    return _listed(connection, snapshots.c.source == source, limit=limit)


def page_of_snapshots(
    connection: Connection, source: str, *, limit: int, before: tuple[datetime, int] | None = None
) -> tuple[Kept, ...]:
    """A source's snapshots, newest capture first; `before`: only those after this one (time, number) in that order."""
    conditions: list[Any] = [snapshots.c.source == source]
    if before is not None:
        at, number = time_text(before[0]), before[1]
        conditions += [
            snapshots.c.fetched_at <= at,
            or_(snapshots.c.fetched_at < at, snapshots.c.id < number),
        ]
    return _listed(connection, *conditions, limit=limit)


_NEWEST_FIRST = (snapshots.c.fetched_at.desc(), snapshots.c.id.desc())


def _listed(
    connection: Connection, *conditions: Any, limit: int, order: tuple[Any, ...] = _NEWEST_FIRST
) -> tuple[Kept, ...]:
    rows = connection.execute(
        select(snapshots, bodies.c.size)
        .join(bodies, bodies.c.digest == snapshots.c.digest)
        .where(*conditions)
        .order_by(*order)
        .limit(limit)
    ).mappings()
    return tuple(
        Kept(
            id=row["id"],
            source=row["source"],
            digest=row["digest"],
            final_url=row["final_url"],
            status=row["status"],
            fetched_at=time_of(row["fetched_at"]),
            captured_by=CapturedBy(row["captured_by"]),
            origin=Origin(row["origin"]),
            size=row["size"],
        )
        for row in rows
    )


def _snapshot(row: Any, body: bytes) -> Snapshot:
    return Snapshot(
        source=row["source"],
        url=row["url"],
        final_url=row["final_url"],
        status=row["status"],
        headers=tuple((name, value) for name, value in json_of(row["headers"])),
        body=body,
        digest=row["digest"],
        fetched_at=time_of(row["fetched_at"]),
        captured_by=CapturedBy(row["captured_by"]),
        origin=Origin(row["origin"]),
        hops=tuple(json_of(row["hops"])),
        address=row["address"],
        length_verified=row["length_verified"],
        wire_bytes=row["wire_bytes"],
    )
