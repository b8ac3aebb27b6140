"""What needs a person, and what the person said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.values import Value


class FlagReason(StrEnum):
    ALTERED = "altered"
    APPEARED = "appeared"
    REMOVED = "removed"
    CONTRADICTED = "contradicted"
    UNREADABLE = "unreadable"
    STALE = "stale"
    DISAGREEMENT = "disagreement"
    PAGE_MOVED = "page_moved"
    PAGE_FROZEN = "page_frozen"
    TEMPLATE_CHANGE = "template_change"


class FlagState(StrEnum):
    OPEN = "open"
    DECIDED = "decided"
    CLOSED = "closed"


class Severity(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class ReviewVerdict(StrEnum):
    GUIDE_WRONG = "guide wrong"
    GUIDE_INCOMPLETE = "guide incomplete"
    GUIDE_STILL_RIGHT = "guide still right"
    SOURCE_WRONG = "source wrong or ambiguous"
    READING_WRONG = "reading wrong"
    COSMETIC = "cosmetic"
    NO_IMPACT = "no impact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """Something that needs a person, as assessed; storage gives it a number and keeps what becomes of it.

    identity: source, fact or claim, reason, before, after, as one digest; storage adds the episode.
    snapshots: digests of the capture before and after ("" where there is none).
    group: equal for flags that are one decision (the same change on many pages); as kept, the case that it joined.
    alike: what it is about, as digests: it joins the open case of a flag that shares one. Not read back.
    """

    identity: str
    reason: FlagReason
    severity: Severity
    source: str
    fact: str | None = None
    claims: tuple[str, ...] = ()
    confirmed: bool = True
    before: Value | None = None
    after: Value | None = None
    quote_before: str = ""
    quote_after: str = ""
    detail: str = ""
    snapshot_before: str = ""
    snapshot_after: str = ""
    group: str = ""
    alike: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagRecord:
    """A flag as kept: its number, its state (computed from what happened to it) and its latest review."""

    id: int
    flag: Flag
    state: FlagState
    opened_at: datetime
    superseded_by: int | None = None
    closed_because: str = ""
    review: Review | None = None


MOST_NOTE = 4_000
"""Characters of a note."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A person's verdict on a flag, bound to the exact pair of captures that was seen."""

    flag: int
    verdict: ReviewVerdict
    note: str
    by: str
    at: datetime
    snapshot_before: str
    snapshot_after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A page that could not be read: its flag, from which event to which (None: it goes on), with their moments."""

    flag: int
    source: str
    claims: tuple[str, ...]
    severity: Severity
    began: int
    began_at: datetime
    ended: int | None = None
    ended_at: datetime | None = None
