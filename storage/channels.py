"""Channels: where a team is told instead of a mailbox. Each is the subscriber that it stands for, and an address."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from storage.columns import json_of, json_text, time_text
from storage.outbox_tables import channels

WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A team's channel. url and secret are "" once it was removed; both are as good as passwords and never printed."""

    id: int
    name: str
    kind: str
    url: str = field(repr=False)
    secret: str = field(repr=False)


def keep_channel(connection: Connection, *, name: str, kind: str, url: str, secret: str, now: datetime) -> int:
    """The number of the channel of that name, which is from now on told there."""
    settings = json_text({"url": url, "secret": secret})
    known = find_channel(connection, name)
    if known is not None:
        changed = update(channels).where(channels.c.id == known.id)
        connection.execute(changed.values(kind=kind, settings=settings))
        return known.id
    made = insert(channels).values(name=name, kind=kind, settings=settings, created_at=time_text(now))
    return int(connection.execute(made.returning(channels.c.id)).scalar_one())


def forget_channel(connection: Connection, number: int) -> None:
    """Its address and its secret are gone; its name and what was delivered stay on record."""
    emptied = json_text({"url": "", "secret": ""})
    connection.execute(update(channels).where(channels.c.id == number).values(settings=emptied))


def find_channel(connection: Connection, name: str) -> Channel | None:
    """The channel of a name, removed or not, or None."""
    row = connection.execute(select(channels).where(channels.c.name == name)).mappings().first()
    return None if row is None else _channel(row)


def list_channels(connection: Connection) -> tuple[Channel, ...]:
    """The channels that are in use, in order of number."""
    rows = connection.execute(select(channels).order_by(channels.c.id)).mappings()
    return tuple(channel for row in rows if (channel := _channel(row)).url)


def _channel(row: Any) -> Channel:
    settings = json_of(row["settings"])
    return Channel(id=row["id"], name=row["name"], kind=row["kind"], url=settings["url"], secret=settings["secret"])
