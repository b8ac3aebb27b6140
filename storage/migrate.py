"""Bringing a database to the shape that this version needs; refusing one that a newer version made."""

from __future__ import annotations

from pathlib import Path

from alembic.command import upgrade as alembic_upgrade
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from domain.errors import StorageError

_HERE = Path(__file__).parent / "migrations"


def upgrade(engine: Engine) -> None:
    """Every migration that the database lacks has run. Raises StorageError for a database of a newer version."""
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    scripts = ScriptDirectory.from_config(config)
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        if current == scripts.get_current_head():
            return
        known = {script.revision for script in scripts.walk_revisions()}
        if current is not None and current not in known:
            raise StorageError(
                f"the database is of revision {current}, which this version does not know: use the newer Claimwatch"
            )
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        alembic_upgrade(config, "head")
        connection.commit()
