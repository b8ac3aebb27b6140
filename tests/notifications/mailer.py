"""A mailer in a process of its own, which a test can kill at a named point: `python -m … DATABASE URL [POINT]`.

POINT: `claimed` (a delivery is ours, nothing was said), `marked` (the marker is committed, no dot yet),
`answered` (the server took it, which is not yet committed). MAILER_NOW is its clock, MAILER_LINKS opens several usual connections.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime

from notifications.deliver import deliver_due
from notifications.dialogue import Timeouts
from notifications.smtp import SmtpSender
from storage.store import open_store
from tests.notifications.builders import NOW


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Mortal(SmtpSender):
    """An SMTP sender that is killed where it is told to be."""

    def __init__(self, url: str, point: str) -> None:
        super().__init__(url, timeouts=Timeouts(connect=5, greeting=5, command=5, data=5, body=5, final=5, quit=1))
        self.point = point

    def send(self, message, *, before_final_dot) -> None:  # type: ignore[no-untyped-def]
        if self.point == "claimed":
            die()

        def mark() -> None:
            before_final_dot()
            if self.point == "marked":
                die()

        super().send(message, before_final_dot=mark)
        if self.point == "answered":
            die()


def main() -> None:
    database, url, *rest = sys.argv[1:]
    store = open_store(database)
    moment = datetime.fromisoformat(os.environ.get("MAILER_NOW", NOW.isoformat()))
    links = int(os.environ.get("MAILER_LINKS", "0"))
    report = deliver_due(
        store,
        sender_url=url,
        owner=f"mailer-{os.getpid()}",
        now=lambda: moment,
        sender=None if links else Mortal(url, rest[0] if rest else ""),
        connections=links or 1,
    )
    print(report.sent, report.deferred, report.failed, report.ambiguous, report.recovered)
    store.close()


if __name__ == "__main__":
    main()
