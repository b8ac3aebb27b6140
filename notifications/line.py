"""One connection at work: what it holds, and which of it is marked ahead, so that it seldom waits for a commit."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import islice

from notifications.book import Book, Needs
from notifications.handover import LEASE
from storage.deliveries import ClaimedDelivery, LostDelivery, renew_marker
from storage.delivery_claims import give_back_claims
from storage.store import Store

MOST_AHEAD = 64
"""Mails of one connection that are marked and not settled, at any time: so many are ambiguous after a crash at most."""

SHORT = 0.025
COMMITS = 3
"""What is marked ahead should take so many seconds to send, or so many commits where those are slow; two mails at least."""

FRESH = timedelta(minutes=1)
"""How old a marker may be when its mail is sent; an older one is committed anew, if it is still ours."""


class Line:
    """What one connection has claimed and not begun, and which of it is marked already.

    probing: takes one delivery, and has nothing marked ahead. It is the book's from the beginning to `give_back`.
    """

    def __init__(self, book: Book, store: Store, *, now: Callable[[], datetime], probing: bool = False) -> None:
        self._book = book
        self._store = store
        self._now = now
        self._probing = probing
        self._waiting = deque[ClaimedDelivery]()
        self._marked: dict[int, datetime] = {}
        self._in_hand = 0
        self._at_dot: ClaimedDelivery | None = None
        self._begun = self._going = False
        self._asked: frozenset[int] = frozenset()
        self._needed = self._told = 0
        self._error: BaseException | None = None
        self._ahead = 2
        self._since, self._mails = time.monotonic(), 0
        self._turn = threading.Condition(book.lock)
        book.join(self)

    def next(self) -> ClaimedDelivery | None:
        """What is to be handed over now, or None where nothing is due."""
        with self._turn:
            self._going, self._begun = self._begun, True
            if not self._waiting:
                self._wait(lambda: bool(self._waiting))
            if not self._waiting:
                return None
            self._mails += 1
            claimed = self._waiting.popleft()
            self._marked.pop(self._in_hand, None)
            self._in_hand = claimed.id
            return claimed

    def mark(self, claimed: ClaimedDelivery) -> None:
        """The marker of this one, which `next` gave last, is committed. LostDelivery where it is not ours."""
        with self._turn:
            if claimed.id not in self._marked:
                self._at_dot = claimed
                self._wait(lambda: claimed.id in self._marked)
                self._at_dot = None
            at = self._marked.pop(claimed.id, None)
            self._going = True
            if len(self._marked) <= self._ahead // 2 and not self._probing:
                self._book.want()
        if at is None:
            raise LostDelivery(f"delivery {claimed.id} is no longer ours: another sender has it, or it was settled")
        if not timedelta(0) <= self._now() - at < FRESH:
            self._store.write(lambda connection: renew_marker(connection, claimed, now=self._now(), lease=LEASE))

    def give_back(self) -> None:
        """What was not begun is free for anybody, its marker undone."""
        self._book.leave(self)
        with self._turn:
            self._turn.wait_for(lambda: self._told == self._needed)
            items, self._waiting = list(self._waiting), deque()
        if items:
            self._store.write(lambda connection: give_back_claims(connection, items))

    def needs(self) -> Needs:
        """See `Connected`: the marker of the mail whose dot is next, those of what follows, and more to follow them."""
        self._needed += 1
        self._pace()
        unmarked = [item for item in self._waiting if item.id not in self._marked]
        room = max(0, self._ahead - 1 - len(self._marked)) if self._going and not self._probing else 0
        marks = list(islice(unmarked, room))
        if self._at_dot is not None and self._at_dot.id not in self._marked:
            marks.append(self._at_dot)
        self._asked = frozenset(item.id for item in marks)
        claims = self._ahead + room - len(unmarked) if self._going else 1 - len(unmarked)
        return Needs(marks=marks, claims=0 if self._probing and self._in_hand else max(0, claims))

    def filled(self, marked: frozenset[int], at: datetime, claimed: Sequence[ClaimedDelivery]) -> None:
        """See `Connected`."""
        if lost := self._asked - marked:
            self._waiting = deque(item for item in self._waiting if item.id not in lost)
        held = {self._in_hand, *(item.id for item in self._waiting)}
        self._marked |= dict.fromkeys(marked & held, at)
        self._waiting.extend(claimed)
        self._error = None
        self._told += 1
        self._turn.notify()

    def failed(self, error: BaseException) -> None:
        """See `Connected`."""
        self._error = error
        self._told += 1
        self._turn.notify()

    def _wait(self, enough: Callable[[], bool]) -> None:
        """Until there is enough, or whatever this needs now is committed; the lock is held before and after."""
        began, upto = time.monotonic(), self._needed + 1
        self._book.want()
        self._turn.wait_for(lambda: enough() or self._told >= upto)
        self._since += time.monotonic() - began
        if self._error is not None:
            raise self._error

    def _pace(self) -> None:
        """How many may be marked ahead, from how long the mails since the last time took."""
        if self._mails:
            now = time.monotonic()
            each = (now - self._since) / self._mails
            enough = max(SHORT, COMMITS * self._book.took) / max(each, 1e-6)
            self._ahead = max(2, self._ahead // 2, min(2 * self._ahead, MOST_AHEAD, int(enough)))
            self._since, self._mails = now, 0
