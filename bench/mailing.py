"""A mailer in a process of its own for bench/mail.py, which may kill it: `deliver|bare DATABASE URL LINKS AHEAD`.

`deliver` is what `claimwatch send` does with a full outbox, its clock AHEAD seconds on; `bare` hands the same messages
to the same server by the same dialogue and by smtplib, from memory, with no store and no promise.
"""

from __future__ import annotations

import json
import logging
import os
import re
import smtplib
import socket
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from claimwatch.log import set_up
from domain.digests import Message
from domain.errors import DeliveryError
from notifications.deliver import deliver_due
from notifications.smtp import SmtpSender, server_of
from storage.outbox_tables import deliveries, delivery_contents
from storage.store import open_store


def main() -> None:
    """Prints what the run came to."""
    what, database, url, links, ahead = sys.argv[1:]
    set_up(logging.INFO)
    print(json.dumps(_bare(database, url, int(links)) if what == "bare" else _deliver(database, url, links, ahead)))


def _deliver(database: str, url: str, links: str, ahead: str) -> dict[str, Any]:
    offset = timedelta(seconds=int(ahead))
    with closing(open_store(database, migrate=False)) as store:
        began, cpu = time.perf_counter(), time.process_time()
        report = deliver_due(
            store,
            sender_url=url,
            owner=f"mailer:{os.getpid()}",
            now=lambda: datetime.now(UTC) + offset,
            limit=10**9,
            connections=int(links),
        )
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    taken = report.sent + report.deferred + report.failed + report.ambiguous
    return {"wall": wall, "cpu": cpu, "taken": taken, "stopped": report.stopped, "mib": _high_water()}


def _bare(database: str, url: str, links: int) -> dict[str, Any]:
    with closing(open_store(database, migrate=False)) as store, store.reading() as connection:
        whole = select(deliveries, delivery_contents.c.content).join_from(deliveries, delivery_contents)
        rows = connection.execute(whole).mappings().all()
    messages = [
        Message(
            message_id=row["message_id"],
            sender=row["sender"],
            recipient=row["recipient"],
            subject=row["subject"],
            content=bytes(row["content"]),
        )
        for row in rows
    ]
    return {
        "dialogue": _timed(lambda part: _by_dialogue(part, url), messages, links),
        "smtplib": _timed(lambda part: _by_smtplib(part, url), messages, links),
    }


def _timed(send: Callable[[Sequence[Message]], None], messages: Sequence[Message], links: int) -> float:
    """Seconds for all messages over so many connections."""
    began = time.perf_counter()
    with ThreadPoolExecutor(links) as pool:
        for done in [pool.submit(send, messages[first::links]) for first in range(links)]:
            done.result()
    return time.perf_counter() - began


def _by_dialogue(messages: Sequence[Message], url: str) -> None:
    with closing(SmtpSender(url)) as sender:
        for message in messages:
            with suppress(DeliveryError):
                sender.send(message, before_final_dot=lambda: None)


def _by_smtplib(messages: Sequence[Message], url: str) -> None:
    server = server_of(url)
    with smtplib.SMTP(server.host, server.port, local_hostname="localhost") as link:
        assert link.sock is not None
        link.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for message in messages:
            with suppress(smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError):
                link.sendmail(message.sender, [message.recipient], message.content)


def _high_water() -> float:
    """The most memory that this process ever had, MiB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


if __name__ == "__main__":
    main()
