"""A newcomer follows docs/channels.md: a channel of each kind, told of one change by a command, and of nothing twice."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from storage.store import open_store
from tests.notifications.builders import dollars, flag
from tests.notifications.stores import happen
from tests.notifications.tracker import TOKEN, tracking


@dataclass(slots=True)
class Services:
    """Requests as they came to a webhook, a Slack-like and a Matrix-like service on one port."""

    port: int = 0
    came: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    def said(self, place: str) -> list[tuple[dict[str, str], bytes]]:
        """Headers and body of what was said to one of them."""
        return [
            (headers, body)
            for method, path, headers, body in self.came
            if method != "GET" and (path == place or f"{place}/" in path)
        ]


@contextmanager
def services() -> Iterator[Services]:
    found = Services()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed."""

        def work(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            found.came.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            told = b"ok"
            if "/_matrix/" in self.path:
                told = json.dumps(
                    {"user_id": "@watch:x", "room_id": "!room:x", "event_id": "$1", "joined_rooms": ["!room:x"]}
                ).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        do_GET = do_POST = do_PUT = work

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join(10)


def test_one_change_reaches_a_channel_of_every_kind_once(tmp_path: Path) -> None:
    def run(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "claimwatch", *words],
            cwd=tmp_path,
            env={**os.environ, "CLAIMWATCH_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    with services() as found, tracking() as github, tracking(gitlab=True) as gitlab:
        run("init", ".")
        (tmp_path / "outbox").mkdir()
        settings = {
            "CLAIMWATCH_ALLOW_ADDRESSES": ",".join(
                f"127.0.0.1:{port}" for port in (found.port, github.port, gitlab.port)
            ),
            "CLAIMWATCH_SMTP_URL": (tmp_path / "outbox").as_uri(),
            "GITHUB_TOKEN": TOKEN,
            "NEWSROOM": f"mmost://127.0.0.1:{found.port}/3ccdd113474722377935511fc85d3dd4",
            "ROOM": f"matrix://a-token@127.0.0.1:{found.port}/!room:x",
        }
        (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        (tmp_path / "gitlab").write_text(TOKEN + "\n")
        (tmp_path / "chat.j2").write_text(
            "{% for change in changes %}\n* {{ change.new }}\n{% else %}\nquiet\n{% endfor %}\n"
        )
        secret = run("channels", "add", "hook", f"http://127.0.0.1:{found.port}/hook", "--no-heartbeat").split()[-1]
        run(
            "channels",
            "add",
            "newsroom",
            "env:NEWSROOM",
            "--kind",
            "apprise",
            "--template",
            "file:chat.j2",
            "--no-heartbeat",
        )
        run("channels", "add", "room", "env:ROOM", "--kind", "apprise", "--frequency", "instant")
        run(
            *("channels", "add", "issues", "guides/permits", "--kind", "github"),
            *("--secret", "env:GITHUB_TOKEN", "--api", github.api),
        )
        run(
            *("channels", "add", "tickets", "guides/permits", "--kind", "gitlab"),
            *("--secret", "file:gitlab", "--api", gitlab.api),
        )
        listed = run("channels", "list")
        for name in ("hook", "newsroom", "room", "issues", "tickets"):
            assert name in listed
        store = open_store(f"sqlite:///{tmp_path / 'claimwatch.db'}")
        happen(store, flag(1, "permit-fee", before=dollars(1000), after=dollars(1155)), at=datetime.now(UTC))
        store.close()
        for name in ("hook", "newsroom", "room", "issues", "tickets"):
            assert "1,155" in run("channels", "preview", name), name
        assert "to channels: 1 sent, 0 deferred, 0 failed" in run("digest", "send")
        run("digest", "send")
    ((headers, body),) = found.said("/hook")
    signed = headers["claimwatch-timestamp"].encode() + b"." + body
    assert headers["claimwatch-signature"] == "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    assert json.loads(body)["items"][0]["after"] == "CAD 1,155"
    ((_, posted),) = found.said("/hooks/3ccdd113474722377935511fc85d3dd4")
    assert "* CAD 1,155" in json.loads(posted)["text"]
    ((_, sent),) = found.said("/send/m.room.message")
    assert "CAD 1,000 → CAD 1,155" in json.loads(sent)["body"]
    for tracker in (github, gitlab):
        (issue,) = tracker.issues
        assert "CAD 1,155" in issue["title"]
