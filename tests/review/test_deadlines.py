"""Clients that send slowly or not at all, over real sockets with a short deadline: they are let go, others are served."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import pytest

from review.serve import listening, serving
from tests.review.office import Office

HOST = b"host: desk.example\r\n"
FORM = HOST + b"content-type: application/x-www-form-urlencoded\r\n"
BEGUN = {
    "nothing": b"",
    "half a line": b"GET /sign",
    "half the headers": b"GET /sign-in HTTP/1.1\r\n" + HOST,
    "half a form": b"POST /sign-in HTTP/1.1\r\n" + FORM + b"content-length: 50\r\n\r\nname=",
    "half a chunk": b"POST /sign-in HTTP/1.1\r\n" + FORM + b"transfer-encoding: chunked\r\n\r\n5\r\nna",
}
OURS = {"content-security-policy", "x-content-type-options", "referrer-policy", "cross-origin-opener-policy"}
WHOLE = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"


@pytest.fixture
def hurried(office: Office) -> Iterator[str]:
    """The address of a desk that waits a third of a second for a request."""
    with desk_that_waits(office, 0.3) as url:
        yield url


@contextmanager
def desk_that_waits(office: Office, seconds: float) -> Iterator[str]:
    """The address of a desk that waits so long for a request and has room for three connections."""
    at = listening("127.0.0.1", 0)
    url = f"http://127.0.0.1:{at.getsockname()[1]}"
    hosts = frozenset({"desk.example", urlsplit(url).netloc})
    desk = replace(office.desk, access=replace(office.desk.access, hosts=hosts))
    with serving(desk, at, sent_within=seconds, connections=3):
        yield url


def connected(url: str) -> socket.socket:
    place = urlsplit(url)
    return socket.create_connection((place.hostname, place.port), timeout=20)


def heard(line: socket.socket) -> bytes:
    """All that comes until the desk hangs up."""
    said = b""
    while part := line.recv(65_536):
        said += part
    return said


def names_of(said: bytes) -> set[str]:
    """The names of an answer's headers."""
    head = said.partition(b"\r\n\r\n")[0].decode()
    return {line.partition(":")[0].lower() for line in head.splitlines()[1:]}


@pytest.mark.parametrize(
    "sent", [b"\x16\x03\x01\x02\r\n\r\n", b"GET /sign-in HTTP/1.1\r\n\r\n"], ids=["tls", "no host"]
)
def test_what_is_no_http_is_refused_with_the_headers_of_every_answer(hurried: str, sent: bytes) -> None:
    with closing(connected(hurried)) as line:
        line.sendall(sent)
        said = heard(line)
    assert said.startswith(b"HTTP/1.1 400 ")
    assert names_of(said) >= OURS


@pytest.mark.parametrize("begun", BEGUN.values(), ids=BEGUN)
def test_who_does_not_send_in_time_is_told_so_and_let_go(hurried: str, begun: bytes) -> None:
    with closing(connected(hurried)) as line:
        line.sendall(begun)
        said = heard(line)
    assert said.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in said
    assert names_of(said) >= OURS


def test_the_second_request_of_a_connection_has_a_deadline_too(hurried: str) -> None:
    with closing(connected(hurried)) as line:
        line.sendall(WHOLE + b"GET /sign")
        said = heard(line)
    assert said.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 408 " in said


def test_a_request_that_came_whole_is_answered_and_the_connection_is_kept(hurried: str) -> None:
    with closing(connected(hurried)) as line:
        for _ in range(3):
            line.sendall(WHOLE)
            said = b""
            while not said.endswith(b"\r\n\r\nok\n"):
                part = line.recv(65_536)
                assert part, said
                said += part
            assert said.startswith(b"HTTP/1.1 200 ")


def test_others_are_told_when_all_places_are_taken_and_served_when_they_are_free_again(office: Office) -> None:
    with desk_that_waits(office, 60) as url:
        lines = [connected(url) for _ in range(3)]
        for line in lines:
            line.sendall(b"GET /sign")
        full = httpx.get(url + "/healthz")
        assert full.status_code == 503
        assert OURS | {"retry-after"} <= set(full.headers)
        for line in lines:
            line.sendall(b"-in HTTP/1.1\r\n" + HOST + b"connection: close\r\n\r\n")
            assert heard(line).startswith(b"HTTP/1.1 200 ")
            line.close()
        assert httpx.get(url + "/healthz").status_code == 200
