"""What is known of facts: from the last good check, seen again by every unchanged one, on both time axes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.checks import Outcome
from domain.facts import FactState, KnownFact
from domain.flags import ReviewVerdict
from domain.snapshots import CapturedBy, Origin
from domain.values import Money
from storage.facts import accepted_values, announced_since, fact_history, known_facts
from storage.flags import decide_flag, open_flag, undo_decision
from storage.store import Store
from tests.storage.builders import FEE, NOW, day, fee, fee_change, flag, good, other, record, snapshot


def known(store: Store, key: str = FEE, **options: object) -> KnownFact:
    with store.reading() as connection:
        return known_facts(connection, **options)[key]  # type: ignore[arg-type]


def amount(item: KnownFact) -> int:
    assert isinstance(item.fact.value, Money)
    return int(item.fact.value.amount)


def test_nothing_is_known_before_a_page_was_read(store: Store) -> None:
    record(store, other(Outcome.FAILED))
    with store.reading() as connection:
        assert known_facts(connection) == {}
        assert fact_history(connection, FEE) == ()


def test_a_fact_is_known_from_its_capture_and_seen_again_by_unchanged_checks(store: Store) -> None:
    record(store, good("The permit costs 1000 dollars.", [fee(1000)]))
    record(store, other(Outcome.UNCHANGED, at=day(3), not_modified=True))
    item = known(store)
    assert item.fact == fee(1000)
    assert item.snapshot == snapshot("The permit costs 1000 dollars.").digest
    assert (item.captured_at, item.captured_by) == (NOW, CapturedBy.DATE)
    assert (item.first_seen_at, item.last_seen_at) == (NOW, day(3))
    assert (item.latest_state, item.latest_reason) == (FactState.LOCATED, "")


def test_a_page_that_cannot_be_read_keeps_the_value_and_says_so(store: Store) -> None:
    record(store, good("Fees", [fee(1000)]))
    record(store, other(Outcome.SUSPECT, at=day(1), reason="blocked"))
    item = known(store)
    assert (amount(item), item.last_seen_at) == (1000, NOW)
    assert (item.latest_state, item.latest_reason) == (FactState.CANNOT_TELL, "blocked")
    record(store, other(Outcome.UNCHANGED, at=day(2)))
    assert known(store).latest_state is FactState.LOCATED


def test_a_fact_that_a_good_page_does_not_tell_keeps_its_last_reading(store: Store) -> None:
    record(store, good("Fees", [fee(1000)]))
    record(store, other(Outcome.UNCHANGED, at=day(1)))
    record(store, good("Fees, redesigned", [fee(None)], at=day(2)))
    record(store, other(Outcome.UNCHANGED, at=day(3)))
    item = known(store)
    assert (amount(item), item.last_seen_at) == (1000, day(1)), "later unchanged checks did not see it"
    assert (item.latest_state, item.latest_reason) == (FactState.CANNOT_TELL, "no amount in its section")


def test_a_fact_that_was_never_told_is_known_as_such(store: Store) -> None:
    record(store, good("Fees", [fee(None)]))
    item = known(store)
    assert item.fact == fee(None)
    assert (item.snapshot, item.captured_at, item.last_seen_at, item.first_seen_at) == ("", None, None, None)


def test_a_value_is_first_seen_when_it_came(store: Store) -> None:
    record(store, good("1000", [fee(1000)]))
    record(store, good("1100", [fee(1100)], at=day(4), changes=[fee_change(1000, 1100)]))
    record(store, good("1100, reworded", [fee(1100)], at=day(6)))
    assert (known(store).first_seen_at, known(store).last_seen_at) == (day(4), day(6))


def test_an_older_import_never_hides_what_was_seen_since(store: Store) -> None:
    record(store, good("1000", [fee(1000)]))
    record(store, other(Outcome.UNCHANGED, at=day(10)))
    record(store, good("900", [fee(900)], at=day(5), origin=Origin.IMPORTED, finished_at=day(11)))
    assert amount(known(store)) == 1000
    assert amount(known(store, as_of=day(6))) == 900, "but it is what was so by then"
    assert amount(known(store, as_of=day(12))) == 1000
    assert amount(known(store, as_of=day(6), known_at=day(10))) == 1000, "and nobody knew it before it was imported"


def test_an_older_import_puts_first_sight_back_only_as_far_as_it_says_the_same(store: Store) -> None:
    record(store, good("Fees on 5", [fee(155)], at=day(5)))
    for at, amount_ in ((1, 155), (2, 150), (3, 155), (4, 155)):
        page = good(f"Fees on {at}", [fee(amount_)], at=day(at), origin=Origin.IMPORTED)
        record(store, page, history_only=True)
    assert (amount(known(store)), known(store).first_seen_at) == (155, day(3))
    assert known(store, as_of=day(2)).first_seen_at == day(2)


def test_a_clock_that_was_set_back_hides_no_newer_reading(store: Store) -> None:
    record(store, good("1000", [fee(1000)]))
    record(store, good("1100", [fee(1100)], at=day(-1), changes=[fee_change(1000, 1100)]))
    assert amount(known(store)) == 1100


def test_both_time_axes_bound_what_is_known(store: Store) -> None:
    record(store, good("1000", [fee(1000)]))
    record(store, good("1100", [fee(1100)], at=day(2), changes=[fee_change(1000, 1100)]))
    record(store, other(Outcome.FAILED, at=day(3), reason="timeout"))
    assert amount(known(store, as_of=day(1))) == 1000
    assert amount(known(store, known_at=day(1))) == 1000
    assert known(store, as_of=day(2)).latest_state is FactState.LOCATED
    assert known(store, as_of=day(3)).latest_reason == "timeout"
    with store.reading() as connection:
        assert known_facts(connection, as_of=day(-1)) == {}


def test_a_pending_value_is_kept_beside_the_one_in_force(store: Store) -> None:
    announced = fee(1000, pending=(1100, date(2027, 4, 30)))
    record(store, good("Fees", [announced]))
    assert known(store).fact == announced


def test_an_announcement_is_no_first_sight_of_the_value_in_force(store: Store) -> None:
    record(store, good("1000", [fee(1000)]))
    later = date(2027, 4, 30)
    announced = replace(fee_change(1000, 1100), effective=later)
    record(store, good("1100 later", [fee(1000, pending=(1100, later))], at=day(2), changes=[announced]))
    assert known(store).first_seen_at == NOW


def test_only_the_sources_asked_about_are_answered(store: Store) -> None:
    record(store, good("Fees", [fee(1000)]))
    record(store, good("Rules", [fee(7, key="rules#x")], source="rules"))
    with store.reading() as connection:
        assert set(known_facts(connection, sources=("rules",))) == {"rules#x"}
        assert known_facts(connection, sources=()) == {}
        assert set(known_facts(connection)) == {FEE, "rules#x"}


def test_a_fact_that_is_no_longer_declared_is_no_longer_known_but_stays_in_history(store: Store) -> None:
    record(store, good("Fees", [fee(1000), fee(5, key="fees#old")]))
    record(store, good("Fees", [fee(1000)], at=day(1)))
    with store.reading() as connection:
        assert set(known_facts(connection)) == {FEE}
        assert len(fact_history(connection, "fees#old")) == 1


def test_history_is_every_reading_oldest_capture_first(store: Store) -> None:
    record(store, good("1000", [fee(1000)]))
    record(store, good("1100", [fee(1100)], at=day(2)))
    record(store, good("900", [fee(900)], at=day(-9), origin=Origin.IMPORTED, finished_at=day(3)))
    record(store, other(Outcome.UNCHANGED, at=day(4)))
    with store.reading() as connection:
        history = fact_history(connection, FEE)
        assert [amount(item) for item in fact_history(connection, FEE, limit=2)] == [1000, 1100]
    assert [amount(item) for item in history] == [900, 1000, 1100]
    assert [item.last_seen_at for item in history] == [day(-9), NOW, day(4)]


def change(store: Store, before: int, after: int, at: float) -> int:
    page = good(f"costs {after}", [fee(after)], at=day(at), changes=[fee_change(before, after)])
    number = record(store, page).id
    after_digest = snapshot(f"costs {after}").digest
    with store.writing() as connection:
        opened = open_flag(connection, flag(f"to {after}", snapshot_after=after_digest), check_id=number, at=day(at))
    assert opened is not None
    return opened


def decide(store: Store, number: int, verdict: ReviewVerdict, at: float) -> None:
    with store.writing() as connection:
        decide_flag(connection, number, verdict=verdict, note="", by="ana", at=day(at))


def accepted(store: Store) -> int | None:
    with store.reading() as connection:
        value = accepted_values(connection).get(FEE)
    return None if value is None else int(value.amount) if isinstance(value, Money) else None


def test_a_verdict_accepts_the_values_of_the_capture_that_it_saw(store: Store) -> None:
    record(store, good("costs 1000", [fee(1000)]))
    number = change(store, 1000, 1100, 1)
    assert accepted(store) is None
    decide(store, number, ReviewVerdict.GUIDE_STILL_RIGHT, 2)
    assert accepted(store) == 1100
    with store.writing() as connection:
        undo_decision(connection, number, by="ana", at=day(3))
    assert accepted(store) is None


def test_a_verdict_against_the_page_or_the_reading_accepts_nothing(store: Store) -> None:
    record(store, good("costs 1000", [fee(1000)]))
    number = change(store, 1000, 1100, 1)
    decide(store, number, ReviewVerdict.GUIDE_STILL_RIGHT, 2)
    decide(store, number, ReviewVerdict.READING_WRONG, 3)
    assert accepted(store) is None


def test_the_newest_capture_is_the_accepted_one_whatever_the_order_of_verdicts(store: Store) -> None:
    record(store, good("costs 1000", [fee(1000)]))
    record(store, good("costs 7", [fee(7, key="rules#x")], source="rules"))
    first = change(store, 1000, 1100, 1)
    decide(store, first, ReviewVerdict.NO_IMPACT, 2)
    second = change(store, 1100, 1200, 3)
    decide(store, second, ReviewVerdict.NO_IMPACT, 4)
    assert accepted(store) == 1200


def test_amounts_are_decimals(store: Store) -> None:
    record(store, good("Fees", [fee(1000)]))
    assert known(store).fact.value == Money(amount=Decimal(1000))


def test_an_announcement_dates_from_the_capture_that_first_had_it_as_it_is_now(store: Store) -> None:
    """Captures that say nothing new, cannot be read or have no date of their own move it by nothing."""
    spring = date(2027, 4, 30)

    def since() -> object:
        with store.reading() as connection:
            return announced_since(connection, known_facts(connection).values()).get(FEE)

    record(store, good("Fees", [fee(1000)]))
    assert since() is None
    record(store, good("Fees to come", [fee(1000, pending=(1200, spring))], at=day(1)))
    assert since() == day(1)
    undated = snapshot("Fees to come!", at=day(2), captured_by=CapturedBy.UNKNOWN)
    record(store, replace(good("x", [fee(1000, pending=(1200, spring))], at=day(2)), snapshot=undated))
    record(store, good("Fees?", [fee(None)], at=day(3)))
    record(store, good("Fees to come?", [fee(1000, pending=(1200, spring))], at=day(4)))
    assert since() == day(1)
    record(store, good("Fees come later", [fee(1000, pending=(1300, spring))], at=day(5)))
    assert since() == day(5)
