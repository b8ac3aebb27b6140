"""Bringing a database to the shape that this version needs; refusing one that a newer version made."""

from __future__ import annotations

from pathlib import Path

from alembic.command import upgrade as alembic_upgrade
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from domain.errors import StorageError

_HERE = Path(__file__).parent / "migrations"


def upgrade(engine: Engine, *, lock: int) -> None:
    """Every migration that the database lacks has run, all in one transaction.

    lock: the PostgreSQL advisory lock of writers, so that two who start together do not both create the tables.
    Raises StorageError for a database of a newer version.
    """
    config = _config()
    scripts = ScriptDirectory.from_config(config)
    with engine.connect() as connection:
        if _prove_known(connection, scripts) == scripts.get_current_head():
            return
        connection.rollback()
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})
        config.attributes["connection"] = connection
        alembic_upgrade(config, "head")
        connection.commit()


def prove_current(engine: Engine) -> None:
    """The database has the shape that this version needs. Raises StorageError where it has not."""
    scripts = ScriptDirectory.from_config(_config())
    with engine.connect() as connection:
        if _prove_known(connection, scripts) != scripts.get_current_head():
            raise StorageError("the database is of an older version: open it once for writing to bring it up to date")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _prove_known(connection: Connection, scripts: ScriptDirectory) -> str | None:
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise StorageError(
            f"the database is of revision {current}, which this version does not know: use the newer Claimwatch"
        )
    return current
