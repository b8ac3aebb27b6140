"""Flags: one identity an episode, acts appended, decisions bound to what was seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.checks import Outcome
from domain.comparison import Verdict
from domain.flags import Flag, FlagReason, FlagState, ReviewVerdict, Severity
from storage.events import events_between, last_seq
from storage.flags import (
    NoSuchFlag,
    OfAnother,
    StaleReview,
    close_flag,
    confirm_flag,
    covered_pairs,
    decide_flag,
    list_flags,
    load_flag,
    load_flags,
    open_flag,
    undo_decision,
)
from storage.store import Store
from tests.storage.builders import FEE, NOW, day, dump, fee, fee_change, flag, good, other, record


def opened(store: Store, item: Flag, check: int, at: float = 0) -> int | None:
    with store.writing() as connection:
        return open_flag(connection, item, check_id=check, at=day(at))


def changed(store: Store, before: int, after: int, at: float) -> int:
    """A check in which the fee changed; its number."""
    page = good(f"costs {after} on {at}", [fee(after)], at=day(at), changes=[fee_change(before, after)])
    return record(store, page).id


def state(store: Store, number: int | None) -> FlagState:
    assert number is not None
    with store.reading() as connection:
        return load_flag(connection, number).state


def decide(
    store: Store, number: int | None, verdict: ReviewVerdict = ReviewVerdict.NO_IMPACT, **options: object
) -> None:
    assert number is not None
    given: dict[str, object] = {"note": "", "by": "ana", "at": day(1), **options}
    with store.writing() as connection:
        decide_flag(connection, number, verdict=verdict, **given)  # type: ignore[arg-type]


def kinds(store: Store) -> list[str]:
    with store.reading() as connection:
        return [event.kind for event in events_between(connection, 0, last_seq(connection))]


def test_a_flag_comes_back_as_it_was_opened(store: Store) -> None:
    number = opened(store, flag(detail="words \x00", group="g"), record(store, good("Fees")).id)
    assert number is not None
    with store.reading() as connection:
        kept = load_flag(connection, number)
        assert load_flags(connection, [number, 999]) == (kept,)
    assert kept.flag == flag(detail=r"words \u0000", group="g")
    assert (kept.state, kept.opened_at, kept.review, kept.superseded_by) == (FlagState.OPEN, NOW, None, None)


def test_a_flag_that_is_not_there_is_an_error_of_ours(store: Store) -> None:
    with pytest.raises(NoSuchFlag), store.reading() as connection:
        load_flag(connection, 7)


def test_the_same_change_seen_again_is_one_flag(store: Store) -> None:
    check = changed(store, 1000, 1100, 1)
    assert opened(store, flag(), check) is not None
    assert opened(store, flag(), check) is None
    later = record(store, good("costs 1100, reworded", [fee(1100)], at=day(2))).id
    assert opened(store, flag(), later) is None


def test_there_and_back_and_there_again_are_three_flags(store: Store) -> None:
    up, down = flag("1000 to 1100"), flag("1100 to 1000")
    first = opened(store, up, changed(store, 1000, 1100, 1))
    second = opened(store, down, changed(store, 1100, 1000, 2))
    third = opened(store, up, changed(store, 1000, 1100, 3))
    assert None not in (first, second, third)
    with store.reading() as connection:
        assert [load_flag(connection, number or 0).superseded_by for number in (first, second, third)] == [
            second,
            third,
            None,
        ]
    assert [state(store, number) for number in (first, second, third)] == [
        FlagState.CLOSED,
        FlagState.CLOSED,
        FlagState.OPEN,
    ]


def test_prose_there_and_back_and_there_again_are_three_flags(store: Store) -> None:
    numbers = []
    for at, words in enumerate(("a to b", "b to a", "a to b")):
        page = good(f"{words} {at}", at=day(at), verdict=Verdict.SUBSTANTIVE)
        numbers.append(opened(store, flag(words, fact=None), record(store, page).id, at))
    assert None not in numbers
    assert {state(store, number) for number in numbers} == {FlagState.OPEN}, "each passage still needs eyes"


def test_a_decided_flag_does_not_reopen_until_the_value_changes(store: Store) -> None:
    contradicted = flag("guide says 900", reason=FlagReason.CONTRADICTED)
    check = record(store, good("costs 1000", [fee(1000)])).id
    number = opened(store, contradicted, check)
    decide(store, number)
    same = record(store, good("costs 1000, reworded", [fee(1000)], at=day(2))).id
    assert opened(store, contradicted, same) is None
    changed(store, 1000, 1100, 3)
    back = changed(store, 1100, 1000, 4)
    assert opened(store, contradicted, back) is not None
    assert state(store, number) is FlagState.DECIDED


def test_a_contradiction_that_ended_and_returned_is_asked_again(store: Store) -> None:
    contradicted = flag("guide says 900", reason=FlagReason.CONTRADICTED)
    check = record(store, good("costs 1000", [fee(1000)])).id
    number = opened(store, contradicted, check)
    assert number is not None
    with store.writing() as connection:
        close_flag(connection, number, because="no longer contradicted", at=day(1))
    assert opened(store, contradicted, check) is not None


def test_each_outage_is_one_flag_even_where_the_last_one_was_decided(store: Store) -> None:
    unreadable = flag("unreadable", reason=FlagReason.UNREADABLE, fact=None)
    record(store, good("Fees", [fee(1000)]))
    first = opened(store, unreadable, record(store, other(Outcome.FAILED, at=day(1))).id)
    decide(store, first)
    assert opened(store, unreadable, record(store, other(Outcome.SUSPECT, at=day(2))).id) is None
    record(store, other(Outcome.UNCHANGED, at=day(3)))
    second = opened(store, unreadable, record(store, other(Outcome.FAILED, at=day(4))).id)
    assert second is not None
    assert second != first


def test_a_fact_that_went_stale_again_is_asked_again(store: Store) -> None:
    stale = flag("stale", reason=FlagReason.STALE)
    record(store, good("Fees", [fee(1000)]))
    first = opened(store, stale, record(store, good("Fees?", [fee(None)], at=day(8))).id)
    decide(store, first)
    assert opened(store, stale, record(store, other(Outcome.UNCHANGED, at=day(9))).id) is None
    record(store, good("Fees", [fee(1000)], at=day(10)))
    assert opened(store, stale, record(store, good("Fees??", [fee(None)], at=day(18))).id) is not None


def test_a_moved_page_is_told_again_only_after_its_flag_was_closed(store: Store) -> None:
    moved = flag("moved", reason=FlagReason.PAGE_MOVED, fact=None)
    check = record(store, good("Fees")).id
    number = opened(store, moved, check)
    assert number is not None
    assert opened(store, moved, check) is None
    with store.writing() as connection:
        close_flag(connection, number, because="back", at=day(1))
    assert opened(store, moved, check) is not None


def test_a_newer_change_closes_what_was_asked_about_the_fact_before(store: Store) -> None:
    contradiction = opened(
        store, flag("guide says 900", reason=FlagReason.CONTRADICTED), record(store, good("1000", [fee(1000)])).id
    )
    elsewhere = opened(store, flag("other", fact="fees#other"), changed(store, 1000, 1100, 1))
    newer = opened(store, flag("1100 to 1200"), changed(store, 1100, 1200, 2))
    assert [state(store, number) for number in (contradiction, elsewhere, newer)] == [
        FlagState.CLOSED,
        FlagState.OPEN,
        FlagState.OPEN,
    ]


def test_flags_of_one_check_do_not_close_each_other(store: Store) -> None:
    check = changed(store, 1000, 1100, 1)
    one = opened(store, flag("one"), check)
    two = opened(store, flag("two"), check)
    assert [state(store, one), state(store, two)] == [FlagState.OPEN, FlagState.OPEN]


def test_a_decided_flag_stays_decided_when_a_newer_change_comes(store: Store) -> None:
    number = opened(store, flag("1000 to 1100"), changed(store, 1000, 1100, 1))
    decide(store, number)
    opened(store, flag("1100 to 1200"), changed(store, 1100, 1200, 2))
    assert state(store, number) is FlagState.DECIDED


def test_a_decision_is_bound_to_the_pair_that_was_seen(store: Store) -> None:
    number = opened(store, flag(), changed(store, 1000, 1100, 1))
    before = dump(store)
    with pytest.raises(StaleReview):
        decide(store, number, seen=("a" * 64, "c" * 64))
    assert dump(store) == before
    decide(store, number, seen=("a" * 64, "b" * 64), note="checked")
    with store.reading() as connection:
        review = load_flag(connection, number or 0).review
    assert review is not None
    assert (review.snapshot_before, review.snapshot_after, review.note) == ("a" * 64, "b" * 64, "checked")


def test_a_superseded_flag_cannot_be_decided(store: Store) -> None:
    number = opened(store, flag("1000 to 1100"), changed(store, 1000, 1100, 1))
    newer = opened(store, flag("1100 to 1200"), changed(store, 1100, 1200, 2))
    with pytest.raises(StaleReview, match=str(newer)):
        decide(store, number)


def test_the_latest_verdict_counts_and_all_are_kept(store: Store) -> None:
    number = opened(store, flag(), changed(store, 1000, 1100, 1))
    decide(store, number, ReviewVerdict.NO_IMPACT)
    decide(store, number, ReviewVerdict.GUIDE_WRONG, at=day(2))
    with store.reading() as connection:
        review = load_flag(connection, number or 0).review
    assert review is not None
    assert (review.verdict, review.by, review.at) == (ReviewVerdict.GUIDE_WRONG, "ana", day(2))
    assert len(dump(store)["flag_acts"]) == 2


def test_a_verdict_is_replaced_and_taken_back_by_whose_it_is_or_who_overrules(store: Store) -> None:
    number = opened(store, flag(), changed(store, 1000, 1100, 1))
    assert number is not None
    decide(store, number)
    before = dump(store)
    with pytest.raises(OfAnother, match="that of ana") as refused:
        decide(store, number, ReviewVerdict.GUIDE_WRONG, by="ben", at=day(2))
    assert refused.value.holder == "ana"
    with pytest.raises(OfAnother), store.writing() as connection:
        undo_decision(connection, number, by="ben", at=day(2))
    assert dump(store) == before
    decide(store, number, ReviewVerdict.GUIDE_WRONG, by="root", at=day(2), overrules=True)
    with pytest.raises(OfAnother):
        decide(store, number, by="ana", at=day(3))
    with store.writing() as connection:
        undone = undo_decision(connection, number, by="carol", at=day(3), overrules=True)
    assert (undone.by, undone.verdict) == ("root", ReviewVerdict.GUIDE_WRONG)
    decide(store, number, by="ben", at=day(4))
    assert state(store, number) is FlagState.DECIDED


def test_saying_the_same_again_adds_nothing(store: Store) -> None:
    number = opened(store, flag(), changed(store, 1000, 1100, 1))
    decide(store, number, note="as \x00 said")
    before = dump(store)
    decide(store, number, note="as \x00 said", at=day(9))
    assert dump(store) == before


def test_an_undone_decision_opens_the_flag_again(store: Store) -> None:
    number = opened(store, flag(), changed(store, 1000, 1100, 1))
    assert number is not None
    decide(store, number)
    with store.writing() as connection:
        undo_decision(connection, number, by="ana", at=day(2))
    assert state(store, number) is FlagState.OPEN
    with pytest.raises(StaleReview), store.writing() as connection:
        undo_decision(connection, number, by="ana", at=day(3))
    with store.writing() as connection:
        close_flag(connection, number, because="over", at=day(4))
    assert state(store, number) is FlagState.CLOSED


def test_what_needs_nobody_any_more_is_not_decided(store: Store) -> None:
    number = opened(store, flag(), changed(store, 1000, 1100, 1))
    assert number is not None
    with store.writing() as connection:
        close_flag(connection, number, because="readable again", at=day(2))
    with pytest.raises(StaleReview, match="readable again"):
        decide(store, number)
    assert state(store, number) is FlagState.CLOSED


def test_states_are_the_same_listed_and_loaded(store: Store) -> None:
    """Every order of acts, judged by the database for listing and by us for showing."""
    check = record(store, good("Fees")).id
    orders = ["", "c", "d", "dc", "du", "duc", "dud", "dudc", "duuc"]
    numbers = {}
    for at, order in enumerate(orders):
        number = opened(store, flag(f"flag {at}", fact=None), check)
        assert number is not None
        numbers[order] = number
        for step, act in enumerate(order):
            with store.writing() as connection:
                if act == "c":
                    close_flag(connection, number, because="over", at=day(step))
                elif act == "d":
                    decide_flag(
                        connection, number, verdict=ReviewVerdict.COSMETIC, note=str(step), by="ana", at=day(step)
                    )
                elif load_flag(connection, number).review is not None:
                    undo_decision(connection, number, by="ana", at=day(step))
    with store.reading() as connection:
        for wanted in FlagState:
            listed = {record_.id for record_ in list_flags(connection, state=wanted)}
            assert listed == {number for number in numbers.values() if load_flag(connection, number).state is wanted}
    assert state(store, numbers["duc"]) is FlagState.CLOSED
    assert state(store, numbers["dc"]) is FlagState.DECIDED


def test_confirming_is_told_once(store: Store) -> None:
    number = opened(store, flag(confirmed=False), changed(store, 1000, 1100, 1))
    assert number is not None
    for at in (2, 3):
        with store.writing() as connection:
            confirm_flag(connection, number, at=day(at))
    with store.reading() as connection:
        assert load_flag(connection, number).flag.confirmed
    assert kinds(store) == ["flag_opened", "flag_confirmed"]


def test_every_act_is_an_event(store: Store) -> None:
    number = opened(store, flag(), changed(store, 1000, 1100, 1))
    assert number is not None
    decide(store, number)
    with store.writing() as connection:
        undo_decision(connection, number, by="ana", at=day(2))
        close_flag(connection, number, because="over", at=day(2))
    assert kinds(store) == ["flag_opened", "flag_decided", "flag_undone", "flag_closed"]


def test_the_queue_is_listed_by_harm(store: Store) -> None:
    check = record(store, good("Fees")).id
    for severity in (Severity.LOW, Severity.CRITICAL, Severity.MEDIUM):
        opened(store, flag(severity.value, fact=None, severity=severity), check)
    opened(store, flag("elsewhere", fact=None, source="rules"), check)
    with store.reading() as connection:
        assert [item.flag.severity.value for item in list_flags(connection, source="fees")] == [
            "critical",
            "medium",
            "low",
        ]
        assert len(list_flags(connection, limit=2)) == 2


def test_among_equal_risks_what_is_surer_and_touches_more_comes_first(store: Store) -> None:
    check = record(store, good("Fees")).id
    said = FlagReason.CONTRADICTED
    doubt = opened(store, flag("doubt", fact=None, confirmed=False), check)
    change = opened(store, flag("change", fact=None), check)
    wide = opened(store, flag("wide", fact=None, claims=("a", "b")), check)
    against = opened(store, flag("against", reason=said, fact=None), check)
    with store.reading() as connection:
        assert [item.id for item in list_flags(connection)] == [against, wide, change, doubt]


def test_a_pair_is_covered_while_its_value_is_the_outcome_of_a_flagged_change(store: Store) -> None:
    check = changed(store, 1000, 1100, 1)
    opened(store, flag(), check)
    with store.reading() as connection:
        assert covered_pairs(connection, "fees") == {("permit.fee", FEE)}
        assert covered_pairs(connection, "fee") == frozenset()
    announced = replace(fee_change(1100, 1200), effective=date(2099, 1, 1))
    record(store, good("announces 1200", [fee(1100)], at=day(1.5), changes=[announced]))
    with store.reading() as connection:
        assert covered_pairs(connection, "fees") == {("permit.fee", FEE)}, "what is announced takes nothing away"
    changed(store, 1100, 1200, 2)
    with store.reading() as connection:
        assert covered_pairs(connection, "fees") == frozenset()


def test_what_needs_a_person_stands_before_all_that_does_not(store: Store) -> None:
    check_id = record(store, good("Fees")).id
    closed = opened(store, flag(severity=Severity.CRITICAL), check_id)
    waits = opened(store, flag(identity="b", fact=None, severity=Severity.LOW), check_id)
    with store.writing() as connection:
        close_flag(connection, closed, because="superseded", at=day(2))
        assert [item.id for item in list_flags(connection)] == [waits, closed]
        assert [item.id for item in list_flags(connection, limit=1)] == [waits]


def test_what_agreed_is_told_behind_what_was_seen(store: Store) -> None:
    number = opened(store, flag(detail="as it was seen", confirmed=False), record(store, good("Fees")).id)
    with store.writing() as connection:
        confirm_flag(connection, number, at=day(2), because="the other page gives it too")
        confirm_flag(connection, number, at=day(3), because="again")
        kept = load_flag(connection, number)
    assert kept.flag == flag(detail="as it was seen; the other page gives it too", confirmed=True)
