"""Due slots: one owner at a time, a fence that only grows, abandoned leases taken again."""

from __future__ import annotations

from datetime import timedelta

from domain.checks import Outcome
from storage.runs import last_cycle, record_cycle
from storage.slots import Claimed, claim_slot, give_back, last_slot, last_slots
from storage.store import Store
from tests.storage.builders import NOW, day, other, record

LEASE = timedelta(minutes=15)


def claim(store: Store, owner: str, *, after: timedelta = timedelta(0), source: str = "fees") -> Claimed | None:
    with store.writing() as connection:
        return claim_slot(connection, source, NOW, owner=owner, now=NOW + after, lease=LEASE)


def test_a_slot_has_one_owner_while_the_lease_lives(store: Store) -> None:
    first = claim(store, "one")
    assert first == Claimed(source="fees", slot=NOW, fence=1)
    assert claim(store, "two") is None
    assert claim(store, "two", source="rules") is not None


def test_an_abandoned_lease_is_taken_with_a_higher_fence(store: Store) -> None:
    claim(store, "one")
    second = claim(store, "two", after=LEASE)
    assert second is not None
    assert second.fence == 2
    assert claim(store, "one", after=LEASE) is None


def test_an_owner_that_starts_again_takes_its_slot_up_at_once(store: Store) -> None:
    claim(store, "one")
    again = claim(store, "one")
    assert again is not None
    assert again.fence == 2


def test_an_answered_slot_is_never_claimed_again(store: Store) -> None:
    claimed = claim(store, "one")
    assert claimed is not None
    record(store, other(Outcome.FAILED), fence=claimed.fence)
    assert claim(store, "two", after=10 * LEASE) is None


def test_a_slot_that_was_answered_without_a_claim_is_not_claimed(store: Store) -> None:
    record(store, other(Outcome.FAILED))
    assert claim(store, "one") is None


def test_only_answered_slots_count_as_last(store: Store) -> None:
    claimed = claim(store, "one")
    assert claimed is not None
    with store.writing() as connection:
        claim_slot(connection, "fees", day(1), owner="one", now=NOW, lease=LEASE)
    record(store, other(Outcome.FAILED), fence=claimed.fence)
    with store.reading() as connection:
        assert last_slot(connection, "fees") == NOW
        assert last_slot(connection, "rules") is None
        assert last_slots(connection) == {"fees": NOW}


def test_an_owner_that_stops_gives_its_unanswered_slots_back(store: Store) -> None:
    claim(store, "one")
    with store.writing() as connection:
        assert give_back(connection, "one", now=NOW) == 1
    second = claim(store, "two")
    assert second is not None


def test_the_newest_cycle_of_anybody_is_the_pulse(store: Store) -> None:
    with store.reading() as connection:
        assert last_cycle(connection) is None
    for owner, at in (("one", 0), ("two", 1), ("one", 2)):
        with store.writing() as connection:
            record_cycle(connection, now=day(at), owner=owner, started=3, under_way=1)
    with store.reading() as connection:
        cycle = last_cycle(connection)
    assert cycle is not None
    assert (cycle.owner, cycle.at) == ("one", day(2))
