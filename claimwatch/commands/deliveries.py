"""`deliveries`: what was handed over and what is held, and a person's word on what nobody else can know."""

from __future__ import annotations

from claimwatch.home import Home, wrong_call
from claimwatch.show import clip, line, print_json, table
from domain.digests import DeliveryState
from domain.shapes import moment
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


def release(home: Home, number: int) -> None:
    """Send a held delivery again, with the same bytes and Message-ID: it may arrive twice, and somebody chose so."""
    with home.store().writing() as connection:
        if not release_ambiguous(connection, number, now=home.now()):
            raise wrong_call(f"delivery {number} is not held as ambiguous")
    line(f"Delivery {number} will be handed over again.")


def resolve(home: Home, number: int) -> None:
    """Take a held delivery for sent: somebody knows that it arrived."""
    with home.store().writing() as connection:
        if not resolve_ambiguous(connection, number, now=home.now()):
            raise wrong_call(f"delivery {number} is not held as ambiguous")
    line(f"Delivery {number} is taken for sent.")
