"""A chat is told once through Apprise, over real sockets, by a process that reaches nothing but the service."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.digests import DeliveryState, Message
from notifications.apprise import AppriseSender, objection
from notifications.channels import deliver_to_channels
from notifications.chat import chat_message
from notifications.deliver import Run
from notifications.digest import compose_due
from storage.channels import ChannelKind, keep_channel
from storage.deliveries import queue_message
from storage.store import Store
from tests.notifications.builders import CLAIMS, NOW, SOURCES, dollars, flag
from tests.notifications.stores import happen, reader
from tests.notifications.test_render import a_digest, hostile_item
from tests.notifications.test_webhook import WAY, line, serving
from tests.outbound.byte_server import Act, answer, policy

BODY = json.dumps({"title": "News", "body": "The fee changed."}).encode()


def queued(store: Store) -> int:
    message = Message(message_id="<one@watch.example>", sender="", recipient="team", subject="News", content=BODY)
    with store.writing() as connection:
        return queue_message(connection, message=message, way=WAY, now=NOW)


def tell(store: Store, port: int, *, allowed: int | None = None) -> None:
    sender = AppriseSender(f"json://127.0.0.1:{port}/hook", policy=policy(allowed or port))
    Run(store=store, owner="test", now=lambda: NOW, limit=10, way=WAY).all(lambda: sender, connections=1)


def test_a_message_arrives_once(store):
    number = queued(store)
    with serving(answer()) as server:
        for _ in range(2):
            tell(store, server.port)
    (asked,) = server.asked
    told = json.loads(asked.body)
    assert (told["title"], told["message"]) == ("News", "The fee changed.")
    assert line(store, number).state is DeliveryState.SENT


@pytest.mark.parametrize(
    ("status", "state", "reason"),
    [
        ("302 Found", DeliveryState.FAILED, "answered 302"),
        ("400 Bad", DeliveryState.FAILED, "answered 400"),
        ("401 Who", DeliveryState.DEFERRED, "paused: "),
        ("404 Gone", DeliveryState.DEFERRED, "paused: "),
        ("503 Busy", DeliveryState.DEFERRED, "answered 503"),
    ],
)
def test_what_a_service_answers_decides(store, status, state, reason):
    number = queued(store)
    with serving(answer(status=status, headers=["Location: /elsewhere"])) as server:
        tell(store, server.port)
    found = line(store, number)
    assert found.state is state
    assert reason in found.reason
    assert [asked.path for asked in server.asked] == ["/hook"]


def test_a_service_that_asks_for_time_gets_it(store):
    number = queued(store)
    with serving(answer(status="429 Many", headers=["Retry-After: 1200"])) as server:
        tell(store, server.port)
    assert line(store, number).next_attempt == NOW + timedelta(seconds=1200)


def test_a_service_that_is_not_there_is_tried_again(store):
    number = queued(store)
    with serving(answer()) as server:
        port = server.port
    tell(store, port)
    assert line(store, number).state is DeliveryState.DEFERRED


@pytest.mark.parametrize("script", [(Act.RESET,), (b"HTTP/1.1 200 OK\r\n\r\n", Act.FLOOD)])
def test_an_answer_that_is_lost_holds_the_message_and_is_not_repeated(store, script):
    number = queued(store)
    with serving(*script) as server:
        for _ in range(2):
            tell(store, server.port)
        assert len(server.asked) == 1
    assert line(store, number).state is DeliveryState.AMBIGUOUS


def test_an_address_that_may_not_be_reached_is_never_dialled(store):
    number = queued(store)
    with serving(answer()) as server:
        tell(store, server.port, allowed=1)
    assert server.connections == 0
    assert line(store, number).reason == "paused: the address of the service may not be reached (address-refused)"


@pytest.mark.parametrize(
    ("url", "understood"),
    [
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general", True),
        ("jsons://team.example/hook", True),
        ("slack://", False),
        ("mailto://user:secret@mail.example", False),
        ("syslog://", False),
        ("https://team.example/hook", False),
        ("no address", False),
    ],
)
def test_only_services_that_are_told_by_https_are_taken(url, understood):
    assert (objection(url, policy=policy(1)) == "") is understood


def test_without_the_extra_the_channel_rests_and_nothing_is_lost(store, tmp_path, monkeypatch):
    """The package is hidden behind one that cannot be imported, as on a machine that never had it."""
    number = queued(store)
    (tmp_path / "hidden").mkdir()
    Path(tmp_path / "hidden" / "apprise.py").write_text("raise ImportError('not here')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "hidden"))
    with serving(answer()) as server:
        tell(store, server.port)
        assert server.connections == 0
    assert "claimwatch[apprise]" in line(store, number).reason
    assert "claimwatch[apprise]" in objection("jsons://team.example/hook", policy=policy(1))


def test_captured_words_call_nobody_and_a_long_digest_stays_short():
    many = tuple(hostile_item(f"@everyone <!channel> {number} " + "long words " * 40) for number in range(40))
    message = chat_message(replace(a_digest(), items=many), sender="w@watch.example", base_url="https://watch.example")
    told = json.loads(message.content)
    assert "@everyone" not in told["body"] + told["title"]
    assert "<!channel" not in told["body"] + told["title"]
    assert len(told["body"]) < 2000
    assert "https://watch.example/flags" in told["body"]


def test_a_channels_digest_is_composed_as_a_message_and_sent(store):
    with serving(answer()) as server:
        with store.writing() as connection:
            number = keep_channel(
                connection, name="team", kind=ChannelKind.APPRISE, address="env:URL", secret="", now=NOW
            )
        reader(store, "team", channel=number)
        happen(store, flag(2, "permit-fee", before=dollars(1155), after=dollars(1200)), at=NOW - timedelta(minutes=30))
        compose_due(
            store, sources=SOURCES, claims=CLAIMS, now=NOW, sender="w@watch.example", base_url="https://watch.example"
        )
        secrets = {"env:URL": f"json://127.0.0.1:{server.port}/hook"}
        for _ in range(2):
            deliver_to_channels(
                store, policy=policy(server.port), owner="test", now=lambda: NOW, read=secrets.__getitem__
            )
    (asked,) = server.asked
    assert "CAD 1,155 → CAD 1,200" in json.loads(asked.body)["message"]
