"""Recording a check: once for each slot, whole, and only a good one moves the baseline."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from domain.checks import Outcome
from domain.comparison import BlockChange, Operation, Significance, ValueChange, Verdict
from domain.documents import BlockKind
from domain.errors import StorageError
from domain.facts import ChangeKind, Fact, FactChange, FactState
from domain.snapshots import CapturedBy, Origin, Validators
from domain.values import Money, Rows, Text
from storage.checks import (
    checks_between,
    is_recorded,
    last_good,
    recent_checks,
    source_states,
)
from storage.readings import load_blocks, load_changes, load_facts
from storage.slots import claim_slot
from storage.snapshots import find_snapshot, list_snapshots, load_snapshot
from storage.store import Store
from tests.storage.builders import FEE, NOW, day, dump, fee, fee_change, good, other, record, snapshot

NASTY = "nul \x00, lone \ud800 and \udfff, bidi \u202e, escape \x1b[31m, line\r\nfeed, 😀"


def test_recording_a_slot_twice_adds_nothing(store: Store) -> None:
    check = good("The permit costs 1000 dollars.", [fee(1000)])
    first = record(store, check)
    before = dump(store)
    again = record(store, check)
    assert (again.id, again.already) == (first.id, True)
    assert not first.already
    assert dump(store) == before


def test_a_slot_is_told_to_be_recorded(store: Store) -> None:
    record(store, other(Outcome.FAILED))
    with store.reading() as connection:
        assert is_recorded(connection, "fees", NOW)
        assert not is_recorded(connection, "fees", day(1))


def test_a_good_check_becomes_the_baseline_with_its_validators(store: Store) -> None:
    recorded = record(store, good("Fees", [fee(1000)]), quick_fingerprint="quick")
    with store.reading() as connection:
        last = last_good(connection, "fees")
        assert last is not None
        page = load_snapshot(connection, last.snapshot_id)
    assert last.check_id == recorded.id
    assert (last.quick_fingerprint, last.rules_digest) == ("quick", "rules")
    assert last.validators == Validators(etag='"23"')
    assert (last.seen_at, last.full_read_at) == (NOW, NOW)
    assert page == snapshot("Fees")


def test_there_is_no_baseline_before_a_good_check(store: Store) -> None:
    record(store, other(Outcome.SUSPECT, snapshot=snapshot("Request refused", status=403)))
    with store.reading() as connection:
        assert last_good(connection, "fees") is None


@pytest.mark.parametrize("outcome", [Outcome.SUSPECT, Outcome.FAILED, Outcome.SKIPPED])
def test_only_good_moves_the_baseline(store: Store, outcome: Outcome) -> None:
    record(store, good("Fees", [fee(1000)]))
    with store.reading() as connection:
        before = last_good(connection, "fees")
    blocked = snapshot("Request refused", at=day(1), headers=(("etag", '"block"'),))
    recorded = record(store, other(outcome, at=day(1), reason="blocked", snapshot=blocked))
    with store.reading() as connection:
        assert last_good(connection, "fees") == before
        assert find_snapshot(connection, blocked.digest) == blocked, "what was refused is evidence all the same"
        assert load_facts(connection, recorded.id) == ()
    assert recorded.failures == 1


def test_a_check_without_a_document_is_not_good(store: Store) -> None:
    with pytest.raises(ValueError, match="good check"):
        record(store, other(Outcome.GOOD))
    assert dump(store)["checks"] == []


def test_unchanged_sees_the_baseline_again_and_moves_nothing_else(store: Store) -> None:
    record(store, good("Fees", [fee(1000)]), quick_fingerprint="quick")
    with store.reading() as connection:
        before = last_good(connection, "fees")
    assert before is not None
    record(store, other(Outcome.UNCHANGED, at=day(1), not_modified=True, status=304))
    with store.reading() as connection:
        assert last_good(connection, "fees") == replace(before, seen_at=day(1))
    same = snapshot("Fees", at=day(2))
    record(store, other(Outcome.UNCHANGED, at=day(2), full_read=True, status=200, snapshot=same))
    with store.reading() as connection:
        assert last_good(connection, "fees") == replace(before, seen_at=day(2), full_read_at=day(2))


def test_failures_in_a_row_are_counted_until_the_next_read(store: Store) -> None:
    record(store, good("Fees", [fee(1000)]))
    counted = [record(store, other(Outcome.FAILED, at=day(number))).failures for number in (1, 2, 3)]
    assert counted == [1, 2, 3]
    assert record(store, other(Outcome.UNCHANGED, at=day(4))).failures == 0
    assert record(store, other(Outcome.SUSPECT, at=day(5))).failures == 1


def test_an_import_older_than_the_last_read_enters_history_and_moves_nothing(store: Store) -> None:
    record(store, good("Fees today", [fee(1000)]))
    record(store, other(Outcome.UNCHANGED, at=day(10)))
    with store.reading() as connection:
        before = last_good(connection, "fees")
    old = good("Fees of old", [fee(900)], at=day(5), origin=Origin.IMPORTED, finished_at=day(11))
    recorded = record(store, old)
    assert recorded.history_only
    with store.reading() as connection:
        assert last_good(connection, "fees") == before
        assert [kept.fetched_at for kept in list_snapshots(connection, "fees")] == [day(5), NOW]
    assert record(store, old).already


def test_an_import_newer_than_the_last_read_moves_the_baseline_without_validators(store: Store) -> None:
    record(store, good("Fees", [fee(1000)]))
    imported = good("Fees later", [fee(1100)], at=day(5), origin=Origin.IMPORTED, finished_at=day(30))
    assert not record(store, imported).history_only
    with store.reading() as connection:
        last = last_good(connection, "fees")
    assert last is not None
    assert last.validators == Validators()
    assert (last.seen_at, last.full_read_at) == (day(5), day(5)), "seen when it was captured, not when it was imported"


def test_an_older_fence_is_refused_and_nothing_of_it_is_kept(store: Store) -> None:
    lease = timedelta(minutes=5)
    with store.writing() as connection:
        slow = claim_slot(connection, "fees", NOW, owner="slow", now=NOW, lease=lease)
    with store.writing() as connection:
        quick = claim_slot(connection, "fees", NOW, owner="quick", now=NOW + 2 * lease, lease=lease)
    assert slow is not None
    assert quick is not None
    before = dump(store)
    with pytest.raises(StorageError, match="somebody else"):
        record(store, good("Fees", [fee(1000)]), fence=slow.fence)
    assert dump(store) == before
    assert not record(store, good("Fees", [fee(1000)]), fence=quick.fence).already
    assert record(store, good("Fees", [fee(1000)]), fence=slow.fence).already


def test_what_was_examined_comes_back_whole(store: Store) -> None:
    rows = Rows(key=("Code",), columns=("Code", "Name"), rows=(("21", "Welder"),))
    facts = (
        fee(1000, pending=(1100, date(2027, 1, 1))),
        Fact(key="fees#note", state=FactState.LOCATED, value=Text(text="as is"), quote="as is"),
        Fact(key="fees#list", state=FactState.LOCATED, value=rows),
        Fact(key="fees#gone", state=FactState.ABSENT),
        fee(None, key="fees#unclear"),
    )
    changes = (
        FactChange(
            key="fees#list",
            change=ChangeKind.ALTERED,
            before=rows,
            after=rows,
            added=(("22", "Baker"),),
            removed=(("23", "Cook"),),
            altered=((("21", "Smith"), ("21", "Welder")),),
            quote_before="old",
            quote_after="new",
            effective=date(2027, 1, 1),
        ),
        fee_change(900, 1000),
    )
    block = BlockChange(
        op=Operation.CHANGED,
        kind=BlockKind.PARAGRAPH,
        path=("Fees", "Permit"),
        before="costs 900",
        after="costs 1000",
        significance=Significance.SUBSTANTIVE,
        values=(ValueChange(kind="money", before="900", after=None),),
        because="amount",
        locator="Fees > p 1",
    )
    check = good("Fees", facts, changes=changes, verdict=Verdict.SUBSTANTIVE)
    assert check.examination is not None
    number = record(store, replace(check, examination=replace(check.examination, blocks=(block,)))).id
    with store.reading() as connection:
        assert load_facts(connection, number) == tuple(sorted(facts, key=lambda fact: fact.key))
        assert load_changes(connection, number) == tuple(sorted(changes, key=lambda change: change.key))
        assert load_blocks(connection, number) == (block,)
        assert load_blocks(connection, number + 1) == ()


def test_text_that_no_database_keeps_is_recorded_visibly_and_alike(store: Store) -> None:
    page = snapshot(
        b"\x00\xff not text at all",
        url="https://office.example/\x00",
        headers=(("etag", 'W/"\x00"'), ("x-note", NASTY)),
        hops=(NASTY,),
        address=NASTY,
    )
    fact = Fact(key=FEE, state=FactState.LOCATED, value=Text(text=NASTY), quote=NASTY, locator=NASTY, reason=NASTY)
    check = good("x", [fact], reason=NASTY, detail=NASTY * 500)
    assert check.examination is not None
    check = replace(check, snapshot=page, examination=replace(check.examination, title=NASTY, reason=NASTY))
    number = record(store, check).id
    with store.reading() as connection:
        (kept,) = load_facts(connection, number)
        last = last_good(connection, "fees")
        assert last is not None
        back = load_snapshot(connection, last.snapshot_id)
        (line,) = recent_checks(connection)
    assert kept.value == Text(text=NASTY), "values travel as JSON, which has its own escapes"
    assert kept.quote.startswith(r"nul \u0000, lone \ud800 and \udfff, bidi")
    assert (back.body, back.headers, back.hops) == (page.body, page.headers, page.hops)
    assert line.reason.startswith(r"nul \u0000")
    assert last.validators == Validators(), "a validator that cannot be kept exactly is not sent back"


def test_envelopes_come_back_as_they_were(store: Store) -> None:
    page = snapshot(
        "Fees",
        final_url="https://office.example/new.html",
        hops=("https://office.example/a", "https://office.example/b"),
        address="192.0.2.7:443",
        length_verified=False,
        wire_bytes=17,
        captured_by=CapturedBy.LATEST,
        origin=Origin.IMPORTED,
    )
    record(store, replace(good("Fees"), snapshot=page, origin=Origin.IMPORTED))
    with store.reading() as connection:
        assert find_snapshot(connection, page.digest[:12]) == page
        assert find_snapshot(connection, "0" * 63 + "x") is None
        assert find_snapshot(connection, "%") is None
        (kept,) = list_snapshots(connection, "fees")
    assert (kept.size, kept.captured_by, kept.digest) == (4, CapturedBy.LATEST, page.digest)


def test_a_digest_that_is_not_the_bodys_is_refused(store: Store) -> None:
    with pytest.raises(StorageError, match="digest"):
        record(store, replace(good("Fees"), snapshot=snapshot("Fees", digest="0" * 64)))
    assert dump(store)["snapshots"] == []


def test_checks_are_listed_newest_first_and_counted(store: Store) -> None:
    record(store, good("Fees", [fee(1000)]))
    record(store, other(Outcome.FAILED, at=day(1), reason="timeout", status=None, missed_slots=3))
    record(store, good("Rules", source="rules", at=day(2)))
    with store.reading() as connection:
        assert [line.source for line in recent_checks(connection)] == ["rules", "fees", "fees"]
        (line,) = recent_checks(connection, "fees", limit=1)
        counts = checks_between(connection, NOW, day(2))
        states = source_states(connection)
    assert (line.outcome, line.reason, line.missed_slots) == (Outcome.FAILED, "timeout", 3)
    assert (counts[Outcome.GOOD], counts[Outcome.FAILED], counts[Outcome.SKIPPED]) == (1, 1, 0)
    assert (states["fees"].failures, states["fees"].last_read_at, states["fees"].checked_at) == (1, NOW, day(1))
    assert states["rules"].outcome is Outcome.GOOD


def test_money_keeps_its_digits(store: Store) -> None:
    exact = Fact(key=FEE, state=FactState.LOCATED, value=Money(amount=Decimal("1000.00")))
    number = record(store, good("Fees", [exact])).id
    with store.reading() as connection:
        (kept,) = load_facts(connection, number)
    assert str(kept.value) == str(exact.value)
