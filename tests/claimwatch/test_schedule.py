"""The schedule under a clock that jumps and a site that misbehaves: one record for each due slot, whatever happens."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from claimwatch.commands.service import ping
from claimwatch.schedule import Service
from domain.sources import Cadence, Source
from monitor.check import Desk
from monitor.due import due_slot
from monitor.workers import Workers
from outbound.client import Client
from outbound.policy import policy_from
from storage.checks import recent_checks
from storage.runs import last_cycle
from storage.slots import claim_slot
from storage.store import Store
from tests.site import START, Answer, Site, claim, source

HALF_A_DAY = timedelta(hours=12)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        return self.moment


def run(
    pages: Site, store: Store, sources: tuple[Source, ...], story: Callable[[Service, Clock], Awaitable[None]]
) -> None:
    """Tell a story to a service that ticks only when the story says so."""

    async def tell() -> None:
        clock = Clock()
        policy = policy_from(user_agent="test", allow_addresses=f"127.0.0.1:{pages.port}", per_host_spacing=0)
        with Workers(1) as workers:
            async with Client(replace(policy, total_deadline=2, patience=0.1)) as client:
                desk = Desk(
                    client=client,
                    store=store,
                    workers=workers,
                    sources={item.id: item for item in sources},
                    claims=(claim(),),
                    now=clock,
                )
                await story(Service(desk=desk, owner="test", post=lambda: None), clock)

    asyncio.run(tell())


def slots(store: Store, name: str = "widgets") -> list[datetime]:
    with store.reading() as connection:
        return [line.slot for line in reversed(recent_checks(connection, name, limit=1000))]


async def turn(service: Service) -> None:
    await service.tick()
    await service.idle()


def test_each_due_slot_has_one_record_and_a_restless_clock_makes_no_more(pages: Site, store: Store) -> None:
    async def story(service: Service, clock: Clock) -> None:
        for _ in range(3):
            await turn(service)
        assert len(slots(store)) == 1
        clock.moment += HALF_A_DAY
        await turn(service)
        clock.moment -= timedelta(days=3)
        await turn(service)
        assert len(slots(store)) == 2
        clock.moment += timedelta(days=3)
        await turn(service)
        assert len(slots(store)) == 2

    run(pages, store, (source(pages),), story)


def test_an_outage_is_caught_up_once_and_counted(pages: Site, store: Store) -> None:
    async def story(service: Service, clock: Clock) -> None:
        await turn(service)
        clock.moment += timedelta(days=5)
        await turn(service)
        with store.reading() as connection:
            newest = recent_checks(connection, "widgets")[0]
        assert len(slots(store)) == 2
        assert newest.missed_slots == 9

    run(pages, store, (source(pages),), story)


def test_a_month_with_a_change_of_the_clock_leaves_exactly_the_slots_that_were_due(pages: Site, store: Store) -> None:
    mornings = replace(source(pages), cadence=Cadence(cron="30 2 * * *", timezone="America/Toronto"))

    async def story(service: Service, clock: Clock) -> None:
        clock.moment = datetime.fromisoformat("2026-10-25T12:00:00+00:00")
        await turn(service)
        for _ in range(14 * 24):
            clock.moment += timedelta(hours=1)
            await turn(service)

    run(pages, store, (mornings,), story)
    found = slots(store)
    assert len(found) == 15
    assert len(set(found)) == 15
    assert {later - earlier for earlier, later in pairwise(found)} == {
        timedelta(hours=24),
        timedelta(hours=25),
    }


def test_a_site_that_misbehaves_leaves_its_record_and_holds_nobody_up(pages: Site, store: Store) -> None:
    good = source(pages)
    refused = replace(source(pages, "/gone", name="gone"), url="http://127.0.0.1:1/gone")
    broken = source(pages, "/broken", name="broken")
    pages.pages["/broken"] = Answer("", status=500)

    async def story(service: Service, clock: Clock) -> None:
        for _ in range(4):
            await turn(service)
            clock.moment += HALF_A_DAY

    run(pages, store, (good, refused, broken), story)
    for name in ("widgets", "gone", "broken"):
        assert len(slots(store, name)) == 4
    with store.reading() as connection:
        assert {line.outcome.value for line in recent_checks(connection, "broken")} == {"failed"}
        assert {line.outcome.value for line in recent_checks(connection, "widgets")} <= {"good", "unchanged"}


def test_a_slot_that_another_holds_is_left_alone_until_its_lease_is_over(pages: Site, store: Store) -> None:
    chosen = source(pages)

    async def story(service: Service, clock: Clock) -> None:
        clock.moment += timedelta(hours=1)
        due = due_slot(chosen.cadence, source=chosen.id, last_slot=None, now=clock())
        assert due is not None
        with store.writing() as connection:
            claim_slot(connection, chosen.id, due.slot, owner="other", now=clock(), lease=timedelta(minutes=10))
        await turn(service)
        assert slots(store) == []
        clock.moment += timedelta(minutes=11)
        await turn(service)
        assert slots(store) == [due.slot]

    run(pages, store, (chosen,), story)


def test_the_pulse_is_recorded_and_a_stopped_service_begins_nothing(pages: Site, store: Store) -> None:
    async def story(service: Service, clock: Clock) -> None:
        await turn(service)
        with store.reading() as connection:
            cycle = last_cycle(connection)
        assert cycle is not None
        assert cycle.at == clock.moment
        service.stop()
        clock.moment += HALF_A_DAY
        await turn(service)
        assert len(slots(store)) == 1

    run(pages, store, (source(pages),), story)


def test_the_outside_hears_of_completed_work_only(pages: Site, store: Store) -> None:
    heard: list[datetime] = []

    async def story(service: Service, clock: Clock) -> None:
        async def ping() -> None:
            heard.append(clock())

        service.ping = ping
        await service.pulse()
        assert heard == []
        await turn(service)
        await service.pulse()
        assert heard == [START]
        clock.moment += timedelta(minutes=10)
        await service.pulse()
        assert heard == [START]
        service.most_visits = 0
        clock.moment += HALF_A_DAY
        await turn(service)
        await service.pulse()
        assert heard == [START]

    run(pages, store, (source(pages),), story)


def test_a_ping_goes_out_and_its_failure_hurts_nothing(pages: Site, store: Store) -> None:
    pages.pages["/ping"] = Answer("ok")

    async def story(service: Service, clock: Clock) -> None:
        await ping(pages.url("/ping"), service.desk.client)()
        await ping("http://127.0.0.1:1/ping", service.desk.client)()
        await ping("", service.desk.client)()

    run(pages, store, (source(pages),), story)
    assert [path for path, _ in pages.requests] == ["/ping"]


def test_a_channel_that_does_not_answer_keeps_no_mail_waiting(pages: Site, store: Store) -> None:
    """The telling of channels ends only when mail went out twice meanwhile."""

    async def story(service: Service, clock: Clock) -> None:
        posted, often = threading.Semaphore(0), []
        clock.moment = datetime.now(UTC)  # the job store makes up for every run since the time that it is told

        def tell() -> None:
            often.append(posted.acquire(timeout=60) and posted.acquire(timeout=60))
            loop.call_soon_threadsafe(service.stop)

        loop = asyncio.get_running_loop()
        service.post, service.tell, service.post_every = posted.release, tell, timedelta(seconds=0.05)
        await service.run()
        assert often == [True]

    run(pages, store, (), story)
