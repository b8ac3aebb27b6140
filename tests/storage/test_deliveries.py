"""Digests once a period, deliveries with frozen bytes, and no second copy but by somebody's choice."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.digests import DeliveryKind, DeliveryState, Filters, Frequency, Message, Period, SubscriberState
from domain.errors import StorageError
from storage.deliveries import (
    ClaimedDelivery,
    LostDelivery,
    cancel_waiting,
    mark_all,
    mark_handing_over,
    queue_message,
    recover_abandoned,
    release_ambiguous,
    renew_marker,
    resolve_ambiguous,
    settle_all_sent,
    settle_ambiguous,
    settle_deferred,
    settle_failed,
    settle_sent,
)
from storage.delivery_claims import claim_deliveries, claim_delivery, give_back_claims, handed_since
from storage.delivery_lists import count_deliveries, list_deliveries
from storage.digests import keep_digest, last_digest, last_event_told
from storage.store import Store
from storage.subscribers import add_subscriber, deactivate_subscriber
from tests.storage.builders import NOW, day, dump

LEASE = timedelta(minutes=5)
PERIOD = Period(key="daily:2026-11-23:America/Toronto", start=day(-1), end=NOW)


def message(number: int = 1) -> Message:
    return Message(
        message_id=f"<{number}@watch.example>",
        sender="watch@watch.example",
        recipient=f"reader{number}@example.org",
        subject="Two pages changed",
        content=b"Subject: Two pages changed\r\n\r\n\x00\xff bytes as they are\r\n",
    )


def queue(store: Store, number: int = 1) -> int | None:
    with store.writing() as connection:
        reader = add_subscriber(
            connection, address=f"reader{number}@example.org", frequency=Frequency.DAILY, now=NOW, filters=Filters()
        )
        return keep_digest(
            connection,
            subscriber=reader.id,
            period=PERIOD,
            first_event=0,
            last_event=7,
            items=2,
            message=message(number),
            now=NOW,
        )


def claim(store: Store, owner: str = "one", *, after: timedelta = timedelta(0)) -> ClaimedDelivery:
    found = try_claim(store, owner, after=after)
    assert found is not None
    return found


def try_claim(store: Store, owner: str = "one", *, after: timedelta = timedelta(0)) -> ClaimedDelivery | None:
    with store.writing() as connection:
        return claim_delivery(connection, owner=owner, now=NOW + after, lease=LEASE)


def hand_over(store: Store, claimed: ClaimedDelivery) -> None:
    with store.writing() as connection:
        mark_handing_over(connection, claimed.id, fence=claimed.fence)


def sent(store: Store, claimed: ClaimedDelivery) -> None:
    with store.writing() as connection:
        settle_sent(connection, claimed.id, fence=claimed.fence, now=NOW)


def states(store: Store) -> dict[DeliveryState, int]:
    with store.reading() as connection:
        return {state: number for state, number in count_deliveries(connection).items() if number}


def recover(store: Store, *, after: timedelta) -> int:
    with store.writing() as connection:
        return recover_abandoned(connection, now=NOW + after)


def test_a_period_is_composed_once_with_its_delivery(store: Store) -> None:
    assert queue(store) is not None
    before = dump(store)
    assert queue(store) is None
    assert dump(store) == before
    assert states(store) == {DeliveryState.PENDING: 1}
    with store.reading() as connection:
        digest = last_digest(connection, 1)
        assert last_event_told(connection, 1) == 7
        assert last_event_told(connection, 2) is None
    assert digest is not None
    assert (digest.period, digest.last_event, digest.items, digest.period_end) == (PERIOD.key, 7, 2, NOW)


def test_nothing_to_send_is_a_record_without_a_delivery(store: Store) -> None:
    with store.writing() as connection:
        reader = add_subscriber(connection, address="a@example.org", frequency=Frequency.DAILY, now=NOW)
        assert last_digest(connection, reader.id) is None
        number = keep_digest(
            connection,
            subscriber=reader.id,
            period=PERIOD,
            first_event=0,
            last_event=0,
            items=0,
            message=None,
            now=NOW,
        )
    assert number is not None
    assert states(store) == {}


def test_the_bytes_are_the_same_on_every_attempt(store: Store) -> None:
    queue(store)
    first = claim(store)
    with store.writing() as connection:
        settle_deferred(connection, first.id, fence=first.fence, next_attempt=NOW + LEASE, reason="451 later")
    second = claim(store, after=LEASE)
    assert first.message == second.message == message()
    assert (first.attempts, second.attempts) == (0, 1)


def test_a_message_id_is_queued_once(store: Store) -> None:
    number = queue(store)
    assert number is not None
    with pytest.raises(StorageError), store.writing() as connection:
        queue_message(connection, digest=number, message=message(), now=NOW)


def test_one_owner_at_a_time_and_each_its_own(store: Store) -> None:
    queue(store, 1)
    queue(store, 2)
    assert claim(store, "one").id != claim(store, "two").id
    assert try_claim(store, "three") is None


def test_a_deferred_delivery_waits_for_its_time(store: Store) -> None:
    queue(store)
    claimed = claim(store)
    with store.writing() as connection:
        settle_deferred(connection, claimed.id, fence=claimed.fence, next_attempt=NOW + 4 * LEASE, reason="busy")
    assert try_claim(store, after=3 * LEASE) is None
    assert claim(store, after=4 * LEASE).id == claimed.id


def test_an_attempt_is_counted_once_however_far_it_got(store: Store) -> None:
    queue(store)
    for tried, (handed, attempted) in enumerate([(True, True), (False, True), (False, False)]):
        claimed = claim(store, after=tried * LEASE)
        if handed:
            hand_over(store, claimed)
        with store.writing() as connection:
            settle_deferred(
                connection,
                claimed.id,
                fence=claimed.fence,
                next_attempt=NOW + (tried + 1) * LEASE,
                reason="later",
                attempted=attempted,
            )
    with store.reading() as connection:
        (line,) = list_deliveries(connection)
    assert line.attempts == 2


def test_a_claim_that_was_abandoned_is_claimed_again(store: Store) -> None:
    queue(store)
    slow = claim(store, "slow")
    assert recover(store, after=LEASE) == 0, "nothing was handed over"
    quick = claim(store, "quick", after=LEASE)
    for late in (hand_over, sent):
        with pytest.raises(LostDelivery):
            late(store, slow)
    hand_over(store, quick)
    sent(store, quick)
    assert states(store) == {DeliveryState.SENT: 1}


def test_a_sender_that_died_while_handing_over_leaves_it_ambiguous(store: Store) -> None:
    queue(store)
    claimed = claim(store)
    hand_over(store, claimed)
    assert recover(store, after=LEASE / 2) == 0, "it may still be at it"
    assert recover(store, after=LEASE) == 1
    assert try_claim(store, after=9 * LEASE) is None, "held until somebody chooses"
    with pytest.raises(LostDelivery):
        sent(store, claimed)
    assert states(store) == {DeliveryState.AMBIGUOUS: 1}


def test_an_ambiguous_delivery_is_sent_again_only_by_choice_and_with_the_same_bytes(store: Store) -> None:
    queue(store)
    claimed = claim(store)
    hand_over(store, claimed)
    with store.writing() as connection:
        settle_ambiguous(connection, claimed.id, fence=claimed.fence, reason="the answer was lost")
    with store.writing() as connection:
        assert release_ambiguous(connection, claimed.id, now=NOW)
        assert not release_ambiguous(connection, claimed.id, now=NOW)
    with pytest.raises(LostDelivery):
        sent(store, claimed)
    assert claim(store).message == message()


def test_an_ambiguous_delivery_may_be_said_to_have_arrived(store: Store) -> None:
    queue(store)
    claimed = claim(store)
    hand_over(store, claimed)
    recover(store, after=LEASE)
    with store.writing() as connection:
        assert resolve_ambiguous(connection, claimed.id, now=NOW)
    assert states(store) == {DeliveryState.SENT: 1}


def test_nothing_that_was_cancelled_is_handed_over(store: Store) -> None:
    queue(store)
    claimed = claim(store)
    with store.writing() as connection:
        assert cancel_waiting(connection, 1, now=NOW) == 1
    with pytest.raises(LostDelivery):
        hand_over(store, claimed)
    assert try_claim(store, after=LEASE) is None
    assert states(store) == {DeliveryState.CANCELLED: 1}


@pytest.mark.parametrize("way_back", ["deferred", "not begun", "released"])
def test_who_left_while_their_digest_was_in_hand_gets_it_no_more(store: Store, way_back: str) -> None:
    queue(store)
    queue(store, 2)
    with store.writing() as connection:
        (claimed,) = claim_deliveries(connection, owner="one", now=NOW, lease=LEASE, most=1)
        mark_handing_over(connection, claimed.id, fence=claimed.fence)
        assert claimed.subscriber is not None
        deactivate_subscriber(connection, claimed.subscriber)
        assert cancel_waiting(connection, claimed.subscriber, now=NOW) == 0
        if way_back == "deferred":
            settle_deferred(connection, claimed.id, fence=claimed.fence, next_attempt=NOW, reason="busy")
        elif way_back == "not begun":
            give_back_claims(connection, [claimed])
        else:
            settle_ambiguous(connection, claimed.id, fence=claimed.fence, reason="lost")
            release_ambiguous(connection, claimed.id, now=NOW)
        (other,) = claim_deliveries(connection, owner="one", now=NOW, lease=LEASE, most=1)
        assert other.id != claimed.id
        assert count_deliveries(connection)[DeliveryState.CANCELLED] == 1


def test_a_letter_goes_to_who_has_not_said_yes_yet(store: Store) -> None:
    with store.writing() as connection:
        reader = add_subscriber(
            connection,
            address="new@example.org",
            frequency=Frequency.DAILY,
            now=NOW,
            state=SubscriberState.PENDING,
        )
        queue_message(connection, message=message(), now=NOW, subscriber=reader.id, kind=DeliveryKind.LETTER)
        assert claim_delivery(connection, owner="one", now=NOW, lease=LEASE) is not None


def test_what_is_being_handed_over_cannot_be_cancelled_any_more(store: Store) -> None:
    queue(store)
    claimed = claim(store)
    hand_over(store, claimed)
    with store.writing() as connection:
        assert cancel_waiting(connection, 1, now=NOW) == 0


def test_a_settled_delivery_is_not_settled_again(store: Store) -> None:
    queue(store)
    claimed = claim(store)
    hand_over(store, claimed)
    sent(store, claimed)
    with pytest.raises(LostDelivery), store.writing() as connection:
        settle_deferred(connection, claimed.id, fence=claimed.fence, next_attempt=NOW, reason="")
    with pytest.raises(LostDelivery), store.writing() as connection:
        settle_failed(connection, claimed.id, fence=claimed.fence, reason="", now=NOW)
    assert states(store) == {DeliveryState.SENT: 1}


def test_deliveries_are_listed_newest_first_and_by_state(store: Store) -> None:
    queue(store, 1)
    queue(store, 2)
    claimed = claim(store)
    with store.writing() as connection:
        settle_failed(connection, claimed.id, fence=claimed.fence, reason="550 no \x00 such box", now=NOW)
    with store.reading() as connection:
        assert [line.recipient[:7] for line in list_deliveries(connection)] == ["reader2", "reader1"]
        (line,) = list_deliveries(connection, state=DeliveryState.FAILED)
    assert line.reason == r"550 no \u0000 such box"


STEPS = ["claim", "hand over", "sent", "deferred", "failed", "ambiguous", "recover", "release", "cancel", "wait"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(STEPS), max_size=14), numbers=st.integers(1, 3))
def test_whatever_happens_every_delivery_is_in_one_state_and_none_is_taken_twice_unasked(
    sqlite_store: Store, steps: list[str], numbers: int
) -> None:
    """The server takes a message when it is handed over; two copies need a release."""
    with sqlite_store.writing() as connection:
        for table in ("delivery_contents", "deliveries", "digests"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    for number in range(1, numbers + 1):
        queue(sqlite_store, number)
    after, claims, taken, released = timedelta(0), list[ClaimedDelivery](), Counter[int](), Counter[int]()
    for step in steps:
        try:
            with sqlite_store.writing() as connection:
                last = claims[-1] if claims else None
                now = NOW + after
                if step == "claim":
                    found = claim_delivery(connection, owner="one", now=now, lease=LEASE)
                    claims += [found] if found is not None else []
                elif step == "wait":
                    after += LEASE
                elif step == "recover":
                    recover_abandoned(connection, now=now)
                elif step == "cancel":
                    cancel_waiting(connection, 1, now=now)
                elif last is None:
                    continue
                elif step == "hand over":
                    mark_handing_over(connection, last.id, fence=last.fence)
                    taken[last.id] += 1
                elif step == "sent":
                    settle_sent(connection, last.id, fence=last.fence, now=now)
                elif step == "failed":
                    settle_failed(connection, last.id, fence=last.fence, reason="", now=now)
                elif step == "ambiguous":
                    settle_ambiguous(connection, last.id, fence=last.fence, reason="")
                elif step == "release":
                    released[last.id] += release_ambiguous(connection, last.id, now=now)
                elif step == "deferred":
                    # The server said no, so it has not taken it.
                    settle_deferred(connection, last.id, fence=last.fence, next_attempt=now, reason="")
                    taken[last.id] = min(taken[last.id], released[last.id])
        except LostDelivery:
            continue
    assert sum(states(sqlite_store).values()) == numbers
    assert all(count <= 1 + released[number] for number, count in taken.items())


def test_markers_of_several_are_set_for_those_that_are_still_ours_and_undone_where_not_begun(store):
    for number in (1, 2, 3):
        queue(store, number)
    with store.writing() as connection:
        ours = claim_deliveries(connection, owner="one", now=NOW, lease=LEASE, most=3)
    taken = claim(store, "two", after=LEASE)
    with store.writing() as connection:
        assert mark_all(connection, ours, now=NOW, lease=LEASE) == {taken.id}
    assert states(store) == {DeliveryState.HANDING_OVER: 2, DeliveryState.PENDING: 1}
    _, second, third = ours
    with store.writing() as connection:
        give_back_claims(connection, [third])
        assert settle_all_sent(connection, [ours[0], second], now=NOW) == {taken.id}
    assert states(store) == {DeliveryState.SENT: 1, DeliveryState.PENDING: 2}
    sent(store, taken)
    with store.reading() as connection:
        assert handed_since(connection, NOW - LEASE, now=NOW + LEASE) == 1
    again = claim(store, "two", after=LEASE)
    assert (again.id, again.attempts) == (third.id, 0)


def test_a_marker_is_renewed_by_its_sender_alone(store):
    queue(store)
    claimed = claim(store)
    with store.writing() as connection:
        mark_all(connection, [claimed], now=NOW, lease=LEASE)
        renew_marker(connection, claimed, now=NOW + LEASE / 2, lease=LEASE)
        assert recover_abandoned(connection, now=NOW + LEASE) == 0
        assert recover_abandoned(connection, now=NOW + 2 * LEASE) == 1
    with pytest.raises(LostDelivery), store.writing() as connection:
        renew_marker(connection, claimed, now=NOW + 2 * LEASE, lease=LEASE)


def test_a_mail_marked_ahead_that_our_own_fault_stops_was_not_tried_and_not_handed_over(store):
    queue(store)
    claimed = claim(store)
    with store.writing() as connection:
        mark_all(connection, [claimed], now=NOW, lease=LEASE)
        settle_deferred(
            connection,
            claimed.id,
            fence=claimed.fence,
            next_attempt=NOW,
            reason="",
            attempted=False,
            handed=False,
        )
        assert handed_since(connection, NOW - LEASE, now=NOW) == 0
    assert claim(store).attempts == 0
