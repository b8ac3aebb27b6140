"""`bounces`: mail that came back, from a pipe, a file or a maildir."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from claimwatch.commands.mail import secrets
from claimwatch.home import Home, wrong_call
from claimwatch.show import clip, line, print_json
from notifications.returns import Outcome, take_returned

MOST_BYTES = 10 * 2**20


def take(home: Home, place: Path, *, recipient: str, as_json: bool) -> None:
    """Put each mail on record; those of a maildir's `new` are then in its `cur`. Raises ConfigError without a key."""
    keys = secrets(home)
    if not keys:
        raise wrong_call("CLAIMWATCH_SECRET_KEY is not set: without it nobody can tell whose mail came back")
    shapes = []
    for name, raw in _mails(place):
        taken = take_returned(home.store(), raw, secrets=keys, now=home.now(), recipient=recipient)
        shapes.append(
            {
                "mail": name,
                "outcome": taken.outcome.value,
                "delivery": taken.delivery,
                "recipient": taken.recipient,
                "status": taken.status,
                "diagnostic": taken.diagnostic,
            }
        )
        if not as_json:
            line(
                f"{name}: {_words(taken.outcome)} {taken.recipient} {taken.status} {clip(taken.diagnostic, 120)}".rstrip()
            )
    if as_json:
        print_json({"mails": shapes})
    elif not shapes:
        line("No mail came back.")


_SAID = {
    Outcome.SUPPRESSED: "no more mail goes to",
    Outcome.COUNTED: "counted against",
    Outcome.KNOWN: "known already:",
    Outcome.DELAYED: "only delayed:",
    Outcome.ARRIVED: "a canary arrived",
    Outcome.UNKNOWN: "not addressed to a return path of ours; nothing was done",
}


def _words(outcome: Outcome) -> str:
    return _SAID[outcome]


def _mails(place: Path) -> Iterator[tuple[str, bytes]]:
    if str(place) == "-":
        yield "-", sys.stdin.buffer.read(MOST_BYTES)
        return
    if not place.exists():
        raise wrong_call(f"there is no {place}")
    if not place.is_dir():
        yield place.name, _read(place)
        return
    fresh = place / "new"
    if not fresh.is_dir():
        raise wrong_call(f"{place} is no maildir: it has no folder `new`")
    for mail in sorted(fresh.iterdir()):
        yield mail.name, _read(mail)
        (place / "cur").mkdir(exist_ok=True)
        mail.rename(place / "cur" / f"{mail.name}:2,S")


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_BYTES)
