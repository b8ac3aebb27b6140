"""Handing queued messages over, once each: claim, hand over, settle, each step committed before what it announces.

A subscriber gets each digest exactly once, except that a delivery whose acceptance could not be learned is held and
shown as ambiguous, and is sent again only by a choice that someone made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog

from domain.digests import DeliveryState
from domain.errors import DeliveryError
from notifications.mailbox import Mailbox
from notifications.sending import Ambiguous, OurFault, Sender, Unavailable
from notifications.smtp import SmtpSender
from storage.deliveries import (
    ClaimedDelivery,
    LostDelivery,
    claim_delivery,
    list_deliveries,
    mark_handing_over,
    recover_abandoned,
    settle_ambiguous,
    settle_deferred,
    settle_failed,
    settle_sent,
)
from storage.store import Store

log = structlog.get_logger()

SENDERS: Mapping[str, Callable[[str], Sender]] = {
    "smtp": SmtpSender,
    "smtps": SmtpSender,
    "smtp+starttls": SmtpSender,
    "file": Mailbox,
}

LEASE = timedelta(minutes=15)
"""How long a claimed delivery is left to its owner. Past it, another may take it, or it is held as ambiguous."""

LIFETIME = timedelta(days=3)
"""How long a message that its recipient's server puts off is tried. Trouble of our own never uses it up."""

FIRST_DELAY = timedelta(minutes=2)
LONGEST_DELAY = timedelta(hours=6)

PAUSE = timedelta(minutes=15)
"""How long the whole queue rests after the server refused *us*, so that a wrong password does not lock the account."""

_PAUSED = "paused: "


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
        raise ValueError(f"mail goes to {', '.join(f'{name}://' for name in SENDERS)}; {scheme or 'that'!r} is none")
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
) -> DeliveryReport:
    """Every delivery that was due has been taken up, at most `limit`, or the report says why the run stopped.

    Safe beside other runs on the same store, and after a crash of any: what one holds, no other takes.
    insist: try although the queue pauses. sender: to be used instead of the one that `sender_url` names.
    """
    way = sender or open_sender(sender_url)
    try:
        with store.writing() as connection:
            recovered = recover_abandoned(connection, now=now())
        if recovered:
            log.warning("deliveries held as ambiguous after a crash", count=recovered)
        paused = "" if insist else _paused(store, now())
        if paused:
            return DeliveryReport(recovered=recovered, stopped=paused, paused=True)
        return _run(store, way, owner=owner, now=now, limit=limit, recovered=recovered)
    finally:
        way.close()


def delay_after(attempts: int) -> timedelta:
    """How long to wait after so many tries: 2, 8, 32 minutes, then hours, at most six."""
    return min(FIRST_DELAY * (1 << 2 * min(max(attempts - 1, 0), 8)), LONGEST_DELAY)


def _run(
    store: Store, way: Sender, *, owner: str, now: Callable[[], datetime], limit: int, recovered: int
) -> DeliveryReport:
    counts: Counter[DeliveryState] = Counter()
    stopped, paused = "", False
    for _ in range(limit):
        with store.writing() as connection:
            claimed = claim_delivery(connection, owner=owner, now=now(), lease=LEASE)
        if claimed is None:
            break
        try:
            state, reason, stop = _HandOver(store, claimed, now).through(way)
        except LostDelivery:
            log.warning("delivery lost to another sender", delivery=claimed.id)
            continue
        counts[state] += 1
        log.info("delivery", delivery=claimed.id, state=state.value, attempts=claimed.attempts + 1, reason=reason)
        if stop is not None:
            stopped, paused = reason, isinstance(stop, OurFault)
            log.error("deliveries stopped", reason=reason, paused=paused)
            break
    return DeliveryReport(
        sent=counts[DeliveryState.SENT],
        deferred=counts[DeliveryState.DEFERRED],
        failed=counts[DeliveryState.FAILED],
        ambiguous=counts[DeliveryState.AMBIGUOUS],
        recovered=recovered,
        stopped=stopped,
        paused=paused,
    )


class _HandOver:
    """One claimed delivery on its way. What settles it is committed before it returns. LostDelivery passes."""

    def __init__(self, store: Store, claimed: ClaimedDelivery, now: Callable[[], datetime]) -> None:
        self._store = store
        self._claimed = claimed
        self._now = now
        self._marked = False

    def through(self, way: Sender) -> tuple[DeliveryState, str, DeliveryError | None]:
        """The state it came to, why, and the trouble that every later delivery would meet too."""
        try:
            way.send(self._claimed.message, before_final_dot=self._mark)
        except Ambiguous as error:
            return self._ambiguous(str(error)), str(error), None
        except OurFault as error:
            reason = f"{_PAUSED}{error}"
            return self._deferred(reason, after=PAUSE, attempted=False), reason, error
        except Unavailable as error:
            return self._deferred(str(error)), str(error), error
        except DeliveryError as error:
            return self._refused(error)
        with self._store.writing() as connection:
            settle_sent(connection, self._claimed.id, fence=self._claimed.fence, now=self._now())
        return DeliveryState.SENT, "", None

    def _mark(self) -> None:
        with self._store.writing() as connection:
            mark_handing_over(connection, self._claimed.id, fence=self._claimed.fence)
        self._marked = True

    def _refused(self, error: DeliveryError) -> tuple[DeliveryState, str, None]:
        reason = str(error)
        if error.permanent:
            return self._failed(reason), reason, None
        if self._now() - self._claimed.created_at > LIFETIME:
            reason = f"given up after {LIFETIME.days} days, the last answer: {reason}"
            return self._failed(reason), reason, None
        return self._deferred(reason), reason, None

    def _ambiguous(self, reason: str) -> DeliveryState:
        with self._store.writing() as connection:
            settle_ambiguous(connection, self._claimed.id, fence=self._claimed.fence, reason=reason)
        return DeliveryState.AMBIGUOUS

    def _failed(self, reason: str) -> DeliveryState:
        with self._store.writing() as connection:
            settle_failed(connection, self._claimed.id, fence=self._claimed.fence, reason=reason, now=self._now())
        return DeliveryState.FAILED

    def _deferred(self, reason: str, *, after: timedelta | None = None, attempted: bool = True) -> DeliveryState:
        wait = delay_after(self._claimed.attempts + 1) if after is None else after
        with self._store.writing() as connection:
            settle_deferred(
                connection,
                self._claimed.id,
                fence=self._claimed.fence,
                next_attempt=self._now() + wait,
                reason=reason,
                attempted=attempted and not self._marked,
            )
        return DeliveryState.DEFERRED


def _paused(store: Store, now: datetime) -> str:
    """Why the queue rests, from the delivery that met the refusal; "" where it does not."""
    with store.reading() as connection:
        waiting = list_deliveries(connection, state=DeliveryState.DEFERRED)
    return next((line.reason for line in waiting if line.reason.startswith(_PAUSED) and line.next_attempt > now), "")
