"""Which stretch of time a subscriber's next digest answers for.

A period is named by the local date on which it ends, so a day has one digest whatever the clocks do: a repeated hour
names the same date, a skipped hour is the first moment after it. What a digest *holds* is chosen by event sequence,
never by these times; they say when it is due and what a reader is told it covers. A key ends in
the zone it was made in.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.digests import Frequency, Period, Subscriber

_NAMED = re.compile(r"(?:(?P<frequency>daily|weekly):)?(?P<day>\d{4}-\d{2}-\d{2})(?::.+)?")


def periods_due(
    subscriber: Subscriber,
    *,
    now: datetime,
    last_key: str | None,
    joined_at: datetime | None = None,
    last_event: int = 0,
    covered_event: int = 0,
) -> tuple[Period, ...]:
    """The periods that have ended and have no digest yet, oldest first.

    Days that were missed while nothing ran are one period: the reader catches up once. `last_key` is the key of the
    subscriber's latest digest. `joined_at`: nothing that ended before it is due. For instant subscribers a period is
    due as soon as `last_event` is past `covered_event` (else their `since_event`), and is named by that event.
    """
    if subscriber.frequency is Frequency.INSTANT:
        fresh = last_event > max(covered_event, subscriber.since_event)
        start = min(joined_at or now, now)
        return (Period(key=f"instant:{last_event}:{subscriber.timezone}", start=start, end=now),) if fresh else ()
    day = _latest_day(subscriber, now)
    last_day = _day_of(last_key)
    end = boundary(subscriber, day)
    if (last_day is not None and day <= last_day) or (joined_at is not None and end <= joined_at):
        return ()
    start = boundary(subscriber, day - _step(subscriber))
    if last_day is not None:
        start = min(start, boundary(subscriber, last_day))
    return (Period(key=_key(subscriber, day), start=start, end=end),) if start < end else ()


def period_named(name: str, *, subscriber: Subscriber, now: datetime) -> Period:
    """The period that a person names: `now` (up to this moment), or the local date on which it ends, `2026-11-23`.

    `daily:2026-11-23` and `weekly:2026-11-23` say the length too. ValueError for anything else, and for a period that
    has not ended.
    """
    if name == "now":
        start = min(boundary(subscriber, _latest_day(subscriber, now)), now)
        return Period(key=f"now:{now.astimezone(UTC):%Y%m%dT%H%M%S%fZ}:{subscriber.timezone}", start=start, end=now)
    found = _NAMED.fullmatch(name)
    if found is None:
        raise ValueError(f"{name!r} names no period: give `now` or a date such as 2026-11-23")
    weekly = (found["frequency"] or subscriber.frequency.value) == Frequency.WEEKLY.value
    day = date.fromisoformat(found["day"])
    length = timedelta(days=7 if weekly else 1)
    key = f"{'weekly' if weekly else 'daily'}:{day.isoformat()}:{subscriber.timezone}"
    period = Period(key=key, start=boundary(subscriber, day - length), end=boundary(subscriber, day))
    if period.end > now:
        raise ValueError(f"the period {name} ends at {period.end.isoformat()} and has not ended")
    return period


def boundary(subscriber: Subscriber, day: date) -> datetime:
    """The moment, in UTC, of the subscriber's hour on a local date: the first of two, or the first after a gap."""
    local = datetime.combine(day, time(subscriber.hour), tzinfo=ZoneInfo(subscriber.timezone))
    return local.astimezone(UTC)


def zone_of(period: Period) -> str:
    """The zone whose clock a period was made by, from its key; UTC where the key names none."""
    parts = period.key.split(":", 2)
    return parts[2] if len(parts) == 3 else "UTC"


def _latest_day(subscriber: Subscriber, now: datetime) -> date:
    day = now.astimezone(ZoneInfo(subscriber.timezone)).date() + timedelta(days=1)
    while boundary(subscriber, day) > now or (
        subscriber.frequency is Frequency.WEEKLY and day.weekday() != subscriber.weekday
    ):
        day -= timedelta(days=1)
    return day


def _step(subscriber: Subscriber) -> timedelta:
    return timedelta(days=7 if subscriber.frequency is Frequency.WEEKLY else 1)


def _key(subscriber: Subscriber, day: date) -> str:
    return f"{subscriber.frequency.value}:{day.isoformat()}:{subscriber.timezone}"


def _day_of(key: str | None) -> date | None:
    """The local date that a daily or weekly key names; None for every other key."""
    found = _NAMED.fullmatch(key or "")
    return date.fromisoformat(found["day"]) if found is not None else None
