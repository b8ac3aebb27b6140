"""What one run may take up: what is due on its way, within its own limit and the rate of all runs together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from domain.digests import Lane
from notifications.handover import LEASE
from storage.deliveries import ClaimedDelivery
from storage.delivery_claims import claim_deliveries, handed_since, is_due
from storage.store import Connection

MINUTE = timedelta(minutes=1)


class Allowance:
    """Used by one thread at a time, but for `end`.

    limit: deliveries of this run. rate: mails a minute, all runs taken together, 0 for no limit; a quarter is kept for
    the urgent lane. used_up: nothing was claimed lately, for the sake of the rate alone.
    """

    def __init__(self, *, owner: str, now: Callable[[], datetime], limit: int, way: int, rate: int) -> None:
        self._owner = owner
        self._now = now
        self._left = limit
        self._way = way
        self._rate = rate
        self._ended = False
        self.used_up = False

    def end(self) -> None:
        """Nothing more is taken up."""
        self._ended = True

    def reserve(self, most: int) -> int:
        """How many of so many may be claimed within the limit, which they count against until `took` is told."""
        reserved = 0 if self._ended else min(most, self._left)
        self._left -= reserved
        return reserved

    def took(self, reserved: int, *, claimed: int, used_up: bool) -> None:
        """So many of those reserved were claimed, committed."""
        self._left += reserved - claimed
        self.used_up = self.used_up or used_up

    def claim(self, connection: Connection, most: int) -> tuple[tuple[ClaimedDelivery, ...], bool]:
        """What was claimed, and whether the rate alone is why that is nothing."""
        now = self._now()
        usual = urgent = most
        if self._rate:
            spent = handed_since(connection, now - MINUTE, now=now)
            urgent, usual = min(most, self._rate - spent), min(most, max(1, self._rate * 3 // 4) - spent)
        claimed: tuple[ClaimedDelivery, ...] = ()
        rooms = {Lane.URGENT: urgent, Lane.USUAL: usual}
        for lane, room in rooms.items():
            if room > len(claimed):
                most = room - len(claimed)
                claimed += claim_deliveries(
                    connection, owner=self._owner, now=now, lease=LEASE, most=most, way=self._way, lanes=(lane,)
                )
        used_up = not claimed and any(
            room <= 0 and is_due(connection, now=now, way=self._way, lane=lane) for lane, room in rooms.items()
        )
        return claimed, used_up
