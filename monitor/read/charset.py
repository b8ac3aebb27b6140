"""Bytes to text the way browsers do it: byte order mark, header, declaration in the page, then evidence."""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, lookup

from domain.errors import DecodeError

_DECLARED = re.compile(
    rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{1,40})|<\?xml[^>]{0,200}encoding\s*=\s*["']([A-Za-z0-9_:.-]{1,40})["']""",
    re.IGNORECASE,
)
_IN_HEADER = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_WEB = re.compile(r"utf-(?:8|16)|cp\d|iso(?:8859|2022)|koi8|mac-|gb|big5|euc_|shift_")
"""Encodings that pages are written in; Python also has codecs that are none (`base64`, `idna`, `punycode`)."""
# Labels that browsers read as the Windows superset, because that is what such pages really hold.
_WINDOWS = {
    "iso-8859-1",
    "iso8859-1",
    "latin-1",
    "latin1",
    "us-ascii",
    "ascii",
    "cp1252",
    "windows-1252",
    "iso-8859-15",
}
_SIGNATURES = ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"BZh", "bzip2"), (b"PK\x03\x04", "zip"))
_TOO_MANY = 0.005
"""Share of undecodable characters from which a text is damaged rather than a little dirty."""


def decode_text(body: bytes, content_type: str | None) -> tuple[str, str, tuple[str, ...]]:
    """The text, the encoding used and notes on what had to be decided.

    Raises DecodeError `undecoded` for bytes that are still compressed, `decode` where too much is undecodable.
    """
    for signature, name in _SIGNATURES:
        if body.startswith(signature):
            raise DecodeError("undecoded", f"the body is still {name}, not a page")
    for mark, name in ((BOM_UTF8, "utf-8"), (BOM_UTF16_LE, "utf-16-le"), (BOM_UTF16_BE, "utf-16-be")):
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace"), name, ()
    declared = _declared(body, content_type)
    try:
        text = body.decode("utf-8")
        notes = () if declared in (None, "utf-8") or body.isascii() else (f"charset utf-8, declared {declared}",)
        return text, "utf-8", notes
    except UnicodeDecodeError:
        pass
    if b"\x00" in body[:2000] and body[:2000].count(b"\x00") > len(body[:2000]) // 4:
        name = "utf-16-le" if body[1:2] == b"\x00" else "utf-16-be"
        return body.decode(name, "replace"), name, (f"charset {name}, undeclared",)
    if declared is not None and declared != "utf-8":
        return _checked(body, declared), declared, ()
    dirty = body.decode("utf-8", "replace")
    if _share(dirty) <= _TOO_MANY and dirty.count("\ufffd") < body.count(b"\xc3") + 1:
        return dirty, "utf-8", ("some bytes are no utf-8",)
    return _checked(body, "windows-1252"), "windows-1252", (f"charset windows-1252, declared {declared or 'nothing'}",)


def _declared(body: bytes, content_type: str | None) -> str | None:
    found = _IN_HEADER.search(content_type or "")
    label = found[1] if found else None
    if label is None:
        match = _DECLARED.search(body[:4096])
        label = (match[1] or match[2]).decode("ascii") if match else None
    if label is None:
        return None
    label = label.strip().casefold()
    if label in _WINDOWS:
        return "windows-1252"
    try:
        name = lookup(label).name
    except LookupError:
        return None
    return name if _WEB.match(name) else None


def _checked(body: bytes, name: str) -> str:
    text = body.decode(name, "replace")
    controls = sum(text.count(chr(code)) for code in (*range(1, 9), *range(14, 32)))
    if _share(text) > _TOO_MANY or controls > max(8, len(text) // 200):
        raise DecodeError("decode", f"too much of the body is no {name}")
    return text


def _share(text: str) -> float:
    return text.count("\ufffd") / max(1, len(text))
