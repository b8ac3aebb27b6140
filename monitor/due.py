"""Which slots are due: pure arithmetic on a cadence, so that any restart comes to the same answer.

Interval slots stand on a grid anchored at the epoch and shifted by a jitter that is drawn from the source's name, so
sources of one cadence do not all fall due at once and no state is needed to find the grid again. Intervals are counted
in UTC; cron expressions are read in their own zone and follow the Debian rules at changes of the clock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from cronsim import CronSim

from domain.sources import Cadence

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_CRON_JITTER = timedelta(minutes=5)
_MOST_MISSED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The one slot to answer for now. missed: how many earlier slots it also stands in for."""

    slot: datetime
    missed: int


def due_slot(cadence: Cadence, *, source: str, last_slot: datetime | None, now: datetime) -> Due | None:
    """The newest slot at or before `now` that has no record yet, or None.

    Slots between the last one and it are counted as missed and never visited one by one: downtime is caught up once.
    A source without history is due at its newest slot. `last_slot` ahead of `now` (a clock set back) is not due.
    """
    newest = _newest_slot(cadence, source, now)
    if newest is None or (last_slot is not None and last_slot >= newest):
        return None
    if last_slot is None:
        return Due(slot=newest, missed=0)
    return Due(slot=newest, missed=_slots_between(cadence, source, last_slot, newest))


def next_slot(cadence: Cadence, *, source: str, after: datetime) -> datetime | None:
    """The first slot later than `after`, or None where a cron expression never fires again."""
    jitter = _jitter(cadence, source)
    if cadence.every is not None:
        steps = (after - _EPOCH - jitter) // cadence.every + 1
        return _EPOCH + jitter + steps * cadence.every
    fired = next(_fires_after(cadence, after - jitter), None)
    return None if fired is None else fired + jitter


def _newest_slot(cadence: Cadence, source: str, now: datetime) -> datetime | None:
    jitter = _jitter(cadence, source)
    if cadence.every is not None:
        return _EPOCH + jitter + (now - _EPOCH - jitter) // cadence.every * cadence.every
    local = (now - jitter).astimezone(ZoneInfo(cadence.timezone)) + timedelta(minutes=1)
    # Looking back begins a minute later, since it leaves out where it begins, and may so meet one still to come.
    back = (fired.astimezone(UTC) + jitter for fired in CronSim(_expression(cadence), local, reverse=True))
    return next((slot for slot in back if slot <= now), None)


def _slots_between(cadence: Cadence, source: str, last: datetime, newest: datetime) -> int:
    if cadence.every is not None:
        return max(0, (newest - last) // cadence.every - 1)
    jitter = _jitter(cadence, source)
    fires = islice(_fires_after(cadence, last - jitter), _MOST_MISSED)
    return sum(1 for fired in fires if fired + jitter < newest)


def _fires_after(cadence: Cadence, after: datetime) -> Iterator[datetime]:
    local = after.astimezone(ZoneInfo(cadence.timezone))
    for fired in CronSim(_expression(cadence), local):
        yield fired.astimezone(UTC)


def _expression(cadence: Cadence) -> str:
    if cadence.cron is None:
        raise AssertionError("a cadence has an interval or a cron expression")
    return cadence.cron


def _jitter(cadence: Cadence, source: str) -> timedelta:
    """Up to a tenth of the interval, or up to five minutes for cron; whole seconds, the same for ever."""
    widest = cadence.every / 10 if cadence.every is not None else _CRON_JITTER
    drawn = int.from_bytes(hashlib.sha256(source.encode()).digest()[:8], "big") / 2**64
    return timedelta(seconds=int(widest.total_seconds() * drawn))
