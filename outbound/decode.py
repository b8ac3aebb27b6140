"""Content decoding that is bounded and strict, over the bytes as they came from the wire.

Client libraries inflate a whole chunk at once, accept streams that end before their trailer and pass unknown encodings
through. A page read that way is half a page that looks whole, or a bomb; here either is an error with a name.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

import brotli
import zstandard

from domain.errors import DecodeError, FetchError

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
MAX_LAYERS = 3
PIECE = 64 * 1024
# zstandard has no limit on output, but a block makes at most 128 KiB out of 4 bytes: small bites bound what one makes.
ZSTD_BITE = 128
ZSTD_WINDOW = 8 * 1024 * 1024  # RFC 9659: the largest that the web may use


class Layer(Protocol):
    """One content encoding being undone."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The decoded pieces, none much larger than its limit. Raises DecodeError."""

    def finished(self) -> bool:
        """Whether the stream stands at a proper end."""


class _Zlib:
    """gzip (any number of members) and deflate (with its zlib header, or raw as some servers send it)."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        self._head = b""
        self._stream = zlib.decompressobj(wbits=31) if gzip else None

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._stream is None:
            self._head += data
            if len(self._head) < 2:
                return
            data, self._head = self._head, b""
            self._stream = zlib.decompressobj(wbits=15 if _has_zlib_header(data) else -15)
        while data:
            if self._stream.eof:
                if not self._gzip:
                    raise DecodeError("decode-failed", "bytes follow the end of the deflate stream")
                self._stream = zlib.decompressobj(wbits=31)
            try:
                piece = self._stream.decompress(data, PIECE)
            except zlib.error as error:
                raise DecodeError("decode-failed", "the compressed bytes are damaged or not what they claim") from error
            data = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
            if piece:
                yield piece

    def finished(self) -> bool:
        return self._stream is not None and self._stream.eof


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        while True:
            try:
                piece = self._stream.process(data, output_buffer_limit=PIECE)
            except brotli.error as error:
                raise DecodeError("decode-failed", "the brotli bytes are damaged or followed by others") from error
            data = b""
            if piece:
                yield piece
            if self._stream.is_finished() or (not piece and self._stream.can_accept_more_data()):
                return

    def finished(self) -> bool:
        return bool(self._stream.is_finished())


class _Zstandard:
    """One frame after another."""

    def __init__(self) -> None:
        self._maker = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
        self._stream = self._maker.decompressobj()

    def feed(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), ZSTD_BITE):
            bite = data[start : start + ZSTD_BITE]
            while bite:
                if self._stream.eof:
                    self._stream = self._maker.decompressobj()
                try:
                    piece = self._stream.decompress(bite)
                except zstandard.ZstdError as error:
                    raise DecodeError("decode-failed", "the zstd bytes are damaged or followed by others") from error
                bite = self._stream.unused_data if self._stream.eof else b""
                if piece:
                    yield piece

    def finished(self) -> bool:
        return bool(self._stream.eof)


_LAYERS: dict[str, Callable[[], Layer]] = {
    "gzip": lambda: _Zlib(gzip=True),
    "x-gzip": lambda: _Zlib(gzip=True),
    "deflate": lambda: _Zlib(gzip=False),
    "br": _Brotli,
    "zstd": _Zstandard,
}


class Decoder:
    """Undoes the content encodings of one body as its bytes arrive.

    encodings: as in `Content-Encoding`, in the order they were applied. limit: bytes that any layer may make.
    Raises DecodeError `encoding-unknown` where an encoding is unknown or there are too many of them.
    """

    def __init__(self, encodings: tuple[str, ...], *, limit: int) -> None:
        names = [name for name in (part.strip().lower() for part in encodings) if name not in ("", "identity")]
        if unknown := [name for name in names if name not in _LAYERS]:
            raise DecodeError("encoding-unknown", f"content encoding {unknown[0][:40]!r}")
        if len(names) > MAX_LAYERS:
            raise DecodeError("encoding-unknown", f"{len(names)} content encodings on top of each other")
        self._layers = [_LAYERS[name]() for name in reversed(names)]
        self._made = [0] * (len(names) + 1)
        self._limit = limit
        self._pieces: list[bytes] = []

    @property
    def encoded(self) -> bool:
        """Whether a compression was declared: its end marker then proves that nothing is missing."""
        return bool(self._layers)

    def feed(self, data: bytes) -> None:
        """The bytes are taken in. Raises FetchError `too-large` as soon as the limit is passed, DecodeError."""
        self._push(0, data)

    def _push(self, depth: int, data: bytes) -> None:
        self._made[depth] += len(data)
        if depth and self._made[depth] > self._limit:
            raise FetchError("too-large", f"the body decodes to more than {self._limit} bytes")
        if depth == len(self._layers):
            if self._made[depth] > self._limit:
                raise FetchError("too-large", f"the body is larger than {self._limit} bytes")
            self._pieces.append(data)
            return
        for piece in self._layers[depth].feed(data):
            self._push(depth + 1, piece)

    def close(self) -> bytes:
        """The whole decoded body. Raises DecodeError `decode-incomplete` where a stream has not reached its end.

        No bytes at all are an empty body, whatever encoding was declared.
        """
        if self._made[0] and not all(layer.finished() for layer in self._layers):
            raise DecodeError("decode-incomplete", "the compressed body ends before its end marker")
        return b"".join(self._pieces)


def _has_zlib_header(data: bytes) -> bool:
    return data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
