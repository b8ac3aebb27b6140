"""The site that the bench visits: invented official pages of about 90 kB on loopback, in a process of its own.

It answers in one of the ways that such servers have: `validators` (ETag, and 304 to who has it), `steady` (the same
bytes with 200, whatever was asked) or `noise` (for every request a new nonce, footer date and mark in each link). A
page is a pure function of its number and its revision.
"""

from __future__ import annotations

import asyncio
import random
import re
import sys
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

HOSTS = 20
"""Pages are spread over so many hosts, as sources are: each host is asked one thing at a time."""

_REQUEST = re.compile(rb"GET (\S+) HTTP/1\.1\r\n")
_HAVE = re.compile(rb"\r\nif-none-match: *([^\r]+)", re.IGNORECASE)
_MAIN_SIZE = 60_000
_MARK = "@@@@@@@@@@@@@@@@"

_WHO = ("The workshop", "Every keeper", "An apprentice", "The licence holder", "A visiting inspector", "The guild")
_DOES = ("keeps", "must show", "may be asked for", "sends the registry", "has to renew", "should bring")
_WHAT = (
    "a drawing of the workshop to scale",
    "the register of widgets made in the year",
    "proof of training in the care of tools",
    "two references from other workshops",
    "the receipt of the licence fee",
    "a statement of the materials in store",
)
_WHEN = (
    "before the first order is taken",
    "within {n} days of the inspection",
    "at least {n} weeks ahead of the fair",
    "unless section {n} of the Widget Rules says otherwise",
    "when the registry asks for it in writing",
)
_TOPICS = (
    "Who may apply",
    "What to send",
    "How we decide",
    "Inspections",
    "Renewal",
    "Appeals",
    "Definitions",
    "Tools",
)


def url(number: int) -> str:
    """The address of a page, at one of the invented hosts."""
    return f"http://h{number % HOSTS}.example.test/p/{number}"


def fee(number: int, revision: int) -> int:
    """The one figure that a new revision of a page changes."""
    return 100 + number % 50 + 25 * revision


def page(number: int, revision: int) -> str:
    """The page, with `_MARK` where a server that never answers twice alike puts its nonce and its dates."""
    dice = random.Random(f"page {number}")
    title = f"Widget licence {number:05d}"
    menu = "".join(
        f'<li role="none"><a role="menuitem" class="nav-item nav-item-{entry}" href="/menu/{dice.randrange(10**9)}">'
        f"Department of Widgets, desk {entry}</a></li>"
        for entry in range(150)
    )
    script = "".join(f"window.w{part}=function(a){{return a+{dice.randrange(10**6)}}};" for part in range(260))
    parts = [
        f"<h1>{title}</h1><p>{_sentences(dice, 3)}</p>",
        f"<h2>Fee</h2><p>Each workshop pays ${fee(number, revision)} for a licence.</p>",
        f"<h2>Waiting</h2><p>The registry answers within {dice.randrange(2, 30)} weeks of the day it has everything.</p>",
        f"<h2>Kinds of widget</h2>{_table(dice, 24)}",
    ]
    size = sum(map(len, parts))
    while size < _MAIN_SIZE:
        parts.append(_section(dice))
        size += len(parts[-1])
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title} - Registry of Widgets</title>'
        f'<script nonce="{_MARK}">{script}</script><link rel="stylesheet" href="/style.css?v={_MARK}"></head><body>'
        f'<header><nav aria-label="Menu"><ul>{menu}</ul></nav></header><main>{"".join(parts)}</main>'
        f"<footer><p>Date modified: {_MARK}</p><ul>{menu[: menu.index('</li>') + 5]}</ul></footer></body></html>\n"
    )


def _section(dice: random.Random) -> str:
    topic = f"<h2>{dice.choice(_TOPICS)}</h2>"
    kind = dice.choice(("prose", "prose", "list", "table"))
    if kind == "table":
        return topic + _table(dice, dice.randrange(5, 20))
    if kind == "list":
        return (
            topic + "<ul>" + "".join(f"<li>{_sentences(dice, 1)}</li>" for _ in range(dice.randrange(3, 9))) + "</ul>"
        )
    return topic + "".join(f"<p>{_sentences(dice, dice.randrange(2, 5))}</p>" for _ in range(dice.randrange(1, 4)))


def _table(dice: random.Random, rows: int) -> str:
    body = "".join(
        f'<tr><th scope="row">Widget of kind {row}</th><td>{dice.randrange(10000, 99999)}</td>'
        f'<td>Grade {dice.randrange(6)}</td><td><a href="/form/{dice.randrange(10**6)}.pdf?v={_MARK}">Form {row}</a></td></tr>'
        for row in range(rows)
    )
    return (
        '<div class="table-responsive"><table class="table table-bordered"><thead><tr><th scope="col">Kind</th>'
        f'<th scope="col">Code</th><th scope="col">Grade</th><th scope="col">Form</th></tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _sentences(dice: random.Random, number: int) -> str:
    return " ".join(
        f"{dice.choice(_WHO)} {dice.choice(_DOES)} {dice.choice(_WHAT)} "
        f"{dice.choice(_WHEN).format(n=dice.randrange(3, 180))}."
        for _ in range(number)
    )


@dataclass(slots=True)
class Site:
    """What is served now. salt: changed by every request in the manner `noise`."""

    manner: str = "validators"
    revisions: dict[int, int] = field(default_factory=dict)
    salt: int = 0
    requests: int = 0
    made: dict[tuple[int, int], tuple[bytes, ...]] = field(default_factory=dict)

    def answer(self, path: str, request: bytes) -> bytes:
        """The whole reply to a GET."""
        if path == "/robots.txt":
            return _reply(b"User-agent: *\nDisallow: /private/\n", kind=b"text/plain")
        self.requests += 1
        number = int(path.rpartition("/")[2])
        revision = self.revisions.get(number, 0)
        tag = b'"%d-%d"' % (number, revision)
        if self.manner == "validators" and (have := _HAVE.search(request)) is not None and tag in have[1]:
            return b"HTTP/1.1 304 Not Modified\r\nETag: " + tag + b"\r\n\r\n"
        if self.manner == "noise":
            self.salt += 1
        if (pieces := self.made.get((number, revision))) is None:
            pieces = self.made[number, revision] = tuple(page(number, revision).encode().split(_MARK.encode()))
        body = (b"%016x" % self.salt).join(pieces)
        return _reply(body, more=b"ETag: " + tag + b"\r\n" if self.manner == "validators" else b"")

    def control(self, query: str) -> bytes:
        """`manner=…` sets it; `revise=1,2` puts those pages into their next revision; `pages=N` makes them ready."""
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        self.manner = asked.get("manner", self.manner)
        for number in filter(None, asked.get("revise", "").split(",")):
            self.revisions[int(number)] = self.revisions.get(int(number), 0) + 1
        if "pages" in asked:
            self.revisions, self.made = {}, {}
            for number in range(int(asked["pages"])):
                self.made[number, 0] = tuple(page(number, 0).encode().split(_MARK.encode()))
        served, self.requests = self.requests, 0
        return _reply(str(served).encode(), kind=b"text/plain")


def _reply(body: bytes, *, kind: bytes = b"text/html; charset=utf-8", more: bytes = b"") -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n" % (kind, len(body), more)
    return head + body


class _Line(asyncio.Protocol):
    """One connection, kept alive."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._waiting = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while (end := self._waiting.find(b"\r\n\r\n")) >= 0:
            request, self._waiting = self._waiting[: end + 2], self._waiting[end + 4 :]
            found = _REQUEST.match(request)
            parts = urlsplit(found[1].decode("ascii") if found is not None else "/")
            if parts.path == "/control":
                self._transport.write(self._site.control(parts.query))
            else:
                self._transport.write(self._site.answer(parts.path, request))


async def serve() -> None:
    """Serve until standard input ends; the port is the first line of standard output."""
    loop, site = asyncio.get_running_loop(), Site()
    server = await loop.create_server(lambda: _Line(site), "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
