"""Every subscriber gets a digest of a period once, whoever composes how often, and silence is on record."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from email import policy
from email.parser import BytesParser

import pytest
from sqlalchemy import update

from domain.checks import Outcome
from domain.digests import DeliveryState, Filters, Frequency, IncidentState, Subscriber
from domain.flags import FlagReason, ReviewVerdict
from notifications.digest import Composed, compose_due, preview
from storage.delivery_lists import count_deliveries, list_deliveries
from storage.digests import last_digest
from storage.events import last_seq
from storage.flags import close_flag, decide_flag, load_flag
from storage.outages import unended_outages
from storage.outbox_tables import subscribers
from storage.store import Store
from storage.subscribers import deactivate_subscriber
from tests.notifications.builders import CLAIMS, NOW, SOURCES, dollars, flag, source
from tests.notifications.stores import happen, reader, store_at, visit

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SECRET = "s" * 32


def compose(store: Store, *, at: datetime = NOW, **options: object) -> tuple[Composed, ...]:
    return compose_due(
        store,
        claims=CLAIMS,
        now=at,
        sender="Claimwatch <digest@watch.example>",
        base_url="https://watch.example",
        **{"sources": SOURCES, **options},  # type: ignore[arg-type]
    )


def fee(number: int, *, after: int = 1155):
    return flag(number, "permit-fee", before=dollars(1000), after=dollars(after), claims=("permit.fee",))


def told(composed: Iterable[Composed]) -> list[list[int]]:
    return [[item.flag for item in one.digest.items] for one in composed]


def states(store: Store) -> dict[DeliveryState, int]:
    with store.reading() as connection:
        return {state: count for state, count in count_deliveries(connection).items() if count}


def test_a_digest_and_its_delivery_are_stored_together_once(store):
    reader(store)
    number = happen(store, fee(1), at=NOW - HOUR)
    assert told(compose(store)) == [[number]]
    assert compose(store) == ()
    assert compose(store, at=NOW + 5 * HOUR) == ()
    assert states(store) == {DeliveryState.PENDING: 1}


def test_each_change_is_in_exactly_one_digest(store):
    reader(store)
    numbers, seen = [], []
    for day in range(5):
        numbers.append(happen(store, fee(day, after=2000 + day), at=NOW + day * DAY - HOUR))
        seen += [item for group in told(compose(store, at=NOW + day * DAY)) for item in group]
    assert sorted(set(seen)) == sorted(numbers)
    assert [number for number in numbers if seen.count(number) != 1] == []


def test_a_change_after_the_window_waits_for_the_next_one(store):
    reader(store)
    late = happen(store, fee(1), at=NOW + HOUR)
    assert told(compose(store, at=NOW + 2 * HOUR)) == [[]]
    assert told(compose(store, at=NOW + DAY)) == [[late]]


def test_a_change_that_is_committed_after_its_window_was_told_is_in_the_next(store):
    reader(store)
    compose(store, at=NOW + HOUR)
    late = happen(store, fee(1), at=NOW - HOUR)
    assert told(compose(store, at=NOW + 2 * HOUR)) == []
    assert told(compose(store, at=NOW + DAY)) == [[late]]


def test_nothing_to_send_is_a_record(store):
    person = reader(store, heartbeat=False)
    (quiet,) = compose(store)
    assert quiet.message is None
    assert states(store) == {}
    with store.reading() as connection:
        kept = last_digest(connection, person.id)
    assert kept is not None
    assert kept.items == 0
    assert compose(store) == ()


def test_a_heartbeat_is_sent_when_nothing_happened_and_says_how_much_was_checked(store):
    reader(store)
    visit(store, "rounds", at=NOW - HOUR, outcome=Outcome.UNCHANGED)
    (beat,) = compose(store)
    assert beat.digest.empty
    assert beat.digest.coverage.sources_read == 1
    assert beat.digest.coverage.checks == 1
    assert beat.message is not None
    assert beat.message.subject == "Nothing changed: 1 of 5 official pages read"


def test_a_page_that_could_not_be_read_is_told(store):
    reader(store)
    visit(store, "rounds", at=NOW - HOUR, outcome=Outcome.SUSPECT, reason="blocked")
    (one,) = compose(store)
    assert one.digest.unreadable == (("rounds", "blocked"),)
    assert one.digest.coverage.sources_unreadable == ("rounds",)


def test_an_outage_is_told_when_it_begins_and_when_it_ends(store):
    reader(store, heartbeat=False)
    number = happen(store, flag(1, "rounds", fact="", reason=FlagReason.UNREADABLE), at=NOW - HOUR)
    (began,) = compose(store)
    (between,) = compose(store, at=NOW + DAY)
    visit(store, "rounds", at=NOW + DAY + HOUR, outcome=Outcome.UNCHANGED)
    with store.writing() as connection:
        close_flag(connection, number, because="readable again", at=NOW + DAY + HOUR)
    (over,) = compose(store, at=NOW + 2 * DAY)
    assert [one.message is not None for one in (began, between, over)] == [True, False, True]
    assert over.message.subject == "1 page of office.example can be read again"


def test_a_site_that_goes_down_page_by_page_is_told_twice_in_all(store):
    reader(store, frequency=Frequency.INSTANT)
    pages = {f"page-{number}": source(f"page-{number}", host="down.example") for number in range(50)}
    sources = {**SOURCES, **pages}
    told, flags = [], []
    for number, page in enumerate(pages, start=1):
        at = NOW + number * HOUR
        flags.append(happen(store, flag(number, page, fact="", reason=FlagReason.UNREADABLE), at=at))
        told += compose(store, at=at + HOUR / 2, sources=sources)
    for number, outage in enumerate(flags, start=1):
        at = NOW + (100 + number) * HOUR
        visit(store, f"page-{number - 1}", at=at, outcome=Outcome.UNCHANGED)
        with store.writing() as connection:
            close_flag(connection, outage, because="readable again", at=at)
        told += compose(store, at=at + HOUR / 2, sources=sources)
    sent = [one.message.subject for one in told if one.message is not None]
    assert sent == [
        "1 page of down.example cannot be read any more",
        "50 pages of down.example can be read again",
    ]


def out(store: Store, page: str, *, at: datetime) -> int:
    return happen(store, flag(1, page, fact="", identity=page, reason=FlagReason.UNREADABLE), at=at)


def back(store: Store, page: str, number: int, *, at: datetime) -> None:
    visit(store, page, at=at, outcome=Outcome.UNCHANGED)
    with store.writing() as connection:
        close_flag(connection, number, because="readable again", at=at)


def turns(one: Composed) -> list[tuple[str, IncidentState]]:
    return [(item.site, item.state) for item in one.digest.incidents]


def test_an_outage_over_several_borders_is_told_as_begun_going_on_and_over(store):
    reader(store)
    at = NOW - HOUR / 2
    number = out(store, "rounds", at=at)
    digests = [one for days in range(3) for one in compose(store, at=NOW + days * DAY)]
    back(store, "rounds", number, at=NOW + 3 * DAY - HOUR)
    digests += compose(store, at=NOW + 3 * DAY)
    assert [turns(one) for one in digests] == [
        [("office.example", state)]
        for state in (
            IncidentState.OPENED,
            IncidentState.CONTINUING,
            IncidentState.CONTINUING,
            IncidentState.ENDED,
        )
    ]
    assert [one.digest.empty for one in digests] == [False, True, True, False]
    assert {one.digest.incidents[0].began_at for one in digests} == {at}


def test_an_outage_that_ends_and_begins_again_is_told_by_each_turn(store):
    reader(store, frequency=Frequency.INSTANT)
    told: list[Composed] = []
    for round_ in range(2):
        at = NOW + round_ * 4 * HOUR
        number = out(store, "rounds", at=at)
        told += compose(store, at=at + HOUR)
        back(store, "rounds", number, at=at + 2 * HOUR)
        told += compose(store, at=at + 3 * HOUR)
    began, over = [("office.example", IncidentState.OPENED)], [("office.example", IncidentState.ENDED)]
    assert [turns(one) for one in told if one.message] == [began, over, began, over]


def test_outages_of_two_sites_are_told_each_by_its_own_turns(store):
    reader(store, frequency=Frequency.INSTANT)
    acts: list[list[tuple[str, IncidentState]]] = []

    def look(hours: int) -> None:
        acts.extend(turns(one) for one in compose(store, at=NOW + hours * HOUR) if one.message)

    first = out(store, "rounds", at=NOW)
    second = out(store, "coast-programme", at=NOW + HOUR)
    look(2)
    third = out(store, "valley-programme", at=NOW + 3 * HOUR)
    look(4)
    back(store, "rounds", first, at=NOW + 5 * HOUR)
    back(store, "coast-programme", second, at=NOW + 5 * HOUR)
    look(6)
    back(store, "valley-programme", third, at=NOW + 7 * HOUR)
    look(8)
    assert acts == [
        [("coast.example", IncidentState.OPENED), ("office.example", IncidentState.OPENED)],
        [("coast.example", IncidentState.CONTINUING), ("office.example", IncidentState.ENDED)],
        [("coast.example", IncidentState.ENDED)],
    ]


def test_the_end_of_an_outage_that_a_person_decided_on_is_told_too(store):
    person = reader(store, frequency=Frequency.INSTANT)
    number = out(store, "rounds", at=NOW)
    compose(store, at=NOW + HOUR)
    with store.writing() as connection:
        decide_flag(connection, number, verdict=ReviewVerdict.NO_IMPACT, note="", by="Ana", at=NOW + HOUR)
    assert [one.message for one in compose(store, at=NOW + 2 * HOUR)] == [None]
    with store.writing() as connection:
        assert unended_outages(connection, "rounds") == (number,)
    back(store, "rounds", number, at=NOW + 3 * HOUR)
    with store.reading() as connection:
        assert unended_outages(connection, "rounds") == ()
    (over,) = compose(store, at=NOW + 4 * HOUR, subscriber=person)
    assert turns(over) == [("office.example", IncidentState.ENDED)]


def test_a_turn_is_told_once_also_when_it_ended_before_it_was_told(store):
    reader(store, heartbeat=False)
    number = happen(store, flag(1, "rounds", fact="", reason=FlagReason.UNREADABLE), at=NOW - HOUR)
    visit(store, "rounds", at=NOW + HOUR, outcome=Outcome.UNCHANGED)
    with store.writing() as connection:
        close_flag(connection, number, because="readable again", at=NOW + HOUR)
    first, second = compose(store, at=NOW + 2 * HOUR)[0], compose(store, at=NOW + DAY)[0]
    assert [item.state for item in first.digest.incidents] == [IncidentState.OPENED]
    assert [item.state for item in second.digest.incidents] == [IncidentState.ENDED]


def test_who_watches_one_page_of_a_site_that_is_down_is_told_when_their_page_goes(store):
    reader(store, frequency=Frequency.INSTANT, filters=Filters(sources=("trades",)))
    happen(store, flag(1, "rounds", fact="", reason=FlagReason.UNREADABLE), at=NOW)
    first = compose(store, at=NOW + HOUR)
    happen(store, flag(2, "trades", fact="", reason=FlagReason.UNREADABLE), at=NOW + 2 * HOUR)
    second = compose(store, at=NOW + 3 * HOUR)
    assert [one.message is not None for one in (*first, *second)] == [False, True]


def test_what_was_decided_is_told_in_the_next_digest(store):
    reader(store)
    number = happen(store, fee(1), at=NOW - HOUR)
    compose(store)
    with store.writing() as connection:
        pair = load_flag(connection, number).flag
        decide_flag(
            connection,
            number,
            verdict=ReviewVerdict.GUIDE_WRONG,
            note="Mended.",
            by="Ana",
            at=NOW + HOUR,
            seen=(pair.snapshot_before, pair.snapshot_after),
        )
    (after,) = compose(store, at=NOW + DAY)
    assert [item.decided for item in after.digest.items] == ["guide wrong, by Ana on 23 November 2026: Mended."]


def test_a_newcomer_is_told_what_happened_since_and_of_no_time_before(store):
    happen(store, fee(1), at=NOW - 5 * HOUR)
    reader(store, now=NOW - 4 * HOUR)
    number = happen(store, fee(2, after=1200), at=NOW - HOUR)
    (first,) = compose(store)
    assert [item.flag for item in first.digest.items if not item.decided] == [number]
    assert first.digest.period.start == NOW - 5 * HOUR
    assert first.digest.period.end == NOW


def test_who_left_gets_nothing_and_who_comes_back_is_not_told_of_the_time_between(store):
    person = reader(store)
    with store.writing() as connection:
        deactivate_subscriber(connection, person.id)
    happen(store, fee(1), at=NOW - HOUR)
    assert compose(store) == ()
    reader(store, now=NOW + HOUR)
    (back,) = compose(store, at=NOW + DAY)
    assert back.digest.items == ()


def test_days_without_service_are_one_digest(store):
    reader(store)
    compose(store, at=NOW)
    numbers = [happen(store, fee(n, after=2000 + n), at=NOW + n * DAY - HOUR) for n in range(1, 5)]
    (one,) = compose(store, at=NOW + 4 * DAY)
    assert sorted(item.flag for item in one.digest.items) == numbers
    assert one.digest.period.start == NOW


def test_an_instant_subscriber_is_told_at_once_and_has_no_heartbeat(store):
    reader(store, frequency=Frequency.INSTANT)
    assert compose(store) == ()
    number = happen(store, fee(1), at=NOW)
    assert told(compose(store, at=NOW + HOUR)) == [[number]]
    assert compose(store, at=NOW + HOUR) == ()
    assert states(store) == {DeliveryState.PENDING: 1}


def test_an_instant_subscriber_with_filters_has_silence_on_record(store):
    person = reader(store, frequency=Frequency.INSTANT, filters=Filters(risks=("low",), sources=("rounds",)))
    happen(store, fee(1), at=NOW)
    (one,) = compose(store, at=NOW + HOUR)
    assert one.message is None
    with store.reading() as connection:
        kept = last_digest(connection, person.id)
        assert kept is not None
        assert kept.last_event == last_seq(connection)


@pytest.mark.parametrize("heartbeat", [True, False])
def test_who_chose_what_nothing_matches_gets_a_heartbeat_that_says_so_or_nothing(store, heartbeat):
    reader(store, heartbeat=heartbeat, filters=Filters(sources=("rounds",), risks=("critical",)))
    happen(store, fee(1), at=NOW - HOUR)
    (one,) = compose(store)
    assert one.digest.empty
    if not heartbeat:
        assert one.message is None
        return
    assert one.message is not None
    assert one.message.subject == "Nothing changed in what you follow: 0 of 5 official pages read"
    text = BytesParser(policy=policy.default).parsebytes(one.message.content).get_body(("plain",))
    words = " ".join(text.get_content().split())
    assert "You chose to hear only of: page rounds; risk critical" in words
    assert "Other things may have changed" in words


def test_a_period_may_be_asked_for_and_is_not_told_again_by_the_schedule(store):
    reader(store)
    number = happen(store, fee(1), at=NOW + HOUR)
    assert told(compose(store, at=NOW + 2 * HOUR, period="now")) == [[number]]
    assert compose(store, at=NOW + 3 * HOUR) == ()
    (next_day,) = compose(store, at=NOW + DAY)
    assert next_day.digest.items == ()
    assert next_day.digest.period.start == NOW + 2 * HOUR


def test_a_period_that_was_told_cannot_be_told_again_by_name(store):
    reader(store)
    happen(store, fee(1), at=NOW - HOUR)
    compose(store)
    assert compose(store, period="2026-11-23") == ()
    assert compose(store, period="2026-11-20") == ()
    with pytest.raises(ValueError, match="has not ended"):
        compose(store, period="2026-11-30")


def test_one_subscriber_may_be_chosen(store):
    first, second = reader(store, "one"), reader(store, "two")
    happen(store, fee(1), at=NOW - HOUR)
    assert [one.subscriber.id for one in compose(store, subscriber=second)] == [second.id]
    assert [one.subscriber.id for one in compose(store)] == [first.id]


def test_a_large_round_is_stored_in_parts(store):
    for number in range(5):
        reader(store, f"reader{number}")
    assert [len(compose(store, limit=2)) for _ in range(4)] == [2, 2, 1, 0]


def test_a_preview_stores_nothing(store):
    person = reader(store, heartbeat=False)
    (shown,) = preview(
        store,
        sources=SOURCES,
        claims=CLAIMS,
        now=NOW,
        sender="digest@watch.example",
        base_url="",
        subscriber=person,
    )
    assert shown.message is not None
    assert states(store) == {}
    with store.reading() as connection:
        assert last_digest(connection, person.id) is None


def test_a_mail_that_cannot_be_rendered_fails_alone_and_is_shown(store):
    spoilt = reader(store, "one")
    with store.writing() as connection:
        wrong = {"address": "one,two@example.org"}
        connection.execute(update(subscribers).where(subscribers.c.id == spoilt.id).values(**wrong))
    reader(store, "good")
    happen(store, fee(1), at=NOW - HOUR)
    broken, fine = compose(store)
    assert broken.problem.startswith("render:")
    assert fine.message is not None
    assert states(store) == {DeliveryState.PENDING: 1, DeliveryState.FAILED: 1}
    with store.reading() as connection:
        (line,) = list_deliveries(connection, state=DeliveryState.FAILED)
    assert line.reason.startswith("render:")
    assert compose(store) == ()


@pytest.mark.parametrize("wrong", [{"sender": "nobody"}, {"base_url": "watch.example"}, {"secrets": ("short",)}])
def test_settings_that_could_serve_no_mail_fail_nobody(store, wrong):
    reader(store)
    given = {"sender": "digest@watch.example", "base_url": "https://watch.example", **wrong}
    with pytest.raises(ValueError, match=r"mail address|http|16"):
        compose_due(store, sources=SOURCES, claims=CLAIMS, now=NOW, **given)
    assert states(store) == {}


def test_with_secrets_each_mail_has_its_own_unsubscribe_link(store):
    people: list[Subscriber] = [reader(store, name) for name in ("one", "two")]
    happen(store, fee(1), at=NOW - HOUR)
    composed = compose(store, secrets=(SECRET,))
    for person, one in zip(people, composed, strict=True):
        assert one.message is not None
        head = one.message.content.split(b"\r\n\r\n")[0].decode()
        assert f"List-Unsubscribe: <https://watch.example/unsubscribe/{person.id}." in head
    first, second = (one.message.content for one in composed if one.message)
    assert people[1].address.encode() not in first
    assert people[0].address.encode() not in second


def test_two_that_compose_at_once_store_each_digest_once(tmp_path):
    main = store_at(tmp_path)
    for number in range(6):
        reader(main, f"reader{number}")
    happen(main, fee(1), at=NOW - HOUR)
    stores = [store_at(tmp_path) for _ in range(2)]
    results: list[int] = []
    start = threading.Barrier(2)

    def work(one: Store) -> None:
        start.wait(5)
        results.append(len(compose(one)) + len(compose(one, at=NOW + HOUR)))

    threads = [threading.Thread(target=work, args=(one,)) for one in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(results) == 6
    assert states(main) == {DeliveryState.PENDING: 6}
    for one in (*stores, main):
        one.close()


def test_what_another_told_meanwhile_is_not_told_again_under_another_name(store):
    class Interrupting(tuple[str, ...]):
        """Secrets that, when the first mail is being rendered, let somebody else compose the same events."""

        asked = 0

        def __getitem__(self, at):  # type: ignore[no-untyped-def, override]
            self.asked += 1
            if self.asked == 2:
                assert told(compose(store, at=NOW + HOUR, period="now")) == [[1]]
            return super().__getitem__(at)

    reader(store)
    happen(store, fee(1), at=NOW - HOUR)
    assert compose(store, secrets=Interrupting((SECRET,))) == ()
    assert states(store) == {DeliveryState.PENDING: 1}
