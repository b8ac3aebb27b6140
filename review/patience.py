"""How long somebody who guesses passwords has to wait. Pure.

Waiting grows with each failure and is never longer than a quarter of an hour. It holds for a name from one place; for a
place whatever the name; and, at many more tries, for a name from anywhere, which a browser that its person used before
is exempt from. So nobody can keep somebody else out by failing in their name, and a sign-in link is never held up.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(hours=1)
"""How long a failure counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """free: failures that cost no waiting. first: the wait after the next, doubled for each more, up to `LONGEST`."""

    free: int
    first: timedelta


LONGEST = timedelta(minutes=15)
BY_PAIR = Limit(free=5, first=timedelta(seconds=30))
BY_PLACE = Limit(free=20, first=timedelta(seconds=30))
BY_NAME = Limit(free=60, first=timedelta(seconds=10))


def wait(limit: Limit, *, number: int, last: datetime | None, now: datetime) -> timedelta:
    """How long until the next try, zero where it may be made now."""
    if last is None or number < limit.free:
        return timedelta(0)
    grown = min(limit.first * (1 << min(number - limit.free, 20)), LONGEST)
    return max(last + grown - now, timedelta(0))


def place_of(address: str) -> str:
    """What counts as one place: an IPv4 address, or the network of an IPv6 one, of which anybody has very many."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def browser_mark(secret: str, identity: str, nonce: str) -> str:
    """What a browser keeps after its person signed in: known again by it, and by nothing that can be made up."""
    proof = hmac.new(secret.encode(), f"browser\x1f{identity}\x1f{nonce}".encode(), hashlib.sha256).hexdigest()
    return f"{nonce}.{proof}"


def known_browser(secret: str, identity: str, mark: str) -> str:
    """The nonce of a browser that this person signed in with before, "" for any other."""
    nonce = mark.partition(".")[0]
    made = browser_mark(secret, identity, nonce)
    return nonce if nonce and hmac.compare_digest(made.encode(), mark.encode("utf-8", "replace")) else ""
