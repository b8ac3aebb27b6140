"""What the API takes and gives of flags and cases."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from domain.flags import MOST_NOTE, FlagReason, FlagState, ReviewVerdict, Severity
from review.api.values import Digest, Model, Moment, Value


class Pair(Model):
    """The captures before and after, null for none."""

    before: Digest | None
    after: Digest | None


class Flag(Model):
    id: int
    state: FlagState
    reason: FlagReason
    severity: Severity
    source: str
    fact: str | None
    claims: list[str]
    confirmed: bool
    superseded_by: int | None
    before: Value | None
    after: Value | None
    quote_before: str
    quote_after: str
    detail: str
    snapshots: Pair
    opened_at: Moment
    group: str
    verdict: ReviewVerdict | None
    note: str | None
    decided_by: str | None
    closed_because: str | None


class Flags(Model):
    flags: list[Flag]
    next: str | None


class FlagAct(Model):
    """What was done to a flag: decided, undone, closed or confirmed."""

    act: str
    at: Moment
    by: str
    verdict: ReviewVerdict | None
    note: str


class FlagDetail(Flag):
    history: list[FlagAct]


class Seen(Model):
    """The pair of captures that the person saw: `snapshots` of the flag. If it is another one now, nothing is done."""

    before: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None
    after: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None


class Decision(Model):
    verdict: ReviewVerdict
    seen: Seen
    note: str = Field(default="", max_length=MOST_NOTE)


class Undoing(Model):
    seen: Seen


def _proven_moment(text: str) -> str:
    if not _MOMENT.fullmatch(text):
        raise ValueError("a moment such as 2026-11-24T09:00:00Z")
    datetime.fromisoformat(text.upper())
    return text.upper()


_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_Ahead = Annotated[
    str,
    AfterValidator(_proven_moment),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
SeenCase = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}$",
        description="`seen` of the case as it was read: where anything was done to it since, nothing is done now",
    ),
]


class CaseFlag(Model):
    """One flag of a case, with who works on it. held_by: whoever is looking at it at the desk."""

    id: int
    state: FlagState
    severity: Severity
    source: str
    fact: str | None
    snapshots: Pair
    verdict: ReviewVerdict | None
    note: str | None
    decided_by: str | None
    assignee: str | None
    held_by: str | None
    held_until: Moment | None
    snoozed_until: Moment | None
    due_at: Moment | None


class Case(Model):
    """Flags that are one decision, the most harmful first. What is done to a case names its `seen`."""

    name: str
    seen: str
    flags: list[CaseFlag]


class CaseDecision(Model):
    verdict: ReviewVerdict
    seen: SeenCase
    note: str = Field(default="", max_length=MOST_NOTE)


class CaseUndoing(Model):
    seen: SeenCase


class Assignment(Model):
    to: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        description="the name of a reviewer, null for nobody"
    )
    seen: SeenCase


class Snooze(Model):
    until: _Ahead | None = Field(description="a moment that lies ahead, within ten years; null brings the case back")
    seen: SeenCase
