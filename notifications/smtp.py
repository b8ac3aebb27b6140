"""Mail over SMTP, phase by phase, because only the phase says whether trying again can make a second copy.

`smtplib.sendmail` raises the same error for a link that breaks before and after the final dot, and takes several
recipients at once. Here a transaction has one recipient, and the caller commits a marker before the dot is sent.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from domain.digests import Message
from domain.errors import DeliveryError
from notifications.bounces import is_gone, status_in
from notifications.dialogue import Dialogue, SecureDialogue, Timeouts
from notifications.sending import Ambiguous, OurFault, Refused, Unavailable

_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_NEEDS_LOGIN = 530


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where mail goes, and as whom. `repr` keeps the password to itself."""

    scheme: str
    host: str
    port: int
    user: str
    password: str

    def __repr__(self) -> str:
        return f"Server({self.scheme}://{self.host}:{self.port})"


def server_of(url: str) -> Server:
    """The server that `smtp://`, `smtps://` or `smtp+starttls://[user:password@]host[:port]` names.

    ValueError, without the password in its words, for anything else.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme not in _PORTS:
        raise ValueError("a mail server is written smtp://, smtps:// or smtp+starttls://[user:password@]host[:port]")
    return Server(
        scheme=parts.scheme,
        host=host,
        port=port or _PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


class SmtpSender:
    """One connection to one server, opened at the first message and used for those that follow."""

    def __init__(self, url: str, *, timeouts: Timeouts | None = None, tls: ssl.SSLContext | None = None) -> None:
        self._server = server_of(url)
        self._timeouts = timeouts or Timeouts()
        self._tls = tls
        self._link: Dialogue | None = None

    def send(self, message: Message, *, before_final_dot: Callable[[], None]) -> None:
        """The server answered 250 after the dot. See `Sender.send` for the rest."""
        link = self._ready(message)
        try:
            self._offer(link, message)
            link.wait(self._timeouts.body)
            link.send(_dotted(message.content))
        except (smtplib.SMTPException, OSError, ValueError) as error:
            self._drop()
            raise DeliveryError(
                f"the link broke before the message was handed over: {error}", permanent=False
            ) from error
        try:
            before_final_dot()
        except BaseException:
            self._drop()
            raise
        self._finish(link)

    def close(self) -> None:
        """Say QUIT if a connection is open, and close it whatever the answer is."""
        if self._link is not None:
            try:
                self._link.wait(self._timeouts.quit)
                self._link.docmd("QUIT")
            except (smtplib.SMTPException, OSError, ValueError):
                pass
            finally:
                self._drop()

    def _ready(self, message: Message) -> Dialogue:
        """A connection on which the server took our MAIL. One that went stale in idleness is replaced once."""
        if self._link is not None:
            try:
                self._mail(self._link, message)
                return self._link
            except (smtplib.SMTPServerDisconnected, OSError, _Goodbye):
                self._drop()
        try:
            self._link = self._connect()
            self._mail(self._link, message)
            return self._link
        except _Goodbye as goodbye:
            self._drop()
            raise Unavailable(str(goodbye)) from goodbye
        except (smtplib.SMTPException, OSError, ValueError) as error:
            self._drop()
            raise Unavailable(f"{self._server.host} is not ready: {error}") from error

    def _connect(self) -> Dialogue:
        kind = SecureDialogue if self._server.scheme == "smtps" else Dialogue
        link = kind(self._server.host, self._server.port, timeouts=self._timeouts, tls=self._tls)
        try:
            link.greet()
            if self._server.scheme == "smtp+starttls":
                link.encrypt()
            if self._server.user:
                link.log_in(self._server.user, self._server.password)
        except BaseException:
            link.close()
            raise
        return link

    def _mail(self, link: Dialogue, message: Message) -> None:
        limit = link.size_limit
        if limit and len(message.content) > limit:
            raise DeliveryError(
                f"the message has {len(message.content)} octets and the server takes {limit}", permanent=True
            )
        options = f" SIZE={len(message.content)}" if link.has_extn("size") else ""
        link.command_encoding = "ascii"
        if not (message.recipient.isascii() and message.sender.isascii()):
            if not link.has_extn("smtputf8"):
                raise DeliveryError("the server takes no addresses beyond ASCII", permanent=True)
            link.command_encoding = "utf-8"
            options += " SMTPUTF8 BODY=8BITMIME"
        if not _is_plain(message.recipient) or not _is_plain(message.sender):
            raise DeliveryError("the address cannot be put into a command", permanent=True)
        link.wait(self._timeouts.command)
        code, words = link.docmd(f"MAIL FROM:<{message.sender}>{options}")
        if code == 250:
            return
        if code == 421:
            raise _Goodbye(_answer("MAIL", code, words))
        if code == 552:
            raise DeliveryError(_answer("MAIL", code, words), permanent=True)
        self._drop()
        if 500 <= code < 600:
            raise OurFault(_answer("MAIL", code, words))
        raise Unavailable(_answer("MAIL", code, words))

    def _offer(self, link: Dialogue, message: Message) -> None:
        link.wait(self._timeouts.command)
        code, words = link.docmd(f"RCPT TO:<{message.recipient}>")
        if not 250 <= code < 260:
            self._refused("RCPT", code, words)
        link.wait(self._timeouts.data)
        code, words = link.docmd("DATA")
        if code != 354:
            self._refused("DATA", code, words)

    def _finish(self, link: Dialogue) -> None:
        """Send the dot and learn what became of the message."""
        try:
            link.wait(self._timeouts.final)
            link.send(b".\r\n")
            code, words = link.getreply()
        except (smtplib.SMTPException, OSError, ValueError) as error:
            self._drop()
            raise Ambiguous(f"no answer after the final dot: {error}") from error
        if 200 <= code < 300:
            return
        if 400 <= code < 600:
            self._refused("end of message", code, words)
        self._drop()
        raise Ambiguous(_answer("end of message", code, words))

    def _refused(self, phase: str, code: int, words: bytes) -> None:
        """Leave the connection ready for the next message, and say what was refused."""
        link = self._link
        if code == 421 or not 400 <= code < 600 or link is None:
            self._drop()
        else:
            self._reset(link)
        if code == _NEEDS_LOGIN:
            raise OurFault(_answer(phase, code, words))
        answer = _answer(phase, code, words)
        status = status_in(answer)
        # Without an enhanced code, 550, 551 and 553 to RCPT are what RFC 5321 has for a mailbox that is not there.
        gone = is_gone(status) or (phase == "RCPT" and not status and code in (550, 551, 553))
        raise Refused(answer, permanent=500 <= code < 600, status=status, gone=gone)

    def _reset(self, link: Dialogue) -> None:
        try:
            link.wait(self._timeouts.command)
            if link.docmd("RSET")[0] != 250:
                self._drop()
        except (smtplib.SMTPException, OSError, ValueError):
            self._drop()

    def _drop(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()


class _Goodbye(Exception):
    """The server says 421: it closes this connection, and another may do."""


def _is_plain(address: str) -> bool:
    """Whether an address is one word between angle brackets. smtplib would send a part of a stranger one elsewhere."""
    return bool(address) and not any(char in "<>" or char.isspace() or not char.isprintable() for char in address)


def _answer(phase: str, code: int, words: bytes) -> str:
    said = re.sub(r"[^\x20-\x7e]+", " ", words.decode("ascii", "replace"))
    return f"{phase}: {code} {said[:300]}".rstrip()


def _dotted(content: bytes) -> bytes:
    """The message as it travels: a dot before every dot that begins a line, and a line end at its end."""
    whole = content if content.endswith(b"\r\n") else content + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", whole)
