"""Subscribers: one subscription for one mailbox, however its address is written."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from domain.digests import Filters, Frequency, Subscriber, SubscriberState
from domain.errors import ClaimwatchError
from storage.columns import json_of, json_text, optional_time, plain, time_text
from storage.events import last_seq
from storage.outbox_tables import subscribers

_SPECIAL = frozenset('@<>()[]\\,;:"')
"""Characters that a local part has only in quotes, which nobody's mailbox has."""

_DISPUTED = frozenset("ßςẞ\u200c\u200d")
"""Letters of a domain that IDNA 2003 turns into others and IDNA 2008 keeps."""

_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
_LONGEST_LOCAL = 64
_LONGEST = 254
"""Octets of an address (RFC 5321)."""


class BadAddress(ClaimwatchError):
    """That is no mail address."""


def mailbox(address: str) -> str:
    """One name for all spellings of an address: Unicode compatibility forms and case folded, the domain in ASCII.

    What stands after a plus is part of the name. A domain with a letter that the two standards of international
    names encode differently is refused: mail could reach somebody else's. Raises BadAddress.
    """
    folded = _folded(address.strip())
    local, at, domain = folded.rpartition("@")
    if not at or not local or any(mark.isspace() or not mark.isprintable() for mark in address.strip() + folded):
        raise BadAddress(f"{address!r} is no mail address")
    if _SPECIAL.intersection(local) or local.startswith(".") or local.endswith(".") or ".." in local:
        raise BadAddress(f"{address!r} is no mail address")
    if _DISPUTED.intersection(unicodedata.normalize("NFKC", address)[address.rfind("@") :]):
        raise BadAddress(f"{address!r} has a domain that is encoded in two ways: write it as xn--…")
    try:
        local.encode("utf-8")
        ascii_domain = domain.rstrip(".").encode("idna").decode("ascii").casefold()
    except UnicodeError:
        raise BadAddress(f"{domain!r} is no domain name") from None
    name = f"{local}@{ascii_domain}"
    if not _DOMAIN.fullmatch(ascii_domain) or len(local.encode()) > _LONGEST_LOCAL or len(name.encode()) > _LONGEST:
        raise BadAddress(f"{address!r} is no mail address")
    return name


def written(address: str) -> str:
    """An address as it is kept and written to: the reader's own spelling, without what only looks different."""
    return unicodedata.normalize("NFKC", address.strip()).rstrip(".")


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
    state: SubscriberState = SubscriberState.ACTIVE,
    channel: int | None = None,
) -> Subscriber:
    """The subscriber, who gets what happens from now on; who is there already is changed to this. Raises BadAddress.

    state: pending for who still has to say yes; an active subscriber is never put back to pending, and keeps what
    they chose. channel: the team's channel to be told; `address` is then the name of it.
    """
    identity = mailbox(address) if channel is None else f"channel:{channel}"
    values: dict[str, Any] = {
        "address": written(address) if channel is None else unicodedata.normalize("NFKC", address.strip()),
        **_choices(frequency, timezone, hour, weekday, language, filters or Filters(), heartbeat),
    }
    known = connection.execute(select(subscribers).where(subscribers.c.identity == identity)).mappings().first()
    if known is not None and known["active"] and state is SubscriberState.PENDING:
        return _subscriber(known)
    if known is None:
        connection.execute(
            insert(subscribers).values(
                identity=identity,
                since_event=last_seq(connection),
                created_at=time_text(now),
                channel_id=channel,
                **values,
                **_standing(state),
            )
        )
    else:
        since = known["since_event"] if known["active"] else last_seq(connection)
        connection.execute(
            update(subscribers)
            .where(subscribers.c.identity == identity)
            .values(since_event=since, **values, **_standing(state))
        )
    row = connection.execute(select(subscribers).where(subscribers.c.identity == identity)).mappings().one()
    return _subscriber(row)


def change_choices(
    connection: Connection,
    number: int,
    *,
    frequency: Frequency,
    timezone: str,
    hour: int,
    weekday: int,
    language: str,
    filters: Filters,
    heartbeat: bool,
) -> None:
    """What a subscriber wants from now on; what they were told and what waits for them stays as it is."""
    chosen = _choices(frequency, timezone, hour, weekday, language, filters, heartbeat)
    connection.execute(update(subscribers).where(subscribers.c.id == number).values(**chosen))


def record_question(connection: Connection, number: int, *, now: datetime) -> None:
    """A pending subscriber was sent the question whether they want digests."""
    connection.execute(
        update(subscribers)
        .where(subscribers.c.id == number)
        .values(asked_at=time_text(now), asked_times=subscribers.c.asked_times + 1)
    )


def confirm_subscriber(connection: Connection, number: int, *, now: datetime) -> bool:
    """A pending subscriber said yes and is told what happens from now on. False where they were not pending."""
    result = connection.execute(
        update(subscribers)
        .where(subscribers.c.id == number, subscribers.c.ended == SubscriberState.PENDING.value)
        .values(
            since_event=last_seq(connection),
            confirmed_at=time_text(now),
            asked_times=0,
            **_standing(SubscriberState.ACTIVE),
        )
    )
    return bool(result.rowcount)


def suppress_subscriber(connection: Connection, number: int, *, because: str) -> bool:
    """Mail to them is given up, and why is on record. True where that changed anything."""
    result = connection.execute(
        update(subscribers)
        .where(
            subscribers.c.id == number,
            or_(subscribers.c.active, subscribers.c.ended == SubscriberState.PENDING.value),
        )
        .values(**{**_standing(SubscriberState.SUPPRESSED), "note": plain(because)})
    )
    return bool(result.rowcount)


def _choices(
    frequency: Frequency, timezone: str, hour: int, weekday: int, language: str, filters: Filters, heartbeat: bool
) -> dict[str, Any]:
    return {
        "frequency": frequency.value,
        "timezone": timezone,
        "hour": hour,
        "weekday": weekday,
        "language": language,
        "filters": json_text(asdict(filters)),
        "heartbeat": heartbeat,
    }


def _standing(state: SubscriberState) -> dict[str, Any]:
    active = state is SubscriberState.ACTIVE
    return {"active": active, "ended": "" if active else state.value, "note": ""}


def find_subscriber(connection: Connection, address: str) -> Subscriber | None:
    """The subscriber of an address in any spelling, or None. Raises BadAddress."""
    query = select(subscribers).where(subscribers.c.identity == mailbox(address))
    row = connection.execute(query).mappings().first()
    return None if row is None else _subscriber(row)


def load_subscriber(connection: Connection, number: int) -> Subscriber | None:
    """The subscriber of a number, or None."""
    row = connection.execute(select(subscribers).where(subscribers.c.id == number)).mappings().first()
    return None if row is None else _subscriber(row)


def list_subscribers(
    connection: Connection, *, active_only: bool = False, channels: bool = True
) -> tuple[Subscriber, ...]:
    """Every subscriber, in order of number; teams' channels among them where `channels` says so."""
    query = select(subscribers).order_by(subscribers.c.id)
    if not channels:
        query = query.where(subscribers.c.channel_id.is_(None))
    if active_only:
        query = query.where(subscribers.c.active)
    return tuple(_subscriber(row) for row in connection.execute(query).mappings())


def deactivate_subscriber(connection: Connection, number: int) -> bool:
    """Gets nothing from now on. True where that changed anything."""
    result = connection.execute(
        update(subscribers)
        .where(
            subscribers.c.id == number,
            or_(subscribers.c.active, subscribers.c.ended != SubscriberState.LEFT.value),
        )
        .values(**_standing(SubscriberState.LEFT))
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
        state=SubscriberState.ACTIVE if row["active"] else SubscriberState(row["ended"] or "left"),
        since_event=row["since_event"],
        channel=row["channel_id"],
        asked_at=optional_time(row["asked_at"]),
        asked_times=row["asked_times"],
        note=row["note"],
    )
