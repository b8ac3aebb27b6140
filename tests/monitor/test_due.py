"""Which slots are due: exact accounting through restarts, outages and changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from domain.sources import Cadence
from monitor.due import due_slot, next_slot

TWICE_A_DAY = Cadence(every=timedelta(hours=12))
MORNINGS = Cadence(cron="0 7 * * *", timezone="America/Toronto")
NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


def test_a_source_without_history_is_due_at_once() -> None:
    due = due_slot(TWICE_A_DAY, source="a", last_slot=None, now=NOON)
    assert due is not None
    assert NOON - timedelta(hours=12) < due.slot <= NOON
    assert due.missed == 0


def test_a_slot_that_has_its_record_is_not_due_again() -> None:
    due = due_slot(TWICE_A_DAY, source="a", last_slot=None, now=NOON)
    assert due is not None
    assert due_slot(TWICE_A_DAY, source="a", last_slot=due.slot, now=NOON) is None


def test_an_outage_is_caught_up_once_and_the_rest_is_counted() -> None:
    first = due_slot(TWICE_A_DAY, source="a", last_slot=None, now=NOON)
    assert first is not None
    later = due_slot(TWICE_A_DAY, source="a", last_slot=first.slot, now=NOON + timedelta(days=3))
    assert later is not None
    assert later.missed == 5
    assert later.slot == first.slot + timedelta(days=3)


def test_a_clock_set_back_makes_nothing_due_twice() -> None:
    first = due_slot(TWICE_A_DAY, source="a", last_slot=None, now=NOON)
    assert first is not None
    assert due_slot(TWICE_A_DAY, source="a", last_slot=first.slot, now=NOON - timedelta(days=2)) is None


def test_sources_of_one_cadence_are_spread() -> None:
    slots = {
        due.slot for name in range(50) if (due := due_slot(TWICE_A_DAY, source=str(name), last_slot=None, now=NOON))
    }
    assert len(slots) > 40


def test_a_local_morning_is_seven_in_toronto_in_winter_and_in_summer() -> None:
    summer = next_slot(MORNINGS, source="a", after=datetime(2026, 7, 1, tzinfo=UTC))
    winter = next_slot(MORNINGS, source="a", after=datetime(2026, 1, 15, tzinfo=UTC))
    assert summer is not None
    assert winter is not None
    assert (summer.hour, winter.hour) == (11, 12)


def test_the_hour_that_does_not_exist_still_has_its_slot() -> None:
    half_past_two = Cadence(cron="30 2 * * *", timezone="America/Toronto")
    night = datetime(2026, 3, 8, 5, 0, tzinfo=UTC)
    slot = next_slot(half_past_two, source="a", after=night)
    assert slot is not None
    assert slot - night < timedelta(hours=4)


@example(now=datetime(2024, 1, 1, 20, 3, tzinfo=UTC), hours=184)
@given(now=MOMENTS, hours=st.integers(1, 200))
def test_walking_slot_by_slot_meets_every_slot_that_an_outage_counts(now: datetime, hours: int) -> None:
    for cadence in (TWICE_A_DAY, MORNINGS):
        start = due_slot(cadence, source="a", last_slot=None, now=now)
        assert start is not None
        later = now + timedelta(hours=hours)
        slots, slot = [], next_slot(cadence, source="a", after=start.slot)
        while slot is not None and slot <= later:
            slots.append(slot)
            slot = next_slot(cadence, source="a", after=slot)
        due = due_slot(cadence, source="a", last_slot=start.slot, now=later)
        assert (due is None) == (not slots)
        if due is not None:
            assert due.slot == slots[-1]
            assert due.missed == len(slots) - 1
