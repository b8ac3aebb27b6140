"""What a person asked of the service: the desk never fetches by itself, it leaves a request for the scheduler."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RequestKind(StrEnum):
    """check: visit the source `subject` now. look: fetch the address `subject` once and propose rules for it."""

    CHECK = "check"
    LOOK = "look"


class RequestState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRequest:
    """One request. result: for `check` the number of the check, for `look` the proposed entry; else why it failed."""

    id: int
    kind: RequestKind
    subject: str
    asked_by: str
    asked_at: datetime
    state: RequestState = RequestState.WAITING
    result: str = ""
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedFact:
    """A fact that could be read on a page nobody watches yet. entry: its rule as lines of YAML; value: in words."""

    key: str
    entry: str
    value: str
    quote: str
    locator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a look at an address came to: an entry for `sources.yaml` to start from.

    head: the entry as lines of YAML, without its facts. outline: headings with their level, 1 to 6.
    """

    url: str
    final_url: str
    title: str
    media: str
    blocks: int
    head: str
    facts: tuple[ProposedFact, ...] = ()
    outline: tuple[tuple[int, str], ...] = ()

    def entry(self, keys: Collection[str]) -> str:
        """The whole entry with the facts of these keys, to be pasted under `sources:`."""
        chosen = [fact.entry for fact in self.facts if fact.key in keys]
        return self.head + ("    facts:\n" + "".join(chosen) if chosen else "")
