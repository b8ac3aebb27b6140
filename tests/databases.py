"""Databases for tests: a schema of its own on the PostgreSQL server that is given, dropped afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, insert, select, text
from sqlalchemy import inspect as look_into
from sqlalchemy.engine import make_url

from storage.store import open_store
from storage.tables import metadata

POSTGRESQL = os.environ.get("CLAIMWATCH_TEST_POSTGRESQL", "")


@contextmanager
def own_schema() -> Iterator[str]:
    """The address of an empty schema. The test is skipped where no server is given."""
    if not POSTGRESQL:
        pytest.skip("CLAIMWATCH_TEST_POSTGRESQL names no server")
    schema = f"test_{uuid4().hex[:12]}"
    admin = create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
    place = make_url(POSTGRESQL).update_query_dict({"options": f"-csearch_path={schema}"})
    yield place.render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
    admin.dispose()


def copied(old: str, new: str) -> str:
    """The address of a PostgreSQL database that holds now what the SQLite one holds."""
    open_store(new).close()
    before, after = create_engine(old), create_engine(new)
    with before.connect() as source, after.begin() as target:
        for table in metadata.sorted_tables:
            target.execute(table.delete())
        for table in metadata.sorted_tables:
            if rows := [dict(row) for row in source.execute(select(table)).mappings()]:
                target.execute(insert(table), rows)
            for column in table.columns:
                name = target.execute(
                    text("SELECT pg_get_serial_sequence(:t, :c)"), {"t": table.name, "c": column.name}
                ).scalar()
                if name:
                    target.execute(
                        text(f"SELECT setval('{name}', (SELECT coalesce(max({column.name}), 1) FROM {table.name}))")
                    )
        assert look_into(target).get_table_names()
    before.dispose()
    after.dispose()
    return new
