"""No host is hurried: few requests at a time, a pause between them, and quiet when it asks for quiet."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from domain.errors import FetchError
from outbound.policy import Policy


@dataclass(slots=True)
class _Host:
    """Times are of the event loop's clock, which never jumps."""

    places: asyncio.Semaphore
    not_before: float = 0.0
    quiet_until: float = field(default=0.0)


class Politeness:
    """Gives each host its turns. One for each client."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Within it, one request may be sent to the host; waiting for it is bounded only by the queue before us.

        Raises FetchError `backing-off` at once, with the seconds left, where the host asked for a longer quiet than
        the policy's patience.
        """
        entry = self._host(host)
        async with entry.places:
            clock = asyncio.get_running_loop().time
            # Another request to the host may move these times while we sleep, so they are read again.
            while (wait := max(entry.not_before, entry.quiet_until) - clock()) > 0:
                quiet = entry.quiet_until - clock()
                if quiet > self._policy.patience:
                    raise FetchError("backing-off", f"{host} asked to be left alone", retry_after=quiet)
                await asyncio.sleep(wait)
            entry.not_before = clock() + self._policy.per_host_spacing
            try:
                yield
            finally:
                entry.not_before = clock() + self._policy.per_host_spacing

    def back_off(self, host: str, seconds: float) -> None:
        """No request is sent to the host for that long; a longer quiet that was asked for earlier stays."""
        entry = self._host(host)
        entry.quiet_until = max(entry.quiet_until, asyncio.get_running_loop().time() + seconds)

    def _host(self, host: str) -> _Host:
        if host not in self._hosts:
            self._hosts[host] = _Host(places=asyncio.Semaphore(self._policy.per_host_concurrency))
        return self._hosts[host]


def retry_after(status: int, header: str | None, *, policy: Policy, now: datetime) -> float | None:
    """Seconds that a 429 or 503 asks to wait, clamped to the policy; None where nothing was asked.

    header: `Retry-After` as sent, seconds or a date (RFC 9110 10.2.3); where it makes no sense, and for a 429
    without one, the policy's default.
    """
    if status not in (429, 503) or (header is None and status == 503):
        return None
    seconds = _seconds(header or "", now)
    wanted = policy.retry_after_default if seconds is None else seconds
    return min(max(wanted, policy.retry_after_min), policy.retry_after_max)


def _seconds(header: str, now: datetime) -> float | None:
    text = header.strip()
    if text.removeprefix("-").isascii() and text.removeprefix("-").isdigit():
        return float(text[:12])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
