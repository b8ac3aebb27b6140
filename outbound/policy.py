"""What may be reached, how politely and within which limits: one frozen value, made once from the settings."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal
from urllib.parse import urlsplit

MIB = 1024 * 1024
WEB_PORTS = frozenset({80, 443})
HOST_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*\Z")
VISIBLE_ASCII = re.compile(r"[\x20-\x7e]*\Z")
DEFAULT_PORT = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """Where a host is really reached. `scheme` decides whether TLS is spoken; the host's own name stays in it."""

    scheme: Literal["http", "https"]
    address: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The limits of every request.

    allow_addresses: (address, port) pairs that may be dialled although the address is not global or the port unusual.
    resolve: host name to the place where it is reached instead; that place still needs `allow_addresses`.
    Times are seconds, sizes bytes. max_bytes bounds a body after decoding, max_wire as it came over the wire.
    per_host_spacing: least pause between two requests to a host. retry_after_*: what `Retry-After` is clamped to, and
    what is assumed where a 429 names none. patience: the longest back-off that is waited out; a longer one is refused.
    """

    user_agent: str
    contact: str = ""
    allow_addresses: frozenset[tuple[str, int]] = frozenset()
    resolve: Mapping[str, Mirror] = field(default_factory=lambda: MappingProxyType({}))
    total_deadline: float = 60.0
    connect_timeout: float = 15.0
    max_bytes: int = 20 * MIB
    max_wire: int = 20 * MIB
    max_hops: int = 5
    allowed_ports: frozenset[int] = WEB_PORTS
    per_host_spacing: float = 1.0
    per_host_concurrency: int = 1
    retry_after_min: float = 1.0
    retry_after_max: float = 6 * 3600.0
    retry_after_default: float = 60.0
    patience: float = 10.0

    def __post_init__(self) -> None:
        """Raises ValueError where a limit makes no sense."""
        for name in ("total_deadline", "connect_timeout", "max_bytes", "max_wire", "per_host_concurrency"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be above zero")
        for name in ("max_hops", "per_host_spacing", "retry_after_min", "patience"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be below zero")
        if self.retry_after_max < self.retry_after_min:
            raise ValueError("retry_after_max must not be below retry_after_min")
        if not self.user_agent.strip() or not VISIBLE_ASCII.match(self.user_agent + self.contact):
            raise ValueError("the user agent and the contact must be plain ASCII words, and the user agent not empty")

    @property
    def identity(self) -> str:
        """The `User-Agent` header: who we are and where to complain."""
        return f"{self.user_agent} (+{self.contact})" if self.contact else self.user_agent

    @property
    def robots_token(self) -> str:
        """The product name that robots.txt files address us by: what stands before the version."""
        return re.split(r"[/\s(]", self.user_agent.strip(), maxsplit=1)[0]

    def port_allowed(self, port: int) -> bool:
        """Whether any address may be reached on that port; the address is judged when it is dialled."""
        return port in self.allowed_ports or any(port == allowed for _, allowed in self.allow_addresses)


def policy_from(
    *,
    user_agent: str,
    contact: str = "",
    allow_addresses: str = "",
    resolve: str = "",
    per_host_spacing: float = 1.0,
) -> Policy:
    """The policy that the settings describe; limits that are no settings keep their defaults (use `replace`).

    allow_addresses: comma-separated `address:port`, `[v6]:port` or `localhost:port`.
    resolve: comma-separated `host=http://address:port`.
    Raises ValueError that names the setting, the entry and what was expected.
    """
    return Policy(
        user_agent=user_agent,
        contact=contact,
        allow_addresses=frozenset(pair for item in _items(allow_addresses) for pair in _allowed(item)),
        resolve=MappingProxyType(dict(_mirror(item) for item in _items(resolve))),
        per_host_spacing=per_host_spacing,
    )


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def _allowed(item: str) -> list[tuple[str, int]]:
    wanted = f"CLAIMWATCH_ALLOW_ADDRESSES: {item!r} is not address:port (as in 127.0.0.1:8800 or [::1]:8800)"
    host, colon, port_text = item.rpartition(":")
    if not colon or not port_text.isascii() or not port_text.isdigit() or not 0 < int(port_text) < 65536:
        raise ValueError(wanted)
    try:
        return [(address, int(port_text)) for address in _literals(host)]
    except ValueError:
        raise ValueError(f"{wanted}; a name is not accepted, because names can point elsewhere tomorrow") from None


def _literals(host: str) -> list[str]:
    if host == "localhost":
        return ["127.0.0.1", "::1"]
    return [str(ipaddress.ip_address(host.removeprefix("[").removesuffix("]")))]


def _mirror(item: str) -> tuple[str, Mirror]:
    wanted = (
        f"CLAIMWATCH_RESOLVE: {item!r} is not host=http://address:port (as in www.example.org=http://127.0.0.1:8800)"
    )
    host, _, place = (part.strip() for part in item.partition("="))
    try:
        parts = urlsplit(place)
        port = parts.port
        address = _literals(parts.hostname or "")[0]
    except ValueError:
        raise ValueError(f"{wanted}; the address must be a literal one") from None
    bare = parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username or parts.password)
    if parts.scheme not in ("http", "https") or not bare or not HOST_NAME.match(host.lower()) or port == 0:
        raise ValueError(wanted)
    scheme: Literal["http", "https"] = "https" if parts.scheme == "https" else "http"
    return host.lower(), Mirror(scheme=scheme, address=address, port=port or DEFAULT_PORT[scheme])
