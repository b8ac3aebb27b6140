"""Connections with deadlines and places: who sends slowly, or not at all, is let go, so that nobody holds a place for ever.

uvicorn has a deadline between two requests and none within one. Here a request as a whole has one: from the connection
(or its first bytes after an answer) until headers and body are there. A request that was sent whole is answered however
long that takes. What is answered here, before the application, bears the headers of every answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import h11
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from review.bare import bare_page

SENT_WITHIN = 20.0
"""Seconds in which a request is sent whole: 256 KiB pass at 13 kB a second, which a bad line does."""

MOST_CONNECTIONS = 400
"""Open at once; who comes then is told 503. It stays well below the 1,024 files that a process may usually have open,
and thirty people with six connections each take less than half of it."""


class Punctual(H11Protocol):
    """HTTP/1.1 as uvicorn speaks it, with `sent_within` seconds for every request to be there and `connections_at_once`
    places. own_headers: of what is answered here."""

    sent_within = SENT_WITHIN
    connections_at_once = MOST_CONNECTIONS
    own_headers: Mapping[str, str] = MappingProxyType({})
    _due: asyncio.TimerHandle | None = None
    _has_place = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._served, self.app = self.app, self._unless_full

    async def _unless_full(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._has_place:
            await self._served(scope, receive, send)
            return
        headers = {**self.own_headers, "connection": "close", "retry-after": "5"}
        full = bare_page(Headers(scope=scope), 503, "All places are taken just now. Try again in a few seconds.")
        full.headers.update(headers)
        await full(scope, receive, send)

    def send_400_response(self, msg: str) -> None:
        self._say(b"400 Bad Request", msg)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._has_place = len(self.connections) <= self.connections_at_once  # this one is among them
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._rest()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_sent():
            self._rest()
        elif self._due is None:
            self._watch()

    def on_response_complete(self) -> None:
        self._rest()
        super().on_response_complete()
        if not self.transport.is_closing() and not self._is_sent() and self._has_begun():
            self._watch()

    def _is_sent(self) -> bool:
        return self.conn.their_state in (h11.DONE, h11.MUST_CLOSE, h11.CLOSED, h11.ERROR)

    def _has_begun(self) -> bool:
        """Whether something of the next request is there already; else uvicorn's deadline between requests holds."""
        return self.conn.their_state is not h11.IDLE or bool(self.conn.trailing_data[0])

    def _watch(self) -> None:
        self._rest()
        self._due = self.loop.call_later(self.sent_within, self._late)

    def _rest(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _late(self) -> None:
        self._due = None
        if self.transport.is_closing():
            return
        self._say(b"408 Request Timeout", "the request was not sent in time")

    def _say(self, status: bytes, words: str) -> None:
        """Hang up, with these words where no answer has begun."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            headers = {"content-type": "text/plain; charset=utf-8", **self.own_headers, "connection": "close"}
            lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            self.transport.write(b"HTTP/1.1 %b\r\n%b\r\n%b\n" % (status, lines.encode(), words.encode()))
        self.transport.close()
