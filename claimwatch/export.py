"""What is known, in the form that the guide's own tools read: versioned, described by a JSON Schema, honest about age.

The models are the schema: what is exported is built from them, so the two cannot differ.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from domain.claims import Claim, Judgement
from domain.facts import Fact, FactState, KnownFact
from domain.shapes import coverage_shape, moment
from domain.snapshots import CapturedBy
from domain.sources import POINTS, Rule, Source
from domain.values import Code, Members, Points, Rows, Scheme, Status, Value, value_to_json, value_words
from monitor.extract.codes import noc_codes
from monitor.standings import freshness_of, in_force, official_day

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


def build(
    sources: Iterable[Source],
    known: Mapping[str, KnownFact],
    *,
    now: datetime,
    claims: tuple[Claim, ...] = (),
    judgements: tuple[Judgement, ...] = (),
) -> Export:
    """The export of every declared fact, in the order of the file. judgements: how the claims stand, one for each."""
    by_id = {source.id: source for source in sources}
    facts = tuple(
        _fact(source, rule, known.get(source.fact_key(rule)), by_id, now)
        for source in by_id.values()
        for rule in source.rules
    )
    current = {key: in_force(item.fact, official_day(now)) for key, item in known.items()}
    states = {fact.key: fact for fact in facts}
    return Export(
        version=VERSION,
        generated_at=moment(now) or "",
        states=_states(facts),
        coverage=Coverage.model_validate(coverage_shape(claims, judgements, by_id)),
        facts=facts,
        occupations=_occupations(by_id.values(), current, states),
        points=tuple(
            item
            for rule, key, value in _values(by_id.values(), current)
            for item in _points(rule, key, value, states[key])
        ),
        streams=tuple(
            Stream(fact=key, title=states[key].title, status=value.status.value, state=states[key].state)
            for rule, key, value in _values(by_id.values(), current)
            # A section of a law is in force or repealed; that is no stream.
            if isinstance(value, Status) and rule.section is None
        ),
    )


def _states(facts: tuple[ExportedFact, ...]) -> States:
    counted = {state.value: sum(fact.state is state for fact in facts) for state in State}
    return States(facts=len(facts), pending=sum(fact.pending is not None for fact in facts), **counted)


def schema() -> dict[str, Any]:
    """The JSON Schema of the export, under a name that changes with its version alone."""
    made = Export.model_json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:claimwatch:export:{VERSION}",
        **made,
    }


def _values(sources: Iterable[Source], current: Mapping[str, Fact]) -> list[tuple[Rule, str, Value]]:
    """Every declared fact that has a value, in the order of the file."""
    found = []
    for source in sources:
        for rule in source.rules:
            fact = current.get(source.fact_key(rule))
            if fact is not None and fact.value is not None:
                found.append((rule, fact.key, fact.value))
    return found


def _points(rule: Rule, key: str, value: Value, fact: ExportedFact) -> list[PointsOf]:
    statistic = rule.statistic or ""
    if isinstance(value, Points):
        figure = f"{value.number:f}"
        return [PointsOf(fact=key, case="", column="", points=figure, statistic=statistic, state=fact.state)]
    if not isinstance(value, Rows) or rule.unit != POINTS:
        return []
    cells = [(row[0], name, cell) for row in value.rows for name, cell in zip(value.columns[1:], row[1:], strict=False)]
    return [
        PointsOf(fact=key, case=case, column=name, points=cell, statistic=statistic, state=fact.state)
        for case, name, cell in cells
        if cell.strip().isdecimal()
    ]


def _fact(
    source: Source, rule: Rule, item: KnownFact | None, sources: Mapping[str, Source], now: datetime
) -> ExportedFact:
    key = source.fact_key(rule)
    fact = None if item is None else in_force(item.fact, official_day(now))
    pending = None if fact is None or fact.pending is None else fact.pending
    state, reason = _state(key, item, sources, now)
    dated = item is not None and item.captured_by is CapturedBy.DATE
    value = None if fact is None else fact.value
    return ExportedFact(
        key=key,
        kind=rule.kind.value,
        state=state,
        value=None if value is None else value_to_json(value),
        words="" if value is None else value_words(value),
        pending=None
        if pending is None
        else Announced(
            value=value_to_json(pending.value),
            words=value_words(pending.value),
            effective=pending.effective.isoformat(),
        ),
        since=None if item is None else moment(item.first_seen_at),
        verified_on=moment(item.last_seen_at) if item is not None and dated and value is not None else None,
        evidence=None
        if item is None or fact is None or value is None
        else Evidence(snapshot=item.snapshot, quote=fact.quote, locator=fact.locator),
        reason=reason,
        source=source.id,
        title=source.title,
        url=source.url,
        authority=source.authority,
        jurisdiction=source.jurisdiction,
        language=source.language,
    )


def _state(key: str, item: KnownFact | None, sources: Mapping[str, Source], now: datetime) -> tuple[State, str]:
    if item is None:
        return State.CANNOT_TELL, "never checked"
    if item.fact.state is FactState.CANNOT_TELL:
        return State.CANNOT_TELL, item.fact.reason or item.latest_reason
    if item.last_seen_at is not None and now - item.last_seen_at > freshness_of(key, None, sources):
        return State.STALE, f"last seen {official_day(item.last_seen_at).isoformat()}; {item.latest_reason}".strip("; ")
    if item.fact.state is FactState.ABSENT:
        return State.ABSENT, item.fact.reason
    if item.captured_by is not CapturedBy.DATE:
        return State.UNPROVEN, "the date of the capture is not proven"
    return State.VERIFIED, ""


# -- occupations -------------------------------------------------------------


def _occupations(
    sources: Iterable[Source], current: Mapping[str, Fact], states: Mapping[str, ExportedFact]
) -> tuple[Occupation, ...]:
    lists: dict[str, list[Listing]] = defaultdict(list)
    titles: dict[str, str] = {}
    for source in sources:
        for rule in source.rules:
            key = source.fact_key(rule)
            value = current[key].value if key in current else None
            if isinstance(value, Rows) and (rule.codes == Scheme.NOC2021.value or _codes_first(value)):
                for code, qualifier, named in _coded_rows(value):
                    if rule.codes != Scheme.NOC2021.value:
                        titles.setdefault(code, named)
                        continue
                    lists[code].append(Listing(fact=key, qualifier=qualifier, named=named, state=states[key].state))
            elif isinstance(value, Members | Code) and rule.codes == Scheme.NOC2021.value:
                for code in value.items if isinstance(value, Members) else (value.code,):
                    lists[code].append(Listing(fact=key, qualifier="", named="", state=states[key].state))
    return tuple(
        Occupation(code=code, title=titles.get(code, ""), teer=code[1], lists=tuple(dict.fromkeys(lists[code])))
        for code in sorted(set(titles) | set(lists))
    )


def _codes_first(value: Rows) -> bool:
    """A table of the classification itself: most rows begin with a unit group's code."""
    return bool(value.rows) and sum(bool(re.fullmatch(r"\d{5}", row[0])) for row in value.rows) * 2 > len(value.rows)


def _coded_rows(value: Rows) -> list[tuple[str, str, str]]:
    """(code, qualifier, title) of each row: the code from its key column, the title from the first other column."""
    at = value.columns.index(value.key[0]) if value.key and value.key[0] in value.columns else 0
    found = []
    for row in value.rows:
        for item in noc_codes(row[at]):
            if isinstance(item.value, Code):
                title = next((cell for place, cell in enumerate(row) if place != at and cell), "")
                found.append((item.value.code, item.value.qualifier or "", title))
    return found


# -- tables ------------------------------------------------------------------

TABLES: dict[str, tuple[str, ...]] = {
    "facts": (
        "key",
        "kind",
        "state",
        "words",
        "pending",
        "effective",
        "verified_on",
        "quote",
        "locator",
        "snapshot",
        "url",
    ),
    "occupations": ("code", "title", "teer", "fact", "qualifier", "named", "state"),
    "points": ("fact", "case", "column", "points", "statistic", "state"),
    "streams": ("fact", "title", "status", "state"),
}


def table(export: Export, name: str) -> list[tuple[str, ...]]:
    """One table of the export as rows of text, in the columns of TABLES."""
    match name:
        case "facts":
            return [_fact_row(fact) for fact in export.facts]
        case "occupations":
            return [
                (item.code, item.title, item.teer, *listing)
                for item in export.occupations
                for listing in [(each.fact, each.qualifier, each.named, each.state.value) for each in item.lists]
                or [("", "", "", "")]
            ]
        case "points":
            return [
                (item.fact, item.case, item.column, item.points, item.statistic, item.state.value)
                for item in export.points
            ]
        case _:
            return [(item.fact, item.title, item.status, item.state.value) for item in export.streams]


def _fact_row(fact: ExportedFact) -> tuple[str, ...]:
    pending, evidence = fact.pending, fact.evidence
    return (
        fact.key,
        fact.kind,
        fact.state.value,
        fact.words,
        pending.words if pending else "",
        pending.effective if pending else "",
        fact.verified_on or "",
        evidence.quote if evidence else "",
        evidence.locator if evidence else "",
        evidence.snapshot if evidence else "",
        fact.url,
    )
