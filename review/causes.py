"""Why a visit came to nothing, in words for people. The word of the machine is the key; its details stay as they came."""

from __future__ import annotations

from collections.abc import Mapping

CAUSES: Mapping[str, str] = {
    "address-refused": "its address lies in a network that is never asked",
    "another-page": "another page stood there",
    "backing-off": "the site asked us to wait",
    "blocked": "a block page stood there",
    "connect": "no connection came about",
    "decode": "its body could not be unpacked",
    "decode-failed": "its body could not be unpacked",
    "decode-incomplete": "its body ended too early",
    "dns": "there is no such host",
    "empty": "nothing was in it",
    "encoding-unknown": "its body is packed in a way that we do not know",
    "entities": "it defines entities, which are never followed",
    "half-body": "half of the page was missing",
    "http-status": "the server refused",
    "layout": "its layout is not the one that we know",
    "moved": "the page has moved",
    "no-file": "there is no such file",
    "no-json": "it is no JSON",
    "no-text": "no text is in it",
    "no-xml": "it is no XML",
    "not-rendered": "only a browser could fill it",
    "older-copy": "an older copy was served",
    "partial": "only a part was sent",
    "pdf-damaged": "the PDF is damaged",
    "port-refused": "that port is never asked",
    "protocol": "the server did not keep to HTTP",
    "punctuation": "only its punctuation is left",
    "redirect": "it was sent on too often, or to where we do not go",
    "redirected-elsewhere": "it was sent on to another page",
    "region-missing": "the part of the page that is watched is not there",
    "reset": "the connection broke off",
    "resource": "reading it took too much time or memory",
    "robots-disallowed": "the site asks robots not to read it",
    "robots-unreachable": "whether robots may read it could not be asked",
    "sentinel-missing": "words that must stand on it are missing",
    "sheet-damaged": "the sheet is damaged",
    "shell": "only the frame of a page came",
    "shrunken": "most of the page was missing",
    "stamp": "its date is not one that can be",
    "timeout": "no answer came in time",
    "title": "it bears another title",
    "tls": "its certificate does not hold",
    "too-complex": "it is too complex to be read",
    "too-large": "it is too large",
    "truncated": "its body ended too early",
    "type-changed": "it is another kind of file than before",
    "undecoded": "its body came packed although it was said not to be",
    "unreachable": "it could not be reached",
    "url-refused": "that is no address that we ask",
    "wrong-language": "it came in another language",
}
"""A phrase of `review.words` for each cause that a check or a look can name; other words are shown as they are."""


def cause_phrase(cause: str) -> str:
    """The phrase for a cause, the cause itself where there is none."""
    return CAUSES.get(cause, cause)
