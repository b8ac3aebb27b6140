"""A source becomes a snapshot, a 304, or a problem with a name; nothing else comes out (N13 to N24, N33)."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from datetime import UTC, datetime

import pytest

from domain.snapshots import NotModified, Problem, Snapshot, Validators
from domain.sources import Source
from monitor.fetch import fetch
from outbound.client import Client
from tests.outbound.byte_server import Act, ByteServer, answer, policy, with_server

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
PAGE = b"<!doctype html><title>Fees</title><p>The fee is 1,000.</p>"
Seen = Snapshot | NotModified | Problem


async def visit(server: ByteServer, client: Client, path: str = "/p", validators: Validators | None = None) -> Seen:
    source = Source(id="fees", title="Fees", url=server.url(path))
    return await fetch(source, client=client, validators=validators, now=lambda: NOW)


def seen(*script: bytes | Act, validators: Validators | None = None) -> Seen:
    """What one visit gives where the page plays that script."""
    found: list[Seen] = []

    async def scene(server: ByteServer, client: Client) -> None:
        server.play("/p", list(script))
        found.append(await visit(server, client, validators=validators))

    with_server(scene)
    return found[0]


def test_a_page_becomes_a_snapshot_named_by_its_decoded_bytes() -> None:
    headers = ["Content-Encoding: gzip", 'ETag: "v1"', "Content-Type: text/html"]
    snapshot = seen(answer(gzip.compress(PAGE), headers=headers))
    assert isinstance(snapshot, Snapshot)
    assert snapshot.body == PAGE
    assert snapshot.digest == hashlib.sha256(PAGE).hexdigest()
    assert snapshot.header("etag") == '"v1"'
    assert snapshot.fetched_at == NOW
    assert snapshot.length_verified
    assert snapshot.wire_bytes == len(gzip.compress(PAGE))
    assert snapshot.address.startswith("127.0.0.1:")


def test_a_304_to_our_question_means_not_modified() -> None:
    found = seen(answer(status="304 Not Modified", length=False), validators=Validators(etag='"v1"'))
    assert isinstance(found, NotModified)
    assert found.fetched_at == NOW


def test_a_304_that_nobody_asked_for_is_asked_again_and_then_a_problem() -> None:
    async def scene(server: ByteServer, client: Client) -> None:
        server.say("/p", answer(status="304 Not Modified", length=False), answer(PAGE))
        assert isinstance(await visit(server, client), Snapshot)
        server.say("/p", answer(status="304 Not Modified", length=False))
        found = await visit(server, client, validators=Validators(etag="é"))
        assert isinstance(found, Problem)
        assert (found.cause, found.status) == ("protocol", 304)
        assert server.paths() == ["/robots.txt", "/p", "/p", "/p", "/p"]

    with_server(scene)


def test_the_same_validators_with_new_bytes_are_a_snapshot() -> None:
    found = seen(answer(PAGE, headers=['ETag: "v1"']), validators=Validators(etag='"v1"'))
    assert isinstance(found, Snapshot)


@pytest.mark.parametrize(
    "raw",
    [answer(b""), answer(status="204 No Content", length=False), answer(status="205 Reset"),
     answer(gzip.compress(b""), headers=["Content-Encoding: gzip"])],
)  # fmt: skip
def test_nothing_at_all_is_empty_and_no_page(raw: bytes) -> None:
    found = seen(raw)
    assert isinstance(found, Problem)
    assert found.cause == "empty"


@pytest.mark.parametrize(
    ("status", "headers", "cause"),
    [
        ("404 Not Found", [], "not-found"),
        ("410 Gone", [], "gone"),
        ("401 No", [], "forbidden"),
        ("403 No", [], "forbidden"),
        ("403 No", ["cf-mitigated: challenge"], "blocked"),
        ("403 No", ["Server: AkamaiGHost", "Cache-Control: no-cache"], "blocked"),
        ("403 No", ["Server: awselb/2.0"], "blocked"),
        ("403 No", ["X-Cache: Error from cloudfront"], "blocked"),
        ("404 No", ["X-Cache: Error from cloudfront"], "not-found"),
        ("202 Accepted", ["x-amzn-waf-action: challenge"], "blocked"),
        ("202 Accepted", [], "http-status"),
        ("500 Broken", [], "server-error"),
        ("502 Broken", [], "server-error"),
        ("400 Bad", [], "http-status"),
        ("300 Choices", [], "http-status"),
        ("206 Part", [], "partial"),
        ("302 Found", [], "redirect"),
    ],
)
def test_an_answer_without_a_page_is_a_problem_with_a_name(status: str, headers: list[str], cause: str) -> None:
    found = seen(answer(b"<p>sorry</p>", status=status, headers=headers))
    assert isinstance(found, Problem)
    assert found.cause == cause
    if cause not in ("partial", "redirect"):
        assert found.status == int(status[:3])
        assert status[:3] in found.detail


def test_a_host_that_asks_for_quiet_says_for_how_long() -> None:
    async def scene(server: ByteServer, client: Client) -> None:
        server.say("/p", answer(b"slow down", status="429 Too Many", headers=["Retry-After: 90"]))
        server.say("/q", answer(PAGE))
        first, second = await visit(server, client), await visit(server, client, "/q")
        assert isinstance(first, Problem)
        assert (first.cause, first.retry_after) == ("rate-limited", 90)
        assert isinstance(second, Problem)
        assert second.cause == "backing-off"
        assert (second.retry_after or 0) > 80
        assert "/q" not in server.paths()

    with_server(scene)


@pytest.mark.parametrize(
    ("script", "cause"),
    [
        ([Act.CLOSE], "reset"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nhalf", Act.CLOSE], "truncated"),
        ([answer(gzip.compress(PAGE)[:-4], headers=["Content-Encoding: gzip"])], "decode-incomplete"),
        ([answer(PAGE, headers=["Content-Encoding: sdch"])], "encoding-unknown"),
        ([b"no http at all\r\n\r\n", Act.CLOSE], "protocol"),
    ],
)
def test_trouble_on_the_wire_is_a_value_and_no_exception(script: list[bytes | Act], cause: str) -> None:
    found = seen(*script)
    assert isinstance(found, Problem)
    assert found.cause == cause


def test_robots_are_obeyed_on_the_first_address_and_on_every_hop() -> None:
    async def scene(server: ByteServer, client: Client) -> None:
        server.say("/robots.txt", answer(b"User-agent: *\nDisallow: /closed\n"))
        server.say("/p", answer(status="301 Moved", headers=["Location: /closed/p"]))
        for path in ("/closed/p", "/p"):
            found = await visit(server, client, path)
            assert isinstance(found, Problem)
            assert found.cause == "robots-disallowed"
        assert "/closed/p" not in server.paths()

    with_server(scene)


def test_a_move_to_another_host_is_told_with_the_snapshot() -> None:
    async def scene() -> None:
        async with ByteServer() as old, ByteServer() as new, Client(policy(old.port, new.port)) as client:
            old.say("/p", answer(status="301 Moved", headers=[f"Location: http://127.0.0.1:{new.port}/p"]))
            new.say("/p", answer(PAGE))
            found = await visit(old, client)
            assert isinstance(found, Snapshot)
            assert found.hops == (old.url("/p"),)
            assert found.final_url == new.url("/p")
            assert new.paths() == ["/robots.txt", "/p"], "the new host's rules are asked too"

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("http://169.254.169.254/latest/", "address-refused"),
        ("http://127.1/", "url-refused"),
        ("file:///etc/passwd", "url-refused"),
        ("https://me:hunter2@example.org/", "url-refused"),
    ],
)
def test_an_address_that_must_not_be_asked_for_is_a_problem(url: str, cause: str) -> None:
    async def scene() -> None:
        async with Client(policy()) as client:
            source = Source(id="x", title="x", url=url)
            found = await fetch(source, client=client, validators=None, now=lambda: NOW)
        assert isinstance(found, Problem)
        assert found.cause == cause
        assert "hunter2" not in found.detail

    asyncio.run(scene())
