"""The first page, the page that anybody may see, and the word to machines that ask whether the desk is up."""

from __future__ import annotations

from starlette.responses import PlainTextResponse, Response

from domain.people import Role
from domain.queue import Wanted
from review.endpoints.standing import judged
from review.pages.home import (
    HELD,
    MOST_SHOWN,
    changes_of,
    coming,
    pulse_of,
    source_lines,
    stale_facts,
    unreadable,
)
from review.pages.queue import line_of
from review.templating import page
from review.visit import Visit
from storage.checks import source_states
from storage.deliveries import BY_MAIL
from storage.delivery_lists import count_deliveries, pause_of
from storage.listings import newest_confirmed
from storage.queue import queue_counts, queue_page
from storage.runs import last_cycle

_MOST_LOOKED_AT = 50
"""Flags among which the changes of this week are looked for."""


def home(visit: Visit) -> Response:
    """Is it alive, what needs me, what changed, what we cannot tell, what is coming."""
    desk, now = visit.desk, visit.now
    with desk.store.reading() as connection:
        cycle, states = last_cycle(connection), source_states(connection)
        knowledge = desk.knowledge.of(connection)
        counts = queue_counts(connection, mine=visit.viewer.name, now=now)
        first = queue_page(connection, Wanted(resting=False), now=now, limit=5)
        newest = newest_confirmed(connection, limit=_MOST_LOOKED_AT)
        deliveries, paused = count_deliveries(connection), pause_of(connection, BY_MAIL, now=now)
    _, coverage = judged(visit, knowledge)
    lines = source_lines(desk.sources, states, now=now)
    claims = tuple(desk.claims.values())
    changes = changes_of(newest, desk.sources, now=now)
    return page(
        visit,
        "home.html",
        pulse=pulse_of(None if cycle is None else cycle.at, lines, now=now),
        counts=counts,
        first=[line_of(case, desk.sources, desk.claims, now=now) for case in first.cases],
        coverage=coverage,
        changes=changes[:MOST_SHOWN],
        changed=len(changes),
        unreadable=unreadable(lines),
        watched=len(lines),
        never=sum(1 for line in lines if line.health == "never"),
        stale=stale_facts(knowledge.known, claims, desk.sources, now=now),
        coming=coming(knowledge.known, claims, desk.sources, now=now),
        held={state.value: deliveries[state] for state in HELD if deliveries[state]},
        paused=paused,
        most=MOST_SHOWN,
    )


def status(visit: Visit) -> Response:
    """How the watching stands, for anybody where the settings allow it, else for whoever is in. It names no person."""
    if not visit.desk.access.public_status and not visit.may(Role.VIEWER):
        return visit.sign_in_first()
    desk, now = visit.desk, visit.now
    with desk.store.reading() as connection:
        cycle, states = last_cycle(connection), source_states(connection)
        knowledge = desk.knowledge.of(connection)
        counts = queue_counts(connection, mine="", now=now)
    _, coverage = judged(visit, knowledge)
    lines = source_lines(desk.sources, states, now=now)
    return page(
        visit,
        "status.html",
        pulse=pulse_of(None if cycle is None else cycle.at, lines, now=now),
        coverage=coverage,
        counts=counts,
        unreadable=unreadable(lines),
        watched=len(lines),
        read=sum(1 for line in lines if line.state is not None and line.health != "trouble"),
        never=sum(1 for line in lines if line.health == "never"),
        stale=len(stale_facts(knowledge.known, (), desk.sources, now=now)),
        coming=coming(knowledge.known, desk.claims.values(), desk.sources, now=now),
    )


def health(visit: Visit) -> Response:
    """`ok` where the desk answers and its store can be read."""
    with visit.desk.store.reading() as connection:
        last_cycle(connection)
    return PlainTextResponse("ok\n")
