"""Bodies by their content, compressed: a version costs what is new in it.

A version is a zstd frame against a keyframe of its series (one hop, never a chain), or a keyframe itself: the first,
every 32nd, and any that would cost more than a quarter of what it costs alone. A wrong dictionary gives garbage
without a word, so every frame is decoded and compared before it is kept, and size and SHA-256 are verified on every
read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import zstandard
from sqlalchemy import BindParameter, Connection, bindparam, func, insert, select

from domain.errors import StorageError
from storage.tables import bodies

VERSIONS_A_KEYFRAME = 32
_LEVEL = 3

# Put together once: that costs more than running them.
_OF: BindParameter[str] = bindparam("of")
_VERSION = bodies.alias("version")
_BORNE = select(func.count()).where(_VERSION.c.keyframe == bodies.c.digest).correlate(bodies).scalar_subquery()
_KEPT = select(bodies.c.digest).where(bodies.c.digest == _OF)
_WHOLE = select(bodies).where(bodies.c.digest == _OF)
_NEWEST = select(func.coalesce(func.max(bodies.c.number), 0)).where(bodies.c.series == _OF)
_KEYFRAMES = (
    select(bodies.c.digest, _BORNE.label("borne"))
    .where(bodies.c.series == _OF, bodies.c.keyframe.is_(None))
    .order_by(bodies.c.number.desc())
    .limit(2)
)
_INSERT = insert(bodies)


def keep_body(connection: Connection, *, series: str, body: bytes) -> str:
    """The SHA-256 (hex) under which the body is kept; one that is there already is not kept twice.

    series: whose versions resemble each other, such as a source's id.
    """
    digest = hashlib.sha256(body).hexdigest()
    if connection.execute(_KEPT, {"of": digest}).first() is not None:
        return digest
    number = connection.execute(_NEWEST, {"of": series}).scalar_one()
    keyframe, data = _packed(connection, series, body)
    connection.execute(
        _INSERT,
        {
            "digest": digest,
            "series": series,
            "size": len(body),
            "keyframe": keyframe,
            "data": data,
            "number": number + 1,
        },
    )
    return digest


def load_body(connection: Connection, digest: str) -> bytes:
    """The body, verified. Raises StorageError where it is missing or damaged."""
    row = _row(connection, digest)
    if row.keyframe is None:
        return _verified(row, None)
    return _verified(row, _verified(_row(connection, row.keyframe), None))


def verify_bodies(connection: Connection, *, after: str = "", limit: int | None = None) -> Iterator[tuple[str, str]]:
    """Reads bodies in order of digest and yields (digest, "") for a whole one, else (digest, what is wrong with it).

    after, limit: a stretch of them, so that a scrub need not hold writers up for as long as it lasts.
    """
    query = select(bodies.c.digest).where(bodies.c.digest > after).order_by(bodies.c.digest).limit(limit)
    for digest in connection.execute(query).scalars().all():
        try:
            load_body(connection, digest)
        except StorageError as error:
            yield digest, str(error)
        else:
            yield digest, ""


def _row(connection: Connection, digest: str) -> Any:
    row = connection.execute(_WHOLE, {"of": digest}).first()
    if row is None:
        raise StorageError(f"no body is kept under {digest}")
    return row


def _verified(row: Any, base: bytes | None) -> bytes:
    try:
        body = _unpack(row.data, base, row.size)
    except (zstandard.ZstdError, MemoryError) as error:
        raise StorageError(f"the body {row.digest} is damaged: {error}") from error
    if len(body) != row.size or hashlib.sha256(body).hexdigest() != row.digest:
        raise StorageError(f"the body {row.digest} is damaged: it is not what was kept")
    return body


def _packed(connection: Connection, series: str, body: bytes) -> tuple[str | None, bytes]:
    """The keyframe's digest (None for a keyframe) and the frame, proven to give the body back."""
    alone = _pack(body, None)
    for keyframe in _keyframes(connection, series):
        base = load_body(connection, keyframe)
        delta = _pack(body, base)
        if len(delta) * 4 <= len(alone):
            return keyframe, _proven(delta, body, base)
    return None, _proven(alone, body, None)


def _keyframes(connection: Connection, series: str) -> list[str]:
    """The newest keyframes of a series that may bear another version.

    Two of them, so that one page in between that is no version of it (an error page) does not cost a new keyframe.
    """
    rows = connection.execute(_KEYFRAMES, {"of": series})
    return [row.digest for row in rows if row.borne + 1 < VERSIONS_A_KEYFRAME]


def _pack(body: bytes, base: bytes | None) -> bytes:
    if base is None:
        return zstandard.ZstdCompressor(compression_params=_parameters(len(body))).compress(body)
    parameters = _parameters(len(body) + len(base))
    return zstandard.ZstdCompressor(dict_data=_dictionary(base), compression_params=parameters).compress(body)


def _parameters(size: int) -> zstandard.ZstdCompressionParameters:
    """Tables and window matched to what must be seen at once: body and dictionary together."""
    window = min(27, max(17, size.bit_length()))
    table = min(22, max(16, window - 1))
    return zstandard.ZstdCompressionParameters.from_level(
        _LEVEL, window_log=window, hash_log=table, chain_log=table, write_content_size=True
    )


def _dictionary(base: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


def _unpack(data: bytes, base: bytes | None, size: int) -> bytes:
    if zstandard.frame_content_size(data) != size:
        raise zstandard.ZstdError("its frame states another size")
    if base is None:
        decompressor = zstandard.ZstdDecompressor(max_window_size=2**27)
    else:
        decompressor = zstandard.ZstdDecompressor(dict_data=_dictionary(base), max_window_size=2**27)
    return decompressor.decompress(data, max_output_size=max(size, 1))


def _proven(data: bytes, body: bytes, base: bytes | None) -> bytes:
    if _unpack(data, base, len(body)) != body:
        raise StorageError("a body did not survive its own compression; nothing was kept")
    return data
