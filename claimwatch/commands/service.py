"""`watch`: the service in one process on one machine."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext

import structlog

from claimwatch.commands.channels import deliver as deliver_to_channels
from claimwatch.commands.mail import compose_quietly, deliver
from claimwatch.commands.web import open_desk
from claimwatch.home import Home
from claimwatch.log import set_up
from claimwatch.schedule import Service
from domain.errors import ClaimwatchError, ConfigError, SourceError
from monitor.check import Desk
from monitor.workers import Workers
from outbound.client import Client
from review.serve import serving
from storage.store import Store

log = structlog.get_logger()


def watch(home: Home, *, with_web: bool) -> None:
    """Run until SIGTERM or SIGINT; the review desk is part of it where it can be opened, else the log says why not."""
    set_up(logging.INFO)
    with _review_desk(home) if with_web else nullcontext():
        asyncio.run(run_service(home))


@contextmanager
def _review_desk(home: Home) -> Iterator[None]:
    """Visits and digests do not wait for the desk: one that cannot be opened is said, and the rest runs."""
    try:
        desk, at = open_desk(home)
    except ConfigError as error:
        for problem in error.problems:
            log.warning("the review desk is off", reason=problem.message)
        yield
        return
    log.info("the review desk is open", url=desk.access.base_url)
    with serving(desk, at):
        yield


async def run_service(home: Home) -> None:
    """Visits, digests and pings, until SIGTERM or SIGINT."""
    store: Store = home.store()
    with Workers() as workers:
        async with Client(home.policy()) as client:
            desk = Desk(
                client=client,
                store=store,
                workers=workers,
                sources=home.sources,
                claims=home.config.claims,
                now=home.now,
            )
            service = Service(
                desk=desk,
                owner=f"{socket.gethostname()}:{os.getpid()}",
                post=post(home),
                tell=tell(home),
                ping=ping(home.settings.ping_url, client),
            )
            await service.run()


def post(home: Home) -> Callable[[], None]:
    """What the service calls to compose digests and hand mail over; a fault is logged and tried again at the next call."""

    def mail() -> None:
        if home.settings.smtp_url:
            deliver(home)

    return _each(lambda: compose_quietly(home), mail)


def tell(home: Home) -> Callable[[], None]:
    """What the service calls to tell channels, apart from mail: a slow channel keeps no mail waiting, nor the other
    way round."""
    return _each(lambda: deliver_to_channels(home))


def _each(*steps: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        for step in steps:
            try:
                step()
            except ClaimwatchError as error:
                log.error("digests not sent", error=str(error))

    return run


def ping(url: str, client: Client) -> Callable[[], Awaitable[None]]:
    """What the service calls as a dead man's switch; that it could not be reached is logged and hurts nothing else."""

    async def run() -> None:
        if not url:
            return
        try:
            response = await client.get(url, max_bytes=65_536, deadline=20)
        except SourceError as error:
            log.warning("ping not delivered", cause=error.cause, detail=error.detail)
            return
        if response.status >= 400:
            log.warning("ping refused", status=response.status)

    return run
