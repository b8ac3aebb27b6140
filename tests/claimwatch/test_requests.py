"""What people ask of the running service: answered once, in a slot of its own, through the gate, whatever happens."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from claimwatch.config.entries import read_entry
from claimwatch.requests import LEASE, MOST_TRIES, answer_request
from claimwatch.schedule import Service
from domain.checks import Outcome
from domain.requests import RequestKind, RequestState, VisitRequest
from storage.checks import recent_checks
from storage.requests import TakenRequest, ask, load_request, proposal_of, take
from storage.slots import claim_slot
from storage.store import Store
from tests.claimwatch.test_schedule import Clock, run, turn
from tests.site import Answer, Site, fee_page, page, site, source

OTHERS = "another service"


def asked(store: Store, clock: Clock, subject: str = "widgets", kind: RequestKind = RequestKind.CHECK) -> int:
    with store.writing() as connection:
        return ask(connection, kind=kind, subject=subject, by="ana", now=clock())


def taken_by(store: Store, clock: Clock, owner: str) -> TakenRequest:
    with store.writing() as connection:
        taken = take(connection, owner=owner, now=clock(), lease=LEASE)
    assert taken is not None
    return taken


def state(store: Store, number: int) -> VisitRequest:
    with store.reading() as connection:
        found = load_request(connection, number)
    assert found is not None
    return found


async def answered(service: Service) -> None:
    await service.take_requests()
    await service.idle()


def look(pages: Site, store: Store, address: str) -> VisitRequest:
    """What came of a look at an address, asked of a service that may reach this site and nothing else that is private."""
    number = 0

    async def story(service: Service, clock: Clock) -> None:
        nonlocal number
        number = asked(store, clock, address, RequestKind.LOOK)
        await answered(service)

    run(pages, store, (source(pages),), story)
    return state(store, number)


def test_a_check_that_was_asked_for_is_made_in_a_slot_of_its_own(pages: Site, store: Store) -> None:
    async def story(service: Service, clock: Clock) -> None:
        await turn(service)
        clock.moment += timedelta(hours=1, microseconds=7)
        number = asked(store, clock)
        await answered(service)
        await answered(service)
        done = state(store, number)
        with store.reading() as connection:
            newest, *older = recent_checks(connection, "widgets")
        assert done.state is RequestState.DONE
        assert done.result == str(newest.id)
        assert newest.slot == done.asked_at == clock.moment
        assert len(older) == 1
        await turn(service)
        clock.moment += timedelta(hours=12)
        await turn(service)
        with store.reading() as connection:
            assert len(recent_checks(connection, "widgets")) == 3

    run(pages, store, (source(pages),), story)


def test_whoever_takes_over_finds_the_visit_that_was_made(pages: Site, store: Store) -> None:
    """The service died after its visit was recorded and before the request was answered."""

    async def story(service: Service, clock: Clock) -> None:
        number = asked(store, clock)
        dead = taken_by(store, clock, OTHERS)
        await answer_request(dead, desk=service.desk, owner=OTHERS)
        with store.writing() as connection:
            connection.exec_driver_sql("UPDATE requests SET state = 'running', result = '', finished_at = NULL")
        await answered(service)
        assert state(store, number).state is RequestState.RUNNING
        clock.moment += LEASE
        with store.writing() as connection:
            connection.exec_driver_sql("UPDATE requests SET lease_until = '2000-01-01T00:00:00.000000Z'")
        await answered(service)
        with store.reading() as connection:
            checks = recent_checks(connection, "widgets")
        assert len(checks) == 1
        assert state(store, number).result == str(checks[0].id)

    run(pages, store, (source(pages),), story)


def test_a_service_that_died_before_its_visit_is_taken_over_after_its_lease(pages: Site, store: Store) -> None:
    async def story(service: Service, clock: Clock) -> None:
        number = asked(store, clock)
        dead = taken_by(store, clock, OTHERS)
        with store.writing() as connection:
            claim_slot(
                connection,
                "widgets",
                dead.request.asked_at,
                owner=OTHERS,
                now=clock(),
                lease=LEASE - timedelta(minutes=1),
            )
        await answered(service)
        assert state(store, number).state is RequestState.RUNNING
        clock.moment += LEASE
        await answered(service)
        assert state(store, number).state is RequestState.DONE
        await answer_request(dead, desk=service.desk, owner=OTHERS)
        with store.reading() as connection:
            assert len(recent_checks(connection, "widgets")) == 1

    run(pages, store, (source(pages),), story)


def test_a_request_that_never_ends_is_given_up(pages: Site, store: Store) -> None:
    async def story(service: Service, clock: Clock) -> None:
        number = asked(store, clock)
        for _ in range(MOST_TRIES):
            taken_by(store, clock, OTHERS)
            clock.moment += LEASE
        await answered(service)
        assert state(store, number).state is RequestState.FAILED
        assert "given up" in state(store, number).result

    run(pages, store, (source(pages),), story)


def test_a_stop_gives_back_what_is_not_answered_and_begins_nothing(pages: Site, store: Store) -> None:
    async def story(service: Service, clock: Clock) -> None:
        number = asked(store, clock)
        taken_by(store, clock, service.owner)
        service.stop()
        await service._drain()
        assert state(store, number).state is RequestState.WAITING
        await answered(service)
        assert state(store, number).state is RequestState.WAITING
        again = asked(store, clock)
        assert again == number

    run(pages, store, (source(pages),), story)


def test_a_source_under_way_is_let_end_and_is_not_visited_twice_at_once(pages: Site, store: Store) -> None:
    async def story(service: Service, clock: Clock) -> None:
        clock.moment += timedelta(microseconds=3)
        number = asked(store, clock)
        await service.tick()
        await service.take_requests()
        await service.tick()
        await service.idle()
        with store.reading() as connection:
            second, first = recent_checks(connection, "widgets")
        assert state(store, number).result == str(second.id)
        assert first.finished_at <= second.finished_at
        assert second.outcome is Outcome.UNCHANGED

    run(pages, store, (source(pages),), story)


def test_a_source_that_is_not_watched_is_said_so(pages: Site, store: Store) -> None:
    async def story(service: Service, clock: Clock) -> None:
        number = asked(store, clock, "nobody")
        await answered(service)
        assert state(store, number).state is RequestState.FAILED
        assert "no source nobody" in state(store, number).result

    run(pages, store, (source(pages),), story)


def test_a_page_that_fails_is_a_check_like_any_other(pages: Site, store: Store) -> None:
    pages.pages["/fee"] = Answer("", status=500)

    async def story(service: Service, clock: Clock) -> None:
        number = asked(store, clock)
        await answered(service)
        with store.reading() as connection:
            newest = recent_checks(connection, "widgets")[0]
        assert (state(store, number).state, newest.outcome) == (RequestState.DONE, Outcome.FAILED)

    run(pages, store, (source(pages),), story)


def test_a_look_proposes_an_entry_that_reads_the_page(pages: Site, store: Store) -> None:
    pages.pages["/news/fees-2026.html"] = Answer(fee_page("$1,250"))
    done = look(pages, store, pages.url("/news/fees-2026.html"))
    assert done.state is RequestState.DONE
    proposal = proposal_of(done.result)
    assert proposal.title == "Widget licences"
    assert (2, "Fee") in proposal.outline
    fee = next(fact for fact in proposal.facts if fact.value == "CAD 1,250")
    assert "$1,250" in fee.quote
    chosen = read_entry(proposal.entry({fee.key}))
    assert (chosen.id, chosen.url) == ("fees-2026", pages.url("/news/fees-2026.html"))
    assert [rule.key for rule in chosen.rules] == [fee.key]
    whole = read_entry(proposal.entry({fact.key for fact in proposal.facts}))
    assert len(whole.rules) == len(proposal.facts)
    assert read_entry(proposal.entry(())).rules == ()


def test_a_look_names_no_source_that_there_is(pages: Site, store: Store) -> None:
    pages.pages["/widgets"] = Answer(fee_page("$1,250"))
    assert "id: widgets-2" in proposal_of(look(pages, store, pages.url("/widgets")).result).head


@pytest.mark.parametrize(
    ("address", "cause"),
    [
        ("http://127.0.0.1:{other}/", "port-refused"),
        ("http://[::1]:80/", "address-refused"),
        ("http://127.0.0.1/", "address-refused"),
        ("http://[::ffff:127.0.0.1]/", "address-refused"),
        ("http://169.254.169.254/latest/meta-data/", "address-refused"),
        ("http://10.0.0.1/", "address-refused"),
        ("http://192.168.1.1/", "address-refused"),
        ("http://0.0.0.0/", "address-refused"),
        ("http://2130706433/", "url-refused"),
        ("http://0x7f.1/", "url-refused"),
        ("http://user:secret@127.0.0.1/", "url-refused"),
        ("file:///etc/passwd", "url-refused"),
        ("gopher://127.0.0.1/", "url-refused"),
    ],
)
def test_a_look_reaches_nothing_private(pages: Site, store: Store, address: str, cause: str) -> None:
    with site() as other:
        other.pages["/"] = Answer(page("<p>secret</p>"))
        done = look(pages, store, address.format(other=other.port))
        assert (done.state, done.result.split(":")[0]) == (RequestState.FAILED, cause)
        assert other.requests == []


@pytest.mark.parametrize("to", ["http://127.0.0.1:{other}/", "http://169.254.169.254/latest/", "file:///etc/passwd"])
def test_a_look_is_led_to_nothing_private(pages: Site, store: Store, to: str) -> None:
    with site() as other:
        pages.pages["/led"] = Answer("", status=302, headers={"Location": to.format(other=other.port)})
        done = look(pages, store, pages.url("/led"))
        assert done.state is RequestState.FAILED
        assert done.result.split(":")[0] in ("address-refused", "port-refused", "url-refused", "redirect")
        assert other.requests == []


def test_a_look_obeys_robots_and_says_what_is_no_page(pages: Site, store: Store) -> None:
    pages.pages["/robots.txt"] = Answer("User-agent: *\nDisallow: /private", headers={"Content-Type": "text/plain"})
    pages.pages["/private/fees"] = Answer(fee_page("$1,250"))
    assert look(pages, store, pages.url("/private/fees")).result.startswith("robots")
    assert [path for path, _ in pages.requests] == ["/robots.txt"]
    pages.pages["/gone"] = Answer("", status=410)
    assert look(pages, store, pages.url("/gone")).result.startswith("gone")


def test_the_running_service_answers_by_itself(pages: Site, store: Store) -> None:
    async def story(service: Service, clock: Clock) -> None:
        clock.moment = datetime.now(UTC)
        number = asked(store, clock)
        running = asyncio.create_task(service.run())
        for _ in range(1000):
            await asyncio.sleep(0.02)
            if state(store, number).state is RequestState.DONE:
                break
        assert state(store, number).state is RequestState.DONE
        service.stop()
        await running

    run(pages, store, (source(pages),), story)
