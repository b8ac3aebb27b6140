"""Databases for tests: a schema of its own on the PostgreSQL server that is given, dropped afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

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
