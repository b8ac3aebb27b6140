"""A tracker on loopback that keeps issues as GitHub or GitLab does, counts what was made, and breaks when told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

TOKEN = "a-token-that-opens-the-tracker"


@dataclass(slots=True)
class Tracker:
    """faults: for the next requests that change something: a status to answer, or `break` after it was done.

    hold: "POST" or the like: the first such request is done, and never answered; `holding` is set when it was.
    """

    gitlab: bool = False
    issues: list[dict[str, Any]] = field(default_factory=list)
    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    faults: list[tuple[int, dict[str, str]] | str] = field(default_factory=list)
    seen: list[tuple[str, str]] = field(default_factory=list)
    token: str = TOKEN
    port: int = 0
    hold: str = ""
    holding: threading.Event = field(default_factory=threading.Event)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    def text(self) -> str:
        return "description" if self.gitlab else "body"

    def answer(self, method: str, path: str, given: dict[str, Any]) -> tuple[int, Any]:
        parts = [unquote(part) for part in urlsplit(path).path.split("/") if part]
        parts = parts[4 if not self.gitlab else 3 :]
        if not parts:
            return 200, {"id": 1}
        if len(parts) == 1:
            return self.listed(method, given)
        number = int(parts[1])
        found = next((item for item in self.issues if item["number"] == number), None)
        if found is None:
            return 404, {}
        if len(parts) == 2:
            if method in ("PATCH", "PUT"):
                wanted = given.get("state") or given["state_event"]
                found["state"] = "closed" if wanted in ("closed", "close") else "open"
            return 200, found
        said = self.comments.setdefault(number, [])
        if method == "POST":
            said.append({"id": len(said) + 1, "body": given["body"]})
            return 201, said[-1]
        return 200, said

    def listed(self, method: str, given: dict[str, Any]) -> tuple[int, Any]:
        if method == "GET":
            return 200, self.issues
        number = len(self.issues) + 1
        self.issues.append(
            {"number": number, "iid": number, "state": "open", "title": given["title"], self.text(): given[self.text()]}
        )
        return 201, self.issues[-1]


@contextmanager
def tracking(*, gitlab: bool = False) -> Iterator[Tracker]:
    """A tracker that answers until the block ends."""
    tracker = Tracker(gitlab=gitlab)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed."""

        def work(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            tracker.seen.append((self.command, self.path))
            shown = self.headers.get("private-token") or self.headers.get("authorization", "").removeprefix("Bearer ")
            fault = tracker.faults.pop(0) if tracker.faults and self.command != "GET" else None
            if shown != tracker.token:
                status, told, extra = 401, {}, {}
            elif isinstance(fault, tuple):
                (status, extra), told = fault, {}
            else:
                (status, told), extra = tracker.answer(self.command, self.path, json.loads(body or b"{}")), {}
            if self.command == tracker.hold:
                tracker.hold = ""
                tracker.holding.set()
                tracker.closing.wait(60)
                fault = "break"
            if fault == "break":
                self.close_connection = True
                return
            sent = json.dumps(told).encode()
            self.send_response(status)
            for name, value in {**extra, "content-length": str(len(sent))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_PATCH = do_PUT = work

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    tracker.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield tracker
    finally:
        tracker.closing.set()
        server.shutdown()
        thread.join(10)
        server.server_close()
