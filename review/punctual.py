"""Connections with deadlines: who sends slowly, or not at all, is let go, so that nobody holds a place for ever.

uvicorn has a deadline between two requests and none within one. Here a request as a whole has one: from the connection
(or its first bytes after an answer) until headers and body are there. A request that was sent whole is answered however
long that takes.
"""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

SENT_WITHIN = 20.0
"""Seconds in which a request is sent whole: 256 KiB pass at 13 kB a second, which a bad line does."""

MOST_CONNECTIONS = 400
"""Open at once; who comes then is told 503. It stays well below the 1,024 files that a process may usually have open,
and thirty people with six connections each take less than half of it."""

_LATE = (
    b"HTTP/1.1 408 Request Timeout\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"x-content-type-options: nosniff\r\ncontent-security-policy: default-src 'none'\r\nconnection: close\r\n\r\n"
    b"the request was not sent in time\n"
)


class Punctual(H11Protocol):
    """HTTP/1.1 as uvicorn speaks it, with `sent_within` seconds for every request to be there."""

    sent_within = SENT_WITHIN
    _due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
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
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.write(_LATE)
        self.transport.close()
