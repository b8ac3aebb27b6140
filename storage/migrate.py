"""Bringing a database to the shape that this version needs; refusing one that a newer version made.

Alembic is only loaded where something has to be migrated: loading it takes longer than most commands do.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from domain.errors import StorageError

if TYPE_CHECKING:
    from alembic.config import Config

_HERE = Path(__file__).parent / "migrations"


def revisions() -> tuple[str, ...]:
    """Every revision of the database that this version knows, oldest first: the numbers that migrations begin with."""
    return tuple(sorted(path.name.partition("_")[0] for path in (_HERE / "versions").glob("[0-9]*_*.py")))


def upgrade(engine: Engine, *, lock: int) -> None:
    """Every migration that the database lacks has run, all in one transaction.

    lock: the PostgreSQL advisory lock of writers, so that two who start together do not both create the tables.
    Raises StorageError for a database of a newer version.
    """
    with engine.connect() as connection:
        if _is_current(connection):
            return
        connection.rollback()
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})
        migrate(connection)
        connection.commit()


def prove_current(engine: Engine) -> None:
    """The database has the shape that this version needs. Raises StorageError where it has not."""
    with engine.connect() as connection:
        if not _is_current(connection):
            raise StorageError("the database is of an older version: open it once for writing to bring it up to date")


def migrate(connection: Connection, to: str = "head") -> None:
    """Run what is missing up to a revision, in the transaction that is open."""
    from alembic.command import upgrade as run

    config = _config()
    config.attributes["connection"] = connection
    run(config, to)


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _is_current(connection: Connection) -> bool:
    """Whether nothing is missing. Raises StorageError where the database is of a version that is not known here."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    known = revisions()
    current = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    if current is not None and current not in known:
        raise StorageError(
            f"the database is of revision {current}, which this version does not know: use the newer Claimwatch"
        )
    return current == known[-1]
