"""Opening the store, and the two ways to hold a connection: reading and writing.

On SQLite a writer begins IMMEDIATE, so it waits its turn instead of failing half-way; on PostgreSQL writers take one
advisory lock, so the sequence of events is the order of commits. Any error abandons the whole unit.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from domain.errors import StorageError
from storage.migrate import upgrade

__all__ = ["Connection", "Store", "open_store", "wal_is_safe"]

BUSY_SECONDS = 30
"""How long a SQLite connection waits for another writer before it gives up."""

_WRITERS = 0x636C61696D
"""The PostgreSQL advisory lock that all writers share."""


class Store:
    """An open store. `reading()` and `writing()` each give one connection for one unit of work."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._sqlite = engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read with; whatever is read in it is one consistent view. Raises StorageError."""
        with _as_storage_error(), self._engine.connect() as connection:
            yield connection
            connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: committed when the block ends well, undone whole on any exception. Raises StorageError."""
        with _as_storage_error(), self._engine.connect() as connection:
            if self._sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _WRITERS})
            try:
                yield connection
                if self._sqlite and not _driver(connection).in_transaction:
                    raise StorageError("the transaction ended before it was committed; nothing of it is kept")
                connection.commit()
            except BaseException:
                connection.rollback()
                raise

    def mode(self) -> dict[str, Any]:
        """How the store keeps its promises: database, version, journal mode, synchronisation."""
        with self.reading() as connection:
            if not self._sqlite:
                version = connection.execute(text("SHOW server_version")).scalar_one()
                return {"database": "postgresql", "version": version}
            pragma = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            }
            return {"database": "sqlite", "version": sqlite3.sqlite_version, **pragma}

    def close(self) -> None:
        """Give every connection back."""
        self._engine.dispose()


def open_store(url: str, *, migrate: bool = True) -> Store:
    """The store at a database address, created or brought up to date.

    Raises StorageError where it cannot be opened, is damaged, or was made by a newer version.
    """
    with _as_storage_error():
        engine = create_engine(make_url(url), pool_pre_ping=not url.startswith("sqlite"))
        if engine.dialect.name == "sqlite":
            _prepare_sqlite(engine)
        if migrate:
            upgrade(engine)
        return Store(engine)


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite is free of the WAL-reset bug under several writers (fixed in 3.51.3, 3.50.7 and 3.44.6)."""
    if version[:2] == (3, 50):
        return version >= (3, 50, 7)
    if version[:2] == (3, 44):
        return version >= (3, 44, 6)
    return version >= (3, 51, 3)


def _prepare_sqlite(engine: Engine) -> None:
    journal = "WAL" if wal_is_safe(sqlite3.sqlite_version_info) else "DELETE"

    @event.listens_for(engine, "connect")
    def _settings(connection: sqlite3.Connection, _record: object) -> None:
        # Transactions are begun by us, not by the driver, so that a writer can begin IMMEDIATE.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        connection.execute(f"PRAGMA journal_mode = {journal}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA mmap_size = 0")


def _driver(connection: Connection) -> Any:
    return connection.connection.dbapi_connection


@contextmanager
def _as_storage_error() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise StorageError(f"the database refused: {error.orig}") from error
    except SQLAlchemyError as error:
        raise StorageError(f"the database cannot be used: {error}") from error
