"""The service: APScheduler is the clock, the database knows what is due.

A tick asks which slots are due, claims each with a lease and a fence, and visits; another job takes up what people
asked for. Nothing is kept in memory that a restart would lose: an abandoned lease is taken again, a missed slot is
caught up once and counted.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from claimwatch.requests import SLOT_LEASE, answer_request, take_one
from domain.errors import ClaimwatchError
from domain.requests import RequestKind
from domain.sources import Source
from monitor.check import Desk, visit
from monitor.due import Due, due_slot
from storage.requests import TakenRequest
from storage.requests import give_back as give_back_requests
from storage.runs import record_cycle
from storage.slots import Claimed, claim_slot, give_back, last_slots

log = structlog.get_logger()

LEASE = SLOT_LEASE
"""How long a claimed slot is left to its owner; longer than any visit with its confirmation can take."""

DRAIN = timedelta(seconds=30)
"""How long a stop waits for visits under way. What is not finished by then is taken up again after the restart."""


PULSE_WITHIN = timedelta(minutes=2)
"""How recent the last completed tick must be for the outside to be told that all is well."""


def _nothing() -> None:
    """There are no channels."""


async def _no_ping() -> None:
    """Nobody outside is told."""


@dataclass(slots=True, kw_only=True)
class Service:
    """The running service. `post` composes digests and hands mail over, `tell` tells channels; each must bear being
    called at any time, twice, and neither waits for the other.

    ping: tells the outside that the service is alive. It is called only after completed work: a recent tick that left
    no due source waiting, and no visit that should have been over long ago. A service that hangs falls silent.
    """

    desk: Desk
    owner: str
    post: Callable[[], None]
    tell: Callable[[], None] = _nothing
    tick_every: timedelta = timedelta(seconds=5)
    post_every: timedelta = timedelta(minutes=1)
    ping: Callable[[], Awaitable[None]] = _no_ping
    ping_every: timedelta = timedelta(minutes=1)
    ask_every: timedelta = timedelta(seconds=2)
    most_visits: int = 32
    _under_way: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _begun: dict[str, datetime] = field(default_factory=dict)
    _asked_for: set[str] = field(default_factory=set)
    _caught_up_at: datetime | None = None
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT, then drain."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self.stop)
        clock = AsyncIOScheduler(timezone="UTC")
        for job, every in (
            (self.tick, self.tick_every),
            (self.take_requests, self.ask_every),
            (self._post, self.post_every),
            (self._tell, self.post_every),
            (self.pulse, self.ping_every),
        ):
            clock.add_job(
                job,
                "interval",
                seconds=every.total_seconds(),
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
                next_run_time=self.desk.now(),
            )
        clock.start()
        log.info("service started", sources=len(self.desk.sources), owner=self.owner)
        await self._stopping.wait()
        clock.shutdown(wait=False)
        await self._drain()
        log.info("service stopped")

    def stop(self) -> None:
        """Begin no new visit; `run` returns once those under way are done or the drain time is over."""
        self._stopping.set()

    async def tick(self) -> None:
        """Start a visit for every source that is due and not already being visited."""
        started = left = 0
        for source, due in await asyncio.to_thread(self._due):
            if self._stopping.is_set() or len(self._under_way) >= self.most_visits:
                left += 1
                continue
            claimed = await asyncio.to_thread(self._claim, source, due)
            if claimed is not None:
                self._begun[source.id] = self.desk.now()
                self._under_way[source.id] = asyncio.create_task(self._visit(source, due, claimed))
                started += 1
        await asyncio.to_thread(self._beat, started)
        if not left:
            self._caught_up_at = self.desk.now()

    async def take_requests(self) -> None:
        """Begin to answer every request that waits, as far as there is room."""
        while not self._stopping.is_set() and len(self._under_way) < self.most_visits:
            taken = await asyncio.to_thread(take_one, self.desk, self.owner)
            if taken is None:
                return
            name = f"request {taken.request.id}"
            self._begun[name] = self.desk.now()
            self._under_way[name] = asyncio.create_task(self._answer(name, taken))

    async def pulse(self) -> None:
        """Tell the outside that the service is alive, if its work says so."""
        now = self.desk.now()
        ticking = self._caught_up_at is not None and now - self._caught_up_at <= PULSE_WITHIN
        if ticking and all(now - begun <= LEASE for begun in self._begun.values()):
            await self.ping()

    async def idle(self) -> None:
        """Wait until no visit and no answer is under way."""
        while self._under_way:
            await asyncio.wait(tuple(self._under_way.values()))

    def _due(self) -> list[tuple[Source, Due]]:
        """Every source that is due and not being visited, longest overdue first."""
        now = self.desk.now()
        with self.desk.store.reading() as connection:
            answered = last_slots(connection)
        due = [
            (source, slot)
            for source in self.desk.sources.values()
            if source.enabled
            and source.id not in self._under_way
            and source.id not in self._asked_for
            and (slot := due_slot(source.cadence, source=source.id, last_slot=answered.get(source.id), now=now))
        ]
        return sorted(due, key=lambda item: item[1].slot)

    def _claim(self, source: Source, due: Due) -> Claimed | None:
        with self.desk.store.writing() as connection:
            return claim_slot(connection, source.id, due.slot, owner=self.owner, now=self.desk.now(), lease=LEASE)

    async def _visit(self, source: Source, due: Due, claim: Claimed) -> None:
        try:
            recorded = await visit(source, slot=due.slot, desk=self.desk, fence=claim.fence, missed=due.missed)
            check = recorded.check
            log.info(
                "checked",
                source=source.id,
                slot=due.slot.isoformat(),
                outcome=check.outcome.value,
                reason=check.reason,
                flags=len(recorded.flags),
                missed=due.missed,
                seconds=round((check.finished_at - check.started_at).total_seconds(), 3),
            )
        except ClaimwatchError as error:
            log.error("visit not recorded", source=source.id, slot=due.slot.isoformat(), error=str(error))
        finally:
            self._under_way.pop(source.id, None)
            self._begun.pop(source.id, None)

    async def _answer(self, name: str, taken: TakenRequest) -> None:
        asked = taken.request.subject if taken.request.kind is RequestKind.CHECK else name
        try:
            # A visit to the same source that is under way is let end first, so that no host is asked twice at once.
            if (visiting := self._under_way.get(asked)) is not None and asked != name:
                await asyncio.wait((visiting,))
            self._asked_for.add(asked)
            await answer_request(taken, desk=self.desk, owner=self.owner)
        finally:
            self._asked_for.discard(asked)
            self._under_way.pop(name, None)
            self._begun.pop(name, None)

    async def _post(self) -> None:
        if not self._stopping.is_set():
            await asyncio.to_thread(self.post)

    async def _tell(self) -> None:
        if not self._stopping.is_set():
            await asyncio.to_thread(self.tell)

    def _beat(self, started: int) -> None:
        now = self.desk.now()
        with self.desk.store.writing() as connection:
            record_cycle(connection, now=now, owner=self.owner, started=started, under_way=len(self._under_way))

    async def _drain(self) -> None:
        if self._under_way:
            _, late = await asyncio.wait(tuple(self._under_way.values()), timeout=DRAIN.total_seconds())
            for task in late:
                task.cancel()
        await asyncio.to_thread(self._give_back)

    def _give_back(self) -> None:
        with self.desk.store.writing() as connection:
            give_back(connection, self.owner, now=self.desk.now())
            give_back_requests(connection, self.owner)
