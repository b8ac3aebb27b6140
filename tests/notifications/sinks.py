"""An SMTP server that can lie: at any phase it replies what it is told, drops the link, or stays silent.

Not built on an SMTP library, because a library will not hang after the final dot.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

DROP = "<drop>"
HANG = "<hang>"
KEEP_AND_DROP = "<keep and drop>"
KEEP_AND_HANG = "<keep and hang>"

_USUAL = {
    "greeting": "220 sink ready",
    "ehlo": "250-sink\r\n250-SIZE 10000000\r\n250 8BITMIME",
    "helo": "250 sink",
    "starttls": "220 go ahead",
    "auth": "235 welcome",
    "mail": "250 sender ok",
    "rcpt": "250 recipient ok",
    "data": "354 end with a dot",
    "dot": "250 kept",
    "rset": "250 reset",
    "quit": "221 bye",
}


@dataclass
class Kept:
    """A message as it arrived, dots undone."""

    sender: str
    recipients: list[str]
    content: bytes


@dataclass
class Sink:
    """What the server saw. `script` holds replies per phase, used one after the other and then the usual one."""

    port: int
    script: dict[str, list[str]]
    usual: dict[str, str]
    tls: ssl.SSLContext | None = None
    kept: list[Kept] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    reads: list[bytes] = field(default_factory=list)
    connections: int = 0
    refused: Mapping[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    watch: Callable[[str], None] = lambda phase: None
    """Called with the phase before each answer."""

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def copies(self) -> dict[str, int]:
        """How many copies came of each Message-ID."""
        counts: dict[str, int] = defaultdict(int)
        for item in self.kept:
            found = re.search(rb"(?mi)^Message-ID: (.*?)\r$", item.content)
            counts[found[1].decode() if found else "?"] += 1
        return dict(counts)

    def said(self, phase: str) -> list[str]:
        return [line for line in self.commands if line.lower().startswith(phase)]


@contextmanager
def sink(
    script: Mapping[str, Sequence[str]] | None = None,
    *,
    usual: Mapping[str, str] | None = None,
    refused: Mapping[str, str] | None = None,
    tls: ssl.SSLContext | None = None,
    implicit_tls: bool = False,
) -> Iterator[Sink]:
    """A server on a port of its own, gone at the end with all its connections. refused: RCPT replies by address."""
    listener = socket.create_server(("127.0.0.1", 0))
    state = Sink(
        port=listener.getsockname()[1],
        script={phase: list(replies) for phase, replies in (script or {}).items()},
        usual={**_USUAL, **(usual or {})},
        tls=tls,
        refused=refused or {},
    )
    threads: list[threading.Thread] = []
    sockets: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                link, _ = listener.accept()
            except OSError:
                return
            with state.lock:
                state.connections += 1
                sockets.append(link)
            thread = threading.Thread(target=_session, args=(state, link, implicit_tls), daemon=True)
            threads.append(thread)
            thread.start()

    main = threading.Thread(target=serve, daemon=True)
    main.start()
    try:
        yield state
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        main.join(5)
        for link in sockets:
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(5)


class _Over(Exception):
    pass


class _Session:
    def __init__(self, state: Sink, link: socket.socket) -> None:
        self.state = state
        self.link = link
        self.unread = b""
        self.sender = ""
        self.recipients: list[str] = []

    def answer(self, phase: str) -> str:
        with self.state.lock:
            replies = self.state.script.get(phase)
            return replies.pop(0) if replies else self.state.usual[phase]

    def play(self, phase: str, reply: str | None = None) -> str:
        self.state.watch(phase)
        reply = reply or self.answer(phase)
        if reply == HANG:
            while self.link.recv(4096):
                pass
            raise _Over
        if reply == DROP:
            raise _Over
        self.link.sendall(reply.encode("latin-1") + b"\r\n")
        if reply.startswith("421"):
            raise _Over
        return reply

    def line(self) -> bytes:
        while b"\r\n" not in self.unread:
            chunk = self.link.recv(65536)
            if not chunk:
                raise _Over
            self.state.reads.append(chunk)
            self.unread += chunk
        line, _, self.unread = self.unread.partition(b"\r\n")
        return line

    def body(self) -> bytes:
        lines: list[bytes] = []
        while (line := self.line()) != b".":
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(item + b"\r\n" for item in lines)

    def keep(self, content: bytes) -> None:
        with self.state.lock:
            self.state.kept.append(Kept(self.sender, list(self.recipients), content))


def _session(state: Sink, link: socket.socket, implicit_tls: bool) -> None:
    session = _Session(state, link)
    try:
        if implicit_tls and state.tls is not None:
            session.link = state.tls.wrap_socket(link, server_side=True)
        session.play("greeting")
        while True:
            _command(session, session.line().decode("utf-8", "replace"))
    except (_Over, OSError):
        pass
    finally:
        with suppress(OSError):
            session.link.shutdown(socket.SHUT_RDWR)
        session.link.close()
        link.close()


def _command(session: _Session, line: str) -> None:
    with session.state.lock:
        session.state.commands.append(line)
    verb = line.split(" ", maxsplit=1)[0].split(":", maxsplit=1)[0].lower()
    if verb == "quit":
        session.play("quit")
        raise _Over
    if verb == "starttls" and session.state.tls is not None:
        if session.play("starttls").startswith("220"):
            session.link = session.state.tls.wrap_socket(session.link, server_side=True)
        return
    if verb == "mail":
        session.sender, session.recipients = _address(line), []
        session.play("mail")
    elif verb == "rcpt":
        address = _address(line)
        if session.play("rcpt", session.state.refused.get(address)).startswith("250"):
            session.recipients.append(address)
    elif verb == "data":
        offered = session.recipients or session.state.script.get("data")
        if session.play("data", None if offered else "503 for whom?").startswith("354"):
            _message(session)
    elif verb in session.state.usual:
        session.play(verb)
    else:
        session.play("unknown", "500 what?")


def _message(session: _Session) -> None:
    content = session.body()
    reply = session.answer("dot")
    if reply.startswith("250") or reply in (KEEP_AND_DROP, KEEP_AND_HANG):
        session.keep(content)
    session.play("dot", {KEEP_AND_DROP: DROP, KEEP_AND_HANG: HANG}.get(reply, reply))


def _address(line: str) -> str:
    found = re.search(r"<([^>]*)>", line)
    return found[1] if found else ""
