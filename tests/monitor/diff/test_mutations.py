"""Pages edited by seeded chance: every edit of substance is substantive each way, every edit of the making is noise."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from monitor.diff import compare_bodies
from tests.monitor.diff.boxes import BESIDE, IN_BOXES
from tests.monitor.diff.mutations import NOISE, SUBSTANCE, Mutation

SEEDS = range(6)
MENU = '<nav aria-label="Site"><ul><li><a href="/boats">Boats</a></li><li><a href="/piers">Piers</a></li></ul></nav>'
CONTENT = """
<h1>Mooring permits</h1>
<p>You must hold a permit and carry a lamp before you moor in the harbour. The permit costs $40 and is valid for 18 months.</p>
<p>The office is open from 3 April 2031 to 30 September 2032. Keepers may bring one guest, but the guest can not sail alone.</p>
<p hidden>Nobody may cross the bar at low water, and night sailings are suspended until the beacon is repaired.</p>
<h2>Who may apply</h2>
<ul><li>residents of the island who own a boat</li><li>crews under code 72600 or code 72602</li>
<li>guests of the harbour board</li></ul>
<h2>Fees for 2031</h2>
<table class="data"><thead><tr><th>Berth</th><th>Fee</th><th>Longest stay</th></tr></thead>
<tbody><tr><td>Inner basin</td><td>$120.50</td><td>3 weeks</td></tr>
<tr><td>Outer pier</td><td>$75</td><td>10 days</td></tr><tr><td>Old quay</td><td>$1,250</td><td>2 months</td></tr></tbody></table>
<h3>North pier: open all winter</h3>
<p>Keepers pay 15% less where they share a berth. Any other discount is closed to crews, and will end on 1 May 2033.</p>
<p>Read <a href="/rules/berths" class="link">the rules of the berths</a> and the map
<img src="/img/map.png" class="wide"> of the piers.</p>
<form action="/permits/send" method="post"><p>Name of the boat</p><input name="boat"><button>Apply for a permit</button></form>
"""
FRAMES = {
    "government": '<html lang="en" dir="ltr"><head><title>Mooring permits</title><link rel="stylesheet" href="/css/a.css"></head>'
    '<body class="page" id="top">{menu}<main property="mainContentOfPage" class="container">{content}</main>'
    "<footer><p>Contact the board</p></footer></body></html>",
    "sections": '<html lang="en"><head><title>Mooring permits</title></head><body>{menu}<main><div class="grid" id="g"><section>'
    '<div class="inner">{content}</div></section></div></main><script src="/js/a.js"></script></body></html>',
    "shut": '<html lang="en"><head><title>Mooring permits</title></head><body><header>{menu}</header><main><article>'
    "<details><summary>Permits</summary>{content}</details></article></main></body></html>",
}
FRAMES["shop"] = (
    '<html lang="en"><head><title>Mooring permits</title></head><body>{menu}<main><div class="sidebar"><div><a href="/a">Sails</a></div>'
    '<div><a href="/permits" aria-current="page">Permits</a></div><div><a href="/b">Lamps</a></div></div><div class="cards">'
    '<div class="card"><a href="/s/1">The red sail</a></div>{content}<div class="card"><a href="/s/2">The blue sail</a></div></div>'
    '<section class="cta"><h3>Ready to sail?</h3><a href="/join">Get started</a></section></main></body></html>'
)
PAGES = {name: frame.format(menu=MENU, content=CONTENT) for name, frame in FRAMES.items()}


def verdicts(page: str, edited: str) -> set[str]:
    url = "https://harbour.example/permits"
    return {
        compare_bodies(one.encode(), other.encode(), url=url).verdict.value
        for one, other in ((page, edited), (edited, page))
    }


def edits(page: str, mutation: Mutation, name: str) -> set[str]:
    """The page edited once with each seed; where it offers no place for the edit, the test is of no use."""
    found = {mutation(page, random.Random(f"{name} {seed}")) for seed in SEEDS}
    assert None not in found
    return {edited for edited in found if edited is not None}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
@pytest.mark.parametrize("name", SUBSTANCE)
def test_an_edit_of_substance_is_substantive_each_way(name: str, page: str) -> None:
    for edited in edits(page, SUBSTANCE[name], name):
        assert verdicts(page, edited) == {"substantive"}, edited


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_hidden_text_that_is_shown_and_the_reverse_is_substantive(page: str) -> None:
    assert verdicts(page, page.replace("<p hidden>", "<p>")) == {"substantive"}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
@pytest.mark.parametrize("name", NOISE)
def test_an_edit_of_the_making_is_noise_each_way(name: str, page: str) -> None:
    for edited in edits(page, NOISE[name], name):
        assert edited == page or verdicts(page, edited) <= {"noise"}, edited


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_an_edit_of_substance_is_not_lost_among_edits_of_the_making(page: str) -> None:
    for name, mutation in SUBSTANCE.items():
        chance = random.Random(name)
        edited = mutation(page, chance)
        assert edited is not None
        for noise in NOISE.values():
            edited = noise(edited, chance) or edited
        assert verdicts(page, edited) == {"substantive"}, (name, edited)


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
@pytest.mark.parametrize("name", BESIDE)
def test_a_box_beside_the_text_changes_no_statement(page: str, name: str) -> None:
    before, after = BESIDE[name]
    for place in ("<h2>Who may apply", "</main>"):
        if place in page:
            one, other = (page.replace(place, box + place, 1) for box in (before, after))
            assert verdicts(one, other) <= {"noise", "editorial"}, one


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
@pytest.mark.parametrize("name", IN_BOXES)
def test_what_is_stated_in_or_between_boxes_is_stated(page: str, name: str) -> None:
    before, after = IN_BOXES[name]
    one, other = (page.replace("<h2>Who may apply", box + "<h2>Who may apply", 1) for box in (before, after))

    assert verdicts(one, other) == {"substantive"}, one


FIRM = ("amount", "code", "duration", "unit", "percentage", "negation", "and/or", "may/must", "row removed")
"""Edits that weigh wherever they stand; the others may fall on a site's own tools in pages that we did not write."""
MOST_PAGES = 12


@pytest.mark.real_pages
@pytest.mark.timeout(180)
def test_real_pages_edited_by_chance_are_judged_alike(real_pages: Path) -> None:
    folders = ("govuk_gitgovuk", "ota_demo_html", "gcproto_ircc_prototypes")
    paths = [path for folder in folders for path in sorted((real_pages / folder).glob("*/*.html"))]
    chance = random.Random(7)
    wrong: list[tuple[str, str, set[str]]] = []
    tried = 0
    for path in chance.sample(paths, min(MOST_PAGES, len(paths))):
        page = path.read_text(encoding="utf-8", errors="replace")
        for name, mutation, wanted in (
            *((name, SUBSTANCE[name], "substantive") for name in FIRM),
            *((name, mutation, "noise") for name, mutation in NOISE.items()),
        ):
            edited = mutation(page, chance)
            if edited is not None and edited != page:
                tried += 1
                found = verdicts(page, edited)
                wrong += [(name, path.name, found)] if found != {wanted} else []
    assert tried > MOST_PAGES
    assert len(wrong) <= 0.01 * tried, wrong
