"""Backups: complete, proven before they get their name, and never over something else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import text, update

from domain.errors import StorageError
from storage.backup import back_up, restore, verify
from storage.store import Store, open_store
from storage.tables import bodies
from tests.storage.builders import day, dump, fee, good, record


def fill(store: Store, visits: int = 3) -> None:
    for number in range(visits):
        record(store, good(f"The permit costs {number} dollars. " * 40, [fee(number)], at=day(number)))


def spoil(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(update(bodies).values(data=b"not a frame"))


def test_a_store_that_is_whole_is_verified(store: Store) -> None:
    fill(store)
    found = verify(store)
    assert (found.bodies, found.last_check, found.last_event, found.problems) == (3, 3, 0, ())


def test_damage_is_named(store: Store) -> None:
    fill(store, visits=1)
    spoil(store)
    assert len(verify(store).problems) == 1


def test_a_backup_restores_to_the_same_rows(sqlite_store: Store, tmp_path: Path) -> None:
    fill(sqlite_store)
    copy = tmp_path / "copy.db"
    marked = back_up(sqlite_store, copy)
    assert (marked.bodies, marked.last_check) == (3, 3)
    assert restore(copy, f"sqlite:///{tmp_path / 'new.db'}") == marked
    restored = open_store(f"sqlite:///{tmp_path / 'new.db'}")
    assert dump(restored) == dump(sqlite_store)
    restored.close()
    found = {path.name.removesuffix("-journal") for path in tmp_path.iterdir()}
    assert found == {"claimwatch.db", "copy.db", "new.db"}


def test_a_journal_played_out_is_no_obstacle_to_a_backup(sqlite_store: Store, tmp_path: Path) -> None:
    fill(sqlite_store)
    copy = tmp_path / "copy.db"
    marked = back_up(sqlite_store, copy)
    (tmp_path / "new.db-journal").write_bytes(bytes(512))
    assert restore(copy, f"sqlite:///{tmp_path / 'new.db'}") == marked


def test_a_backup_under_load_holds_everything_committed_before_it(
    sqlite_store: Store, sqlite_path: Path, tmp_path: Path
) -> None:
    child = os.fork()
    if child == 0:
        try:
            writer = open_store(f"sqlite:///{sqlite_path}")
            for number in range(60):
                record(writer, good(f"Fees {number}", [fee(number)], at=day(number), source=f"page-{number}"))
            os._exit(0)
        finally:
            os._exit(1)
    marks = []
    for number in range(4):
        acknowledged = len(dump(sqlite_store)["checks"])
        found = back_up(sqlite_store, tmp_path / f"copy-{number}.db")
        marks.append((acknowledged, found.last_check, found.problems))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert all(held >= acknowledged and not problems for acknowledged, held, problems in marks)


def test_nothing_is_overwritten(sqlite_store: Store, tmp_path: Path) -> None:
    fill(sqlite_store)
    (tmp_path / "there.db").write_bytes(b"precious")
    with pytest.raises(StorageError, match="already"):
        back_up(sqlite_store, tmp_path / "there.db")
    back_up(sqlite_store, tmp_path / "copy.db")
    with pytest.raises(StorageError, match="already"):
        restore(tmp_path / "copy.db", f"sqlite:///{tmp_path / 'there.db'}")
    (tmp_path / "new.db-journal").write_bytes(b"left over")
    with pytest.raises(StorageError, match="journal"):
        restore(tmp_path / "copy.db", f"sqlite:///{tmp_path / 'new.db'}")
    assert (tmp_path / "there.db").read_bytes() == b"precious"


def test_a_damaged_store_makes_no_backup_and_a_damaged_backup_no_store(sqlite_store: Store, tmp_path: Path) -> None:
    fill(sqlite_store)
    back_up(sqlite_store, tmp_path / "copy.db")
    spoil(sqlite_store)
    with pytest.raises(StorageError, match="not whole"):
        back_up(sqlite_store, tmp_path / "second.db")
    damaged = open_store(f"sqlite:///{tmp_path / 'copy.db'}")
    spoil(damaged)
    damaged.close()
    with pytest.raises(StorageError, match="not whole"):
        restore(tmp_path / "copy.db", f"sqlite:///{tmp_path / 'new.db'}")
    assert not (tmp_path / "second.db").exists()
    assert not (tmp_path / "new.db").exists()


@pytest.mark.parametrize("content", [b"", b"no database at all, only words " * 400])
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "copy.db").write_bytes(content)
    with pytest.raises(StorageError):
        restore(tmp_path / "copy.db", f"sqlite:///{tmp_path / 'new.db'}")
    with pytest.raises(StorageError, match="no backup"):
        restore(tmp_path / "missing.db", f"sqlite:///{tmp_path / 'new.db'}")
    assert not (tmp_path / "new.db").exists()


def test_a_backup_of_a_newer_version_is_refused(sqlite_store: Store, tmp_path: Path) -> None:
    with sqlite_store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match="9999"):
        back_up(sqlite_store, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


@pytest.mark.postgresql
def test_postgresql_is_referred_to_its_own_tools(store: Store, tmp_path: Path) -> None:
    if store.mode()["database"] == "sqlite":
        pytest.skip("SQLite has a backup door of its own")
    with pytest.raises(StorageError, match="pg_dump"):
        back_up(store, tmp_path / "copy.db")
    with pytest.raises(StorageError, match="pg_restore"):
        restore(tmp_path / "copy.db", "postgresql+psycopg://localhost/x")
