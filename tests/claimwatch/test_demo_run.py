"""The demo as a newcomer runs it: the ordinary commands, for real, in a folder of its own."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from claimwatch.demo.expected import CHANGES
from claimwatch.demo.folder import Home
from claimwatch.demo.run import FOUND, WRONG_CALL, run_demo


def plain(out: io.StringIO) -> Console:
    return Console(file=out, highlight=False, force_terminal=False)


def test_the_demo_finds_exactly_what_it_expects_and_leaves_a_home_to_go_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Settings of a Claimwatch that runs here in earnest must not reach the demo, nor it them.
    monkeypatch.setenv("CLAIMWATCH_DATABASE_URL", f"sqlite:///{tmp_path}/earnest.db")
    monkeypatch.setenv("CLAIMWATCH_SMTP_URL", "smtp://mail.example.test")
    out = io.StringIO()
    folder = tmp_path / "demo"
    assert run_demo(keep=folder, serve=False, out=plain(out)) == FOUND, out.getvalue()
    told = out.getvalue()
    assert "\x1b" not in told
    assert all(change.said in told for change in CHANGES)
    assert not (tmp_path / "earnest.db").exists()

    home = Home(path=folder)
    assert len(home.mails()) == 1
    assert {flag["state"] for flag in home.ask("flags")["flags"]} == {"open"}
    # The site is gone by now, so the next visit can read nothing, and no flag comes of it.
    before = home.ask("flags")
    checks = home.ask("check", also=frozenset({3}))
    assert {check["outcome"] for check in checks["checks"]} == {"failed"}
    assert json.dumps(home.ask("flags")) == json.dumps(before)


def test_the_demo_writes_into_no_folder_that_is_in_use(tmp_path: Path) -> None:
    kept = tmp_path / "sources.yaml"
    kept.write_text("mine\n")
    out = io.StringIO()
    assert run_demo(keep=tmp_path, serve=False, out=plain(out)) == WRONG_CALL
    assert "not empty" in out.getvalue()
    assert [item.read_text() for item in tmp_path.iterdir()] == ["mine\n"]
