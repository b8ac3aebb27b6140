"""A digest as one mail: the same view in text and in HTML, under headers that mail systems act on.

Pure: a digest and its circumstances give the same bytes on every call, which is what lets a delivery be repeated.
"""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from urllib.parse import urlsplit

import css_inline
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from domain.digests import Digest, Message
from notifications.compose import cut_short
from notifications.marks import side_by_side
from notifications.mime import address_header, encoded_words, envelope_address, mail_bytes
from notifications.phrases import phrase
from notifications.view import View, link_or_nothing, view_of

_WIDTH = 72

MOST_HTML = 96_000
"""Bytes of HTML: some mail programs cut a message off at 102 kB, and with it the link to leave."""


def render(
    digest: Digest,
    *,
    sender: str,
    base_url: str,
    message_date: datetime,
    unsubscribe_url: str | None = None,
    preferences_url: str | None = None,
    whole_url: str | None = None,
) -> Message:
    """The frozen message for a digest.

    sender: `Name <address>`. base_url: of the review pages, "" where there are none. message_date: aware; it is in the
    Date header and the Message-ID. ValueError where an address or the unsubscribe link could not be sent.
    """
    see = partial(
        view_of,
        base_url=base_url,
        unsubscribe_url=unsubscribe_url,
        preferences_url=preferences_url,
        whole_url=whole_url,
    )
    view, html = _fitting(digest, see)
    text = text_of(view)
    recipient, domain = envelope_address(digest.address), envelope_address(sender).rpartition("@")[2]
    named = (
        str(digest.subscriber),
        recipient,
        digest.period.key,
        str(digest.last_event),
        message_date.isoformat(),
        text,
    )
    message_id = f"<digest.{hashlib.sha256(chr(31).join(named).encode()).hexdigest()[:32]}@{domain}>"
    headers = [
        ("From", address_header(sender)),
        ("To", address_header(digest.address)),
        ("Subject", encoded_words("Subject", view.subject)),
        ("Date", format_datetime(message_date.astimezone(UTC))),
        ("Message-ID", message_id),
        ("List-Id", f"{phrase('en', 'list_name')} <digests.{_site(base_url) or domain}>"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
    ]
    if unsubscribe_url:
        headers += _unsubscribe(unsubscribe_url)
    if view.preferences_url:
        headers.append(("List-Help", f"<{view.preferences_url}>"))
    return Message(
        message_id=message_id,
        sender=envelope_address(sender),
        recipient=recipient,
        subject=view.subject,
        content=mail_bytes(headers, text=text, html=html, language=view.language),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A short mail to one reader about their subscription, or to ourselves."""

    language: str
    subject: str
    heading: str
    paragraphs: tuple[str, ...]
    link: str = ""
    link_words: str = ""


def render_letter(
    letter: Letter,
    *,
    to: str,
    sender: str,
    name: str,
    message_date: datetime,
    headers: Sequence[tuple[str, str]] = (),
) -> Message:
    """The frozen message for a letter. name: what makes it one letter and no other; equal names give one Message-ID.

    ValueError where an address or a header could not be sent.
    """
    if letter.link and link_or_nothing(letter.link) != letter.link:
        raise ValueError("the link of a letter is no plain http(s) address")
    recipient, domain = envelope_address(to), envelope_address(sender).rpartition("@")[2]
    message_id = f"<letter.{hashlib.sha256(name.encode()).hexdigest()[:32]}@{domain}>"
    lines = [
        ("From", address_header(sender)),
        ("To", address_header(to)),
        ("Subject", encoded_words("Subject", letter.subject)),
        ("Date", format_datetime(message_date.astimezone(UTC))),
        ("Message-ID", message_id),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
        *headers,
    ]
    html = _INLINER.inline(_ENVIRONMENT.get_template("letter.html").render(letter=letter))
    text = (
        _ENVIRONMENT.get_template("letter.txt").render(letter=letter, phrase=partial(phrase, letter.language)).strip()
        + "\n"
    )
    return Message(
        message_id=message_id,
        sender=envelope_address(sender),
        recipient=recipient,
        subject=letter.subject,
        content=mail_bytes(lines, text=text, html=html, language=letter.language),
    )


def text_of(view: View) -> str:
    """The plain part: lines of at most 72 columns, but for addresses, which are never broken."""
    lines = _ENVIRONMENT.get_template("digest.txt").render(view=view, phrase=_speaker(view)).splitlines()
    kept = [line.rstrip() for line in lines]
    return "\n".join(line for at, line in enumerate(kept) if line or (at and kept[at - 1])).strip() + "\n"


def html_of(view: View) -> str:
    """The HTML part with its styles written into the elements, for mail programs that drop style sheets."""
    return _INLINER.inline(_ENVIRONMENT.get_template("digest.html").render(view=view, phrase=_speaker(view)))


def _fitting(digest: Digest, see: Callable[[Digest], View]) -> tuple[View, str]:
    """The view and its HTML, with as many items as mail programs show before they cut a message off."""
    view = see(digest)
    html = html_of(view)
    while len(html.encode()) > MOST_HTML and digest.items:
        digest = cut_short(digest, len(digest.items) * 3 // 4)
        view = see(digest)
        html = html_of(view)
    return view, html


def _speaker(view: View) -> Callable[[str], str]:
    return partial(phrase, view.language)


def _unsubscribe(url: str) -> list[tuple[str, str]]:
    if link_or_nothing(url) != url:
        raise ValueError("the unsubscribe link is no plain http(s) address")
    return [("List-Unsubscribe", f"<{url}>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")]


def _site(base_url: str) -> str:
    host = urlsplit(link_or_nothing(base_url)).hostname or ""
    return host if host.isascii() and not host.replace(".", "").isdigit() and ":" not in host else ""


def _wrapped(text: str, indent: int = 0) -> str:
    """A paragraph broken at white space, every line but the first moved in by `indent`."""
    return textwrap.fill(
        text, width=_WIDTH, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False
    )


def _underlined(text: str) -> str:
    return f"{text}\n{'-' * len(text)}"


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("notifications"),
        autoescape=select_autoescape(("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters["wrapped"] = _wrapped
    made.filters["underlined"] = _underlined
    made.globals["zip"] = zip
    made.globals["side_by_side"] = side_by_side
    return made


_ENVIRONMENT = _environment()
_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
