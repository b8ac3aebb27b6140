"""Flags as issues of a tracker: what is asked of it when a flag is opened, settled or opened again. Pure.

Captured words stand in fences, where a tracker neither pings people, nor links other issues, nor runs markup or
commands. Each issue and each comment bears a hidden mark, by which one that was made before is found again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from domain.digests import Digest, DigestItem, Message, Rest
from domain.flags import FlagRecord, FlagState
from notifications.harmless import TITLE_LENGTH, fenced, harmless_title
from notifications.mime import envelope_address
from notifications.view import ItemView, view_of

_SLACK = timedelta(hours=1)
"""How far the clocks of a tracker and of ours may lie apart."""


class Act(StrEnum):
    OPEN = "open"
    CLOSE = "close"
    REOPEN = "reopen"


def act_of(record: FlagRecord, kinds: frozenset[str]) -> Act | None:
    """What a stretch of events asks of the issue of a flag; None where it asks nothing."""
    if record.state is not FlagState.OPEN:
        return Act.CLOSE
    if "flag_undone" in kinds:
        return Act.REOPEN
    return Act.OPEN if "flag_opened" in kinds else None


def issue_message(
    digest: Digest,
    item: DigestItem,
    act: Act,
    *,
    mark: str,
    sender: str,
    base_url: str,
    made_at: datetime,
    parts: Mapping[str, str] = MappingProxyType({}),
) -> Message:
    """The frozen order to a tracker about one flag. mark: what the channel's hidden marks are made from.

    parts: of a template of the operator's, instead of the built-in words.
    """
    view = view_of(replace(digest, items=(item,), rest=Rest(), incidents=()), base_url=base_url, unsubscribe_url=None)
    shown = (*view.open_items, *view.decided_items)[0]
    mine = marked(mark, str(item.flag))
    said = marked(mark, f"{item.flag}:{act}:{digest.last_event}")
    order = {
        "flag": str(item.flag),
        "act": act.value,
        "since": (made_at - _SLACK).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "mark": mine,
        "title": parts.get("title", harmless_title(view.subject))[:TITLE_LENGTH],
        "body": f"{parts.get('body') or _body(shown)}\n\n{mine}\n",
        "said": said,
        "comment": f"{parts.get('comment') or _comment(shown)}\n\n{said}\n",
    }
    content = json.dumps(order, ensure_ascii=False, sort_keys=True).encode()
    name = hashlib.sha256(b"%d\x1f%d\x1f%s" % (digest.subscriber, digest.last_event, content)).hexdigest()[:32]
    address = envelope_address(sender)
    return Message(
        message_id=f"<issue.{name}@{address.rpartition('@')[2]}>",
        sender=address,
        recipient=digest.address,
        subject=view.subject,
        content=content,
    )


def marked(mark: str, name: str) -> str:
    """A line that a tracker hides and keeps. Nobody can make it before we do, for want of `mark`."""
    return f"<!-- claimwatch {hmac.new(mark.encode(), name.encode(), hashlib.sha256).hexdigest()[:32]} -->"


def _body(item: ItemView) -> str:
    lines = [f"{item.severity_words} · {item.reason} · {item.title}", item.source, ""]
    lines += [f"{label}: {words}" for label, words, _ in item.rows]
    lines += [f"{label}: {words}" for label, words in item.quotes]
    lines += [*item.facts, *(f"- {name} {words}".rstrip() for name, words in item.claims), item.more_claims]
    return "\n\n".join([fenced("\n".join(lines).strip()), *_links(item)])


def _comment(item: ItemView) -> str:
    words = item.decided or f"{item.severity_words} · {item.reason} · {item.title}"
    return "\n\n".join([fenced(words), *_links(item)])


def _links(item: ItemView) -> list[str]:
    found: Mapping[str, str] = {item.link_words: item.link, item.source: item.url}
    return [f"<{url}>" for url in found.values() if url and not set(url) & set(" <>\n\\")]
