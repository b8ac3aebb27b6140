"""Who gets told, what they are told about a period, and the handing over of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Frequency(StrEnum):
    INSTANT = "instant"
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Empty means everything. Names as in `sources.yaml` and `claims.yaml`."""

    jurisdictions: tuple[str, ...] = ()
    authorities: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Who gets digests. `hour` is local, in `timezone`; `weekday` 0 is Monday (weekly only)."""

    id: int
    address: str
    frequency: Frequency
    timezone: str = "America/Toronto"
    hour: int = 7
    weekday: int = 0
    language: str = "en"
    filters: Filters = Filters()
    heartbeat: bool = True
    active: bool = True
    since_event: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A half-open stretch of time with a key that names it once for ever: `daily:2026-11-23:America/Toronto`."""

    key: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much a digest stands on: counts over its period."""

    sources: int
    sources_read: int
    sources_unreadable: tuple[str, ...]
    facts_declared: int
    facts_located: int
    claims: int
    claims_watched: int
    checks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestItem:
    """One change as a reader should see it; `claims` are (id, section, text)."""

    flag: int
    title: str
    source_title: str
    url: str
    severity: str
    reason: str
    before: str
    after: str
    quote_before: str
    quote_after: str
    claims: tuple[tuple[str, str, str], ...]
    confirmed: bool
    seen_at: datetime
    effective: str = ""
    decided: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What one subscriber should read about one period. Events `first_event` < seq <= `last_event` are covered."""

    subscriber: int
    address: str
    language: str
    period: Period
    first_event: int
    last_event: int
    items: tuple[DigestItem, ...]
    unreadable: tuple[tuple[str, str], ...]
    coverage: Coverage

    @property
    def empty(self) -> bool:
        """True where nothing happened: only subscribers who want a heartbeat get it."""
        return not self.items and not self.unreadable


class DeliveryState(StrEnum):
    PENDING = "pending"
    HANDING_OVER = "handing_over"
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    CANCELLED = "cancelled"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The frozen bytes of one mail to one recipient, fixed when it was queued and equal on every attempt."""

    message_id: str
    sender: str
    recipient: str
    subject: str
    content: bytes
