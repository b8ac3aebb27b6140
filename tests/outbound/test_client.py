"""What a misbehaving server gets us: a named cause, never a half page (fault matrix N01 to N36)."""

from __future__ import annotations

import asyncio
import gzip
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
import trustme

from domain.errors import FetchError
from domain.snapshots import Validators
from outbound.client import Client
from outbound.politeness import Politeness
from tests.outbound.byte_server import Act, ByteServer, Names, answer, cause_of, policy, with_server

PAGE = b"<!doctype html><title>Fees</title><p>The fee is 1,000.</p>" * 50


def expect(cause: str, *script: bytes | Act, deadline: float = 5.0, max_bytes: int | None = None) -> None:
    """The script of one page leads to that cause."""

    async def scene(server: ByteServer, client: Client) -> None:
        server.play("/p", list(script))
        found = await cause_of(client.get(server.url("/p"), deadline=deadline, max_bytes=max_bytes))
        assert found == cause

    with_server(scene)


def test_a_page_comes_whole_with_its_facts() -> None:
    async def scene(server: ByteServer, client: Client) -> None:
        server.say("/p", answer(gzip.compress(PAGE), headers=["Content-Encoding: gzip", "X-One: a", "X-One: b"]))
        response = await client.get(server.url("/p"))
        assert response.status == 200
        assert response.body == PAGE
        assert response.wire_bytes == len(gzip.compress(PAGE))
        assert response.address == f"127.0.0.1:{server.port}"
        assert response.length_verified
        assert response.hops == ()
        assert [name for name, _ in response.headers] == ["content-encoding", "x-one", "x-one", "content-length"]

    with_server(scene)


def test_we_say_who_we_are_and_offer_only_what_we_can_decode() -> None:
    async def scene(server: ByteServer, client: Client) -> None:
        server.say("/p", answer(PAGE, headers=["Set-Cookie: wall=1; Path=/"]))
        await client.get(server.url("/p"))
        await client.get(
            server.url("/p"), validators=Validators(etag='"v1"', last_modified="Mon, 01 Jan 2024 00:00:00 GMT")
        )
        first, second = server.asked
        assert first.headers["user-agent"] == "Claimwatch/0.1 (+https://watch.example/about)"
        assert first.headers["accept-encoding"] == "gzip, deflate, br, zstd"
        assert "if-none-match" not in first.headers
        assert second.headers["if-none-match"] == '"v1"'
        assert second.headers["if-modified-since"] == "Mon, 01 Jan 2024 00:00:00 GMT"
        assert "cookie" not in second.headers
        assert server.connections == 1

    with_server(scene)


def test_a_validator_that_cannot_be_sent_back_is_left_out() -> None:
    async def scene(server: ByteServer, client: Client) -> None:
        server.say("/p", answer(PAGE))
        await client.get(server.url("/p"), validators=Validators(etag='"\xff\r\nX: 1"', last_modified=" "))
        assert not {"if-none-match", "if-modified-since", "x"} & set(server.asked[0].headers)

    with_server(scene)


def test_a_refused_connection_is_named() -> None:
    async def scene() -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
            async with Client(policy(port)) as client:
                assert await cause_of(client.get(f"http://127.0.0.1:{port}/")) == "connect"

    asyncio.run(scene())


@pytest.mark.parametrize(
    "trouble",
    [socket.gaierror(socket.EAI_NONAME, ""), socket.gaierror(socket.EAI_AGAIN, ""), TimeoutError(), ()],
)
def test_a_name_that_does_not_resolve_is_named(trouble: Exception | tuple[str, ...]) -> None:
    async def scene() -> None:
        async with Client(policy(), resolver=Names({"a.example": [trouble]})) as client:
            assert await cause_of(client.get("http://a.example/")) == "dns"

    asyncio.run(scene())


def test_a_resolver_that_hangs_counts_against_the_deadline() -> None:
    async def hang(host: str, port: int) -> tuple[str, ...]:
        await asyncio.Event().wait()
        return ()

    async def scene() -> None:
        async with asyncio.timeout(10), Client(policy(), resolver=hang) as client:
            assert await cause_of(client.get("http://a.example/", deadline=0.2)) == "timeout"
        slow = replace(policy(), connect_timeout=0.2)
        async with asyncio.timeout(10), Client(slow, resolver=hang) as client:
            assert await cause_of(client.get("http://a.example/")) == "dns"

    asyncio.run(scene())


def test_a_server_that_says_nothing_is_cut_by_the_deadline() -> None:
    expect("timeout", Act.HANG, deadline=0.3)


def test_a_header_that_never_ends_is_cut_by_the_deadline() -> None:
    expect("timeout", b"HTTP/1.1 200 OK\r\nX-A: ", Act.DRIP, deadline=0.3)


def test_informational_answers_for_ever_are_cut_by_the_deadline() -> None:
    expect("timeout", *[b"HTTP/1.1 103 Early Hints\r\n\r\n"] * 20, Act.HANG, deadline=0.3)


def test_a_body_that_drips_is_cut_by_the_overall_deadline() -> None:
    expect("timeout", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", Act.DRIP, deadline=0.5)


@pytest.mark.parametrize("framing", [b"Content-Length: 9000\r\n", b"Transfer-Encoding: chunked\r\n", b""])
def test_a_line_that_breaks_in_the_body_is_a_reset(framing: bytes) -> None:
    body = b"2000\r\n" + b"x" * 500 if b"chunked" in framing else b"x" * 500
    expect("reset", b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n" + body, Act.RESET)


def test_a_server_that_hangs_up_without_an_answer_is_a_reset() -> None:
    expect("reset", Act.CLOSE)
    expect("reset", Act.RESET)


def test_a_head_cut_short_is_a_reset() -> None:
    expect("reset", b"HTTP/1.1 200 OK\r\nContent-Le", Act.CLOSE)


def test_a_body_shorter_than_stated_is_truncated() -> None:
    expect("truncated", b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + PAGE[:500], Act.CLOSE)


@pytest.mark.parametrize("tail", [b"5\r\nhello\r\n", b"5\r\nhel", b"5\r\nhello\r\n0\r\n"])
def test_chunks_without_their_end_are_truncated(tail: bytes) -> None:
    expect("truncated", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + tail, Act.CLOSE)


def test_chunks_that_are_no_chunks_are_no_proper_http() -> None:
    expect("protocol", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n", Act.CLOSE)


def test_a_body_that_ends_with_the_connection_is_marked_unverified() -> None:
    async def scene(server: ByteServer, client: Client) -> None:
        server.play("/p", [answer(PAGE, length=False), Act.CLOSE])
        server.play("/z", [answer(gzip.compress(PAGE), headers=["Content-Encoding: gzip"], length=False), Act.CLOSE])
        server.play("/old", [answer(PAGE, length=False, version="1.0"), Act.CLOSE])
        response = await client.get(server.url("/p"))
        assert (response.body, response.length_verified) == (PAGE, False)
        proven = await client.get(server.url("/z"))
        assert (proven.body, proven.length_verified) == (PAGE, True)
        assert (await client.get(server.url("/old"))).body == PAGE

    with_server(scene)


def test_a_gzip_body_without_its_trailer_is_incomplete_though_its_length_is_right() -> None:
    expect("decode-incomplete", answer(gzip.compress(PAGE)[:-8], headers=["Content-Encoding: gzip"]))


def test_an_unknown_encoding_is_named() -> None:
    expect("encoding-unknown", answer(PAGE, headers=["Content-Encoding: compress"]))


def test_an_endless_body_is_cut_at_the_cap() -> None:
    expect("too-large", b"HTTP/1.1 200 OK\r\n\r\n", Act.FLOOD, max_bytes=1_000_000)


def test_an_announced_giant_is_not_even_read() -> None:
    expect("too-large", b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", Act.HANG)


def test_a_bomb_is_cut_at_the_cap() -> None:
    expect("too-large", answer(gzip.compress(b"\0" * 30_000_000), headers=["Content-Encoding: gzip"]))


@pytest.mark.parametrize(
    "head",
    [
        b"X-Big: " + b"a" * 200_000 + b"\r\n",
        b"".join(b"X-%d: a\r\n" % number for number in range(5000)),
    ],
)
def test_a_flood_of_headers_is_no_proper_http(head: bytes) -> None:
    expect("protocol", b"HTTP/1.1 200 OK\r\n" + head + b"Content-Length: 0\r\n\r\n")


@pytest.mark.parametrize(
    "raw",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc" * 20,
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
    ],
)
def test_what_is_no_proper_http_is_said_to_be_none(raw: bytes) -> None:
    expect("protocol", raw, Act.CLOSE)


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
        b"HTTP/1.1 999 Odd\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nX-\xff: \xfe\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    ],
)
def test_odd_answers_are_tolerated_or_refused_but_never_crash(raw: bytes) -> None:
    async def scene(server: ByteServer, client: Client) -> None:
        server.play("/p", [raw, Act.CLOSE])
        server.say("/next", answer(PAGE))
        try:
            body = (await client.get(server.url("/p"))).body
        except FetchError as error:
            body = error.cause.encode()
        assert body in (b"hello", b"protocol", b"truncated")
        assert (await client.get(server.url("/next"))).body == PAGE

    with_server(scene)


def test_a_part_that_was_not_asked_for_is_refused() -> None:
    expect("partial", answer(PAGE, status="206 Partial Content"))


def test_an_error_page_that_is_spoilt_still_shows_its_status() -> None:
    async def scene(server: ByteServer, client: Client) -> None:
        server.say("/p", answer(b"no gzip", status="404 Not Found", headers=["Content-Encoding: gzip"]))
        response = await client.get(server.url("/p"))
        assert (response.status, response.body, response.length_verified) == (404, b"", False)

    with_server(scene)


def test_a_stale_connection_is_replaced_without_a_word() -> None:
    async def scene(server: ByteServer, client: Client) -> None:
        server.play("/p", [answer(PAGE)], [Act.CLOSE], [answer(PAGE)])
        await client.get(server.url("/p"))
        assert (await client.get(server.url("/p"))).body == PAGE
        assert server.connections == 2

    with_server(scene)


def test_a_post_is_sent_once_and_its_redirect_is_an_answer() -> None:
    async def scene(server: ByteServer, client: Client) -> None:
        server.say("/hook", answer(b"", status="302 Found", headers=["Location: /other"]))
        server.play("/broken", [Act.CLOSE])
        response = await client.post(server.url("/hook"), content=b"{}", headers={"Content-Type": "application/json"})
        assert response.status == 302
        assert server.asked[0].body == b"{}"
        assert server.asked[0].headers["content-type"] == "application/json"
        assert await cause_of(client.post(server.url("/broken"), content=b"{}")) == "reset"
        assert server.paths() == ["/hook", "/broken"]
        with pytest.raises(ValueError, match="ASCII"):
            await client.post(server.url("/hook"), content=b"", headers={"X": "a\r\nY: b"})

    with_server(scene)


def tls_server(name: str, *, trusted: bool = True) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a throw-away certificate for that name, and a client's that trusts it, or another."""
    authority = trustme.CA()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(server)
    client = ssl.create_default_context()
    (authority if trusted else trustme.CA()).configure_trust(client)
    return server, client


def tls_scene(
    name: str, scene: Callable[[ByteServer, Client], Awaitable[None]], *, trusted: bool = True, more: int = 0
) -> None:
    async def play() -> None:
        server_tls, client_tls = tls_server(name, trusted=trusted)
        async with asyncio.timeout(30), ByteServer(tls=server_tls) as server:
            mirror = f"www.example.org=https://127.0.0.1:{server.port}"
            async with Client(policy(server.port, more or 9, resolve=mirror), tls=client_tls) as client:
                await scene(server, client)

    asyncio.run(play())


def test_a_mirror_is_reached_under_the_hosts_own_name() -> None:
    async def scene(server: ByteServer, client: Client) -> None:
        server.say("/p", answer(PAGE))
        response = await client.get("https://www.example.org/p")
        assert response.body == PAGE
        assert response.final_url == "https://www.example.org/p"
        assert response.address == f"127.0.0.1:{server.port}"
        assert server.asked[0].headers["host"] == "www.example.org"

    tls_scene("www.example.org", scene)


@pytest.mark.parametrize(("name", "trusted"), [("www.example.org", False), ("other.example.org", True)])
def test_a_certificate_that_does_not_convince_is_refused(name: str, trusted: bool) -> None:
    async def scene(server: ByteServer, client: Client) -> None:
        server.say("/p", answer(PAGE))
        assert await cause_of(client.get("https://www.example.org/p")) == "tls"
        assert server.asked == []

    tls_scene(name, scene, trusted=trusted)


def test_a_server_that_speaks_no_tls_is_a_tls_failure() -> None:
    async def play() -> None:
        async with ByteServer() as server, Client(policy(server.port)) as client:
            assert await cause_of(client.get(f"https://127.0.0.1:{server.port}/p", deadline=3)) in ("tls", "timeout")

    asyncio.run(play())


def test_a_redirect_from_https_to_http_is_refused() -> None:
    async def scene(server: ByteServer, client: Client) -> None:
        server.say("/p", answer(status="301 Moved", headers=["Location: http://www.example.org/q"]))
        assert await cause_of(client.get("https://www.example.org/p")) == "redirect"
        assert server.paths() == ["/p"]

    tls_scene("www.example.org", scene)


def test_redirects_are_followed_by_hand_and_remembered() -> None:
    async def scene(server: ByteServer, client: Client) -> None:
        server.say("/a", answer(status="301 Moved", headers=["Location: /b"]))
        server.say("/b", answer(status="302 Found", headers=["Location: c?x=1#part"]))
        server.say("/c?x=1", answer(PAGE))
        response = await client.get(server.url("/a"), validators=Validators(etag='"v"'))
        assert response.hops == (server.url("/a"), server.url("/b"))
        assert response.url == server.url("/a")
        assert response.final_url == server.url("/c?x=1")
        assert [("if-none-match" in asked.headers) for asked in server.asked] == [True, False, False]

    with_server(scene)


@pytest.mark.parametrize(
    "headers",
    [["Location: /p"], [], ["Location: "], ["Location: http://[::1"]],
)
def test_a_redirect_that_leads_nowhere_is_refused(headers: list[str]) -> None:
    async def scene(server: ByteServer, client: Client) -> None:
        server.say("/p", answer(status="302 Found", headers=headers))
        assert await cause_of(client.get(server.url("/p"))) in ("redirect", "url-refused")
        assert server.paths() == ["/p"]

    with_server(scene)


def test_redirects_without_end_stop_at_the_limit() -> None:
    async def scene(server: ByteServer, client: Client) -> None:
        for number in range(10):
            server.say(f"/{number}", answer(status="302 Found", headers=[f"Location: /{number + 1}"]))
        assert await cause_of(client.get(server.url("/0"))) == "redirect"
        assert server.paths() == [f"/{number}" for number in range(6)]

    with_server(scene)


def test_the_deadline_spans_all_redirects() -> None:
    async def scene(server: ByteServer, client: Client) -> None:
        for number in range(6):
            hop = answer(status="302 Found", headers=[f"Location: /{number + 1}"], length=True)
            server.play(f"/{number}", [hop])
        server.play("/1", [Act.HANG])
        assert await cause_of(client.get(server.url("/0"), deadline=0.3)) == "timeout"

    with_server(scene)


def test_each_hop_is_asked_about_before_it_is_requested() -> None:
    async def scene(server: ByteServer, client: Client) -> None:
        server.say("/a", answer(status="301 Moved", headers=["Location: /b"]))
        server.say("/b", answer(PAGE))
        seen: list[str] = []

        async def permit(url: str) -> None:
            assert len(server.asked) == len(seen)
            seen.append(url)

        await client.get(server.url("/a"), permit=permit)
        assert seen == [server.url("/a"), server.url("/b")]

    with_server(scene)


def test_whole_addresses_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(server: ByteServer, client: Client) -> None:
        server.say("/p?token=hunter2", answer(PAGE))
        await client.get(server.url("/p?token=hunter2"))

    with caplog.at_level(logging.INFO):
        with_server(scene)
    assert "hunter2" not in caplog.text


def test_a_client_can_be_made_without_any_event_loop() -> None:
    assert isinstance(Client(policy())._politeness, Politeness)
