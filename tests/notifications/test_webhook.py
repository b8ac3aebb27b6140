"""A signed POST is sent once: by a real server that accepts, refuses, asks to wait, is not there, or breaks the line."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from domain.digests import DeliveryState, Message
from notifications.channels import deliver_to_channels
from notifications.deliver import Run
from notifications.digest import compose_due
from notifications.webhook import WebhookSender
from storage.channels import ChannelKind, keep_channel
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


def secrets_of(server: ByteServer, path: str = "/hook") -> dict[str, str]:
    return {"env:URL": server.url(path), "env:SECRET": SECRET}


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
                connection, name="team", kind=ChannelKind.WEBHOOK, address="env:URL", secret="env:SECRET", now=NOW
            )
        reader(store, "team", channel=number)
        happen(store, flag(2, "permit-fee", before=dollars(1155), after=dollars(1200)), at=NOW - timedelta(minutes=30))
        compose_due(
            store, sources=SOURCES, claims=CLAIMS, now=NOW, sender="w@watch.example", base_url="https://watch.example"
        )
        for _ in range(2):
            deliver_to_channels(
                store, policy=policy(server.port), owner="test", now=lambda: NOW, read=secrets_of(server).__getitem__
            )
    (asked,) = server.asked
    document = json.loads(asked.body)
    (item,) = document["items"]
    assert (item["before"], item["after"]) == ("CAD 1,155", "CAD 1,200")
    assert document["coverage"]["sources"] == str(len(SOURCES))
    assert document["channel"] == "team@example.org"


def test_a_line_that_cannot_be_opened_in_time_is_tried_again_because_nothing_was_sent(store):
    """The queue of a listener is full, so that the next connection is never taken up."""
    number = queued(store)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        with ExitStack() as crowd:
            for _ in range(4):
                one = crowd.enter_context(socket.socket())
                one.setblocking(False)
                one.connect_ex(("127.0.0.1", port))
            sender = WebhookSender(
                f"http://127.0.0.1:{port}/hook",
                secret=SECRET,
                policy=replace(policy(port), connect_timeout=0.3),
                now=lambda: NOW,
            )
            Run(store=store, owner="test", now=lambda: NOW, limit=10, way=WAY).all(lambda: sender, connections=1)
    assert line(store, number).state is DeliveryState.DEFERRED


def test_channels_are_told_side_by_side(store):
    """Each of two servers answers only once both were asked."""
    both = threading.Barrier(2, timeout=20)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed."""

        def do_POST(self) -> None:
            both.wait()
            self.send_response(204)
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        port = server.server_address[1]
        for name in ("one", "two"):
            with store.writing() as connection:
                way = keep_channel(
                    connection,
                    name=name,
                    kind=ChannelKind.WEBHOOK,
                    address="env:URL",
                    secret="env:SECRET",
                    now=NOW,
                )
                message = Message(message_id=f"<{name}@x>", sender="", recipient=name, subject="", content=BODY)
                queue_message(connection, message=message, way=way, now=NOW)
        given = {"env:URL": f"http://127.0.0.1:{port}/hook", "env:SECRET": SECRET}
        reports = deliver_to_channels(store, policy=policy(port), owner="test", now=lambda: NOW, read=given.__getitem__)
        server.shutdown()
        thread.join(10)
    assert [report.sent for report in reports] == [1, 1]


def test_two_senders_on_one_channel_post_each_document_once(store):
    with serving(answer()) as server:
        with store.writing() as connection:
            way = keep_channel(
                connection, name="team", kind=ChannelKind.WEBHOOK, address="env:URL", secret="env:SECRET", now=NOW
            )
            for number in range(12):
                message = Message(message_id=f"<{number}@x>", sender="", recipient="t", subject="", content=BODY)
                queue_message(connection, message=message, way=way, now=NOW)
        read = secrets_of(server).__getitem__
        with ThreadPoolExecutor(2) as pool:
            runs = [
                pool.submit(
                    deliver_to_channels, store, policy=policy(server.port), owner=name, now=lambda: NOW, read=read
                )
                for name in ("one", "two")
            ]
            sent = sum(report.sent for run in runs for report in run.result(60))
    assert sent == 12
    assert len({asked.headers["idempotency-key"] for asked in server.asked}) == len(server.asked) == 12


@pytest.mark.parametrize(
    "script",
    [
        (answer(status="302 Found", headers=["Location: http://169.254.169.254/latest"]),),
        (b"HTTP/1.1 200 OK\r\n\r\n", Act.FLOOD),
        (b"HTTP/1.1 200 OK\r\nX-A: ", Act.FLOOD),
        (b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(2000)) + b"\r\n", Act.CLOSE),
    ],
)
def test_a_hostile_service_gets_one_post_and_costs_nothing_more(store, script):
    number = queued(store)
    with serving(*script) as server:
        post(store, server.url("/hook"), server.port)
        post(store, server.url("/hook"), server.port)
        assert len(server.asked) == 1
    assert line(store, number).state in (DeliveryState.FAILED, DeliveryState.AMBIGUOUS)
