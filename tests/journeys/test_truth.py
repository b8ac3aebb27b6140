"""The rules that keep it truthful, each in a test that bears its name: a real site, a real store, real visits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from domain.checks import Outcome
from domain.claims import Expectation, Operator, Standing
from domain.comparison import Verdict
from domain.facts import FactState
from domain.flags import FlagReason, FlagState, ReviewVerdict
from domain.sources import Rule
from domain.values import Kind, Money, Rows
from monitor.standings import judge_claims
from storage.bodies import load_body
from storage.checks import last_good, recent_checks
from storage.facts import known_facts
from storage.flags import StaleReview, decide_flag, list_flags, load_flag
from storage.outages import unended_outages
from storage.snapshots import list_snapshots
from tests.site import FEE, FILLER, Answer, Site, Watch, claim, fee_page, page, site, source


@pytest.fixture
def pages() -> Iterator[Site]:
    with site() as running:
        yield running


@pytest.fixture
def watch(pages: Site, tmp_path: Path) -> Iterator[Watch]:
    watching = Watch(tmp_path, (source(pages),), (claim(),))
    yield watching
    watching.close()


BLOCKED = (
    "<html><head><title>Access denied</title></head><body><h1>Access denied</h1><p>Incident id 123</p></body></html>"
)
TABLE = Rule(
    key="kinds",
    kind=Kind.ROWS,
    columns=("Kind", "Price"),
    key_columns=("Kind",),
)


def table_page(rows: str) -> str:
    return page(
        f"{FILLER}<h2>Kinds</h2><table><thead><tr><th>Kind</th><th>Price</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def money(amount: str) -> Money:
    return Money(amount=Decimal(amount))


def test_rule_1_raw_first_every_capture_that_was_believed_or_not_is_kept(pages: Site, watch: Watch) -> None:
    pages.pages["/fee"] = Answer(fee_page("$1,000"))
    watch.visit()
    pages.pages["/fee"] = Answer(BLOCKED)
    watch.visit()
    with watch.store.reading() as connection:
        kept = list_snapshots(connection, "widgets")
        assert len(kept) == 2
        assert load_body(connection, kept[0].digest) == BLOCKED.encode()


def test_rule_2_only_good_moves_the_baseline(pages: Site, watch: Watch) -> None:
    pages.pages["/fee"] = Answer(fee_page("$1,000"))
    first = watch.visit()
    for trouble in (
        Answer(BLOCKED),
        Answer(fee_page("$1,000")[: len(fee_page("$1,000")) // 2]),
        Answer("", status=503),
        Answer(b"\x1f\x8b\x08\x00garbage"),
        Answer(page("<h2>Page not found</h2><p>The page could not be found.</p>", title="Page not found")),
    ):
        pages.pages["/fee"] = trouble
        result = watch.visit()
        assert result.check.outcome in (Outcome.SUSPECT, Outcome.FAILED)
        with watch.store.reading() as connection:
            good = last_good(connection, "widgets")
            assert good is not None
            assert good.check_id == first.id
            assert known_facts(connection)["widgets#fee"].fact.value == money("1000")
            assert all(flag.flag.reason is FlagReason.UNREADABLE for flag in list_flags(connection))


def test_rule_2_a_page_that_can_be_read_again_ends_its_outage_decided_or_not(pages: Site, watch: Watch) -> None:
    pages.pages["/fee"] = Answer(fee_page("$1,000"))
    watch.visit()
    pages.pages["/fee"] = Answer("", status=503)
    opened = [number for _ in range(4) for number in watch.visit().flags]
    assert len(opened) == 1
    with watch.store.writing() as connection:
        assert unended_outages(connection, "widgets") == tuple(opened)
        decide_flag(connection, opened[0], verdict=ReviewVerdict.NO_IMPACT, note="", by="Ana", at=watch.now())
    pages.pages["/fee"] = Answer(fee_page("$1,000"))
    watch.visit()
    with watch.store.reading() as connection:
        assert unended_outages(connection, "widgets") == ()
        flag = load_flag(connection, opened[0])
    assert (flag.state, flag.closed_because) == (FlagState.DECIDED, "readable again")


def test_rule_3_a_better_rule_raises_no_flag_and_a_redesign_hides_no_rise(pages: Site, watch: Watch) -> None:
    pages.pages["/fee"] = Answer(fee_page("$1,000"))
    watch.visit()
    better = replace(
        watch.sources["widgets"], rules=(replace(FEE, match=r"(?P<value>\$[0-9,]+) for a"),), digest="b" * 64
    )
    watch.edit(better)
    assert watch.visit().flags == ()
    redesigned = fee_page("$1,250").replace("<p>", '<div class="x"><span>').replace("</p>", "</span></div>")
    pages.pages["/fee"] = Answer(redesigned)
    result = watch.visit()
    assert len(result.flags) == 1
    with watch.store.reading() as connection:
        flag = load_flag(connection, result.flags[0]).flag
    assert (flag.before, flag.after) == (money("1000"), money("1250"))


def test_rule_4_zero_rows_is_cannot_tell_and_never_all_removed(pages: Site, watch: Watch) -> None:
    watch.edit(source(pages, rules=(TABLE,)))
    pages.pages["/fee"] = Answer(table_page("<tr><td>Small</td><td>$5</td></tr><tr><td>Large</td><td>$9</td></tr>"))
    watch.visit()
    pages.pages["/fee"] = Answer(table_page(""))
    result = watch.visit()
    examination = result.check.examination
    assert examination is not None
    assert [fact.state for fact in examination.facts] == [FactState.CANNOT_TELL]
    assert not examination.changes
    with watch.store.reading() as connection:
        known = known_facts(connection)["widgets#kinds"]
        assert isinstance(known.fact.value, Rows)
        assert len(known.fact.value.rows) == 2
        assert all(flag.flag.fact is None for flag in list_flags(connection))


def test_rule_4_absent_needs_a_good_page_a_located_container_and_a_rule_that_allows_it(
    pages: Site, watch: Watch
) -> None:
    watch.edit(source(pages, rules=(replace(FEE, may_be_absent=True),)))
    pages.pages["/fee"] = Answer(fee_page("$1,000"))
    watch.visit()
    pages.pages["/fee"] = Answer(page(f"{FILLER}<h2>Fee</h2><p>Nothing is to be paid for a licence any more.</p>"))
    result = watch.visit()
    with watch.store.reading() as connection:
        reasons = {load_flag(connection, number).flag.reason for number in result.flags}
    assert FlagReason.REMOVED in reasons


def test_rule_5_prose_that_changed_is_flagged_once_though_no_fact_is_touched(pages: Site, watch: Watch) -> None:
    pages.pages["/fee"] = Answer(fee_page("$1,000"))
    watch.visit()
    pages.pages["/fee"] = Answer(
        fee_page("$1,000", more="<p>Workshops with more than 20 keepers must apply twice.</p>")
    )
    result = watch.visit()
    assert len(result.flags) == 1
    with watch.store.reading() as connection:
        flag = load_flag(connection, result.flags[0]).flag
    assert flag.fact is None
    assert "must apply twice" in flag.quote_after
    assert watch.visit().flags == ()


def test_rule_5_noise_and_a_moved_footer_date_are_nobodys_business(pages: Site, watch: Watch) -> None:
    pages.pages["/fee"] = Answer(fee_page("$1,000"))
    watch.visit()
    pages.pages["/fee"] = Answer(fee_page("$1,000", nonce="zz9", footer="Date modified: 2026-06-02"))
    result = watch.visit()
    assert result.check.outcome is Outcome.UNCHANGED
    assert result.flags == ()


def test_rule_6_claims_are_tested_at_every_good_check_and_a_304_counts_as_seeing(pages: Site, watch: Watch) -> None:
    pages.pages["/fee"] = Answer(fee_page("$1,000"), etag=True)
    watch.visit()
    result = watch.visit()
    assert result.check.not_modified
    with watch.store.reading() as connection:
        known = known_facts(connection)
        assert known["widgets#fee"].last_seen_at == result.check.finished_at
    watch.claims = (claim(operand="CAD 900"),)
    flags = watch.visit().flags
    assert len(flags) == 1


def test_rule_6_a_claim_that_holds_two_pages_together_is_tested_when_either_is_read(
    pages: Site, tmp_path: Path
) -> None:
    apart = Expectation(fact="one#fee", operator=Operator.DIFFERS_FROM, operand=("two#fee",))
    watching = Watch(
        tmp_path,
        tuple(source(pages, f"/{name}", name=name) for name in ("one", "two")),
        (replace(claim(), expectations=(apart,)),),
    )

    def visit(name: str, amount: str) -> list[tuple[FlagReason, str | None]]:
        pages.pages[f"/{name}"] = Answer(fee_page(amount))
        numbers = watching.visit(name).flags
        with watching.store.reading() as connection:
            return [(flag.reason, flag.fact) for flag in (load_flag(connection, number).flag for number in numbers)]

    assert visit("one", "$1,000") == []
    assert visit("two", "$1,000") == [(FlagReason.CONTRADICTED, "one#fee")]
    assert visit("one", "$1,000.00") == []
    assert visit("two", "$1,200") == [(FlagReason.ALTERED, "two#fee")]
    with watching.store.reading() as connection:
        assert [item.flag.fact for item in list_flags(connection, state=FlagState.OPEN)] == ["two#fee"]
    assert visit("two", "$1,000") == [(FlagReason.ALTERED, "two#fee")]
    assert visit("one", "$1,000") == []
    watching.close()


def test_rule_6_a_full_read_is_forced_when_it_is_due(pages: Site, watch: Watch) -> None:
    pages.pages["/fee"] = Answer(fee_page("$1,000"), etag=True)
    watch.visit()
    assert watch.visit().check.not_modified
    result = watch.visit(later=timedelta(days=8))
    assert not result.check.not_modified
    assert result.check.full_read


def test_rule_7_a_change_is_confirmed_by_a_second_look_in_the_same_slot(pages: Site, watch: Watch) -> None:
    pages.pages["/fee"] = Answer(fee_page("$1,000"))
    watch.visit()
    pages.pages["/fee"] = Answer(fee_page("$1,100"), then=[fee_page("$1,000")])
    result = watch.visit()
    assert (result.check.outcome, result.check.reason) == (Outcome.SUSPECT, "flapping")
    assert result.flags == ()
    with watch.store.reading() as connection:
        assert len(list_snapshots(connection, "widgets")) == 3
    pages.pages["/fee"] = Answer(fee_page("$1,100"))
    result = watch.visit()
    assert result.check.confirmed
    assert len(result.flags) == 1


def test_rule_7_there_and_back_again_is_two_changes(pages: Site, watch: Watch) -> None:
    flags = []
    for amount in ("$1,000", "$1,100", "$1,000", "$1,100"):
        pages.pages["/fee"] = Answer(fee_page(amount))
        flags.append(len(watch.visit().flags))
    assert flags == [0, 1, 1, 1]


def test_rule_8_the_same_change_on_many_pages_is_one_group(pages: Site, tmp_path: Path) -> None:
    names = ("one", "two", "three")
    watching = Watch(tmp_path, tuple(source(pages, f"/{name}", name=name) for name in names), ())
    for amount in ("$1,000", "$1,100"):
        for name in names:
            pages.pages[f"/{name}"] = Answer(fee_page(amount))
            watching.visit(name)
    with watching.store.reading() as connection:
        flags = list_flags(connection)
    watching.close()
    assert len(flags) == 3
    assert len({flag.flag.group for flag in flags}) == 1


def test_rule_9_the_first_visit_opens_contradictions_only_and_each_once(pages: Site, watch: Watch) -> None:
    pages.pages["/fee"] = Answer(fee_page("$1,300"))
    first = watch.visit()
    with watch.store.reading() as connection:
        assert [load_flag(connection, number).flag.reason for number in first.flags] == [FlagReason.CONTRADICTED]
    assert watch.visit().flags == ()


def test_rule_9_a_change_that_contradicts_a_claim_is_one_flag_and_a_newer_one_supersedes_it(
    pages: Site, watch: Watch
) -> None:
    pages.pages["/fee"] = Answer(fee_page("$1,000"))
    watch.visit()
    pages.pages["/fee"] = Answer(fee_page("$1,100"))
    second = watch.visit()
    assert len(second.flags) == 1
    assert watch.visit().flags == ()
    pages.pages["/fee"] = Answer(fee_page("$1,200"))
    third = watch.visit()
    with watch.store.reading() as connection:
        old = load_flag(connection, second.flags[0])
        assert (old.state, old.superseded_by) == (FlagState.CLOSED, third.flags[0])
        assert old.flag.claims == ("widget.fee",)


def test_rule_9_a_decided_flag_does_not_reopen_until_a_value_changes(pages: Site, watch: Watch) -> None:
    pages.pages["/fee"] = Answer(fee_page("$1,300"))
    (number,) = watch.visit().flags
    with watch.store.writing() as connection:
        flag = load_flag(connection, number).flag
        decide_flag(
            connection,
            number,
            verdict=ReviewVerdict.GUIDE_WRONG,
            note="",
            by="ann",
            at=watch.now(),
            seen=(flag.snapshot_before, flag.snapshot_after),
        )
    assert watch.visit().flags == ()
    with watch.store.reading() as connection:
        assert load_flag(connection, number).state is FlagState.DECIDED


def test_rule_10_silence_differs_from_breakage(pages: Site, watch: Watch) -> None:
    pages.pages["/fee"] = Answer(fee_page("$1,000"))
    watch.visit()
    pages.pages["/fee"] = Answer("", status=503)
    opened = [watch.visit().flags for _ in range(5)]
    assert [len(flags) for flags in opened] == [0, 0, 1, 0, 0]
    with watch.store.reading() as connection:
        judged = judge_claims(
            watch.claims, known_facts(connection), sources=watch.sources, now=watch.now() + timedelta(days=9)
        )
    assert judged[0].standing is Standing.STALE
    pages.pages["/fee"] = Answer(fee_page("$1,000"))
    watch.visit()
    with watch.store.reading() as connection:
        assert not list_flags(connection, state=FlagState.OPEN)


def test_rule_10_a_contradiction_does_not_age_out(pages: Site, watch: Watch) -> None:
    pages.pages["/fee"] = Answer(fee_page("$1,300"))
    watch.visit()
    with watch.store.reading() as connection:
        later = watch.now() + timedelta(days=400)
        judged = judge_claims(watch.claims, known_facts(connection), sources=watch.sources, now=later)
    assert judged[0].standing is Standing.CONTRADICTED


def test_rule_11_a_decision_is_bound_to_the_pair_that_was_seen(pages: Site, watch: Watch) -> None:
    pages.pages["/fee"] = Answer(fee_page("$1,000"))
    watch.visit()
    pages.pages["/fee"] = Answer(fee_page("$1,100"))
    (number,) = watch.visit().flags
    pages.pages["/fee"] = Answer(fee_page("$1,200"))
    watch.visit()
    with watch.store.reading() as connection:
        flag = load_flag(connection, number).flag
    with pytest.raises(StaleReview), watch.store.writing() as connection:
        decide_flag(
            connection,
            number,
            verdict=ReviewVerdict.GUIDE_WRONG,
            note="",
            by="ann",
            at=watch.now(),
            seen=(flag.snapshot_before, flag.snapshot_after),
        )


def test_rule_12_verified_on_is_the_date_of_a_capture_in_which_the_value_was_located(pages: Site, watch: Watch) -> None:
    pages.pages["/fee"] = Answer(fee_page("$1,000"))
    first = watch.visit()
    pages.pages["/fee"] = Answer(BLOCKED)
    watch.visit()
    with watch.store.reading() as connection:
        (judged,) = judge_claims(watch.claims, known_facts(connection), sources=watch.sources, now=watch.now())
        assert judged.standing is Standing.VERIFIED
        assert judged.verified_on == first.check.finished_at
        assert judged.evidence is not None
        assert judged.evidence.quote.encode() in load_body(connection, judged.evidence.snapshot)


def test_rule_13_everything_may_run_twice_without_a_second_effect(pages: Site, watch: Watch) -> None:
    pages.pages["/fee"] = Answer(fee_page("$1,000"))
    first = watch.visit()
    pages.pages["/fee"] = Answer(fee_page("$1,100"))
    again = watch.visit(slot=first.check.slot)
    assert again.already
    with watch.store.reading() as connection:
        assert len(recent_checks(connection)) == 1
        assert not list_flags(connection)


def test_rule_14_a_value_announced_for_a_later_day_is_pending_and_flips_the_claim_on_that_day(
    pages: Site, watch: Watch
) -> None:
    pages.pages["/fee"] = Answer(fee_page("$1,000"))
    watch.visit()
    announced = "<p>From June 30, 2026 each workshop pays $1,400 for a licence.</p>"
    pages.pages["/fee"] = Answer(fee_page("$1,000", more=announced), etag=True)
    result = watch.visit()
    assert result.check.examination is not None
    assert result.check.examination.verdict is Verdict.SUBSTANTIVE
    with watch.store.reading() as connection:
        known = known_facts(connection)
    (before,) = judge_claims(watch.claims, known, sources=watch.sources, now=watch.now())
    assert before.standing is Standing.VERIFIED
    assert before.outlook is not None
    assert before.outlook.pending == money("1400")
    (after,) = judge_claims(watch.claims, known, sources=watch.sources, now=watch.now() + timedelta(days=30))
    assert after.standing is Standing.CONTRADICTED
    on_the_day = watch.visit(later=timedelta(days=30))
    with watch.store.reading() as connection:
        reasons = [load_flag(connection, number).flag.reason for number in on_the_day.flags]
    assert reasons == [FlagReason.CONTRADICTED]
