"""The ledger, one claim and the guide over HTTP, on the demo's home and on the real guide."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from claimwatch.commands.ledger import judge
from claimwatch.home import Home
from claimwatch.settings import Settings
from domain.checks import Outcome
from domain.claims import Standing
from domain.flags import FlagState, ReviewVerdict
from domain.people import Role
from review.endpoints.claims import MOST_FLAGS
from storage.flags import decide_flag, list_flags, open_flag
from tests.review.office import Office, opened
from tests.storage.builders import NOW, flag, good, other, record

ROOT = Path(__file__).parents[2]


def words(html: str) -> str:
    """What a page says, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", html.replace("&#39;", "'")).split())


def rows(answer: httpx.Response) -> list[str]:
    """The ids of the claims listed, in order."""
    assert answer.status_code == 200
    return re.findall(r'<th scope="row"><a href="/claims/([^"?]+)', answer.text)


def standings(office: Office) -> dict[str, Standing]:
    """How the command line says that every claim stands, at the desk's hour."""
    settings = Settings(_env_file=None, home=str(office.home))  # type: ignore[call-arg]
    return {item.claim: item.standing for item in judge(Home(settings, now=office.clock))}


def test_the_ledger_says_what_the_command_line_says(office: Office) -> None:
    page = office.client().get("/claims")
    expected = standings(office)
    assert sorted(rows(page)) == sorted(expected)
    for standing in Standing:
        listed = rows(office.client().get("/claims", standing=standing.value))
        assert sorted(listed) == sorted(name for name, found in expected.items() if found is standing)
        number = len(listed)
        assert f"{number} {standing.value.replace('_', ' ')}" in words(page.text)


def test_what_can_do_most_harm_stands_first(office: Office) -> None:
    expected = standings(office)
    risks = {name: claim.risk.value for name, claim in office.desk.claims.items()}
    first = rows(office.client().get("/claims"))[0]
    assert (expected[first], risks[first]) == (Standing.CONTRADICTED, "critical")


def test_the_bar_has_its_numbers_in_words(office: Office) -> None:
    page = office.client().get("/claims").text
    label = re.search(r'role="img"[^>]*aria-label="([^"]+)"', page)
    assert label is not None
    counted = re.findall(r"(\d+) ", label[1])
    assert sum(map(int, counted)) == len(office.desk.claims)


def test_filters_and_search_narrow_the_list(office: Office) -> None:
    client = office.client()
    assert rows(client.get("/claims", q="NETWORK technicïan")) == ["talent.network_wage"]
    assert {office.desk.claims[name].section for name in rows(client.get("/claims", section="pool"))} == {"pool"}
    assert {office.desk.claims[name].risk.value for name in rows(client.get("/claims", risk="low"))} <= {"low"}
    assert "talent.fee" in rows(client.get("/claims", source="talent-stream"))
    unsafe = {Standing.CONTRADICTED, Standing.SUSPECT, Standing.CANNOT_TELL, Standing.STALE}
    expected = {name for name, found in standings(office).items() if found in unsafe}
    assert set(rows(client.get("/claims", standing="unsafe"))) == expected
    assert "No claim is like that." in client.get("/claims", q="nothing of the kind").text


def test_as_of_a_day_before_all_visits_nothing_was_checked(office: Office) -> None:
    client = office.client()
    text = words(client.get("/claims", as_of="2020-01-01").text)
    assert "0 verified" in text
    assert "0 contradicted" in text
    assert client.get("/claims", as_of="soon").status_code == 400
    assert client.get("/claims", as_of="0001-01-01").status_code in (200, 400)
    assert client.get("/claims/talent.fee", as_of="2020-01-01").status_code == 200


def test_a_claim_shows_each_expectation_with_the_words_of_the_capture(office: Office) -> None:
    expected = standings(office)
    name = next(name for name, found in expected.items() if found is Standing.CONTRADICTED)
    page = office.client().get(f"/claims/{name}")
    assert page.status_code == 200
    digest = re.search(r'href="(/captures/[0-9a-f]{64})"', page.text)
    assert digest is not None
    assert office.client().get(digest[1]).status_code == 200
    quote = re.search(r'<blockquote class="captured">(.*?)</blockquote>', page.text, re.DOTALL)
    assert quote is not None
    assert "contradicted" in words(page.text)
    assert office.client().get("/claims/no.such").status_code == 404


def test_flags_on_a_claim_stand_on_its_page_open_and_decided(office: Office) -> None:
    with office.store.reading() as connection:
        flag = next(item for item in list_flags(connection, state=FlagState.OPEN) if item.flag.claims)
    name = flag.flag.claims[0]
    assert f'href="/flags/{flag.id}"' in office.client().get(f"/claims/{name}").text
    with office.store.writing() as connection:
        decide_flag(
            connection, flag.id, verdict=ReviewVerdict.GUIDE_WRONG, note="to be said", by="ana", at=office.clock()
        )
    text = words(office.client().get(f"/claims/{name}").text)
    assert "guide wrong, ana" in text
    assert "to be said" in text


def test_a_claim_of_many_flags_shows_all_of_them_page_by_page(office: Office) -> None:
    kept = good("another page", [], at=office.clock(), source="talent-stream")
    check = record(office.store, kept).id
    with office.store.writing() as connection:
        made = {
            open_flag(connection, flag(f"many {at}", fact=None, claims=("talent.fee",)), check_id=check, at=NOW)
            for at in range(MOST_FLAGS + 10)
        }
    client, where, shown = office.client(), "/claims/talent.fee", []
    for _ in range(4):
        answer = client.get(where)
        shown += [int(number) for number in re.findall(r'<th scope="row"><a href="/flags/(\d+)', answer.text)]
        following = re.search(r'rel="next"[^>]* href="([^"#]+)', answer.text)
        if following is None:
            break
        where = following[1].replace("&amp;", "&")
    assert where != "/claims/talent.fee"
    assert made <= set(shown)
    assert len(shown) == len(set(shown))
    assert client.get("/claims/talent.fee", after="nonsense").status_code == 200


def test_a_newer_check_is_seen_by_the_next_page(office: Office) -> None:
    """The desk keeps what it read; it must not show it after the store knows more."""
    client = office.client()
    name = next(name for name, found in standings(office).items() if found is Standing.VERIFIED)
    key = office.desk.claims[name].expectations[0].fact
    assert "verified" in words(client.get(f"/claims/{name}").text)
    source = key.partition("#")[0]
    office.clock.on(hours=1)
    record(office.store, other(Outcome.SUSPECT, at=office.clock(), source=source, reason="a page of something else"))
    assert "a page of something else" in client.get(f"/claims/{name}").text
    office.clock.on(hours=1)
    record(office.store, good("other words", [], at=office.clock(), source=source))
    assert standings(office)[name] is Standing.CANNOT_TELL
    assert name in rows(client.get("/claims", standing="cannot_tell"))


def test_words_of_a_capture_are_text(office: Office) -> None:
    name, claim = next((name, claim) for name, claim in office.desk.claims.items() if claim.expectations)
    hurting = replace(claim, text="<script>ran()</script> & more", note="<b>bold</b>")
    office.desk.claims[name] = hurting  # type: ignore[index]
    for path in ("/claims", f"/claims/{name}", "/guide"):
        page = office.client().get(path).text
        assert "<script>ran" not in page
        assert "<b>bold" not in page


def test_the_guide_marks_every_claim_and_leads_to_it(office: Office) -> None:
    page = office.client().get("/guide")
    assert page.status_code == 200
    expected = standings(office)
    for name, found in expected.items():
        assert f'href="/claims/{name}"' in page.text, name
        anchor = office.desk.claims[name].anchor.casefold()
        if anchor and anchor in office.desk.guide().casefold():
            assert re.search(rf'<a class="said said-{found.value}[^"]*" href="/claims/{re.escape(name)}"', page.text), (
                name
            )
    text = words(page.text)
    assert "contradicted" in text
    for line in re.findall(r"^[A-Z][^#\n]*\.$", office.desk.guide(), re.MULTILINE):
        assert words(line.replace("`", ""))[:20] in text


def test_the_guide_shows_only_what_is_asked_for(office: Office) -> None:
    client = office.client()
    article = re.compile(r'<article class="guide.*?</article>', re.DOTALL)
    every = article.search(client.get("/guide").text)
    unsafe = article.search(client.get("/guide", show="unsafe").text)
    assert every is not None
    assert unsafe is not None
    assert "said-verified" in every[0]
    assert "said-verified" not in unsafe[0]
    assert "said-contradicted" in unsafe[0]
    assert "said-contradicted" not in (article.search(client.get("/guide", show="verified").text) or [""])[0]


def test_statements_that_no_claim_covers_are_marked(office: Office) -> None:
    guide = office.home / "guide.md"
    guide.write_text(guide.read_text() + "\n## More\n\nA copy of the permit costs $35.\n")
    page = words(office.client().get("/guide").text)
    assert "$35 no claim" in page
    assert "1 without a claim" in page


def test_claims_whose_words_are_gone_are_listed(office: Office) -> None:
    (office.home / "guide.md").write_text("# Another text\n\nIt says nothing of all that.\n")
    page = words(office.client().get("/guide").text)
    assert "Claims whose words are not in the guide" in page
    assert all(claim.text in page for claim in office.desk.claims.values())
    assert "Its words are not in the guide" in words(office.client().get("/claims/talent.fee").text)


def test_without_a_guide_the_page_says_how_to_name_it(office: Office) -> None:
    (office.home / "guide.md").unlink()
    assert "CLAIMWATCH_GUIDE" in office.client().get("/guide").text
    assert office.client().get("/claims/talent.fee").status_code == 200


@pytest.mark.parametrize("path", ["/claims", "/claims/talent.fee", "/guide", "/guide?show=unsafe"])
def test_each_page_speaks_french(office: Office, path: str) -> None:
    page = office.client(name="ana", **{"accept-language": "fr"}).get(path)
    assert page.status_code == 200
    assert '<html lang="fr"' in page.text
    assert "contredit" in page.text


@pytest.fixture(scope="module")
def real_guide() -> Path:
    """The guide itself, which lies outside the repository."""
    path = Path(os.environ.get("CLAIMWATCH_GUIDE") or ROOT.parent / "shared" / "guide" / "guide.txt")
    if not path.is_file():
        pytest.skip(f"no guide at {path}: set CLAIMWATCH_GUIDE to its file")
    return path


def test_every_claim_stands_in_the_real_guide(real_guide: Path, tmp_path: Path) -> None:
    for name in ("sources.yaml", "claims.yaml"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copy(real_guide, tmp_path / "guide.md")
    with opened(tmp_path) as office:
        page = office.client(role=Role.VIEWER).get("/guide")
        assert page.status_code == 200
        assert "Claims whose words are not in the guide" not in page.text
        assert "0 without a claim" in words(page.text)
        for name in office.desk.claims:
            assert f'href="/claims/{name}"' in page.text, name
        assert page.text.count("<table>") == 1
        assert len(rows(office.client().get("/claims"))) == 50
        assert rows(office.client().get("/claims", **{"from": "50"})) != rows(office.client().get("/claims"))


def test_every_place_shows_the_same_numbers(office: Office) -> None:
    """The command, the ledger, the first page, the status page, the API and the export count alike."""
    environment = {**os.environ, "CLAIMWATCH_HOME": str(office.home)}
    outputs = [
        subprocess.run(
            [sys.executable, "-P", "-m", "claimwatch", *command],
            env=environment,
            cwd=office.home,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        ).stdout
        for command in (["claims", "--json"], ["export", "json"], ["claims"])
    ]
    told = json.loads(outputs[0])["coverage"]
    assert told["claims"] == len(office.desk.claims) == sum(told[standing.value] for standing in Standing)
    assert json.loads(outputs[1])["coverage"] == told
    assert (
        f"{told['claims']} claims: {told['watched']} watched, {told['machine_checked']} checked by machine"
        in " ".join(outputs[2].split())
    )
    api = office.api()
    assert api.get("/claims").json()["coverage"] == told
    assert api.get("/export").json()["coverage"] == told
    for path in ("/", "/claims", "/status"):
        page = office.client().get(path).text
        label = re.search(r'role="img"[^>]*aria-label="Coverage: ([^"]+)"', page)
        assert label is not None, path
        shown = {name.replace(" ", "_"): int(number) for number, name in re.findall(r"(\d+) ([a-z ]+)", label[1])}
        assert shown == {standing.value: told[standing.value] for standing in Standing}, path
        if path != "/":
            figures = (
                f"{told['claims']} claims · {told['watched']} watched · {told['machine_checked']} checked by machine"
            )
            assert figures in words(page)
