"""The list of what is watched, with how each source stands."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import Response

from review.pages.sources import HEALTHS, Filters, line_of, listing
from review.templating import page
from review.visit import Visit
from storage.checks import source_states
from storage.histories import located_keys, open_flag_counts


def sources(visit: Visit) -> Response:
    """Every source, those that need a look first."""
    with visit.desk.store.reading() as connection:
        states = source_states(connection)
        located = located_keys(connection)
        flags = open_flag_counts(connection)
    filters = Filters(
        words=visit.text("q"),
        health=visit.text("health") if visit.text("health") in HEALTHS else "",
        jurisdiction=visit.text("jurisdiction"),
        authority=visit.text("authority"),
        grounding=visit.text("grounding"),
        flagged=visit.text("flagged") == "yes",
    )
    lines = (
        line_of(
            source,
            states.get(source.id),
            located=located.get(source.id, frozenset()),
            flags=flags.get(source.id, 0),
            now=visit.now,
        )
        for source in visit.desk.sources.values()
    )
    asked = [(name, value) for name, value in visit.asked.multi_items() if isinstance(value, str) and name != "from"]
    return page(
        visit,
        "sources.html",
        listing=listing(lines, filters, start=visit.number("from")),
        filters=filters,
        healths=HEALTHS,
        query=urlencode([*asked, ("from", "")]),
    )
