"""`claimwatch channels`, as an operator types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.notifications.test_webhook import serving
from tests.outbound.byte_server import answer

URL = "https://team.example/hook/with-a-token"


def channels(folder: Path, *words: str, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "claimwatch", "channels", *words],
        cwd=folder,
        env={**os.environ, "CLAIMWATCH_HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_channel_is_added_shown_previewed_and_removed_and_its_secret_printed_once(tmp_path):
    subprocess.run([sys.executable, "-P", "-m", "claimwatch", "init", "."], cwd=tmp_path, check=True, timeout=60)
    secret = channels(tmp_path, "add", "team", URL).strip().splitlines()[-1]
    assert len(secret) >= 32
    listed = channels(tmp_path, "list", "--json")
    assert json.loads(listed)["channels"] == [
        {"name": "team", "kind": "webhook", "host": "team.example", "frequency": "daily"}
    ]
    shown = channels(tmp_path, "preview", "team")
    assert json.loads(shown)["channel"] == "team"
    for said in (listed, shown):
        assert secret not in said
        assert "with-a-token" not in said
    channels(tmp_path, "remove", "team")
    channels(tmp_path, "remove", "team", code=2)
    assert json.loads(channels(tmp_path, "list", "--json")) == {"channels": []}
    assert channels(tmp_path, "add", "team", URL).strip().splitlines()[-1] != secret


def test_an_address_that_could_not_be_posted_to_is_refused_and_not_repeated(tmp_path):
    (tmp_path / "sources.yaml").write_text("sources: []\n")
    for url in ("http://team.example/token", "ftp://team.example/token", "https://user:token@team.example/"):
        assert "token" not in channels(tmp_path, "add", "team", url, code=2)


def test_what_is_sent_by_hand_goes_to_channels_too(tmp_path):
    subprocess.run([sys.executable, "-P", "-m", "claimwatch", "init", "."], cwd=tmp_path, check=True, timeout=60)
    with serving(answer()) as server:
        settings = {
            "CLAIMWATCH_ALLOW_ADDRESSES": f"127.0.0.1:{server.port}",
            "CLAIMWATCH_SMTP_URL": (tmp_path / "outbox").as_uri(),
        }
        (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        (tmp_path / "outbox").mkdir()
        channels(tmp_path, "add", "team", f"http://127.0.0.1:{server.port}/hook")
        sent = subprocess.run(
            [sys.executable, "-P", "-m", "claimwatch", "digest", "send"],
            cwd=tmp_path,
            env={**os.environ, "CLAIMWATCH_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert sent.returncode == 0, sent.stderr
        assert "to channels: 1 sent" in sent.stdout
        assert len(server.asked) == 1
