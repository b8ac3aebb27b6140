"""The ledger against real captures: facts are where the rules say, and the guide's mistakes come out.

No sentence of an official page stands here: values, places, and that the quoted words are in the capture.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.checks import Examination, Outcome
from domain.claims import Judgement, Standing
from domain.facts import FactState, KnownFact
from domain.snapshots import Snapshot
from domain.values import value_words
from tests.ledger.captures import examined, facts_of, judged, newest, real_captures, sources, stands_in

pytestmark = pytest.mark.real_pages

JUST_AFTER = datetime(2026, 6, 26, 12, tzinfo=UTC)
"""A day after the newest processing times of the collection, and before the rounds of July."""

ABSENT_ON_PURPOSE = {"bc-pnp-invitations#last_tech_draw"}


@pytest.fixture(scope="module")
def looked_at(real_pages: Path) -> list[tuple[Snapshot, Examination]]:
    early = ((source, capture) for source, capture in real_captures(real_pages) if capture.fetched_at <= JUST_AFTER)
    return examined(newest(early).values())


@pytest.fixture(scope="module")
def known(looked_at: list[tuple[Snapshot, Examination]]) -> dict[str, KnownFact]:
    return facts_of(looked_at)


@pytest.fixture(scope="module")
def standing(known: dict[str, KnownFact]) -> dict[str, Judgement]:
    return judged(known, JUST_AFTER)


def test_every_page_of_the_collection_that_a_source_watches_is_good(
    looked_at: list[tuple[Snapshot, Examination]],
) -> None:
    causes = {
        shot.source: found.quality.cause for shot, found in looked_at if found.quality.outcome is not Outcome.GOOD
    }

    assert causes == {}
    assert len(looked_at) >= 23


def test_every_declared_fact_of_a_captured_page_is_located(known: dict[str, KnownFact]) -> None:
    missing = {key: item.fact.reason for key, item in known.items() if item.fact.state is not FactState.LOCATED}

    assert set(missing) == ABSENT_ON_PURPOSE
    assert all(known[key].fact.state is FactState.ABSENT for key in missing)
    assert len(known) >= 80


def test_every_quote_stands_in_its_capture_and_has_a_place(looked_at: list[tuple[Snapshot, Examination]]) -> None:
    for shot, found in looked_at:
        for fact in found.facts:
            if fact.state is FactState.LOCATED:
                assert fact.locator, fact.key
                assert stands_in(fact.quote, shot.body), (fact.key, fact.quote[:200])


def test_captured_sources_are_those_that_call_themselves_verified(
    looked_at: list[tuple[Snapshot, Examination]],
) -> None:
    captured = {shot.source for shot, _ in looked_at}

    assert {source.id for source in sources().values() if source.grounding == "verified"} == captured


@pytest.mark.parametrize(
    ("claim", "expected", "fact", "value"),
    [
        ("legal.exempt_irpa_98", Standing.CONTRADICTED, "laws-irpa#s98_heading", "Exclusion — Refugee Convention"),
        ("fta.irpr_schedule_1", Standing.CONTRADICTED, "laws-irpr#schedule1", "repealed"),
        ("lmia.gts_fee_separate", Standing.CONTRADICTED, "esdc-gts-requirements#fee", "CAD 1,000"),
        ("wp.time_range", Standing.CONTRADICTED, "ircc-ptimes-noncountry#work_permit_in_canada", "144 days"),
        ("ee.stem_separate_round", Standing.CONTRADICTED, "ircc-ee-rounds-json#last_stem_round", "2024-04-11"),
        ("ee.stem_category_exists", Standing.CONTRADICTED, "ircc-ee-rounds-json#last_stem_round", "2024-04-11"),
        ("ee.category_route_most_relevant", Standing.CONTRADICTED, "ircc-ee-rounds-json#last_stem_round", "2024-04-11"),
        ("on.check_noi", Standing.CONTRADICTED, "on-tech-draws#stated_times_as_of", "2019-06-13"),
        ("gts.filed_under_exempt", Standing.SUSPECT, "esdc-gts-overview#lmia_required", "yes"),
        ("gts.list.senior_only", Standing.SUSPECT, "esdc-gts-requirements#occupations_text", None),
        ("faq.cusma_air_needs_advance", Standing.SUSPECT, "laws-irpr#s198", None),
    ],
)
def test_a_mistake_of_the_guide_comes_out_with_its_evidence(
    standing: dict[str, Judgement],
    looked_at: list[tuple[Snapshot, Examination]],
    known: dict[str, KnownFact],
    claim: str,
    expected: Standing,
    fact: str,
    value: str | None,
) -> None:
    item = standing[claim]
    shot = next(capture for capture, _ in looked_at if capture.source == fact.partition("#")[0])

    assert (item.standing, item.fact) == (expected, fact)
    assert item.reason
    assert item.evidence is not None
    assert item.evidence.snapshot == shot.digest
    assert item.evidence.locator
    assert stands_in(item.evidence.quote, shot.body)
    found = known[fact].fact.value
    assert found is not None
    assert value is None or value_words(found) == value


SUPPORTED = [
    "permit.two_routes",
    "permit.exempt_kinds",
    "gts.headline_two_weeks",
    "pathway.pr_usually_ee",
    "permit.job_offer_normal",
    "ee.profile_needs_no_offer",
    "crs.job_offer_points",
    "crs.job_offer_removed_on",
    "crs.nomination_points",
    "legal.exempt_irpr_204_205",
    "cusma.legal_basis",
    "cusma.us_poe",
    "gts.part_of_tfwp",
    "gts.wp_two_weeks",
    "gts.lmia_required",
    "gts.lmia_two_weeks",
    "gts.category_a",
    "gts.category_b",
    "gts.list.21220",
    "gts.list.21222",
    "gts.list.21231",
    "gts.list.21211",
    "gts.list.managers",
    "gts.list.engineering",
    "gts.employer_fee",
    "gts.lmbp_required",
    "gts.lmbp_content",
    "gts.employer_side_cost",
    "gts.list_changes",
    "ict.lmia_exempt",
    "ict.legal_basis",
    "ict.relationships",
    "ict.multinational",
    "ict.positions",
    "ict.tech_specialized_knowledge",
    "noc.code_drives_eligibility",
    "noc.duties_over_title",
    "ee.teer_range",
    "lmia.needed_if_not_exempt",
    "lmia.gts_b_ad_exempt",
    "lmia.filed_with_esdc",
    "lmia.application_evidence",
    "lmia.prevailing_wage",
    "lmia.fee",
    "lmia.fee_per_position",
    "lmia.gts_time",
    "wp.time_depends",
    "pr.ircc_decides",
    "ee.category_lower_cutoff",
    "ee.ircc_sets_categories",
    "ee.underlying_programs",
    "cec.one_year",
    "ee.french_lower",
    "pnp.invitation_in_practice",
    "pnp.provinces_recruit_tech",
    "bc.overhaul_2026",
    "bc.tech_draws_ended",
    "bc.tech_folded_in",
    "bc.priorities",
    "bc.priority_meanings",
    "bc.high_impact_any_sector",
    "ab.recruits_tech",
    "faq.offer_main_value",
    "faq.cusma_same_day",
    "faq.cusma_officer_decides",
    "faq.disclose_history",
    "faq.irpa_36",
    "gss.standard",
    "gss.lmia_first",
    "gss.own_timeline",
    "gss.target_only",
    "eca.not_for_wp",
    "eca.for_ee_foreign",
]


def test_what_the_pages_support_is_verified(standing: dict[str, Judgement]) -> None:
    otherwise = {name: standing[name].reason for name in SUPPORTED if standing[name].standing is not Standing.VERIFIED}

    assert otherwise == {}


def test_nothing_else_is_held_against_the_guide(standing: dict[str, Judgement]) -> None:
    """A ledger that cries wolf is read by nobody: beyond the list above, two lists cut short and one loose word."""
    held = {name for name, item in standing.items() if item.standing in (Standing.CONTRADICTED, Standing.SUSPECT)}

    assert held - {"faq.underlying_two", "faq.cec_auto", "lmia.positive_meaning"} == {
        "legal.exempt_irpa_98",
        "fta.irpr_schedule_1",
        "lmia.gts_fee_separate",
        "wp.time_range",
        "ee.stem_separate_round",
        "ee.stem_category_exists",
        "ee.category_route_most_relevant",
        "on.check_noi",
        "gts.filed_under_exempt",
        "gts.list.senior_only",
        "faq.cusma_air_needs_advance",
    }


def test_two_consolidations_of_the_same_law_agree(known: dict[str, KnownFact]) -> None:
    pairs = (("laws-irpr", ("s204_heading", "s205_heading", "schedule1", "s315_2")), ("laws-irpa", ("s98_heading",)))
    for law, keys in pairs:
        for key in keys:
            assert known[f"{law}#{key}"].fact.value == known[f"{law}-xml#{key}"].fact.value


def test_the_stamp_is_only_for_captures_whose_date_is_known(standing: dict[str, Judgement]) -> None:
    assert standing["cec.one_year"].verified_on is None
    assert standing["faq.irpa_36"].verified_on is not None


@pytest.mark.parametrize("source_id", ["ircc-ee-rounds-json", "ircc-ptimes-noncountry", "ircc-ptimes-country"])
def test_every_version_in_the_history_of_a_feed_is_read(real_pages: Path, source_id: str) -> None:
    versions = [(source, capture) for source, capture in real_captures(real_pages) if source.id == source_id]

    for shot, found in examined(versions):
        assert found.quality.outcome is Outcome.GOOD, shot.fetched_at
        assert all(fact.state is FactState.LOCATED for fact in found.facts), (shot.fetched_at, found.facts)
    assert len(versions) >= 10
