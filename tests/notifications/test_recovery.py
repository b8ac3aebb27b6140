"""After a long outage every digest that ought to exist is found and composed, once, however the clock jumped."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.digests import Frequency
from notifications.digest import Composed, compose_due
from storage.store import Store
from tests.notifications.builders import CLAIMS, NOW, SOURCES, dollars, flag
from tests.notifications.stores import happen, reader

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
BACK = NOW + 20 * DAY


def compose(store: Store, at: datetime, *, limit: int = 1000) -> tuple[Composed, ...]:
    return compose_due(
        store,
        sources=SOURCES,
        claims=CLAIMS,
        now=at,
        sender="Claimwatch <digest@watch.example>",
        base_url="https://watch.example",
        limit=limit,
    )


def outage(store: Store) -> list[int]:
    """Readers of every cadence, told up to now; then changes on three days on which nobody composed."""
    for name in Frequency:
        reader(store, name.value, frequency=name)
    compose(store, NOW)
    return [
        happen(store, flag(n, "permit-fee", before=dollars(n), after=dollars(n + 1)), at=NOW + n * 6 * DAY - HOUR)
        for n in (1, 2, 3)
    ]


def told(composed: tuple[Composed, ...]) -> dict[str, list[int]]:
    """What each reader is told, over all digests of a round."""
    found: dict[str, list[int]] = {}
    for one in composed:
        name = one.subscriber.address.partition("@")[0]
        assert one.message is not None or not one.digest.items
        found.setdefault(name, []).extend(item.flag for item in one.digest.items)
    return {name: sorted(numbers) for name, numbers in found.items()}


def test_after_an_outage_everybody_is_told_everything_once(store):
    numbers = outage(store)
    told_now = told(compose(store, BACK))
    assert told_now["instant"] == told_now["daily"] == numbers
    assert set(told_now["weekly"]) <= set(numbers)
    later = told(compose(store, BACK + 7 * DAY))
    assert sorted(told_now["weekly"] + later["weekly"]) == numbers
    assert later["daily"] == []
    assert "instant" not in later


def test_a_sweep_that_is_cut_short_is_taken_up_where_it_stopped(store):
    numbers = outage(store)
    rounds = [compose(store, BACK, limit=1) for _ in range(6)]
    assert [len(one) for one in rounds] == [1, 1, 1, 0, 0, 0]
    found = told(tuple(one for each in rounds for one in each))
    assert found["daily"] == found["instant"] == numbers


def test_a_clock_that_jumps_forth_and_back_tells_nothing_twice_and_loses_nothing(store):
    numbers = outage(store)
    compose(store, BACK)
    assert compose(store, NOW + 2 * DAY) == ()
    extra = happen(store, flag(9, "trades", before=dollars(1), after=dollars(2)), at=NOW + 2 * DAY + HOUR)
    everything = [told(compose(store, at)) for at in (NOW + 3 * DAY, BACK + DAY, BACK + 8 * DAY)]
    for name in ("instant", "daily"):
        assert sorted(number for each in everything for number in each.get(name, [])) == [extra]
    assert extra not in numbers
