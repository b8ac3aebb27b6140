"""Any two captures of a source compared by its rules, in a process that can be killed."""

from __future__ import annotations

from starlette.responses import Response

from domain.errors import SourceError
from review.endpoints.captures import capture_named
from review.endpoints.source import chosen_source
from review.pages.comparing import compared
from review.templating import page
from review.visit import Visit


def compare(visit: Visit) -> Response:
    """Verdict, block changes with their words marked, values, facts. Nothing is recorded."""
    source = chosen_source(visit)
    with visit.desk.store.reading() as connection:
        before = capture_named(connection, visit.text("before"), source=source.id)
        after = capture_named(connection, visit.text("after"), source=source.id)
    view, problem = None, ""
    try:
        view = compared(visit.desk.reader.comparison(source, before, after), noise=visit.text("noise") == "yes")
    except SourceError as error:
        problem = f"{error.cause}: {error.detail}" if error.detail else error.cause
    return page(visit, "compare.html", source=source, before=before, after=after, view=view, problem=problem)
