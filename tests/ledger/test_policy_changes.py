"""Every change of policy from 2023 to 2026 that the ledger's pages would have shown, replayed as two versions of a page.

Each is told once, at the right facts, and names the statements that a person has to read again. The pages are of our
own making: names, codes and figures are those of the change, the sentences are invented.
"""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.snapshots import Snapshot
from tests.ledger.captures import PAGES, snapshot, sources, stands_in
from tests.ledger.test_changes import replayed

NOW = datetime(2026, 8, 20, 12, tzinfo=UTC)


def made(source_id: str, body: str, at: datetime = NOW) -> Snapshot:
    """A page of a source around a few lines of ours; its sentinels stand in a line of their own."""
    source = sources()[source_id]
    if source.media == "json":
        return snapshot(source, body.encode(), content_type="application/json", at=at)
    frame = (PAGES / "frame-gcweb.html").read_text(encoding="utf-8")
    sentinels = "".join(f"<p>{html.escape(words)}</p>" for words in source.must_contain)
    filled = (
        frame.replace("{{title}}", html.escape(source.title))
        .replace("{{url}}", html.escape(source.url))
        .replace("{{modified}}", at.date().isoformat())
        .replace("{{body}}", sentinels + body)
    )
    return snapshot(source, filled.encode(), content_type="text/html; charset=utf-8", at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of policy as two bodies of one page. facts: every fact that moves; prose: whether a passage does too."""

    id: str
    source: str
    old: str
    new: str
    facts: set[str]
    claims: set[str]
    prose: bool = False


def listed(*items: str) -> str:
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"


def table(columns: tuple[str, ...], *rows: tuple[str, ...]) -> str:
    head = "".join(f"<th>{name}</th>" for name in columns)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<table class="table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def categories(*names: str) -> str:
    return "<h2>Current categories</h2>" + listed(*names)


def occupations(*codes: str) -> str:
    rows = [(f"Job {code}", code, code[1]) for code in codes]
    head = ("Occupation", "2021 NOC code", "2021 TEER category")
    return "<h3>Eligibility for the Science, Technology, Engineering and Math (STEM) occupations category</h3>" + table(
        head, *rows
    )


STEM = "Science, Technology, Engineering and Math (STEM) occupations"
OLD_STEM = ("21211", "21220", "21222", "21223", "21230", "21231", "21232", "21233", "21234", "21300", "21310", "21311")
NEW_STEM = ("20011", "21220", "21300", "21301", "21310", "21321", "21331", "22300", "22301", "22310", "63100")
CATEGORY_CLAIMS = {"ee.categories_new", "ee.categories_continuing", "ee.category_agri_absent", "ee.stem_renewed"}
THRESHOLDS = ("Province or territory", "Hourly wage")
TIMES = ("Stream", "Average")
DRAWS = ("Date", "ITA type", "Selection factors", "Minimum score", "Invitations")
ALBERTA = ("Draw date", "Worker stream", "Minimum score", "Invitations")


def thresholds(ontario: str, columbia: str) -> str:
    others = [(f"Territory {number}", f"${30 + number}.00") for number in range(9)]
    return table(THRESHOLDS, ("Ontario", ontario), ("British Columbia", columbia), *others)


def times(gts: str, high: str, low: str, residence: str) -> str:
    rows = (("Global Talent Stream", gts), ("High-wage stream", high), ("Low-wage stream", low))
    return table(
        TIMES, *((name, f"{days} business days") for name, days in (*rows, ("Permanent residence stream", residence)))
    )


def fees(total: str) -> str:
    figures = {"work-permit": "$155", "open-work-permit": "$100", "bio": "$85", "economic-main-rprf": total}
    return json.dumps({name: {"en": figure} for name, figure in figures.items()})


def alberta(*entries: str) -> str:
    return "<h2>Updates by date</h2>" + listed("May 2, 2024: The office moved to another floor", *entries)


def crs(*factors: str, note: str = "") -> str:
    head = ("Factor", "Maximum points per factor")
    rows = [
        ("Sister in the country", "15"),
        ("French", "50"),
        *((name, "200") for name in factors),
        ("Provincial or territorial nomination", "600"),
    ]
    return f"{note}<h2>D. Additional points</h2>{table(head, *rows)}"


def bc_draws(*rows: tuple[str, ...]) -> str:
    older = ("May 7, 2024", "Innovate: High Economic Impact", "General", "110", "60")
    return "<h2>Skills Immigration invitations</h2>" + table(DRAWS, *rows, older)


def alberta_draws(*rows: tuple[str, ...]) -> str:
    older = ("March 3, 2026", "Alberta Express Entry Stream - Accelerated Tech Pathway", "59", "80")
    return "<h2>Draw information</h2>" + table(ALBERTA, *rows, older)


def paragraphs(*words: str) -> str:
    return "".join(f"<p>{item}</p>" for item in words)


CHANGES = (
    Change(
        id="cbs-launch",
        source="ircc-ee-cbs",
        old=categories("French-language proficiency", "Healthcare occupations", "Trade occupations"),
        new=categories("French-language proficiency", "Healthcare occupations", "Trade occupations", STEM),
        facts={"categories"},
        claims={"ee.stem_category_exists"},
    ),
    Change(
        id="ab-engineer-title",
        source="ab-engineer-title",
        old=paragraphs("Only members of the association use the title of engineer."),
        new=paragraphs("Only members of the association use the title of engineer.", "The title of software engineer is free for all."),
        facts={"software_engineer_exempt"},
        claims={"prof.engineer_title"},
    ),
    Change(
        id="mexico-visa",
        source="ircc-cusma",
        old="<h2>Place of application</h2><p>A Mexican with an eTA asks at a port of entry, without a temporary resident visa.</p>",
        new="<h2>Place of application</h2><p>A Mexican who needs a temporary resident visa asks abroad, not at a port of entry.</p>",
        facts={"poe_application"},
        claims={"cusma.mexico_visa_office"},
    ),
    Change(
        id="lmia-validity",
        source="esdc-gts-overview",
        old="<h2>Positive LMIA</h2><p>The letter is valid for up to 12 months.</p>",
        new="<h2>Positive LMIA</h2><p>The letter is valid for up to 6 months.</p>",
        facts={"lmia_validity"},
        claims={"gts.lmia_required"},
    ),
    Change(
        id="pr-fees-2024", source="ircc-fees-json", old=fees("$1,365"), new=fees("$1,525"), facts={"pr_economic"}, claims=set()
    ),
    Change(
        id="lowwage-refusal",
        source="esdc-low-wage",
        old="<h2>Refusal to process</h2><p>Nothing is looked at for a few trades.</p><h2>Share</h2><p>A share of 20% is the limit.</p>",
        new="<h2>Refusal to process</h2><p>Nothing is looked at for a city where 6% or more have no work.</p><h2>Share</h2><p>A share of 10% is the limit.</p>",
        facts={"refusal_to_process", "cap"},
        claims={"lmia.needed_if_not_exempt"},
    ),
    Change(
        id="visitor-wp-policy-end",
        source="ircc-notices",
        old=listed("Office hours in May", "A visitor may ask for a work permit without leaving"),
        new=listed("A visitor may no longer ask for a work permit without leaving", "Office hours in May", "A visitor may ask for a work permit without leaving"),
        facts={"permit_mentions"},
        claims={"wp.time_depends"},
    ),
    Change(
        id="aaip-eoi",
        source="ab-updates",
        old=alberta(),
        new=alberta("September 30, 2024: Whoever wants to be chosen now tells the office of an interest first"),
        facts={"entries"},
        claims={"ab.recruits_tech"},
    ),
    Change(
        id="cusma-codes",
        source="ircc-cusma",
        old=listed("Professionals: T23", "Transfers: T24", "Traders: T21"),
        new=listed("Professionals: T36", "Transfers: T37 and T38", "Traders: T34", "Investors: T35"),
        facts={"exemption_codes"},
        claims={"cusma.legal_basis"},
    ),
    Change(
        id="ict-rewrite",
        source="ircc-ict",
        old="<h2>Multinational corporation (MNC)</h2><p>One foreign company will do.</p><h2>Specialized knowledge workers (administrative code C63)</h2><p>Proprietary knowledge helps.</p>",
        new="<h2>Multinational corporation (MNC)</h2><p>An MNC earns revenue in at least two countries.</p><h2>Specialized knowledge workers (administrative code C63)</h2><p>Proprietary knowledge at an advanced level of expertise must be shown.</p>",
        facts={"multinational_required", "specialized_text"},
        claims={"ict.multinational", "ict.tech_specialized_knowledge"},
    ),
    Change(
        id="lmia-attestation",
        source="esdc-high-wage",
        old="<h2>Recruitment and advertisement</h2><p>Besides Job Bank an accountant may vouch for the firm.</p>",
        new="<h2>Recruitment and advertisement</h2><p>Besides Job Bank nobody may vouch for the firm any more.</p>",
        facts={"ad_methods"},
        claims={"lmia.application_evidence"},
    ),
    Change(
        id="wage-threshold-20",
        source="esdc-wage-threshold",
        old=thresholds("$28.39", "$28.85"),
        new=thresholds("$34.07", "$34.62"),
        facts={"thresholds"},
        claims={"lmia.prevailing_wage"},
    ),
    Change(
        id="bc-last-tech-draw",
        source="bc-pnp-invitations",
        old=bc_draws(),
        new=bc_draws(("December 3, 2024", "Tech", "Technology jobs", "100", "58")),
        facts={"last_tech_draw"},
        claims={"bc.tech_draws_ended"},
    ),
    Change(
        id="flagpole-end",
        source="ircc-wp-poe",
        old="<h2>Who can apply</h2><p>Anybody who is here may leave and come back to ask at the border.</p>",
        new="<h2>Who can apply</h2><p>Nobody who is here may leave and come back to ask at the border, except citizens of the United States.</p>",
        facts={"who_may"},
        claims={"cusma.us_poe", "faq.cusma_same_day"},
    ),
    Change(
        id="crs-joboffer",
        source="ircc-crs-criteria",
        old=crs("Arranged employment"),
        new=crs(note="<p>As of March 25, 2025, we’re removing job offer points for everybody.</p>"),
        facts={"additional_points_factors", "job_offer_points", "job_offer_removed_date"},
        claims={"crs.job_offer_points", "crs.job_offer_removed_on", "faq.offer_main_value"},
    ),
    Change(
        id="spouse-2025",
        source="ircc-spouse-owp",
        old="<h2>Eligibility</h2><p>A spouse of whoever has an occupation in TEER 0 to 5 and a work permit may ask, as of May 1, 2023.</p>",
        new="<h2>Eligibility</h2><p>A spouse of whoever has an occupation in TEER 0 or 1 and a work permit may ask, as of January 21, 2025.</p>",
        facts={"principal_teers", "eligibility_text", "in_force"},
        claims={"spouse.tightened", "spouse.depends", "spouse.owp_available"},
    ),
    Change(
        id="pnp-cut-2025",
        source="on-updates-2026",
        old=paragraphs("Ontario has 21,500 nominations for the year."),
        new=paragraphs("Ontario has 10,750 nominations for the year."),
        facts={"allocation"},
        claims={"pnp.allocations_reduced"},
    ),
    Change(
        id="cbs-2025",
        source="ircc-ee-cbs",
        old=categories(STEM, "Trade occupations", "Transport occupations") + occupations(*OLD_STEM),
        new=categories(STEM, "Trade occupations", "Education occupations") + occupations(*NEW_STEM),
        facts={"categories", "stem_occupations"},
        claims={"noc.table_called_eligible", "ee.category_route_most_relevant", "ee.categories_new"},
    ),
    Change(
        id="ab-streams-2025",
        source="ab-updates",
        old=alberta(),
        new=alberta("March 17, 2025: Two ways into the stream are used no more"),
        facts={"entries"},
        claims={"ab.draws_from_pool"},
    ),
    Change(
        id="aaip-fee",
        source="ab-updates",
        old=alberta(),
        new=alberta("April 1, 2025: An application to a worker stream costs $1,500 instead of $840"),
        facts={"entries"},
        claims=set(),
    ),
    Change(
        id="oinp-employer-portal",
        source="on-updates-2026",
        old=paragraphs("Ontario has 10,750 nominations for the year.", "The applicant starts a file."),
        new=paragraphs("Ontario has 10,750 nominations for the year.", "The employer must start a file in a portal."),
        facts=set(),
        claims={"on.oinp_invites_ee"},
        prose=True,
    ),
    Change(
        id="aaip-topup",
        source="ab-processing",
        old="<h2>Processing summary totals</h2>" + table(("2025 nomination allocation", "2025 nominations issued"), ("4,875", "3,000")),
        new="<h2>Processing summary totals</h2>" + table(("2025 nomination allocation", "2025 nominations issued"), ("6,403", "3,000")),
        facts={"allocation"},
        claims={"pnp.allocations_reduced"},
    ),
    Change(
        id="levels-2026",
        source="ircc-levels-2026",
        old=table(("Class", "2026", "2027"), ("Provincial Nominee Program", "55,000", "55,000")),
        new=table(("Class", "2026", "2027"), ("Provincial Nominee Program", "91,500", "55,000")),
        facts={"pnp_target"},
        claims={"pnp.allocations_reduced"},
    ),
    Change(
        id="oinp-trades-suspended",
        source="on-streams",
        old="<h2>Ontario’s Express Entry Streams</h2><p>Human Capital Priorities, French and trades are open.</p>",
        new="<h2>Ontario’s Express Entry Streams</h2><p>Human Capital Priorities and French are open; trades are suspended.</p>",
        facts={"streams"},
        claims={"on.oinp_invites_ee"},
    ),
    Change(
        id="cbs-physicians",
        source="ircc-ee-cbs",
        old=categories(STEM, "Trade occupations", "Education occupations"),
        new=categories(STEM, "Trade occupations", "Education occupations", "Physicians with Canadian work experience"),
        facts={"categories"},
        claims={"ee.category_physicians"},
    ),
    Change(
        id="bc-fee",
        source="bc-workers",
        old=paragraphs("Asking costs $1,475."),
        new=paragraphs("Asking costs $1,750."),
        facts={"fee"},
        claims=set(),
    ),
    Change(
        id="on-alloc-2026",
        source="on-updates-2026",
        old=paragraphs("Ontario has 10,750 nominations for the year."),
        new=paragraphs("Ontario has 14,119 nominations for the year."),
        facts={"allocation"},
        claims={"pnp.allocations_reduced"},
    ),
    Change(
        id="cbs-2026",
        source="ircc-ee-cbs",
        old=categories(STEM, "Trade occupations", "Agriculture and agri-food occupations")
        + occupations(*NEW_STEM).replace("<table", "<p>You worked for at least 6 months.</p><table", 1),
        new=categories(STEM, "Trade occupations", "Transport occupations", "Skilled military recruits")
        + occupations(*NEW_STEM).replace("<table", "<p>You worked for at least 12 months.</p><table", 1),
        facts={"categories", "experience_months"},
        claims={*CATEGORY_CLAIMS, "ee.experience_months"},
    ),
    Change(
        id="ns-streams",
        source="ns-ee",
        old=listed("Labour Market Priorities stream", "Physician stream", "Skilled Worker stream", "Entrepreneur stream"),
        new=listed("Skilled Worker stream", "Entrepreneur stream"),
        facts={"streams"},
        claims={"pnp.ns_streams"},
    ),
    Change(
        id="pr-fees-2026", source="ircc-fees-json", old=fees("$1,525"), new=fees("$1,590"), facts={"pr_economic"}, claims=set()
    ),
    Change(
        id="low-wage-ads",
        source="esdc-low-wage",
        old=paragraphs("The notice runs for at least four consecutive weeks."),
        new=paragraphs("The notice runs for at least eight consecutive weeks."),
        facts={"ad_min"},
        claims={"lmia.ad_min"},
    ),
    Change(
        id="aaip-eoi-fee",
        source="ab-updates",
        old=alberta(),
        new=alberta("April 7, 2026: Telling of an interest costs $135 from now on"),
        facts={"entries"},
        claims=set(),
    ),
    Change(
        id="bc-2026",
        source="bc-pnp-news",
        old=listed("Nothing new"),
        new=listed("Three things come first now. The final draw for technology occupations occurred on December 3, 2024", "Nothing new"),
        facts={"tech_draw_status"},
        claims={"bc.overhaul_2026", "bc.tech_draws_ended", "bc.priorities", "bc.high_impact_any_sector"},
    ),
    Change(
        id="ee-reform-consult",
        source="ircc-ee-consultation-2026",
        old="<h2>Proposed</h2><p>Nothing yet.</p>",
        new="<h2>Proposed</h2><p>One class in place of three, and points for some offers.</p>",
        facts={"proposal_text"},
        claims={"ee.underlying_programs", "crs.job_offer_points"},
    ),
    Change(
        id="nb-2026",
        source="nb-notices",
        old=listed("Offices are closed on Monday"),
        new=listed("From today the stream takes health, education and construction only", "Offices are closed on Monday"),
        facts={"restrictions"},
        claims={"pnp.nb_streams"},
    ),
    Change(
        id="bc-guide-0528",
        source="bc-pnp-documents",
        old=listed("The guide. Last updated: April 23, 2026"),
        new=listed("The guide. Last updated: May 28, 2026"),
        facts={"skilled_guide_date"},
        claims={"bc.tech_folded_in"},
    ),
    Change(
        id="ab-tech-draw",
        source="ab-processing",
        old=alberta_draws(),
        new=alberta_draws(("May 29, 2026", "Alberta Express Entry Stream - Accelerated Tech Pathway", "55", "200")),
        facts={"last_tech_draw"},
        claims={"ab.draws_from_pool"},
    ),
    Change(
        id="oreg-421",
        source="on-oreg-421-17",
        old=paragraphs("The classes are these: Human capital priorities class; trades class."),
        new=paragraphs("The classes are these: workforce priority class."),
        facts={"categories"},
        claims={"on.hcp_tech_draws"},
    ),
    Change(
        id="lmia-times-may",
        source="esdc-lmia-times",
        old=times("8", "59", "57", "110"),
        new=times("10", "64", "61", "114"),
        facts={"gts", "high_wage", "low_wage", "permanent_residence"},
        claims={"lmia.regular_time", "lmia.gts_time"},
    ),
    Change(
        id="wp-times-june",
        source="ircc-ptimes-noncountry",
        old=json.dumps({"default-update": {"lastupdated": "June 3, 2026"}, "work_extension": {"work_extension": "212 days"}}),
        new=json.dumps({"default-update": {"lastupdated": "June 10, 2026"}, "work_extension": {"work_extension": "186 days"}}),
        facts={"work_permit_in_canada"},
        claims={"wp.time_range"},
    ),
    Change(
        id="oinp-close",
        source="on-updates-2026",
        old=paragraphs("Ontario has 14,119 nominations for the year."),
        new=paragraphs("As of June 26, 2026, eight streams are closed.", "Ontario has 14,119 nominations for the year."),
        facts={"stream_closures"},
        claims={"on.oinp_invites_ee", "on.hcp_tech_draws", "on.no_job_offer", "on.check_noi"},
    ),
    Change(
        id="wage-2026",
        source="esdc-wage-threshold",
        old=thresholds("$36.00", "$36.60"),
        new=thresholds("$36.92", "$38.40"),
        facts={"thresholds"},
        claims={"lmia.prevailing_wage"},
    ),
    Change(
        id="oinp-reopen",
        source="on-owp",
        old=paragraphs("You need a job offer. The door will open later."),
        new=paragraphs("You need a job offer. The register is open."),
        facts={"status"},
        claims={"on.oinp_invites_ee"},
    ),
    Change(
        id="lmia-times-july",
        source="esdc-lmia-times",
        old=times("10", "64", "61", "114"),
        new=times("10", "88", "73", "86"),
        facts={"high_wage", "low_wage", "permanent_residence"},
        claims={"lmia.regular_time"},
    ),
    Change(
        id="crs-2026-11",
        source="ircc-mi-ee-current",
        old="<h2>Comprehensive Ranking System</h2><p>Wages count for nothing.</p>",
        new="<h2>Comprehensive Ranking System</h2><p>A wage of twice the median counts, with an offer.</p>",
        facts={"crs_factors_hash"},
        claims={"crs.job_offer_points", "faq.offer_main_value"},
    ),
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.id)
def test_a_change_of_policy_is_told_once_to_the_claims_that_need_another_reading(change: Change) -> None:
    source = sources()[change.source]
    old = made(change.source, change.old, NOW - timedelta(days=1))

    new = made(change.source, change.new)
    found, flags = replayed(source, old, new)

    assert found.quality.outcome.value == "good", found.quality
    told = [flag.fact.partition("#")[2] if flag.fact else "prose" for flag in flags]
    assert sorted(told) == sorted(change.facts | ({"prose"} if change.prose else set()))
    assert change.claims <= {claim for flag in flags for claim in flag.claims}
    read = {fact.key: fact for fact in found.facts}
    for flag in flags:
        assert flag.before != flag.after or flag.quote_before != flag.quote_after
        if flag.fact is None:
            continue
        assert flag.after == read[flag.fact].value
        assert flag.after is None or read[flag.fact].locator
        assert stands_in(flag.quote_after, new.body), flag.quote_after
        assert flag.before is None or stands_in(flag.quote_before, old.body), flag.quote_before


# -- rounds ------------------------------------------------------------------

CYCLE = ("Provincial Nominee Program", "Canadian Experience Class", "French language proficiency (Version 1)")


def feed(end: date, *rounds: tuple[str, str, str, str]) -> Snapshot:
    """A feed with a round each week up to a day, and the given (day, name, size, score) after them, newest first."""
    older = [
        ((end - timedelta(days=7 * at + 7)).isoformat(), CYCLE[at % 3], "1,000", "400" if at % 3 == 2 else "740")
        for at in range(120)
    ]
    entries = [*rounds, *older]
    named = [
        {"drawNumber": str(len(entries) - at), "drawDate": day, "drawName": name, "drawSize": size, "drawCRS": score}
        for at, (day, name, size, score) in enumerate(entries)
    ]
    at = datetime.combine(end, datetime.min.time(), UTC) + timedelta(days=1)
    return snapshot(
        sources()["ircc-ee-rounds-json"], json.dumps({"rounds": named}).encode(), content_type="application/json", at=at
    )


STEM_ONE = ("2023-07-05", "STEM occupations (Version 1)", "500", "486")
STEM_TWO = ("2023-12-08", "STEM occupations (Version 1)", "5,900", "481")
STEM_THREE = ("2024-04-11", "STEM occupations (Version 1)", "4,500", "491")
STEM_CLAIMS = {"ee.stem_separate_round", "ee.stem_category_exists"}

ROUNDS = (
    ("stem-first-round", (STEM_ONE,), {"last_stem_round", "round_types_12m"}, {"ee.stem_separate_round"}),
    ("stem-second-round", (STEM_TWO, STEM_ONE), {"last_stem_round"}, {"ee.stem_separate_round"}),
    ("stem-last-round", (STEM_THREE, STEM_TWO, STEM_ONE), {"last_stem_round"}, STEM_CLAIMS),
    ("ee-senior-managers", (("2026-03-05", "Senior managers with Canadian Work Experience, 2026-Version 1", "250", "429"),), {"round_types_12m"}, {"ee.categories_new"}),
    ("ee-military", (("2026-07-23", "Skilled Military Recruits, 2026-Version 1", "4", "368"),), {"round_types_12m"}, {"ee.categories_new"}),
    ("ee-french-391", (("2026-08-06", "French-Language proficiency 2026-Version 2", "5,000", "391"),), {"last_french_cutoff"}, {"ee.french_lower"}),
    ("ee-transport", (("2026-08-07", "Transport Occupations, 2026-Version 2", "300", "470"),), {"round_types_12m"}, {"ee.categories_new"}),
)  # fmt: skip


@pytest.mark.parametrize(("name", "rounds", "facts", "claims"), ROUNDS, ids=[item[0] for item in ROUNDS])
def test_a_round_is_one_case_for_the_claims_on_rounds(
    name: str, rounds: tuple[tuple[str, str, str, str], ...], facts: set[str], claims: set[str]
) -> None:
    day = date.fromisoformat(rounds[0][0])

    _, flags = replayed(sources()["ircc-ee-rounds-json"], feed(day, *rounds[1:]), feed(day, *rounds))

    assert {flag.fact.partition("#")[2] for flag in flags if flag.fact} == facts, name
    assert len({flag.group for flag in flags}) == 1
    assert claims <= {claim for flag in flags for claim in flag.claims}
    assert rounds[0][3] in flags[0].quote_after


def test_a_section_of_the_regulations_that_is_renamed_names_the_claims_that_cite_it() -> None:
    def law(heading: str, last: str) -> str:
        section = "<Section><MarginalNote>{}</MarginalNote><Label>204</Label><Text>{}</Text></Section>"
        return (
            '<?xml version="1.0" encoding="UTF-8"?><Regulation><Identification><InstrumentNumber>SOR/2002-227'
            "</InstrumentNumber><LongTitle>Immigration and Refugee Protection Regulations</LongTitle></Identification>"
            f"<Body>{section.format(heading, last)}</Body></Regulation>"
        )

    source = sources()["laws-irpr-xml"]
    old, new = (
        snapshot(source, law(*words).encode(), content_type="text/xml", at=NOW)
        for words in (
            ("International agreements", "A permit may follow from an agreement."),
            ("Agreements or arrangements", "A permit may follow from an agreement or a youth scheme."),
        )
    )

    _, flags = replayed(source, old, new)

    assert {flag.fact for flag in flags} == {"laws-irpr-xml#s204", "laws-irpr-xml#s204_heading"}
    assert {"legal.exempt_irpr_204_205", "cusma.legal_basis"} <= {claim for flag in flags for claim in flag.claims}


def test_all_changes_of_the_three_years_are_replayed() -> None:
    named = {change.id for change in CHANGES} | {item[0] for item in ROUNDS} | {"irpr-204d"}

    assert len(named) == len(CHANGES) + len(ROUNDS) + 1 == 53


def test_what_is_only_proposed_is_of_low_harm_and_what_is_read_in_official_words_is_not() -> None:
    def severity(name: str) -> str:
        change = next(item for item in CHANGES if item.id == name)
        _, (flag,) = replayed(
            sources()[change.source], made(change.source, change.old), made(change.source, change.new)
        )
        return flag.severity.value

    assert severity("ee-reform-consult") == "low"
    assert severity("crs-2026-11") == "medium"
    assert severity("oinp-close") == "critical"
