"""Bodies are decoded whole and within bounds, or not at all (N09, N10, D3)."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DecodeError, FetchError
from outbound.decode import Decoder

MIB = 1024 * 1024


def raw_deflate(data: bytes) -> bytes:
    maker = zlib.compressobj(wbits=-15)
    return maker.compress(data) + maker.flush()


ENCODERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "zlib": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "brotli": ("br", brotli.compress),
    "zstd": ("zstd", zstandard.compress),
}


def decode(encodings: tuple[str, ...], data: bytes, *, step: int = 1000, limit: int = 64 * MIB) -> bytes:
    decoder = Decoder(encodings, limit=limit)
    for start in range(0, len(data), step):
        decoder.feed(data[start : start + step])
    return decoder.close()


@pytest.mark.parametrize("way", ENCODERS)
@given(body=st.binary(max_size=3000), step=st.integers(min_value=1, max_value=400))
def test_what_was_encoded_comes_back_however_it_is_cut(way: str, body: bytes, step: int) -> None:
    name, encode = ENCODERS[way]
    assert decode((name,), encode(body), step=step) == body


@pytest.mark.parametrize("way", ENCODERS)
@given(body=st.binary(min_size=1, max_size=600), data=st.data())
def test_a_stream_cut_anywhere_is_never_taken_for_whole(way: str, body: bytes, data: st.DataObject) -> None:
    name, encode = ENCODERS[way]
    whole = encode(body)
    cut = data.draw(st.integers(min_value=1, max_value=len(whole) - 1))
    with pytest.raises(DecodeError) as caught:
        decode((name,), whole[:cut])
    assert caught.value.cause == "decode-incomplete"


@pytest.mark.parametrize("way", ENCODERS)
@pytest.mark.parametrize("step", [1, 1000])
def test_bytes_after_the_end_are_an_error(way: str, step: int) -> None:
    name, encode = ENCODERS[way]
    with pytest.raises(DecodeError) as caught:
        decode((name,), encode(b"a page") + b"left over", step=step)
    assert caught.value.cause == "decode-failed"


@pytest.mark.parametrize("way", ENCODERS)
def test_bytes_that_are_not_what_they_claim_are_an_error(way: str) -> None:
    with pytest.raises(DecodeError):
        decode((ENCODERS[way][0],), b"<!doctype html><p>plain</p>" * 20)


@pytest.mark.parametrize(("name", "encode"), [("gzip", gzip.compress), ("zstd", zstandard.compress)])
def test_several_members_or_frames_are_one_body(name: str, encode: Callable[[bytes], bytes]) -> None:
    assert decode((name,), encode(b"one ") + encode(b"two"), step=7) == b"one two"


def test_a_damaged_trailer_is_an_error() -> None:
    whole = bytearray(gzip.compress(b"a page"))
    whole[-6] ^= 1
    with pytest.raises(DecodeError):
        decode(("gzip",), bytes(whole))


def test_stacked_encodings_are_undone_in_reverse() -> None:
    assert decode(("gzip", " BR "), brotli.compress(gzip.compress(b"a page"))) == b"a page"


def test_identity_and_empty_names_are_nothing() -> None:
    assert decode(("identity", ""), b"a page") == b"a page"


@pytest.mark.parametrize("names", [("compress",), ("gzip", "sdch"), ("gzip",) * 4])
def test_an_encoding_that_cannot_be_undone_is_named(names: tuple[str, ...]) -> None:
    with pytest.raises(DecodeError) as caught:
        Decoder(names, limit=MIB)
    assert caught.value.cause == "encoding-unknown"


def test_an_empty_body_is_empty_whatever_was_declared() -> None:
    assert decode(("gzip",), b"") == b""


@pytest.mark.parametrize("way", [*ENCODERS, "gzip twice"])
def test_a_bomb_in_one_chunk_is_cut_at_the_cap_and_takes_no_more_memory(way: str) -> None:
    zeros = b"\0" * (96 * MIB)
    name, encode = ENCODERS["gzip" if way == "gzip twice" else way]
    bomb, names = encode(zeros), [name]
    if way == "gzip twice":
        bomb, names = gzip.compress(bomb), ["gzip", "gzip"]
    del zeros
    tracemalloc.start()
    try:
        with pytest.raises(FetchError) as caught:
            decode(tuple(names), bomb, step=len(bomb), limit=2 * MIB)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert caught.value.cause == "too-large"
    assert peak < 16 * MIB
