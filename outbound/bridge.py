"""The other side of Apprise, run as a process of its own: its traffic does not use our transport, so the guard is put
under it, where Python opens sockets. Nothing else of the machine is open to it.

Reads one JSON object on standard input (url, message with title and body or null, policy), writes one: outcome
(`missing`, `understood`, `sent`, `refused`, `unsent`, `answered`, `unknown`) and what belongs to it. Decision 0012 says why.
"""

from __future__ import annotations

import json
import logging
import resource
import socket
import ssl
import sys
from typing import Any
from urllib.parse import urlsplit

from domain.errors import FetchError
from outbound.guard import Guard
from outbound.policy import Policy

SCHEMES = frozenset(
    {
        "discord",
        "gchat",
        "gotifys",
        "jsons",
        "matrixs",
        "mmosts",
        "msteams",
        "ntfys",
        "rockets",
        "slack",
        "tgram",
        "workflow",
        "workflows",
        "wxteams",
        "xmls",
        "zulip",
    }
)
"""Services that are told by https. The plain twins below reach only what the settings allow by address and port."""

PLAIN = frozenset({"json", "xml", "matrix", "mmost", "rocket", "gotify", "ntfy"})
TIMEOUT = 15.0
_MEMORY = 512 * 1024 * 1024
_CLOSED = frozenset(
    {
        *("os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "subprocess.Popen"),
        *("socket.bind", "socket.sendto", "socket.sendmsg"),
    }
)

Outcome = dict[str, Any]


class Door:
    """An audit hook that judges every socket that is about to be connected. refused: why one was not let through."""

    def __init__(self, policy: Policy) -> None:
        self._guard = Guard(policy)
        self._asking = False
        self.refused = ""

    def __call__(self, event: str, given: tuple[Any, ...]) -> None:
        """Raises PermissionError where the process would do what is not open to it."""
        if event in _CLOSED:
            raise PermissionError(f"{event} is not open to a service")
        if event != "socket.connect" or self._asking:
            return
        line, place = given
        if line.family not in (socket.AF_INET, socket.AF_INET6) or line.type != socket.SOCK_STREAM:
            raise PermissionError("only TCP connections are open to a service")
        self._asking = True  # the guard itself asks the kernel by a socket that sends nothing
        try:
            self._guard.admit(place[0], place[1])
        except FetchError as error:
            self.refused = f"the address of the service may not be reached ({error.cause})"
            raise PermissionError(self.refused) from None
        finally:
            self._asking = False


class Requests:
    """The requests that Apprise makes: none follows a redirect or waits longer than `TIMEOUT`; answers are noted."""

    def __init__(self, library: Any) -> None:
        self._errors = library.exceptions
        self._send = library.Session.send
        self._answers: list[tuple[int, str]] = []
        self.refused = ""
        noted = self._noted
        library.Session.send = lambda session, request, **given: noted(session, request, given)

    def _noted(self, session: Any, request: Any, given: dict[str, Any]) -> Any:
        place = len(self._answers)
        self._answers.append((0, ""))  # unknown until it is answered
        try:
            answer = self._send(session, request, **{**given, "allow_redirects": False, "timeout": TIMEOUT})
        except self._errors.ConnectionError as error:
            if self._never_began(error):
                del self._answers[place]
            raise
        self._answers[place] = (answer.status_code, answer.headers.get("retry-after", ""))
        return answer

    def _never_began(self, error: Exception) -> bool:
        """Whether a connection could not be opened, so that nobody got anything."""
        reason = getattr(error.args[0] if error.args else None, "reason", None)
        if any(isinstance(part, ssl.SSLCertVerificationError) for part in getattr(reason, "args", ())):
            self.refused = "the certificate of the service is not trusted"
            return True
        return type(reason).__name__ in ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError")

    def settled(self) -> Outcome:
        """What a message came to that was not taken. A refusal is one only where every answer was a refusal."""
        if not self._answers:
            return {"outcome": "unsent"}
        if any(status < 300 for status, _ in self._answers):
            return {"outcome": "unknown"}
        status, wait = self._answers[-1]
        return {"outcome": "answered", "status": status, "wait": wait}


def main() -> None:
    """One notification is sent, or what became of it is said."""
    order = json.loads(sys.stdin.read())
    logging.disable(logging.CRITICAL)
    sys.stdout.write(json.dumps(_outcome(order)))


def _outcome(order: dict[str, Any]) -> Outcome:
    try:
        import apprise
        import requests
    except ImportError:
        return {"outcome": "missing"}
    scheme = urlsplit(order["url"]).scheme.lower()
    if scheme not in SCHEMES | PLAIN:
        return {"outcome": "refused", "detail": f"{scheme}:// is none of the services that channels may use"}
    asset = apprise.AppriseAsset(secure_logging=True, storage_mode=apprise.PersistentStoreMode.MEMORY)
    service = apprise.Apprise(asset=asset)
    if not service.add(order["url"]):
        return {"outcome": "refused", "detail": "Apprise does not understand the address"}
    if order["message"] is None:
        return {"outcome": "understood"}
    made, door = Requests(requests), Door(_policy(order["policy"]))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    sys.addaudithook(door)
    if service.notify(**order["message"], body_format=apprise.NotifyFormat.TEXT):
        return {"outcome": "sent"}
    if refused := door.refused or made.refused:
        return {"outcome": "refused", "detail": refused}
    return made.settled()


def _policy(given: dict[str, Any]) -> Policy:
    """Only https, but for what is allowed by address and port."""
    allowed = frozenset((address, port) for address, port in given["allow_addresses"])
    return Policy(user_agent=given["user_agent"], allow_addresses=allowed, allowed_ports=frozenset({443}))


if __name__ == "__main__":
    main()
