"""No address outside the policy is ever dialled, whatever the URL, hop, DNS answer or environment (N37 to N46)."""

from __future__ import annotations

import asyncio

import pytest

from domain.errors import FetchError
from outbound.client import Client
from outbound.guard import Guard
from tests.outbound.byte_server import ByteServer, Canary, Names, answer, cause_of, policy


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "0.0.0.0", "0177.0.0.1",
     "2130706433", "0x7f000001", "127.1", "169.254.169.254"],
)  # fmt: skip
def test_a_private_address_is_refused_before_anything_is_dialled(host: str) -> None:
    async def scene() -> None:
        async with Canary() as canary, Client(policy(9)) as client:
            cause = await cause_of(client.get(f"http://{host}/"))
            assert cause in ("address-refused", "url-refused")
            cause = await cause_of(client.get(f"http://{host}:{canary.port}/"))
            assert cause in ("address-refused", "url-refused", "port-refused")

    asyncio.run(scene())


@pytest.mark.parametrize(
    "answers",
    [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "8.8.8.8"], ["8.8.8.8", "fe80::1%2"], ["not an address"]],
)
def test_a_name_that_points_inside_even_once_is_refused(answers: list[str]) -> None:
    async def scene() -> None:
        async with Client(policy(9), resolver=Names({"a.example": [answers]})) as client:
            assert await cause_of(client.get("http://a.example/")) == "address-refused"

    asyncio.run(scene())


def test_an_allowed_address_is_allowed_on_that_port_alone() -> None:
    async def scene() -> None:
        async with ByteServer() as server, Canary() as canary:
            server.say("/", answer(b"ok"))
            names = Names({"a.example": [["127.0.0.1"]]})
            async with Client(policy(server.port), resolver=names) as client:
                assert (await client.get(f"http://a.example:{server.port}/")).body == b"ok"
                assert await cause_of(client.get(f"http://a.example:{canary.port}/")) == "port-refused"
                assert await cause_of(client.get("http://a.example/")) == "address-refused"

    asyncio.run(scene())


def test_the_vetted_address_is_the_one_that_is_dialled() -> None:
    async def scene() -> None:
        async with ByteServer() as server, Canary() as canary:
            server.say("/", answer(b"ok"))
            names = Names({"a.example": [["127.0.0.1"], ["127.0.0.2"]]})
            async with Client(policy(server.port), resolver=names) as client:
                response = await client.get(f"http://a.example:{server.port}/")
                assert response.address == f"127.0.0.1:{server.port}"
            assert names.asked == ["a.example"], "a second look-up could have answered differently"
            assert canary.touched == 0

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("location", "causes"),
    [
        ("http://127.0.0.1:{canary}/", {"port-refused"}),
        ("http://127.0.0.1/", {"address-refused"}),
        ("http://inside.example/", {"address-refused"}),
        ("//169.254.169.254/latest/meta-data/", {"address-refused"}),
        ("http://me:hunter2@127.0.0.1:{canary}/", {"url-refused"}),
        ("file:///etc/passwd", {"url-refused"}),
        ("ftp://127.0.0.1:{canary}/", {"url-refused"}),
        ("gopher://127.0.0.1:{canary}/", {"url-refused"}),
        ("data:text/html,x", {"url-refused"}),
        ("javascript:alert(1)", {"url-refused"}),
        ("http:\\\\127.0.0.1:{canary}\\", {"url-refused", "redirect"}),
    ],
)
def test_a_redirect_inside_or_to_another_scheme_is_refused_at_that_hop(location: str, causes: set[str]) -> None:
    async def scene() -> None:
        async with ByteServer() as server, Canary() as canary:
            target = location.format(canary=canary.port)
            server.say("/p", answer(status="302 Found", headers=[f"Location: {target}"]))
            names = Names({"inside.example": [["10.0.0.7"]]})
            async with Client(policy(server.port), resolver=names) as client:
                with pytest.raises(FetchError) as caught:
                    await client.get(server.url("/p"))
            assert caught.value.cause in causes
            assert server.url("/p") in caught.value.detail, "the hop is told"
            assert "hunter2" not in caught.value.detail

    asyncio.run(scene())


def test_proxies_in_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        async with ByteServer() as server, Canary() as canary:
            for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
                monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
            server.say("/p", answer(b"ok"))
            async with Client(policy(server.port)) as client:
                assert (await client.get(server.url("/p"))).body == b"ok"

    asyncio.run(scene())


def test_ports_that_are_not_the_webs_are_refused() -> None:
    async def scene() -> None:
        async with Client(policy(), resolver=Names({"a.example": [["8.8.8.8"]]})) as client:
            for port in (22, 25, 5432, 6379, 8080):
                assert await cause_of(client.get(f"http://a.example:{port}/")) == "port-refused"

    asyncio.run(scene())


def test_a_mirror_still_needs_its_address_allowed() -> None:
    async def scene() -> None:
        async with Canary() as canary:
            closed = policy(9, resolve=f"www.example.org=http://127.0.0.1:{canary.port}")
            async with Client(closed) as client:
                assert await cause_of(client.get("https://www.example.org/")) == "address-refused"

    asyncio.run(scene())


def test_the_judge_can_be_asked_by_any_transport() -> None:
    guard = Guard(policy(8800))
    guard.admit("127.0.0.1", 8800)
    guard.admit("8.8.8.8", 443)
    with pytest.raises(FetchError, match="address-refused"):
        guard.admit("127.0.0.1", 8801)
    with pytest.raises(FetchError, match="port-refused"):
        guard.admit("8.8.8.8", 8800)
