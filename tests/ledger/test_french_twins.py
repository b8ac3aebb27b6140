"""French twins of official pages give the same values, and a figure that moved in one language waits for the other.

Pages of our own prose in the structure of the real ones; what a rule reads here is how such pages speak, not what they say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.checks import Outcome
from domain.facts import Fact, FactState
from domain.flags import FlagReason, FlagRecord, FlagState
from domain.sources import Source
from monitor.examine import examine
from monitor.quantities import same_value
from storage.flags import list_flags
from tests.ledger.captures import ledger, snapshot, sources
from tests.site import Answer, Site, Watch, site

NOW = datetime(2026, 6, 28, 12, tzinfo=UTC)

FILLER = {
    "en": "<h2>How it works</h2><p>Read all of it before you send anything, and keep a copy for yourself.</p>"
    "<ul><li>gather your papers</li><li>fill the form in</li><li>wait for the answer of the office</li></ul>",
    "fr": "<h2>La marche à suivre</h2><p>Lisez tout avant d’envoyer quoi que ce soit, et gardez une copie.</p>"
    "<ul><li>réunissez vos papiers</li><li>remplissez le formulaire</li><li>attendez la réponse du bureau</li></ul>",
}


def table(head: tuple[str, ...], *rows: tuple[str, ...]) -> str:
    cells = "".join(f"<th>{cell}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"


CODES = ("21231", "21232", "21222", "21311", "22220", "22222")

PAGES = {
    "ircc-ee-hub": (
        "<p>Express Entry. There are 3 immigration programs here, the Federal Skilled ones among them.</p>"
        "<p>Your application: $1,590</p>",
        "<p>Entrée express. Il y a 3 programmes d’immigration ici.</p><p>Votre demande : 1 590 $</p>",
    ),
    "esdc-gts-guide": (
        "<p>Global Talent Stream, with a Labour Market Benefits Plan.</p>"
        "<h2>Service standards</h2><p>Most answers go out within 10 business days.</p>",
        "<p>Volet des talents mondiaux.</p><h2>Normes de service</h2>"
        "<p>La plupart des réponses partent dans les 10 jours ouvrables.</p>",
    ),
    "ircc-fees-page": (
        "<p>Right of permanent residence</p><h3>Economic immigration</h3>"
        + table(("Fees", "$CAN"), ("Your application, both parts", "1,590.00"))
        + "<h3>Work</h3>"
        + table(
            ("Fees", "$CAN"),
            ("Work permit (including extensions)", "155.00"),
            ("Open work permit holder", "100.00"),
            ("Employer compliance", "230.00"),
            ("Biometrics per individual", "85.00"),
        ),
        "<p>Droit de résidence permanente</p><h3>Immigration économique</h3>"
        + table(("Frais", "$CAN"), ("Votre demande, en deux parties", "1 590,00"))
        + "<h3>Travail</h3>"
        + table(
            ("Frais", "$CAN"),
            ("Permis de travail (y compris les prolongations)", "155,00"),
            ("Titulaire d’un permis de travail ouvert", "100,00"),
            ("Conformité de l’employeur", "230,00"),
            ("Biométrie par personne", "85,00"),
        ),
    ),
    "ircc-spouse-owp-public": (
        "<p>An open work permit for a spouse or common-law partner.</p>"
        + table(("NOC", "Occupation"), *((code, f"Trade {code}") for code in CODES)),
        "<p>Un permis de travail ouvert pour la famille.</p>"
        + table(("CNP", "Profession"), *((code, f"Métier {code}") for code in CODES)),
    ),
    "on-updates-2026": (
        "<p>Ontario Immigrant Nominee Program: the year begins with 14,119 nominations.</p>",
        "<p>Programme ontarien des candidats à l’immigration : l’année commence avec 14 119 désignations.</p>",
    ),
    "on-employer-job-offer": (
        "<p>Employer Job Offer: Foreign Worker stream. Employer deadline: answer within 30 calendar days.</p>",
        "<p>Volet Travailleurs étrangers. L’employeur répond dans un délai de 30 jours civils.</p>",
    ),
    "on-tech-draws": (
        "<p>OINP tech draws</p><h2>List of targeted trades</h2>"
        + "".join(f"<p>Somebody (NOC {code})</p>" for code in CODES),
        "<p>Tirages pour les technologies</p><h2>Professions ciblées</h2>"
        + "".join(f"<p>Quelqu’un (CNP {code})</p>" for code in CODES),
    ),
}


def whole(source: Source, words: str) -> str:
    title = source.title
    return (
        f'<!DOCTYPE html><html lang="{source.language}"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><main><h1>{title}</h1>{words}{FILLER[source.language]}</main></body></html>"
    )


def facts(source: Source, words: str) -> dict[str, Fact]:
    page = snapshot(source, whole(source, words).encode(), content_type="text/html; charset=utf-8", at=NOW)
    found = examine(source, page)
    assert found.quality.outcome is Outcome.GOOD, found.quality
    return {fact.key.partition("#")[2]: fact for fact in found.facts}


@pytest.mark.parametrize("name", PAGES)
def test_both_languages_give_the_same_values(name: str) -> None:
    english, french = sources()[name], sources()[f"{name}-fr"]
    here, there = facts(english, PAGES[name][0]), facts(french, PAGES[name][1])
    assert there
    for key, fact in there.items():
        assert fact.state is FactState.LOCATED, (key, fact.reason)
        other = here[key]
        assert other.state is FactState.LOCATED, (key, other.reason)
        assert other.value is not None
        assert fact.value is not None
        assert same_value(other.value, fact.value) is True, (key, other.value, fact.value)


def test_every_french_page_is_tied_to_its_twin_by_facts_of_the_same_name_or_as_a_page() -> None:
    for source in ledger().sources:
        if source.language != "fr":
            continue
        twin = sources()[source.counterpart or ""]
        assert twin.counterpart == source.id
        assert {rule.key for rule in source.rules} <= {rule.key for rule in twin.rules}, source.id
        assert source.rules or twin.id in source.moves_with, source.id


@pytest.fixture
def pages() -> Iterator[Site]:
    with site() as running:
        yield running


def publish(pages: Site, source: Source, words: str) -> None:
    pages.pages[f"/{source.id}"] = Answer(whole(source, words))


def watching(pages: Site, folder: Path, name: str) -> tuple[Watch, Source, Source]:
    local = [
        replace(sources()[found], url=pages.url(f"/{found}"), also_at=(), confirm_after=timedelta(0))
        for found in (name, f"{name}-fr")
    ]
    watch = Watch(folder, tuple(local), ledger().claims)
    for source, words in zip(local, PAGES[name], strict=True):
        publish(pages, source, words)
        watch.visit(source.id)
    return watch, local[0], local[1]


def changed(watch: Watch) -> tuple[FlagRecord, ...]:
    with watch.store.reading() as connection:
        found = list_flags(connection, state=FlagState.OPEN)
    return tuple(record for record in found if record.flag.reason is FlagReason.ALTERED)


@pytest.mark.parametrize("first", [0, 1])
def test_a_fee_that_moved_in_one_language_waits_for_the_other(pages: Site, tmp_path: Path, first: int) -> None:
    watch, *both = watching(pages, tmp_path, "ircc-fees-page")
    moved = [
        words.replace(old, new)
        for words, (old, new) in zip(PAGES["ircc-fees-page"], (("155.00", "165.00"), ("155,00", "165,00")), strict=True)
    ]
    order = (first, 1 - first)
    publish(pages, both[order[0]], moved[order[0]])
    watch.visit(both[order[0]].id)
    (flag,) = changed(watch)
    assert not flag.flag.confirmed
    other = f"{both[order[1]].id}#work_permit"
    assert flag.flag.detail == f"when this was seen, {other} still gave CAD 155"
    publish(pages, both[order[1]], moved[order[1]])
    watch.visit(both[order[1]].id, later=timedelta(days=4))
    two = changed(watch)
    assert len(two) == 2
    assert all(record.flag.confirmed for record in two)
    (earlier,) = [record.flag for record in two if record.id == flag.id]
    assert (
        earlier.detail == f"when this was seen, {other} still gave CAD 155; {other} gives CAD 165 too since 2026-06-06"
    )
    (later,) = [record.flag for record in two if record.id != flag.id]
    assert later.detail == ""
    assert (earlier.quote_before, earlier.before) == (flag.flag.quote_before, flag.flag.before)
    assert len({record.flag.group for record in two}) == 1
    watch.close()
