"""Bodies by their content, compressed: a version costs what is new in it.

A version is a zstd frame against a keyframe of its series (one hop, never a chain), or a keyframe itself: the first,
every 32nd, and any that would cost more than a quarter of itself alone. A wrong dictionary gives garbage without a
word, so every frame is decoded and compared before it is kept, and size and SHA-256 are verified on every read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import zstandard
from sqlalchemy import Connection, func, insert, select

from domain.errors import StorageError
from storage.tables import bodies

VERSIONS_A_KEYFRAME = 32
_LEVEL = 3


def keep_body(connection: Connection, *, series: str, body: bytes) -> str:
    """The SHA-256 (hex) under which the body is kept; one that is there already is not kept twice.

    series: whose versions resemble each other, such as a source's id.
    """
    digest = hashlib.sha256(body).hexdigest()
    if connection.execute(select(bodies.c.digest).where(bodies.c.digest == digest)).first() is not None:
        return digest
    number = connection.execute(
        select(func.coalesce(func.max(bodies.c.number), 0)).where(bodies.c.series == series)
    ).scalar_one()
    keyframe, data = _packed(connection, series, body)
    _prove(connection, body, keyframe, data)
    connection.execute(
        insert(bodies).values(
            digest=digest, series=series, size=len(body), keyframe=keyframe, data=data, number=number + 1
        )
    )
    return digest


def load_body(connection: Connection, digest: str) -> bytes:
    """The body, verified. Raises StorageError where it is missing or damaged."""
    row = connection.execute(select(bodies).where(bodies.c.digest == digest)).mappings().first()
    if row is None:
        raise StorageError(f"no body is kept under {digest}")
    dictionary = None if row["keyframe"] is None else load_body(connection, row["keyframe"])
    try:
        body = _unpack(row["data"], dictionary, row["size"])
    except zstandard.ZstdError as error:
        raise StorageError(f"the body {digest} is damaged: {error}") from error
    if len(body) != row["size"] or hashlib.sha256(body).hexdigest() != digest:
        raise StorageError(f"the body {digest} is damaged: it is not what was kept")
    return body


def verify_bodies(connection: Connection) -> Iterator[tuple[str, str]]:
    """Reads every body and yields (digest, "") where it is whole, (digest, what is wrong) where it is not."""
    for digest in connection.execute(select(bodies.c.digest).order_by(bodies.c.digest)).scalars().all():
        try:
            load_body(connection, digest)
        except StorageError as error:
            yield digest, str(error)
        else:
            yield digest, ""


def _packed(connection: Connection, series: str, body: bytes) -> tuple[str | None, bytes]:
    """The keyframe's digest (None for a keyframe) and the frame."""
    alone = zstandard.ZstdCompressor(compression_params=_parameters(len(body))).compress(body)
    keyframe = connection.execute(
        select(bodies.c.digest, bodies.c.number)
        .where(bodies.c.series == series, bodies.c.keyframe.is_(None))
        .order_by(bodies.c.number.desc())
        .limit(1)
    ).first()
    if keyframe is None:
        return None, alone
    since = connection.execute(
        select(func.count()).where(bodies.c.series == series, bodies.c.number > keyframe.number)
    ).scalar_one()
    if since + 1 >= VERSIONS_A_KEYFRAME:
        return None, alone
    base = load_body(connection, keyframe.digest)
    delta = zstandard.ZstdCompressor(
        dict_data=_dictionary(base), compression_params=_parameters(len(body) + len(base))
    ).compress(body)
    return (keyframe.digest, delta) if len(delta) * 4 <= len(alone) else (None, alone)


def _parameters(size: int) -> zstandard.ZstdCompressionParameters:
    """Tables and window matched to what must be seen at once: body and dictionary together."""
    window = min(27, max(17, size.bit_length()))
    table = min(22, max(16, window - 1))
    return zstandard.ZstdCompressionParameters.from_level(
        _LEVEL, window_log=window, hash_log=table, chain_log=table, write_content_size=True
    )


def _dictionary(base: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


def _unpack(data: bytes, dictionary: bytes | None, size: int) -> bytes:
    decompressor = (
        zstandard.ZstdDecompressor(max_window_size=2**27)
        if dictionary is None
        else zstandard.ZstdDecompressor(dict_data=_dictionary(dictionary), max_window_size=2**27)
    )
    return decompressor.decompress(data, max_output_size=max(size, 1))


def _prove(connection: Connection, body: bytes, keyframe: str | None, data: bytes) -> None:
    dictionary = None if keyframe is None else load_body(connection, keyframe)
    if _unpack(data, dictionary, len(body)) != body:
        raise StorageError("a body did not survive its own compression; nothing was kept")
