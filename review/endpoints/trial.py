"""Trying rules on a capture: what facts they would give, and why not. Nothing is recorded; the files are the truth."""

from __future__ import annotations

from dataclasses import replace

from starlette.responses import Response

from domain.errors import ConfigError, ConfigProblem, SourceError
from domain.snapshots import Snapshot
from domain.sources import Source
from domain.values import value_words
from review.endpoints.captures import capture_named
from review.endpoints.source import chosen_source
from review.pages.trial import Trial, trial_of
from review.templating import page
from review.visit import Refusal, Visit
from storage.facts import known_facts
from storage.snapshots import Kept, list_snapshots

_MOST_CAPTURES = 40
_LONGEST_ENTRY = 60_000


def form(visit: Visit) -> Response:
    """The entry as it stands, to be changed and tried."""
    source = chosen_source(visit)
    return _shown(visit, source, visit.desk.written.get(source.id, ""))


def try_rules(visit: Visit) -> Response:
    """The facts that the entry gives on the chosen capture."""
    source = chosen_source(visit)
    text = visit.form.get("entry", "")
    if not isinstance(text, str) or len(text) > _LONGEST_ENTRY:
        raise Refusal(413, "That entry is too long to be tried.")
    try:
        tried = visit.desk.read_entry(text)
    except ConfigError as error:
        return _shown(visit, source, text, problems=error.problems)
    with visit.desk.store.reading() as connection:
        capture = capture_named(connection, visit.text("capture"), source=source.id)
        known = known_facts(connection, sources=(source.id,))
    # It is read as this source whatever name it was given, so that its facts can be told beside those that are known.
    named = replace(tried, id=source.id, url=source.url, also_at=source.also_at)
    values = {
        key.partition("#")[2]: value_words(item.fact.value)
        for key, item in known.items()
        if item.fact.value is not None and item.snapshot == capture.digest
    }
    trial, problem = None, ""
    try:
        trial = trial_of(visit.desk.reader.trial(named, capture), values)
    except SourceError as error:
        problem = f"{error.cause}: {error.detail}" if error.detail else error.cause
    return _shown(visit, source, text, trial=trial, problem=problem, capture=capture)


def _shown(
    visit: Visit,
    source: Source,
    text: str,
    *,
    problems: tuple[ConfigProblem, ...] = (),
    trial: Trial | None = None,
    problem: str = "",
    capture: Snapshot | None = None,
) -> Response:
    with visit.desk.store.reading() as connection:
        kept = list_snapshots(connection, source.id, limit=_MOST_CAPTURES)
    return page(
        visit,
        "try.html",
        status=422 if problems else 200,
        source=source,
        text=text,
        captures=_each_once(kept),
        chosen=visit.text("capture"),
        problems=problems,
        trial=trial,
        problem=problem,
        capture=capture,
    )


def _each_once(kept: tuple[Kept, ...]) -> tuple[Kept, ...]:
    return tuple({item.digest: item for item in reversed(kept)}.values())[::-1]
