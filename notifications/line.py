"""One connection at work: what it holds, and its markers, committed a few mails ahead while the server answers at once.

A durable commit costs more than handing a mail over. So one transaction holds what was accepted since the last one, on
all connections, and the markers of what comes next on this one. See docs/decisions/0010.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

import structlog

from domain.digests import DeliveryState
from notifications.handover import LEASE
from storage.deliveries import ClaimedDelivery, LostDelivery, mark_all, renew_marker, settle_all_sent
from storage.delivery_claims import give_back_claims
from storage.store import Connection, Store

log = structlog.get_logger()
Result = TypeVar("Result")
_Refusal = tuple[ClaimedDelivery, DeliveryState, Callable[[Connection], None]]

MOST_AHEAD = 16
"""Mails of one connection whose markers one commit may hold: so many are ambiguous after a crash, at most."""

SHORT = 0.05
"""Seconds that the mails of one commit should take. A server that is slower gets fewer markers ahead, down to one."""

FRESH = timedelta(minutes=1)
"""How old a marker may be when its dot is sent; an older one is committed anew, if it is still ours."""

PATIENCE = 0.2
"""Seconds that an acceptance waits for its commit while no connection commits anything."""


class Book:
    """What servers accepted or refused in one run, until it is committed.

    settled: called with a state and how many came to it, when that is committed.
    """

    def __init__(
        self, store: Store, *, now: Callable[[], datetime], settled: Callable[[DeliveryState, int], None]
    ) -> None:
        self._store = store
        self._now = now
        self._settled = settled
        self._accepted: list[ClaimedDelivery] = []
        self._refused: list[_Refusal] = []
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._ticker = threading.Thread(target=self._tick, name="acceptances", daemon=True)

    def __enter__(self) -> Book:
        self._ticker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._ticker.join()
        self.flush()

    def accepted(self, claimed: ClaimedDelivery) -> None:
        """The server took it; the next commit of anybody settles it."""
        with self._lock:
            self._accepted.append(claimed)

    def refused(self, claimed: ClaimedDelivery, state: DeliveryState, work: Callable[[Connection], None]) -> None:
        """It was not taken, for its recipient's sake; the next commit of anybody settles it by `work`."""
        with self._lock:
            self._refused.append((claimed, state, work))

    def flush(self) -> None:
        """Everything accepted and refused is settled."""
        with self._lock:
            due = bool(self._accepted or self._refused)
        if due:
            self.write(lambda connection: None)

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """What `work` returned, committed together with what was accepted and refused."""
        with self._lock:
            taken, self._accepted = self._accepted, []
            refused, self._refused = self._refused, []
        now = self._now()

        def all_of_it(connection: Connection) -> tuple[set[int], Result]:
            lost = settle_all_sent(connection, taken, now=now)
            return lost | _settle(connection, refused), work(connection)

        try:
            lost, result = self._store.write(all_of_it)
        except BaseException:
            with self._lock:
                self._accepted, self._refused = taken + self._accepted, refused + self._refused
            raise
        for number in lost:
            log.warning("delivery lost to another sender", delivery=number)
        for item, state, _ in refused:
            if item.id not in lost:
                self._settled(state, 1)
        sent = [item.id for item in taken if item.id not in lost]
        if sent:
            self._settled(DeliveryState.SENT, len(sent))
            log.info("deliveries sent", count=len(sent), deliveries=sent)
        return result

    def _tick(self) -> None:
        while not self._over.wait(PATIENCE):
            self.flush()


def _settle(connection: Connection, refused: Iterable[_Refusal]) -> set[int]:
    """The numbers of those that are not ours any more, which are left alone."""
    lost = set()
    for claimed, _, work in refused:
        try:
            work(connection)
        except LostDelivery:
            lost.add(claimed.id)
    return lost


class Line:
    """What one connection has claimed and not begun, and whose markers are committed already."""

    def __init__(self, book: Book, store: Store, *, now: Callable[[], datetime]) -> None:
        self._book = book
        self._store = store
        self._now = now
        self._marked: dict[int, datetime] = {}
        self._ahead, self._began = 1, time.monotonic()
        self.waiting = deque[ClaimedDelivery]()

    def refill(self, claimed: Iterable[ClaimedDelivery]) -> None:
        """These are next."""
        self.waiting.extend(claimed)
        self._began = time.monotonic()

    def mark(self, claimed: ClaimedDelivery) -> None:
        """The marker of this one, which was taken from what waits, is committed. LostDelivery where it is not ours."""
        at = self._marked.pop(claimed.id, None)
        if at is None:
            self._mark_ahead(claimed)
        elif not timedelta(0) <= self._now() - at < FRESH:
            self._store.write(lambda connection: renew_marker(connection, claimed, now=self._now(), lease=LEASE))

    def give_back(self) -> None:
        """What was not begun is free for anybody, its marker undone."""
        items, self.waiting = list(self.waiting), deque()
        self._marked.clear()
        if items:
            self._store.write(lambda connection: give_back_claims(connection, items))

    def _mark_ahead(self, claimed: ClaimedDelivery) -> None:
        took = time.monotonic() - self._began
        self._ahead = min(2 * self._ahead, MOST_AHEAD) if took < SHORT else max(1, self._ahead // 2)
        items, now = [claimed, *islice(self.waiting, self._ahead - 1)], self._now()
        lost = self._book.write(lambda connection: mark_all(connection, items, now=now, lease=LEASE))
        self._began = time.monotonic()
        self._marked |= {item.id: now for item in items[1:] if item.id not in lost}
        if lost:
            self.waiting = deque(item for item in self.waiting if item.id not in lost)
        if claimed.id in lost:
            raise LostDelivery(f"delivery {claimed.id} is no longer ours: another sender has it, or it was settled")
