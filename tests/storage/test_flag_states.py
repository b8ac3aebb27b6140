"""Where each flag stands is kept beside it, and is always what its acts say."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from sqlalchemy import Connection, create_engine, insert, select

from domain.flags import FlagReason, FlagState, ReviewVerdict, Severity
from domain.queue import due_by_harm, words_of
from storage.columns import time_text
from storage.flag_states import RANKS
from storage.flags import StaleReview, close_flag, confirm_flag, decide_flag, list_flags, open_flag, undo_decision
from storage.listings import count_flags, page_of_flags
from storage.migrate import migrate
from storage.store import Store, open_store
from storage.tables import checks, flag_acts, flag_claims, flag_states, flags
from tests.storage.builders import NOW, day, fee, flag, good, record


def assert_folded(connection: Connection) -> None:
    """The kept states are those that the acts of each flag give, and the rest of the row is the flag's own."""
    kept = {row["flag_id"]: row for row in connection.execute(select(flag_states)).mappings()}
    records = list_flags(connection, limit=10_000)
    assert {item.id for item in records} == set(kept)
    for item in records:
        row = kept[item.id]
        assert (row["state"], row["rank"]) == (item.state.value, RANKS[item.flag.severity])
        assert (row["source"], row["reason"]) == (item.flag.source, item.flag.reason.value)
        assert row["case"] == (item.flag.group or f"flag {item.id}")
        assert row["due"] == time_text(due_by_harm(item.opened_at, item.flag.severity))
        assert row["words"] == words_of(item.id, item.flag)
    named = {(row.claim, row.flag_id, row.state, row.rank) for row in connection.execute(select(flag_claims))}
    assert named == {
        (claim, item.id, item.state.value, RANKS[item.flag.severity]) for item in records for claim in item.flag.claims
    }
    for state, number in count_flags(connection).items():
        assert number == sum(item.state is state for item in records)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_done_in_whatever_order_the_kept_state_is_the_fold(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    check = record(store, good("The permit costs 1000 dollars.", [fee(1000)])).id
    numbers = []
    with store.writing() as connection:
        for at in range(6):
            opened = flag(
                f"change {at}",
                fact=f"fees#{at}",
                severity=chance.choice(list(Severity)),
                group=chance.choice(["", "same"]),
                claims=chance.choice([(), ("one",), ("one", "two")]),
                confirmed=chance.random() < 0.5,
            )
            number = open_flag(connection, opened, check_id=check, at=NOW)
            assert number is not None
            numbers.append(number)
    for step in range(60):
        number, at = chance.choice(numbers), day(step)
        with suppress(StaleReview), store.writing() as connection:
            match chance.randrange(4):
                case 0:
                    verdict = chance.choice(list(ReviewVerdict))
                    decide_flag(connection, number, verdict=verdict, note="", by="ana", at=at)
                case 1:
                    undo_decision(connection, number, by="ana", at=at)
                case 2:
                    close_flag(connection, number, because="seen again as before", at=at)
                case _:
                    confirm_flag(connection, number, at=at)
        with store.reading() as connection:
            assert_folded(connection)


def test_a_newer_flag_closes_the_older_in_the_kept_state_too(store: Store) -> None:
    first = record(store, good("The permit costs 1000 dollars.", [fee(1000)])).id
    second = record(store, good("The permit costs 1100 dollars.", [fee(1100)], at=day(1))).id
    with store.writing() as connection:
        open_flag(connection, flag("one"), check_id=first, at=NOW)
        open_flag(connection, flag("two"), check_id=second, at=day(1))
        assert_folded(connection)
        assert [item.id for item in page_of_flags(connection, state=FlagState.OPEN, limit=10)] == [2]
        assert [item.id for item in page_of_flags(connection, state=FlagState.CLOSED, limit=10)] == [1]


def test_flags_of_the_first_version_are_folded_when_it_is_brought_up_to_date(store_url: str) -> None:
    engine = create_engine(store_url)
    with engine.connect() as connection:
        migrate(connection, "0001")
        check = _check(connection)
        histories = (
            [],
            ["decided"],
            ["decided", "undone"],
            ["closed"],
            ["decided", "closed"],
            ["closed", "decided"],
            ["decided", "undone", "closed"],
            ["confirmed"],
            ["decided", "closed", "undone"],
        )
        for at, acts in enumerate(histories):
            number = _flag(connection, check, at)
            for act in acts:
                _act(connection, number, act)
        connection.commit()
    engine.dispose()
    store = open_store(store_url)
    with store.reading() as connection:
        assert_folded(connection)
        states = connection.execute(select(flag_states.c.state).order_by(flag_states.c.flag_id)).scalars().all()
    store.close()
    assert states == ["open", "decided", "open", "closed", "decided", "decided", "closed", "open", "open"]


def _check(connection: Connection) -> int:
    texts = ("reason", "detail", "verdict_reason", "title", "fingerprint", "quick_fingerprint", "rules_digest")
    moments = dict.fromkeys(("slot", "started_at", "finished_at", "seen_at"), time_text(NOW))
    row = {
        **dict.fromkeys(texts, ""),
        **moments,
        **dict.fromkeys(("not_modified", "history_only"), False),
        **dict.fromkeys(("full_read", "confirmed"), True),
        "source": "fees",
        "outcome": "good",
        "blocks": "[]",
        "origin": "fetched",
        "missed_slots": 0,
    }
    return int(connection.execute(insert(checks).values(row).returning(checks.c.id)).scalar_one())


def _flag(connection: Connection, check: int, at: int) -> int:
    row = {
        "identity": f"{at:032x}",
        "episode": 1,
        "check_id": check,
        "opened_at": time_text(NOW),
        "reason": FlagReason.ALTERED.value,
        "severity": list(Severity)[at % 4].value,
        "source": "fees",
        "fact": f"fees#{at}",
        "claims": "[]",
        "quote_before": "",
        "quote_after": "",
        "detail": "",
        "snapshot_before": "",
        "snapshot_after": "",
        "confirmed": True,
        "group": "same" if at % 2 else "",
    }
    return int(connection.execute(insert(flags).values(row).returning(flags.c.id)).scalar_one())


def _act(connection: Connection, number: int, act: str) -> None:
    row = {
        "flag_id": number,
        "act": act,
        "at": time_text(NOW),
        "by": "ana",
        "verdict": ReviewVerdict.COSMETIC.value if act == "decided" else None,
        "note": "",
        "snapshot_before": "",
        "snapshot_after": "",
    }
    connection.execute(insert(flag_acts).values(row))
