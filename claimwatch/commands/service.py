"""`watch`: the service in one process on one machine."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable

import structlog

from claimwatch.commands.mail import compose_quietly, deliver
from claimwatch.home import Home
from claimwatch.log import set_up
from claimwatch.schedule import Service
from domain.errors import ClaimwatchError, SourceError
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
            service = Service(
                desk=desk,
                owner=f"{socket.gethostname()}:{os.getpid()}",
                post=post(home),
                ping=ping(home.settings.ping_url, client),
            )
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
