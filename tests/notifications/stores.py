"""A real store with subscribers, flags and queued messages for the tests of composing and delivering."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from domain.checks import Check, Outcome
from domain.digests import Frequency, Message, Period, Subscriber
from domain.flags import FlagRecord
from storage.checks import record_check
from storage.digests import keep_digest
from storage.flags import open_flag
from storage.store import Store, open_store
from storage.subscribers import add_subscriber
from tests.notifications.builders import NOW


def store_at(folder: Path) -> Store:
    return open_store(f"sqlite:///{folder / 'claimwatch.db'}")


def visit(store: Store, source: str, *, at: datetime, outcome: Outcome = Outcome.FAILED, reason: str = "") -> int:
    """A check that read nothing: enough for flags to hang on."""
    check = Check(source=source, slot=at, started_at=at, finished_at=at, outcome=outcome, reason=reason)
    with store.writing() as connection:
        return record_check(connection, check).id


def happen(store: Store, record: FlagRecord, *, at: datetime) -> int:
    """The flag was opened at a moment; its number."""
    check = visit(store, record.flag.source, at=at)
    with store.writing() as connection:
        number = open_flag(connection, record.flag, check_id=check, at=at)
    assert number is not None
    return number


def reader(store: Store, name: str = "reader", *, now: datetime | None = None, **options: object) -> Subscriber:
    with store.writing() as connection:
        return add_subscriber(
            connection,
            address=f"{name}@example.org",
            frequency=options.pop("frequency", Frequency.DAILY),  # type: ignore[arg-type]
            now=now or NOW - timedelta(days=9),
            **options,  # type: ignore[arg-type]
        )


def queue(store: Store, count: int, *, at: datetime = NOW, first: int = 1) -> list[str]:
    """So many messages, each to a reader of its own; their Message-IDs."""
    names = []
    with store.writing() as connection:
        for number in range(first, first + count):
            person = add_subscriber(
                connection, address=f"reader{number}@example.org", frequency=Frequency.DAILY, now=at
            )
            name = f"<m{number}@watch.example>"
            content = f"Message-ID: {name}\r\nSubject: {number}\r\n\r\nHello {number}.\r\n".encode()
            keep_digest(
                connection,
                subscriber=person.id,
                period=Period(key=f"daily:{at:%Y-%m-%d}:UTC", start=at - timedelta(days=1), end=at),
                first_event=0,
                last_event=0,
                items=1,
                message=Message(
                    message_id=name,
                    sender="digest@watch.example",
                    recipient=person.address,
                    subject=str(number),
                    content=content,
                ),
                now=at,
            )
            names.append(name)
    return names
