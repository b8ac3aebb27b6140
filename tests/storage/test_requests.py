"""Requests of people: one waiting for the same, taken by one, answered by whoever holds it, given back at a stop."""

from __future__ import annotations

from datetime import timedelta

from domain.requests import Proposal, ProposedFact, RequestKind, RequestState
from storage.requests import (
    answer,
    ask,
    give_back,
    is_waiting,
    list_requests,
    load_request,
    proposal_of,
    proposal_text,
    take,
    unfinished,
)
from storage.store import Connection, Store
from tests.storage.builders import NOW

LEASE = timedelta(minutes=5)


def asked(connection: Connection, subject: str = "fees", kind: RequestKind = RequestKind.CHECK) -> int:
    return ask(connection, kind=kind, subject=subject, by="ana", now=NOW)


def test_whoever_asks_for_what_waits_or_is_under_way_joins_it_until_it_is_answered(store: Store) -> None:
    with store.writing() as connection:
        first = asked(connection)
        assert asked(connection) == first
        assert asked(connection, "other") != first
        assert asked(connection, kind=RequestKind.LOOK) != first
        taken = take(connection, owner="one", now=NOW, lease=LEASE)
        assert taken is not None
        assert asked(connection) == first
        assert answer(connection, taken, state=RequestState.DONE, result="1", now=NOW)
        assert asked(connection) != first
        assert len(list_requests(connection, limit=10)) == 4


def test_a_request_is_one_owners_until_its_lease_is_over(store: Store) -> None:
    with store.writing() as connection:
        number = asked(connection)
        assert is_waiting(connection, now=NOW)
        mine = take(connection, owner="one", now=NOW, lease=LEASE)
        assert mine is not None
        assert not is_waiting(connection, now=NOW)
        assert take(connection, owner="two", now=NOW, lease=LEASE) is None
        assert is_waiting(connection, now=NOW + LEASE)
        theirs = take(connection, owner="two", now=NOW + LEASE, lease=LEASE)
        assert theirs is not None
        assert theirs.fence == mine.fence + 1
        assert not answer(connection, mine, state=RequestState.DONE, result="1", now=NOW)
        assert answer(connection, theirs, state=RequestState.DONE, result="2", now=NOW + LEASE)
        assert not answer(connection, theirs, state=RequestState.FAILED, result="3", now=NOW + LEASE)
        done = load_request(connection, number)
        assert done is not None
        assert (done.state, done.result, done.finished_at) == (RequestState.DONE, "2", NOW + LEASE)


def test_a_stop_gives_back_what_was_its_own_and_its_late_answer_counts_no_more(store: Store) -> None:
    with store.writing() as connection:
        number = asked(connection)
        asked(connection, "other")
        mine = take(connection, owner="one", now=NOW, lease=LEASE)
        theirs = take(connection, owner="two", now=NOW, lease=LEASE)
        assert mine is not None
        assert theirs is not None
        assert give_back(connection, "one") == 1
        assert give_back(connection, "one") == 0
        assert not answer(connection, mine, state=RequestState.DONE, result="1", now=NOW)
        assert asked(connection) == number
        assert answer(connection, theirs, state=RequestState.FAILED, result="no", now=NOW)


def test_what_is_not_finished_can_be_found(store: Store) -> None:
    with store.writing() as connection:
        assert unfinished(connection, kind=RequestKind.CHECK, subject="fees") is None
        number = asked(connection)
        waiting = unfinished(connection, kind=RequestKind.CHECK, subject="fees")
        assert waiting is not None
        assert waiting.id == number
        assert unfinished(connection, kind=RequestKind.LOOK, subject="fees") is None
        taken = take(connection, owner="one", now=NOW, lease=LEASE)
        assert taken is not None
        running = unfinished(connection, kind=RequestKind.CHECK, subject="fees")
        assert running is not None
        assert running.state is RequestState.RUNNING
        answer(connection, taken, state=RequestState.DONE, result="1", now=NOW)
        assert unfinished(connection, kind=RequestKind.CHECK, subject="fees") is None


def test_a_proposal_comes_back_as_it_was_whatever_the_page_held(store: Store) -> None:
    proposal = Proposal(
        url="https://office.example/",
        final_url="https://office.example/é",
        title="Fees \u202e \ud800",
        media="html",
        blocks=3,
        head="  - id: fees\n",
        facts=(ProposedFact(key="fee", entry="      - key: fee\n", value="CAD 1", quote="a\x00b", locator="Fees"),),
        outline=((1, "Fees"), (2, "When")),
    )
    with store.writing() as connection:
        number = asked(connection, kind=RequestKind.LOOK)
        taken = take(connection, owner="one", now=NOW, lease=LEASE)
        assert taken is not None
        answer(connection, taken, state=RequestState.DONE, result=proposal_text(proposal), now=NOW)
        kept = load_request(connection, number)
    assert kept is not None
    found = proposal_of(kept.result)
    assert (found.url, found.outline, found.facts[0].key) == (proposal.url, proposal.outline, "fee")
    assert found.entry({"fee"}) == "  - id: fees\n    facts:\n      - key: fee\n"
    assert found.entry(()) == "  - id: fees\n"
