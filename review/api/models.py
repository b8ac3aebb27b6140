"""What the API takes and gives, as models that describe themselves. The shapes are those of `domain.shapes`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from domain.checks import Outcome
from domain.claims import Risk, Standing
from domain.comparison import Operation, Significance, Verdict
from domain.documents import BlockKind
from domain.facts import ChangeKind, FactState
from domain.people import Role
from domain.requests import RequestKind, RequestState
from domain.snapshots import CapturedBy, Origin
from review.api.values import Day, Digest, Model, Moment, Value

# -- facts and claims --------------------------------------------------------------


class Pending(Model):
    """A value that is announced and holds from its day on."""

    value: Value
    effective: Day
    quote: str


class Reading(Model):
    """One reading of a fact, with the capture that it stands in."""

    key: str
    state: FactState
    value: Value | None
    quote: str
    locator: str
    reason: str
    pending: Pending | None = None
    value_words: str
    snapshot: Digest | None
    captured_at: Moment | None
    captured_by: CapturedBy


class Fact(Reading):
    """What is known of a fact on the day asked about."""

    latest_state: FactState
    latest_reason: str
    first_seen_at: Moment | None
    last_seen_at: Moment | None
    history: list[Reading] | None = Field(default=None, description="with `history=true`: oldest capture first")


class Facts(Model):
    facts: list[Fact]
    next: str | None


class Outlook(Model):
    pending: Value | None = None
    effective: Day | None = None
    at_risk: str | None = None


class Evidence(Model):
    snapshot: Digest
    quote: str
    locator: str


class Claim(Model):
    id: str
    section: str
    text: str
    risk: Risk
    standing: Standing
    reason: str
    outlook: Outlook | None
    expected: str
    found: str
    fact: str | None
    source: str | None
    verified_on: Moment | None
    evidence: Evidence | None


class Coverage(Model):
    claims: int
    watched: int
    machine_checked: int
    verified: int
    contradicted: int
    suspect: int
    cannot_tell: int
    stale: int
    unwatched: int


class Claims(Model):
    """Claims with the coverage of all of them, whatever is listed."""

    claims: list[Claim]
    coverage: Coverage
    next: str | None


# -- checks, changes, captures -------------------------------------------------------


class Http(Model):
    status: int | None
    not_modified: bool
    bytes: int


class CheckLine(Model):
    id: int
    source: str
    slot: Moment
    outcome: Outcome
    reason: str
    detail: str
    http: Http
    snapshot: Digest | None
    verdict: Verdict | None
    confirmed: bool
    seconds: float


class Checks(Model):
    checks: list[CheckLine]
    next: str | None


class FactCounts(Model):
    located: int
    absent: int
    cannot_tell: int


class ValueChange(Model):
    kind: str
    before: str | None
    after: str | None


class Block(Model):
    op: Operation
    kind: BlockKind
    path: list[str]
    before: str | None
    after: str | None
    significance: Significance
    values: list[ValueChange]
    because: str
    locator: str


class AlteredRow(Model):
    before: list[str]
    after: list[str]


class Change(Model):
    key: str
    change: ChangeKind
    before: Value | None
    after: Value | None
    added: list[list[str]]
    removed: list[list[str]]
    altered: list[AlteredRow]
    quote_before: str
    quote_after: str
    effective: Day | None


class Check(CheckLine):
    facts: FactCounts
    blocks: list[Block]
    changes: list[Change]
    flags: list[int]


class SeenChange(Change):
    """A change with the check that found it, and the capture that shows the new value."""

    check: int
    source: str
    seen_at: Moment
    snapshot: Digest | None


class Changes(Model):
    changes: list[SeenChange]
    next: str | None


class Capture(Model):
    """One time that a body came. The same bytes, which have the same digest, may have come many times."""

    id: int
    source: str
    digest: Digest
    url: str
    status: int
    fetched_at: Moment
    captured_by: CapturedBy
    origin: Origin
    bytes: int


class Captures(Model):
    captures: list[Capture]
    next: str | None


# -- sources, requests, people -------------------------------------------------------


class SourceState(Model):
    outcome: Outcome
    reason: str
    detail: str
    checked_at: Moment
    last_read_at: Moment | None
    failures: int


class Source(Model):
    id: str
    title: str
    url: str
    authority: str
    jurisdiction: str
    language: str
    enabled: bool
    facts: list[str]
    state: SourceState | None = Field(description="null where it was never visited")


class Sources(Model):
    sources: list[Source]
    next: str | None


class Asked(Model):
    """check: visit the source `subject` now. look: fetch the page at the address `subject` once and propose rules.

    An address that may not be fetched makes a request that fails and says why.
    """

    kind: RequestKind
    subject: str = Field(min_length=1, max_length=2000, pattern=r"^[\x21-\x7e]+$")


class VisitRequest(Model):
    id: int
    kind: RequestKind
    subject: str
    asked_by: str
    asked_at: Moment
    state: RequestState
    result: str
    finished_at: Moment | None


class Requests(Model):
    requests: list[VisitRequest]
    next: str | None


class User(Model):
    name: str
    role: Role
    active: bool
    has_password: bool
    external: str
    created_at: Moment | None


class Users(Model):
    users: list[User]
    next: str | None


class Act(Model):
    id: int
    at: Moment
    by: str
    act: str
    subject: str
    address: str
    detail: dict[str, str]


class Acts(Model):
    acts: list[Act]
    next: str | None


class Myself(Model):
    """Who the token speaks for, and what it may do."""

    name: str
    role: Role
    scope: Literal["read", "decide", "admin"]
    expires_at: Moment | None


Document = dict[str, Any]
"""A document that is described elsewhere: `claimwatch status --json`, `claimwatch export schema`."""
