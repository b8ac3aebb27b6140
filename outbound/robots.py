"""What robots.txt files allow us, read as RFC 9309 says and remembered for a day."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import httpx
from protego import Protego

from domain.errors import DecodeError, FetchError
from outbound.urls import parse_url

if TYPE_CHECKING:
    from outbound.client import Response

MAX_BYTES = 500 * 1024
KEEP = timedelta(hours=24)
# An outage of a minute must not silence a site for a day, nor be asked about with every page.
KEEP_UNREACHABLE = timedelta(minutes=10)
DEADLINE = 20.0
# Here the page itself would fare no better, so the trouble keeps its own name.
SITE_IS_OUT_OF_REACH = frozenset({"address-refused", "backing-off", "connect", "dns", "port-refused", "tls"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """rules: None where nothing is known, so nothing is allowed for now; `why` then says what happened."""

    until: datetime
    rules: Protego | None
    why: str = ""


class Robots:
    """The rules of every site met. get: the client's own, so robots.txt meets the same guard. token: our product name.

    Redirects may lead to another site, where the rules of that site are asked.
    """

    def __init__(self, get: Callable[..., Awaitable[Response]], *, token: str) -> None:
        self._get = get
        self._token = token
        self._known: dict[str, _Rules] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    async def check(self, url: str, *, now: datetime) -> None:
        """Nothing happens where the address may be fetched.

        Raises FetchError `robots-disallowed`, or `robots-unreachable` where the rules cannot be had for now (5xx,
        no answer), or as `Client.get` for an address that cannot be asked for. 4xx means that all is allowed.
        """
        target = parse_url(url)
        site = f"{target.scheme}://{target.netloc.decode('ascii')}/"
        async with self._asking.setdefault(site, asyncio.Lock()):
            known = self._known.get(site)
            if known is None or not now < known.until or now < known.until - KEEP:
                known = self._known[site] = await self._ask(target, now)
        if known.rules is None:
            left = (known.until - now).total_seconds()
            raise FetchError("robots-unreachable", f"{site}robots.txt: {known.why}", retry_after=left)
        if not known.rules.can_fetch(str(target), self._token):
            raise FetchError("robots-disallowed", f"{site}robots.txt forbids this address to {self._token}")

    async def _ask(self, target: httpx.URL, now: datetime) -> _Rules:
        where = str(target.copy_with(raw_path=b"/robots.txt"))
        try:
            response = await self._get(where, deadline=DEADLINE, accept="text/plain,*/*;q=0.8")
        except FetchError as error:
            if error.cause in SITE_IS_OUT_OF_REACH:
                raise
            return _Rules(until=now + KEEP_UNREACHABLE, rules=None, why=str(error))
        except DecodeError as error:
            return _Rules(until=now + KEEP_UNREACHABLE, rules=None, why=str(error))
        if response.status >= 500 or response.status == 429:
            return _Rules(until=now + KEEP_UNREACHABLE, rules=None, why=f"status {response.status}")
        text = readable(response.body) if response.status == 200 else ""
        return _Rules(until=now + KEEP, rules=Protego.parse(text))


def readable(body: bytes) -> str:
    """The part of a robots.txt that is read: its first 500 KiB in whole lines; bytes that are no UTF-8 replaced."""
    if len(body) > MAX_BYTES:
        body = body[:MAX_BYTES].rpartition(b"\n")[0]
    return body.decode("utf-8-sig", "replace")
