"""Mail that comes back suppresses who cannot be reached, once, and only where its return path is ours."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.digests import DeliveryState, Message, SubscriberState
from notifications.bounces import read_returned
from notifications.canary import queue_canary
from notifications.deliver import deliver_due
from notifications.handover import MOST_FAILURES
from notifications.returns import Outcome, take_returned
from notifications.tokens import return_path, returned_delivery
from storage.deliveries import queue_message
from storage.delivery_lists import count_bounces, last_canary, list_deliveries
from storage.store import Store
from storage.subscribers import list_subscribers
from tests.notifications.builders import NOW
from tests.notifications.sinks import sink
from tests.notifications.stores import queue

SECRETS = ("a key that is long enough for signing",)
RETURN = "back@watch.example"


def report(to: str, status: str, *, action: str = "failed", diagnostic: str = "550 no") -> bytes:
    """A delivery report as a mail server writes it."""
    lines = [
        "From: MAILER-DAEMON@mx.example",
        f"To: {to}",
        "Subject: Undelivered Mail Returned to Sender",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
        "",
        "--b",
        "Content-Type: text/plain",
        "",
        "Sorry.",
        "--b",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mx.example",
        "",
        "Final-Recipient: rfc822; reader1@example.org",
        f"Action: {action}",
        f"Status: {status}",
        f"Diagnostic-Code: smtp; {diagnostic}",
        "",
        "--b",
        "Content-Type: text/rfc822-headers",
        "",
        "Subject: hello",
        "--b--",
        "",
    ]
    return "\r\n".join(lines).encode()


def sent_from(store: Store, count: int = 1) -> list[str]:
    """So many mails were sent; the envelope senders that the server saw."""
    queue(store, count)
    with sink() as server:
        deliver_due(
            store,
            sender_url=server.url,
            owner="test",
            now=lambda: NOW,
            return_path=lambda number: return_path(RETURN, number, secrets=SECRETS),
        )
    return [item.sender for item in server.kept]


def state_of(store: Store, number: int = 1) -> SubscriberState:
    with store.reading() as connection:
        return next(item.state for item in list_subscribers(connection) if item.id == number)


def test_each_mail_has_a_return_path_of_its_own_that_only_we_can_write(store):
    first, second = sent_from(store, 2)
    assert [returned_delivery(address, secrets=SECRETS) for address in (first, second)] == [1, 2]
    assert returned_delivery(first.upper(), secrets=SECRETS) == 1, "a mail server may fold it"
    assert returned_delivery(first, secrets=("another key, long enough", *SECRETS)) == 1, "after a change of keys"
    forged = first.replace("+1.", "+2.")
    for wrong in (forged, first.replace("@", "x@"), RETURN, "", "back+1.@x", "back+é.é@x", "back+" + "9" * 40 + ".a@x"):
        assert returned_delivery(wrong, secrets=SECRETS) is None


def test_a_mailbox_that_is_gone_gets_no_more_and_why_is_on_record(store):
    (address,) = sent_from(store)
    taken = take_returned(store, report(address, "5.1.1"), secrets=SECRETS, now=NOW)
    assert (taken.outcome, taken.delivery) == (Outcome.SUPPRESSED, 1)
    with store.reading() as connection:
        (who,) = list_subscribers(connection)
    assert who.state is SubscriberState.SUPPRESSED
    assert "5.1.1" in who.note
    again = take_returned(store, report(address, "5.1.1"), secrets=SECRETS, now=NOW)
    assert again.outcome is Outcome.KNOWN
    with store.reading() as connection:
        assert count_bounces(connection) == {True: 1, False: 0}


@pytest.mark.parametrize("status", ["5.4.4", "5.4.1", "5.2.2", "5.7.1", "4.4.7", "5.0.0", "junk", ""])
def test_trouble_on_the_way_gives_nobody_up_until_it_keeps_coming(store, status):
    addresses = [return_path(RETURN, number, secrets=SECRETS) for number in range(1, MOST_FAILURES + 1)]
    queue(store, 1)
    for day in range(1, MOST_FAILURES):
        _queue_for_first(store, day)
    outcomes = [
        take_returned(store, report(address, status), secrets=SECRETS, now=NOW + timedelta(days=at)).outcome
        for at, address in enumerate(addresses)
    ]
    assert outcomes == [*[Outcome.COUNTED] * (MOST_FAILURES - 1), Outcome.SUPPRESSED]
    assert state_of(store) is SubscriberState.SUPPRESSED


def _queue_for_first(store: Store, day: int) -> None:
    with store.writing() as connection:
        queue_message(
            connection,
            subscriber=1,
            now=NOW,
            message=Message(message_id=f"<{day}@x>", sender="a@b.c", recipient="r@b.c", subject="", content=b"x"),
        )


def test_a_delay_is_no_failure(store):
    (address,) = sent_from(store)
    taken = take_returned(store, report(address, "4.4.1", action="delayed"), secrets=SECRETS, now=NOW)
    assert taken.outcome is Outcome.DELAYED
    with store.reading() as connection:
        assert count_bounces(connection) == {True: 0, False: 0}


def test_a_report_that_came_to_no_return_path_of_ours_is_not_believed(store):
    sent_from(store)
    for raw in (
        report("back+1.aaaaaaaaaaaaaaaaaaaa@watch.example", "5.1.1"),
        report(RETURN, "5.1.1"),
        b"",
        b"\xff\xfe nonsense",
        b"Content-Type: multipart/report; boundary=\r\n\r\n--",
    ):
        assert take_returned(store, raw, secrets=SECRETS, now=NOW).outcome is Outcome.UNKNOWN
    assert state_of(store) is SubscriberState.ACTIVE


def test_what_the_pipe_knows_comes_before_what_the_mail_says(store):
    (address,) = sent_from(store)
    raw = report("somebody@else.example", "5.1.1")
    assert take_returned(store, raw, secrets=SECRETS, now=NOW, recipient=address).outcome is Outcome.SUPPRESSED


def test_of_several_recipients_the_failed_one_counts():
    raw = report("x@y.z", "2.0.0", action="relayed").replace(
        b"Diagnostic-Code: smtp; 550 no\r\n",
        b"\r\nFinal-Recipient: rfc822; b@example.org\r\nAction: failed\r\nStatus: 5.1.1 (gone)\r\n",
    )
    found = read_returned(raw)
    assert (found.action, found.status, found.gone) == ("failed", "5.1.1", True)


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        ("550 5.1.1 no such user", SubscriberState.SUPPRESSED),
        ("550 no such user", SubscriberState.SUPPRESSED),
        ("550 5.7.1 your network is on a list", SubscriberState.ACTIVE),
        ("552 5.2.2 mailbox full", SubscriberState.ACTIVE),
        ("450 5.1.1 try later", SubscriberState.ACTIVE),
    ],
)
def test_a_refusal_at_the_door_suppresses_where_the_mailbox_is_gone(store, reply, state):
    queue(store, 1)
    with sink({"rcpt": [reply]}) as server:
        deliver_due(store, sender_url=server.url, owner="test", now=lambda: NOW)
    assert state_of(store) is state


def test_what_else_waits_for_a_mailbox_that_is_gone_is_cancelled(store):
    queue(store, 1)
    _queue_for_first(store, 2)
    with sink({"rcpt": ["550 5.1.1 no such user"]}) as server:
        deliver_due(store, sender_url=server.url, owner="test", now=lambda: NOW)
    assert server.kept == []
    with store.reading() as connection:
        assert {line.state for line in list_deliveries(connection)} == {DeliveryState.FAILED, DeliveryState.CANCELLED}


def test_a_canary_proves_the_path_once_a_day(store):
    def canary(day: float) -> bool:
        return queue_canary(
            store,
            to="canary@watch.example",
            sender="Claimwatch <digest@watch.example>",
            secrets=SECRETS,
            now=NOW + timedelta(days=day),
        )

    assert [canary(0), canary(0.5), canary(1)] == [True, False, True]
    with sink() as server:
        deliver_due(store, sender_url=server.url, owner="test", now=lambda: NOW + timedelta(days=1))
    assert [item.recipients for item in server.kept] == [["canary@watch.example"]] * 2
    came = server.kept[1].content
    at = NOW + timedelta(days=1, minutes=3)
    assert take_returned(store, came, secrets=SECRETS, now=at).outcome is Outcome.ARRIVED
    assert take_returned(store, came, secrets=SECRETS, now=at + timedelta(days=2)).outcome is Outcome.KNOWN
    assert take_returned(store, came, secrets=("another key, long enough",), now=at).outcome is Outcome.UNKNOWN
    with store.reading() as connection:
        last = last_canary(connection)
    assert last is not None
    assert (last.state, last.arrived_at) == (DeliveryState.SENT, at)
