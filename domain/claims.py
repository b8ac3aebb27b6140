"""The guide's statements, what they rest on, and how they stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.values import Value


class Risk(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Operator(StrEnum):
    """How an expectation is put to a fact (contract.md; the last four are additions, see docs/decisions)."""

    EQUALS = "equals"
    BETWEEN = "between"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    BEFORE = "before"
    ON_OR_AFTER = "on_or_after"
    CONTAINS = "contains"
    EXCLUDES = "excludes"
    SAME_MEMBERS = "same_members"
    SUBSET_OF = "subset_of"
    SUPERSET_OF = "superset_of"
    PRESENT = "present"
    ABSENT = "absent"
    SAYS = "says"
    UNCHANGED = "unchanged"
    SAME_AS = "same_as"
    WITHIN_DAYS = "within_days"
    OVERLAPS = "overlaps"
    ABOUT = "about"
    DIFFERS_FROM = "differs_from"
    CONTAINS_ANY = "contains_any"
    TREND = "trend"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One test of one fact.

    fact: `source#key`. operand: as written in the file, by operator: a scalar as text, a pair for `between`, a
    list of words, another fact's key, or `(all terms, none terms)` for `says`.
    """

    fact: str
    operator: Operator
    operand: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A statement of the guide in our own words. No expectations: it is unwatched, and `unwatched` says why.

    warned_by: facts of proposals, consultations and news. What stands there can never contradict the statement; while
    it stands there, the statement is at risk.
    context: facts that do not test the statement, but whose change is a reason to read it again.
    """

    id: str
    section: str
    text: str
    risk: Risk
    anchor: str = ""
    also_in: tuple[str, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    freshness: timedelta | None = None
    unwatched: str = ""
    warned_by: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    note: str = ""


class Standing(StrEnum):
    VERIFIED = "verified"
    CONTRADICTED = "contradicted"
    SUSPECT = "suspect"
    CANNOT_TELL = "cannot_tell"
    STALE = "stale"
    UNWATCHED = "unwatched"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where a value was located: the digest of the stored capture, the words, and the place in it."""

    snapshot: str
    quote: str
    locator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What is coming: a pending value with its day, or the reason why the claim is at risk."""

    pending: Value | None = None
    effective: date | None = None
    at_risk: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How one claim stands, and on what that rests.

    expected and found: words for people. verified_on: capture time of the evidence, only where it is a proven date.
    reason: one line, set whenever the standing is not `verified`.
    """

    claim: str
    standing: Standing
    reason: str = ""
    expected: str = ""
    found: str = ""
    fact: str | None = None
    source: str | None = None
    verified_on: datetime | None = None
    evidence: Evidence | None = None
    outlook: Outlook | None = None
