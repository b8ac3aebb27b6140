"""Values in columns: what goes in comes out, and order of text is order of time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facts import Pending
from domain.values import Text
from storage.columns import (
    json_of,
    json_text,
    optional_time,
    pending_of,
    pending_text,
    plain,
    storable,
    time_of,
    time_text,
    value_of,
    value_text,
)

MOMENTS = st.datetimes(
    min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1), timezones=st.just(timezone(timedelta(hours=-5)))
)
ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=30)


@given(MOMENTS, MOMENTS)
def test_times_come_back_and_sort_as_text(one: datetime, two: datetime) -> None:
    assert time_of(time_text(one)) == one
    assert time_of(time_text(one)).tzinfo == UTC
    assert (one < two) == (time_text(one) < time_text(two))


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        time_text(datetime(2026, 11, 23))


def test_absent_values_stay_absent() -> None:
    assert (value_text(None), value_of(None), pending_text(None), pending_of(None), optional_time(None)) == (None,) * 5


@given(ANY_TEXT)
def test_plain_text_can_be_stored_everywhere_and_says_what_stood_there(text: str) -> None:
    shown = plain(text)
    assert "\x00" not in shown
    shown.encode("utf-8")
    assert plain(shown) == shown
    assert (storable(text) == text) == (shown == text)


@given(st.text(max_size=30))
def test_text_without_surrogates_survives_in_json(text: str) -> None:
    stored = json_text({"text": text})
    assert "\x00" not in stored
    assert json_of(stored) == {"text": text}


@given(ANY_TEXT)
def test_json_with_surrogates_can_be_stored_and_read(text: str) -> None:
    stored = json_text([text])
    stored.encode("utf-8")
    assert isinstance(json_of(stored)[0], str)


def test_an_announced_value_comes_back() -> None:
    pending = Pending(value=Text(text="later"), effective=date(2027, 4, 30), quote="from 30 April")
    assert pending_of(pending_text(pending)) == pending
