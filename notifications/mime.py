"""The bytes of a mail: header lines and two encoded parts, laid out by hand so that nothing is folded behind our back.

The standard library's writer turns a long List-Unsubscribe into RFC 2047 words, which breaks one-click unsubscribe
without a word. Here a line is either plain ASCII as given, or a subject or name that RFC 2047 encodes.
"""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import Iterable
from email.header import Header
from email.utils import formataddr, getaddresses, parseaddr

from notifications.words import one_line

LONGEST_LINE = 998
"""Octets that RFC 5322 allows in a line, without its CRLF."""


def mail_bytes(headers: Iterable[tuple[str, str]], *, text: str, html: str, language: str) -> bytes:
    """The whole message, CRLF throughout, 7 bit. Equal arguments give equal bytes.

    headers: already encoded (see `encoded_words`, `address_header`). ValueError for a header that could not be sent.
    """
    lines = [header_line(name, value) for name, value in headers]
    plain, rich = _part("plain", text, language), _part("html", html, language)
    boundary = "=_" + hashlib.sha256(b"".join([*lines, plain, rich])).hexdigest()[:32]
    lines.append(b"MIME-Version: 1.0\r\n")
    lines.append(header_line("Content-Type", f'multipart/alternative; boundary="{boundary}"'))
    mark = f"--{boundary}".encode("ascii")
    return b"".join(
        [*lines, b"\r\n", mark, b"\r\n", plain, b"\r\n", mark, b"\r\n", rich, b"\r\n", mark, b"--\r\n"],
    )


def header_line(name: str, value: str) -> bytes:
    """One header as it goes on the wire. ValueError where it would inject, overflow or need an encoding."""
    line = f"{name}: {value}"
    raw = line.encode("utf-8")
    for part in raw.split(b"\r\n "):
        if len(part) > LONGEST_LINE or any(octet < 32 or octet == 127 for octet in part):
            raise ValueError(f"the header {name} cannot be sent as it is")
    return raw + b"\r\n"


def encoded_words(name: str, value: str) -> str:
    """A header value that may hold any characters: as it is where it is short ASCII, else RFC 2047 words, folded."""
    clean = one_line(value)
    if clean.isascii() and len(name) + 2 + len(clean) <= 76 and "=?" not in clean:
        return clean
    return Header(clean, "utf-8", maxlinelen=76, header_name=name, continuation_ws=" ").encode(linesep="\r\n")


def address_header(address: str) -> str:
    """`Name <a@b>` for From or To, the name encoded. The domain becomes ASCII; a local part stays as it is."""
    name, plain = parseaddr(one_line(address))
    bare = envelope_address(plain)
    return formataddr((name, bare)) if bare.isascii() else f"<{bare}>"


def envelope_address(address: str) -> str:
    """The bare address as an SMTP server takes it. ValueError where there is none."""
    found = getaddresses([one_line(address)])
    plain = found[0][1] if len(found) == 1 else ""
    local, at, domain = plain.rpartition("@")
    if not at or not local or not domain or any(char in " <>\r\n\t" for char in plain):
        raise ValueError(f"{address!r} is no mail address")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError as error:
        raise ValueError(f"{address!r} is no mail address") from error


def _part(kind: str, body: str, language: str) -> bytes:
    crlf = "\r\n".join(body.splitlines()) + "\r\n"
    head = (
        f"Content-Type: text/{kind}; charset=utf-8\r\n"
        f"Content-Language: {language}\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    return head.encode("ascii") + binascii.b2a_qp(crlf.encode("utf-8"), istext=True)
