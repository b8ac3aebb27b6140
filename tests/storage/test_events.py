"""The outbox: one sequence in the order of commits."""

from __future__ import annotations

import pytest

from storage.events import append_event, events_between, last_seq, last_seq_before
from storage.store import Store
from tests.storage.builders import NOW, day


def happen(store: Store, kind: str = "readable", at: float = 0, **payload: str) -> int:
    with store.writing() as connection:
        return append_event(connection, kind=kind, source="fees", at=day(at), payload=payload)


def test_events_are_read_by_half_open_stretches(store: Store) -> None:
    numbers = [happen(store, at=at, note=f"\x00{at}") for at in range(4)]
    with store.reading() as connection:
        found = events_between(connection, numbers[0], numbers[2])
        assert [event.seq for event in found] == numbers[1:3]
        assert (found[0].kind, found[0].source, found[0].at, found[0].payload) == (
            "readable",
            "fees",
            day(1),
            {"note": "\x001"},
        )
        assert len(events_between(connection, 0, last_seq(connection), limit=2)) == 2


def test_events_are_chosen_by_kind(store: Store) -> None:
    happen(store, "readable")
    number = happen(store, "flag_opened")
    with store.reading() as connection:
        assert [event.seq for event in events_between(connection, 0, number, kinds=("flag_opened",))] == [number]


def test_there_is_no_event_before_the_first(store: Store) -> None:
    with store.reading() as connection:
        assert last_seq(connection) == 0
        assert last_seq_before(connection, NOW) == 0
    first = happen(store)
    happen(store, at=1)
    with store.reading() as connection:
        assert last_seq_before(connection, day(1)) == first


def test_an_event_of_a_unit_that_failed_is_nobodys_news(store: Store) -> None:
    def stopped() -> None:
        with store.writing() as connection:
            append_event(connection, kind="readable", source="fees", at=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stopped()
    number = happen(store)
    with store.reading() as connection:
        assert [event.seq for event in events_between(connection, 0, last_seq(connection))] == [number]
