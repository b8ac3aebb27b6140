"""`deliveries`: what was handed over and what is held, and a person's word on what nobody else can know."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from claimwatch.home import Home, wrong_call
from claimwatch.show import clip, line, print_json, table
from domain.digests import DeliveryState
from domain.shapes import moment
from notifications.handover import PAUSE
from storage.deliveries import release_ambiguous, resolve_ambiguous
from storage.delivery_lists import list_deliveries


def show_deliveries(home: Home, *, state: DeliveryState | None, as_json: bool) -> None:
    """Print deliveries, newest first."""
    with home.store().reading() as connection:
        found = list_deliveries(connection, state=state)
    if as_json:
        shapes = [
            {
                "id": item.id,
                "state": item.state.value,
                "recipient": item.recipient,
                "subject": item.subject,
                "message_id": item.message_id,
                "attempts": item.attempts,
                "next_attempt": moment(item.next_attempt),
                "created_at": moment(item.created_at),
                "reason": item.reason,
            }
            for item in found
        ]
        print_json({"deliveries": shapes})
        return
    rows = [
        (
            str(item.id),
            item.state.value,
            item.recipient,
            clip(item.subject, 60),
            str(item.attempts),
            clip(item.reason, 80),
        )
        for item in found
    ]
    table("Deliveries", ("no", "state", "to", "subject", "attempts", "why"), rows)


def pause_words(reason: str) -> str:
    """Why mail rests, and what is to be mended: the server refuses us, not a reader."""
    minutes = int(PAUSE.total_seconds()) // 60
    return f"{reason}; nobody's mail failed for it: see to CLAIMWATCH_SMTP_URL and CLAIMWATCH_MAIL_FROM, it is tried again every {minutes} minutes"


def release(home: Home, numbers: Sequence[int]) -> None:
    """Send held deliveries again, with the same bytes and Message-ID: they may arrive twice, and somebody chose so."""
    _each(home, numbers, release_ambiguous)
    for number in dict.fromkeys(numbers):
        line(f"Delivery {number} will be handed over again.")


def resolve(home: Home, numbers: Sequence[int]) -> None:
    """Take held deliveries for sent: somebody knows that they arrived."""
    _each(home, numbers, resolve_ambiguous)
    for number in dict.fromkeys(numbers):
        line(f"Delivery {number} is taken for sent.")


def _each(home: Home, numbers: Sequence[int], settle: Callable[..., bool]) -> None:
    """All or none of them, so that a misspelt number leaves the others to be named again."""
    with home.store().writing() as connection:
        for number in dict.fromkeys(numbers):
            if not settle(connection, number, now=home.now()):
                raise wrong_call(f"delivery {number} is not held as ambiguous; nothing was done")
