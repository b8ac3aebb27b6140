"""Mail through Exim, a server that others wrote, with a configuration of ours: what lies in the mailbox at the end."""

from __future__ import annotations

import mailbox
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest

from domain.digests import DeliveryState
from notifications.deliver import deliver_due
from notifications.digest import compose_due
from storage.delivery_lists import list_deliveries
from tests.notifications.builders import CLAIMS, NOW, SOURCES, dollars, flag
from tests.notifications.stores import happen, reader

EXIM = shutil.which("exim4", path="/usr/sbin:/usr/bin")
pytestmark = [
    pytest.mark.skipif(EXIM is None, reason="Exim is not installed (Debian: exim4-daemon-light)"),
    pytest.mark.skipif(os.geteuid() != 0, reason="Exim takes a configuration of ours from root alone"),
]

CONFIGURATION = """\
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path = {folder}/exim.pid
primary_hostname = mx.example.org
local_interfaces = <; 127.0.0.1
daemon_smtp_ports = {port}
domainlist here = example.org
host_lookup =
rfc1413_query_timeout = 0s
tls_advertise_hosts =
smtp_accept_keepalive = false
smtp_accept_max_per_connection = 100
accept_8bitmime = true
acl_smtp_rcpt = recipients
acl_smtp_data = whole
begin acl
recipients:
  deny message = 5.1.1 no such mailbox here
       local_parts = gone
  defer message = 4.2.1 try again later
       local_parts = busy
  accept domains = +here
  deny message = no relaying
whole:
  deny !verify = header_syntax
       message = the header lines are not well formed
  accept
begin routers
here:
  driver = accept
  domains = +here
  transport = folder
begin transports
folder:
  driver = appendfile
  directory = {folder}/mail/inbox
  maildir_format
  create_directory
  delivery_date_add
  envelope_to_add
  return_path_add
  user = {user}
begin retry
begin rewrite
"""


class Server:
    """A running Exim. Its mail is in one maildir."""

    def __init__(self, folder: Path, port: int) -> None:
        self.url = f"smtp://127.0.0.1:{port}"
        self._folder = folder

    def arrived(self) -> list[bytes]:
        """The mail that was taken, once some came: Exim delivers in a process of its own after it has answered."""
        inbox, until = self._folder / "mail" / "inbox", time.monotonic() + 30
        while time.monotonic() < until:
            if (inbox / "new").is_dir():
                box = mailbox.Maildir(inbox, create=False)
                if found := [box.get_bytes(key) for key in box.iterkeys()]:
                    return found
            time.sleep(0.05)
        return []


@contextmanager
def exim(folder: Path) -> Iterator[Server]:
    """A server on a port of its own, with everything that it writes in one folder."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    user = pwd.getpwnam("Debian-exim")
    for name in ("spool", "log", "mail"):
        (folder / name).mkdir(parents=True)
        os.chown(folder / name, user.pw_uid, user.pw_gid)
    configuration = folder / "exim.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port, user=user.pw_name))
    process = subprocess.Popen([str(EXIM), "-bdf", "-C", str(configuration)], stdin=subprocess.DEVNULL)
    try:
        _wait_until_it_listens(process, port)
        yield Server(folder, port)
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"Exim does not listen; it ended with {process.poll()}")


@pytest.fixture
def server() -> Iterator[Server]:
    # Exim gives up its rights before it writes, and the folders of a test are closed to others.
    with tempfile.TemporaryDirectory(prefix="claimwatch-exim-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with exim(folder) as running:
            yield running


def test_a_digest_lies_in_the_mailbox_as_it_was_composed(store, server):
    for name in ("reader", "gone", "busy"):
        reader(store, name)
    happen(store, flag(1, "permit-fee", before=dollars(1000), after=dollars(1155)), at=NOW)
    composed = compose_due(
        store,
        sources=SOURCES,
        claims=CLAIMS,
        now=NOW.replace(day=NOW.day + 1),
        sender="Claimwatch <digest@watch.example>",
        base_url="https://watch.example",
        secrets=("s" * 32,),
    )
    report = deliver_due(
        store, sender_url=server.url, owner="mailer", now=lambda: NOW.replace(day=NOW.day + 1), connections=3
    )
    assert (report.sent, report.failed, report.deferred, report.stopped) == (1, 1, 1, "")
    with store.reading() as connection:
        lines = {line.recipient: line for line in list_deliveries(connection)}
    assert "5.1.1" in lines["gone@example.org"].reason
    assert lines["busy@example.org"].state is DeliveryState.DEFERRED
    (raw,) = server.arrived()
    mail = BytesParser(policy=policy.default).parsebytes(raw)
    (sent,) = [item.message for item in composed if item.subscriber.address == "reader@example.org"]
    assert sent is not None
    assert raw.replace(b"\r\n", b"\n").endswith(sent.content.replace(b"\r\n", b"\n").partition(b"\n\n")[2])
    assert mail["Return-path"] == "<digest@watch.example>"
    assert mail["Envelope-to"] == "reader@example.org"
    assert (mail["Message-ID"], mail["Subject"]) == (sent.message_id, sent.subject)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Unsubscribe"].startswith("<https://watch.example/unsubscribe/")
    for kind in ("plain", "html"):
        assert "CAD 1,155" in mail.get_body((kind,)).get_content()
    assert not mail.defects
