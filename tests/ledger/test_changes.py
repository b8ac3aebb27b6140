"""Changes of policy replayed as versions of a page, and the noise that has to stay quiet.

Each change is told once, of the right fact, to the claims that rest on it. Pages of our own making wherever one is
needed before and after; real versions where the collection has both.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from domain.checks import Examination, Outcome
from domain.facts import FactState
from domain.flags import Flag
from domain.snapshots import Snapshot
from domain.sources import Source
from domain.values import value_words
from monitor.assess import Seen, change_flags
from monitor.examine import Baseline, examine
from monitor.standings import official_day
from tests.ledger.captures import ledger, newest, own_page, real_captures, snapshot, sources

NOW = datetime(2026, 6, 28, 12, tzinfo=UTC)


def replayed(source: Source, old: Snapshot, new: Snapshot) -> tuple[Examination, tuple[Flag, ...]]:
    """What a visit makes of the new version, with the old one as the last good check."""
    found = examine(source, new, baseline=Baseline(snapshot=old))
    seen = Seen(
        source=source,
        first=False,
        changes=found.changes,
        blocks=found.blocks,
        confirmed=True,
        snapshot_before=old.digest,
        snapshot_after=new.digest,
        earlier=found.baseline_facts,
        lost=found.lost,
        today=official_day(new.fetched_at),
    )
    return found, change_flags(seen, ledger().claims)


def edited(old: Snapshot, *edits: tuple[bytes, bytes]) -> Snapshot:
    body = old.body
    for before, after in edits:
        assert before in body, before
        body = body.replace(before, after)
    return snapshot(sources()[old.source], body, content_type=old.header("content-type") or "", at=NOW)


def row(code: str) -> bytes:
    return f"<td><p>{code}</p></td>".encode()


@pytest.mark.parametrize(
    ("name", "source_id", "edits", "fact", "claim"),
    [
        ("low-wage-ads", "esdc-low-wage", [(b"at least 8 consecutive", b"at least 4 consecutive")], "ad_min", "lmia.ad_min"),
        ("lmia-times-july", "esdc-lmia-times", [(b"64 business", b"88 business")], "high_wage", "lmia.regular_time"),
        ("levels-2026", "ircc-levels-2026", [(b"91,500", b"55,000")], "pnp_target", "pnp.allocations_reduced"),
        ("on-alloc-2026", "on-updates-2026", [(b"14,119", b"10,750")], "allocation", "pnp.allocations_reduced"),
        ("cbs-physicians", "ircc-ee-cbs", [(b"<li>Physicians with Canadian work experience</li>\n", b"")], "categories", "ee.category_physicians"),
        ("cbs-2026 experience", "ircc-ee-cbs", [(b"12 months, in the last 3 years and not", b"6 months, in the last 3 years and not")], "experience_months", "ee.experience_months"),
        ("cbs-2025", "ircc-ee-cbs", [(row("22300"), row("21231")), (row("22301"), row("21232"))], "stem_occupations", "noc.table_called_eligible"),
        ("cusma list", "ircc-cusma-professionals", [(b"<td>Graphic Designer</td>", b"<td>Game Designer</td>")], "professions", "cusma.prof.graphic_designer"),
    ],
)  # fmt: skip
def test_a_change_of_policy_is_flagged_once_to_the_right_claims(
    name: str, source_id: str, edits: list[tuple[bytes, bytes]], fact: str, claim: str
) -> None:
    source, old = sources()[source_id], own_page(source_id, NOW)

    _, flags = replayed(source, old, edited(old, *edits))

    assert [flag.fact for flag in flags] == [f"{source_id}#{fact}"], name
    assert claim in flags[0].claims
    assert flags[0].before != flags[0].after


def test_a_fee_that_backs_no_claim_is_still_flagged() -> None:
    source, old = sources()["ircc-fees-json"], own_page("ircc-fees-json", NOW)

    _, flags = replayed(
        source,
        old,
        edited(old, (b'"$1,525"', b'"$1,590"')) if b"1,525" in old.body else edited(old, (b'"$1,590"', b'"$1,640"')),
    )

    assert "ircc-fees-json#pr_economic" in [flag.fact for flag in flags]


def test_streams_that_close_are_flagged_to_the_claims_that_send_readers_there() -> None:
    source, new = sources()["on-updates-2026"], own_page("on-updates-2026", NOW)
    start, end = new.body.index(b"<h2>June</h2>"), new.body.index(b"<h2>February</h2>")
    old = snapshot(source, new.body[:start] + new.body[end:], content_type="text/html", at=NOW)

    _, flags = replayed(source, old, new)

    closing = [flag for flag in flags if flag.fact == "on-updates-2026#stream_closures"]
    assert len(closing) == 1
    assert "on.oinp_invites_ee" in closing[0].claims
    assert closing[0].severity == "critical"


# -- noise -------------------------------------------------------------------


@pytest.mark.parametrize("source_id", ["ircc-ee-cbs", "esdc-lmia-times", "esdc-high-wage"])
def test_a_moved_date_of_the_page_is_quiet(source_id: str) -> None:
    source, old = sources()[source_id], own_page(source_id, NOW)

    found, flags = replayed(source, old, own_page(source_id, datetime(2026, 7, 9, tzinfo=UTC)))

    assert found.verdict in ("same", "noise")
    assert flags == ()


def test_a_captcha_with_status_200_is_no_page() -> None:
    source, old = sources()["on-updates-2026"], own_page("on-updates-2026", NOW)
    wall = b"<html><head><title>Radware Captcha</title></head><body><h1>Are you human?</h1><p>Type the letters.</p></body></html>"

    found, flags = replayed(source, old, snapshot(source, wall, content_type="text/html", at=NOW))

    assert found.quality.outcome is not Outcome.GOOD
    assert found.changes == ()
    assert flags == ()


def test_a_redirect_to_the_hub_above_is_lost_content_and_no_contradiction() -> None:
    source = sources()["ircc-gss"]
    hub = snapshot(
        source,
        b"<html><body><main><h1>Work here</h1><p>Global Skills Strategy and more.</p></main></body></html>",
        content_type="text/html",
        at=NOW,
    )
    led = replace(hub, final_url=source.url.rsplit("/", 2)[0] + ".html")

    found = examine(source, led)

    assert found.quality.outcome is not Outcome.GOOD
    assert all(fact.state is FactState.CANNOT_TELL for fact in found.facts)


def test_a_french_feed_in_english_cannot_be_told() -> None:
    source = sources()["ircc-ee-rounds-json-fr"]
    body = {
        "rounds": [
            {"drawNumber": "1", "drawDate": "2026-06-01", "drawName": "Provincial Nominee Program", "drawCRS": "700"}
        ]
    }

    found = examine(source, snapshot(source, json.dumps(body).encode(), content_type="application/json", at=NOW))

    assert [fact.state for fact in found.facts] == [FactState.CANNOT_TELL] * len(source.rules)


# -- real versions -----------------------------------------------------------


def versions(root: Path, source_id: str) -> list[Snapshot]:
    found = [capture for source, capture in real_captures(root) if source.id == source_id]
    return sorted(found, key=lambda capture: capture.fetched_at)


def between(root: Path, source_id: str, first: str, second: str) -> tuple[Snapshot, Snapshot]:
    """The versions captured on two days."""
    by_day = {capture.fetched_at.date().isoformat(): capture for capture in versions(root, source_id)}
    return by_day[first], by_day[second]


@pytest.mark.real_pages
def test_a_renamed_section_of_the_regulations_is_flagged_to_the_claims_that_cite_it(real_pages: Path) -> None:
    old, new = between(real_pages, "laws-irpr-xml", "2024-11-25", "2025-01-14")

    found, flags = replayed(sources()["laws-irpr-xml"], old, new)

    changed = {change.key.partition("#")[2] for change in found.changes}
    assert changed == {"s204", "s204_heading"}
    touched = {claim for flag in flags for claim in flag.claims}
    assert {"legal.exempt_irpr_204_205", "cusma.legal_basis"} <= touched
    assert [flag.claims for flag in flags if flag.fact is None] == [()], "the rest of the law touches nobody"


@pytest.mark.real_pages
def test_a_new_consolidation_without_new_words_in_our_sections_changes_no_fact(real_pages: Path) -> None:
    all_versions = versions(real_pages, "laws-irpr-xml")[1:]

    for old, new in zip(all_versions[::4], all_versions[1::4], strict=False):
        found, _ = replayed(sources()["laws-irpr-xml"], old, new)
        assert found.changes == (), new.fetched_at


@pytest.mark.real_pages
def test_the_day_to_which_a_law_is_current_is_noise(real_pages: Path) -> None:
    source, old = newest(real_captures(real_pages))["laws-irpr"]
    day = next(match for match in re.finditer(rb"current to (\d{4}-\d\d-\d\d)", old.body))[1]

    found, flags = replayed(source, old, edited(old, (b"current to " + day, b"current to 2027-01-05")))

    assert found.verdict == "noise"
    assert flags == ()


@pytest.mark.real_pages
def test_the_weekly_times_of_june_are_flagged_with_both_values(real_pages: Path) -> None:
    old, new = between(real_pages, "ircc-ptimes-noncountry", "2026-06-04", "2026-06-11")

    found, flags = replayed(sources()["ircc-ptimes-noncountry"], old, new)

    (change,) = found.changes
    assert change.before is not None
    assert change.after is not None
    assert (value_words(change.before), value_words(change.after)) == ("195 days", "186 days")
    assert [flag.fact for flag in flags] == [change.key]
    assert "wp.time_range" in flags[0].claims


@pytest.mark.real_pages
def test_times_of_what_the_guide_does_not_speak_of_are_quiet(real_pages: Path) -> None:
    told: dict[str, set[str | None]] = {}
    for source_id in ("ircc-ptimes-country", "ircc-ptimes-noncountry"):
        all_versions = versions(real_pages, source_id)
        for old, new in pairwise(all_versions):
            found, flags = replayed(sources()[source_id], old, new)
            assert len(flags) == len(found.changes), new.fetched_at
            told.setdefault(source_id, set()).update(flag.fact for flag in flags)

    assert told == {
        "ircc-ptimes-country": {"ircc-ptimes-country#work_permit_us", "ircc-ptimes-country#work_permit_india"},
        "ircc-ptimes-noncountry": {"ircc-ptimes-noncountry#work_permit_in_canada"},
    }


@pytest.mark.real_pages
def test_another_section_of_a_law_touches_no_claim(real_pages: Path) -> None:
    old, new = between(real_pages, "laws-irpr-xml", "2025-03-07", "2025-03-28")

    _, flags = replayed(sources()["laws-irpr-xml"], old, new)

    assert [(flag.fact, flag.claims, flag.severity.value) for flag in flags] == [(None, (), "low")]


@pytest.mark.real_pages
def test_a_new_kind_of_round_is_flagged_to_the_claim_on_new_categories(real_pages: Path) -> None:
    old, new = between(real_pages, "ircc-ee-rounds-json", "2026-07-22", "2026-07-23")

    found, flags = replayed(sources()["ircc-ee-rounds-json"], old, new)

    kinds = next(change for change in found.changes if change.key.endswith("#round_types_12m"))
    assert kinds.added == (("Skilled military recruits",),)
    assert any("ee.categories_new" in flag.claims for flag in flags)


def rounds_without(old: Snapshot, *numbers: str) -> Snapshot:
    tree = json.loads(old.body)
    tree["rounds"] = [item for item in tree["rounds"] if item["drawNumber"] not in numbers]
    return snapshot(sources()[old.source], json.dumps(tree).encode(), content_type="application/json", at=NOW)


@pytest.mark.real_pages
def test_an_edge_that_serves_yesterdays_rounds_withdraws_none(real_pages: Path) -> None:
    source, now = newest(real_captures(real_pages))["ircc-ee-rounds-json"]
    newest_round = json.loads(now.body)["rounds"][0]["drawNumber"]

    found, flags = replayed(source, now, rounds_without(now, newest_round))

    assert (found.quality.outcome, found.quality.cause) == (Outcome.SUSPECT, "older-copy")
    assert flags == ()


@pytest.mark.real_pages
def test_a_round_posted_again_beside_the_next_is_one_new_round(real_pages: Path) -> None:
    source, now = newest(real_captures(real_pages))["ircc-ee-rounds-json"]
    last, before_it = (item["drawNumber"] for item in json.loads(now.body)["rounds"][:2])
    known = rounds_without(now, last)

    withdrawn, quiet = replayed(source, known, rounds_without(now, last, before_it))
    _, flags = replayed(source, known, now)

    assert withdrawn.quality.cause == "older-copy"
    assert quiet == ()
    (told,) = flags
    assert f"drawNumber: {last};" in told.quote_after
    assert before_it not in told.quote_after


@pytest.mark.real_pages
def test_the_corrected_tie_break_of_an_old_round_is_quiet(real_pages: Path) -> None:
    source, now = newest(real_captures(real_pages))["ircc-ee-rounds-json"]
    tree = json.loads(now.body)
    old_round = next(item for item in tree["rounds"] if item["drawNumber"] == "335")
    old_round["drawCutOff"] = old_round["drawCutOff"].replace("2024", "2025")
    corrected = snapshot(source, json.dumps(tree).encode(), content_type="application/json", at=NOW)

    found, flags = replayed(source, now, corrected)

    assert corrected.body != now.body
    assert found.quality.outcome is Outcome.GOOD
    assert flags == ()


def test_a_shell_that_could_not_load_its_data_is_quiet() -> None:
    source = sources()["ircc-ptimes-tool"]
    frame = (
        "<html><head><title>Check processing times</title></head><body><main><h1>Check processing times</h1>"
        "<p>How long an application takes, from the day we have it whole.</p>"
        "<noscript><p>The data could not be loaded without script.</p></noscript>"
        "<p>Choose what you applied for and where.</p>{}</main></body></html>"
    )
    was = snapshot(source, frame.format("").encode(), content_type="text/html", at=NOW)
    now = snapshot(
        source, frame.format("<noscript>Turn script on.</noscript>").encode(), content_type="text/html", at=NOW
    )

    found, flags = replayed(source, was, now)

    assert found.verdict in ("same", "noise")
    assert flags == ()


@pytest.mark.real_pages
def test_a_lower_score_for_french_is_flagged_to_the_claims_on_scores(real_pages: Path) -> None:
    old, new = between(real_pages, "ircc-ee-rounds-json", "2026-08-05", "2026-08-07")

    _, flags = replayed(sources()["ircc-ee-rounds-json"], old, new)

    score = next(flag for flag in flags if flag.fact == "ircc-ee-rounds-json#last_french_cutoff")
    assert score.after is not None
    assert value_words(score.after) == "391 points"
    assert "ee.french_lower" in score.claims


REAL_EDITS = [
    ("esdc-gts-requirements", b"You must pay $1,000", b"You must pay $1,150", "fee", "lmia.fee"),
    ("ircc-pnp", b"600 extra points", b"500 extra points", "extra_points", "crs.nomination_points"),
    (
        "ircc-cec",
        b"<strong>1 year of work</strong>",
        b"<strong>2 years of work</strong>",
        "min_experience",
        "cec.one_year",
    ),
    ("bc-pnp-about", b"care, build and innovate", b"care and build", "priorities", "bc.priorities"),
    ("laws-irpa", "Exclusion — Refugee Convention".encode(), b"Work permits", "s98_heading", "legal.exempt_irpa_98"),
]


@pytest.mark.real_pages
@pytest.mark.parametrize(("source_id", "before", "after", "fact", "claim"), REAL_EDITS)
def test_an_edit_of_a_real_page_is_flagged_once_to_the_right_claims(
    real_pages: Path, source_id: str, before: bytes, after: bytes, fact: str, claim: str
) -> None:
    source, old = newest(real_captures(real_pages))[source_id]

    found, flags = replayed(source, old, edited(old, (before, after)))

    assert [change.key for change in found.changes] == [f"{source_id}#{fact}"]
    assert [flag.fact for flag in flags] == [f"{source_id}#{fact}"]
    assert claim in flags[0].claims


@pytest.mark.real_pages
def test_illustrative_wages_move_without_a_change_of_the_list(real_pages: Path) -> None:
    source, old = newest(real_captures(real_pages))["esdc-gts-requirements"]

    found, flags = replayed(source, old, edited(old, (b"$86,000", b"$88,000")))

    assert found.changes == ()
    assert [(flag.severity.value, flag.claims) for flag in flags] == [("low", ())]
