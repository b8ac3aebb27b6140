"""What became of a source, in lines: bounded, in order, on both databases."""

from __future__ import annotations

from datetime import timedelta

from domain.checks import Outcome
from domain.snapshots import Origin
from storage.checks import source_states
from storage.flags import close_flag, open_flag
from storage.histories import (
    located_keys,
    open_flag_counts,
    stood_on,
    visit_for,
    visit_of,
    visits_that_kept,
    visits_to,
)
from storage.snapshots import captures_of, page_of_snapshots, whole_digest
from storage.store import Store
from tests.storage.builders import FEE, NOW, day, fee, flag, good, other, record


def test_visits_are_listed_newest_first_with_their_captures(store: Store) -> None:
    record(store, good("one", [fee(1000)]))
    record(store, other(Outcome.FAILED, at=day(1), reason="timeout"))
    record(store, good("elsewhere", at=day(2), source="other"))
    with store.reading() as connection:
        failed, first = visits_to(connection, "fees", limit=10)
        assert (failed.outcome, failed.reason, failed.digest, failed.snapshot_id) == (
            Outcome.FAILED,
            "timeout",
            "",
            None,
        )
        assert (first.outcome, first.verdict, len(first.digest)) == (Outcome.GOOD, "same", 64)
        assert visits_to(connection, "fees", limit=1) == (failed,)
        assert first.snapshot_id is not None
        assert visits_that_kept(connection, [first.snapshot_id]) == (first,)
        assert visits_that_kept(connection, []) == ()
        assert visit_of(connection, first.id) == first
        assert visit_of(connection, 10**6) is None
        assert visit_for(connection, "fees", day(1)) == failed
        assert visit_for(connection, "fees", day(9)) is None


def test_a_source_stood_on_what_was_seen_by_then_and_known_by_then(store: Store) -> None:
    record(store, good("one", [fee(1000)]))
    record(store, other(Outcome.UNCHANGED, at=day(1)))
    record(store, good("two", [fee(1100)], at=day(2)))
    record(store, other(Outcome.FAILED, at=day(3)))
    with store.reading() as connection:
        assert stood_on(connection, "fees", as_of=day(-1)) is None
        assert stood_on(connection, "nobody", as_of=day(9)) is None
        then = stood_on(connection, "fees", as_of=day(1.5))
        now = stood_on(connection, "fees", as_of=day(9))
        assert then is not None
        assert now is not None
        assert (then.captured_at, then.seen_at) == (NOW, day(1))
        assert (now.captured_at, now.seen_at) == (day(2), day(2))
        assert then.digest != now.digest


def test_what_was_recorded_later_was_not_known(store: Store) -> None:
    late = good("old", [fee(900)], at=day(-30), origin=Origin.IMPORTED, finished_at=NOW)
    record(store, late)
    with store.reading() as connection:
        assert stood_on(connection, "fees", as_of=day(-10)) is not None
        assert stood_on(connection, "fees", as_of=day(-10), known_at=day(-10)) is None
        assert stood_on(connection, "fees", as_of=day(-10), known_at=day(1)) is not None


def test_facts_located_and_flags_open_are_counted_by_source(store: Store) -> None:
    record(store, good("one", [fee(1000), fee(None, key="fees#lost")]))
    number = record(store, good("two", [fee(7, key="other#a")], at=day(1), source="other")).id
    with store.writing() as connection:
        opened = open_flag(connection, flag("a"), check_id=number, at=NOW)
        open_flag(connection, flag("b", fact=None), check_id=number, at=NOW)
        assert opened is not None
    with store.reading() as connection:
        assert located_keys(connection) == {"fees": {FEE}, "other": {"other#a"}}
        assert open_flag_counts(connection) == {"fees": 2}
        states = source_states(connection)
        assert states["other"].slot == day(1)
        assert source_states(connection, "other") == {"other": states["other"]}
        assert source_states(connection, "nobody") == {}
    with store.writing() as connection:
        close_flag(connection, opened, because="over", at=NOW)
    with store.reading() as connection:
        assert open_flag_counts(connection) == {"fees": 1}


def test_the_timeline_is_paged_without_loss_also_where_times_are_equal(store: Store) -> None:
    for number in range(7):
        at = NOW + timedelta(minutes=number)
        page = good(f"body {number}", at=at)
        assert page.snapshot is not None
        record(store, good(f"body {number}", at=at, snapshot=type(page.snapshot)(**_at_noon(page.snapshot))))
    with store.reading() as connection:
        seen, before = [], None
        for _ in range(10):
            kept = page_of_snapshots(connection, "fees", limit=2, before=before)
            if not kept:
                break
            seen += [item.id for item in kept]
            before = (kept[-1].fetched_at, kept[-1].id)
        assert len(seen) == 7
        assert seen == sorted(seen, reverse=True)


def _at_noon(snapshot: object) -> dict[str, object]:
    names = snapshot.__slots__  # type: ignore[attr-defined]
    return {name: getattr(snapshot, name) for name in names} | {"fetched_at": NOW}


def test_a_digest_is_found_by_its_beginning_and_every_time_it_came(store: Store) -> None:
    for number in range(3):
        record(store, good("the same", at=day(number)))
    with store.reading() as connection:
        digest = visits_to(connection, "fees", limit=1)[0].digest
        assert whole_digest(connection, digest[:8]) == digest
        assert whole_digest(connection, digest) == digest
        assert whole_digest(connection, "zz") is None
        assert whole_digest(connection, "") is None
        assert whole_digest(connection, "0" * 64) is None
        times = captures_of(connection, digest, limit=2)
        assert [item.fetched_at for item in times] == [day(2), day(1)]
        assert captures_of(connection, "0" * 64, limit=2) == ()
