"""Facts: one typed statement located in a document, and the same key before and after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.snapshots import CapturedBy
from domain.values import Value


class FactState(StrEnum):
    """located: found and believed. absent: provably not there. cannot_tell: everything else."""

    LOCATED = "located"
    ABSENT = "absent"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A value that is announced on the page and holds from `effective` on."""

    value: Value
    effective: date
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One declared fact as found in one document.

    key: `source#key`. value: set exactly when located. quote: the words it was read from, as they stand in the
    capture; locator: where they stand. reason: why it is not located ("" when it is).
    """

    key: str
    state: FactState
    value: Value | None = None
    quote: str = ""
    locator: str = ""
    reason: str = ""
    pending: Pending | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFact:
    """What is known of one fact key: its newest believed reading, and how fresh that is.

    fact: the newest located or absent reading, or the newest `cannot tell` where it was never read.
    snapshot: digest of the capture it was read from ("" where never read); captured_at, captured_by: of that capture.
    last_seen_at: the last time a good or unchanged check saw it so (the capture time for captures made elsewhere).
    first_seen_at: when this value was first seen. latest_state, latest_reason: of the newest check of its source.
    """

    fact: Fact
    snapshot: str
    captured_at: datetime | None
    captured_by: CapturedBy
    last_seen_at: datetime | None
    first_seen_at: datetime | None
    latest_state: FactState
    latest_reason: str = ""


class ChangeKind(StrEnum):
    APPEARED = "appeared"
    REMOVED = "removed"
    ALTERED = "altered"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactChange:
    """The same fact key before and after.

    added, removed, altered: row or member level detail, each row a tuple of cells (a member is a tuple of one);
    for `altered` the row before and the row after follow each other.
    """

    key: str
    change: ChangeKind
    before: Value | None
    after: Value | None
    added: tuple[tuple[str, ...], ...] = ()
    removed: tuple[tuple[str, ...], ...] = ()
    altered: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()
    quote_before: str = ""
    quote_after: str = ""
    effective: date | None = None


_INITIALS = frozenset({
    "cec", "clb", "crs", "cusma", "eca", "ee", "fst", "fta", "fts", "gts", "irpa", "irpr", "lmbp",
    "lmia", "nafta", "nclc", "noc", "noi", "oinp", "pnp", "poe", "pr", "stem", "teer", "us", "wp",
})  # fmt: skip
"""Words of keys that people write in capitals."""


def fact_title(key: str) -> str:
    """A fact's name for people: `gts#processing_fee` is `Processing fee`, `rounds#last_stem_round` `Last STEM round`."""
    words = key.partition("#")[2].replace("_", " ").replace("-", " ").split()
    named = " ".join(word.upper() if word in _INITIALS else word for word in words)
    return named[:1].upper() + named[1:]
