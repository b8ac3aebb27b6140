"""Text made comparable without touching what it says: kinds of space, dash and quote are unified, digits never."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e]")
_UNIFIED = {
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc\u00b4`", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    "\u2026": "...",
    "\ufb01": "fi",
    "\ufb02": "fl",
}
_OTHERWISE = re.compile(f"[{''.join(_UNIFIED)}]")
_SPACE = re.compile(r"\s+")
_PLAIN = re.compile(r"[ -~]*\Z")


def normalise(text: str) -> str:
    """The text with one kind of space, quote and dash, composed characters, and nothing invisible.

    No-break and thin spaces become spaces, so "1 000" is "1 000" however it is set. Commas and points inside numbers
    stay as they are ("1,000" is not "1.000"), and so does every letter: a look-alike from another script differs.
    """
    if _PLAIN.match(text):
        return _SPACE.sub(" ", text).strip() if "  " in text else text.strip()
    composed = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    return _SPACE.sub(" ", _OTHERWISE.sub(_unified, composed)).strip()


def _unified(mark: re.Match[str]) -> str:
    return _UNIFIED[mark[0]]


def collapse(text: str) -> str:
    """The text as shown, with runs of white space as single plain spaces; no-break spaces stay what they are."""
    return " ".join(text.replace("\u200b", "").split()) if "\u00a0" not in text else _collapse_keeping(text)


_BREAKING = re.compile(r"[ \t\n\r\f\v\u200b]+")


def _collapse_keeping(text: str) -> str:
    return _BREAKING.sub(" ", text).strip(" \u00a0")
