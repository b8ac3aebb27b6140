"""Units of writing that share a commit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import insert

from domain.errors import StorageError
from storage.store import Connection, Store
from storage.tables import cycles
from storage.together import Together

PATIENCE = 30


def beat(connection: Connection, owner: str) -> str:
    connection.execute(insert(cycles).values(owner=owner, at="2026", started=0, under_way=0))
    return owner


def owners(store: Store) -> list[str]:
    with store.reading() as connection:
        return sorted(connection.execute(cycles.select()).scalars())


def crowd(store: Store, units: list[Callable[[Connection], str]]) -> tuple[list[Future[str]], int]:
    """The units, all of which came while one more was being written; and how many transactions it took."""
    transactions = 0

    @contextmanager
    def writing():  # type: ignore[no-untyped-def]
        nonlocal transactions
        transactions += 1
        with store.writing() as connection:
            yield connection

    together = Together(writing)
    under_way, all_wait = threading.Event(), threading.Event()

    def first(connection: Connection) -> str:
        under_way.set()
        assert all_wait.wait(PATIENCE)
        return beat(connection, "first")

    with ThreadPoolExecutor(len(units) + 1) as pool:
        leader = pool.submit(together.write, first)
        assert under_way.wait(PATIENCE)
        futures = [pool.submit(together.write, unit) for unit in units]
        until = time.monotonic() + PATIENCE
        while together.waiting < len(units) and time.monotonic() < until:
            time.sleep(0.001)
        all_wait.set()
        assert leader.result(PATIENCE) == "first"
    return futures, transactions


def test_units_that_wait_share_one_commit_and_each_gets_its_own_answer(store: Store) -> None:
    names = [f"w{number:02}" for number in range(12)]
    futures, transactions = crowd(store, [lambda connection, name=name: beat(connection, name) for name in names])
    assert sorted(future.result() for future in futures) == names
    assert owners(store) == ["first", *names]
    assert transactions == 2


def test_a_unit_that_fails_takes_none_of_the_others_with_it(store: Store) -> None:
    def unit(number: int, connection: Connection) -> str:
        beat(connection, f"w{number}")
        if number % 3 == 0:
            raise ValueError(f"not {number}")
        return f"w{number}"

    futures, _ = crowd(store, [lambda connection, number=number: unit(number, connection) for number in range(8)])
    failed = {str(future.exception()) for future in futures if future.exception() is not None}
    assert failed == {"not 0", "not 3", "not 6"}
    assert owners(store) == ["first", "w1", "w2", "w4", "w5", "w7"]


def test_a_transaction_that_ended_early_is_an_error_for_whoever_ended_it(sqlite_store: Store) -> None:
    def closes(connection: Connection) -> str:
        beat(connection, "lost")
        connection.exec_driver_sql("ROLLBACK")
        return "lost"

    units = [closes, lambda connection: beat(connection, "kept")]
    futures, _ = crowd(sqlite_store, units)
    with pytest.raises(StorageError):
        futures[0].result()
    assert futures[1].result() == "kept"
    assert owners(sqlite_store) == ["first", "kept"]


def test_after_a_failure_the_next_unit_is_written(store: Store) -> None:
    def fails(connection: Connection) -> str:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        store.write(fails)
    assert store.write(lambda connection: beat(connection, "next")) == "next"
    assert owners(store) == ["next"]
