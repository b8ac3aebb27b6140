"""The judge at the door: turns names into addresses and admits, or refuses, each address about to be dialled.

It knows nothing of HTTP, so any transport can ask it: once when a name is resolved, once more for each socket.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from domain.errors import FetchError
from outbound.addresses import refusal
from outbound.policy import Policy

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""The seam: a host name and a port in, its addresses out; OSError (usually `socket.gaierror`) where there are none."""

MAX_ANSWERS = 32
# A resolver that hangs holds its thread, so it gets threads of its own: sixteen dead names stop nobody else's work.
_LOOKUPS = ThreadPoolExecutor(max_workers=16, thread_name_prefix="resolve")

_KINDS = {
    socket.EAI_NONAME: "no such name",
    socket.EAI_NODATA: "no address of that name",
    socket.EAI_AGAIN: "no answer for now",
    socket.EAI_FAIL: "the name server failed",
}


async def system_resolver(host: str, port: int) -> Sequence[str]:
    """The addresses that the operating system knows for a name, in its order of preference."""
    loop = asyncio.get_running_loop()
    answers = await loop.run_in_executor(_LOOKUPS, _lookup, host, port)
    return [str(sockaddr[0]) for _, _, _, _, sockaddr in answers]


def _lookup(host: str, port: int) -> list[tuple[object, object, object, object, tuple[object, ...]]]:
    return [*socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class Guard:
    """Admits addresses by the policy. One for each client; holds no state but the policy and the resolver."""

    def __init__(self, policy: Policy, resolver: Resolver = system_resolver) -> None:
        self._policy = policy
        self._resolver = resolver

    async def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """The addresses to dial for a host, each admitted; these very ones must be dialled (no second look-up).

        Raises FetchError `dns` where there are none, `address-refused` where even one of them is not admitted.
        """
        mirror = self._policy.resolve.get(host)
        if mirror is not None:
            answers: Sequence[str] = (mirror.address,)
        else:
            try:
                async with asyncio.timeout(self._policy.connect_timeout):
                    answers = await self._resolver(host, port)
            except TimeoutError:
                raise FetchError("dns", f"{host} cannot be resolved: no answer in time") from None
            except (OSError, UnicodeError) as error:
                kind = _KINDS.get(error.errno or 0, "failure") if isinstance(error, OSError) else "unusable name"
                raise FetchError("dns", f"{host} cannot be resolved: {kind}") from error
        unique = tuple(dict.fromkeys(answers))[:MAX_ANSWERS]
        if not unique:
            raise FetchError("dns", f"{host} has no address")
        for address in unique:
            self.admit(address, port, host=host)
        return unique

    def admit(self, address: str, port: int, *, host: str = "") -> None:
        """Nothing happens where the address may be dialled. FetchError `address-refused`, `port-refused` otherwise."""
        if (_canonical(address), port) in self._policy.allow_addresses:
            return
        named = f"{host} is {address}, which" if host and host != address else address
        if (reason := refusal(address)) is not None:
            raise FetchError("address-refused", f"{named} is not public: {reason}")
        if port not in self._policy.allowed_ports:
            raise FetchError("port-refused", f"port {port} is not allowed")
        if routes_to_self(address):
            raise FetchError("address-refused", f"{named} is this machine itself")


def routes_to_self(address: str) -> bool:
    """Whether the machine would talk to itself: the kernel then picks that very address as the sender's.

    Connecting a datagram socket sends nothing.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((address, 9))
            return bool(probe.getsockname()[0] == address)
    except OSError:
        return False  # no route: the real connection will say so


def _canonical(address: str) -> str:
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return address
