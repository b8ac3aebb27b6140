"""Facts, claims and sources; the documents of status and export."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import AfterValidator, WithJsonSchema

from domain.checks import SourceState
from domain.claims import Risk, Standing
from domain.shapes import Json, claims_shape, known_fact_shape, moment, reading_shape
from domain.sources import Source
from monitor.ledger import judge_all
from monitor.standings import end_of_day, in_force, official_day
from review.api.caller import Asking, Caller
from review.api.paging import After, Limit, cut_named
from review.api.problems import ApiProblem
from storage.checks import source_states
from storage.facts import fact_history, known_facts

Name = Annotated[str, Path(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}([Tt]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2}))?")
_EARLIEST, _LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2900, 1, 1, tzinfo=UTC)


def _proven_day(text: str) -> str:
    if not _DAY.fullmatch(text):
        raise ValueError("a day such as 2026-11-24, or a moment such as 2026-11-24T09:00:00Z")
    datetime.fromisoformat(text.upper())
    return text.upper()


_FORMATS: Any = {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}
Day = Annotated[
    Annotated[str, AfterValidator(_proven_day), WithJsonSchema(_FORMATS)] | None,
    Query(description="a day where the rules are made, or a moment (ISO 8601)"),
]
SourceName = Annotated[str | None, Query(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
ClaimName = Annotated[str | None, Query(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Jurisdiction = Annotated[str | None, Query(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
_MOST_WITH_HISTORY = 20


def facts(
    caller: Asking,
    key: Annotated[
        list[Annotated[str, Query(max_length=300, pattern=r"^[^\x00-\x1f\x7f]+$")]] | None,
        Query(max_length=100, description="only these, `source#key`"),
    ] = None,
    source: SourceName = None,
    as_of: Day = None,
    known_at: Day = None,
    history: Annotated[bool, Query(description=f"with all readings; then at most {_MOST_WITH_HISTORY} facts")] = False,
    limit: Limit = 50,
    after: After = None,
) -> Json:
    """What is known. as_of: the day the rules are asked about; known_at: the day our knowledge is taken from."""
    then, knowing = _moment(as_of), _moment(known_at)
    chosen = sources_named(caller, source, None)
    if key:
        named = {item.partition("#")[0] for item in key}
        chosen = tuple(sorted(named if chosen is None else named & set(chosen)))
    day = official_day(then or caller.now)
    with caller.desk.store.reading() as connection:
        if then is None and knowing is None:
            known = caller.desk.knowledge.of(connection).known
        else:
            known = known_facts(connection, sources=chosen, as_of=then, known_at=knowing)
        wanted = sorted(
            item for item in known if (not key or item in key) and (chosen is None or item.partition("#")[0] in chosen)
        )
        most = min(limit, _MOST_WITH_HISTORY) if history else limit
        shown, following = cut_named(wanted, most, after, str)
        documents = [known_fact_shape(known[item], in_force(known[item].fact, day)) for item in shown]
        if history:
            for document in documents:
                document["history"] = [reading_shape(item) for item in fact_history(connection, document["key"])]
    return {"facts": documents, "next": following}


def claims(
    caller: Asking,
    standing: Standing | None = None,
    risk: Risk | None = None,
    as_of: Day = None,
    limit: Limit = 50,
    after: After = None,
) -> Json:
    """How the guide's statements stand, with the coverage of all of them."""
    document = _claims(caller, _moment(as_of))
    wanted = [
        claim
        for claim in document["claims"]
        if (standing is None or claim["standing"] == standing.value) and (risk is None or claim["risk"] == risk.value)
    ]
    shown, following = cut_named(wanted, limit, after, lambda claim: str(claim["id"]))
    return {"claims": list(shown), "coverage": document["coverage"], "next": following}


def claim(caller: Asking, name: Name, as_of: Day = None) -> Json:
    """One statement of the guide, with what it rests on."""
    if name not in caller.desk.claims:
        raise ApiProblem(404, "there is no such claim")
    found: Json = next(item for item in _claims(caller, _moment(as_of))["claims"] if item["id"] == name)
    return found


def sources(caller: Asking, jurisdiction: Jurisdiction = None, limit: Limit = 50, after: After = None) -> Json:
    """What is watched, and how it was last found."""
    wanted = [
        item for item in caller.desk.sources.values() if jurisdiction is None or item.jurisdiction == jurisdiction
    ]
    shown, following = cut_named(wanted, limit, after, lambda item: item.id)
    with caller.desk.store.reading() as connection:
        states = source_states(connection)
    return {"sources": [_source_shape(item, states.get(item.id)) for item in shown], "next": following}


def source(caller: Asking, name: Name) -> Json:
    """One official page."""
    found = caller.desk.sources.get(name)
    if found is None:
        raise ApiProblem(404, "there is no such source")
    with caller.desk.store.reading() as connection:
        state = source_states(connection).get(found.id)
    return _source_shape(found, state)


def status(caller: Asking) -> Json:
    """Is it alive: the document of `claimwatch status --json`."""
    return caller.desk.status()


def export(caller: Asking) -> Json:
    """Everything that is known: the document of `claimwatch export json`, which `claimwatch export schema` describes."""
    return caller.desk.export()


def _claims(caller: Caller, as_of: datetime | None) -> Json:
    desk = caller.desk
    with desk.store.reading() as connection:
        knowledge = desk.knowledge.of(connection, as_of=as_of)
    every = tuple(desk.claims.values())
    judged = judge_all(every, knowledge, sources=desk.sources, now=as_of or caller.now)
    return claims_shape(every, judged, desk.sources)


def _source_shape(item: Source, state: SourceState | None) -> Json:
    return {
        "id": item.id,
        "title": item.title,
        "url": item.url,
        "authority": item.authority,
        "jurisdiction": item.jurisdiction,
        "language": item.language,
        "enabled": item.enabled,
        "facts": [item.fact_key(rule) for rule in item.rules],
        "state": None
        if state is None
        else {
            "outcome": state.outcome.value,
            "reason": state.reason,
            "detail": state.detail,
            "checked_at": moment(state.checked_at),
            "last_read_at": moment(state.last_read_at),
            "failures": state.failures,
        },
    }


def _source(caller: Caller, name: str) -> Source:
    """A source named in a filter; a name that is none must not look like a source without anything."""
    found = caller.desk.sources.get(name)
    if found is None:
        raise ApiProblem(404, "`source` names no source")
    return found


def sources_named(caller: Caller, source: str | None, jurisdiction: str | None) -> tuple[str, ...] | None:
    """The sources that two filters leave, None for all. ApiProblem where `source` names none."""
    if source is None and jurisdiction is None:
        return None
    chosen = caller.desk.sources.values() if source is None else (_source(caller, source),)
    return tuple(item.id for item in chosen if jurisdiction is None or item.jurisdiction == jurisdiction)


def claim_named(caller: Caller, name: str | None) -> str | None:
    """A claim named in a filter. ApiProblem where it names none."""
    if name is not None and name not in caller.desk.claims:
        raise ApiProblem(404, "`claim` names no claim")
    return name


def _moment(day: str | None) -> datetime | None:
    """The moment, moved into the centuries that anything can be known of."""
    if day is None:
        return None
    try:
        return min(max(end_of_day(day), _EARLIEST), _LATEST)
    except OverflowError:
        return _EARLIEST if day < "1900" else _LATEST
