"""A signed POST is sent once: by a real server that accepts, refuses, asks to wait, is not there, or breaks the line."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from domain.digests import DeliveryState, Message
from notifications.channels import deliver_to_channels
from notifications.deliver import Run
from notifications.digest import compose_due
from notifications.webhook import WebhookSender
from storage.channels import WEBHOOK, keep_channel
from storage.deliveries import queue_message, release_ambiguous
from storage.delivery_lists import DeliveryLine, find_delivery
from storage.store import Store
from tests.notifications.builders import CLAIMS, NOW, SOURCES, dollars, flag
from tests.notifications.stores import happen, reader
from tests.outbound.byte_server import Act, ByteServer, answer, policy

SECRET = "the shared secret of one channel, long"
BODY = json.dumps({"items": []}).encode()
WAY = 1


@contextmanager
def serving(*script: bytes | Act) -> Iterator[ByteServer]:
    """A server on a loop of its own, which plays one script again and again."""
    server, ready, over = ByteServer(), threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []
    server.play("/hook", list(script))

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        async with server:
            ready.set()
            await over.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(10)
    try:
        yield server
    finally:
        loops[0].call_soon_threadsafe(over.set)
        thread.join(10)


def queued(store: Store) -> int:
    message = Message(message_id="<one@watch.example>", sender="", recipient="team", subject="News", content=BODY)
    with store.writing() as connection:
        return queue_message(connection, message=message, way=WAY, now=NOW)


def post(store: Store, url: str, port: int) -> None:
    sender = WebhookSender(url, secret=SECRET, policy=policy(port), now=lambda: NOW)
    Run(store=store, owner="test", now=lambda: NOW, limit=10, way=WAY).all(lambda: sender, connections=1)


def line(store: Store, number: int) -> DeliveryLine:
    with store.reading() as connection:
        found = find_delivery(connection, number)
    assert found is not None
    return found


def test_what_is_posted_can_be_verified_with_the_secret_and_is_posted_once(store):
    number = queued(store)
    with serving(answer(status="204 No Content")) as server:
        post(store, server.url("/hook"), server.port)
        post(store, server.url("/hook"), server.port)
    (asked,) = server.asked
    assert (asked.method, asked.body, asked.headers["idempotency-key"]) == ("POST", BODY, "one@watch.example")
    assert asked.headers["claimwatch-timestamp"] == str(int(NOW.timestamp()))
    signed = asked.headers["claimwatch-timestamp"].encode() + b"." + asked.body
    expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert asked.headers["claimwatch-signature"] == f"v1={expected}"
    assert line(store, number).state is DeliveryState.SENT


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("301 Moved", DeliveryState.FAILED),
        ("400 Bad", DeliveryState.FAILED),
        ("410 Gone", DeliveryState.FAILED),
        ("408 Slow", DeliveryState.DEFERRED),
        ("429 Many", DeliveryState.DEFERRED),
        ("500 Broken", DeliveryState.DEFERRED),
    ],
)
def test_a_refusal_is_for_good_unless_it_says_that_later_may_do(store, status, state):
    number = queued(store)
    with serving(answer(status=status)) as server:
        post(store, server.url("/hook"), server.port)
    assert line(store, number).state is state


def test_a_service_that_asks_for_time_gets_it(store):
    number = queued(store)
    with serving(answer(status="429 Many", headers=["Retry-After: 1200"])) as server:
        post(store, server.url("/hook"), server.port)
    assert line(store, number).next_attempt == NOW + timedelta(seconds=1200)


def test_a_service_that_is_not_there_is_tried_again(store):
    number = queued(store)
    with serving(answer()) as server:
        url, port = server.url("/hook"), server.port
    post(store, url, port)
    assert line(store, number).state is DeliveryState.DEFERRED


@pytest.mark.parametrize("script", [(Act.RESET,), (Act.CLOSE,), (b"no HTTP at all\r\n\r\n", Act.CLOSE)])
def test_an_answer_that_is_lost_holds_the_delivery_until_somebody_releases_it(store, script):
    number = queued(store)
    with serving(*script) as server:
        post(store, server.url("/hook"), server.port)
        post(store, server.url("/hook"), server.port)
        assert len(server.asked) == 1
        assert line(store, number).state is DeliveryState.AMBIGUOUS
        with store.writing() as connection:
            release_ambiguous(connection, number, now=NOW)
        post(store, server.url("/hook"), server.port)
    first, again = server.asked
    assert (first.body, first.headers["idempotency-key"]) == (again.body, again.headers["idempotency-key"])


def test_an_address_that_may_not_be_reached_pauses_the_channel_and_is_never_dialled(store):
    number = queued(store)
    with serving(answer()) as server:
        post(store, server.url("/hook"), 1)
    assert server.connections == 0
    assert line(store, number).reason.startswith("paused: ")


def test_a_short_secret_signs_nothing():
    with pytest.raises(ValueError, match="32 characters"):
        WebhookSender("https://team.example/hook", secret="short", policy=policy(1), now=lambda: NOW)


def test_a_channels_digest_is_posted_as_one_document_and_never_mailed(store):
    happen(store, flag(1, "permit-fee", before=dollars(1000), after=dollars(1155)), at=NOW - timedelta(hours=1))
    with serving(answer()) as server:
        with store.writing() as connection:
            number = keep_channel(
                connection, name="team", kind=WEBHOOK, url=server.url("/hook"), secret=SECRET, now=NOW
            )
        reader(store, "team", channel=number)
        happen(store, flag(2, "permit-fee", before=dollars(1155), after=dollars(1200)), at=NOW - timedelta(minutes=30))
        compose_due(
            store, sources=SOURCES, claims=CLAIMS, now=NOW, sender="w@watch.example", base_url="https://watch.example"
        )
        for _ in range(2):
            deliver_to_channels(store, policy=policy(server.port), owner="test", now=lambda: NOW)
    (asked,) = server.asked
    document = json.loads(asked.body)
    (item,) = document["items"]
    assert (item["before"], item["after"]) == ("CAD 1,155", "CAD 1,200")
    assert document["coverage"]["sources"] == str(len(SOURCES))
    assert document["channel"] == "team@example.org"
