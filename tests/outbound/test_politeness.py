"""Hosts are not hurried, and are left alone when they ask for it (N17, N18, N34)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from domain.errors import FetchError
from outbound.client import Client
from outbound.politeness import Politeness, retry_after
from tests.outbound.byte_server import ByteServer, answer, cause_of, policy

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "header", "seconds"),
    [
        (503, "120", 120),
        (429, " 7 ", 7),
        (503, "Mon, 04 May 2026 12:05:00 GMT", 300),
        (503, "Mon, 04 May 2026 11:00:00 GMT", 1),
        (503, "Monday, 04-May-26 12:05:00 GMT", 300),
        (503, "1000000000", 21600),
        (503, "9" * 400, 21600),
        (503, "-5", 1),
        (503, "0", 1),
        (503, "soon", 60),
        (503, "", 60),
        (503, "٣", 60),
        (503, "Mon, 99 May 99999 12:05:00 GMT", 60),
        (429, None, 60),
        (503, None, None),
        (200, "120", None),
        (404, "120", None),
    ],
)
def test_what_a_host_asks_for_is_clamped(status: int, header: str | None, seconds: float | None) -> None:
    assert retry_after(status, header, policy=policy(), now=NOW) == seconds


def test_requests_to_one_host_keep_their_distance_and_their_number() -> None:
    async def scene() -> None:
        async with ByteServer() as server:
            polite = replace(policy(server.port), per_host_spacing=0.05)
            server.say("/p", answer(b"ok"))
            async with Client(polite) as client:
                await asyncio.gather(*[client.get(server.url("/p")) for _ in range(6)])
            times = [asked.at for asked in server.asked]
            assert min(later - earlier for earlier, later in pairwise(times)) >= 0.049
            assert server.most_active == 1

    asyncio.run(scene())


def test_waiting_for_a_turn_is_not_counted_against_the_deadline() -> None:
    async def scene() -> None:
        async with ByteServer() as server:
            polite = replace(policy(server.port), per_host_spacing=0.1)
            server.say("/p", answer(b"ok"))
            async with Client(polite) as client:
                answers = await asyncio.gather(*[client.get(server.url("/p"), deadline=0.4) for _ in range(8)])
            assert len(answers) == 8

    asyncio.run(scene())


def test_another_host_does_not_wait() -> None:
    async def scene() -> None:
        turns = Politeness(replace(policy(), per_host_spacing=3600.0))
        async with turns.turn("a.example"), asyncio.timeout(5), turns.turn("b.example"):
            pass

    asyncio.run(scene())


def test_one_refusal_quiets_the_whole_host() -> None:
    async def scene() -> None:
        async with ByteServer() as server:
            server.say("/p", answer(b"", status="429 Too Many", headers=["Retry-After: 300"]))
            server.say("/q", answer(b"ok"))
            async with Client(policy(server.port)) as client:
                response = await client.get(server.url("/p"))
                assert (response.status, response.retry_after) == (429, 300)
                with pytest.raises(FetchError) as caught:
                    await client.get(server.url("/q"))
            assert caught.value.cause == "backing-off"
            assert 290 < (caught.value.retry_after or 0) <= 300
            assert server.paths() == ["/p"]

    asyncio.run(scene())


def test_a_short_quiet_is_waited_out() -> None:
    async def scene() -> None:
        async with ByteServer() as server:
            brief = replace(policy(server.port), retry_after_min=0.1, retry_after_max=0.1)
            server.say("/p", answer(b"", status="503 Away", headers=["Retry-After: 1"]), answer(b"ok"))
            async with Client(brief) as client:
                assert (await client.get(server.url("/p"))).status == 503
                assert (await client.get(server.url("/p"))).body == b"ok"
            first, second = server.asked
            assert second.at - first.at >= 0.099

    asyncio.run(scene())


def test_a_place_is_given_back_when_a_request_fails_or_is_cancelled() -> None:
    async def scene() -> None:
        async with ByteServer() as server:
            server.say("/ok", answer(b"ok"))
            server.play("/hang", [])
            async with Client(policy(server.port)) as client, asyncio.timeout(20):
                assert await cause_of(client.get(server.url("/hang"), deadline=0.1)) == "timeout"
                task = asyncio.create_task(client.get(server.url("/hang")))
                await asyncio.sleep(0.05)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                assert (await client.get(server.url("/ok"))).body == b"ok"

    asyncio.run(scene())
