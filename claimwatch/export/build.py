"""The export made from the declared sources and what is known of their facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from claimwatch.export.document import (
    VERSION,
    Announced,
    Coverage,
    Evidence,
    Export,
    ExportedFact,
    PointsOf,
    State,
    States,
    Stream,
)
from claimwatch.export.occupations import occupations_of
from domain.claims import Claim, Judgement
from domain.facts import Fact, FactState, KnownFact
from domain.shapes import coverage_shape, moment
from domain.snapshots import CapturedBy
from domain.sources import POINTS, Rule, Source
from domain.values import Points, Rows, Status, Value, value_to_json, value_words
from monitor.standings import freshness_of, in_force, official_day


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
        occupations=occupations_of(by_id.values(), current, states),
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
