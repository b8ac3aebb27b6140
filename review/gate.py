"""What holds for every answer, whatever page it is: which hosts are answered, how much may be sent, what a browser may
do with what it gets.
"""

from __future__ import annotations

from contextlib import suppress

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from review.access import Access
from review.api.problems import PREFIX, problem
from review.bare import bare_page

MOST_BYTES = 256 * 1024
"""What a request may send: the longest note and the longest rule to try fit many times."""

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

_HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}


def headers_of(access: Access) -> dict[str, str]:
    """Set on every answer that does not set its own."""
    return _HEADERS | ({"strict-transport-security": "max-age=31536000"} if access.secure else {})


class Gate:
    """ASGI middleware: an unknown Host is refused, a body is cut off at MOST_BYTES, every answer bears our headers."""

    def __init__(self, app: ASGIApp, *, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        out = self._sender(send)
        if headers.get("host", "").lower() not in self._access.hosts:
            await PlainTextResponse("this host is not served here\n", status_code=400)(scope, receive, out)
            return
        declared = headers.get("content-length", "0")
        if not declared.isdecimal() or int(declared) > MOST_BYTES:
            await _too_much(scope, receive, out)
            return
        taken = _Taken()
        with suppress(_TooMuch):
            await self._app(scope, taken.counted(receive), taken.unless_too_much(out))
        if taken.too_much:
            await _too_much(scope, receive, out)

    def _sender(self, send: Send) -> Send:
        ours = headers_of(self._access)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ours.items():
                    headers.setdefault(name, value)
            await send(message)

        return with_headers


class _TooMuch(Exception):
    """The body went over its limit."""


class _Taken:
    """What one request has sent. Whatever an application makes of a body that is cut off, it is answered as too large."""

    def __init__(self) -> None:
        self.too_much = False
        self._bytes = 0
        self._answered = False

    def counted(self, receive: Receive) -> Receive:
        async def take() -> Message:
            message = await receive()
            self._bytes += len(message.get("body", b""))
            if self._bytes > MOST_BYTES and not self._answered:
                self.too_much = True
                raise _TooMuch
            return message

        return take

    def unless_too_much(self, send: Send) -> Send:
        async def pass_on(message: Message) -> None:
            if not self.too_much:
                self._answered = True
                await send(message)

        return pass_on


async def _too_much(scope: Scope, receive: Receive, send: Send) -> None:
    answer: Response
    if scope["path"].startswith(f"{PREFIX}/"):
        answer = problem(413, f"a request has at most {MOST_BYTES} bytes")
    else:
        answer = bare_page(
            Headers(scope=scope), 413, "That is too much at once: {most} kB at most.", most=MOST_BYTES // 1024
        )
    await answer(scope, receive, send)
