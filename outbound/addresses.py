"""Which addresses may never be dialled: an explicit table, because `ipaddress.is_global` says yes to too many.

Judged is the address of the socket, not the words of a URL, so no spelling and no DNS answer gets around it.
The ranges are those of the IANA special-purpose registries, with what tunnels and translates between the families.
"""

from __future__ import annotations

import ipaddress

_DENIED_V4 = tuple(
    (ipaddress.IPv4Network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "unspecified or this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "cloud metadata"),
        ("169.254.0.0/16", "link-local or cloud metadata"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "protocol assignments"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved or broadcast"),
    )
)
# The first that matches names the reason, so narrower ranges stand before the wider ones that hold them.
_DENIED_V6 = tuple(
    (ipaddress.IPv6Network(network), reason)
    for network, reason in (
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("::ffff:0:0/96", "IPv4-mapped"),
        ("::/96", "IPv4-compatible"),
        ("64:ff9b:1::/48", "local NAT64"),
        ("100::/64", "discard-only"),
        ("2001::/32", "Teredo"),
        ("2001:2::/48", "benchmarking"),
        ("2001::/23", "protocol assignments"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("3fff::/20", "documentation"),
        ("5f00::/16", "segment routing"),
        ("fc00::/7", "unique local"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def refusal(address: str) -> str | None:
    """Why that address must not be dialled, in a few words; None where it is an ordinary public one.

    address: as a socket takes it; anything that is not one canonical literal (octal, short, scoped) is refused too.
    A NAT64 address is judged by the IPv4 address in it; other embeddings are refused whatever they hold.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "no plain address"
    if isinstance(parsed, ipaddress.IPv4Address):
        return next((reason for network, reason in _DENIED_V4 if parsed in network), None)
    if parsed.scope_id is not None:
        return "scoped"
    if parsed in _NAT64:
        inner = refusal(str(ipaddress.IPv4Address(parsed.packed[12:])))
        return f"NAT64 of {inner}" if inner else None
    denied = next((reason for network, reason in _DENIED_V6 if parsed in network), None)
    return denied or (None if parsed in _GLOBAL_UNICAST else "not global unicast")
