"""What a flag rests on, read from the store in a few bounded questions and put into words for its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.flags import FlagRecord
from domain.queue import FlagAct, due_at
from domain.sources import Source
from monitor.standings import judge_claims
from review.pages.captures import outside
from review.pages.chart import Chart, Step, chart_of, steps_of
from review.pages.flags import (
    MOST_CLAIMS,
    Page,
    Suggestion,
    TableView,
    Touched,
    page_changes,
    suggestion_for,
    table_view,
    touched_by,
)
from review.pages.queue import about, step_of
from review.pages.wording import Wording, wording
from review.visit import Visit
from storage.facts import accepted_values, fact_history, known_facts
from storage.flag_history import acts_on, check_of, flags_about
from storage.handling import handling_of
from storage.readings import load_blocks, load_changes
from storage.snapshots import Kept, captures_of
from storage.store import Connection

_MOST_READINGS = 200
_MOST_EARLIER = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A flag's page, part by part. link: the official page, "" where it is no plain web address."""

    about: str
    step: tuple[str, str]
    source: Source | None
    link: str
    touched: tuple[Touched, ...]
    more_claims: int
    wording: Wording
    table: TableView | None
    page: Page
    since: Page | None
    other_facts: tuple[str, ...]
    captures: tuple[tuple[str, Kept | None], ...]
    steps: tuple[Step, ...]
    chart: Chart | None
    acts: tuple[FlagAct, ...]
    earlier: tuple[FlagRecord, ...]
    suggestion: Suggestion | None
    due: datetime


def evidence_of(visit: Visit, connection: Connection, record: FlagRecord, *, newer_check: int | None) -> Evidence:
    """All that the page shows. newer_check: a check that came since the reviewer looked, whose differences lead."""
    flag, desk = record.flag, visit.desk
    check = check_of(connection, record.id)
    source = desk.sources.get(flag.source)
    changes = {change.key: change for change in load_changes(connection, check)}
    guide = desk.guide()
    touched = _touched(visit, connection, record, guide)
    steps = () if flag.fact is None else steps_of(fact_history(connection, flag.fact, limit=_MOST_READINGS))
    return Evidence(
        about=about(flag),
        step=step_of(flag),
        source=source,
        link="" if source is None else outside(source.url),
        touched=touched,
        more_claims=max(0, len(flag.claims) - MOST_CLAIMS),
        wording=wording(flag.quote_before, flag.quote_after),
        table=table_view(flag, changes.get(flag.fact or "")),
        page=page_changes(load_blocks(connection, check), flag),
        since=None if newer_check is None else page_changes(load_blocks(connection, newer_check), flag),
        other_facts=tuple(key for key in changes if key != flag.fact),
        captures=tuple(
            (digest, next(iter(captures_of(connection, digest, limit=1)), None) if digest else None)
            for digest in (flag.snapshot_before, flag.snapshot_after)
        ),
        steps=steps,
        chart=chart_of(steps),
        acts=acts_on(connection, record.id),
        earlier=tuple(
            item
            for item in flags_about(connection, flag.source, flag.fact, limit=_MOST_EARLIER)
            if item.id != record.id and (item.review is not None or flag.fact is not None)
        ),
        suggestion=suggestion_for(flag, touched, source, guide, name="guide.md"),
        due=due_at(record, handling_of(connection, (record.id,))[record.id]),
    )


def _touched(visit: Visit, connection: Connection, record: FlagRecord, guide: str) -> tuple[Touched, ...]:
    """The claims with how they stand now, judged by the facts that they ask about alone."""
    desk = visit.desk
    claims = [desk.claims[name] for name in record.flag.claims[:MOST_CLAIMS] if name in desk.claims]
    asked = {item.fact for claim in claims for item in claim.expectations}
    asked |= {key for claim in claims for key in (*claim.warned_by, *claim.context)}
    asked |= {operand for claim in claims for item in claim.expectations for operand in item.operand if "#" in operand}
    pages = {key.partition("#")[0] for key in asked} & desk.sources.keys()
    pages |= {twin for name in pages if (twin := desk.sources[name].counterpart)}
    known = known_facts(connection, sources=pages) if pages else {}
    accepted = accepted_values(connection, sources=pages) if pages else {}
    judged = judge_claims(claims, known, sources=desk.sources, now=visit.now, accepted=accepted)
    return touched_by(record.flag.claims, desk.claims, {item.claim: item for item in judged}, guide)
