"""`claimwatch channels`, as an operator types it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
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
    (found,) = json.loads(listed)["channels"]
    assert (found["name"], found["kind"], found["host"]) == ("team", "webhook", "team.example")
    assert (found["frequency"], found["secret"]) == ("daily", "file:secrets/team.secret")
    shown = channels(tmp_path, "preview", "team")
    assert json.loads(shown)["channel"] == "team"
    for said in (listed, shown):
        assert secret not in said
        assert "with-a-token" not in said
    assert_nowhere(tmp_path, secret, "with-a-token")
    assert "; 0 waiting digests cancelled" in channels(tmp_path, "remove", "team")
    assert list((tmp_path / "secrets").glob("team*")) == []
    channels(tmp_path, "remove", "team", code=2)
    assert json.loads(channels(tmp_path, "list", "--json")) == {"channels": []}
    assert channels(tmp_path, "add", "team", URL).strip().splitlines()[-1] != secret


def assert_nowhere(folder: Path, *secrets: str) -> None:
    """No secret lies in the database, and where they lie nobody else can read them."""
    for path in folder.glob("claimwatch.db*"):
        for secret in secrets:
            assert secret.encode() not in path.read_bytes()
    for path in (folder / "secrets").glob("team*"):
        assert path.stat().st_mode & 0o077 == 0


def test_a_channel_gets_what_it_chose_and_keeps_what_is_not_changed(tmp_path):
    subprocess.run([sys.executable, "-P", "-m", "claimwatch", "init", "."], cwd=tmp_path, check=True, timeout=60)
    channels(tmp_path, "add", "team", URL, "--hour", "9", "--risk", "high", "--source", "fees", "--timezone", "UTC")
    channels(tmp_path, "change", "team", "--frequency", "weekly", "--weekday", "2", "--risk", "", "--language", "fr")
    (found,) = json.loads(channels(tmp_path, "list", "--json"))["channels"]
    assert (found["frequency"], found["weekday"], found["hour"], found["timezone"]) == ("weekly", 2, 9, "UTC")
    assert (found["language"], found["filters"]) == ("fr", {"sources": ["fees"]})
    channels(tmp_path, "change", "team", "--timezone", "Nowhere/Atall", code=2)
    channels(tmp_path, "change", "other", "--hour", "3", code=2)


def test_a_tracker_is_named_by_its_project_and_a_reference_to_its_token(tmp_path):
    subprocess.run([sys.executable, "-P", "-m", "claimwatch", "init", "."], cwd=tmp_path, check=True, timeout=60)
    said = channels(tmp_path, "add", "team", "a/b", "--kind", "github", "--secret", "the-token-itself", code=2)
    assert "the-token-itself" not in said
    channels(tmp_path, "add", "team", "a/b", "--kind", "gitlab", code=2)
    channels(
        tmp_path, "add", "team", "a/b", "--kind", "gitlab", "--secret", "env:T", "--api", "http://x.example", code=2
    )
    channels(tmp_path, "add", "team", "a/b", "--kind", "gitlab", "--secret", "env:T", "--api", "https://x.example/v4")
    (found,) = json.loads(channels(tmp_path, "list", "--json"))["channels"]
    assert (found["host"], found["project"], found["frequency"]) == ("x.example", "a/b", "instant")
    assert "nothing to send" in channels(tmp_path, "preview", "team")


def test_secrets_that_were_once_kept_in_the_database_are_moved_out_of_it(tmp_path):
    subprocess.run([sys.executable, "-P", "-m", "claimwatch", "init", "."], cwd=tmp_path, check=True, timeout=60)
    channels(tmp_path, "add", "team", URL)
    secret = "an-old-secret-of-at-least-32-characters"
    with closing(sqlite3.connect(tmp_path / "claimwatch.db")) as database, database:
        database.execute("update channels set settings = ?", (json.dumps({"url": URL, "secret": secret}),))
    said = channels(tmp_path, "list")
    assert "copies and backups of the database still hold it" in said
    assert secret not in said
    (found,) = json.loads(channels(tmp_path, "list", "--json"))["channels"]  # said once
    assert found["host"] == "team.example"
    assert (tmp_path / "secrets" / "team.secret").read_text() == secret
    with closing(sqlite3.connect(tmp_path / "claimwatch.db")) as database:
        ((kept,),) = database.execute("select settings from channels")
    assert secret not in kept
    assert "with-a-token" not in kept


def test_an_address_that_could_not_be_posted_to_is_refused_and_not_repeated(tmp_path):
    (tmp_path / "sources.yaml").write_text("sources: []\n")
    for url in ("http://team.example/token", "ftp://team.example/token", "https://user:token@team.example/"):
        assert "token" not in channels(tmp_path, "add", "team", url, code=2)


def test_a_chat_is_added_by_its_address_which_is_kept_as_a_secret(tmp_path):
    (tmp_path / "sources.yaml").write_text("sources: []\n")
    url = "slack://T1JJ3T3L2/A1BRTD4JD/with-a-token-24-characters/#general"
    url = url.replace("with-a-token-24-characters", "TIiajkdnlazkcOXrIdevi7FQ")
    said = channels(tmp_path, "add", "team", url, "--kind", "apprise")
    (found,) = json.loads(channels(tmp_path, "list", "--json"))["channels"]
    assert (found["kind"], found["host"]) == ("apprise", "slack")
    assert "TIiajk" not in said + json.dumps(found)
    assert_nowhere(tmp_path, "TIiajkdnlazkcOXrIdevi7FQ")
    assert "token" not in channels(
        tmp_path, "add", "team", "mailto://me:token@mail.example", "--kind", "apprise", code=2
    )


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


def test_a_template_is_tried_kept_previewed_listed_and_taken_away(tmp_path):
    subprocess.run([sys.executable, "-P", "-m", "claimwatch", "init", "."], cwd=tmp_path, check=True, timeout=60)
    url = "jsons://team.example/hook"
    (tmp_path / "chat.j2").write_text("{% for change in changes %}\n{{ chang.new }}\n{% endfor %}\n")
    given = ("add", "team", url, "--kind", "apprise", "--risk", "high", "--frequency", "weekly", "--weekday", "2")
    assert "line 2: there is no variable 'chang'" in channels(tmp_path, *given, "--template", "file:chat.j2", code=2)
    assert json.loads(channels(tmp_path, "list", "--json")) == {"channels": []}
    (tmp_path / "chat.j2").write_text(
        "{% for change in changes %}\n* {{ change.new }}\n{% else %}\nAll is well.\n{% endfor %}\n"
    )
    channels(tmp_path, *given, "--template", "file:chat.j2")
    shown = channels(tmp_path, "preview", "team")
    assert "nothing to send" in shown
    assert "\n* CAD 1,155\n" in shown
    listed = channels(tmp_path, "list")
    for words in ("Wednesday 7:00 America/Toronto", "risks: high", "file:chat.j2"):
        assert words in listed
    channels(tmp_path, "change", "team", "--hour", "9")
    (found,) = json.loads(channels(tmp_path, "list", "--json"))["channels"]
    assert (found["template"], found["template_fault"]) == ("file:chat.j2", "")
    for refused in ("{{ nothing }}", "chat.j2", "file:gone.j2"):
        channels(tmp_path, "change", "team", "--template", refused, code=2)
    channels(tmp_path, "change", "team", "--template", "")
    (found,) = json.loads(channels(tmp_path, "list", "--json"))["channels"]
    assert found["template"] == ""
    channels(tmp_path, "add", "hook", URL, "--template", "{{ subject }}", code=2)


def test_a_template_that_broke_meanwhile_is_named_where_digests_are_composed_and_in_status(tmp_path):
    def run(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "claimwatch", *words],
            cwd=tmp_path,
            env={**os.environ, "CLAIMWATCH_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.stdout

    run("init", ".")
    (tmp_path / "chat.j2").write_text("{{ subject }}")
    channels(tmp_path, "add", "team", "jsons://team.example/hook", "--kind", "apprise", "--template", "file:chat.j2")
    (tmp_path / "chat.j2").write_text("{{ subjekt }}")
    said = "no variable 'subjekt'"
    for words in (("digest", "preview"), ("digest", "compose", "--period", "now"), ("channels", "list"), ("status",)):
        assert said in run(*words), words
    assert json.loads(run("status", "--json"))["templates"]["team"].startswith("line 1")
