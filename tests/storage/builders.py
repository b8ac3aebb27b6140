"""Checks of an invented office's pages, a day apart, and a dump of all that a store holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from domain.checks import Check, Examination, Outcome, Quality
from domain.comparison import Verdict
from domain.facts import ChangeKind, Fact, FactChange, FactState, Pending
from domain.flags import Flag, FlagReason, Severity
from domain.snapshots import Origin, Snapshot
from domain.values import Money
from storage.checks import RecordedCheck, record_check
from storage.store import Connection, Store
from storage.tables import metadata

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FEE = "fees#permit_fee"


def day(number: float) -> datetime:
    """Noon of a day, counted from the first."""
    return NOW + timedelta(days=number)


def snapshot(body: bytes | str, *, at: datetime = NOW, source: str = "fees", **changes: Any) -> Snapshot:
    octets = body.encode() if isinstance(body, str) else body
    given: dict[str, Any] = {
        "source": source,
        "url": f"https://office.example/{source}.html",
        "final_url": f"https://office.example/{source}.html",
        "status": 200,
        "headers": (("content-type", "text/html"), ("etag", f'"{at.day}"')),
        "body": octets,
        "digest": hashlib.sha256(octets).hexdigest(),
        "fetched_at": at,
    }
    return Snapshot(**{**given, **changes})


def fee(amount: int | None, *, key: str = FEE, pending: tuple[int, date] | None = None) -> Fact:
    """A fee as read; None: the page did not let it be told."""
    if amount is None:
        return Fact(key=key, state=FactState.CANNOT_TELL, reason="no amount in its section")
    later = None
    if pending is not None:
        later = Pending(value=Money(amount=Decimal(pending[0])), effective=pending[1], quote=f"{pending[0]} from then")
    return Fact(
        key=key,
        state=FactState.LOCATED,
        value=Money(amount=Decimal(amount)),
        quote=f"The permit costs {amount} dollars.",
        locator="Fees > p 1",
        pending=later,
    )


def fee_change(before: int, after: int, *, key: str = FEE) -> FactChange:
    return FactChange(
        key=key,
        change=ChangeKind.ALTERED,
        before=Money(amount=Decimal(before)),
        after=Money(amount=Decimal(after)),
        quote_before=f"The permit costs {before} dollars.",
        quote_after=f"The permit costs {after} dollars.",
    )


def good(
    body: str,
    facts: Iterable[Fact] = (),
    *,
    at: datetime = NOW,
    source: str = "fees",
    changes: Iterable[FactChange] = (),
    verdict: Verdict = Verdict.SAME,
    origin: Origin = Origin.FETCHED,
    **others: Any,
) -> Check:
    page = snapshot(body, at=at, source=source, origin=origin)
    examination = Examination(
        quality=Quality(outcome=Outcome.GOOD),
        verdict=verdict,
        reason="",
        title="Fees",
        fingerprint=page.digest,
        facts=tuple(facts),
        changes=tuple(changes),
    )
    given: dict[str, Any] = {
        "source": source,
        "slot": at,
        "started_at": at,
        "finished_at": at,
        "outcome": Outcome.GOOD,
        "status": 200,
        "full_read": True,
        "snapshot": page,
        "examination": examination,
        "origin": origin,
        "rules_digest": "rules",
    }
    return Check(**{**given, **others})


def other(outcome: Outcome, *, at: datetime = NOW, source: str = "fees", **others: Any) -> Check:
    """A check that read no document: unchanged, suspect, failed or skipped."""
    given: dict[str, Any] = {"source": source, "slot": at, "started_at": at, "finished_at": at, "outcome": outcome}
    return Check(**{**given, **others})


def flag(
    name: str = "fee 1000 to 1100",
    *,
    reason: FlagReason = FlagReason.ALTERED,
    fact: str | None = FEE,
    source: str = "fees",
    **changes: Any,
) -> Flag:
    given: dict[str, Any] = {
        "identity": hashlib.sha256(f"{name}/{reason}".encode()).hexdigest()[:32],
        "reason": reason,
        "severity": Severity.HIGH,
        "source": source,
        "fact": fact,
        "claims": ("permit.fee",),
        "snapshot_before": "a" * 64,
        "snapshot_after": "b" * 64,
    }
    return Flag(**{**given, **changes})


def record(store: Store, check: Check, **options: Any) -> RecordedCheck:
    with store.writing() as connection:
        return record_check(connection, check, **options)


def dump(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, to compare a disturbed run with an undisturbed one."""
    with store.reading() as connection:
        return dump_of(connection)


def dump_of(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    return {
        table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
        for table in metadata.sorted_tables
    }
