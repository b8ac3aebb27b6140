"""robots.txt as RFC 9309 says, each state visible (N33)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import FetchError
from outbound.client import Client
from outbound.robots import MAX_BYTES, readable
from tests.outbound.byte_server import Act, ByteServer, answer, cause_of, with_server

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
RULES = b"User-agent: *\nDisallow: /private\nAllow: /private/open\n\nUser-agent: claimwatch\nDisallow: /not-you\n"


async def allowed(client: Client, url: str, now: datetime = NOW) -> bool:
    try:
        await client.robots.check(url, now=now)
    except FetchError as error:
        if error.cause != "robots-disallowed":
            raise
        return False
    return True


def test_the_rules_for_us_are_obeyed() -> None:
    async def scene(server: ByteServer, client: Client) -> None:
        server.say("/robots.txt", answer(RULES))
        assert not await allowed(client, server.url("/not-you/page"))
        assert await allowed(client, server.url("/private")), "our own group replaces the general one"
        server.say("/robots.txt", answer(b"User-agent: *\nDisallow: /private\nAllow: /private/open"))
        later = NOW + timedelta(hours=25)
        assert not await allowed(client, server.url("/private/x?y=1"), later)
        assert await allowed(client, server.url("/private/open"), later)

    with_server(scene)


@pytest.mark.parametrize("status", ["404 Not Found", "403 Forbidden", "410 Gone", "401 Unauthorized"])
def test_a_site_without_rules_allows_all(status: str) -> None:
    async def scene(server: ByteServer, client: Client) -> None:
        server.say("/robots.txt", answer(b"User-agent: *\nDisallow: /", status=status))
        assert await allowed(client, server.url("/p"))

    with_server(scene)


@pytest.mark.parametrize(
    "script",
    [
        [answer(b"", status="500 Broken")],
        [answer(b"", status="503 Away")],
        [Act.CLOSE],
        [Act.RESET],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nUser-agent: *", Act.CLOSE],
        [answer(b"no gzip", headers=["Content-Encoding: gzip"])],
        [answer(b"", status="302 Found", headers=["Location: /robots.txt"])],
    ],
)
def test_rules_that_cannot_be_had_forbid_all_for_now(script: list[bytes | Act]) -> None:
    async def scene(server: ByteServer, client: Client) -> None:
        server.play("/robots.txt", script)
        for _ in range(3):
            assert await cause_of(client.robots.check(server.url("/p"), now=NOW)) == "robots-unreachable"
        asked = len(server.asked)
        assert asked <= 2, "an outage is not asked about with every page"
        server.say("/robots.txt", answer(RULES))
        assert await allowed(client, server.url("/p"), NOW + timedelta(minutes=11))

    with_server(scene)


def test_rules_are_asked_for_once_a_day_even_by_many_at_once() -> None:
    async def scene(server: ByteServer, client: Client) -> None:
        server.say("/robots.txt", answer(RULES))
        await asyncio.gather(*[allowed(client, server.url(f"/{number}")) for number in range(20)])
        assert await allowed(client, server.url("/p"), NOW + timedelta(hours=23))
        assert server.paths() == ["/robots.txt"]
        await allowed(client, server.url("/p"), NOW + timedelta(hours=24))
        await allowed(client, server.url("/p"), NOW - timedelta(days=400))
        assert len(server.asked) == 3, "a clock that was set back does not keep rules for years"

    with_server(scene)


def test_giant_and_senseless_files_are_survived() -> None:
    async def scene(server: ByteServer, client: Client) -> None:
        giant = b"User-agent: *\nDisallow: /early\n" + b"Disallow: /x/y\n" * 150_000 + b"Disallow: /late\n"
        server.say("/robots.txt", answer(giant))
        assert not await allowed(client, server.url("/early"))
        assert await allowed(client, server.url("/late"))
        server.say("/robots.txt", answer(b"<!doctype html><title>Home</title>\x00\xff Disallow: /"))
        assert await allowed(client, server.url("/p"), NOW + timedelta(days=2))

    with_server(scene)


def test_a_long_file_is_read_in_whole_lines() -> None:
    text = readable(b"Disallow: /some/long/path\n" * 30_000)
    assert len(text) <= MAX_BYTES
    assert set(text.split("\n")) == {"Disallow: /some/long/path"}


def test_a_site_that_is_out_of_reach_keeps_its_own_trouble() -> None:
    async def scene(server: ByteServer, client: Client) -> None:
        port = 80 if server.port != 80 else 443
        assert await cause_of(client.robots.check(f"http://127.0.0.1:{port}/", now=NOW)) == "address-refused"

    with_server(scene)
