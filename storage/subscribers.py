"""Subscribers: one subscription for one mailbox, however its address is written."""

from __future__ import annotations

import unicodedata
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from domain.digests import Filters, Frequency, Subscriber
from domain.errors import ClaimwatchError
from storage.columns import json_of, json_text, time_text
from storage.events import last_seq
from storage.tables import subscribers


class BadAddress(ClaimwatchError):
    """That is no mail address."""


def mailbox(address: str) -> str:
    """One name for all spellings of an address: Unicode compatibility forms and case folded, the domain in ASCII.

    Raises BadAddress.
    """
    folded = _folded(address.strip())
    local, at, domain = folded.rpartition("@")
    if not at or not local or any(mark.isspace() or not mark.isprintable() for mark in address.strip() + folded):
        raise BadAddress(f"{address!r} is no mail address")
    try:
        local.encode("utf-8")
        ascii_domain = domain.rstrip(".").encode("idna").decode("ascii").casefold()
    except UnicodeError:
        raise BadAddress(f"{domain!r} is no domain name") from None
    if not ascii_domain:
        raise BadAddress(f"{address!r} is no mail address")
    return f"{local}@{ascii_domain}"


def _folded(text: str) -> str:
    """Folding case may undo the normal form, so it is taken again until both hold."""
    while (folded := unicodedata.normalize("NFKC", text.casefold())) != text:
        text = folded
    return text


def add_subscriber(
    connection: Connection,
    *,
    address: str,
    frequency: Frequency,
    now: datetime,
    timezone: str = "America/Toronto",
    hour: int = 7,
    weekday: int = 0,
    language: str = "en",
    filters: Filters | None = None,
    heartbeat: bool = True,
) -> Subscriber:
    """The subscriber, who gets what happens from now on; who is there already is changed to this. Raises BadAddress."""
    identity = mailbox(address)
    values: dict[str, Any] = {
        "address": unicodedata.normalize("NFKC", address.strip()),
        "frequency": frequency.value,
        "timezone": timezone,
        "hour": hour,
        "weekday": weekday,
        "language": language,
        "filters": json_text(asdict(filters or Filters())),
        "heartbeat": heartbeat,
        "active": True,
    }
    known = connection.execute(select(subscribers).where(subscribers.c.identity == identity)).mappings().first()
    if known is None:
        connection.execute(
            insert(subscribers).values(
                identity=identity, since_event=last_seq(connection), created_at=time_text(now), **values
            )
        )
    else:
        since = known["since_event"] if known["active"] else last_seq(connection)
        connection.execute(
            update(subscribers).where(subscribers.c.identity == identity).values(since_event=since, **values)
        )
    row = connection.execute(select(subscribers).where(subscribers.c.identity == identity)).mappings().one()
    return _subscriber(row)


def find_subscriber(connection: Connection, address: str) -> Subscriber | None:
    """The subscriber of an address in any spelling, or None. Raises BadAddress."""
    query = select(subscribers).where(subscribers.c.identity == mailbox(address))
    row = connection.execute(query).mappings().first()
    return None if row is None else _subscriber(row)


def load_subscriber(connection: Connection, number: int) -> Subscriber | None:
    """The subscriber of a number, or None."""
    row = connection.execute(select(subscribers).where(subscribers.c.id == number)).mappings().first()
    return None if row is None else _subscriber(row)


def list_subscribers(connection: Connection, *, active_only: bool = False) -> tuple[Subscriber, ...]:
    """Every subscriber, in order of number."""
    query = select(subscribers).order_by(subscribers.c.id)
    if active_only:
        query = query.where(subscribers.c.active)
    return tuple(_subscriber(row) for row in connection.execute(query).mappings())


def deactivate_subscriber(connection: Connection, number: int) -> bool:
    """Gets nothing from now on. True where that changed anything."""
    result = connection.execute(
        update(subscribers).where(subscribers.c.id == number, subscribers.c.active).values(active=False)
    )
    return bool(result.rowcount)


def _subscriber(row: Any) -> Subscriber:
    filters = {name: tuple(items) for name, items in json_of(row["filters"]).items()}
    return Subscriber(
        id=row["id"],
        address=row["address"],
        frequency=Frequency(row["frequency"]),
        timezone=row["timezone"],
        hour=row["hour"],
        weekday=row["weekday"],
        language=row["language"],
        filters=Filters(**filters),
        heartbeat=row["heartbeat"],
        active=row["active"],
        since_event=row["since_event"],
    )
