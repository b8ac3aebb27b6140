"""A digest as one JSON document for programs: what the mail says, in named fields. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import UTC, datetime

from domain.digests import Digest, DigestItem, Incident, Message
from notifications.mime import envelope_address
from notifications.view import view_of

VERSION = 1


def document_message(digest: Digest, *, sender: str, base_url: str, made_at: datetime) -> Message:
    """The frozen document for a digest. made_at: aware; it is in the document and in the Message-ID."""
    view = view_of(digest, base_url=base_url, unsubscribe_url=None)
    links = {item.flag: f"{base_url.rstrip('/')}/flags/{item.flag}" if view.more_url else "" for item in digest.items}
    document = {
        "version": VERSION,
        "channel": digest.address,
        "subject": view.subject,
        "made_at": _moment(made_at),
        "period": {
            "key": digest.period.key,
            "start": _moment(digest.period.start),
            "end": _moment(digest.period.end),
        },
        "items": [_item(item, links[item.flag]) for item in digest.items],
        "more": str(digest.more),
        "incidents": [_incident(item) for item in digest.incidents],
        "unreadable": [{"source": source, "reason": reason} for source, reason in digest.unreadable],
        "coverage": {
            name: str(value) if isinstance(value, int) else value for name, value in asdict(digest.coverage).items()
        },
    }
    content = json.dumps(document, ensure_ascii=False, sort_keys=True).encode()
    name = hashlib.sha256(b"%d\x1f%d\x1f%s" % (digest.subscriber, digest.last_event, content)).hexdigest()[:32]
    address = envelope_address(sender)
    return Message(
        message_id=f"<document.{name}@{address.rpartition('@')[2]}>",
        sender=address,
        recipient=digest.address,
        subject=view.subject,
        content=content,
    )


def _item(item: DigestItem, link: str) -> dict[str, object]:
    return {
        "flag": str(item.flag),
        "link": link,
        "title": item.title,
        "source": item.source_title,
        "url": item.url,
        "severity": item.severity,
        "reason": item.reason,
        "confirmed": item.confirmed,
        "before": item.before,
        "after": item.after,
        "quote_before": item.quote_before,
        "quote_after": item.quote_after,
        "claims": [{"id": name, "section": section, "text": text} for name, section, text in item.claims],
        "seen_at": _moment(item.seen_at),
        "effective": item.effective,
        "decided": item.decided,
        "detail": item.detail,
        "also": [{"title": title, "url": url} for title, url in item.also],
    }


def _incident(item: Incident) -> dict[str, object]:
    return {
        "site": item.site,
        "state": item.state.value,
        "sources": list(item.sources),
        "reason": item.reason,
        "began_at": None if item.began_at is None else _moment(item.began_at),
        "ended_at": None if item.ended_at is None else _moment(item.ended_at),
    }


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
