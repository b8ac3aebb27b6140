"""The models of the export. They are its schema: what is exported is built from them, so the two cannot differ."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

VERSION: Literal["1"] = "1"
"""Raised when something that stands here changes its meaning; additions leave it."""


class State(StrEnum):
    """How far a fact may be relied on.

    verified: located in a dated capture within its freshness. unproven: located in a capture of unknown date.
    stale: not seen for longer than its freshness. absent: provably not there. cannot_tell: everything else.
    """

    VERIFIED = "verified"
    UNPROVEN = "unproven"
    STALE = "stale"
    ABSENT = "absent"
    CANNOT_TELL = "cannot_tell"


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Evidence(Model):
    """Digest of the stored capture, the words that stand in it, and where."""

    snapshot: str
    quote: str
    locator: str


class Announced(Model):
    """A value that holds from its day on."""

    value: dict[str, Any]
    words: str
    effective: str


class ExportedFact(Model):
    """One fact. verified_on: when a dated capture last showed the value. since: when it was first seen so."""

    key: str
    kind: str
    state: State
    value: dict[str, Any] | None
    words: str
    pending: Announced | None
    since: str | None
    verified_on: str | None
    evidence: Evidence | None
    reason: str
    source: str
    title: str
    url: str
    authority: str
    jurisdiction: str
    language: str


class Listing(Model):
    """A list of occupations that holds a code. qualifier: such as `sub-set of`, where only a part of it is listed.

    named: what the list calls the occupation, which need not be the title of the unit group.
    """

    fact: str
    qualifier: str
    named: str
    state: State


class Occupation(Model):
    """A NOC 2021 unit group with the lists that it is on. teer: by the second digit of the code.

    title: as the classification has it; "" while the classification has not been read.
    """

    code: str
    title: str
    teer: str
    lists: tuple[Listing, ...]


class PointsOf(Model):
    """Points that a factor gives, or the figure of points that a round ended at.

    case: the row of a table of points, such as an age; column: which of its figures. Both "" for a single figure.
    statistic: `cutoff` for the figure of a round, else "".
    """

    fact: str
    case: str
    column: str
    points: str
    statistic: str
    state: State


class Stream(Model):
    """A programme or stream with its status."""

    fact: str
    title: str
    status: str
    state: State


class States(Model):
    """How many facts are in each state, and how many of all have a value announced."""

    facts: int
    verified: int
    unproven: int
    stale: int
    absent: int
    cannot_tell: int
    pending: int


class Coverage(Model):
    """How the statements of the guide stand: the numbers of `claimwatch claims`."""

    claims: int
    watched: int
    machine_checked: int
    verified: int
    contradicted: int
    suspect: int
    cannot_tell: int
    stale: int
    unwatched: int


class Export(Model):
    """Everything that is known of what is declared, as of `generated_at`."""

    version: Literal["1"]
    generated_at: str
    states: States
    coverage: Coverage
    facts: tuple[ExportedFact, ...]
    occupations: tuple[Occupation, ...]
    points: tuple[PointsOf, ...]
    streams: tuple[Stream, ...]


def schema() -> dict[str, Any]:
    """The JSON Schema of the export, under a name that changes with its version alone."""
    made = Export.model_json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:claimwatch:export:{VERSION}",
        **made,
    }
