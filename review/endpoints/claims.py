"""The ledger, and one claim with all that it rests on."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from starlette.responses import Response

from domain.claims import Risk
from monitor.ledger import expectations_of, judge_all
from review.endpoints.standing import judged, marked, moment_asked
from review.pages.claim import claim_view, keys_of
from review.pages.guide import Segment, excerpt
from review.pages.ledger import STANDINGS, Filters, Line, listing, next_check
from review.pages.queue import place_from, place_text
from review.templating import page
from review.visit import Refusal, Visit
from storage.checks import source_states
from storage.claim_flags import flags_on_claim
from storage.facts import fact_history

MOST_FLAGS = 40
"""On one page; the others follow."""

MOST_READINGS = 60


def claims(visit: Visit) -> Response:
    """Every claim, those that can do most harm first."""
    as_of = moment_asked(visit)
    with visit.desk.store.reading() as connection:
        knowledge = visit.desk.knowledge.of(connection, as_of=as_of)
        states = source_states(connection)
    lines, coverage = judged(visit, knowledge, as_of=as_of)
    filters = Filters(
        words=visit.text("q"),
        standing=visit.text("standing"),
        section=visit.text("section"),
        risk=visit.text("risk"),
        source=visit.text("source"),
        jurisdiction=visit.text("jurisdiction"),
        as_of=visit.text("as_of"),
    )
    found = listing(lines, filters, start=visit.number("from"))
    if as_of is None:
        due = tuple(replace(line, due=next_check(line.sources, states, now=visit.now)) for line in found.lines)
        found = replace(found, lines=due)
    asked = [(name, value) for name, value in visit.asked.multi_items() if isinstance(value, str) and name != "from"]
    return page(
        visit,
        "claims.html",
        listing=found,
        coverage=coverage,
        filters=filters,
        as_of=as_of,
        standings=[item.value for item in STANDINGS],
        risks=[item.value for item in Risk],
        query=urlencode([*asked, ("from", "")]),
        kept=urlencode([(name, value) for name, value in asked if name == "as_of" and value]),
    )


def claim(visit: Visit) -> Response:
    """One claim: what it says, what it expects and what was found, what it rests on, what was decided."""
    found = visit.desk.claims.get(visit.part("claim"))
    if found is None:
        raise Refusal(404, "There is no claim of that name.")
    as_of = moment_asked(visit)
    now, sources = as_of or visit.now, visit.desk.sources
    with visit.desk.store.reading() as connection:
        knowledge = visit.desk.knowledge.of(connection, as_of=as_of)
        states = source_states(connection)
        histories = {key: fact_history(connection, key, limit=MOST_READINGS) for key in keys_of(found)}
        flags, rest = flags_on_claim(connection, found.id, limit=MOST_FLAGS, after=place_from(visit.text("after")))
    judgement = judge_all((found,), knowledge, sources=sources, now=now)[0]
    view = claim_view(
        found,
        judgement,
        expectations_of(found, knowledge, sources=sources, now=now),
        known=knowledge.known,
        histories=histories,
        sources=sources,
        now=now,
    )
    return page(
        visit,
        "claim.html",
        view=view,
        flags=flags,
        after="" if rest is None else place_text(rest),
        paged=bool(visit.text("after")),
        kept=urlencode({"as_of": visit.text("as_of")}) if as_of else "",
        as_of=as_of,
        due=None if as_of else next_check(view.pages, states, now=visit.now),
        places=_places(visit, Line(claim=found, judgement=judgement, sources=())),
    )


def _places(visit: Visit, line: Line) -> list[tuple[str, str, tuple[Segment, ...]]] | None:
    """Where the claim stands in the guide: place, the heading above, the passage. None: there is no guide at hand."""
    guide = marked(visit)
    if guide is None:
        return None
    name = line.claim.id
    return [
        (f"p{at}", " › ".join(passage.block.path), excerpt(passage, line))
        for at, passage in enumerate(guide.passages)
        if name in passage.claims or name in passage.repeats
    ]
