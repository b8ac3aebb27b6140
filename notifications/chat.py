"""A digest as a short message for a team's chat: what the mail says first, in plain lines, and a link. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from types import MappingProxyType

from domain.digests import Digest, Message
from notifications.harmless import uncalled
from notifications.mime import envelope_address
from notifications.view import ItemView, view_of

_ITEMS = 6
_LONGEST = 220


def chat_message(
    digest: Digest, *, sender: str, base_url: str, parts: Mapping[str, str] = MappingProxyType({})
) -> Message:
    """The frozen message for a digest: JSON with `title` and `body`, the body below 2,000 characters.

    parts: of a template of the operator's, instead of the built-in words.
    """
    view = view_of(digest, base_url=base_url, unsubscribe_url=None)
    items = (*view.open_items, *view.decided_items)
    lines = [uncalled(view.summary), *(_item(item) for item in items[:_ITEMS])]
    lines += [text for text in (view.more, view.quiet, view.more_url) if text]
    told = {"title": uncalled(view.subject), "body": "\n".join(lines), **parts}
    content = json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
    name = hashlib.sha256(b"%d\x1f%d\x1f%s" % (digest.subscriber, digest.last_event, content)).hexdigest()[:32]
    address = envelope_address(sender)
    return Message(
        message_id=f"<chat.{name}@{address.rpartition('@')[2]}>",
        sender=address,
        recipient=digest.address,
        subject=view.subject,
        content=content,
    )


def _item(item: ItemView) -> str:
    words = " → ".join(words for _, words, _ in item.rows)
    line = f"• {item.title} – {item.source}" + (f": {words}" if words else "")
    return uncalled(line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…") + (
        f"\n{item.link}" if item.link else ""
    )
