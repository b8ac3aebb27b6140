"""A long history, written straight into a store: sources with one fee each, checks twice a day, flags now and then.

Rows are what the ordinary recording would have left; it is passed by because a million visits take hours.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from domain.claims import Claim, Expectation, Operator, Risk
from domain.flags import Severity
from domain.folding import words_in
from domain.queue import DUE_WITHIN
from domain.snapshots import Snapshot
from domain.sources import Rule, Source
from domain.values import Kind
from storage.columns import time_text
from storage.snapshots import keep_snapshot
from storage.store import Store
from storage.tables import (
    checks,
    events,
    fact_changes,
    facts,
    flag_acts,
    flag_claims,
    flag_states,
    flags,
    slots,
    source_state,
)

END = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
STEP = timedelta(hours=12)
GOOD_EVERY = 50
"""One check in so many read a new value; the others saw nothing new."""

_SEVERITIES = ("critical", "high", "medium", "low")
_BATCH = 20_000


def sources(number: int) -> dict[str, Source]:
    """Invented fee pages in three jurisdictions."""
    rule = Rule(key="fee", kind=Kind.MONEY, under="Fee")
    return {
        name: Source(
            id=name,
            title=f"Fees of office {at}",
            url=f"https://office-{at}.example/fees",
            authority=f"Office {at}",
            jurisdiction=("federal", "Northland", "Westland")[at % 3],
            rules=(rule,),
        )
        for at in range(number)
        for name in [f"office-{at:04}"]
    }


def claims(watched: dict[str, Source]) -> dict[str, Claim]:
    """One claim on each fee."""
    return {
        f"fee.{name}": Claim(
            id=f"fee.{name}",
            section=f"fees.{name}",
            text=f"The fee of {source.title} is as stated.",
            risk=tuple(Risk)[at % 4],
            expectations=(Expectation(fact=f"{name}#fee", operator=Operator.EQUALS, operand=("CAD 100",)),),
        )
        for at, (name, source) in enumerate(watched.items())
    }


def fill(store: Store, watched: dict[str, Source], *, visits: int, most_flags: int, rich: bool = False) -> None:
    """`visits` checks of each source up to END, and at most so many flags, a quarter of them open.

    rich: the first source has a new value at each check, and a flag, so that what is said of it alone is as long as
    over a history fifty times as long.
    """
    with store.writing() as connection:
        for name, source in watched.items():
            keep_snapshot(connection, _page(name, source, fee=99, age=2))
        pages = {name: keep_snapshot(connection, _page(name, source)) for name, source in watched.items()}
        for start in _batches(_rows(watched, pages, visits, most_flags, rich)):
            for table, rows in start.items():
                if rows:
                    connection.execute(table.insert(), rows)
        connection.execute(
            source_state.insert(), [_state(at, name, pages, visits, rich) for at, name in enumerate(watched)]
        )


def _page(name: str, source: Source, *, fee: int = 100, age: int = 1) -> Snapshot:
    body = f"<html><body><main><h1>{source.title}</h1><h2>Fee</h2><p>You pay ${fee}.</p></main></body></html>".encode()
    return Snapshot(
        source=name,
        url=source.url,
        final_url=source.url,
        status=200,
        headers=(("content-type", "text/html"),),
        body=body,
        digest=hashlib.sha256(body).hexdigest(),
        fetched_at=END - STEP * age,
    )


def _rows(
    watched: dict[str, Source], pages: dict[str, int], visits: int, most_flags: int, rich: bool
) -> Iterator[tuple[Any, dict[str, Any]]]:
    flag_every = max(len(watched) * visits // max(most_flags, 1) // GOOD_EVERY, 1) * GOOD_EVERY
    flagged = 0
    for at, name in enumerate(watched):
        every = _good_every(at, rich)
        for turn in range(visits):
            number = at * visits + turn + 1
            moment = time_text(END - STEP * (visits - turn))
            good = turn % every == 0
            yield checks, _check(number, name, moment, good, pages[name], number - turn % every)
            yield slots, _slot(number, name, moment)
            if good:
                yield facts, _fact(number, name, turn // every)
            if turn and good:
                yield fact_changes, _change(number, name, turn // every)
            if good and flagged < most_flags and (every == 1 or number % flag_every <= every):
                flagged += 1
                yield from _flag(flagged, number, name, moment, turn // every)


def _good_every(at: int, rich: bool) -> int:
    return 1 if rich and at == 0 else GOOD_EVERY


def _batches(rows: Iterator[tuple[Any, dict[str, Any]]]) -> Iterator[dict[Any, list[dict[str, Any]]]]:
    order = (checks, slots, facts, fact_changes, flags, flag_states, flag_claims, flag_acts, events)
    while batch := list(islice(rows, _BATCH)):
        yield {table: [row for kind, row in batch if kind is table] for table in order}


def _check(number: int, name: str, moment: str, good: bool, page: int, base: int) -> dict[str, Any]:
    return {
        "id": number,
        "source": name,
        "slot": moment,
        "started_at": moment,
        "finished_at": moment,
        "outcome": "good" if good else "unchanged",
        "reason": "" if good else "not-modified",
        "detail": "",
        "status": 200 if good else 304,
        "not_modified": not good,
        "full_read": good,
        "snapshot_id": page if good else None,
        "second_snapshot_id": None,
        "facts_from": base,
        "seen_at": moment,
        "verdict": "substantive" if good else None,
        "verdict_reason": "",
        "title": "Fees" if good else "",
        "blocks": "[]",
        "fingerprint": "",
        "quick_fingerprint": "",
        "rules_digest": "",
        "confirmed": True,
        "origin": "fetched",
        "missed_slots": 0,
        "history_only": False,
    }


def _slot(number: int, name: str, moment: str) -> dict[str, Any]:
    return {"source": name, "slot": moment, "owner": "bench", "fence": 1, "lease_until": moment, "check_id": number}


def _money(amount: int) -> str:
    return json.dumps({"amount": str(amount), "currency": "CAD", "kind": "money"})


def _fact(number: int, name: str, turn: int) -> dict[str, Any]:
    return {
        "check_id": number,
        "key": f"{name}#fee",
        "state": "located",
        "value": _money(100 + turn % 2),
        "quote": f"You pay ${100 + turn % 2}.",
        "locator": "Fee > p 1",
        "reason": "",
        "pending": None,
    }


def _change(number: int, name: str, turn: int) -> dict[str, Any]:
    after = 100 + turn % 2
    detail = {"added": [], "removed": [], "altered": [], "quote_before": "You paid.", "quote_after": "You pay."}
    return {
        "check_id": number,
        "key": f"{name}#fee",
        "change": "altered",
        "before": _money(201 - after),
        "after": _money(after),
        "effective": None,
        "detail": json.dumps(detail),
    }


def _flag(flagged: int, number: int, name: str, moment: str, turn: int) -> Iterator[tuple[Any, dict[str, Any]]]:
    severity = _SEVERITIES[flagged % 4]
    digest = hashlib.sha256(name.encode()).hexdigest()
    after = 100 + turn % 2
    is_open = flagged % 4 == 0
    yield (
        flags,
        {
            "id": flagged,
            "identity": f"{flagged:032}",
            "episode": 0,
            "check_id": number,
            "opened_at": moment,
            "reason": "altered",
            "severity": severity,
            "source": name,
            "fact": f"{name}#fee",
            "claims": json.dumps([f"fee.{name}"]),
            "before": _money(201 - after),
            "after": _money(after),
            "quote_before": f"You pay ${201 - after}.",
            "quote_after": f"You pay ${after}.",
            "detail": "",
            "snapshot_before": digest,
            "snapshot_after": digest,
            "confirmed": True,
            "group": f"case {flagged // 3}",
        },
    )
    yield (
        flag_states,
        {
            "flag_id": flagged,
            "state": "open" if is_open else "decided",
            "rank": _SEVERITIES.index(severity),
            "source": name,
            "reason": "altered",
            "case": f"case {flagged // 3}",
            "due": time_text(datetime.fromisoformat(moment) + DUE_WITHIN[Severity(severity)]),
            "words": words_in((str(flagged), name, f"{name}#fee", f"fee.{name}", "You pay 100 101 CAD")),
        },
    )
    named = {"claim": f"fee.{name}", "state": "open" if is_open else "decided", "rank": _SEVERITIES.index(severity)}
    yield flag_claims, {"flag_id": flagged, **named}
    event = {"source": name, "flag_id": flagged, "check_id": number, "at": moment, "payload": "{}"}
    yield events, {"kind": "flag_opened", **event}
    if not is_open:
        yield (
            flag_acts,
            {
                "flag_id": flagged,
                "act": "decided",
                "at": moment,
                "by": "ana",
                "verdict": "no impact",
                "note": "",
                "snapshot_before": digest,
                "snapshot_after": digest,
                "superseded_by": None,
            },
        )
        yield events, {"kind": "flag_decided", **event}


def _state(at: int, name: str, pages: dict[str, int], visits: int, rich: bool) -> dict[str, Any]:
    last = (at + 1) * visits
    moment = time_text(END - STEP)
    return {
        "source": name,
        "last_check": last,
        "last_good_check": last - (visits - 1) % _good_every(at, rich),
        "last_good_snapshot": pages[name],
        "etag": None,
        "last_modified": None,
        "full_read_at": moment,
        "last_read_at": moment,
        "quick_fingerprint": "",
        "failures": 0,
    }
