"""What a mail that came back says: whose it was, and whether the mailbox is gone or only unwell.

Pure. Sources: RFC 3464 (the report), RFC 3463 (its codes). A report is believed only through the signed address that
it came back to, since anybody can write one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import getaddresses

CANARY_HEADER = "X-Claimwatch-Canary"

_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_GONE = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
"""No such mailbox or domain, moved away, takes no mail, switched off. A full mailbox (5.2.2), a policy (5.7.x) or a
route that is missing today (5.4.x, though it begins with 5) says nothing of tomorrow."""

_MOST_PARTS = 50
_DIAGNOSTIC = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """A mail that came to our return address.

    addresses: those it may have been sent to, in order. action: `failed`, `delayed`, `delivered` ..., "" where it is
    no report. canary: the token of a canary that arrived, "" where it is none.
    """

    addresses: tuple[str, ...]
    action: str = ""
    status: str = ""
    diagnostic: str = ""
    canary: str = ""

    @property
    def failed(self) -> bool:
        """Whether it says that a mail was not delivered."""
        return self.action == "failed"

    @property
    def gone(self) -> bool:
        """Whether it says that the mailbox does not exist, so that nothing should be sent there again."""
        return self.failed and is_gone(self.status)


def is_gone(status: str) -> bool:
    """Whether an enhanced code says that the mailbox does not exist any more."""
    return status in _GONE


def status_in(words: str) -> str:
    """The first enhanced code in an answer, "" where there is none."""
    found = _STATUS.search(words)
    return found[0] if found else ""


def read_returned(raw: bytes, *, recipient: str = "") -> Returned:
    """What a mail that came back says. recipient: the address it was delivered to, where the mail server told us."""
    parsed = message_from_bytes(raw, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    addresses = tuple(dict.fromkeys(filter(None, (recipient, *_addresses(parsed)))))
    canary = str(parsed.get(CANARY_HEADER, "")).strip()
    fields = _report(parsed)
    if not fields:
        return Returned(addresses=addresses, canary=canary)
    status = status_in(fields.get("status", "")) or status_in(fields.get("diagnostic-code", ""))
    return Returned(
        addresses=addresses,
        action=fields.get("action", "").split(" ")[0].strip().casefold(),
        status=status,
        diagnostic=" ".join(fields.get("diagnostic-code", "").split())[:_DIAGNOSTIC],
    )


def _addresses(parsed: Message) -> list[str]:
    """Where it was sent to: what mail servers note on delivery first, what the sender wrote last."""
    found: list[str] = []
    for name in ("X-Original-To", "Delivered-To", "Envelope-To", "To"):
        values = [str(value) for value in parsed.get_all(name, [])]
        found += [address for _, address in getaddresses(values) if "@" in address]
    return found


def _report(parsed: Message) -> dict[str, str]:
    """The fields of the first recipient of a delivery report, the gravest action first; none where it is no report."""
    recipients: list[dict[str, str]] = []
    for at, part in enumerate(parsed.walk()):
        if at >= _MOST_PARTS:
            break
        if part.get_content_type() == "message/delivery-status" and part.is_multipart():
            recipients += [
                {name.casefold(): str(value) for name, value in block.items()}
                for block in part.get_payload()
                if isinstance(block, Message) and block.get("Action") is not None
            ]
    recipients.sort(key=lambda fields: fields.get("action", "").strip().casefold() != "failed")
    return recipients[0] if recipients else {}
