"""A small real web site on loopback whose pages a test may change at will, and everything a visit needs to see it."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from domain.claims import Claim, Expectation, Operator, Risk
from domain.sources import Cadence, Expect, Rule, Source
from domain.values import Kind
from monitor.check import Desk, visit
from monitor.record import Recorded
from monitor.workers import Workers
from outbound.client import Client
from outbound.policy import policy_from
from storage.store import Store, open_store

START = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@dataclass
class Answer:
    """What the site answers at a path: a status, headers and a body, or a sequence of bodies one a request."""

    body: str | bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    then: list[str] = field(default_factory=list)
    etag: bool = False


class Site:
    """Pages by path, and the requests that came for each."""

    def __init__(self) -> None:
        self.pages: dict[str, Answer] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                answer = site.pages.get(self.path, Answer("no such page", status=404))
                body = answer.body.encode() if isinstance(answer.body, str) else answer.body
                if answer.then:
                    answer.body = answer.then.pop(0)
                tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
                headers = dict(answer.headers)
                if answer.etag:
                    headers["ETag"] = tag
                    if self.headers.get("If-None-Match") == tag:
                        self.send_response(304)
                        self.send_header("ETag", tag)
                        self.end_headers()
                        return
                self.send_response(answer.status)
                self.send_header("Content-Type", headers.pop("Content-Type", "text/html; charset=utf-8"))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = int(self.server.server_address[1])
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


@contextmanager
def site() -> Iterator[Site]:
    running = Site()
    try:
        yield running
    finally:
        running.close()


def page(
    main: str, *, title: str = "Widget licences", footer: str = "Date modified: 2026-05-01", nonce: str = "a1"
) -> str:
    """A whole page in the manner of an official one, with furniture around what matters."""
    return (
        f'<!DOCTYPE html><html lang="en"><head><title>{title}</title><script nonce="{nonce}">var t="{nonce}"</script></head>'
        f'<body><header><nav><ul><li><a href="/home">Home</a></li></ul></nav></header><main><h1>{title}</h1>{main}</main>'
        f"<footer><p>{footer}</p></footer></body></html>"
    )


FILLER = (
    "<h2>Who it is for</h2><p>Workshops that build widgets for others need a licence before they take an order.</p>"
    "<p>The licence names the workshop, the kinds of widget, and the person who answers for them.</p>"
    "<h2>How to apply</h2><p>Send the form with a drawing of the workshop and the name of its keeper.</p>"
    "<ul><li>the form, filled in and signed</li><li>a drawing to scale</li><li>proof of the keeper's training</li></ul>"
)


def fee_page(amount: str, *, more: str = "", **around: str) -> str:
    """A page whose one figure is a fee."""
    return page(f"{FILLER}<h2>Fee</h2><p>Each workshop pays {amount} for a licence.</p>{more}", **around)


FEE = Rule(
    key="fee",
    kind=Kind.MONEY,
    under="Fee",
    match=r"pays (?P<value>\$[0-9,.]+) for a licence",
    expect=Expect(between=(1, 100000)),  # type: ignore[arg-type]
)


def source(site: Site, path: str = "/fee", *, rules: tuple[Rule, ...] = (FEE,), name: str = "widgets") -> Source:
    return Source(
        id=name,
        title="Widget licences",
        url=site.url(path),
        must_contain=("licence",),
        rules=rules,
        cadence=Cadence(every=timedelta(hours=12)),
        confirm_after=timedelta(0),
        digest=hashlib.sha256(repr(rules).encode()).hexdigest(),
    )


def claim(fact: str = "widgets#fee", operand: str = "CAD 1000", *, name: str = "widget.fee") -> Claim:
    return Claim(
        id=name,
        section="fees",
        text="A licence costs a thousand.",
        risk=Risk.CRITICAL,
        expectations=(Expectation(fact=fact, operator=Operator.EQUALS, operand=(operand,)),),
    )


class Watch:
    """A store, a clock that is set by hand, and visits; each visit is a slot of its own, half a day later."""

    def __init__(
        self, folder: Path, sources: tuple[Source, ...], claims: tuple[Claim, ...], url: str | None = None
    ) -> None:
        self.store: Store = open_store(url or f"sqlite:///{folder / 'watch.db'}")
        self.sources = {item.id: item for item in sources}
        self.claims = claims
        self.moment = START

    def now(self) -> datetime:
        return self.moment

    def visit(
        self, name: str = "widgets", *, slot: datetime | None = None, later: timedelta = timedelta(hours=12)
    ) -> Recorded:
        """Visit once, as the service would."""
        self.moment += later
        return asyncio.run(self._visit(self.sources[name], slot or self.moment))

    async def _visit(self, chosen: Source, slot: datetime) -> Recorded:
        port = chosen.url.split("/")[2]
        policy = replace(
            policy_from(user_agent="claimwatch-test", allow_addresses=port, per_host_spacing=0), patience=0.5
        )
        with Workers(1) as workers:
            async with Client(policy) as client:
                desk = Desk(
                    client=client,
                    store=self.store,
                    workers=workers,
                    sources=self.sources,
                    claims=self.claims,
                    now=self.now,
                )
                return await visit(chosen, slot=slot, desk=desk)

    def edit(self, changed: Source) -> None:
        self.sources[changed.id] = changed

    def close(self) -> None:
        self.store.close()
