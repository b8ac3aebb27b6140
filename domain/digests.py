"""Who gets told, what they are told about a period, and the handing over of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum


class Frequency(StrEnum):
    INSTANT = "instant"
    DAILY = "daily"
    WEEKLY = "weekly"


class SubscriberState(StrEnum):
    """pending: asked for, and nothing but the question is sent until the reader says yes. suppressed: mail bounces."""

    PENDING = "pending"
    ACTIVE = "active"
    LEFT = "left"
    SUPPRESSED = "suppressed"


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
    """Who gets digests. `hour` is local, in `timezone`; `weekday` 0 is Monday (weekly only).

    channel: the number of the team's channel that is told instead of a mailbox; `address` is then its name.
    asked_at: when a reader last asked to be subscribed and was sent the question. note: why mail to them was given up.
    """

    id: int
    address: str
    frequency: Frequency
    timezone: str = "America/Toronto"
    hour: int = 7
    weekday: int = 0
    language: str = "en"
    filters: Filters = Filters()
    heartbeat: bool = True
    state: SubscriberState = SubscriberState.ACTIVE
    since_event: int = 0
    channel: int | None = None
    asked_at: datetime | None = None
    asked_times: int = 0
    note: str = ""

    @property
    def active(self) -> bool:
        """Whether digests are composed for them."""
        return self.state is SubscriberState.ACTIVE


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
    """One change as a reader should see it; `claims` are (id, section, text).

    effective, decided: "" where there is none. detail: one line for what before and after leave unsaid.
    also: (title, address) of other pages that made the same change, which is one decision.
    """

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
    detail: str = ""
    also: tuple[tuple[str, str], ...] = ()


class IncidentState(StrEnum):
    OPENED = "opened"
    CONTINUING = "continuing"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Pages of one site that could not be read, as one line: a site that is down is one incident, not fifty.

    sources: titles of the pages that are out or, once it has ended, of all that were. reason: the short name of the
    cause, "" once it has ended. began_at: when it was noticed; None where too few visits failed to be sure.
    """

    site: str
    state: IncidentState
    sources: tuple[str, ...]
    reason: str = ""
    began_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Changes beyond what a reader bears, counted and not shown: open ones by severity, settled ones, and the claims
    that they touch."""

    open: tuple[tuple[str, int], ...] = ()
    settled: int = 0
    claims: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return sum(number for _, number in self.open) + self.settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What one subscriber should read about one period. Events `first_event` < seq <= `last_event` are covered.

    unreadable: (source id, reason) as of composing; `incidents` is the same told by site, with what began and ended.
    filters: what the subscriber chose to hear of.
    """

    subscriber: int
    address: str
    language: str
    period: Period
    first_event: int
    last_event: int
    items: tuple[DigestItem, ...]
    unreadable: tuple[tuple[str, str], ...]
    coverage: Coverage
    incidents: tuple[Incident, ...] = ()
    rest: Rest = Rest()
    filters: Filters = Filters()

    @property
    def more(self) -> int:
        """Changes that are counted and not shown."""
        return self.rest.count

    @property
    def empty(self) -> bool:
        """True where nothing new happened: only subscribers who want a heartbeat get it.

        An outage that goes on is no news: it is told when it begins, when it ends, and in every digest between.
        """
        return not self.items and all(item.state is IncidentState.CONTINUING for item in self.incidents)


class DeliveryKind(StrEnum):
    """What a delivery carries: a digest, a letter to one reader about their subscription, or a proof of the path."""

    DIGEST = "digest"
    LETTER = "letter"
    CANARY = "canary"


class Lane(IntEnum):
    """Which deliveries go first where not all can."""

    URGENT = 0
    USUAL = 1


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
