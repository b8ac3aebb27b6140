"""The ledger against pages of our own making, in the structure of pages that no real capture was at hand for.

Their prose is invented; only structure, names, codes and figures are those of the real pages.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.checks import Outcome
from domain.claims import Judgement, Standing
from domain.facts import FactState, KnownFact
from domain.values import Members, Rows, value_words
from monitor.examine import Baseline, examine
from tests.ledger.captures import PAGES, examined, facts_of, judged, own_page, snapshot, sources, stands_in

NOW = datetime(2026, 6, 28, 12, tzinfo=UTC)
OWN = sorted(path.stem for path in PAGES.iterdir() if not path.stem.startswith("frame-"))


@pytest.fixture(scope="module")
def known() -> dict[str, KnownFact]:
    return facts_of(examined((sources()[name], own_page(name, NOW)) for name in OWN))


@pytest.fixture(scope="module")
def standing(known: dict[str, KnownFact]) -> dict[str, Judgement]:
    return judged(known, NOW)


def test_every_declared_fact_of_our_own_pages_is_located(known: dict[str, KnownFact]) -> None:
    missing = {key: item.fact.reason for key, item in known.items() if item.fact.state is not FactState.LOCATED}

    assert missing == {}


@pytest.mark.parametrize("name", OWN)
def test_every_quote_of_our_own_pages_stands_in_them(name: str) -> None:
    shot = own_page(name, NOW)

    for fact in examine(sources()[name], shot).facts:
        assert stands_in(fact.quote, shot.body), (fact.key, fact.quote)


def test_the_ten_categories_are_read_as_a_list(known: dict[str, KnownFact]) -> None:
    value = known["ircc-ee-cbs#categories"].fact.value

    assert isinstance(value, Members)
    assert len(value.items) == 10


def test_each_table_of_occupations_belongs_to_its_own_category(known: dict[str, KnownFact]) -> None:
    stem, care = (known[f"ircc-ee-cbs#{key}"].fact.value for key in ("stem_occupations", "healthcare_occupations"))

    assert isinstance(stem, Rows)
    assert isinstance(care, Rows)
    assert len(stem.rows) == 11
    assert not {row[1] for row in stem.rows} & {row[1] for row in care.rows}


def test_the_fee_page_and_the_fee_feed_tell_the_same(known: dict[str, KnownFact]) -> None:
    for page, feed in (
        ("pr_economic", "pr_economic"),
        ("work_permit", "work_permit"),
        ("open_work_permit_holder", "open_work_permit_holder"),
        ("biometrics", "biometrics"),
    ):
        left = known[f"ircc-fees-page#{page}"].fact.value
        right = known[f"ircc-fees-json#{feed}"].fact.value
        assert left is not None
        assert right is not None
        assert value_words(left).removesuffix(".00") == value_words(right)


@pytest.mark.parametrize(
    ("claim", "expected", "found"),
    [
        ("cusma.prof.database_administrator", Standing.CONTRADICTED, "not listed: Database Administrator"),
        ("fta.uk_name", Standing.CONTRADICTED, "not listed: Canada-UK Free Trade Agreement"),
        ("lmia.regular_time", Standing.CONTRADICTED, "64 business days"),
        ("pnp.allocations_reduced", Standing.CONTRADICTED, "91,500"),
        ("on.oinp_invites_ee", Standing.CONTRADICTED, "closed"),
        ("on.hcp_tech_draws", Standing.CONTRADICTED, "2024-09-19, 647 days ago"),
        ("on.check_noi", Standing.CONTRADICTED, "2024-09-19, 647 days ago"),
        ("on.no_job_offer", Standing.SUSPECT, "yes"),
        ("lmia.ad_min", Standing.SUSPECT, "8 weeks"),
    ],
)
def test_a_mistake_of_the_guide_comes_out(
    standing: dict[str, Judgement], claim: str, expected: Standing, found: str
) -> None:
    assert (standing[claim].standing, standing[claim].found) == (expected, found)


def test_ten_of_the_guides_thirteen_codes_are_not_on_the_stem_list(standing: dict[str, Judgement]) -> None:
    item = standing["noc.table_called_eligible"]

    assert item.standing is Standing.SUSPECT
    assert item.found.startswith("3 of 13 listed: 21220, 21300, 21310")


def test_eight_weeks_on_one_page_and_four_on_another_are_a_disagreement(standing: dict[str, Judgement]) -> None:
    assert standing["lmia.ad_min"].reason.startswith("sources disagree")


@pytest.mark.parametrize(
    "claim",
    [
        "ee.stem_renewed",
        "ee.categories_continuing",
        "ee.category_physicians",
        "ee.category_agri_absent",
        "ee.category_count",
        "ee.experience_months",
        "ee.experience_exceptions",
        "ee.category_keeps_crs",
        "ee.crs_ranks_in_round",
        "ee.french_category",
        "cusma.prof.computer_systems_analyst",
        "cusma.prof.graphic_designer",
        "cusma.prof.engineer",
        "cusma.credentials_required",
        "cusma.max_validity",
        "cusma.renewable",
        "lmia.ad_channels",
        "fta.uk_exempt",
    ],
)
def test_what_our_own_pages_support_is_verified(standing: dict[str, Judgement], claim: str) -> None:
    assert standing[claim].standing is Standing.VERIFIED, standing[claim].reason


def test_an_emptied_table_is_never_an_emptied_list() -> None:
    source = sources()["ircc-ee-cbs"]
    good = own_page("ircc-ee-cbs", NOW)
    start, end = b'<h3 id="stem">', b'<h3 id="physicians">'
    head, _, rest = good.body.partition(start)
    table, _, tail = rest.partition(end)
    rows = table[: table.index(b"<tbody>") + 7] + b"</tbody></table>"
    emptied = snapshot(source, head + start + rows + end + tail, content_type="text/html", at=NOW)

    found = {fact.key: fact for fact in examine(source, emptied).facts}

    assert found["ircc-ee-cbs#stem_occupations"].state is FactState.CANNOT_TELL


@pytest.mark.parametrize(
    ("source_id", "before", "after", "key"),
    [
        ("esdc-low-wage", b"at least 8 consecutive", b"at least 4 consecutive", "ad_min"),
        ("esdc-high-wage", b"$1,000", b"$1,150", "fee"),
        ("esdc-lmia-times", b"64 business days", b"88 business days", "high_wage"),
        ("ircc-fees-json", b"$1,590", b"$1,640", "pr_economic"),
        ("ircc-fees-page", b"1,590.00", b"1,640.00", "pr_economic"),
        ("ircc-levels-2026", b"91,500", b"55,000", "pnp_target"),
        ("ircc-ee-cbs", b"<li>Skilled military recruits</li>", b"", "categories"),
        ("ircc-ee-cbs", b"<td><p>21300</p></td>", b"<td><p>21311</p></td>", "stem_occupations"),
    ],
)
def test_one_change_is_told_once_and_of_the_right_fact(source_id: str, before: bytes, after: bytes, key: str) -> None:
    source, old = sources()[source_id], own_page(source_id, NOW)
    new = snapshot(source, old.body.replace(before, after), content_type=dict(old.headers)["content-type"], at=NOW)

    found = examine(source, new, baseline=Baseline(snapshot=old))

    assert found.quality.outcome is Outcome.GOOD
    assert [change.key for change in found.changes] == [f"{source_id}#{key}"]


def test_a_closing_notice_appears_where_none_was() -> None:
    source, new = sources()["on-updates-2026"], own_page("on-updates-2026", NOW)
    start = new.body.index(b"<h2>June</h2>")
    end = new.body.index(b"<h2>February</h2>")
    old = snapshot(source, new.body[:start] + new.body[end:], content_type="text/html", at=NOW)

    found = examine(source, new, baseline=Baseline(snapshot=old))

    assert [change.key for change in found.changes] == ["on-updates-2026#stream_closures"]


def test_the_classification_is_read_from_its_table() -> None:
    source = sources()["statcan-noc2021-csv"]
    rows = ["Level,Hierarchical structure,Code - NOC 2021 V1.0,Class title,Class definition"]
    rows += ["2,Major group,21,Professional occupations in natural and applied sciences,invented"]
    rows += [
        f"5,Unit group,{code},{title},invented"
        for code, title in (("21211", "Data scientists"), ("21233", "Web designers"))
    ]
    rows += [f"5,Unit group,{90000 + number},Invented occupation {number},invented" for number in range(600)]
    known = facts_of(examined([(source, snapshot(source, "\n".join(rows).encode(), content_type="text/csv", at=NOW))]))

    standing = judged(known, NOW)

    verified = ("noc.row.21211", "noc.row.21233", "noc.major_group_21_title")
    assert [standing[name].standing for name in verified] == [Standing.VERIFIED] * 3
    assert standing["noc.row.21231"].standing is Standing.CONTRADICTED
