"""Safe copies of a SQLite store, and the proof that a store is whole.

A copy of the file alone may miss committed work, so a backup goes through SQLite's own backup door, is verified before
it gets its name, and never replaces a file. PostgreSQL has its own tools for copies; verifying works on both.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, select
from sqlalchemy.engine import make_url

from domain.errors import StorageError
from storage.bodies import verify_bodies
from storage.events import last_seq
from storage.store import Store, open_store
from storage.tables import checks

_JOURNAL_HEADER = 28
"""Bytes that SQLite wipes when a journal's transaction is over."""

_STRETCH = 200
"""Bodies verified in one unit of reading, so that writers are not held up for long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a scrub found: bodies read, last check and last event in it, and every problem in words."""

    bodies: int
    last_check: int
    last_event: int
    problems: tuple[str, ...]


def verify(store: Store) -> Verified:
    """Every body was read and its digest compared, and the database's own checks were run. Raises StorageError."""
    with store.reading() as connection:
        problems = list(_database_problems(connection))
        last_check = int(connection.execute(select(func.coalesce(func.max(checks.c.id), 0))).scalar_one())
        last_event = last_seq(connection)
    count, after = 0, ""
    while True:
        with store.reading() as connection:
            stretch = list(verify_bodies(connection, after=after, limit=_STRETCH))
        if not stretch:
            return Verified(bodies=count, last_check=last_check, last_event=last_event, problems=tuple(problems))
        count, after = count + len(stretch), stretch[-1][0]
        problems += [problem for _, problem in stretch if problem]


def back_up(store: Store, target: Path) -> Verified:
    """A verified copy of a SQLite store stands at `target`, with everything committed before the call.

    Raises StorageError where there is a file already, the copy is not whole, or the store is on PostgreSQL.
    """
    _prove_free(target)
    with _draft(target) as draft:
        with store.reading() as connection:
            source: object = connection.connection.dbapi_connection
            if not isinstance(source, sqlite3.Connection):
                raise StorageError("this store is on PostgreSQL: use pg_dump, and `verify` on what pg_restore made")
            with closing(sqlite3.connect(draft)) as copy:
                source.backup(copy)
        found = _proven(draft)
        _prove_free(target)
        _publish(draft, target)
    return found


def restore(backup: Path, url: str) -> Verified:
    """A verified copy of the backup stands where the database address points. The backup is left as it is.

    Raises StorageError where the backup is not whole, a database stands there already, or it is on PostgreSQL.
    """
    place = make_url(url)
    if place.get_backend_name() != "sqlite" or not place.database:
        raise StorageError("a backup file is restored into SQLite; for PostgreSQL use pg_restore")
    target = Path(place.database)
    _prove_free(target)
    if not backup.is_file():
        raise StorageError(f"there is no backup at {backup}")
    with _draft(target) as draft:
        # Through SQLite and not as a file, so that a journal left beside the backup is honoured.
        with _sqlite_errors(), closing(_read_only(backup)) as source, closing(sqlite3.connect(draft)) as copy:
            if not source.execute("SELECT 1 FROM sqlite_master WHERE name = 'checks'").fetchone():
                raise StorageError(f"{backup} is no backup of a store")
            source.backup(copy)
        found = _proven(draft)
        _prove_free(target)
        _publish(draft, target)
    return found


def _database_problems(connection: Connection) -> Iterator[str]:
    if connection.dialect.name != "sqlite":
        return
    for line in connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars():
        if line != "ok":
            yield f"the database is damaged: {line}"
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"the database is damaged: row {row[1]} of {row[0]} points to a missing row of {row[2]}"


def _proven(draft: Path) -> Verified:
    store = open_store(f"sqlite:///{draft}")
    try:
        found = verify(store)
    finally:
        store.close()
    if found.problems:
        raise StorageError(f"the copy is not whole and was thrown away: {'; '.join(found.problems[:5])}")
    return found


def _prove_free(target: Path) -> None:
    """Nothing stands at the target, and no journal beside it that SQLite would play into a new file."""
    for path in (target, *(target.with_name(target.name + ending) for ending in ("-journal", "-wal", "-shm"))):
        if path.exists() and not _spent(path):
            raise StorageError(f"{path} is there already; nothing is overwritten: move it away first")


def _spent(path: Path) -> bool:
    """Whether it is a journal that has been played out: SQLite leaves it in place with its header wiped."""
    if not path.name.endswith("-journal"):
        return False
    with path.open("rb") as file:
        return not any(file.read(_JOURNAL_HEADER))


@contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """A place beside the target for the copy until it has proven itself; nothing of it is left on any error."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.draft")
    try:
        with _sqlite_errors():
            yield draft
    finally:
        for ending in ("", "-journal", "-wal", "-shm"):
            draft.with_name(draft.name + ending).unlink(missing_ok=True)


def _publish(draft: Path, target: Path) -> None:
    """The draft gets its name, on the disk and not only in memory."""
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.rename(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


@contextmanager
def _sqlite_errors() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StorageError(f"the copy failed: {error}") from error
