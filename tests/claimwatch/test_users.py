"""`claimwatch users`, as an operator types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from domain.people import Scope
from storage.audit import list_acts
from storage.sessions import add_token, find_token
from storage.store import open_store
from storage.users import find_user
from tests.storage.builders import NOW


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sources.yaml").write_text("sources: []\n")
    (tmp_path / "claims.yaml").write_text("guide: {id: g, title: G, url: https://g.example/}\nclaims: []\n")
    return tmp_path


def users(folder: Path, *words: str, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "claimwatch", "users", *words],
        cwd=folder,
        env={**os.environ, "CLAIMWATCH_HOME": str(folder), "CLAIMWATCH_BASE_URL": "https://desk.example/"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_people_are_added_listed_changed_and_shut_out(folder: Path) -> None:
    assert "https://desk.example/enter/" in users(folder, "add", "root", "--role", "admin")
    users(folder, "add", "ana", "--outside", "subject-1")
    listed = {item["name"]: item for item in json.loads(users(folder, "list", "--json"))["users"]}
    assert (listed["ana"]["role"], listed["ana"]["outside"], listed["ana"]["last_seen_at"]) == (
        "reviewer",
        "subject-1",
        None,
    )
    users(folder, "role", "ana", "viewer")
    users(folder, "outside", "ana")
    users(folder, "remove", "ana")
    listed = {item["name"]: item for item in json.loads(users(folder, "list", "--json"))["users"]}
    assert (listed["ana"]["role"], listed["ana"]["outside"], listed["ana"]["active"]) == ("viewer", None, False)
    users(folder, "restore", "ana")
    assert "https://desk.example/enter/" in users(folder, "link", "ana")


def test_what_cannot_be_is_refused_with_a_clear_word(folder: Path) -> None:
    users(folder, "add", "root", "--role", "admin")
    assert "already" in users(folder, "add", "ROOT", code=2)
    assert "root" in users(folder, "role", "roott", "viewer", code=2)
    assert "administrator" in users(folder, "role", "root", "viewer", code=2)
    assert "administrator" in users(folder, "remove", "root", code=2)


def test_a_lost_laptop_opens_nothing_any_more(folder: Path) -> None:
    users(folder, "add", "root", "--role", "admin")
    store = open_store(f"sqlite:///{folder / 'claimwatch.db'}")
    with store.writing() as connection:
        root = find_user(connection, "root")
        assert root is not None
        add_token(connection, secret="t", user=root.id, name="n", scope=Scope.READ, now=NOW)
    assert "1 tokens revoked" in users(folder, "end", "root")
    with store.reading() as connection:
        assert find_token(connection, "t", now=NOW) is None
        assert list_acts(connection, limit=1)[0].act == "ended sessions"
    store.close()
