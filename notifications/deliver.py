"""Handing queued messages over, once each: claim, hand over, settle, each step committed before what it announces.

A subscriber gets each digest exactly once, except that a delivery whose acceptance could not be learned is held and
shown as ambiguous, and is sent again only by a choice that someone made.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import structlog

from domain.digests import DeliveryState
from domain.errors import DeliveryError
from notifications.allowance import Allowance
from notifications.book import Book
from notifications.handover import HandOver
from notifications.line import Line
from notifications.mailbox import Mailbox
from notifications.sending import OurFault, Sender
from notifications.smtp import SmtpSender
from storage.deliveries import BY_MAIL, ClaimedDelivery, LostDelivery, recover_abandoned
from storage.delivery_lists import pause_of
from storage.store import Store

log = structlog.get_logger()

SENDERS: Mapping[str, Callable[[str], Sender]] = {
    "smtp": SmtpSender,
    "smtps": SmtpSender,
    "smtp+starttls": SmtpSender,
    "file": Mailbox,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """What became of the deliveries that one run took up. recovered: found half handed over, now held as ambiguous.

    stopped: why the run ended before the queue was empty, "" where it did not. paused: the fault is ours to mend.
    """

    sent: int = 0
    deferred: int = 0
    failed: int = 0
    ambiguous: int = 0
    recovered: int = 0
    stopped: str = ""
    paused: bool = False


def open_sender(url: str) -> Sender:
    """The way out that an address names. ValueError, without secrets, where it names none."""
    scheme = urlsplit(url).scheme
    if scheme not in SENDERS:
        known = ", ".join(f"{name}://" for name in SENDERS)
        raise ValueError(f"mail goes to an address that begins with {known}; this one does not")
    return SENDERS[scheme](url)


def deliver_due(
    store: Store,
    *,
    sender_url: str,
    owner: str,
    now: Callable[[], datetime],
    limit: int = 1000,
    insist: bool = False,
    sender: Sender | None = None,
    connections: int = 1,
    rate: int = 0,
    return_path: Callable[[int], str] | None = None,
) -> DeliveryReport:
    """Every mail that was due has been taken up, at most `limit`, or the report says why the run stopped.

    Safe beside other runs on the same store, and after a crash of any: what one holds, no other takes.
    insist: try although the queue pauses. sender: to be used instead of those that `sender_url` names. connections: to
    the server at a time. rate: mails a minute, all runs taken together, 0 for no limit; a quarter is kept for the
    urgent lane. return_path: where the mail of a delivery number comes back to.
    """
    made: list[Sender] = []

    def another() -> Sender:
        made.append(sender or open_sender(sender_url))
        return made[-1]

    run = Run(store=store, owner=owner, now=now, limit=limit, rate=rate, return_path=return_path)
    try:
        return run.all(another, connections=1 if sender is not None else connections, insist=insist)
    finally:
        for way in made:
            way.close()


class Run:
    """One run over what is due on one way: by mail, or through one channel.

    seconds: after these it begins nothing more, and gives back what it had claimed; None for no end.
    """

    def __init__(
        self,
        *,
        store: Store,
        owner: str,
        now: Callable[[], datetime],
        limit: int,
        way: int = BY_MAIL,
        rate: int = 0,
        return_path: Callable[[int], str] | None = None,
        seconds: float | None = None,
    ) -> None:
        self._until = None if seconds is None else time.monotonic() + seconds
        self._store = store
        self._now = now
        self._way = way
        self._rate = rate
        self._allowance = Allowance(owner=owner, now=now, limit=limit, way=way, rate=rate)
        self._return_path = return_path
        self._counts: Counter[DeliveryState] = Counter()
        self._stopped, self._paused = "", False
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._book = Book(store, now=now, allowance=self._allowance, settled=self._count)

    def all(self, another: Callable[[], Sender], *, connections: int, insist: bool = False) -> DeliveryReport:
        """Everything due has been taken up. another: opens one more connection; the first finds out alone whether
        the server is there, so that one that is not is asked once."""
        with self._store.writing() as connection:
            recovered = recover_abandoned(connection, now=self._now())
        if recovered:
            log.warning("deliveries held as ambiguous after a crash", count=recovered)
        with self._store.reading() as connection:
            self._stopped = "" if insist else pause_of(connection, self._way, now=self._now())
        self._paused = bool(self._stopped)
        if not self._paused:
            with self._book:
                first = another()
                if self._work(first, probing=True):
                    self._work_together([first, *(another() for _ in range(connections - 1))])
            if self._allowance.used_up:
                self._stopped = self._stopped or f"no more than {self._rate} mails a minute"
        return DeliveryReport(
            sent=self._counts[DeliveryState.SENT],
            deferred=self._counts[DeliveryState.DEFERRED],
            failed=self._counts[DeliveryState.FAILED],
            ambiguous=self._counts[DeliveryState.AMBIGUOUS],
            recovered=recovered,
            stopped=self._stopped,
            paused=self._paused,
        )

    def _work_together(self, ways: list[Sender]) -> None:
        if len(ways) == 1:
            self._work(ways[0])
            return
        with ThreadPoolExecutor(max_workers=len(ways)) as pool:
            try:
                for done in [pool.submit(self._work, way) for way in ways]:
                    done.result()
            finally:
                self._end()

    def _work(self, way: Sender, *, probing: bool = False) -> bool:
        """Hand over until nothing is due or the run is over; False where that is so. probing: hand over one."""
        line = Line(self._book, self._store, now=self._now, probing=probing)
        try:
            while (claimed := line.next()) is not None:
                self._one(line, way, claimed)
                if probing or self._over.is_set() or self._late():
                    return not (self._over.is_set() or self._late())
        finally:
            line.give_back()
        return False

    def _one(self, line: Line, way: Sender, claimed: ClaimedDelivery) -> None:
        over = HandOver(
            store=self._store,
            claimed=claimed,
            now=self._now,
            mark=line.mark,
            later=self._book.refused,
            way=self._way,
            return_path=self._return_path,
        )
        try:
            state, reason, stop = over.through(way)
        except LostDelivery:
            log.warning("delivery lost to another sender", delivery=claimed.id)
            return
        if state is DeliveryState.SENT:
            self._book.accepted(claimed)
            return
        if state is DeliveryState.AMBIGUOUS or stop is not None:
            self._count(state, 1)
        log.info("delivery", delivery=claimed.id, state=state.value, attempts=claimed.attempts + 1, reason=reason)
        if stop is not None:
            self._stop(reason, stop)

    def _late(self) -> bool:
        if self._until is None or time.monotonic() < self._until:
            return False
        with self._lock:
            self._stopped = self._stopped or "its time for one run is over; the rest goes out with the next"
        self._end()
        return True

    def _count(self, state: DeliveryState, more: int) -> None:
        with self._lock:
            self._counts[state] += more

    def _stop(self, reason: str, trouble: DeliveryError) -> None:
        with self._lock:
            if not self._over.is_set():
                self._stopped, self._paused = reason, isinstance(trouble, OurFault)
                log.error("deliveries stopped", reason=reason, paused=self._paused, way=self._way)
        self._end()

    def _end(self) -> None:
        self._over.set()
        self._allowance.end()
