"""Consolidated law: the same section reads the same, whether it was published as HTML or as XML."""

from __future__ import annotations

from domain.documents import Document
from monitor.read import read

HTML = """<html lang="en"><head><title>Ferry Act</title></head><body><main>
<div class="lawContents"><ul><li><a href="#s1">1 Meaning</a></li></ul></div>
<div id="docCont"><h2 class="Part">Crossing</h2>
<section><p class="MarginalNote"><span class="wb-invisible">Marginal note:</span>Meaning of ferry</p>
<ul class="Section"><li><p class="Section"><strong><a class="sectionLabel" id="s-1"><span class="sectionLabel">1</span></a></strong>
 In this Act, <dfn>ferry</dfn> means a boat for hire.</p></li><li><p><span class="lawlabel">(a)</span> not a raft;</p></li></ul>
<div class="PITLink"><a href="/pit">Previous Version</a></div>
<div class="HistoricalNote"><ul><li>2029, c. 4, s. 1</li></ul></div></section>
<h2 class="Part">General</h2>
<p class="MarginalNote">Lamp</p><p class="Section"><span class="sectionLabel">2.1</span> A ferry carries a lamp.</p>
<div class="Schedule"><header><h2 class="scheduleLabel"><span class="scheduleLabel">SCHEDULE 1</span>
<span class="scheduleTitleText">Routes</span></h2></header><p>North to South.</p></div>
</div></main></body></html>"""
XML = """<?xml version="1.0"?><?xml-stylesheet href="law.xsl"?>
<Statute xmlns:lims="http://justice.gc.ca/lims" lims:current-date="2031-04-02" lims:lastAmendedDate="2030-01-01" xml:lang="en">
<Identification><ShortTitle>Ferry Act</ShortTitle></Identification><Body><Heading level="1"><TitleText>Crossing</TitleText></Heading>
<Section><MarginalNote>Meaning of ferry</MarginalNote><Label>1</Label><Text>In this Act, <DefinedTermEn>ferry</DefinedTermEn>
means a boat<?page 3?> for hire.</Text><Paragraph><Label>(a)</Label><Text>not a raft;</Text></Paragraph>
<HistoricalNote><HistoricalNoteSubItem>2029, c. 4, s. 1</HistoricalNoteSubItem></HistoricalNote></Section>
<Heading level="²"><TitleText>General</TitleText></Heading>
<Section><MarginalNote>Lamp</MarginalNote><Label>2.1</Label><Text>A ferry carries a lamp.</Text></Section></Body>
<Schedule><ScheduleFormHeading><Label>SCHEDULE 1</Label><TitleText>Routes</TitleText></ScheduleFormHeading>
<Text>North to South.</Text></Schedule></Statute>"""


def sections(document: Document) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(block.key, block.text, block.path) for block in document.blocks if block.key is not None]


def test_a_law_reads_the_same_from_both_of_its_forms() -> None:
    page, consolidation = read(HTML.encode(), content_type="text/html"), read(XML.encode(), content_type="text/xml")

    assert (
        sections(page)
        == sections(consolidation)
        == [
            ("1", "In this Act, ferry means a boat for hire. (a) not a raft;", ("Crossing", "Meaning of ferry")),
            ("1 history", "2029, c. 4, s. 1", ("Crossing", "Meaning of ferry")),
            ("2.1", "A ferry carries a lamp.", ("General", "Lamp")),
            ("Schedule 1", "North to South.", ("Schedule 1", "Routes")),
        ]
    )
    assert [block.text for block in page.blocks if block.key is None] == ["Crossing", "General"]
    assert (page.template, consolidation.template) == ("laws-lois", "law")
    assert (consolidation.title, consolidation.modified, consolidation.language) == ("Ferry Act", "2031-04-02", "en")


def test_headings_that_a_law_repeats_have_locators_of_their_own() -> None:
    found = read(XML.replace("Crossing", "General").encode())

    assert [block.locator for block in found.blocks if block.key is None] == ["General", "General (2)"]
