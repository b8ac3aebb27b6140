"""One change of policy is one case, whatever number of pages tell it and in whatever order they are seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest

from domain.claims import Claim
from domain.flags import FlagRecord, FlagState, ReviewVerdict
from storage.flags import decide_flag, list_flags
from tests.site import FEE, Answer, Site, Watch, claim, fee_page, site, source

PAGES = ("widgets", "tariff", "notice")


@pytest.fixture
def pages() -> Iterator[Site]:
    with site() as running:
        publish(running, "$1,000", *PAGES)
        yield running


def publish(pages: Site, amount: str, *names: str) -> None:
    for name in names:
        pages.pages[f"/{name}"] = Answer(fee_page(amount))


def watching(pages: Site, folder: Path, *claims: Claim) -> Watch:
    """Three pages that give the fee, each under a name of its own."""
    watched = tuple(
        source(pages, f"/{name}", name=name, rules=(replace(FEE, key=key),))
        for name, key in zip(PAGES, ("fee", "amount", "price"), strict=True)
    )
    return Watch(folder, watched, claims or (resting_on("fee.all", "widgets#fee", "tariff#amount", "notice#price"),))


def resting_on(name: str, *facts: str, operand: str = "CAD 1000") -> Claim:
    asked = claim(facts[0], operand, name=name)
    return replace(
        asked, expectations=tuple(item for fact in facts for item in claim(fact, operand, name=name).expectations)
    )


def flags(watch: Watch, state: FlagState | None = FlagState.OPEN) -> tuple[FlagRecord, ...]:
    with watch.store.reading() as connection:
        return list_flags(connection, state=state)


def cases(records: tuple[FlagRecord, ...]) -> set[str]:
    return {record.flag.group for record in records}


def decide(watch: Watch, number: int) -> None:
    with watch.store.writing() as connection:
        decide_flag(connection, number, verdict=ReviewVerdict.GUIDE_WRONG, note="", by="ana", at=watch.moment)


@pytest.mark.parametrize("order", tuple(permutations(PAGES)))
def test_a_guide_that_is_wrong_by_several_pages_from_the_start_is_one_case(
    pages: Site, tmp_path: Path, order: tuple[str, ...]
) -> None:
    amounts = dict(zip(PAGES, ("$1,100", "$1,200", "$1,300"), strict=True))
    for name, amount in amounts.items():
        publish(pages, amount, name)
    watch = watching(pages, tmp_path)
    for name in (*order, *order):
        watch.visit(name)
    assert flags(watch)
    assert len(cases(flags(watch))) == 1
    watch.close()


@pytest.mark.parametrize("order", tuple(permutations(PAGES)))
def test_the_same_new_value_on_other_pages_days_later_joins_the_open_case(
    pages: Site, tmp_path: Path, order: tuple[str, ...]
) -> None:
    claims = (
        resting_on("fee.two", "notice#price", "tariff#amount"),
        resting_on("fee.other", "tariff#amount", "widgets#fee"),
    )
    watch = watching(pages, tmp_path, *claims)
    for name in PAGES:
        watch.visit(name)
    for name in order:
        publish(pages, "$1,150", name)
        watch.visit(name, later=timedelta(days=3))
    changed = [record for record in flags(watch) if record.flag.before is not None]
    assert {record.flag.source for record in changed} == set(PAGES)
    linked = cases(tuple(record for record in changed if record.flag.source != order[2]))
    if "tariff" in order[:2]:
        assert len(linked) == 1
    assert len(cases(flags(watch))) <= 2
    watch.close()


def test_a_page_that_was_a_version_behind_joins_the_case_of_what_it_says_now(pages: Site, tmp_path: Path) -> None:
    publish(pages, "$900", "tariff")
    watch = watching(pages, tmp_path, resting_on("fee.first", "widgets#fee", "tariff#amount"))
    watch.visit("tariff")
    watch.visit("widgets")
    publish(pages, "$1,150", "widgets", "tariff")
    watch.visit("widgets")
    watch.visit("tariff", later=timedelta(days=9))
    altered = tuple(record for record in flags(watch) if record.flag.before is not None)
    assert len(altered) == 2
    assert len(cases(altered)) == 1
    watch.close()


def test_a_page_that_follows_after_the_decision_is_a_new_case_that_names_it(pages: Site, tmp_path: Path) -> None:
    watch = watching(pages, tmp_path)
    for name in PAGES:
        watch.visit(name)
    publish(pages, "$1,150", "widgets")
    (first,) = watch.visit("widgets").flags
    (was,) = flags(watch)
    decide(watch, first)
    publish(pages, "$1,150", "tariff", "notice")
    watch.visit("tariff", later=timedelta(days=20))
    (second,) = flags(watch)
    assert second.flag.group != was.flag.group
    assert f"flag {first}" in second.flag.detail
    assert "guide wrong" in second.flag.detail
    watch.visit("notice", later=timedelta(days=1))
    assert len(flags(watch)) == 2
    assert len(cases(flags(watch))) == 1
    watch.close()


def test_another_value_of_the_same_fact_is_another_case(pages: Site, tmp_path: Path) -> None:
    watch = watching(pages, tmp_path)
    for name in PAGES:
        watch.visit(name)
    publish(pages, "$1,150", "widgets")
    publish(pages, "$1,250", "tariff")
    watch.visit("widgets")
    watch.visit("tariff")
    assert len(cases(tuple(record for record in flags(watch) if record.flag.before is not None))) == 2
    watch.close()


def test_the_same_figure_of_pages_that_no_claim_links_is_not_one_case(pages: Site, tmp_path: Path) -> None:
    claims = (resting_on("a.fee", "widgets#fee"), resting_on("b.amount", "tariff#amount"))
    watch = watching(pages, tmp_path, *claims)
    for name in PAGES:
        watch.visit(name)
    publish(pages, "$1,150", *PAGES)
    for name in PAGES:
        watch.visit(name)
    assert len(cases(flags(watch))) == 3
    watch.close()


def test_a_contradiction_seen_later_joins_the_case_of_the_change_that_it_repeats(pages: Site, tmp_path: Path) -> None:
    watch = watching(pages, tmp_path, resting_on("fee.first", "tariff#amount", "widgets#fee"))
    watch.visit("widgets")
    publish(pages, "$1,150", "widgets", "tariff")
    watch.visit("widgets")
    watch.visit("tariff")
    assert {record.flag.source for record in flags(watch)} == {"widgets", "tariff"}
    assert len(cases(flags(watch))) == 1
    watch.close()
