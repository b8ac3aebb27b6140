"""The guide, with every claim shown where it stands."""

from __future__ import annotations

from starlette.responses import Response

from review.endpoints.standing import judged, marked
from review.pages.guide import SHOWN, UNCOVERED, guide_view
from review.pages.ledger import STANDINGS
from review.templating import page
from review.visit import Visit


def guide(visit: Visit) -> Response:
    """The guide's text, statement by statement; how to name it where it is not at hand."""
    text = marked(visit)
    if text is None:
        return page(visit, "guide.html", view=None)
    with visit.desk.store.reading() as connection:
        knowledge = visit.desk.knowledge.of(connection)
    lines, coverage = judged(visit, knowledge)
    show = visit.text("show") if visit.text("show") in SHOWN else ""
    return page(
        visit,
        "guide.html",
        view=guide_view(text, lines, show=show),
        coverage=coverage,
        show=show,
        standings=[item.value for item in STANDINGS],
        uncovered=UNCOVERED,
    )
