"""What the connections of one run did and what they need next, committed together by one thread beside them.

A durable commit costs more than handing a mail over. So one transaction holds what servers accepted and refused since
the last one on all connections, the markers of what comes next on each, and the claims of more work, while the
connections go on with what is marked already. See docs/decisions/0010.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import structlog

from domain.digests import DeliveryState
from notifications.allowance import Allowance
from notifications.handover import LEASE
from storage.deliveries import ClaimedDelivery, LostDelivery, mark_all, settle_all_sent
from storage.store import Connection, Store

log = structlog.get_logger()
_Refusal = tuple[ClaimedDelivery, DeliveryState, Callable[[Connection], None]]

PATIENCE = 0.2
"""Seconds that an acceptance waits for its commit while no connection needs anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What one connection needs next. claims: how many more deliveries."""

    marks: Sequence[ClaimedDelivery]
    claims: int


class Connected(Protocol):
    """One connection as the book sees it. Everything here is called with the lock of the book held."""

    def needs(self) -> Needs:
        """What is to be committed for it now."""

    def filled(self, marked: frozenset[int], at: datetime, claimed: Sequence[ClaimedDelivery]) -> None:
        """What it needed is committed: the markers of these numbers, as of a moment, and these are ours, unmarked."""

    def failed(self, error: BaseException) -> None:
        """Nothing of what it needed was committed."""


@dataclass(slots=True, kw_only=True)
class _Page:
    """What one transaction is to hold."""

    needs: list[tuple[Connected, Needs]] = field(default_factory=list)
    accepted: list[ClaimedDelivery] = field(default_factory=list)
    refused: list[_Refusal] = field(default_factory=list)


class Book:
    """The one writer of a run.

    lock: guards all that its connections hold. settled: called with a state and how many came to it, when that is
    committed. took: seconds of a commit, lately.
    """

    def __init__(
        self,
        store: Store,
        *,
        now: Callable[[], datetime],
        allowance: Allowance,
        settled: Callable[[DeliveryState, int], None],
    ) -> None:
        self._store = store
        self._now = now
        self._allowance = allowance
        self._settled = settled
        self._lines: list[Connected] = []
        self._accepted: list[ClaimedDelivery] = []
        self._refused: list[_Refusal] = []
        self._wanted = self._over = False
        self.took = 0.0
        self.lock = threading.Lock()
        self._turn = threading.Condition(self.lock)
        self._writer = threading.Thread(target=self._write_on, name="book", daemon=True)

    def __enter__(self) -> Book:
        self._writer.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self.lock:
            self._over = True
            self._turn.notify()
        self._writer.join()
        self._write(self._taken())

    def join(self, line: Connected) -> None:
        """One more connection."""
        with self.lock:
            self._lines.append(line)

    def leave(self, line: Connected) -> None:
        """One connection less; what is being written for it now is still told to it."""
        with self.lock:
            self._lines.remove(line)

    def want(self) -> None:
        """A connection needs something soon. Called with the lock held."""
        if not self._wanted:
            self._wanted = True
            self._turn.notify()

    def accepted(self, claimed: ClaimedDelivery) -> None:
        """The server took it; the next commit settles it."""
        with self.lock:
            self._accepted.append(claimed)

    def refused(self, claimed: ClaimedDelivery, state: DeliveryState, work: Callable[[Connection], None]) -> None:
        """It was not taken, for its recipient's sake; the next commit settles it by `work`."""
        with self.lock:
            self._refused.append((claimed, state, work))

    def _taken(self) -> _Page:
        accepted, self._accepted = self._accepted, []
        refused, self._refused = self._refused, []
        return _Page(needs=[(line, line.needs()) for line in self._lines], accepted=accepted, refused=refused)

    def _write_on(self) -> None:
        while True:
            with self.lock:
                self._turn.wait_for(lambda: self._wanted or self._over, timeout=PATIENCE)
                if self._over:
                    return
                self._wanted = False
                page = self._taken()
            try:
                self._write(page)
            except Exception as error:  # noqa: BLE001 - raised by the connections that wait, in their own threads
                log.warning("settling failed", error=str(error))
                with self.lock:
                    self._accepted, self._refused = page.accepted + self._accepted, page.refused + self._refused
                    for line, _ in page.needs:
                        line.failed(error)

    def _write(self, page: _Page) -> None:
        """Everything on the page is committed. What is marked and refused at once is marked first."""
        marks = [item for _, needs in page.needs for item in needs.marks]
        wanted = [needs.claims for _, needs in page.needs]
        reserved = self._allowance.reserve(sum(wanted))
        now = self._now()

        def all_of_it(connection: Connection) -> tuple[set[int], set[int], tuple[ClaimedDelivery, ...], bool]:
            unmarked = mark_all(connection, marks, now=now, lease=LEASE)
            lost = settle_all_sent(connection, page.accepted, now=now) | _settle(connection, page.refused)
            return unmarked, lost, *(self._allowance.claim(connection, reserved) if reserved else ((), False))

        began = time.monotonic()
        unmarked, lost, claimed, used_up = set[int](), set[int](), tuple[ClaimedDelivery, ...](), False
        try:
            if marks or reserved or page.accepted or page.refused:
                unmarked, lost, claimed, used_up = self._store.write(all_of_it)
        finally:
            self._allowance.took(reserved, claimed=len(claimed), used_up=used_up)
        with self.lock:
            self.took += (time.monotonic() - began - self.took) / 4
            for (line, needs), share in zip(page.needs, _dealt(claimed, wanted), strict=True):
                line.filled(frozenset(item.id for item in needs.marks) - unmarked, now, share)
        self._report(page, lost)

    def _report(self, page: _Page, lost: set[int]) -> None:
        for number in lost:
            log.warning("delivery lost to another sender", delivery=number)
        for item, state, _ in page.refused:
            if item.id not in lost:
                self._settled(state, 1)
        sent = [item.id for item in page.accepted if item.id not in lost]
        if sent:
            self._settled(DeliveryState.SENT, len(sent))
            log.info("deliveries sent", count=len(sent), deliveries=sent)


def _settle(connection: Connection, refused: Iterable[_Refusal]) -> set[int]:
    """The numbers of those that are not ours any more, which are left alone."""
    lost = set()
    for claimed, _, work in refused:
        try:
            work(connection)
        except LostDelivery:
            lost.add(claimed.id)
    return lost


def _dealt(claimed: Sequence[ClaimedDelivery], wanted: Sequence[int]) -> list[list[ClaimedDelivery]]:
    """Each gets as many as they wanted; where they are too few, everybody gets as many as the others, or one less."""
    hands: list[list[ClaimedDelivery]] = [[] for _ in wanted]
    left = deque(claimed)
    while left:
        for hand, most in zip(hands, wanted, strict=True):
            if left and len(hand) < most:
                hand.append(left.popleft())
    return hands
