"""Mailers killed in the middle of a commit, and servers that break off in mid-window: nothing is lost or doubled."""

from __future__ import annotations

import os
import signal
import ssl
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import trustme

from domain.digests import DeliveryState
from notifications.deliver import DeliveryReport, deliver_due
from notifications.handover import LEASE, delay_after
from notifications.line import MOST_AHEAD
from notifications.smtp import SmtpSender
from storage.deliveries import cancel_waiting
from storage.delivery_lists import list_deliveries
from storage.store import Store
from tests.notifications.builders import NOW
from tests.notifications.sinks import DROP, KEEP_AND_DROP, sink
from tests.notifications.stores import queue
from tests.notifications.test_deliver import QUICK, ROOT, finish, mailer, states

PIPELINING = {"ehlo": "250-sink\r\n250-PIPELINING\r\n250 SIZE 10000000"}
MANY = 40


def deliver(store: Store, url: str, *, later: timedelta = timedelta(0), **options: object) -> DeliveryReport:
    sender = SmtpSender(url, timeouts=QUICK, **options)  # type: ignore[arg-type]
    return deliver_due(store, sender_url=url, owner="mailer", now=lambda: NOW + later, sender=sender)


@pytest.mark.parametrize("answers", [2, 11, 25])
def test_what_was_accepted_and_not_committed_at_a_kill_is_held_and_not_doubled(
    store: Store, tmp_path: Path, answers: int
) -> None:
    """The kill falls while another writer holds the database, so that the commit under way cannot end."""
    names = queue(store, MANY)
    database = f"sqlite:///{tmp_path / 'claimwatch.db'}"
    victim: list[subprocess.Popen[str]] = []
    held_up = threading.Event()
    with sink(usual=PIPELINING) as server:

        def watch(phase: str) -> None:
            if phase == "dot" and len(server.kept) >= answers and victim and not held_up.is_set():
                held_up.set()
                with store.writing():
                    process = victim.pop()
                    process.kill()
                    process.wait(30)

        server.watch = watch
        process = mailer(database, server.url)
        victim.append(process)
        assert finish(process)[0] == -signal.SIGKILL
        arrived = set(server.copies())
        assert finish(mailer(database, server.url, at=NOW + LEASE))[0] == 0
        assert max(server.copies().values()) == 1
    with store.reading() as connection:
        held = {line.message_id for line in list_deliveries(connection, state=DeliveryState.AMBIGUOUS)}
    assert held & arrived
    assert len(held) <= MOST_AHEAD
    assert held | set(server.copies()) == set(names)
    assert states(store) == {DeliveryState.AMBIGUOUS: len(held), DeliveryState.SENT: MANY - len(held)}


def test_a_mailer_killed_in_the_recovery_sweep_loses_nothing(store: Store, tmp_path: Path) -> None:
    names = queue(store, 3)
    database = f"sqlite:///{tmp_path / 'claimwatch.db'}"
    with sink() as server:
        assert finish(mailer(database, server.url, "marked"))[0] == -signal.SIGKILL
        before = states(store)
        sweep = (
            "import os, signal, sys\n"
            "from datetime import datetime\n"
            "from storage.deliveries import recover_abandoned\n"
            "from storage.store import open_store\n"
            "with open_store(sys.argv[1]).writing() as connection:\n"
            "    assert recover_abandoned(connection, now=datetime.fromisoformat(sys.argv[2])) == 1\n"
            "    os.kill(os.getpid(), signal.SIGKILL)\n"
        )
        killed = subprocess.run(
            [sys.executable, "-c", sweep, database, (NOW + LEASE).isoformat()],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=False,
            timeout=60,
        )
        assert killed.returncode == -signal.SIGKILL
        assert states(store) == before
        assert finish(mailer(database, server.url, at=NOW + LEASE))[0] == 0
    assert states(store) == {DeliveryState.AMBIGUOUS: 1, DeliveryState.SENT: 2}
    assert server.copies() == dict.fromkeys(names[1:], 1)


@pytest.mark.parametrize("usual", [{}, PIPELINING], ids=["one by one", "pipelined"])
@pytest.mark.parametrize(
    ("phase", "trouble", "held", "extra"),
    [
        ("rcpt", DROP, 0, 0),
        ("data", DROP, 0, 0),
        ("dot", DROP, 1, 0),
        ("dot", KEEP_AND_DROP, 1, 1),
        ("mail", "421 going down", 0, 0),
        ("rcpt", "421 going down", 0, 0),
        ("dot", "421 going down", 0, 0),
    ],
)
def test_a_server_that_breaks_off_in_mid_window_loses_and_doubles_nothing(
    store: Store, usual: dict[str, str], phase: str, trouble: str, held: int, extra: int
) -> None:
    names = queue(store, MANY)
    usual_words = {"mail": "250 ok", "rcpt": "250 ok", "data": "354 go on", "dot": "250 kept"}
    with sink({phase: [*[usual_words[phase]] * 17, trouble]}, usual=usual) as server:
        assert deliver(store, server.url).failed == 0
        assert deliver(store, server.url, later=delay_after(3)).failed == 0
    assert max(server.copies().values()) == 1
    assert len(server.copies()) == MANY - held + extra
    assert set(server.copies()) <= set(names)
    expected = {DeliveryState.SENT: MANY - held, DeliveryState.AMBIGUOUS: held}
    assert states(store) == {state: count for state, count in expected.items() if count}


def test_who_leaves_while_their_mail_is_claimed_is_settled_once(store: Store) -> None:
    names = queue(store, MANY)
    with sink(usual=PIPELINING) as server:

        def watch(phase: str) -> None:
            if phase == "dot" and len(server.kept) == 3:
                with store.writing() as connection:
                    for subscriber in range(1, MANY + 1):
                        cancel_waiting(connection, subscriber, now=NOW)

        server.watch = watch
        report = deliver(store, server.url)
    found = states(store)
    assert report.sent == found[DeliveryState.SENT] == len(server.copies())
    assert found == {DeliveryState.SENT: report.sent, DeliveryState.CANCELLED: MANY - report.sent}
    assert max(server.copies().values()) == 1
    assert set(server.copies()) < set(names)


def test_an_untrusted_certificate_pauses_the_queue_and_fails_nobody(store: Store) -> None:
    queue(store, 3)
    authority = trustme.CA()
    server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server_tls)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    with sink(usual={"ehlo": "250-sink\r\n250-PIPELINING\r\n250 STARTTLS"}, tls=server_tls) as server:
        url = f"smtp+starttls://127.0.0.1:{server.port}"
        report = deliver(store, url)
        assert report.paused
        assert (report.sent, report.failed, report.ambiguous) == (0, 0, 0)
        assert "certificate" in report.stopped
        assert server.said("mail") == []
        assert deliver(store, url, later=timedelta(hours=1), tls=trusting).sent == 3
    assert states(store) == {DeliveryState.SENT: 3}
    assert max(server.copies().values()) == 1
