"""Opening a store, and what holds of every unit of reading and writing."""

from __future__ import annotations

import os
import resource
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, text

from domain.errors import StorageError
from domain.flags import FlagReason
from storage.checks import record_check
from storage.flags import open_flag
from storage.outbox_tables import metadata
from storage.store import Connection, Store, open_store, wal_is_safe
from storage.tables import cycles
from tests.storage.builders import NOW, day, dump, fee, fee_change, flag, good, record


def beat(connection: Connection, owner: str) -> None:
    connection.execute(insert(cycles).values(owner=owner, at="2026", started=0, under_way=0))


def owners(store: Store) -> list[str]:
    with store.reading() as connection:
        return sorted(connection.execute(cycles.select()).scalars())


def test_a_new_database_is_created_and_opening_again_keeps_what_is_there(store_url: str) -> None:
    first = open_store(store_url)
    with first.writing() as connection:
        beat(connection, "one")
    first.close()
    again = open_store(store_url)
    assert owners(again) == ["one"]
    again.close()


def test_the_migrations_make_exactly_the_tables_that_the_code_knows(store: Store) -> None:
    with store.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_database_of_a_newer_version_is_refused(store_url: str) -> None:
    store = open_store(store_url)
    with store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    for migrate in (True, False):
        with pytest.raises(StorageError, match="9999"):
            open_store(store_url, migrate=migrate)


def test_without_migrating_a_missing_database_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no database"):
        open_store(f"sqlite:///{tmp_path / 'none.db'}", migrate=False)
    assert list(tmp_path.iterdir()) == []


def test_without_migrating_an_empty_database_is_refused_as_older(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    with pytest.raises(StorageError, match="older"):
        open_store(f"sqlite:///{tmp_path / 'empty.db'}", migrate=False)


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "claimwatch.db"
    path.write_bytes(b"these are the minutes of a meeting, and no database at all\n" * 40)
    before = path.read_bytes()
    with pytest.raises(StorageError):
        open_store(f"sqlite:///{path}")
    assert path.read_bytes() == before


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://localhost/x", "sqlite:////no/such/folder/claimwatch.db"])
def test_an_address_that_cannot_be_used_is_an_error_of_ours(url: str) -> None:
    with pytest.raises(StorageError):
        open_store(url)


def beat_and_stop(store: Store) -> None:
    with store.writing() as connection:
        beat(connection, "one")
        raise ZeroDivisionError


def test_an_exception_undoes_the_whole_unit(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        beat_and_stop(store)
    assert owners(store) == []


def test_an_error_that_was_swallowed_still_abandons_the_unit(store: Store) -> None:
    def careless() -> None:
        with store.writing() as connection:
            beat(connection, "one")
            with pytest.raises(Exception, match=r"(?i)unique"):
                beat(connection, "one")

    with pytest.raises(StorageError, match="failed before"):
        careless()
    assert owners(store) == []


def test_nothing_is_written_after_a_swallowed_error(store: Store) -> None:
    def careless() -> None:
        with store.writing() as connection:
            with pytest.raises(Exception, match=r"(?i)unique"):
                connection.execute(insert(cycles), [{"owner": "x", "at": "", "started": 0, "under_way": 0}] * 2)
            beat(connection, "stray")

    with pytest.raises(StorageError, match="failed before"):
        careless()
    assert owners(store) == []


def test_a_unit_that_was_committed_from_inside_is_refused(store: Store) -> None:
    def meddling() -> None:
        with store.writing() as connection:
            connection.commit()
            beat(connection, "stray")

    with pytest.raises(StorageError, match="transaction ended"):
        meddling()
    assert owners(store) == []


def test_a_transaction_that_ended_behind_our_back_is_refused(sqlite_store: Store) -> None:
    def meddling() -> None:
        with sqlite_store.writing() as connection:
            beat(connection, "one")
            driver: object = connection.connection.dbapi_connection
            assert isinstance(driver, sqlite3.Connection)
            driver.rollback()
            beat(connection, "stray")

    with pytest.raises(StorageError, match="transaction ended"):
        meddling()
    assert owners(sqlite_store) == []


def test_reading_cannot_write(store: Store) -> None:
    with pytest.raises(StorageError), store.reading() as connection:
        beat(connection, "one")
    with store.writing() as connection:
        beat(connection, "two")
    assert owners(store) == ["two"]


def test_what_is_read_in_one_unit_is_one_view(store: Store) -> None:
    with store.reading() as reader:
        assert reader.execute(cycles.select()).all() == []
        if reader.dialect.name == "sqlite":
            driver: object = reader.connection.dbapi_connection
            assert isinstance(driver, sqlite3.Connection)
            assert driver.in_transaction
            return
        with store.writing() as writer:
            beat(writer, "meanwhile")
        assert reader.execute(cycles.select()).all() == []
    assert owners(store) == ["meanwhile"]


def test_every_sqlite_connection_has_the_durable_settings(sqlite_store: Store) -> None:
    expected = {"synchronous": 2, "foreign_keys": 1, "mmap_size": 0, "busy_timeout": 30_000}
    with sqlite_store.reading() as one, sqlite_store.reading() as two, sqlite_store.reading() as three:
        for connection in (one, two, three):
            found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in expected}
            assert found == expected


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 7, 0), False),
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 0), True),
    ],
)
def test_write_ahead_logging_is_only_trusted_where_its_reset_was_mended(
    version: tuple[int, int, int], safe: bool
) -> None:
    assert wal_is_safe(version) is safe


@pytest.mark.parametrize("safe", [True, False])
def test_the_journal_follows_the_library_and_the_mode_says_so(
    safe: bool, sqlite_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 3) if safe else (3, 40, 1))
    store = open_store(f"sqlite:///{sqlite_path}")
    mode = store.mode()
    store.close()
    assert (mode["journal_mode"], mode["wal_is_safe"]) == (("wal", True) if safe else ("persist", False))
    assert mode["synchronous"] == 2


def test_the_mode_names_the_database(store: Store) -> None:
    mode = store.mode()
    assert mode["database"] in ("sqlite", "postgresql")
    assert mode["version"]


def test_a_store_is_refused_after_a_fork(store: Store) -> None:
    child = os.fork()
    if child == 0:
        try:
            with store.reading():
                os._exit(1)
        except StorageError:
            os._exit(0)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def fill(connection: Connection) -> None:
    """A unit with every kind of row in it."""
    check = good(
        "The permit costs 1100 dollars. " + "And more was said of it. " * 900,
        [fee(1100), *(fee(amount, key=f"fees#{amount}") for amount in range(60))],
        at=day(1),
        changes=[fee_change(1000, 1100)],
    )
    number = record_check(connection, check).id
    for claim in range(40):
        contradicted = flag(f"claim {claim}", reason=FlagReason.CONTRADICTED, detail="what the guide says " * 20)
        open_flag(connection, contradicted, check_id=number, at=NOW)


def test_a_disk_that_is_full_at_any_write_leaves_the_unit_out_whole(sqlite_store: Store) -> None:
    record(sqlite_store, good("The permit costs 1000 dollars.", [fee(1000)]))
    before = dump(sqlite_store)
    with sqlite_store.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    failures = 0
    for room in range(200):
        try:
            with sqlite_store.writing() as connection:
                connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + room}")
                fill(connection)
        except StorageError as error:
            assert "full" in str(error)  # noqa: PT017 - whether it fails depends on the room
            failures += 1
            assert dump(sqlite_store) == before
        else:
            break
    assert failures > 5
    assert dump(sqlite_store) != before


def test_nothing_is_kept_alone_after_the_disk_was_full(sqlite_store: Store) -> None:
    def careless() -> None:
        with sqlite_store.writing() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
            with pytest.raises(Exception, match="full"):
                fill(connection)
            beat(connection, "stray")

    with pytest.raises(StorageError):
        careless()
    assert owners(sqlite_store) == []


def test_an_io_error_at_any_write_leaves_the_unit_out_whole(sqlite_path: Path) -> None:
    store = open_store(f"sqlite:///{sqlite_path}")
    record(store, good("The permit costs 1000 dollars.", [fee(1000)]))
    before = dump(store)
    store.close()
    size = sqlite_path.stat().st_size
    child = os.fork()
    if child == 0:
        os._exit(_sweep_file_sizes(sqlite_path, size))
    failures = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert failures > 3, "some limits bite, and the sweep ends well"
    after = open_store(f"sqlite:///{sqlite_path}")
    assert {name: len(rows) for name, rows in dump(after).items()}["checks"] == len(before["checks"]) + 1
    after.close()


def _sweep_file_sizes(path: Path, size: int) -> int:
    """How many file size limits made the unit fail before one let it through; 0 where a failure left a trace."""
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    store = open_store(f"sqlite:///{path}")
    before = dump(store)
    for step in range(100):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + step * 4096, hard))
        try:
            with store.writing() as connection:
                fill(connection)
        except StorageError:
            if dump(store) != before:
                return 0
        else:
            return step
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    return 0
