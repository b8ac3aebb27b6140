"""Two mailers at once on one database, SQLite or PostgreSQL, one of them killed: each message once, or held."""

from __future__ import annotations

import signal
from contextlib import closing

import pytest

from domain.digests import DeliveryState
from notifications.handover import LEASE
from notifications.line import MOST_AHEAD
from storage.store import open_store
from tests.notifications.builders import NOW
from tests.notifications.sinks import sink
from tests.notifications.stores import queue
from tests.notifications.test_deliver import finish, mailer, states
from tests.storage.conftest import store_url

__all__ = ["store_url"]


@pytest.mark.parametrize("kill", [False, True])
def test_two_mailers_hand_each_message_over_once_or_hold_it(store_url: str, kill: bool) -> None:
    database = store_url
    with closing(open_store(database)) as store, sink() as server:
        names = queue(store, 80)
        running = [mailer(database, server.url) for _ in range(2)]
        victims = running[:1] if kill else []

        def watch(phase: str) -> None:
            if phase == "dot" and len(server.kept) > 20 and victims:
                victim = victims.pop()
                victim.kill()
                victim.wait(30)

        server.watch = watch
        codes = [finish(process)[0] for process in running]
        assert codes[1] == 0
        assert codes[0] in ((0, -signal.SIGKILL) if kill else (0,))
        assert finish(mailer(database, server.url, at=NOW + LEASE))[0] == 0
        assert max(server.copies().values()) == 1
        found = states(store)
        held = found.pop(DeliveryState.AMBIGUOUS, 0)
        assert held <= (MOST_AHEAD if kill else 0)
        assert found == {DeliveryState.SENT: len(names) - held}
        assert len(names) - held <= len(server.copies()) <= len(names)
