"""Opening the store, and the ways to hold a connection: reading, writing, and writing together with others.

On SQLite a writer begins IMMEDIATE, so it waits its turn instead of failing half-way; on PostgreSQL writers take one
advisory lock, so the sequence of events is the order of commits. Any error abandons the whole unit, also one that
the caller swallowed: a full disk ends a transaction behind our back, and what came after would be kept alone.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, RootTransaction, create_engine, event, text
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, TimeoutError

from domain.errors import StorageError
from storage.migrate import prove_current, upgrade
from storage.together import Result, Together

__all__ = ["Connection", "Store", "open_store", "wal_is_safe"]

BUSY_SECONDS = 30
"""How long a writer waits for another one before it gives up."""

_MOST_JOURNAL = 8 * 2**20
"""Bytes that a journal may keep between two transactions."""

_WRITERS = 0x636C61696D
"""The PostgreSQL advisory lock that all writers share."""

_UNIT = "claimwatch_unit"


@dataclass(slots=True, kw_only=True)
class _Unit:
    """One unit of writing under way: its transaction, and the first error in it."""

    transaction: RootTransaction | None
    failed: str = ""


class Store:
    """An open store. `reading()` and `writing()` each give one connection for one unit of work."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._sqlite = engine.dialect.name == "sqlite"
        self._process = os.getpid()
        self._turn = threading.Lock()
        self._together = Together(self.writing)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read with; whatever is read in it is one consistent view, and writing is refused.

        Raises StorageError. Read to the end before anything slow is done: on SQLite a reader holds writers up.
        """
        with _as_storage_error(), self._connect() as connection:
            if self._sqlite:
                connection.exec_driver_sql("PRAGMA query_only = ON")
                connection.exec_driver_sql("BEGIN")
            else:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            try:
                yield connection
            finally:
                connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: committed when the block ends well, undone whole on any exception. Raises StorageError.

        Writers of one process take turns here, since SQLite lets them wait by sleeping and trying again.
        """
        with self._own_turn(), _as_storage_error(), self._connect() as connection:
            if self._sqlite:
                connection.exec_driver_sql("PRAGMA query_only = OFF")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'")
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _WRITERS})
            unit = _Unit(transaction=connection.get_transaction())
            connection.execution_options(**{_UNIT: unit})
            try:
                yield connection
                _prove_open(connection, unit)
                connection.commit()
            except BaseException:
                connection.rollback()
                raise

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """What `work` returned, committed as by `writing()`; threads that ask at once share one transaction.

        work: may be run twice, and must have no effect but on its connection. What it raises is raised here, with
        nothing of it kept; StorageError where the store refuses.
        """
        return self._together.write(work)

    def mode(self) -> dict[str, Any]:
        """How the store keeps its promises: database, version, journal mode and why, synchronisation."""
        with self.reading() as connection:
            if not self._sqlite:
                return {
                    "database": "postgresql",
                    "version": connection.exec_driver_sql("SHOW server_version").scalar_one(),
                    "synchronous_commit": connection.exec_driver_sql("SHOW synchronous_commit").scalar_one(),
                }
            pragma = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            }
            return {
                "database": "sqlite",
                "version": sqlite3.sqlite_version,
                "wal_is_safe": wal_is_safe(sqlite3.sqlite_version_info),
                **pragma,
            }

    def close(self) -> None:
        """Give every connection back."""
        self._engine.dispose()

    @contextmanager
    def _own_turn(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=BUSY_SECONDS):
            raise StorageError(f"another writer of this process was not done after {BUSY_SECONDS} s")
        try:
            yield
        finally:
            self._turn.release()

    def _connect(self) -> Connection:
        if os.getpid() != self._process:
            raise StorageError("the store was opened by another process: open it anew after a fork")
        return self._engine.connect()


def open_store(url: str, *, migrate: bool = True) -> Store:
    """The store at a database address, created or brought up to date; with `migrate` off it must be there as it is.

    Raises StorageError where it cannot be opened, is damaged, or was made by a newer version.
    """
    with _as_storage_error():
        engine = _engine(url)
        try:
            if engine.dialect.name == "sqlite" and not migrate and not os.path.isfile(engine.url.database or ""):
                raise StorageError(f"there is no database at {engine.url.database}")
            if migrate:
                upgrade(engine, lock=_WRITERS)
            else:
                prove_current(engine)
        except BaseException:
            engine.dispose()
            raise
        return Store(engine)


def _engine(url: str) -> Engine:
    try:
        place = make_url(url)
    except ArgumentError:
        raise StorageError("that is no database address: sqlite:///PATH or postgresql+psycopg://…") from None
    if place.get_backend_name() not in ("sqlite", "postgresql"):
        raise StorageError(f"{place.get_backend_name()} is no database that Claimwatch knows: sqlite or postgresql")
    try:
        # Last in, first out: the connection used last still has the pages of the database in its cache.
        engine = create_engine(place, pool_use_lifo=True)
    except ModuleNotFoundError as error:
        raise StorageError(f"{error.name} is missing: install claimwatch with its extra `postgresql`") from error
    _guard_units(engine)
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    return engine


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite is free of the WAL-reset bug under several writers (fixed in 3.51.3, 3.50.7 and 3.44.6)."""
    if version[:2] == (3, 50):
        return version >= (3, 50, 7)
    if version[:2] == (3, 44):
        return version >= (3, 44, 6)
    return version >= (3, 51, 3)


def _prepare_sqlite(engine: Engine) -> None:
    # A journal that stays is as durable as one that is deleted (its header is wiped and synced at each commit) and
    # spares the file system a new file, an unlink and a synced folder for every check.
    journal = "wal" if wal_is_safe(sqlite3.sqlite_version_info) else "persist"

    @event.listens_for(engine, "connect")
    def _settings(connection: sqlite3.Connection, _record: object) -> None:
        # Transactions are begun by us, not by the driver, so that a writer can begin IMMEDIATE.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        answer = connection.execute(f"PRAGMA journal_mode = {journal}").fetchone()[0]
        if answer not in (journal, "memory"):
            raise StorageError(f"the database keeps journal mode {answer} and refuses {journal}")
        connection.execute(f"PRAGMA journal_size_limit = {_MOST_JOURNAL}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA mmap_size = 0")


def _guard_units(engine: Engine) -> None:
    @event.listens_for(engine, "before_cursor_execute")
    def _before(connection: Connection, *_: object) -> None:
        unit = connection.get_execution_options().get(_UNIT)
        if unit is not None:
            _prove_open(connection, unit)

    @event.listens_for(engine, "handle_error")
    def _failed(context: ExceptionContext) -> None:
        unit = None if context.connection is None else context.connection.get_execution_options().get(_UNIT)
        if unit is not None and not unit.failed:
            unit.failed = str(context.original_exception)


def _prove_open(connection: Connection, unit: _Unit) -> None:
    """The unit's one transaction is still open and nothing failed in it; StorageError otherwise."""
    if unit.failed:
        raise StorageError(f"the unit failed before and nothing of it is kept: {unit.failed}")
    still = unit.transaction is not None and connection.get_transaction() is unit.transaction
    if still and connection.dialect.name == "sqlite":
        driver: Any = connection.connection.dbapi_connection
        still = driver.in_transaction
    if not still:
        raise StorageError("the transaction ended before it was committed; nothing of it is kept")


@contextmanager
def _as_storage_error() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise StorageError(f"the database refused: {error.orig}") from error
    except TimeoutError as error:
        raise StorageError(f"no connection to the database came free: {error}") from error
