"""The first page, and the word to machines that ask whether the desk is up."""

from __future__ import annotations

from starlette.responses import PlainTextResponse, Response

from review.templating import page
from review.visit import Visit
from storage.runs import last_cycle


def home(visit: Visit) -> Response:
    """Is it alive, what needs me, what changed, what we cannot tell."""
    with visit.desk.store.reading() as connection:
        cycle = last_cycle(connection)
    return page(visit, "home.html", cycle=cycle)


def health(visit: Visit) -> Response:
    """`ok` where the desk answers and its store can be read."""
    with visit.desk.store.reading() as connection:
        last_cycle(connection)
    return PlainTextResponse("ok\n")
