"""One SMTP connection with a deadline for every answer: commands from smtplib, reading and refusing from us.

smtplib waits anew for every octet and every line, so a server that drips holds it for ever; here an answer is there in
time, within its size, or the connection is broken. What was sent before encryption began is never read after it.
"""

from __future__ import annotations

import ipaddress
import smtplib
import socket
import ssl
import time
from collections import deque
from dataclasses import dataclass

from notifications.sending import OurFault

_LONGEST_ANSWER = 64 * 1024
_READY = 220


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds for each phase, as RFC 5321 section 4.5.3.2 advises; the connection itself gets less."""

    connect: float = 30.0
    greeting: float = 300.0
    command: float = 300.0
    data: float = 120.0
    body: float = 180.0
    final: float = 600.0
    quit: float = 5.0


class Dialogue(smtplib.SMTP):
    """A connection in clear text, which `encrypt` may turn into TLS."""

    def __init__(self, host: str, port: int, *, timeouts: Timeouts, tls: ssl.SSLContext | None) -> None:
        super().__init__(local_hostname="[127.0.0.1]", timeout=timeouts.connect)
        self._timeouts = timeouts
        self._tls = tls
        self._unread = b""
        self._posed = deque[str]()
        self._until = 0.0
        self._host = host
        self._port = port

    @property
    def size_limit(self) -> int:
        """The longest message that the server said it takes; 0 where it said nothing."""
        stated = self.esmtp_features.get("size", "").split()
        return int(stated[0]) if stated and stated[0].isdigit() else 0

    @property
    def encrypted(self) -> bool:
        """Whether what is sent goes through TLS."""
        return isinstance(self.sock, ssl.SSLSocket)

    def wait(self, seconds: float) -> None:
        """Give what comes next this long."""
        self._until = time.monotonic() + seconds
        if self.sock is not None:
            self.sock.settimeout(seconds)

    def greet(self) -> None:
        """Connected, greeted, and EHLO (or HELO) answered. smtplib's errors where the server is not ready."""
        self.wait(self._timeouts.connect)
        sock = self.sock = self._dialled()
        self.local_hostname = _literal(sock)
        self.wait(self._timeouts.greeting)
        code, words = self.getreply()
        if code != _READY:
            raise smtplib.SMTPConnectError(code, words)
        self._hello()

    def encrypt(self) -> None:
        """TLS is on, with a certificate that holds for the host. OurFault where the server does not offer that."""
        if not self.has_extn("starttls"):
            raise OurFault("the server offers no STARTTLS, and nothing is sent without it")
        self.wait(self._timeouts.command)
        code, words = self.docmd("STARTTLS")
        if code != _READY or self.sock is None:
            raise smtplib.SMTPResponseException(code, words)
        if self._unread:
            raise OurFault("the server spoke on before encryption began")
        self.sock = self._secured(self.sock)
        self.ehlo_resp = self.helo_resp = None
        self.esmtp_features = {}
        self.does_esmtp = False
        self._hello()

    def log_in(self, user: str, password: str) -> None:
        """Logged in. OurFault where the server refuses, or where the password would travel in clear to elsewhere."""
        if self.sock is None or not (isinstance(self.sock, ssl.SSLSocket) or _is_loopback(self.sock)):
            raise OurFault("a password goes over smtps:// or smtp+starttls:// only")
        self.wait(self._timeouts.command)
        try:
            self.login(user, password)
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError) as error:
            raise OurFault(f"login refused: {_code(error)}") from error
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPException as error:
            raise OurFault("the server offers no way to log in that we know") from error

    def pose(self, *commands: str) -> None:
        """Say these, in one write where the server offers PIPELINING, else each when its answer is asked for."""
        self._posed.clear()
        if self.has_extn("pipelining"):
            self.send("".join(f"{command}\r\n" for command in commands))
        else:
            self._posed.extend(commands)

    def answer(self) -> tuple[int, bytes]:
        """The answer to the next command that was posed."""
        if self._posed:
            self.putcmd(self._posed.popleft())
        return self.getreply()

    def take_back(self) -> bool:
        """Whether what was posed and not asked for was never said. It is not said any more then."""
        unsaid = bool(self._posed)
        self._posed.clear()
        return unsaid

    def getreply(self) -> tuple[int, bytes]:
        """The next whole answer. SMTPServerDisconnected where none came in time or the connection ended."""
        lines: list[bytes] = []
        size = 0
        while True:
            line = self._line()
            size += len(line)
            if size > _LONGEST_ANSWER:
                self.close()
                raise smtplib.SMTPServerDisconnected("an answer without end")
            lines.append(line[4:].strip())
            if not line[:3].isdigit():
                return -1, b"\n".join(lines)
            if line[3:4] != b"-":
                return int(line[:3]), b"\n".join(lines)

    def close(self) -> None:
        """Close the connection and forget what was not read."""
        self._unread = b""
        super().close()

    def _hello(self) -> None:
        self.wait(self._timeouts.command)
        code, words = self.ehlo()
        if 500 <= code < 600:
            code, words = self.helo()
        if not 200 <= code < 300:
            raise smtplib.SMTPHeloError(code, words)

    def _line(self) -> bytes:
        while b"\n" not in self._unread:
            if len(self._unread) > _LONGEST_ANSWER:
                self.close()
                raise smtplib.SMTPServerDisconnected("a line without end")
            self._unread += self._received()
        line, _, self._unread = self._unread.partition(b"\n")
        return line

    def _received(self) -> bytes:
        left = self._until - time.monotonic()
        sock = self.sock
        if sock is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        try:
            if left <= 0:
                raise TimeoutError
            sock.settimeout(left)
            chunk: bytes = sock.recv(8192)
        except TimeoutError as error:
            self.close()
            raise smtplib.SMTPServerDisconnected("no answer in time") from error
        except OSError as error:
            self.close()
            raise smtplib.SMTPServerDisconnected(f"the connection broke: {error}") from error
        if not chunk:
            self.close()
            raise smtplib.SMTPServerDisconnected("the server closed the connection")
        return chunk

    def _dialled(self) -> socket.socket:
        sock = socket.create_connection((self._host, self._port), self._timeouts.connect)
        # The dot is a small packet after a large one: held back for the acknowledgement it would cost 40 ms a message.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def _secured(self, sock: socket.socket) -> ssl.SSLSocket:
        context = self._tls or ssl.create_default_context()
        try:
            return context.wrap_socket(sock, server_hostname=self._host)
        except ssl.SSLCertVerificationError as error:
            raise OurFault(f"the certificate of {self._host} does not hold: {error.verify_message}") from error


class SecureDialogue(Dialogue):
    """A connection that is TLS from its first octet."""

    def _dialled(self) -> socket.socket:
        return self._secured(super()._dialled())


def _literal(sock: socket.socket) -> str:
    """Our name in EHLO: the address that we speak from (RFC 5321 4.1.3), which needs no look-up."""
    address = str(sock.getsockname()[0])
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


def _is_loopback(sock: socket.socket) -> bool:
    return ipaddress.ip_address(str(sock.getpeername()[0]).partition("%")[0]).is_loopback


def _code(error: Exception) -> str:
    return str(error.smtp_code) if isinstance(error, smtplib.SMTPResponseException) else "not supported"
