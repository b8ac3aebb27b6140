"""Each message is handed over once, or held and shown: by servers that refuse, hang and drop, and mailers that die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from domain.digests import DeliveryKind, DeliveryState, Lane, Message
from notifications.deliver import DeliveryReport, deliver_due, open_sender
from notifications.dialogue import Timeouts
from notifications.digest import compose_due
from notifications.handover import LEASE, LIFETIME, PAUSE, delay_after
from notifications.line import MOST_AHEAD
from notifications.smtp import SmtpSender
from storage.deliveries import cancel_waiting, mark_handing_over, queue_message, release_ambiguous
from storage.delivery_claims import claim_delivery
from storage.delivery_lists import count_deliveries, list_deliveries
from storage.store import Store
from tests.notifications.builders import CLAIMS, NOW, SOURCES, dollars, flag
from tests.notifications.sinks import DROP, HANG, KEEP_AND_DROP, KEEP_AND_HANG, sink
from tests.notifications.stores import happen, queue, reader

ROOT = Path(__file__).parents[2]
QUICK = Timeouts(connect=2, greeting=0.4, command=0.4, data=0.4, body=2, final=0.4, quit=0.3)
MINUTE = timedelta(minutes=1)


def deliver(store: Store, url: str, *, at: datetime = NOW, **options: object) -> DeliveryReport:
    return deliver_due(
        store,
        sender_url=url,
        owner="mailer",
        now=lambda: at,
        sender=SmtpSender(url, timeouts=QUICK),
        **options,  # type: ignore[arg-type]
    )


def states(store: Store) -> dict[DeliveryState, int]:
    with store.reading() as connection:
        return {state: count for state, count in count_deliveries(connection).items() if count}


class Keeper:
    """An aiosmtpd handler that keeps what it accepts."""

    def __init__(self) -> None:
        self.kept: list[Envelope] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.kept.append(envelope)
        return "250 kept"


class AnyPort(Controller):
    """A controller that listens on a port of the system's choice."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def aiosmtpd_server() -> Iterator[tuple[str, Keeper]]:
    keeper = Keeper()
    controller = AnyPort(keeper, hostname="127.0.0.1", port=0)
    controller.start()
    yield f"smtp://127.0.0.1:{controller.port}", keeper
    controller.stop()


def test_a_digest_arrives_as_a_mail_client_reads_it(store, aiosmtpd_server):
    url, keeper = aiosmtpd_server
    reader(store)
    happen(store, flag(1, "permit-fee", before=dollars(1000), after=dollars(1155)), at=NOW - 60 * MINUTE)
    (composed,) = compose_due(
        store,
        sources=SOURCES,
        claims=CLAIMS,
        now=NOW,
        sender="Claimwatch <digest@watch.example>",
        base_url="https://watch.example",
        secrets=("s" * 32,),
    )
    assert deliver(store, url).sent == 1
    (envelope,) = keeper.kept
    assert composed.message is not None
    assert envelope.content == composed.message.content
    assert (envelope.mail_from, envelope.rcpt_tos) == ("digest@watch.example", ["reader@example.org"])
    mail = BytesParser(policy=policy.default).parsebytes(envelope.content)
    assert mail["Subject"] == composed.message.subject
    assert "CAD 1,155" in mail.get_body(("plain",)).get_content()
    assert "CAD 1,155" in mail.get_body(("html",)).get_content()
    wire = envelope.content.split(b"\r\n\r\n")[0].split(b"\r\n")
    assert any(line.startswith(b"List-Unsubscribe: <https://watch.example/unsubscribe/1.") for line in wire)
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in wire


def test_every_message_goes_out_once_however_often_the_queue_is_worked(store):
    names = queue(store, 5)
    with sink() as server:
        assert deliver(store, server.url).sent == 5
        assert deliver(store, server.url).sent == 0
    assert server.copies() == dict.fromkeys(names, 1)
    assert states(store) == {DeliveryState.SENT: 5}


def test_one_recipients_refusal_changes_nothing_for_the_others(store):
    queue(store, 4)
    refused = {"reader2@example.org": "550 unknown", "reader3@example.org": "450 later"}
    with sink(refused=refused) as server:
        report = deliver(store, server.url)
    assert (report.sent, report.failed, report.deferred) == (2, 1, 1)
    assert sorted(item.recipients[0] for item in server.kept) == ["reader1@example.org", "reader4@example.org"]


def test_what_was_put_off_is_tried_again_later_with_the_same_bytes(store):
    (name,) = queue(store, 1)
    with sink({"dot": ["451 later"], "rcpt": ["250 ok", "450 later"]}) as server:
        assert deliver(store, server.url).deferred == 1
        assert deliver(store, server.url, at=NOW + MINUTE).sent == 0
        assert deliver(store, server.url, at=NOW + delay_after(1)).deferred == 1
        assert deliver(store, server.url, at=NOW + delay_after(1) + MINUTE).sent == 0
        assert deliver(store, server.url, at=NOW + delay_after(1) + delay_after(2)).sent == 1
    assert server.copies() == {name: 1}
    with store.reading() as connection:
        (line,) = list_deliveries(connection)
    assert line.attempts == 3


def test_the_wait_grows_up_to_a_limit():
    waits = [delay_after(attempts) for attempts in range(1, 30)]
    assert waits == sorted(waits)
    assert waits[0] < timedelta(minutes=5)
    assert waits[-1] == waits[10] <= timedelta(hours=12)


def test_a_recipient_who_is_put_off_for_days_is_given_up(store):
    queue(store, 1)
    with sink(usual={"rcpt": "450 later"}) as server:
        at, rounds = NOW, 0
        while states(store) != {DeliveryState.FAILED: 1}:
            deliver(store, server.url, at=at)
            at, rounds = at + timedelta(hours=6), rounds + 1
    assert NOW + LIFETIME < at < NOW + LIFETIME + timedelta(days=1)
    with store.reading() as connection:
        assert "450 later" in list_deliveries(connection)[0].reason


@pytest.mark.parametrize("phase", ["greeting", "ehlo", "mail", "rcpt", "data"])
@pytest.mark.parametrize("trouble", [DROP, HANG, "421 too busy", "451 later"])
def test_trouble_before_the_dot_loses_and_doubles_nothing(store, phase, trouble):
    names = queue(store, 2)
    with sink({phase: [trouble]}) as server:
        report = deliver(store, server.url)
        assert report.failed == report.ambiguous == 0
        assert deliver(store, server.url, at=NOW + delay_after(3)).failed == 0
    assert server.copies() == dict.fromkeys(names, 1)
    assert states(store) == {DeliveryState.SENT: 2}


@pytest.mark.parametrize(("trouble", "copies"), [(DROP, 0), (HANG, 0), (KEEP_AND_DROP, 1), (KEEP_AND_HANG, 1)])
def test_no_answer_after_the_dot_is_held_and_released_only_by_choice(store, trouble, copies):
    first, second = queue(store, 2)
    with sink({"dot": [trouble]}) as server:
        report = deliver(store, server.url)
        assert (report.ambiguous, report.sent) == (1, 1)
        assert deliver(store, server.url, at=NOW + LIFETIME).sent == 0
        assert server.copies().get(first, 0) == copies
        with store.writing() as connection:
            (held,) = list_deliveries(connection, state=DeliveryState.AMBIGUOUS)
            assert release_ambiguous(connection, held.id, now=NOW + LIFETIME)
        assert deliver(store, server.url, at=NOW + LIFETIME).sent == 1
    assert server.copies() == {first: copies + 1, second: 1}
    assert len({item.content for item in server.kept}) == 2


@pytest.mark.parametrize(
    ("usual", "login"),
    [
        ({"ehlo": "250-sink\r\n250 AUTH PLAIN", "auth": "535 wrong"}, "me:opensesame@"),
        ({"ehlo": "250-sink\r\n250 AUTH PLAIN", "auth": "454 not now"}, "me:opensesame@"),
        ({"mail": "550 not from you"}, ""),
    ],
)
def test_our_own_fault_pauses_the_queue_and_fails_nobody(store, usual, login):
    names = queue(store, 3)
    with sink(usual=usual) as server:
        url = f"smtp://{login}127.0.0.1:{server.port}"
        report = deliver(store, url)
        assert report.paused
        assert report.failed == 0
        assert "opensesame" not in report.stopped
        tries = server.connections
        assert deliver(store, url, at=NOW + MINUTE).paused
        assert server.connections == tries == 1
    with sink() as server:
        assert deliver(store, server.url, at=NOW + PAUSE).sent == 3
    assert server.copies() == dict.fromkeys(names, 1)


def test_a_person_may_insist_while_the_queue_pauses(store):
    queue(store, 2)
    with sink({"mail": ["550 not you"]}) as server:
        assert deliver(store, server.url).paused
        assert deliver(store, server.url, at=NOW + MINUTE, insist=True).sent == 1


def test_a_server_that_is_down_is_asked_once_a_run_and_nobody_is_failed(store):
    names = queue(store, 3)
    with sink() as server:
        url = server.url
    for day in range(5):
        report = deliver(store, url, at=NOW + timedelta(days=day))
        assert (report.deferred, report.failed) == (1, 0)
    with sink() as server:
        assert deliver(store, server.url, at=NOW + timedelta(days=6)).sent == 3
    assert server.copies() == dict.fromkeys(names, 1)


def test_who_left_before_the_mail_was_taken_up_gets_none(store):
    queue(store, 2)
    with store.writing() as connection:
        assert cancel_waiting(connection, 1, now=NOW) == 1
    with sink() as server:
        deliver(store, server.url)
    assert [item.recipients for item in server.kept] == [["reader2@example.org"]]
    assert states(store) == {DeliveryState.SENT: 1, DeliveryState.CANCELLED: 1}


def test_a_sender_that_slept_past_its_lease_does_not_send(store):
    (name,) = queue(store, 1)
    with sink() as server:

        class Sleeper(SmtpSender):
            """Claims, and while it prepares, another mailer takes the delivery and sends it."""

            def send(self, message, *, before_final_dot):  # type: ignore[no-untyped-def]
                assert deliver(store, server.url, at=NOW + LEASE).sent == 1
                super().send(message, before_final_dot=before_final_dot)

        sleeper = Sleeper(server.url, timeouts=QUICK)
        report = deliver_due(store, sender_url=server.url, owner="slow", now=lambda: NOW, sender=sleeper)
    assert report.sent == 0
    assert server.copies() == {name: 1}
    assert states(store) == {DeliveryState.SENT: 1}


def test_what_a_dead_mailer_was_handing_over_is_held(store):
    queue(store, 1)
    with store.writing() as connection:
        claimed = claim_delivery(connection, owner="dead", now=NOW, lease=LEASE)
        assert claimed is not None
        mark_handing_over(connection, claimed.id, fence=claimed.fence)
    with sink() as server:
        assert deliver(store, server.url, at=NOW + MINUTE).recovered == 0
        assert deliver(store, server.url, at=NOW + LEASE).recovered == 1
    assert server.kept == []
    assert states(store) == {DeliveryState.AMBIGUOUS: 1}


def mailer(database: str, url: str, point: str = "", *, at: datetime = NOW) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.notifications.mailer", database, url, *([point] if point else [])],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MAILER_NOW": at.isoformat()},
        stdout=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, list[int]]:
    out, _ = process.communicate(timeout=120)
    line = out.strip().splitlines()[-1:] or [""]
    return process.returncode, [int(word) for word in line[0].split() if word.isdigit()]


@pytest.mark.parametrize(
    ("point", "copies", "state"),
    [
        ("claimed", 1, DeliveryState.SENT),
        ("marked", 0, DeliveryState.AMBIGUOUS),
        ("answered", 1, DeliveryState.AMBIGUOUS),
    ],
)
def test_a_mailer_killed_between_phases_makes_no_second_copy(store, tmp_path, point, copies, state):
    (name,) = queue(store, 1)
    database = f"sqlite:///{tmp_path / 'claimwatch.db'}"
    with sink() as server:
        assert finish(mailer(database, server.url, point))[0] == -signal.SIGKILL
        assert finish(mailer(database, server.url, at=NOW + LEASE))[0] == 0
        assert finish(mailer(database, server.url, at=NOW + 2 * LEASE))[0] == 0
    assert server.copies().get(name, 0) == copies
    assert states(store) == {state: 1}


def test_two_mailers_on_one_store_deliver_each_message_once(store, tmp_path):
    names = queue(store, 60)
    database = f"sqlite:///{tmp_path / 'claimwatch.db'}"
    with sink() as server:
        reports = [finish(process) for process in [mailer(database, server.url) for _ in range(2)]]
    assert [code for code, _ in reports] == [0, 0]
    assert sum(counts[0] for _, counts in reports) == 60
    assert server.copies() == dict.fromkeys(names, 1)
    assert states(store) == {DeliveryState.SENT: 60}


@pytest.mark.parametrize("dots", [3, 9, 20, 37])
def test_a_mailer_killed_among_markers_committed_ahead_holds_few_and_doubles_none(store, tmp_path, dots):
    names = queue(store, 60)
    database = f"sqlite:///{tmp_path / 'claimwatch.db'}"
    with sink() as server:
        left, victim = [dots], []

        def watch(phase: str) -> None:
            left[0] -= phase == "dot"
            if left[0] <= 0 and victim:
                process = victim.pop()
                process.kill()
                process.wait(30)

        server.watch = watch
        process = mailer(database, server.url)
        victim.append(process)
        assert finish(process)[0] == -signal.SIGKILL
        arrived = set(server.copies())
        assert finish(mailer(database, server.url, at=NOW + LEASE))[0] == 0
    with store.reading() as connection:
        held = list_deliveries(connection, state=DeliveryState.AMBIGUOUS)
    assert 0 < len(held) <= MOST_AHEAD
    assert arrived | {line.message_id for line in held} | set(server.copies()) == set(names)
    assert max(server.copies().values()) == 1
    assert states(store) == {DeliveryState.AMBIGUOUS: len(held), DeliveryState.SENT: 60 - len(held)}


def test_a_sender_that_slept_on_markers_ahead_sends_nothing_that_another_took_over(store):
    queue(store, 12)
    clock = [NOW]
    with sink() as server:

        class Sleeper(SmtpSender):
            """Sleeps past its lease before its fifth mail, while somebody releases what it left and it is sent."""

            mails = 0

            def send(self, message, *, before_final_dot):  # type: ignore[no-untyped-def]
                self.mails += 1
                if self.mails == 5:
                    clock[0] = NOW + LEASE
                    assert deliver(store, server.url, at=NOW + LEASE).ambiguous == 0
                    with store.writing() as connection:
                        for line in list_deliveries(connection, state=DeliveryState.AMBIGUOUS):
                            if line.message_id not in server.copies():
                                assert release_ambiguous(connection, line.id, now=NOW + LEASE)
                    deliver(store, server.url, at=NOW + LEASE)
                super().send(message, before_final_dot=before_final_dot)

        sleeper = Sleeper(server.url, timeouts=QUICK)
        deliver_due(store, sender_url=server.url, owner="slow", now=lambda: clock[0], sender=sleeper)
    assert len(server.copies()) == 12
    assert max(server.copies().values()) == 1


def test_an_acceptance_is_committed_although_the_next_mail_hangs(store):
    queue(store, 3)
    seen: list[int] = []
    with sink({"rcpt": ["250 ok", "250 ok", HANG]}) as server:

        def watch(phase: str) -> None:
            if phase == "rcpt" and len(server.copies()) == 2:
                for _ in range(100):
                    if states(store).get(DeliveryState.SENT) == 2:
                        seen.append(1)
                        return
                    threading.Event().wait(0.05)

        server.watch = watch
        patient = SmtpSender(server.url, timeouts=replace(QUICK, command=4))
        deliver_due(store, sender_url=server.url, owner="mailer", now=lambda: NOW, sender=patient)
    assert seen


def test_a_folder_is_a_way_out_too(store, tmp_path):
    queue(store, 3)
    report = deliver_due(store, sender_url=f"file://{tmp_path}/mail", owner="mailer", now=lambda: NOW)
    assert report.sent == 3
    assert len(list((tmp_path / "mail").glob("*.eml"))) == 3


def test_an_address_that_is_no_way_out_is_refused_without_its_secret():
    with pytest.raises(ValueError, match="smtp://") as caught:
        open_sender("gopher://me:opensesame@host")
    assert "opensesame" not in str(caught.value)


def test_many_connections_hand_each_message_over_once(store):
    names = queue(store, 120)
    with sink() as server:
        report = deliver_due(store, sender_url=server.url, owner="mailer", now=lambda: NOW, connections=6)
    assert report.sent == 120
    assert server.connections == 6
    assert server.copies() == dict.fromkeys(names, 1)


def test_urgent_mail_goes_first(store):
    queue(store, 5)
    with store.writing() as connection:
        queue_message(connection, message=letter("urgent"), now=NOW, kind=DeliveryKind.LETTER, lane=Lane.URGENT)
    with sink() as server:
        deliver(store, server.url)
    assert next(iter(server.copies())) == "<urgent@watch.example>"


def test_no_more_than_the_rate_is_handed_over_in_a_minute_whoever_sends_and_urgent_mail_has_room_left(store):
    queue(store, 20)
    with sink() as server:
        first = deliver_due(store, sender_url=server.url, owner="one", now=lambda: NOW, rate=8, connections=3)
        again = deliver_due(store, sender_url=server.url, owner="two", now=lambda: NOW + MINUTE / 2, rate=8)
        assert (first.sent, again.sent) == (6, 0)
        assert "8 mails a minute" in again.stopped
        assert not again.paused
        with store.writing() as connection:
            for number in range(4):
                queue_message(connection, message=letter(f"u{number}"), now=NOW, lane=Lane.URGENT)
        assert deliver_due(store, sender_url=server.url, owner="two", now=lambda: NOW + MINUTE / 2, rate=8).sent == 2
        assert deliver_due(store, sender_url=server.url, owner="two", now=lambda: NOW + 2 * MINUTE, rate=8).sent == 6
    assert max(server.copies().values()) == 1
    with store.reading() as connection:
        assert count_deliveries(connection)[DeliveryState.PENDING] == 10


def test_a_rate_that_is_used_up_is_no_trouble_where_nothing_waits(store):
    queue(store, 6)
    with sink() as server:
        for _ in range(2):
            report = deliver_due(store, sender_url=server.url, owner="one", now=lambda: NOW, rate=8)
            assert report.stopped == ""


def test_what_a_stopped_run_had_claimed_is_free_at_once(store):
    names = queue(store, 10)
    with sink({"mail": ["250 ok", "250 ok", "421 going down"]}, usual={"greeting": "421 down"}) as server:
        server.script["greeting"] = ["220 ready"]
        assert deliver(store, server.url).stopped
    with sink() as other:
        deliver_due(store, sender_url=other.url, owner="another", now=lambda: NOW)
        deliver_due(store, sender_url=other.url, owner="another", now=lambda: NOW + LEASE / 2)
    assert {**server.copies(), **other.copies()} == dict.fromkeys(names, 1)


def test_deliveries_of_one_thread_keep_their_order(store):
    with store.writing() as connection:
        for number in (1, 2):
            queue_message(connection, message=letter(f"t{number}"), now=NOW, thread="flag:7")
    with sink({"rcpt": ["450 later"]}) as server:
        assert deliver(store, server.url).sent == 0
        assert deliver(store, server.url, at=NOW + timedelta(hours=1)).sent == 2
    assert list(server.copies()) == ["<t1@watch.example>", "<t2@watch.example>"]


def letter(name: str) -> Message:
    content = f"Message-ID: <{name}@watch.example>\r\nSubject: {name}\r\n\r\nHello.\r\n".encode()
    return Message(
        message_id=f"<{name}@watch.example>",
        sender="digest@watch.example",
        recipient="ana@example.org",
        subject=name,
        content=content,
    )
