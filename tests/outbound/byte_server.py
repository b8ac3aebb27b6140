"""A raw TCP server that plays scripted bytes, pauses and resets, so that it can lie as no framework would."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from types import TracebackType

from domain.errors import DecodeError, FetchError
from outbound.client import Client, Response
from outbound.policy import Policy, policy_from


class Act(Enum):
    """What a script can do besides sending bytes."""

    HANG = auto()  # say nothing more, keep the line open
    CLOSE = auto()  # close in good order
    RESET = auto()  # break the line
    DRIP = auto()  # one byte every 20 ms, for ever
    FLOOD = auto()  # bytes as fast as they are taken, for ever


Step = bytes | Act
Script = Sequence[Step]


@dataclass(slots=True, kw_only=True)
class Asked:
    """A request as it arrived, lower-case header names."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float


def answer(
    body: bytes = b"", *, status: str = "200 OK", headers: Sequence[str] = (), length: bool = True, version: str = "1.1"
) -> bytes:
    """A whole response; `length=False` leaves its end to the closing of the connection."""
    lines = [f"HTTP/{version} {status}", *headers]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


@dataclass(slots=True)
class ByteServer:
    """Plays the scripts of a path in turn; the last one repeats. Paths without a script answer 404."""

    tls: ssl.SSLContext | None = None
    scripts: dict[str, list[Script]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    active: int = 0
    most_active: int = 0
    port: int = 0
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> ByteServer:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def play(self, path: str, *scripts: Script) -> None:
        self.scripts[path] = list(scripts)

    def say(self, path: str, *answers: bytes) -> None:
        self.play(path, *[[one] for one in answers])

    def url(self, path: str) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}{path}"

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            await self._talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.strip().split("\r\n")
            headers = {key.lower(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            method, path, _ = first.split(" ")
            self.asked.append(Asked(method=method, path=path, headers=headers, body=body, at=time.monotonic()))
            self.active += 1
            self.most_active = max(self.most_active, self.active)
            try:
                for step in self._script(path):
                    if not await self._step(step, writer):
                        return
            finally:
                self.active -= 1

    def _script(self, path: str) -> Script:
        left = self.scripts.get(path)
        if left is None:
            return [answer(b"nothing here", status="404 Not Found")]
        return left.pop(0) if len(left) > 1 else left[0]

    async def _step(self, step: Step, writer: asyncio.StreamWriter) -> bool:
        """True where the conversation goes on."""
        match step:
            case bytes():
                writer.write(step)
                await writer.drain()
                return True
            case Act.HANG:
                await asyncio.Event().wait()
            case Act.DRIP:
                while True:
                    writer.write(b"x")
                    await writer.drain()
                    await asyncio.sleep(0.02)
            case Act.FLOOD:
                while True:
                    writer.write(b"x" * 65536)
                    await writer.drain()
            case Act.CLOSE:
                writer.close()
                await writer.wait_closed()
            case Act.RESET:
                await asyncio.sleep(0.05)  # so that what was sent has been read before the line breaks
                line = writer.get_extra_info("socket")
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
        return False


@dataclass(slots=True)
class Canary:
    """A listener that nobody may reach."""

    touched: int = 0
    port: int = 0
    _server: asyncio.Server | None = None

    async def __aenter__(self) -> Canary:
        self._server = await asyncio.start_server(self._touch, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        assert self.touched == 0, "the canary was reached"

    async def _touch(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.touched += 1
        writer.close()


@dataclass(slots=True)
class Names:
    """A resolver that gives each name its answers in turn; the last one repeats. An exception is raised."""

    book: dict[str, list[Sequence[str] | Exception]]
    asked: list[str] = field(default_factory=list)

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        answers = self.book[host]
        given = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(given, Exception):
            raise given
        return given


def policy(*ports: int, resolve: str = "") -> Policy:
    """A policy in which 127.0.0.1 may be reached on those ports, without any pause."""
    return policy_from(
        user_agent="Claimwatch/0.1",
        contact="https://watch.example/about",
        allow_addresses=",".join(f"127.0.0.1:{port}" for port in ports),
        resolve=resolve,
        per_host_spacing=0,
    )


async def cause_of(work: Awaitable[Response | None]) -> str:
    """The named cause with which the work fails."""
    try:
        await work
    except (FetchError, DecodeError) as error:
        return error.cause
    raise AssertionError("it was expected to fail")


def with_server(scene: Callable[[ByteServer, Client], Awaitable[None]], *, tls: ssl.SSLContext | None = None) -> None:
    """Plays a scene with a fresh server and a client that may reach it; nothing may take longer than 30 seconds."""

    async def play() -> None:
        async with asyncio.timeout(30), ByteServer(tls=tls) as server, Client(policy(server.port)) as client:
            await scene(server, client)

    asyncio.run(play())
