"""One claimed delivery on its way: handed over, and settled by what came of it, each step committed before the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.digests import DeliveryState
from domain.errors import DeliveryError
from notifications.sending import Ambiguous, OurFault, Refused, Sender, Unavailable
from storage.deliveries import (
    BY_MAIL,
    ClaimedDelivery,
    cancel_waiting,
    settle_ambiguous,
    settle_deferred,
    settle_failed,
)
from storage.delivery_lists import PAUSED, failures_since
from storage.store import Connection, Store
from storage.subscribers import suppress_subscriber

LEASE = timedelta(minutes=15)
"""How long a claimed delivery is left to its owner. Past it, another may take it, or it is held as ambiguous."""

LIFETIME = timedelta(days=3)
"""How long a message that its recipient's server puts off is tried. Trouble of our own never uses it up."""

FIRST_DELAY = timedelta(minutes=2)
LONGEST_DELAY = timedelta(hours=6)

PAUSE = timedelta(minutes=15)
"""How long a way rests after the server refused *us*, so that a wrong password does not lock the account."""

PATIENCE = timedelta(days=30)
MOST_FAILURES = 3
"""So many mails that failed or came back within `PATIENCE`, for whatever reason, and no more are sent."""


def delay_after(attempts: int) -> timedelta:
    """How long to wait after so many tries: 2, 8, 32 minutes, then hours, at most six."""
    return min(FIRST_DELAY * (1 << 2 * min(max(attempts - 1, 0), 8)), LONGEST_DELAY)


def give_up_where_hopeless(
    connection: Connection, subscriber: int | None, *, gone: bool, because: str, now: datetime
) -> bool:
    """A reader whose mailbox is gone, or whose mail keeps failing, gets no more. True where that was decided now."""
    if subscriber is None:
        return False
    if not gone and failures_since(connection, subscriber, now - PATIENCE) < MOST_FAILURES:
        return False
    if not suppress_subscriber(connection, subscriber, because=because):
        return False
    cancel_waiting(connection, subscriber, now=now, because="mail to this address is given up")
    return True


@dataclass(slots=True, kw_only=True)
class HandOver:
    """A claimed delivery. LostDelivery passes.

    mark: its marker is committed when that returns. later: takes the work that settles a refusal of this recipient
    alone, to be committed with others'; an acceptance is the caller's to commit; all else is committed by `through`.
    """

    store: Store
    claimed: ClaimedDelivery
    now: Callable[[], datetime]
    mark: Callable[[ClaimedDelivery], None]
    later: Callable[[ClaimedDelivery, DeliveryState, Callable[[Connection], None]], None]
    way: int = BY_MAIL
    return_path: Callable[[int], str] | None = None
    handed: bool = False

    def through(self, sender: Sender) -> tuple[DeliveryState, str, DeliveryError | None]:
        """The state it came to, why, and the trouble that every later delivery would meet too."""
        message = self.claimed.message
        if self.return_path is not None:
            message = replace(message, sender=self.return_path(self.claimed.id))
        try:
            sender.send(message, before_final_dot=self._mark)
        except Ambiguous as error:
            return self._ambiguous(str(error)), str(error), None
        except OurFault as error:
            reason = f"{PAUSED}{error}"
            return self._deferred(reason, after=PAUSE, attempted=False), reason, error
        except Unavailable as error:
            asked = None if error.retry_after is None else timedelta(seconds=error.retry_after)
            return self._deferred(str(error), after=asked), str(error), error
        except DeliveryError as error:
            return self._refused(error)
        return DeliveryState.SENT, "", None

    def _mark(self) -> None:
        self.mark(self.claimed)
        self.handed = True

    def _refused(self, error: DeliveryError) -> tuple[DeliveryState, str, None]:
        reason = str(error)
        gone = isinstance(error, Refused) and error.gone
        if error.permanent:
            return self._failed(reason, gone=gone), reason, None
        if self.now() - self.claimed.created_at > LIFETIME:
            reason = f"given up after {LIFETIME.days} days, the last answer: {reason}"
            return self._failed(reason, gone=False), reason, None
        asked = error.retry_after if isinstance(error, Refused) else None
        after = None if asked is None else timedelta(seconds=asked)
        self.later(self.claimed, DeliveryState.DEFERRED, self._to_defer(reason, after=after))
        return DeliveryState.DEFERRED, reason, None

    def _ambiguous(self, reason: str) -> DeliveryState:
        number, fence = self.claimed.id, self.claimed.fence
        self.store.write(lambda connection: settle_ambiguous(connection, number, fence=fence, reason=reason))
        return DeliveryState.AMBIGUOUS

    def _failed(self, reason: str, *, gone: bool) -> DeliveryState:
        claimed, now = self.claimed, self.now()

        def work(connection: Connection) -> None:
            settle_failed(connection, claimed.id, fence=claimed.fence, reason=reason, now=now, handed=self.handed)
            if self.way == BY_MAIL:
                give_up_where_hopeless(connection, claimed.subscriber, gone=gone, because=reason, now=now)

        self.later(claimed, DeliveryState.FAILED, work)
        return DeliveryState.FAILED

    def _deferred(self, reason: str, *, after: timedelta | None = None, attempted: bool = True) -> DeliveryState:
        self.store.write(self._to_defer(reason, after=after, attempted=attempted))
        return DeliveryState.DEFERRED

    def _to_defer(
        self, reason: str, *, after: timedelta | None, attempted: bool = True
    ) -> Callable[[Connection], None]:
        claimed, handed = self.claimed, self.handed
        next_attempt = self.now() + (delay_after(claimed.attempts + 1) if after is None else after)
        return lambda connection: settle_deferred(
            connection,
            claimed.id,
            fence=claimed.fence,
            next_attempt=next_attempt,
            reason=reason,
            attempted=attempted,
            handed=handed,
        )
