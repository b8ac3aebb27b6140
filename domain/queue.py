"""How open flags are worked on: who has one, who is looking at it, when it is due, until when it may rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.flags import Flag, FlagReason, FlagRecord, FlagState, Severity
from domain.folding import words_in
from domain.values import value_words

DUE_WITHIN = {
    Severity.CRITICAL: timedelta(days=1),
    Severity.HIGH: timedelta(days=3),
    Severity.MEDIUM: timedelta(days=14),
    Severity.LOW: timedelta(days=30),
}
"""How long a flag may stay open, by harm; a person may set another day for one of them."""

LEASE = timedelta(minutes=10)
"""How long a flag is kept for whoever opened it last. It is renewed by every look at it."""


FARTHEST = timedelta(days=3660)
"""How far ahead a case may rest or be due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """How one flag is worked on. Names are users' names, "" for nobody; times None where none was set."""

    assignee: str = ""
    locked_by: str = ""
    locked_until: datetime | None = None
    snoozed_until: datetime | None = None
    due_at: datetime | None = None

    def holder(self, now: datetime) -> str:
        """Who is looking at it now, "" where nobody is."""
        return self.locked_by if self.locked_until is not None and self.locked_until > now else ""

    def rests(self, now: datetime) -> bool:
        """Whether it is out of the way until a later day."""
        return self.snoozed_until is not None and self.snoozed_until > now


NOBODY = Handling()


def due_at(record: FlagRecord, handling: Handling) -> datetime:
    """When a flag should be decided: the day set for it, else what its harm allows."""
    return handling.due_at or due_by_harm(record.opened_at, record.flag.severity)


def due_by_harm(opened_at: datetime, severity: Severity) -> datetime:
    """When a flag should be decided for which no day was set."""
    return opened_at + DUE_WITHIN[severity]


def words_of(number: int, flag: Flag) -> str:
    """What a search of the queue looks at in a flag: its words, folded, each once."""
    texts = (flag.fact or "", flag.source, *flag.claims, flag.quote_before, flag.quote_after, flag.detail)
    values = (value_words(value) for value in (flag.before, flag.after) if value is not None)
    return words_in((str(number), *texts, *values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """One folded word of a search, and the sources and claims whose own names and texts have it.

    A flag has the word where its own words do, where it is on one of these sources, or where it names one of these claims.
    """

    word: str
    sources: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which flags of the queue are asked for.

    sources: only of these, None for all. assignee: only whose this is, None for all, "" for nobody's.
    resting: only those that rest now (True), or only those that do not (False), None for both.
    due_by: only those that are due by then. words: only those that have all of these.
    """

    state: FlagState = FlagState.OPEN
    severity: Severity | None = None
    reason: FlagReason | None = None
    sources: tuple[str, ...] | None = None
    assignee: str | None = None
    resting: bool | None = None
    due_by: datetime | None = None
    words: tuple[Sought, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in the queue: after the flag of this rank and number."""

    rank: int
    flag: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Flags that are one decision.

    first: the flag that stands for it: the one that does most harm, or in a search the first that has the words.
    assignees: whoever has one of its flags. due: the earliest of them. handling: who holds it, and until when all of it
    rests. flags: how many; sources, claims: of all of them.
    """

    name: str
    place: Place
    first: FlagRecord
    handling: Handling
    assignees: tuple[str, ...]
    due: datetime
    flags: int
    sources: int
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How far the store had come when a reviewer looked: its newest check, act and flag. Later ones were not seen."""

    check: int
    act: int
    flag: int

    def __str__(self) -> str:
        return f"{self.check}.{self.act}.{self.flag}"


def seen_from(text: str) -> Seen | None:
    """What `str` made of it; None for anything else."""
    parts = text.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdecimal() and len(part) < 10 for part in parts):
        return None
    return Seen(check=int(parts[0]), act=int(parts[1]), flag=int(parts[2]))


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagAct:
    """One thing that became of a flag. act: decided, undone, closed, confirmed. verdict: "" where it was no decision."""

    id: int
    flag: int
    act: str
    at: datetime
    by: str
    verdict: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Newer:
    """What came since a reviewer looked. flag: the newer one in its place; act: what was done to it; check: by number."""

    flag: int | None = None
    act: FlagAct | None = None
    check: int | None = None
