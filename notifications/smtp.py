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
_BROKEN = (smtplib.SMTPException, OSError, ValueError)
"""What a connection raises that broke or went wrong."""


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
        content = _dotted(message.content)
        link = self._ready(message)
        try:
            self._offer(link)
        except _BROKEN as error:
            self._drop()
            raise _broke(error) from error
        try:
            before_final_dot()
        except BaseException:
            self._drop()
            raise
        self._hand_over(link, content)

    def close(self) -> None:
        """Say QUIT if a connection is open, and close it whatever the answer is."""
        if self._link is not None:
            try:
                self._link.wait(self._timeouts.quit)
                self._link.docmd("QUIT")
            except _BROKEN:
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
        except _BROKEN as error:
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
        """MAIL is taken; RCPT and DATA went along where the server offers PIPELINING (RFC 2920)."""
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
        link.pose(f"MAIL FROM:<{message.sender}>{options}", f"RCPT TO:<{message.recipient}>", "DATA")
        code, words = link.answer()
        if code == 250:
            return
        if code == 421:
            raise _Goodbye(_answer("MAIL", code, words))
        self._drop()
        if code == 552:
            raise DeliveryError(_answer("MAIL", code, words), permanent=True)
        if 500 <= code < 600:
            raise OurFault(_answer("MAIL", code, words))
        raise Unavailable(_answer("MAIL", code, words))

    def _offer(self, link: Dialogue) -> None:
        link.wait(self._timeouts.command)
        code, words = link.answer()
        if not 250 <= code < 260:
            self._forgo(link)
            self._refused("RCPT", code, words)
        link.wait(self._timeouts.data)
        code, words = link.answer()
        if code != 354:
            self._refused("DATA", code, words)

    def _forgo(self, link: Dialogue) -> None:
        """The recipient was refused. Where the server wants a message all the same, its connection is closed."""
        try:
            link.wait(self._timeouts.data)
            if not link.take_back() and link.answer()[0] == 354:
                self._drop()
        except _BROKEN:
            self._drop()

    def _hand_over(self, link: Dialogue, content: bytes) -> None:
        """Send the message and its dot, and learn what became of it.

        In clear text both are one write: where that fails, the dot is not whole, so nobody has got the message. A
        write that fails in TLS says less, so there the dot has one of its own.
        """
        whole, dot = (content, b".\r\n") if link.encrypted else (content + b".\r\n", b"")
        try:
            link.wait(self._timeouts.body)
            link.send(whole)
        except _BROKEN as error:
            self._drop()
            raise _broke(error) from error
        try:
            link.wait(self._timeouts.final)
            if dot:
                link.send(dot)
            code, words = link.getreply()
        except _BROKEN as error:
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
        except _BROKEN:
            self._drop()

    def _drop(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()


class _Goodbye(Exception):
    """The server says 421: it closes this connection, and another may do."""


def _is_plain(address: str) -> bool:
    """Whether an address is one word between angle brackets. smtplib would send a part of a stranger one elsewhere."""
    return bool(address) and address.isprintable() and not any(char in address for char in "<> ")


def _broke(error: Exception) -> DeliveryError:
    return DeliveryError(f"the link broke before the message was handed over: {error}", permanent=False)


def _answer(phase: str, code: int, words: bytes) -> str:
    said = re.sub(r"[^\x20-\x7e]+", " ", words.decode("ascii", "replace"))
    return f"{phase}: {code} {said[:300]}".rstrip()


def _dotted(content: bytes) -> bytes:
    """The message as it travels: a dot before every dot that begins a line, and a line end at its end."""
    whole = content if content.endswith(b"\r\n") else content + b"\r\n"
    dotted = whole.replace(b"\n.", b"\n..")
    return b"." + dotted if dotted.startswith(b".") else dotted
