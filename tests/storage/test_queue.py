"""The queue on both databases: cases by harm, narrowed and paged, with who works on them, and what is new since a look."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.comparison import Verdict
from domain.flags import FlagReason, FlagState, ReviewVerdict, Severity
from domain.folding import fold
from domain.queue import DUE_WITHIN, LEASE, Place, Seen, Sought, Wanted, due_at, seen_from
from storage.flag_history import acts_on, acts_since, flags_about, news_since, seen_now
from storage.flags import close_flag, confirm_flag, decide_flag, load_flag, open_flag, undo_decision
from storage.handling import assign, handling_of, lock, release, set_due, settle, snooze
from storage.queue import Counts, queue_counts, queue_page
from storage.queued_cases import members, name_of
from storage.store import Store
from tests.storage.builders import NOW, day, fee, flag, good, record

ALL = Wanted()
LATER = NOW + timedelta(minutes=1)


def opened(store: Store, name: str, *, source: str = "fees", at: int = 0, **changes: Any) -> int:
    """The number of a new flag."""
    check = record(store, good(f"{name} {source}", [fee(1)], at=NOW + timedelta(days=at), source=source))
    with store.writing() as connection:
        number = open_flag(
            connection,
            flag(name, source=source, fact=f"{source}#{name}", **changes),
            check_id=check.id,
            at=NOW + timedelta(days=at),
        )
    assert number is not None
    return number


def asked(store: Store, wanted: Wanted = ALL, *, limit: int = 50, **options: object) -> list[int]:
    """The numbers of the first flags of the cases, page by page until the end."""
    numbers: list[int] = []
    after: Place | None = None
    while True:
        with store.reading() as connection:
            found = queue_page(connection, wanted, now=LATER, limit=limit, after=after, **options)  # type: ignore[arg-type]
        assert len(found.cases) <= limit
        numbers += [case.first.id for case in found.cases]
        after = found.after
        if after is None:
            return numbers


def decide(store: Store, number: int, *, by: str = "ana") -> None:
    with store.writing() as connection:
        decide_flag(connection, number, verdict=ReviewVerdict.COSMETIC, note="", by=by, at=NOW)


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_cases_come_by_harm_then_age_each_once_whatever_the_page_holds(store: Store, limit: int) -> None:
    low = opened(store, "low", severity=Severity.LOW)
    high = opened(store, "a", severity=Severity.HIGH, at=1, group="same step")
    opened(store, "b", source="other", severity=Severity.HIGH, at=2, group="same step")
    critical = opened(store, "worst", severity=Severity.CRITICAL, at=3)
    opened(store, "c", source="third", severity=Severity.LOW, at=4, group="same step", claims=("a.third",))
    assert asked(store, limit=limit) == [critical, high, low]
    with store.reading() as connection:
        case = queue_page(connection, Wanted(severity=Severity.HIGH), now=LATER, limit=5).cases[0]
    assert (case.flags, case.sources, set(case.claims)) == (3, 3, {"permit.fee", "a.third"})


def test_what_is_asked_for_narrows_it(store: Store) -> None:
    one = opened(store, "one", severity=Severity.HIGH, reason=FlagReason.REMOVED)
    two = opened(store, "two", source="other", severity=Severity.LOW, at=1)
    assert asked(store, Wanted(severity=Severity.LOW)) == [two]
    assert asked(store, Wanted(reason=FlagReason.REMOVED)) == [one]
    assert asked(store, Wanted(sources=("other", "fees"))) == [one, two]
    assert asked(store, Wanted(sources=("other",))) == [two]
    assert asked(store, Wanted(sources=())) == []


def test_a_case_stands_where_the_first_flag_that_was_asked_for_stands(store: Store) -> None:
    opened(store, "a", severity=Severity.CRITICAL, group="g")
    here = opened(store, "b", source="other", severity=Severity.LOW, at=1, group="g")
    assert asked(store, Wanted(sources=("other",))) == [here]


def test_decided_and_closed_flags_come_newest_first(store: Store) -> None:
    numbers = [opened(store, f"f{n}", at=n) for n in range(4)]
    for number in numbers[:3]:
        decide(store, number)
    with store.writing() as connection:
        close_flag(connection, numbers[3], because="over", at=NOW)
    assert asked(store, Wanted(state=FlagState.DECIDED), limit=2) == numbers[:3][::-1]
    assert asked(store, Wanted(state=FlagState.CLOSED)) == numbers[3:]
    assert asked(store) == []


def words(*texts: str, **elsewhere: tuple[str, ...]) -> Wanted:
    """A search for words. elsewhere: `sources` or `claims` that have all of them in their own texts."""
    return Wanted(words=tuple(Sought(word=fold(text), **elsewhere) for text in texts))


def test_a_search_looks_at_every_flag_and_pages_on(store: Store) -> None:
    kinds = ("even", "odd")
    numbers = [opened(store, f"f{n}", at=n, detail=f"an {kinds[n % 2]} thing") for n in range(7)]
    assert asked(store, words("odd"), limit=2) == numbers[1::2]
    assert asked(store, words("odd"), limit=2, most_read=3) == numbers[1::2]
    assert asked(store, words("odd"), most_read=1) == numbers[1::2]
    assert asked(store, words("odd", "even")) == asked(store, words("nowhere"), most_read=2) == []
    with store.reading() as connection:
        first = queue_page(connection, words("nowhere"), now=LATER, limit=5, most_read=3)
    assert (first.cases, first.after) == ((), Place(rank=1, flag=numbers[2]))
    for number in numbers:
        decide(store, number)
    decided = replace(words("odd"), state=FlagState.DECIDED)
    assert asked(store, decided) == asked(store, decided, limit=1, most_read=2) == numbers[5::-2]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("PRÉVOIT", True),
        ("prevoit", True),
        ("prevo\u0131t", False),
        ("vingt-cinq", True),
        ("strasse", True),
        ("TM", True),
        ("\u2122", True),
        ("1 365", True),
        ("36", True),
        ("fees#straße", True),
        ("permit.fee", True),
        ("100%", True),
        ("101", False),
        ("prévoit cinq nothing", False),
    ],
)
def test_a_search_knows_no_case_no_accents_and_no_dashes_on_both_databases(
    store: Store, text: str, found: bool
) -> None:
    number = opened(
        store,
        "straße",
        quote_after="La page prévoit «\u00a01\u202f365,00\u00a0$\u00a0» Brand\u2122",
        detail="Vingt-Cinq, 100%",
    )
    assert asked(store, words(*fold(text).split())) == ([number] if found else [])


def test_a_word_may_stand_in_what_sources_and_claims_are_called(store: Store) -> None:
    one = opened(store, "one")
    two = opened(store, "two", source="other", at=1, claims=("a.third",))
    assert asked(store, words("Office", sources=("other",))) == [two]
    assert asked(store, words("Office", claims=("permit.fee", 'odd "name"'))) == [one]
    assert asked(store, words("Office", sources=("fees",), claims=("a.third",))) == [one, two]
    assert asked(store, words("Office")) == []


def test_assignment_snooze_and_due_day_narrow_the_queue(store: Store) -> None:
    one, two, three = (opened(store, name, severity=Severity.HIGH, at=n) for n, name in enumerate(("a", "b", "c")))
    with store.writing() as connection:
        assign(connection, (one, two), "ana")
        snooze(connection, (two,), LATER + timedelta(days=2))
        set_due(connection, (three,), NOW)
    assert asked(store, Wanted(assignee="ana")) == [one, two]
    assert asked(store, Wanted(assignee="")) == [three]
    assert asked(store, Wanted(resting=False)) == [one, three]
    assert asked(store, Wanted(resting=True)) == [two]
    assert asked(store, Wanted(due_by=LATER)) == [three]
    assert asked(store, Wanted(due_by=NOW + DUE_WITHIN[Severity.HIGH])) == [one, three]
    with store.reading() as connection:
        counts = queue_counts(connection, mine="ana", now=LATER)
        assert counts == Counts(
            open=2,
            by_severity={Severity.CRITICAL: 0, Severity.HIGH: 2, Severity.MEDIUM: 0, Severity.LOW: 0},
            mine=1,
            resting=1,
            overdue=1,
        )
        assert due_at(load_flag(connection, one), handling_of(connection, (one,))[one]) == NOW + timedelta(days=3)
    with store.writing() as connection:
        assign(connection, (one,), "")
        snooze(connection, (two,), None)
        set_due(connection, (three,), None)
    assert asked(store, Wanted(assignee="ana", resting=False)) == [two]
    assert asked(store, Wanted(due_by=LATER)) == []


def test_a_lock_is_kept_for_one_until_its_lease_ends_or_it_is_taken_over(store: Store) -> None:
    one, two = opened(store, "a"), opened(store, "b", at=1)
    with store.writing() as connection:
        assert lock(connection, (one,), by="ana", now=NOW)
        assert not lock(connection, (one, two), by="bo", now=NOW)
        assert handling_of(connection, (two,))[two].holder(NOW) == ""
        assert lock(connection, (one,), by="bo", now=NOW, over=True)
        assert handling_of(connection, (one,))[one].holder(NOW) == "bo"
        assert lock(connection, (one,), by="ana", now=NOW + LEASE)
        assert lock(connection, (two,), by="ana", now=NOW + LEASE)
        assert handling_of(connection, (one,))[one].holder(NOW + LEASE) == ""
        release(connection, by="ana")
        assert handling_of(connection, (two,))[two].holder(NOW + LEASE) == ""


def test_a_settled_flag_is_held_by_nobody_and_rests_no_more_but_keeps_its_person(store: Store) -> None:
    one = opened(store, "a")
    with store.writing() as connection:
        assign(connection, (one,), "ana")
        snooze(connection, (one,), day(9))
        lock(connection, (one,), by="ana", now=NOW)
        settle(connection, (one,))
        now = handling_of(connection, (one,))[one]
    assert (now.assignee, now.holder(NOW), now.snoozed_until) == ("ana", "", None)


def test_members_are_the_flags_of_one_case_the_worst_first(store: Store) -> None:
    one = opened(store, "a", severity=Severity.LOW, group="g")
    two = opened(store, "b", source="other", severity=Severity.HIGH, at=1, group="g")
    alone = opened(store, "c", at=2)
    decide(store, one)
    with store.reading() as connection:
        case = name_of(load_flag(connection, one))
        assert [item.id for item in members(connection, case)] == [two, one]
        assert [item.id for item in members(connection, case, state=FlagState.OPEN)] == [two]
        assert [item.id for item in members(connection, name_of(load_flag(connection, alone)))] == [alone]


def test_what_came_since_a_look_is_told(store: Store) -> None:
    one = opened(store, "a")
    with store.reading() as connection:
        seen = seen_now(connection)
    assert seen_from(str(seen)) == seen
    record(store, good("same words", [fee(1)], at=day(1), verdict=Verdict.NOISE))
    with store.writing() as connection:
        confirm_flag(connection, one, at=day(1))
        assert news_since(connection, ("fees",), seen) is None
        assert acts_since(connection, (one,), seen) == ()
    newer = record(store, good("other words", [fee(2)], at=day(2), verdict=Verdict.SUBSTANTIVE))
    decide(store, one, by="bo")
    with store.reading() as connection:
        assert news_since(connection, ("fees",), seen) == newer.id
        assert news_since(connection, ("other",), seen) is None
        assert [(act.act, act.by) for act in acts_since(connection, (one,), seen)] == [("decided", "bo")]
        assert acts_since(connection, (one,), seen_now(connection)) == ()


@pytest.mark.parametrize("text", ["", "1.2", "1.2.x", "1.2.3.4", "-1.2.3", "²" * 3, "1.2." + "9" * 40])
def test_a_look_that_nobody_had_is_none(text: str) -> None:
    assert seen_from(text) is None
    assert seen_from("1.2.3") == Seen(check=1, act=2, flag=3)


def test_the_story_of_a_flag_and_of_its_fact_newest_first(store: Store) -> None:
    one = opened(store, "a")
    decide(store, one)
    with store.writing() as connection:
        undo_decision(connection, one, by="bo", at=NOW, overrules=True)
    with store.reading() as connection:
        assert [(act.act, act.by, act.verdict) for act in acts_on(connection, one)] == [
            ("undone", "bo", ""),
            ("decided", "ana", "cosmetic"),
        ]
        assert [item.id for item in flags_about(connection, "fees", "fees#a", limit=5)] == [one]
        assert flags_about(connection, "fees", None, limit=5) == ()


def grouped(store: Store, *, group: str = "g", severity: Severity = Severity.HIGH, at: int = 0) -> tuple[int, int]:
    """Two open flags of one case, on two pages."""
    one = opened(store, f"{group} one", at=at, severity=severity, group=group)
    return one, opened(store, f"{group} two", source="other", at=at + 1, severity=severity, group=group)


def counted(store: Store) -> Counts:
    with store.reading() as connection:
        return queue_counts(connection, mine="ana", now=LATER)


def test_a_case_is_whose_any_of_its_open_flags_is(store: Store) -> None:
    one, two = grouped(store)
    with store.writing() as connection:
        assign(connection, (two,), "ana")
    assert asked(store, Wanted(assignee="ana")) == [one]
    assert asked(store, Wanted(assignee="")) == []
    assert asked(store, Wanted(assignee="bo")) == []
    assert counted(store).mine == 1
    with store.reading() as connection:
        (case,) = queue_page(connection, ALL, now=LATER, limit=5).cases
    assert case.assignees == ("ana",)
    decide(store, two)
    assert asked(store, Wanted(assignee="ana")) == []
    assert asked(store, Wanted(assignee="")) == [one]
    assert counted(store).mine == 0


def test_a_case_that_two_hold_names_one_of_them_with_their_own_end(store: Store) -> None:
    first, second = grouped(store)
    past = opened(store, "past", group="h")
    early, late = NOW, NOW + timedelta(minutes=1)
    with store.writing() as connection:
        assert lock(connection, [first], by="zoe", now=early)
        assert lock(connection, [second], by="ana", now=late)
        assert lock(connection, [past], by="old", now=NOW - 2 * LEASE)
    with store.reading() as connection:
        cases = {case.first.id: case.handling for case in queue_page(connection, ALL, now=LATER, limit=5).cases}
    held = cases.pop(first)
    assert (held.locked_by, held.locked_until) == ("ana", late + LEASE)
    assert [(item.locked_by, item.locked_until) for item in cases.values()] == [("", None)]


def test_a_case_rests_only_where_every_open_flag_of_it_does(store: Store) -> None:
    one, two = grouped(store)
    with store.writing() as connection:
        snooze(connection, (one,), LATER + timedelta(days=2))
    assert asked(store, Wanted(resting=False)) == [one]
    assert asked(store, Wanted(resting=True)) == []
    assert counted(store).resting == 0
    with store.writing() as connection:
        snooze(connection, (two,), LATER + timedelta(days=1))
    assert asked(store, Wanted(resting=False)) == []
    assert asked(store, Wanted(resting=True)) == [one]
    assert counted(store).resting == 1
    with store.reading() as connection:
        (case,) = queue_page(connection, Wanted(resting=True), now=LATER, limit=5).cases
    assert case.handling.snoozed_until == LATER + timedelta(days=1)


def test_a_case_is_due_when_the_first_of_its_open_flags_is(store: Store) -> None:
    one, two = grouped(store, at=0)
    late = NOW + DUE_WITHIN[Severity.HIGH]
    with store.writing() as connection:
        set_due(connection, (two,), NOW)
    assert asked(store, Wanted(due_by=LATER)) == [one]
    assert counted(store).overdue == 1
    with store.reading() as connection:
        (case,) = queue_page(connection, ALL, now=LATER, limit=5).cases
    assert case.due == NOW
    with store.writing() as connection:
        set_due(connection, (two,), None)
    assert asked(store, Wanted(due_by=LATER)) == []
    with store.reading() as connection:
        (case,) = queue_page(connection, ALL, now=LATER, limit=5).cases
    assert case.due == late


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_a_search_shows_a_case_once_whichever_of_its_flags_have_the_words(store: Store, limit: int) -> None:
    first = opened(store, "first", severity=Severity.CRITICAL)
    one, two = grouped(store, severity=Severity.HIGH, at=1)
    between = opened(store, "between", severity=Severity.HIGH, at=4)
    three = opened(store, "g three", source="third", severity=Severity.LOW, at=5, group="g")
    assert asked(store, words("permit"), limit=limit) == [first, one, between]
    # a case stands where the first of its flags stands that has the words, and that flag stands for it
    assert asked(store, words("third"), limit=limit) == [three]
    assert asked(store, words("g"), limit=limit) == [one]
    assert asked(store, words("x", sources=("other", "third")), limit=limit) == [two]


def test_a_search_of_a_long_queue_shows_each_case_once_over_all_pages(store: Store) -> None:
    check = record(store, good("many", [fee(1)])).id
    with store.writing() as connection:
        for number in range(90):
            said = "rare" if number % 4 else "common"
            made = flag(f"f{number}", fact=None, group=f"case {number % 30}", severity=Severity.LOW, detail=said)
            open_flag(connection, made, check_id=check, at=NOW)
    found = asked(store, words("rare"), limit=7, most_read=20)
    with store.reading() as connection:
        names = [name_of(load_flag(connection, number)) for number in found]
    assert len(names) == len(set(names)) == 30


def test_every_count_is_what_the_pages_show(store: Store) -> None:
    one, two = grouped(store, group="mine")
    resting = grouped(store, group="rest", at=3, severity=Severity.LOW)
    opened(store, "late", at=-20, severity=Severity.LOW)
    opened(store, "also", at=6, group="mine", severity=Severity.LOW, source="third")
    with store.writing() as connection:
        assign(connection, (two, *resting), "ana")
        snooze(connection, resting, LATER + timedelta(days=9))
        set_due(connection, (two,), NOW)
    counts = counted(store)
    for severity in Severity:
        assert counts.by_severity[severity] == len(asked(store, Wanted(severity=severity, resting=False)))
    assert counts.mine == len(asked(store, Wanted(assignee="ana", resting=False))) == 1
    assert counts.resting == len(asked(store, Wanted(resting=True))) == 1
    assert counts.overdue == len(asked(store, Wanted(due_by=LATER, resting=False))) == 1
    assert one in asked(store, Wanted(due_by=LATER, resting=False))
