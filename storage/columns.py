"""Between nouns and columns: times, JSON, and text that any page may hold.

NUL and lone surrogates, which one database refuses and another keeps, become visible escapes on both.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from typing import Any

from domain.facts import Pending
from domain.values import Value, value_from_json, value_to_json

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def time_text(moment: datetime) -> str:
    """Fixed width UTC text, so that order of text is order of time. Raises ValueError for a time without a zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no zone")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def time_of(text: str) -> datetime:
    """The aware UTC time that `time_text` wrote."""
    return datetime.fromisoformat(text)


def optional_time(text: str | None) -> datetime | None:
    """`time_of`, where a time may be missing."""
    return None if text is None else time_of(text)


def plain(text: str) -> str:
    """The text with what cannot be stored everywhere made visible."""
    return _UNSTORABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def storable(text: str | None) -> str | None:
    """The text where it can be stored exactly, else None: for words that must go back to a server as they came."""
    return None if text is None or _UNSTORABLE.search(text) else text


def json_text(document: Any) -> str:
    """JSON of one form for equal documents; what cannot be stored as it is stands in it as an escape."""
    return plain(json.dumps(document, ensure_ascii=False, sort_keys=True))


def json_of(text: str) -> Any:
    """The document that `json_text` wrote."""
    return json.loads(text)


def value_text(value: Value | None) -> str | None:
    """A value as kept."""
    return None if value is None else json_text(value_to_json(value))


def value_of(text: str | None) -> Value | None:
    """The value that `value_text` wrote."""
    return None if text is None else value_from_json(json.loads(text))


def pending_text(pending: Pending | None) -> str | None:
    """An announced value as kept."""
    if pending is None:
        return None
    return json_text(
        {"value": value_to_json(pending.value), "effective": pending.effective.isoformat(), "quote": pending.quote}
    )


def pending_of(text: str | None) -> Pending | None:
    """The announced value that `pending_text` wrote."""
    if text is None:
        return None
    form = json.loads(text)
    return Pending(
        value=value_from_json(form["value"]), effective=date.fromisoformat(form["effective"]), quote=form["quote"]
    )
