"""`watch`: the service in one process on one machine."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable

import structlog

from claimwatch.commands.mail import compose_quietly, deliver
from claimwatch.home import Home
from claimwatch.log import set_up
from claimwatch.schedule import Service
from domain.errors import ClaimwatchError
from monitor.check import Desk
from monitor.workers import Workers
from outbound.client import Client
from storage.store import Store

log = structlog.get_logger()


def watch(home: Home) -> None:
    """Run until SIGTERM or SIGINT."""
    set_up(logging.INFO)
    asyncio.run(_run(home))


async def _run(home: Home) -> None:
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
            service = Service(desk=desk, owner=f"{socket.gethostname()}:{os.getpid()}", post=post(home))
            await service.run()


def post(home: Home) -> Callable[[], None]:
    """What the service calls to compose and hand over digests; a fault is logged and tried again at the next call."""

    def run() -> None:
        try:
            compose_quietly(home)
            if home.settings.smtp_url:
                deliver(home)
        except ClaimwatchError as error:
            log.error("digests not sent", error=str(error))

    return run
