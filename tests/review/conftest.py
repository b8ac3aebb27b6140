"""A review desk over the demo's home: real captures, flags and facts, a real server on loopback, people who come in."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import own_schema
from tests.review.office import Office, opened


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's home after its run: eleven pages visited twice, flags open, a digest sent. Not to be changed."""
    home = tmp_path_factory.mktemp("demo") / "home"
    done = subprocess.run(
        [sys.executable, "-P", "-m", "claimwatch", "demo", "--keep", str(home)],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return home


@pytest.fixture
def office(demo_home: Path, tmp_path: Path) -> Iterator[Office]:
    """A desk of its own for each test, over a copy of the demo's home."""
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    with opened(home) as office:
        yield office


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """The address of an empty schema on the PostgreSQL server that is given."""
    with own_schema() as url:
        yield url
