"""What a visit asks of the store finds its rows by index, so that a long history costs a visit nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from domain.checks import Outcome
from domain.flags import FlagReason, FlagState, Severity
from domain.queue import Place, Seen, Sought, Wanted
from domain.requests import RequestKind
from storage.checks import is_recorded, last_good, recent_checks, record_check
from storage.claim_flags import flags_on_claim
from storage.deliveries import recover_abandoned
from storage.delivery_claims import claim_delivery
from storage.facts import accepted_values, fact_history, known_facts
from storage.flag_history import acts_on, acts_since, flags_about, news_since, seen_now
from storage.flags import open_flag
from storage.handling import assign, let_go, lock, set_due, settle
from storage.histories import open_flag_counts, stood_on, visit_for, visit_of, visits_that_kept, visits_to
from storage.listings import newest_confirmed, page_of_changes, page_of_flags
from storage.outages import outages_of, pages_out, unended_outages
from storage.queue import queue_counts, queue_page
from storage.queued_cases import members
from storage.requests import is_waiting, unfinished
from storage.slots import claim_slot, last_slot, last_slots
from storage.snapshots import captures_of, find_snapshot, list_snapshots, page_of_snapshots, whole_digest
from storage.store import Connection, Store
from storage.superseding import in_place_of
from tests.storage.builders import FEE, NOW, day, fee, fee_change, flag, good, other, record

GROWING = (
    "flag_states",
    "flag_claims",
    "flag_desk",
    "checks",
    "facts",
    "fact_changes",
    "snapshots",
    "bodies",
    "slots",
    "deliveries",
    "delivery_contents",
    "subscribers",
    "flags",
    "flag_acts",
    "requests",
)


def visit(connection: Connection) -> None:
    claim_slot(connection, "fees", day(5), owner="one", now=NOW, lease=timedelta(minutes=5))
    check = good("The permit costs 1200 dollars.", [fee(1200)], at=day(5), changes=[fee_change(1100, 1200)])
    number = record_check(connection, check, fence=1).id
    for reason in FlagReason:
        open_flag(connection, flag(reason.value, reason=reason), check_id=number, at=day(5))
    open_flag(connection, flag("prose", fact=None), check_id=number, at=day(5))


def deliver(connection: Connection) -> None:
    recover_abandoned(connection, now=NOW)
    claim_delivery(connection, owner="one", now=NOW, lease=timedelta(minutes=5))


QUESTIONS: dict[str, Callable[[Connection], Any]] = {
    "baseline": lambda connection: last_good(connection, "fees"),
    "recorded": lambda connection: is_recorded(connection, "fees", NOW),
    "known": lambda connection: known_facts(connection, sources=("fees",)),
    "known then": lambda connection: known_facts(connection, as_of=day(2)),
    "history": lambda connection: fact_history(connection, FEE),
    "checks": recent_checks,
    "checks of one": lambda connection: recent_checks(connection, "fees"),
    "last slots": last_slots,
    "accepted": lambda connection: accepted_values(connection, sources=("fees",)),
    "changes of some": lambda connection: (
        page_of_changes(connection, sources=("fees",), limit=5),
        page_of_changes(connection, keys=(FEE,), limit=5),
    ),
    "last slot": lambda connection: last_slot(connection, "fees"),
    "capture": lambda connection: find_snapshot(connection, "abc"),
    "captures": lambda connection: list_snapshots(connection, "fees"),
    "outcomes": lambda connection: visits_to(connection, "fees", limit=60),
    "check": lambda connection: visit_of(connection, 1),
    "check of a slot": lambda connection: visit_for(connection, "fees", NOW),
    "checks on captures": lambda connection: visits_that_kept(connection, (1, 2)),
    "stood on": lambda connection: stood_on(connection, "fees", as_of=day(2), known_at=day(2)),
    "timeline": lambda connection: page_of_snapshots(connection, "fees", limit=50, before=(day(2), 3)),
    "same bytes": lambda connection: captures_of(connection, "abc", limit=20),
    "digest": lambda connection: whole_digest(connection, "abc"),
    "open flags": open_flag_counts,
    "requests": lambda connection: is_waiting(connection, now=NOW),
    "unfinished": lambda connection: unfinished(connection, kind=RequestKind.CHECK, subject="fees"),
    "queue": lambda connection: queue_page(connection, Wanted(), now=NOW, limit=5),
    "queue after": lambda connection: queue_page(
        connection, Wanted(resting=False), now=NOW, limit=5, after=Place(rank=1, flag=1)
    ),
    "queue of some": lambda connection: queue_page(
        connection,
        Wanted(sources=("fees",), severity=Severity.HIGH, reason=FlagReason.ALTERED, due_by=NOW),
        now=NOW,
        limit=5,
    ),
    "queue of mine": lambda connection: queue_page(connection, Wanted(assignee="ana"), now=NOW, limit=5),
    "queue that rests": lambda connection: queue_page(connection, Wanted(resting=True), now=NOW, limit=5),
    "queue of decided": lambda connection: queue_page(connection, Wanted(state=FlagState.DECIDED), now=NOW, limit=5),
    "queue by words": lambda connection: queue_page(
        connection,
        Wanted(words=(Sought(word="fee", sources=("fees",), claims=("permit.fee",)),)),
        now=NOW,
        limit=5,
        most_read=2,
    ),
    "queue of late": lambda connection: queue_page(connection, Wanted(due_by=NOW, resting=False), now=NOW, limit=5),
    "queue counts": lambda connection: queue_counts(connection, mine="ana", now=NOW),
    "flags of a claim": lambda connection: flags_on_claim(connection, "permit.fee", limit=5),
    "flags by harm": lambda connection: (
        page_of_flags(connection, limit=5, after=(1, 1)),
        page_of_flags(connection, claim="permit.fee", severity=Severity.HIGH, sources=("fees",), limit=5),
    ),
    "news of a claim": lambda connection: newest_confirmed(connection, claim="permit.fee", limit=5),
    "case": lambda connection: members(connection, "g", state=FlagState.OPEN),
    "lock": lambda connection: lock(connection, (1, 2), by="ana", now=NOW),
    "settle": lambda connection: settle(connection, (1, 2)),
    "let go": lambda connection: let_go(connection, "ana"),
    "in its place": lambda connection: in_place_of(connection, 1),
    "seen": seen_now,
    "news": lambda connection: (
        news_since(connection, ("fees",), Seen(check=1, act=0, flag=0)),
        acts_since(connection, (1, 2), Seen(check=1, act=0, flag=0)),
    ),
    "story": lambda connection: (acts_on(connection, 1), flags_about(connection, "fees", FEE, limit=5)),
    "outages": lambda connection: (
        pages_out(connection, 1),
        outages_of(connection, ("fees",), until=9),
        unended_outages(connection, "fees"),
    ),
    "visit": visit,
    "deliver": deliver,
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_growing_table_is_read_from_end_to_end(sqlite_store: Store, question: str) -> None:
    record(sqlite_store, good("The permit costs 1000 dollars.", [fee(1000)]))
    record(sqlite_store, good("Redesigned.", [fee(None)], at=day(1)))
    record(sqlite_store, other(Outcome.UNCHANGED, at=day(2)))
    with sqlite_store.writing() as connection:
        kept = record_check(connection, good("Two changes.", [fee(1000)], at=day(3))).id
        for name in ("one", "two"):
            open_flag(connection, flag(name, fact=f"fees#{name}", group="g"), check_id=kept, at=day(3))
        assign(connection, (1,), "ana")
        set_due(connection, (2,), NOW)
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if not many and statement.startswith(("SELECT", "UPDATE")):
            asked.append((statement, parameters))

    with sqlite_store.writing() as connection:
        event.listen(connection, "before_cursor_execute", note)
        QUESTIONS[question](connection)
        event.remove(connection, "before_cursor_execute", note)
        assert asked
        for statement, parameters in asked:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            scans = [row[3] for row in plan if row[3].startswith("SCAN") and not _ordered(row[3], statement)]
            assert not [scan for scan in scans if scan.split()[1] in GROWING], statement


def _ordered(scan: str, statement: str) -> bool:
    """Reading a table in the order of its number and stopping soon is no reading to the end."""
    return scan == "SCAN checks" and "ORDER BY checks.id DESC" in statement and "LIMIT" in statement
