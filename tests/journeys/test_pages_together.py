"""Pages that belong together: two languages, next year's page, pages kept up with each other, and proposals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.checks import AWAITED, Outcome
from domain.claims import Judgement, Standing
from domain.flags import FlagReason, FlagRecord, FlagState
from domain.sources import Rule, Source
from domain.values import Kind
from monitor.standings import judge_claims
from storage.facts import known_facts
from storage.flags import list_flags, load_flag
from tests.site import FEE, Answer, Site, Watch, claim, fee_page, page, site, source

FEE_FR = replace(FEE, match=r"paie (?P<value>[0-9,. ]+ \$) pour un permis")


def french(amount: str) -> str:
    return fee_page("x").replace("Each workshop pays x for a licence.", f"Chaque atelier paie {amount} pour un permis.")


@pytest.fixture
def pages() -> Iterator[Site]:
    with site() as running:
        running.pages["/fee"] = Answer(fee_page("$1,000"))
        running.pages["/frais"] = Answer(french("1 000 $"))
        yield running


def flags(watch: Watch, state: FlagState | None = FlagState.OPEN) -> tuple[FlagRecord, ...]:
    with watch.store.reading() as connection:
        return list_flags(connection, state=state)


def judged(watch: Watch) -> Judgement:
    with watch.store.reading() as connection:
        known = known_facts(connection)
    (found,) = judge_claims(watch.claims, known, sources=watch.sources, now=watch.moment)
    return found


def twins(pages: Site, folder: Path) -> Watch:
    english = replace(source(pages), counterpart="widgets-fr")
    other = replace(source(pages, "/frais", rules=(FEE_FR,), name="widgets-fr"), counterpart="widgets", language="fr")
    watch = Watch(folder, (english, other), (claim(),))
    watch.visit("widgets")
    watch.visit("widgets-fr")
    return watch


def test_a_number_that_changed_in_one_language_only_is_not_confirmed_until_the_other_follows(
    pages: Site, tmp_path: Path
) -> None:
    watch = twins(pages, tmp_path)
    assert judged(watch).standing is Standing.VERIFIED
    pages.pages["/fee"] = Answer(fee_page("$1,150"))
    (number,) = watch.visit("widgets").flags
    (flag,) = flags(watch)
    assert not flag.flag.confirmed
    assert "widgets-fr#fee still gave CAD 1,000" in flag.flag.detail
    assert judged(watch).standing is Standing.SUSPECT
    watch.visit("widgets")
    assert not load(watch, number).flag.confirmed
    pages.pages["/frais"] = Answer(french("1 150 $"))
    watch.visit("widgets-fr")
    assert load(watch, number).flag.confirmed
    assert judged(watch).standing is Standing.CONTRADICTED
    assert len({record.flag.group for record in flags(watch)}) == 1


def load(watch: Watch, number: int) -> FlagRecord:
    with watch.store.reading() as connection:
        return load_flag(connection, number)


def test_a_translation_that_cannot_be_read_holds_nothing_back(pages: Site, tmp_path: Path) -> None:
    watch = twins(pages, tmp_path)
    pages.pages["/frais"] = Answer(page("<h2>Fee</h2><p>Le permis a un coût. A licence is needed.</p>"))
    watch.visit("widgets-fr")
    pages.pages["/fee"] = Answer(fee_page("$1,150"))
    watch.visit("widgets")
    (flag,) = [record for record in flags(watch) if record.flag.fact == "widgets#fee"]
    assert flag.flag.confirmed


def test_a_page_that_is_awaited_troubles_nobody_until_it_is_there(pages: Site, tmp_path: Path) -> None:
    watch = Watch(tmp_path, (replace(source(pages, "/next", rules=()), awaited=True),), ())
    for _ in range(4):
        check = watch.visit().check
        assert (check.outcome, check.reason) == (Outcome.SKIPPED, AWAITED)
    assert flags(watch) == ()
    pages.pages["/next"] = Answer(fee_page("$1,000"))
    watch.visit()
    (flag,) = flags(watch)
    assert flag.flag.reason is FlagReason.APPEARED
    assert pages.url("/next") in flag.flag.detail
    pages.pages["/next"] = Answer("", status=500)
    assert watch.visit().check.outcome is Outcome.FAILED


def test_a_page_that_stands_still_while_its_sibling_moves_is_flagged_once(pages: Site, tmp_path: Path) -> None:
    pages.pages["/old"] = Answer(fee_page("$900"))
    old = replace(source(pages, "/old", name="old"), moves_with=("widgets",))
    watch = Watch(tmp_path, (source(pages), old), (claim(), claim("old#fee", "CAD 900", name="old.fee")))
    watch.visit("old")
    watch.visit("widgets")
    pages.pages["/fee"] = Answer(fee_page("$1,150"))
    watch.visit("widgets")
    watch.visit("old")
    frozen = [record.flag for record in flags(watch) if record.flag.reason is FlagReason.PAGE_FROZEN]
    assert frozen == []
    for _ in range(3):
        watch.visit("old", later=timedelta(days=31))
    (flag,) = [record.flag for record in flags(watch) if record.flag.reason is FlagReason.PAGE_FROZEN]
    assert flag.claims == ("old.fee",)


def proposal(pages: Site) -> Source:
    rule = Rule(key="plan", kind=Kind.TEXT, match=r"(?P<value>[^.]*fee may rise[^.]*\.)", may_be_absent=True)
    return source(pages, "/plans", rules=(rule,), name="plans")


def test_a_proposal_puts_a_claim_at_risk_and_contradicts_nothing(pages: Site, tmp_path: Path) -> None:
    words = "The office asks whether the licence fee may rise to $2,000."
    pages.pages["/plans"] = Answer(page("<h2>Plans</h2><p>The office thinks about every licence.</p>"))
    watch = Watch(tmp_path, (source(pages), proposal(pages)), (replace(claim(), warned_by=("plans#plan",)),))
    watch.visit("widgets")
    watch.visit("plans")
    assert judged(watch).outlook is None
    pages.pages["/plans"] = Answer(page(f"<h2>Plans</h2><p>The office thinks about every licence.</p><p>{words}</p>"))
    watch.visit("plans")
    stands = judged(watch)
    assert stands.standing is Standing.VERIFIED
    assert stands.outlook is not None
    assert words in stands.outlook.at_risk
    (flag,) = flags(watch)
    assert flag.flag.claims == ("widget.fee",)
    assert flag.flag.severity.value == "low"


def test_a_contradiction_that_becomes_a_disagreement_is_one_open_flag(pages: Site, tmp_path: Path) -> None:
    pages.pages["/fee"] = Answer(fee_page("$1,150"))
    pages.pages["/law"] = Answer(fee_page("$1,000"))
    law = source(pages, "/law", name="law")
    asked = claim()
    both = replace(asked, expectations=(*asked.expectations, *claim("law#fee").expectations))
    watch = Watch(tmp_path, (source(pages), law), (both,))
    watch.visit("widgets")
    assert [item.flag.reason for item in flags(watch)] == [FlagReason.CONTRADICTED]
    watch.visit("law")
    watch.visit("widgets")
    assert [item.flag.reason for item in flags(watch)] == [FlagReason.DISAGREEMENT]
    assert judged(watch).standing is Standing.SUSPECT
    pages.pages["/law"] = Answer(fee_page("$1,150"))
    watch.visit("law")
    watch.visit("widgets")
    assert judged(watch).standing is Standing.CONTRADICTED
    assert FlagReason.DISAGREEMENT not in {item.flag.reason for item in flags(watch)}
    watch.store.close()


def test_two_pages_of_one_language_that_disagree_are_flagged_at_the_visit_that_shows_it(
    pages: Site, tmp_path: Path
) -> None:
    pages.pages["/law"] = Answer(fee_page("$1,150"))
    asked = claim()
    both = replace(asked, expectations=(*asked.expectations, *claim("law#fee").expectations))
    watch = Watch(tmp_path, (source(pages), source(pages, "/law", name="law")), (both,))
    assert watch.visit("widgets").flags == ()
    (number,) = watch.visit("law").flags
    (flag,) = flags(watch)
    assert (flag.id, flag.flag.reason, flag.flag.claims) == (number, FlagReason.DISAGREEMENT, ("widget.fee",))
    watch.visit("widgets")
    watch.visit("law")
    assert len(flags(watch)) == 1
    pages.pages["/law"] = Answer(fee_page("$1,000"))
    watch.visit("law")
    assert judged(watch).standing is Standing.VERIFIED
    assert FlagReason.DISAGREEMENT not in {item.flag.reason for item in flags(watch)}
    watch.close()


def test_languages_that_disagree_are_flagged_at_the_visit_that_shows_it(pages: Site, tmp_path: Path) -> None:
    english = replace(source(pages), counterpart="widgets-fr")
    other = replace(source(pages, "/frais", rules=(FEE_FR,), name="widgets-fr"), counterpart="widgets", language="fr")
    watch = Watch(tmp_path, (english, other), (claim(),))
    watch.visit("widgets")
    pages.pages["/frais"] = Answer(french("1 150 $"))
    watch.visit("widgets-fr")
    (flag,) = flags(watch)
    assert (flag.flag.reason, flag.flag.claims) == (FlagReason.DISAGREEMENT, ("widget.fee",))
    watch.visit("widgets")
    assert len(flags(watch)) == 1
    pages.pages["/frais"] = Answer(french("1 000 $"))
    watch.visit("widgets-fr")
    assert [record.flag.reason for record in flags(watch)] == [FlagReason.ALTERED]


def test_a_translation_that_moved_alone_is_one_flag(pages: Site, tmp_path: Path) -> None:
    watch = twins(pages, tmp_path)
    pages.pages["/frais"] = Answer(french("1 150 $"))
    watch.visit("widgets-fr")
    watch.visit("widgets")
    (flag,) = flags(watch)
    assert (flag.flag.reason, flag.flag.source, flag.flag.confirmed) == (FlagReason.ALTERED, "widgets-fr", False)
