"""The wire: httpx's transport interface over aiohttp's connections, with the guard asked before each socket is opened.

Why aiohttp carries it is decision 0003. Failures are told apart by their types here and nowhere else.
"""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import aiohttp
import httpx
import yarl
from aiohttp.abc import AbstractResolver, ResolveResult

from domain.errors import FetchError
from outbound.guard import Guard
from outbound.policy import Policy

# They print whole addresses at INFO and DEBUG, and addresses can hold secrets.
for name in ("httpx", "httpcore", "aiohttp"):
    logging.getLogger(name).setLevel(logging.WARNING)

MAX_LINE = 16 * 1024
MAX_FIELD = 64 * 1024
MAX_HEADERS = 256
READ_SIZE = 64 * 1024
KEEP_ALIVE = 30.0
# OpenSSL's X509_V_ERR numbers.
_CERTIFICATE_TROUBLE = {
    9: "not yet valid",
    10: "expired",
    18: "self-signed",
    19: "self-signed issuer",
    20: "unknown issuer",
    21: "unknown issuer",
    62: "wrong name",
    64: "wrong address",
}


def tls_context() -> ssl.SSLContext:
    """A context that verifies names and chains against the bundled roots, whatever the environment says."""
    context = httpx.create_ssl_context(trust_env=False)
    context.set_alpn_protocols(["http/1.1"])
    return context


@dataclass(slots=True)
class Progress:
    """How far a request came. began: its first byte may have left, so the server may have got it."""

    began: bool = False


async def _note_beginning(_session: aiohttp.ClientSession, trace: Any, _sent: Any) -> None:
    trace.trace_request_ctx.began = True


def _tracing() -> aiohttp.TraceConfig:
    tracing = aiohttp.TraceConfig()
    tracing.on_request_headers_sent.append(_note_beginning)
    return tracing


class _Resolver(AbstractResolver):
    """Names become addresses only through the guard."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in await self._guard.addresses(host, port)
        ]

    async def close(self) -> None:
        """Nothing is held."""


class _Answer(aiohttp.ClientResponse):
    """An answer that remembers the line it came over: aiohttp hands the line back before the body has been read."""

    line: Any = None
    peer: str = ""

    async def start(self, connection: Any) -> aiohttp.ClientResponse:
        self.line = connection.protocol
        transport = connection.transport
        name = transport.get_extra_info("peername") if transport is not None else None
        if name:
            self.peer = f"[{name[0]}]:{name[1]}" if ":" in name[0] else f"{name[0]}:{name[1]}"
        return await super().start(connection)

    def broken(self) -> bool:
        """Whether the line broke, instead of being closed in good order."""
        return self.line is not None and isinstance(self.line.exception(), OSError)

    def framed(self) -> bool:
        """Whether the head said where the body ends."""
        return "Content-Length" in self.headers or "chunked" in self.headers.get("Transfer-Encoding", "").lower()


class _Body(httpx.AsyncByteStream):
    """The body as it comes: content encodings untouched, transfer encoding undone."""

    def __init__(self, answer: _Answer) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._answer.content.iter_any():
                yield chunk
        except (aiohttp.ClientError, OSError) as error:
            if isinstance(error, TimeoutError):
                raise
            if self._answer.broken():
                raise FetchError("reset", "the connection broke in the middle of the body") from error
            raise _body_trouble(error) from error
        # A body without stated length ends with the connection, and aiohttp takes a broken one for an end too.
        if not self._answer.framed() and self._answer.broken():
            raise FetchError("reset", "the connection broke in the middle of the body")

    async def aclose(self) -> None:
        if self._answer.content.is_eof():
            self._answer.release()
        else:
            self._answer.close()


class GuardedTransport(httpx.AsyncBaseTransport):
    """Sends one request over a guarded, kept-alive HTTP/1.1 connection; follows nothing, remembers no cookies.

    extensions of the request: `wire_url` where it is really sent (the policy's mirrors), `progress` a Progress.
    extensions of the response: `peer` the `ip:port` that was dialled.
    """

    def __init__(self, policy: Policy, guard: Guard, tls: ssl.SSLContext) -> None:
        self._guard = guard
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0,
                resolver=_Resolver(guard),
                use_dns_cache=False,
                ssl=tls,
                happy_eyeballs_delay=None,
                keepalive_timeout=KEEP_ALIVE,
                socket_factory=self._open_socket,
            ),
            response_class=_Answer,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent", "Content-Type"),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=policy.connect_timeout),
            auto_decompress=False,
            trust_env=False,
            trace_configs=[_tracing()],
            read_bufsize=READ_SIZE,
            max_line_size=MAX_LINE,
            max_field_size=MAX_FIELD,
            max_headers=MAX_HEADERS,
        )

    def _open_socket(self, info: tuple[Any, ...]) -> socket.socket:
        """The last look before a packet leaves: literal addresses never met the resolver."""
        family, kind, protocol, _, place = info
        self._guard.admit(place[0], place[1])
        return socket.socket(family=family, type=kind, proto=protocol)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The response, its body not yet read. Raises FetchError with a named cause, TimeoutError."""
        wire: httpx.URL = request.extensions.get("wire_url", request.url)
        # Bytes are sent as they are, and the host is known to be ASCII: yarl is not to normalise anything.
        url = yarl.URL(f"{wire.scheme}://{wire.netloc.decode('ascii')}{wire.raw_path.decode('ascii')}", encoded=True)
        content = await request.aread() or None
        try:
            answer = await self._session.request(
                request.method,
                url,
                headers=request.headers,
                data=content,
                allow_redirects=False,
                trace_request_ctx=request.extensions.get("progress") or Progress(),
            )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if isinstance(error, TimeoutError):
                raise
            raise _request_trouble(error) from error
        assert isinstance(answer, _Answer)
        if answer.status == 101:
            answer.close()
            raise FetchError("protocol", "the server wants to speak another protocol")
        return httpx.Response(
            answer.status,
            headers=answer.raw_headers,
            stream=_Body(answer),
            extensions={"peer": answer.peer},
        )

    async def aclose(self) -> None:
        await self._session.close()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.aclose()


def _request_trouble(error: Exception) -> FetchError:
    """What went wrong before there was an answer."""
    match error:
        case aiohttp.ClientConnectorCertificateError():
            number = getattr(error.certificate_error, "verify_code", 0)
            return FetchError("tls", f"certificate: {_CERTIFICATE_TROUBLE.get(number, f'verification error {number}')}")
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return FetchError("tls", "no secure connection could be agreed on")
        case aiohttp.ClientConnectorDNSError():
            return FetchError("dns", "the name cannot be resolved")
        case aiohttp.ClientConnectorError():
            return FetchError("connect", f"no connection ({type(error.os_error).__name__} {error.os_error.errno})")
        case aiohttp.ServerDisconnectedError():
            return FetchError("reset", "the server hung up without an answer")
        case aiohttp.InvalidURL():
            return FetchError("url-refused", "it cannot be asked for")
        case aiohttp.ClientOSError() | OSError():
            return FetchError("reset", f"the connection broke ({type(error).__name__} {error.errno})")
        case _:
            return FetchError("protocol", f"the answer is no proper HTTP ({type(error).__name__})")


def _body_trouble(error: Exception) -> FetchError:
    """What went wrong in the middle of a body on a line that did not break."""
    cause = error.__cause__
    if isinstance(error, aiohttp.ClientPayloadError) and isinstance(
        cause, aiohttp.http_exceptions.ContentLengthError | aiohttp.http_exceptions.TransferEncodingError
    ):
        return FetchError("truncated", "the body ends before its stated end")
    return FetchError("protocol", f"the body is no proper HTTP ({type(error).__name__})")
