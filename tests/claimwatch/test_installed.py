"""The project as others get it: a wheel in an environment of its own, run from an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from claimwatch.__main__ import OURS, stand_ins

ROOT = Path(__file__).parents[2]


def run(*command: str | Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CLAIMWATCH_", "PYTHON"))}
    return subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of an environment that holds our wheel, and our dependencies from this one."""
    folder = tmp_path_factory.mktemp("installed")
    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, folder=ROOT)
    assert built.returncode == 0, built.stderr
    venv.create(folder / "venv", symlinks=True)
    (wheel,) = folder.glob("claimwatch-*.whl")
    python = folder / "venv" / "bin" / "python"
    uv = Path(sysconfig.get_path("scripts")) / "uv"
    put = run(uv, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", python, wheel, folder=folder)
    assert put.returncode == 0, put.stderr
    (packages,) = (folder / "venv" / "lib").glob("python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return folder / "venv" / "bin"


def test_the_wheel_brings_all_it_needs(installed: Path, tmp_path: Path) -> None:
    started = run(installed / "claimwatch", "init", "guide", folder=tmp_path)
    assert started.returncode == 0, started.stderr
    checked = run(installed / "claimwatch", "validate", folder=tmp_path / "guide")
    assert checked.returncode == 0, checked.stderr
    where = run(installed / "python", "-c", "import storage; print(storage.__file__)", folder=tmp_path)
    assert str(installed.parent) in where.stdout


def test_the_demo_of_the_wheel_finds_what_it_should(installed: Path, tmp_path: Path) -> None:
    shown = run(installed / "claimwatch", "demo", "--keep", tmp_path / "kept", folder=tmp_path)
    assert shown.returncode == 0, shown.stdout[-2000:] + shown.stderr[-2000:]


def test_a_package_that_stands_in_for_ours_is_named(installed: Path, tmp_path: Path) -> None:
    assert stand_ins() == ()
    (tmp_path / "storage").mkdir()
    (tmp_path / "storage" / "__init__.py").touch()
    refused = run(installed / "python", "-m", "claimwatch", "--version", folder=tmp_path)
    assert refused.returncode == 2
    assert str(tmp_path / "storage") in refused.stderr


def test_every_package_of_the_wheel_is_looked_after() -> None:
    listed = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for name in OURS:
        assert f'"{name}"' in listed
