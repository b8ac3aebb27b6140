"""A mail server for bench/mail.py that keeps nothing but counts: how many copies came of which message for whom.

Started in a process of its own, `[MS]`: takes so many milliseconds to answer a message; prints the ports of its two
doors, and answers each line on standard input: `taken` with how many messages came through each, any other with what it
counted so far, which `anew` lets it forget. It offers PIPELINING, as usual servers do. `gone…` is refused for good,
`busy…` is refused at its first try, for every second one after the dot.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections import Counter

_ID = re.compile(rb"(?mi)^Message-ID: *(\S+)")


class Counts:
    """What came, over all connections. copies: by recipient and Message-ID. taken: messages by door."""

    def __init__(self) -> None:
        self.copies: Counter[str] = Counter()
        self.refused = 0
        self.taken = [0, 0]
        self.tried: set[bytes] = set()

    def first_try(self, recipient: bytes) -> bool:
        """Whether this recipient was never tried before."""
        known = recipient in self.tried
        self.tried.add(recipient)
        return not known


class Session(asyncio.Protocol):
    """One connection: commands, and messages up to their final dot."""

    def __init__(self, counts: Counts, pause: float, door: int) -> None:
        self._counts = counts
        self._door = door
        self._pause = pause
        self._unread = bytearray()
        self._recipient = b""
        self._in_message = self._put_off = self._busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self._link = transport
        self._link.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer every command and message that is complete, in order, in one write where it is asked so."""
        self._unread += data
        if not self._busy:
            self._go_on()

    def _go_on(self) -> None:
        self._busy, said = False, list[bytes]()
        while not self._busy and (piece := self._next()) is not None:
            if self._in_message and self._pause:
                self._busy = True
                asyncio.get_running_loop().call_later(self._pause, self._answer_late, self._message(piece))
            else:
                said.append((self._message if self._in_message else self._command)(piece))
        if said:
            self._link.write(b"\r\n".join([*said, b""]))
        if said and said[-1].startswith(b"221"):
            self._link.close()

    def _next(self) -> bytes | None:
        mark = b"\r\n.\r\n" if self._in_message else b"\r\n"
        end = self._unread.find(mark)
        if end < 0:
            return None
        piece = bytes(self._unread[:end])
        del self._unread[: end + len(mark)]
        return piece

    def _answer_late(self, answer: bytes) -> None:
        self._link.write(answer + b"\r\n")
        self._go_on()

    def _command(self, line: bytes) -> bytes:
        verb = line[:4].upper()
        if verb == b"RCPT":
            return self._offered(line.partition(b"<")[2].partition(b">")[0])
        if verb == b"MAIL":
            self._recipient = b""
        if verb == b"DATA":
            if not self._recipient:
                return b"503 5.5.1 for whom?"
            self._in_message = True
            return b"354 go on"
        return {b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250 SIZE 10000000", b"QUIT": b"221 bye"}.get(verb, b"250 ok")

    def _offered(self, recipient: bytes) -> bytes:
        self._put_off = False
        if recipient.startswith(b"gone"):
            self._counts.refused += 1
            return b"550 5.1.1 no such mailbox"
        if recipient.startswith(b"busy") and self._counts.first_try(recipient):
            self._counts.refused += 1
            if not re.search(rb"[02468]@", recipient):
                return b"450 4.2.1 later"
            self._put_off = True
        self._recipient = recipient
        return b"250 ok"

    def _message(self, content: bytes) -> bytes:
        self._in_message = False
        if self._put_off:
            return b"451 4.3.0 later"
        self._counts.taken[self._door] += 1
        found = _ID.search(content)
        name = found[1] if found is not None else b"?"
        self._counts.copies[(self._recipient + b" " + name).decode()] += 1
        return b"250 kept"


async def main() -> None:
    """Serve until standard input ends."""
    state, pause = [Counts()], float(sys.argv[1]) / 1000
    loop = asyncio.get_running_loop()

    async def door(number: int) -> asyncio.Server:
        return await loop.create_server(lambda: Session(state[0], pause, number), "127.0.0.1", 0)

    servers = [await door(number) for number in range(2)]
    print(json.dumps([server.sockets[0].getsockname()[1] for server in servers]), flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        if line.strip() == "taken":
            print(json.dumps(state[0].taken), flush=True)
            continue
        print(json.dumps({"copies": state[0].copies, "refused": state[0].refused}), flush=True)
        if line.strip() == "anew":
            state[0] = Counts()
    for server in servers:
        server.close()


if __name__ == "__main__":
    asyncio.run(main())
