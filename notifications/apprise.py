"""Chats that are told through Apprise, which runs in a process of its own with the guard under it (`outbound.bridge`)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from domain.digests import Message
from notifications.sending import Ambiguous, OurFault, Refused, Unavailable
from outbound.policy import Policy

_DEADLINE = 45.0
_LATER = frozenset({408, 429})
_OURS = frozenset({401, 403, 404, 410})
"""Answers that say that the token or the room is wrong: a person has to mend that, and nothing is lost meanwhile."""

_LONGEST_WAIT = 6 * 3600.0
_KEPT = ("PATH", "LANG", "LC_ALL", "SSL_CERT_FILE", "SSL_CERT_DIR", "PYTHONPATH")

_MISSING = "Apprise is not installed: pip install 'claimwatch[apprise]'"


def objection(url: str, *, policy: Policy) -> str:
    """Why an address cannot be told, "" where it names one of the services that channels may use. Nothing is sent."""
    said = _asked({"url": url, "message": None}, policy) or {"outcome": "refused", "detail": "Apprise fails on it"}
    return {"understood": "", "missing": _MISSING}.get(said["outcome"]) or said.get("detail", "")


class AppriseSender:
    """Hands each message to a process of its own, which is ended after its time.

    Apprise has no key by which a service could know a message again, so one of which it cannot be said whether it
    arrived is held as ambiguous. url: the service as Apprise writes it, with its secrets.
    """

    def __init__(self, url: str, *, policy: Policy) -> None:
        self._url = url
        self._policy = policy

    def send(self, message: Message, *, before_final_dot: Callable[[], None]) -> None:
        """The service took it. Raises Ambiguous, Unavailable, OurFault, Refused."""
        before_final_dot()
        said = _asked({"url": self._url, "message": json.loads(message.content)}, self._policy)
        if said is None:
            raise Ambiguous("handed to the service, and no answer came")
        _judge(said)

    def close(self) -> None:
        """Nothing is held open."""


def _asked(order: dict[str, Any], policy: Policy) -> dict[str, Any] | None:
    """What the process apart said; None where it was ended, or ended without a word."""
    order["policy"] = {
        "user_agent": policy.user_agent,
        "allow_addresses": sorted(policy.allow_addresses),
    }
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "outbound.bridge"],
            input=json.dumps(order),
            capture_output=True,
            text=True,
            timeout=_DEADLINE,
            check=False,
            env={name: os.environ[name] for name in _KEPT if name in os.environ} | {"NETRC": os.devnull},
        )
        said = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return None
    return said if isinstance(said, dict) else None


def _judge(said: dict[str, Any]) -> None:
    match said["outcome"]:
        case "sent":
            return
        case "missing":
            raise OurFault(_MISSING)
        case "refused":
            raise OurFault(str(said["detail"]))
        case "unsent":
            raise Unavailable("the service cannot be reached")
        case "answered":
            _judge_answer(int(said["status"]), str(said["wait"]))
        case _:
            raise Ambiguous("handed to the service, and it cannot be told whether it arrived")


def _judge_answer(status: int, wait: str) -> None:
    if status in _OURS:
        raise OurFault(f"the service answered {status}")
    later = status in _LATER or status >= 500
    asked = min(float(wait[:6]), _LONGEST_WAIT) if later and wait.isascii() and wait.isdigit() else None
    raise Refused(f"the service answered {status}", permanent=not later, retry_after=asked)
