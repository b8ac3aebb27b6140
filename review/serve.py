"""The desk on a socket: uvicorn in a thread of its own, so that the pages and the visits of a service do not wait for
each other.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from review.app import create_app
from review.desk import ReviewDesk
from review.gate import headers_of
from review.punctual import MOST_CONNECTIONS, SENT_WITHIN, Punctual

_BEGIN = 10.0
"""Seconds that starting may take."""


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens. OSError where the address is taken or is not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends small answers at once (TCP_NODELAY) only on a socket that says which protocol it is.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(128)
    except OSError:
        made.close()
        raise
    return made


@contextmanager
def serving(
    desk: ReviewDesk,
    at: socket.socket,
    *,
    sent_within: float = SENT_WITHIN,
    connections: int = MOST_CONNECTIONS,
) -> Iterator[uvicorn.Server]:
    """The desk answers at the socket while the block runs; then it finishes what is under way and closes.

    sent_within: seconds in which a request is there whole. connections: how many may be open at once.
    """
    server = uvicorn.Server(_config(desk, sent_within=sent_within, connections=connections))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [at]}, name="review desk", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.should_exit = True
        thread.join(_BEGIN)
        desk.reader.close()


def serve(desk: ReviewDesk, at: socket.socket) -> None:
    """Answer at the socket until SIGTERM or SIGINT."""
    try:
        uvicorn.Server(_config(desk, sent_within=SENT_WITHIN, connections=MOST_CONNECTIONS)).run(sockets=[at])
    finally:
        desk.reader.close()


def _config(desk: ReviewDesk, *, sent_within: float, connections: int) -> uvicorn.Config:
    bounds = {
        "sent_within": sent_within,
        "connections_at_once": connections,
        "own_headers": headers_of(desk.access),
    }
    return uvicorn.Config(
        create_app(desk),
        http=type("PunctualFor", (Punctual,), bounds),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        date_header=True,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=64 * 1024,
    )
