"""A channel that is slow, endless or cut off in the middle holds up itself alone, and is told nothing twice."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from domain.digests import DeliveryState, Message
from notifications.channels import deliver_to_channels
from notifications.digest import compose_due
from notifications.handover import LEASE
from notifications.sending import USUAL, Patience
from storage.channels import ChannelKind, keep_channel
from storage.deliveries import queue_message, release_ambiguous
from storage.delivery_claims import claim_deliveries
from storage.delivery_lists import list_deliveries
from storage.store import Store
from tests.notifications.builders import CLAIMS, NOW, SOURCES
from tests.notifications.test_trackers import Team
from tests.notifications.test_webhook import BODY, secrets_of, serving
from tests.notifications.tracker import TOKEN, tracking
from tests.outbound.byte_server import Act, answer, policy

ROOT = Path(__file__).parents[2]
SHORT = Patience(answer=0.4, order=0.8, run=0.5)


def hook(store: Store, count: int) -> None:
    with store.writing() as connection:
        way = keep_channel(
            connection, name="hook", kind=ChannelKind.WEBHOOK, address="env:URL", secret="env:SECRET", now=NOW
        )
        for number in range(count):
            message = Message(message_id=f"<{number}@x>", sender="", recipient="t", subject="", content=BODY)
            queue_message(connection, message=message, way=way, now=NOW)


def states(store: Store) -> list[DeliveryState]:
    with store.reading() as connection:
        return [line.state for line in reversed(list_deliveries(connection))]


def test_one_order_and_one_answer_end_long_before_the_lease_of_what_was_claimed():
    assert USUAL.answer < USUAL.order
    assert timedelta(seconds=USUAL.run + USUAL.order) * 3 < LEASE


def test_a_service_that_answers_slowly_gets_its_time_and_gives_back_the_rest(store):
    hook(store, 12)
    with serving(Act.HANG) as server:
        (report,) = deliver_to_channels(
            store,
            policy=policy(server.port),
            owner="test",
            now=lambda: NOW,
            read=secrets_of(server).__getitem__,
            patience=SHORT,
        )
        posted = len(server.asked)
    assert 1 <= posted <= 3
    assert "time for one run" in report.stopped
    assert states(store) == [DeliveryState.AMBIGUOUS] * posted + [DeliveryState.PENDING] * (12 - posted)
    with store.writing() as connection:
        free = claim_deliveries(connection, owner="other", now=NOW, lease=LEASE, most=50, way=1)
    assert len(free) == 12 - posted


def test_what_a_run_had_no_time_for_goes_out_with_the_next(store):
    hook(store, 6)
    with serving(answer()) as server:
        for _ in range(8):
            deliver_to_channels(
                store,
                policy=policy(server.port),
                owner="test",
                now=lambda: NOW,
                read=secrets_of(server).__getitem__,
                patience=Patience(run=0),
            )
        assert len({asked.headers["idempotency-key"] for asked in server.asked}) == len(server.asked) == 6
    assert set(states(store)) == {DeliveryState.SENT}


@contextmanager
def endless(*, gitlab: bool) -> Iterator[tuple[int, list[str]]]:
    """A tracker with another full page of issues after each, none of which is ours; every page takes its time."""
    asked: list[str] = []
    closing = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed."""

        def do_GET(self) -> None:
            asked.append(self.path)
            closing.wait(0.15)
            page = json.dumps([{"number": n, "iid": n, "body": "x", "description": "x"} for n in range(100)]).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def do_POST(self) -> None:
            asked.append("POST")

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.server_address[1], asked
        finally:
            closing.set()
            server.shutdown()
            thread.join(10)


def opened(store: Store, api: str, *, gitlab: bool) -> int:
    """A flag whose issue waits to be opened at an interface; the number of the delivery."""
    with tracking(gitlab=gitlab) as nobody:
        nobody.port = urlsplit(api).port or 0
        team = Team(store=store, tracker=nobody)
        team.flagged()
        compose(store, team.now + timedelta(minutes=10))
    with store.reading() as connection:
        (line,) = list_deliveries(connection)
    return line.id


def compose(store: Store, now: datetime) -> None:
    compose_due(
        store, sources=SOURCES, claims=CLAIMS, now=now, sender="w@watch.example", base_url="https://watch.example"
    )


def tell(store: Store, port: int, patience: Patience = SHORT) -> tuple[DeliveryState, str]:
    deliver_to_channels(
        store,
        policy=policy(port),
        owner="test",
        now=lambda: NOW + timedelta(minutes=20),
        read={"env:TOKEN": TOKEN}.__getitem__,
        patience=patience,
    )
    with store.reading() as connection:
        (line,) = list_deliveries(connection)
    return line.state, line.reason


@pytest.mark.parametrize("gitlab", [False, True])
def test_a_tracker_that_is_slow_page_after_page_is_left_for_later_with_nothing_made(store, gitlab):
    with endless(gitlab=gitlab) as (port, asked):
        opened(store, f"http://127.0.0.1:{port}/api", gitlab=gitlab)
        state, reason = tell(store, port)
    assert state is DeliveryState.DEFERRED
    assert "too slow for one order" in reason
    assert len(asked) < 20
    assert "POST" not in asked


def test_a_tracker_without_end_of_issues_is_looked_through_to_a_bound(store):
    with endless(gitlab=False) as (port, asked):
        opened(store, f"http://127.0.0.1:{port}/api", gitlab=False)
        state, reason = tell(store, port, Patience(answer=20, order=60, run=0))
    assert state is DeliveryState.DEFERRED
    assert "to look through" in reason
    assert len(asked) == 20


DEEP = b"[" * 100_000 + b"]" * 100_000


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ((Act.HANG,), "lost"),
        ((b"HTTP/1.1 200 OK\r\n\r\n", Act.DRIP), "lost"),
        ((b"HTTP/1.1 200 OK\r\n\r\n", Act.FLOOD), "too-large"),
        ((b"HTTP/1.1 200 OK\r\nX-A: ", Act.FLOOD), "protocol"),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", Act.HANG), "too-large"),
        ((answer(b"x" * 9_000_000),), "too-large"),
        ((answer(status="302 Found", headers=["Location: http://169.254.169.254/latest"]),), "paused: "),
        ((answer(status="307 Elsewhere", headers=["Location: /api/other"]),), "paused: "),
        ((answer(b"<html>"),), "no JSON"),
        ((answer(DEEP),), "no JSON"),
        ((answer(b"9" * 100_000),), "no JSON"),
        ((answer(b"{}"),), "no list"),
        ((Act.RESET,), "lost"),
        ((b"no HTTP at all\r\n\r\n", Act.CLOSE), "lost"),
    ],
)
def test_a_hostile_tracker_costs_one_question_and_loses_nothing(store, script, reason):
    with serving() as server:
        opened(store, server.url("/api"), gitlab=False)
        find = "/api/repos/guides/permits/issues"
        server.scripts = _Everywhere(find, list(script))
        state, said = tell(store, server.port)
        # A question whose line broke is asked once more by the connection itself.
        assert 1 <= len(server.asked) <= (2 if Act.RESET in script else 1)
        assert {asked.path.partition("?")[0] for asked in server.asked} == {find}
        assert {asked.method for asked in server.asked} == {"GET"}
    assert state is DeliveryState.DEFERRED
    assert reason in said
    assert TOKEN not in said


class _Everywhere(dict[str, list[list[bytes | Act]]]):
    """One script for every path that begins so."""

    def __init__(self, start: str, script: list[bytes | Act]) -> None:
        super().__init__()
        self._start, self._script = start, script

    def get(self, path: str, default: object = None) -> object:  # type: ignore[override]
        return [self._script] if path.startswith(self._start) else default


@pytest.mark.parametrize("entry", [{"number": True}, {"number": "1"}, {"number": None}, {}, 7, None, "x"])
def test_what_a_tracker_says_of_an_issue_is_believed_only_in_its_shape(store, entry):
    with serving() as server:
        opened(store, server.url("/api"), gitlab=False)
        with store.reading() as connection:
            mark = "m" * 32
            assert list_deliveries(connection)
        told = {**entry, "body": mark} if isinstance(entry, dict) else entry
        find = "/api/repos/guides/permits/issues"
        server.scripts = _Everywhere(find, [answer(json.dumps([told]).encode())])
        state, _ = tell(store, server.port, Patience(run=0))
    assert state is DeliveryState.DEFERRED
    assert [asked.method for asked in server.asked] == ["GET", "POST"]


def teller(store: Store, tmp_path: Path, port: int, now: datetime, secrets: dict[str, str]) -> subprocess.Popen[bytes]:
    """A process that tells the channels of the store."""
    database = f"sqlite:///{tmp_path / 'claimwatch.db'}"
    words = [database, str(port), now.isoformat(), json.dumps(secrets)]
    return subprocess.Popen([sys.executable, "-m", "tests.notifications.teller", *words], cwd=ROOT)


@pytest.mark.parametrize("gitlab", [False, True])
@pytest.mark.parametrize("at", ["GET", "POST"])
def test_a_sender_that_is_killed_while_an_issue_is_looked_for_or_made_makes_one_all_the_same(
    store, tmp_path, gitlab, at
):
    with tracking(gitlab=gitlab) as tracker:
        team = Team(store=store, tracker=tracker)
        team.flagged()
        tracker.hold = at
        compose(store, team.now + timedelta(minutes=1))
        process = teller(store, tmp_path, tracker.port, team.now + timedelta(minutes=1), team.secrets)
        assert tracker.holding.wait(60)
        process.kill()
        process.wait(30)
        assert len(tracker.issues) == (at == "POST")
        team.tell(after=timedelta(minutes=2))
        assert states(store) == [DeliveryState.HANDING_OVER if at == "POST" else DeliveryState.PENDING]
        team.tell(after=LEASE)
        line = team.tell(after=LEASE)
    assert line.state is DeliveryState.SENT
    assert len(tracker.issues) == 1


@pytest.mark.parametrize("at", ["POST", "PATCH"])
def test_a_sender_that_is_killed_while_it_closes_an_issue_says_it_once(store, tmp_path, at):
    with tracking() as tracker:
        team = Team(store=store, tracker=tracker)
        number = team.flagged()
        team.tell()
        team.decided(number)
        tracker.hold = at
        compose(store, team.now + timedelta(minutes=1))
        process = teller(store, tmp_path, tracker.port, team.now + timedelta(minutes=1), team.secrets)
        assert tracker.holding.wait(60)
        process.kill()
        process.wait(30)
        team.tell(after=LEASE * 2)
        team.tell(after=LEASE)
    assert set(states(store)) == {DeliveryState.SENT}
    assert (len(tracker.comments[1]), tracker.issues[0]["state"]) == (1, "closed")


def test_a_sender_that_is_killed_in_the_middle_of_a_post_posts_nothing_twice_unasked(store, tmp_path):
    hook(store, 1)
    with serving(Act.HANG) as server:
        process = teller(store, tmp_path, server.port, NOW, secrets_of(server))
        while not server.asked:
            assert process.poll() is None
            threading.Event().wait(0.02)
        process.kill()
        process.wait(30)
        server.play("/hook", [answer()])
        for minutes in (1, 20, 40):
            deliver_to_channels(
                store,
                policy=policy(server.port),
                owner="test",
                now=lambda late=minutes: NOW + timedelta(minutes=late),
                read=secrets_of(server).__getitem__,
            )
        assert len(server.asked) == 1
        assert states(store) == [DeliveryState.AMBIGUOUS]
        with store.writing() as connection:
            (line,) = list_deliveries(connection)
            release_ambiguous(connection, line.id, now=NOW)
        deliver_to_channels(
            store, policy=policy(server.port), owner="test", now=lambda: NOW, read=secrets_of(server).__getitem__
        )
    first, again = server.asked
    assert first.headers["idempotency-key"] == again.headers["idempotency-key"]
    assert states(store) == [DeliveryState.SENT]
