"""One polite, bounded, guarded request at a time: the door that every other room uses.

Redirects are followed by hand so that each hop meets the same checks; the body is decoded whole or not at all.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import TracebackType

import httpx

from domain.errors import DecodeError, FetchError
from domain.snapshots import Validators
from outbound.decode import ACCEPT_ENCODING, Decoder
from outbound.guard import Guard, Resolver, system_resolver
from outbound.policy import VISIBLE_ASCII, Policy
from outbound.politeness import Politeness, retry_after
from outbound.robots import Robots
from outbound.transport import GuardedTransport, Progress, tls_context
from outbound.urls import host_of, parse_url, port_of

ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
# Always the same, so that a site that varies by language shows us one variant.
ACCEPT_LANGUAGE = "en-CA,en;q=0.9,fr-CA;q=0.8,fr;q=0.7"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
BODILESS = frozenset({204, 205, 304})

Permit = Callable[[str], Awaitable[None]]
"""Asked before each hop with its address; raises FetchError where it must not be requested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer received whole.

    url: as asked for. final_url: that answered. hops: the addresses that redirected, in order; empty where none did.
    headers: lower-case names, in order received. body: after content decoding. wire_bytes: size of the body before it.
    address: `ip:port` that was dialled. length_verified: framing or compression proved that nothing is missing.
    retry_after: seconds to wait, clamped, where a 429 or 503 asked for it.
    """

    url: str
    final_url: str
    hops: tuple[str, ...]
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    wire_bytes: int
    address: str
    length_verified: bool
    retry_after: float | None = None

    def header(self, name: str) -> str | None:
        """The first header of that name (lower case), or None."""
        return next((value for key, value in self.headers if key == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hop:
    """One request. Sizes in bytes: of the decoded body, and of the body on the wire."""

    method: str
    target: httpx.URL
    headers: Mapping[str, str]
    content: bytes | None = None
    max_bytes: int
    max_wire: int


def _wall_clock() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - outbound is part of the shell; only Retry-After dates are read with it


class Client:
    """The way out, as the policy describes it. Use it as an async context manager, one for the whole process.

    resolver: name to addresses. tls: a context that trusts other roots (mirrors). now: for `Retry-After` dates.
    `robots` answers what robots.txt files allow, asked through this same client.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        resolver: Resolver = system_resolver,
        tls: ssl.SSLContext | None = None,
        now: Callable[[], datetime] = _wall_clock,
    ) -> None:
        self.policy = policy
        self._guard = Guard(policy, resolver)
        self._tls = tls
        self._now = now
        self._politeness = Politeness(policy)
        self._transport: GuardedTransport | None = None
        self.robots = Robots(self.get, token=policy.robots_token)

    async def __aenter__(self) -> Client:
        self._transport = GuardedTransport(self.policy, self._guard, self._tls or tls_context())
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._transport is not None:
            await self._transport.aclose()
            self._transport = None

    async def get(
        self,
        url: str,
        *,
        validators: Validators | None = None,
        deadline: float | None = None,
        max_bytes: int | None = None,
        accept: str | None = None,
        permit: Permit | None = None,
    ) -> Response:
        """The answer to a GET, redirects followed, whatever its status but 206.

        validators: make the request conditional; they are not sent past a redirect, where they would ask about another
        page. deadline: seconds for everything (names, connections, headers, bodies, redirects) but the polite waiting
        for our turn. Raises FetchError or DecodeError with a named cause; never a half body.
        """
        budget = deadline or self.policy.total_deadline
        headers = self._headers(accept=accept, validators=validators)
        hops: list[str] = []
        target = self._checked(url, hops)
        while True:
            if permit is not None:
                await permit(str(target))
            spent, response = await self._polite(self._hop("GET", target, headers, max_bytes), budget, hops)
            budget -= spent
            if response.status not in REDIRECTS:
                return replace(response, url=url, hops=tuple(hops))
            hops.append(str(target))
            target = self._next(target, response.header("location"), hops)
            headers = self._headers(accept=accept, validators=None)

    async def post(
        self,
        url: str,
        *,
        content: bytes,
        headers: Mapping[str, str] | None = None,
        deadline: float | None = None,
        max_bytes: int | None = None,
    ) -> Response:
        """The answer to a POST (webhooks, pings); all else as with `ask`."""
        return await self.ask("POST", url, content=content, headers=headers, deadline=deadline, max_bytes=max_bytes)

    async def ask(
        self,
        method: str,
        url: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        deadline: float | None = None,
        max_bytes: int | None = None,
    ) -> Response:
        """The answer of a service to a request of any method through the same gate, under headers of our own.

        A redirect is an answer and is not followed, so that no header goes where it was not meant to go.
        It is sent once: a connection that breaks may have delivered it, so trying again is the caller's decision; an
        error says whether anything was `sent`. Raises FetchError or DecodeError, ValueError where a header is no plain ASCII.
        """
        target = self._checked(url, [])
        merged = {**self._headers(accept="*/*", validators=None), **{k.lower(): v for k, v in (headers or {}).items()}}
        if any(not VISIBLE_ASCII.match(text) for pair in merged.items() for text in pair):
            raise ValueError("header names and values must be plain ASCII in one line")
        hop = replace(self._hop(method, target, merged, max_bytes), content=content)
        _, response = await self._polite(hop, deadline or self.policy.total_deadline, [])
        return replace(response, url=url)

    async def _polite(self, hop: _Hop, budget: float, hops: list[str]) -> tuple[float, Response]:
        """Seconds spent on the request, and its answer; the host's wish for quiet is noted for everybody."""
        clock = asyncio.get_running_loop().time
        host = host_of(hop.target)
        async with self._politeness.turn(host):
            began = clock()
            progress = Progress()
            try:
                async with asyncio.timeout(max(budget, 0)):
                    response = await self._exchange(hop, progress)
            except TimeoutError:
                detail = f"no complete answer in time{_after(hops)}"
                raise FetchError("timeout", detail, sent=progress.began) from None
            except FetchError as error:
                detail = error.detail + _after(hops)
                raise FetchError(error.cause, detail, retry_after=error.retry_after, sent=progress.began) from error
            if response.retry_after is not None:
                self._politeness.back_off(host, response.retry_after)
            return clock() - began, response

    async def _exchange(self, hop: _Hop, progress: Progress) -> Response:
        """One request and its answer, whole. progress: is told when the request begins to leave."""
        assert self._transport is not None, "the client is used as an async context manager"
        request = httpx.Request(
            hop.method,
            hop.target,
            headers=hop.headers,
            content=hop.content,
            extensions={"wire_url": self._wire(hop.target), "progress": progress},
        )
        answer = await self._transport.handle_async_request(request)
        try:
            status = answer.status_code
            body, wire, verified = b"", 0, True
            if status == 206:
                raise FetchError("partial", "the server sent a part (206) though the whole was asked for")
            if status not in REDIRECTS and status not in BODILESS:
                try:
                    body, wire, verified = await _read(answer, hop)
                except (FetchError, DecodeError):
                    if status < 400:
                        raise
                    verified = False  # the status is the news; a spoilt error page must not hide it
        finally:
            await _stream(answer).aclose()
        address = str(hop.target)
        return Response(
            url=address,
            final_url=address,
            hops=(),
            status=status,
            headers=tuple((k.decode("latin-1").lower(), v.decode("latin-1")) for k, v in answer.headers.raw),
            body=body,
            wire_bytes=wire,
            address=answer.extensions["peer"],
            length_verified=verified,
            retry_after=retry_after(status, answer.headers.get("retry-after"), policy=self.policy, now=self._now()),
        )

    def _checked(self, text: str, hops: list[str]) -> httpx.URL:
        """The address as one that may be asked for; the socket is judged when it is dialled."""
        try:
            target = parse_url(text)
        except FetchError as error:
            raise FetchError(error.cause, error.detail + _after(hops)) from None
        if host_of(target) not in self.policy.resolve and not self.policy.port_allowed(port_of(target)):
            raise FetchError("port-refused", f"port {port_of(target)} is not allowed{_after(hops)}")
        return target

    def _next(self, target: httpx.URL, location: str | None, hops: list[str]) -> httpx.URL:
        """Where a redirect leads. Raises FetchError `redirect`, or as for any address that may not be asked for."""
        if not location:
            raise FetchError("redirect", f"a redirect without a target{_after(hops)}")
        if len(hops) > self.policy.max_hops:
            raise FetchError("redirect", f"more than {self.policy.max_hops} redirects{_after(hops)}")
        try:
            joined = str(target.join(location))
        except (httpx.InvalidURL, UnicodeError, ValueError):
            raise FetchError("redirect", f"a redirect to no address{_after(hops)}") from None
        following = self._checked(joined, hops)
        if target.scheme == "https" and following.scheme == "http":
            raise FetchError("redirect", f"a redirect from https to http{_after(hops)}")
        if str(following) in hops:
            raise FetchError("redirect", f"redirects in a circle{_after(hops)}")
        return following

    def _wire(self, target: httpx.URL) -> httpx.URL:
        """Where the request is really sent: the mirror of the host, where the policy names one."""
        mirror = self.policy.resolve.get(host_of(target))
        return target if mirror is None else target.copy_with(scheme=mirror.scheme, port=mirror.port)

    def _headers(self, *, accept: str | None, validators: Validators | None) -> dict[str, str]:
        return {
            "user-agent": self.policy.identity,
            "accept": accept or ACCEPT,
            "accept-language": ACCEPT_LANGUAGE,
            "accept-encoding": ACCEPT_ENCODING,
            **conditions(validators),
        }

    def _hop(self, method: str, target: httpx.URL, headers: Mapping[str, str], max_bytes: int | None) -> _Hop:
        most = min(max_bytes or self.policy.max_bytes, self.policy.max_bytes)
        return _Hop(
            method=method,
            target=target,
            headers=headers,
            max_bytes=most,
            max_wire=min(self.policy.max_wire, most),
        )


def conditions(validators: Validators | None) -> dict[str, str]:
    """The headers that make a request conditional; a validator that cannot be sent back unchanged is left out."""
    if validators is None:
        return {}
    pairs = (("if-none-match", validators.etag), ("if-modified-since", validators.last_modified))
    return {name: value for name, value in pairs if value and value.strip() and VISIBLE_ASCII.match(value)}


async def _read(answer: httpx.Response, hop: _Hop) -> tuple[bytes, int, bool]:
    """The decoded body, its size on the wire, and whether anything proved that it is whole."""
    encodings = tuple(",".join(answer.headers.get_list("content-encoding")).split(","))
    decoder = Decoder(encodings, limit=hop.max_bytes)
    length = answer.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length[:20]) > hop.max_wire:
        raise FetchError("too-large", f"the body is announced with more than {hop.max_wire} bytes")
    wire = 0
    async for chunk in _stream(answer):
        wire += len(chunk)
        if wire > hop.max_wire:
            raise FetchError("too-large", f"more than {hop.max_wire} bytes came over the wire")
        decoder.feed(chunk)
    framed = bool(length) or "chunked" in answer.headers.get("transfer-encoding", "").lower()
    return decoder.close(), wire, framed or (decoder.encoded and wire > 0)


def _stream(answer: httpx.Response) -> httpx.AsyncByteStream:
    assert isinstance(answer.stream, httpx.AsyncByteStream)
    return answer.stream


def _after(hops: list[str]) -> str:
    return f" (after {' → '.join(hops)})" if hops else ""
