"""What claims are judged by is read once, and again as soon as the store knows more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from domain.claims import Claim, Expectation, Operator, Risk, Standing
from domain.flags import ReviewVerdict
from domain.sources import Rule, Source
from domain.values import Kind
from monitor.ledger import KeptKnowledge, expectations_of, judge_all, read_knowledge
from storage.flags import decide_flag, open_flag
from storage.store import Store, open_store
from tests.storage.builders import FEE, NOW, day, fee, fee_change, flag, good, record

CLAIM = Claim(
    id="permit.fee",
    section="permit",
    text="The permit costs 1,000 dollars.",
    risk=Risk.HIGH,
    expectations=(Expectation(fact=FEE, operator=Operator.EQUALS, operand=("CAD 1000",)),),
)
SOURCES = {
    "fees": Source(id="fees", title="Fees", url="https://a.example/", rules=(Rule(key="permit_fee", kind=Kind.MONEY),))
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'claimwatch.db'}")
    yield opened
    opened.close()


def test_a_newer_check_is_known_at_once(store: Store) -> None:
    kept = KeptKnowledge()
    with store.reading() as connection:
        assert kept.of(connection).known == {}
    record(store, good("1000", [fee(1000)]))
    with store.reading() as connection:
        first = kept.of(connection)
        assert first == read_knowledge(connection)
        assert kept.of(connection) is first, "nothing was recorded: nothing is read again"
    record(store, good("1100", [fee(1100)], at=day(1), changes=[fee_change(1000, 1100)]))
    with store.reading() as connection:
        assert kept.of(connection) == read_knowledge(connection) != first


def test_a_decision_is_known_at_once(store: Store) -> None:
    kept = KeptKnowledge()
    record(store, good("1000", [fee(1000)]))
    number = record(store, good("1100", [fee(1100)], at=day(1), changes=[fee_change(1000, 1100)])).id
    with store.writing() as connection:
        opened = open_flag(connection, flag(), check_id=number, at=day(1))
    with store.reading() as connection:
        before = kept.of(connection)
    assert opened is not None
    with store.writing() as connection:
        decide_flag(connection, opened, verdict=ReviewVerdict.COSMETIC, note="", by="ana", at=day(2))
    with store.reading() as connection:
        assert kept.of(connection) is not before
        assert kept.of(connection) == read_knowledge(connection)


def test_as_of_a_day_is_asked_of_the_store(store: Store) -> None:
    kept = KeptKnowledge()
    record(store, good("1000", [fee(1000)]))
    record(store, good("1100", [fee(1100)], at=day(4), changes=[fee_change(1000, 1100)]))
    with store.reading() as connection:
        now, then = kept.of(connection), kept.of(connection, as_of=day(2))
    assert [
        judge_all([CLAIM], knowledge, sources=SOURCES, now=moment)[0].standing
        for knowledge, moment in ((now, day(4)), (then, day(2)))
    ] == [Standing.CONTRADICTED, Standing.VERIFIED]


def test_standings_move_with_the_time_though_nothing_is_recorded(store: Store) -> None:
    kept = KeptKnowledge()
    record(store, good("1000", [fee(1000)]))
    with store.reading() as connection:
        knowledge = kept.of(connection)
    later = NOW + timedelta(days=8)
    assert [judge_all([CLAIM], knowledge, sources=SOURCES, now=moment)[0].standing for moment in (NOW, later)] == [
        Standing.VERIFIED,
        Standing.STALE,
    ]


def test_each_expectation_has_a_standing_of_its_own(store: Store) -> None:
    record(store, good("1000", [fee(1000)]))
    with store.reading() as connection:
        knowledge = KeptKnowledge().of(connection)
    more = Expectation(fact=FEE, operator=Operator.AT_MOST, operand=("CAD 900",))
    claim = Claim(id="a", section="b", text="c", risk=Risk.LOW, expectations=(*CLAIM.expectations, more))
    tested = expectations_of(claim, knowledge, sources=SOURCES, now=NOW)
    assert [item.standing for item in tested] == [Standing.VERIFIED, Standing.CONTRADICTED]
    assert [item.tried.expectation for item in tested] == list(claim.expectations)
