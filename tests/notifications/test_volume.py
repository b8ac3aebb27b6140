"""Many subscribers, servers that refuse, mailers that are killed at any moment: nothing is lost and nothing doubled."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

from domain.digests import DeliveryState
from notifications.handover import LEASE
from storage.deliveries import release_ambiguous, resolve_ambiguous
from storage.delivery_lists import count_deliveries, list_deliveries
from storage.store import Store
from tests.notifications.builders import NOW
from tests.notifications.sinks import Sink, sink
from tests.notifications.stores import queue

ROOT = Path(__file__).parents[2]
MANY = 900
GONE = {f"reader{number}@example.org": "550 5.1.1 no such mailbox" for number in (100, 200, 300)}
BUSY = {f"reader{number}@example.org": "450 4.2.1 later" for number in range(7, MANY, 20)}


class Killer:
    """Kills the mailer at work before the server answers in a phase, after a random number of answers."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._left = 0
        self._phase = ""
        self.kills = 0
        self.victim: subprocess.Popen[str] | None = None

    def aim(self, victim: subprocess.Popen[str], phase: str) -> None:
        self._left, self._phase = self._chance.randrange(20, 200), phase
        self.victim = victim

    def watch(self, phase: str) -> None:
        """Called by the server; its lock is not held, and one answer too many does no harm."""
        self._left -= 1
        if self._left <= 0 and phase == self._phase and self.victim is not None:
            victim, self.victim = self.victim, None
            self.kills += 1
            victim.kill()
            victim.wait(30)


def mailer(folder: Path, url: str, *, at: datetime, links: int = 4) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.notifications.mailer", f"sqlite:///{folder / 'claimwatch.db'}", url],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MAILER_NOW": at.isoformat(), "MAILER_LINKS": str(links)},
        stdout=subprocess.DEVNULL,
    )


def settle_by_hand(store: Store, server: Sink, *, at: datetime) -> int:
    """What is held is looked up at the server: taken for sent where a copy came, sent again where none did."""
    copies = server.copies()
    with store.writing() as connection:
        held = list_deliveries(connection, state=DeliveryState.AMBIGUOUS, limit=MANY)
        for line in held:
            decide = resolve_ambiguous if line.message_id in copies else release_ambiguous
            assert decide(connection, line.id, now=at)
    return len(held)


def states(store: Store) -> dict[DeliveryState, int]:
    with store.reading() as connection:
        return {state: count for state, count in count_deliveries(connection).items() if count}


def test_mailers_killed_at_random_lose_nothing_and_double_nothing(store, tmp_path):
    queue(store, MANY)
    killer, held, at = Killer(seed=3), 0, NOW
    with sink(refused={**GONE, **BUSY}) as server:
        server.watch = killer.watch
        for phase in ("dot", "rcpt", "data", "dot"):
            process = mailer(tmp_path, server.url, at=at)
            killer.aim(process, phase)
            process.wait(120)
        assert killer.kills == 4
        assert max(server.copies().values()) == 1
        assert sum(states(store).values()) == MANY
        server.refused = GONE
        for _ in range(3):
            at += LEASE + timedelta(minutes=1)
            assert mailer(tmp_path, server.url, at=at).wait(120) == 0
            held += settle_by_hand(store, server, at=at)
    assert states(store) == {DeliveryState.SENT: MANY - len(GONE), DeliveryState.FAILED: len(GONE)}
    assert len(server.copies()) == len(server.kept) == MANY - len(GONE)
    assert held > 0
