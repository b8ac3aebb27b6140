"""A day has one digest, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.digests import Frequency
from notifications.periods import boundary, period_named, periods_due, zone_of
from tests.notifications.builders import subscriber

ZONES = ("America/Toronto", "Europe/Paris", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "UTC")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_daily_period_runs_from_hour_to_hour_and_is_named_by_the_date_it_ends_on():
    (period,) = periods_due(subscriber(), now=at("2026-11-23T12:00"), last_key=None)
    assert period.key == "daily:2026-11-23:America/Toronto"
    assert (period.start, period.end) == (at("2026-11-22T12:00"), at("2026-11-23T12:00"))
    assert zone_of(period) == "America/Toronto"


def test_a_moment_before_the_hour_nothing_new_is_due():
    last = "daily:2026-11-22:America/Toronto"
    assert periods_due(subscriber(), now=at("2026-11-23T11:59:59"), last_key=last) == ()


def test_what_was_told_is_not_due_again():
    last = "daily:2026-11-23:America/Toronto"
    assert periods_due(subscriber(), now=at("2026-11-23T23:00"), last_key=last) == ()


def test_a_new_hour_or_zone_on_a_day_that_had_its_digest_gives_no_second_one():
    last = "daily:2026-11-23:America/Toronto"
    assert periods_due(subscriber(hour=18), now=at("2026-11-23T23:30"), last_key=last) == ()
    assert periods_due(subscriber(timezone="Europe/Paris"), now=at("2026-11-23T20:00"), last_key=last) == ()


def test_days_that_were_missed_are_caught_up_once():
    (period,) = periods_due(subscriber(), now=at("2026-11-23T13:00"), last_key="daily:2026-11-19:America/Toronto")
    assert (period.start, period.end) == (at("2026-11-19T12:00"), at("2026-11-23T12:00"))
    assert period.key == "daily:2026-11-23:America/Toronto"


def test_a_weekly_period_ends_on_the_chosen_weekday():
    weekly = subscriber(frequency=Frequency.WEEKLY, weekday=4)
    (period,) = periods_due(weekly, now=at("2026-11-23T13:00"), last_key=None)
    assert period.key == "weekly:2026-11-20:America/Toronto"
    assert period.end - period.start == timedelta(days=7)


def test_who_joined_after_a_period_ended_waits_for_the_next_one():
    joined = at("2026-11-23T15:00")
    assert periods_due(subscriber(), now=at("2026-11-23T16:00"), last_key=None, joined_at=joined) == ()
    assert len(periods_due(subscriber(), now=at("2026-11-24T12:00"), last_key=None, joined_at=joined)) == 1


def test_an_instant_period_is_named_by_the_event_it_reaches():
    instant = subscriber(frequency=Frequency.INSTANT, since_event=4)
    assert periods_due(instant, now=at("2026-11-23T12:00"), last_key=None, last_event=4) == ()
    (period,) = periods_due(instant, now=at("2026-11-23T12:00"), last_key=None, last_event=9)
    assert period.key == "instant:9:America/Toronto"
    assert periods_due(instant, now=at("2026-11-23T12:01"), last_key=period.key, last_event=9, covered_event=9) == ()


@pytest.mark.parametrize(
    ("day", "hour", "expected"),
    [
        (date(2026, 3, 8), 2, "2026-03-08T07:00"),
        (date(2026, 11, 1), 1, "2026-11-01T05:00"),
    ],
)
def test_a_skipped_hour_is_the_moment_after_it_and_a_repeated_one_its_first(day, hour, expected):
    assert boundary(subscriber(hour=hour), day) == at(expected)


@pytest.mark.parametrize("hour", [0, 1, 2, 3])
@pytest.mark.parametrize("day", ["2026-03-08", "2026-11-01"])
def test_the_night_the_clocks_change_has_one_digest(day, hour):
    reader, last, keys = subscriber(hour=hour), None, []
    now = at(day) - timedelta(hours=30)
    while now < at(day) + timedelta(hours=54):
        for period in periods_due(reader, now=now, last_key=last):
            last = period.key
            keys.append(period.key[6:16])
        now += timedelta(minutes=30)
    assert len(keys) == len(set(keys))
    assert day in keys


@given(
    zone=st.sampled_from(ZONES),
    hour=st.integers(0, 23),
    weekly=st.booleans(),
    weekday=st.integers(0, 6),
    start=st.datetimes(datetime(2011, 12, 20), datetime(2027, 1, 1)),
    steps=st.lists(st.integers(-90, 5000), min_size=1, max_size=20),
)
def test_windows_follow_on_one_another_without_gap_or_overlap_even_when_the_clock_is_set_back(
    zone, hour, weekly, weekday, start, steps
):
    frequency = Frequency.WEEKLY if weekly else Frequency.DAILY
    reader = subscriber(frequency=frequency, timezone=zone, hour=hour, weekday=weekday)
    now, told = start.replace(tzinfo=UTC), []
    for minutes in steps:
        now += timedelta(minutes=minutes)
        for period in periods_due(reader, now=now, last_key=told[-1].key if told else None):
            assert period.start < period.end <= now
            told.append(period)
    assert len({period.key for period in told}) == len(told)
    for before, after in pairwise(told):
        assert after.start == before.end


def test_a_person_may_name_a_period():
    reader, now = subscriber(), at("2026-11-23T15:00")
    assert period_named("2026-11-23", subscriber=reader, now=now).key == "daily:2026-11-23:America/Toronto"
    assert period_named("weekly:2026-11-23", subscriber=reader, now=now).start == at("2026-11-16T12:00")
    assert period_named("daily:2026-11-23:America/Toronto", subscriber=reader, now=now).end == at("2026-11-23T12:00")
    current = period_named("now", subscriber=reader, now=now)
    assert (current.start, current.end) == (at("2026-11-23T12:00"), now)
    for wrong in ("yesterday", "2026-02-30", "monthly:2026-11-01", ""):
        with pytest.raises(ValueError, match=r"period|day|month"):
            period_named(wrong, subscriber=reader, now=now)
