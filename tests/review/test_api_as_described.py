"""A program that knows nothing but the description calls the API in every way that it allows, and in many that it does
not, over real HTTP: no server error, nothing that the description does not say.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from domain.people import Role, Scope
from tests.review.office import Office


@pytest.mark.slow
def test_the_api_is_as_it_describes_itself(office: Office, tmp_path: Path) -> None:
    token = office.token("root", Role.ADMIN, Scope.ADMIN)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{office.url}/api/v1/openapi.json"),
            *("-H", f"Authorization: Bearer {token}"),
            *("--checks", "all", "--phases", "examples,coverage,fuzzing", "--max-examples", "10"),
            *("--seed", "1", "--continue-on-failure", "--warnings", "off", "--no-color"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
