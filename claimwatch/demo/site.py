"""The demo's own official pages: a small web site on loopback that changes when it is told to.

It answers as such servers do: validators and 304 where the bytes are steady, a new nonce for every request where they
are not, gzip where it is accepted, and from the second visit on a block page, half a body, a cut stream and a 503.
"""

from __future__ import annotations

import gzip
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from claimwatch.demo.story import FIRST_VISIT, HOSTS, PAGES, SECOND_VISIT, Page, Trouble, fill, page_file, page_text

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What goes over the wire, its Content-Length always that of `body`."""

    status: HTTPStatus
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The parts of a request that the answer depends on."""

    host: str
    path: str
    accepts_gzip: bool = False
    if_none_match: str = ""


class Site:
    """A running site. `visit` says in which state its pages are; `requests` counts what was asked, by status."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.visit = FIRST_VISIT
        self.statuses: list[tuple[str, int]] = []
        self._pages = {(page.host, page.path): page for page in PAGES}
        self._lock = threading.Lock()
        self._server = _Server((LOOPBACK, 0), self)

    @property
    def port(self) -> int:
        """The port it listens on, chosen by the system."""
        return int(self._server.server_address[1])

    @property
    def allowed(self) -> str:
        """The value for CLAIMWATCH_ALLOW_ADDRESSES that lets a client reach it."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def resolve(self) -> str:
        """The value for CLAIMWATCH_RESOLVE that leads the invented hosts here."""
        return ",".join(f"{host}=http://{LOOPBACK}:{self.port}" for host in HOSTS)

    def change(self) -> None:
        """From now on every page is as it stands at the second visit."""
        self.visit = SECOND_VISIT

    def answer(self, request: Request) -> Reply:
        """The reply to a GET at this moment."""
        if request.path == "/robots.txt":
            return _text(HTTPStatus.OK, page_file("robots.txt"), "text/plain; charset=utf-8")
        page = self._pages.get((request.host, request.path))
        if page is None:
            return _text(HTTPStatus.NOT_FOUND, "There is no such page.\n", "text/plain; charset=utf-8")
        if page.trouble is not None and self.visit >= SECOND_VISIT:
            return self._trouble(page, page.trouble)
        return _page_reply(page, self._body(page), request)

    def record(self, path: str, status: int) -> None:
        """Keep what was answered."""
        with self._lock:
            self.statuses.append((path, status))

    def serve(self) -> None:
        """Answer until `close`."""
        self._server.serve_forever(poll_interval=0.05)

    def close(self) -> None:
        """Stop answering and free the port."""
        self._server.shutdown()
        self._server.server_close()

    def _body(self, page: Page) -> bytes:
        per_request = {} if page.steady else _fresh_tokens()
        return page_text(page, self.visit, self.today, per_request=per_request).encode()

    def _trouble(self, page: Page, trouble: Trouble) -> Reply:
        whole = self._body(page)
        match trouble:
            case Trouble.BLOCK_PAGE:
                return _text(HTTPStatus.OK, fill(page_file("block-page.html"), _fresh_tokens()), page.content_type)
            case Trouble.HALF_BODY:
                # Cut where the lines before it hold a declared fact already: a careless reader would believe it.
                half = whole[: whole.index(b"<h2>Education</h2>")]
                return Reply(status=HTTPStatus.OK, headers=(("Content-Type", page.content_type),), body=half)
            case Trouble.CUT_GZIP:
                packed = gzip.compress(whole)
                headers = (("Content-Type", page.content_type), ("Content-Encoding", "gzip"))
                return Reply(status=HTTPStatus.OK, headers=headers, body=packed[: len(packed) // 2])
            case Trouble.UNAVAILABLE:
                return _text(HTTPStatus.SERVICE_UNAVAILABLE, "Back soon.\n", "text/plain; charset=utf-8")


@contextmanager
def running_site(today: date) -> Iterator[Site]:
    """A site that answers within the block and is gone after it."""
    site = Site(today)
    thread = threading.Thread(target=site.serve, name="demo-site", daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.close()
        thread.join(timeout=5)


def _page_reply(page: Page, body: bytes, request: Request) -> Reply:
    headers = [("Content-Type", page.content_type), ("Vary", "Accept-Encoding")]
    if page.steady:
        tag = f'"{sha256(body).hexdigest()[:20]}"'
        headers.append(("ETag", tag))
        if tag in (known.strip() for known in request.if_none_match.split(",")):
            return Reply(status=HTTPStatus.NOT_MODIFIED, headers=tuple(headers))
    else:
        headers.append(("Cache-Control", "no-store"))
    if request.accepts_gzip:
        headers.append(("Content-Encoding", "gzip"))
        body = gzip.compress(body, mtime=0)
    return Reply(status=HTTPStatus.OK, headers=tuple(headers), body=body)


def _text(status: HTTPStatus, text: str, content_type: str) -> Reply:
    return Reply(status=status, headers=(("Content-Type", content_type),), body=text.encode())


def _fresh_tokens() -> dict[str, str]:
    return {
        "nonce": f"{random.getrandbits(96):024x}",
        "token": f"{random.getrandbits(48):012x}",
        "digits": str(random.randrange(10_000, 100_000)),
        "port": str(random.randrange(20_000, 60_000)),
        "accordion": str(random.randrange(10**11, 10**12)),
    }


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], site: Site) -> None:
        super().__init__(address, _Handler)
        self.site = site


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "demo-site"
    sys_version = ""
    timeout = 10

    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, _Server)
        reply = server.site.answer(
            Request(
                host=self.headers.get("Host", "").partition(":")[0].lower(),
                path=self.path.partition("?")[0],
                accepts_gzip="gzip" in self.headers.get("Accept-Encoding", "").lower(),
                if_none_match=self.headers.get("If-None-Match", ""),
            )
        )
        server.site.record(self.path, reply.status)
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        if reply.status is not HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: what was asked is in `Site.statuses`."""
