"""What a person asked of the service: the desk never fetches by itself, it leaves a request for the scheduler."""

from __future__ import annotations

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
