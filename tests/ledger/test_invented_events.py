"""Ten invented changes of policy and ten redesigns, through the command, over the project's own two files.

Every host leads to a site on loopback, so that addresses, rules and claims are those of the ledger and the pages are of
our own prose. All pages are read before and after; each change is told once, to the right claims, as one case, and what
is no change of policy is told to nobody.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.ledger.captures import ROOT, own_page, sources
from tests.ledger.test_policy_changes import crs, listed, made, paragraphs, table
from tests.site import Answer, Site, site

NOW = datetime.now(UTC)


def own(source_id: str) -> str:
    return own_page(source_id, NOW).body.decode()


def laid_out(source_id: str, body: str) -> str:
    return made(source_id, body, NOW).body.decode()


def french(*lines: str) -> str:
    return "<html lang='fr'><body><main><h1>Ce que coûte une demande</h1>" + "".join(lines) + "</main></body></html>"


def fees_in_french(open_permit: str) -> str:
    head = ("Frais", "$CAN")
    return french(
        "<p>Droit de résidence permanente</p><h3>Immigration économique</h3>",
        table(head, ("Votre demande, les deux parts", "1 590,00")),
        "<h3>Travail</h3>",
        table(
            head,
            ("Permis de travail (y compris les prolongations)", "155,00"),
            ("Titulaire d’un permis de travail ouvert", open_permit),
            ("Conformité de l’employeur", "230,00"),
        ),
        "<h3>Empreintes</h3>",
        table(head, ("Empreintes, par personne", "85,00")),
    )


def nomination(points: str) -> str:
    provinces = listed("Alberta", "British Columbia", "Manitoba", "Ontario", "Saskatchewan", "Yukon")
    return (
        f"<h2>Apply through Express Entry</h2><p>With a nomination you get {points} extra points.</p>"
        f"<h2>Check if you qualify</h2>{provinces}"
    )


def experience(years: str, hours: str) -> str:
    return (
        f"<h2>Canadian skilled work experience</h2><p>It must be at least {years} of work, or {hours} hours total, in "
        "the 3 years before you apply.</p><h2>Language ability</h2><p>A test is asked for.</p>"
    )


def wages(first: int) -> str:
    rows = [(f"Territory {at}", f"${30 + at}.00") for at in range(12)]
    return table(("Province or territory", "Hourly wage"), *rows[first:], *rows[:first])


def pathways(*names: str) -> str:
    return "<h2>Stream selections</h2>" + paragraphs(*(f"People are chosen under the {name}." for name in names))


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What one or more pages say before and after. told: the facts that move; claims: who has to read again."""

    name: str
    pages: dict[str, tuple[str, str]]
    told: frozenset[str] = frozenset()
    claims: frozenset[str] = frozenset()


def change(name: str, told: set[str], claims: set[str], **pages: tuple[str, str]) -> Event:
    renamed = {page.replace("_", "-"): both for page, both in pages.items()}
    return Event(name=name, pages=renamed, told=frozenset(told), claims=frozenset(claims))


def edit(source_id: str, before: str, after: str) -> tuple[str, str]:
    old = own(source_id)
    assert before in old, (source_id, before)
    return old, old.replace(before, after)


TIMES = ("Global Talent Stream</td><td>10 business", "Global Talent Stream</td><td>14 business")

CHANGES = (
    change(
        "the fee of an open permit rises, on the page, in its translation and in the feed",
        {"ircc-fees-page#open_work_permit_holder", "ircc-fees-page-fr#open_work_permit_holder", "ircc-fees-json#open_work_permit_holder"},
        set(),
        ircc_fees_page=edit("ircc-fees-page", "100.00", "125.00"),
        ircc_fees_page_fr=(fees_in_french("100,00"), fees_in_french("125,00")),
        ircc_fees_json=edit("ircc-fees-json", '"$100","fr":"100', '"$125","fr":"125'),
    ),
    change("the Global Talent Stream slows down", {"esdc-lmia-times#gts"}, {"lmia.gts_time"}, esdc_lmia_times=edit("esdc-lmia-times", *TIMES)),
    change(
        "a nomination is worth less, on two pages of one ministry",
        {"ircc-pnp#extra_points", "ircc-crs-criteria#nomination_points"},
        {"crs.nomination_points"},
        ircc_pnp=(laid_out("ircc-pnp", nomination("600")), laid_out("ircc-pnp", nomination("450"))),
        ircc_crs_criteria=(laid_out("ircc-crs-criteria", crs()), laid_out("ircc-crs-criteria", crs().replace("600", "450"))),
    ),
    change(
        "more experience is asked for",
        {"ircc-cec#min_experience"},
        {"cec.one_year", "faq.cec_auto"},
        ircc_cec=(laid_out("ircc-cec", experience("1 year", "1,560")), laid_out("ircc-cec", experience("2 years", "1,560"))),
    ),
    change(
        "a profession leaves the treaty's list",
        {"ircc-cusma-professionals#professions"},
        {"cusma.prof.graphic_designer"},
        ircc_cusma_professionals=edit("ircc-cusma-professionals", "<tr><td>Graphic Designer</td><td>Baccalaureate; or diploma and three years</td></tr>\n", ""),
    ),
    change(
        "the category for science and technology ends",
        {"ircc-ee-cbs#categories"},
        {"ee.stem_category_exists"},
        ircc_ee_cbs=edit("ircc-ee-cbs", "<li>Science, Technology, Engineering and Math (STEM) occupations</li>\n", ""),
    ),
    change(
        "a pathway for technology workers ends",
        {"ab-ees#pathways"},
        {"ab.recruits_tech", "pnp.provinces_recruit_tech"},
        ab_ees=(laid_out("ab-ees", pathways("Accelerated Tech Pathway", "Law Enforcement Pathway")), laid_out("ab-ees", pathways("Law Enforcement Pathway"))),
    ),
    change(
        "a pathway for talents closes",
        {"sk-tech#status"},
        {"pnp.sk_streams"},
        sk_tech=(laid_out("sk-tech", "<p>The pathway is open.</p>"), laid_out("sk-tech", "<p>The pathway is on hold.</p>")),
    ),
    change(
        "the fast lane takes twice as long",
        {"ircc-gss#standard"},
        {"gss.standard"},
        ircc_gss=(laid_out("ircc-gss", "<p>An answer comes in 2 weeks.</p>"), laid_out("ircc-gss", "<p>An answer comes in 4 weeks.</p>")),
    ),
    change(
        "notices have to run for longer",
        {"esdc-high-wage#ad_min"},
        {"lmia.ad_min"},
        esdc_high_wage=edit("esdc-high-wage", "at least 4 consecutive", "at least 6 consecutive"),
    ),
)  # fmt: skip


def quiet(name: str, source_id: str, before: str, after: str) -> Event:
    return Event(name=name, pages={source_id: (before, after)})


def redesigned(text: str) -> str:
    """The same words in another dress: other classes, wrappers, menus, scripts, and an aside with links."""
    menu = "<nav><ul><li><a href='/new'>Jobs</a></li><li><a href='/map'>Benefits</a></li></ul></nav>"
    return (
        text.replace("<main", '<div class="v5"><div class="shell"><main')
        .replace("</main>", "</main></div></div>")
        .replace('class="table"', 'class="tbl tbl--wide"')
        .replace("<body", "<body data-build='77'")
        .replace("</head>", "<style>.v5{color:navy}</style><script>window.build=77</script></head>")
        .replace("<div class=\"v5\">", f"{menu}<div class=\"v5\">")
    )  # fmt: skip


LEVELS = own("ircc-levels-2026")
LOW_WAGE, STREAMS, CUKTCA = own("esdc-low-wage"), own("on-streams"), own("ircc-cuktca")
UPDATES, NOTES = own("on-updates-2026"), own("on-noi")
OFFER = laid_out("ircc-owp", "<h2>Who can apply</h2><p>The spouse of a student, whose permit holds, may ask.</p>")
MOVED = (NOW + timedelta(days=9)).date().isoformat()
WAIT = {"default-update": {"lastupdated": "June 3, 2026"}, "work_extension": {"work_extension": "40 days"}}
LATER = {"work_extension": {"work_extension": "40 days"}, "default-update": {"lastupdated": "June 10, 2026"}}

NOISE = (
    quiet("the page is dated anew", "esdc-low-wage", LOW_WAGE, LOW_WAGE.replace(NOW.date().isoformat(), MOVED)),
    quiet("a redesign with every word as it was", "ircc-cuktca", CUKTCA, redesigned(CUKTCA)),
    quiet("a new menu and another footer", "on-streams", STREAMS, redesigned(STREAMS).replace("</body>", "<footer><p>Follow us</p></footer></body>")),
    quiet("a wall against robots, with status 200", "on-updates-2026", UPDATES, "<html><head><title>Captcha</title></head><body><h1>Are you human?</h1><p>Type the letters.</p></body></html>"),
    quiet("half a page", "on-noi", NOTES, NOTES[: len(NOTES) // 3]),
    quiet("a feed in another order, stamped anew", "ircc-ptimes-noncountry", json.dumps(WAIT), json.dumps(LATER, indent=2)),
    quiet("typographic marks, entities and spaces", "ircc-owp", OFFER, OFFER.replace("student, whose", "student,&nbsp;whose").replace("<p>The", "<p>\n   The")),
    quiet("columns in other markup", "ircc-levels-2026", LEVELS, LEVELS.replace("<td>", "<td class='num'><span>").replace("</td>", "</span></td>").replace("<br>", "<br/>")),
    quiet("the same rows in another order", "esdc-wage-threshold", laid_out("esdc-wage-threshold", wages(9)), laid_out("esdc-wage-threshold", wages(4))),
    quiet("the site's own page for what is not there, with status 200", "ircc-work-permit", laid_out("ircc-work-permit", "<h2>Canadian employers</h2><p>Most need a Labour Market Impact Assessment first.</p>"), "<html><head><title>Not found</title></head><body><main><h1>We couldn't find that page</h1><p>Error 404</p></main></body></html>"),
)  # fmt: skip


class Home:
    """A folder with the project's own two files, whose hosts all lead to a site on loopback."""

    def __init__(self, folder: Path, pages: Site, events: tuple[Event, ...]) -> None:
        self.pages, self.events = pages, events
        self.names = sorted({name for event in events for name in event.pages})
        self.folder = folder
        for name in ("sources.yaml", "claims.yaml"):
            text = (ROOT / name).read_text(encoding="utf-8")
            (folder / name).write_text(text.replace("defaults:\n", "defaults:\n  confirm_after: 0s\n", 1), "utf-8")
        hosts = {urlsplit(sources()[name].url).hostname for name in self.names}
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("CLAIMWATCH_")} | {
            "CLAIMWATCH_HOME": str(folder),
            "CLAIMWATCH_RESOLVE": ",".join(f"{host}=http://127.0.0.1:{pages.port}" for host in sorted(map(str, hosts))),
            "CLAIMWATCH_ALLOW_ADDRESSES": f"127.0.0.1:{pages.port}",
            "CLAIMWATCH_PER_HOST_SPACING": "0",
        }

    def run(self, *words: str, also: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "claimwatch", *words],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode in (0, also), done.stderr[-2000:]
        return done.stdout

    def ask(self, *words: str, also: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run(*words, "--json", also=also))
        return found

    def show(self, *, after: bool) -> None:
        """Put up every page as it is before or after."""
        for event in self.events:
            for name, both in event.pages.items():
                kind = "application/json" if sources()[name].media == "json" else "text/html; charset=utf-8"
                answer = Answer(both[after], headers={"Content-Type": kind})
                self.pages.pages[urlsplit(sources()[name].url).path] = answer

    def flags(self) -> list[dict[str, Any]]:
        listed_flags: list[dict[str, Any]] = self.ask("flags", "--state", "open")["flags"]
        return listed_flags


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """What the second visit to every page said, and the flags that it opened."""
    with site() as pages:
        home = Home(tmp_path_factory.mktemp("home"), pages, CHANGES + NOISE)
        home.show(after=False)
        first = home.ask("check", *home.names)
        assert {check["outcome"] for check in first["checks"]} == {"good"}, first
        known = {flag["id"] for flag in home.flags()}
        home.show(after=True)
        second = home.ask("check", *home.names, also=3)
        home.ask("check", *home.names, also=3)
        yield second, [flag for flag in home.flags() if flag["id"] not in known]


Seen = tuple[dict[str, Any], list[dict[str, Any]]]


@pytest.mark.parametrize("event", CHANGES, ids=[event.name for event in CHANGES])
def test_an_invented_change_is_told_once_to_the_right_claims_as_one_case(event: Event, seen: Seen) -> None:
    flags = [flag for flag in seen[1] if flag["source"] in event.pages]

    assert sorted(flag["fact"] or flag["detail"] for flag in flags) == sorted(event.told)
    assert event.claims <= {claim for flag in flags for claim in flag["claims"]}
    assert all(flag["confirmed"] for flag in flags)
    assert len({flag["group"] for flag in flags}) == 1
    assert all(flag["before"] != flag["after"] for flag in flags)


@pytest.mark.parametrize("event", NOISE, ids=[event.name for event in NOISE])
def test_what_changes_no_policy_is_told_to_nobody(event: Event, seen: Seen) -> None:
    checks, flags = seen
    (name,) = event.pages

    assert [flag["detail"] for flag in flags if flag["source"] == name] == []
    (check,) = [check for check in checks["checks"] if check["source"] == name]
    assert check["verdict"] in (None, "same", "noise", "editorial", "cannot_tell")


def test_nothing_else_is_told(seen: Seen) -> None:
    assert {flag["fact"] for flag in seen[1]} == set().union(*(event.told for event in CHANGES))
