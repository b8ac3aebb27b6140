"""HTML pages: what a visitor reads becomes blocks under their headings, and what the site adds is left out."""

from __future__ import annotations

from datetime import date

import pytest

from domain.documents import BlockKind, Link
from domain.errors import ReadError
from domain.sources import Ignore
from monitor.read import read
from tests.monitor.read.pages import PROSE, html, page, texts


def test_every_block_stands_under_the_headings_above_it() -> None:
    found = html(
        "<h2>Fees</h2><h3>Winter</h3><p>You pay $40.</p><h3>Summer</h3><p>You pay $60.</p><h2>Rules</h2><p>Ask.</p>"
    )

    assert [(block.path, block.text) for block in found.blocks if block.kind is BlockKind.PARAGRAPH][2:] == [
        (("Berths", "Fees", "Winter"), "You pay $40."),
        (("Berths", "Fees", "Summer"), "You pay $60."),
        (("Berths", "Rules"), "Ask."),
    ]
    assert [block.level for block in found.blocks if block.kind is BlockKind.HEADING] == [1, 2, 3, 3, 2]
    assert found.title == "Berths"


def test_a_skipped_heading_level_and_a_heading_by_role_keep_the_path() -> None:
    found = html(
        '<h2>Fees</h2><h5>Late</h5><p>a</p><div role="heading" aria-level="3">Boats</div><p>b</p><h2>End</h2><p>c</p>'
    )

    assert [block.path[1:] for block in found.blocks if block.text in "abc"] == [
        ("Fees", "Late"),
        ("Fees", "Boats"),
        ("End",),
    ]


def test_entries_of_a_list_keep_their_depth_and_inline_markup_divides_nothing() -> None:
    found = html(
        "<ul><li>one <b>bold</b>ly<ul><li>inner<br>line</li></ul></li><li><p>two</p></li></ul><dl><dt>term<dd>meaning</dl>"
    )

    assert [(block.kind, block.text, block.level) for block in found.blocks[3:]] == [
        (BlockKind.ITEM, "one boldly", 1),
        (BlockKind.ITEM, "inner line", 2),
        (BlockKind.ITEM, "two", 1),
        (BlockKind.ITEM, "term", 0),
        (BlockKind.ITEM, "meaning", 0),
    ]


SHUT = {
    "details": "<details><summary>Late keepers</summary>{}</details>",
    "tab": '<div role="tabpanel" aria-labelledby="t" hidden>{}</div>',
    "accordion": '<div class="accordion-body collapse" style="display: none">{}</div>',
    "until found": '<div hidden="until-found">{}</div>',
}


@pytest.mark.parametrize("shut", SHUT.values(), ids=SHUT)
def test_what_opens_by_a_click_is_read_and_marked(shut: str) -> None:
    found = html(shut.format("<p>They pay twice.</p>") + "<p>After.</p>")

    assert [(block.text, block.collapsed) for block in found.blocks[-2:]] == [
        ("They pay twice.", True),
        ("After.", False),
    ]


def test_the_title_of_a_shut_part_is_a_heading_for_that_part_alone() -> None:
    found = html("<h2>Fees</h2><details><summary>Late</summary><p>inside</p></details><p>outside</p>")

    assert [block.path[1:] for block in found.blocks if block.text in ("inside", "outside")] == [
        ("Fees", "Late"),
        ("Fees",),
    ]


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>unseen</p>",
        '<p aria-hidden="true">unseen</p>',
        '<p style="color:red; DISPLAY : none">unseen</p>',
        '<p class="lead visually-hidden">unseen</p>',
        '<p class="wb-inv">unseen</p>',
        "<script>unseen</script><style>unseen</style><template>unseen</template><noscript>unseen</noscript>",
        "<select><option>unseen</option></select><textarea>unseen</textarea><svg><title>unseen</title></svg>",
        "<!-- unseen -->",
        "<button>unseen</button>",
    ],
)
def test_what_no_visitor_sees_is_not_read(hidden: str) -> None:
    assert texts(html(f"{hidden}<p>seen</p>")) == ["seen"]


@pytest.mark.parametrize(
    "furniture",
    [
        "<nav><a href='/a'>noise</a></nav>",
        "<footer>noise</footer>",
        "<div role='search'>noise</div>",
        "<ol class='breadcrumb'><li>noise</ol>",
        "<div class='share-links'>noise</div>",
        "<section id='page-feedback'>noise</section>",
        "<div class='cookie-banner'>noise</div>",
        "<div class='wb-share'>noise</div>",
        "<div class='visitor-counter'>noise</div>",
        "<h2>On this page</h2><ul><li><a href='#a'>noise</a><li><a href='#b'>noise too</a></ul>",
        "<ul><li><a href='#a'>noise</a></li><li><a href='#b'>noise too</a></li></ul>",
        "<p>On this page</p><h3>In this section</h3><ul><li><a href='/en/other'>noise</a></ul>",
    ],
)
def test_what_the_site_adds_is_gone(furniture: str) -> None:
    assert texts(html(f"{furniture}<p>content</p>")) == ["content"]


def test_everything_outside_the_main_part_is_gone() -> None:
    found = html("<p>content</p>", around="<header>Harbour site</header><aside>noise</aside><div>Sign up now</div>")

    assert [found.blocks[0].text, *texts(found)] == ["Berths", "content"]


def test_a_name_never_costs_the_page_its_title_or_most_of_its_text() -> None:
    found = read(f"<html><body><div class='page-with toc'><h1>Berths</h1>{PROSE}</div></body></html>".encode())

    assert found.blocks[0].text == "Berths"
    assert len(found.blocks) == 3


def test_furniture_of_a_template_that_holds_the_title_stays() -> None:
    found = read(
        f"<main property=mainContentOfPage><div class=pagedetails><h1>Berths</h1></div>{PROSE}</main>".encode()
    )

    assert (found.title, len(found.blocks)) == ("Berths", 3)


def test_an_alert_is_content_of_its_own_kind() -> None:
    found = html(
        '<section class="alert alert-warning"><h3>Notice</h3><p>The pier is shut until May 4.</p></section><p>After.</p>'
    )

    assert [(block.kind, block.text) for block in found.blocks[-2:]] == [
        (BlockKind.ALERT, "The pier is shut until May 4."),
        (BlockKind.PARAGRAPH, "After."),
    ]


def test_links_are_absolute_and_freed_of_what_changes_by_itself() -> None:
    found = html(
        '<p>See <a href="../forms/a.pdf?utm_source=x&amp;page=2&amp;sid=9">the form</a>, <a href="#top">above</a>, '
        '<a href="javascript:go()">go</a> and <a href="HTTPS://Other.example/Case;jsessionid=7F">it</a>.</p>'
    )

    assert found.blocks[-1].text == "See the form, above, go and it."
    assert found.blocks[-1].links == (
        Link(text="the form", target="https://harbour.example/forms/a.pdf?page=2"),
        Link(text="it", target="https://other.example/Case"),
    )


def test_footnote_marks_are_no_part_of_the_sentence_but_exponents_are() -> None:
    found = html(
        '<p>You pay $40<sup><a href="#fn1">1</a></sup> a day for 30 m<sup>2</sup>, see <a href="/p">2</a>.</p>'
    )

    assert texts(found) == ["You pay $40 a day for 30 m2, see 2."]


def test_the_page_says_its_date_language_and_address_and_none_of_it_is_content() -> None:
    found = html(
        '<section class="pagedetails"><p>Date modified: <time property="dateModified">2031-04-02</time></p></section>',
        head='<meta name="dcterms.modified" content="2031-04-03"><link rel="canonical" href="https://harbour.example/b">',
    )

    assert (found.modified, found.language, found.canonical) == ("2031-04-03", "en", "https://harbour.example/b")
    assert texts(found) == []
    assert html("<gcds-date-modified>2031-04-02</gcds-date-modified>").modified == "2031-04-02"


@pytest.mark.parametrize(
    ("markup", "template"),
    [
        ('<main property="mainContentOfPage">{}</main>', "gcweb"),
        ('<a href="https://www.welcomebc.ca/x">x</a><main>{}</main>', "welcomebc"),
        ('<meta name="govuk:section" content="x"><main>{}</main>', "govuk"),
        ("<main>{}</main>", ""),
        ('<div id="content">{}</div>', ""),
        ("{}", ""),
    ],
)
def test_a_page_of_any_template_is_read(markup: str, template: str) -> None:
    found = read(f"<html><body>{markup.format(f'<h1>Berths</h1>{PROSE}')}</body></html>".encode())

    assert found.template == template
    assert [block.kind for block in found.blocks][-3:] == [BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.PARAGRAPH]


def test_a_region_asked_for_is_all_that_is_read_and_must_be_there() -> None:
    body = page('<section id="fees"><h2>Fees</h2><p>You pay $40.</p></section><p>other</p>').encode()

    assert [block.text for block in read(body, region="#fees").blocks] == ["Fees", "You pay $40."]
    for region in ("#gone", "main[["):
        with pytest.raises(ReadError, match="region-missing"):
            read(body, region=region)


def test_ignored_parts_are_counted_and_come_back_when_their_time_is_over() -> None:
    body = page('<p class="wait">Now 7 boats wait.</p><p>content</p>').encode()
    rule = Ignore(select=".wait", because="it moves by the minute", until=date(2031, 5, 1))
    during, after = (read(body, ignore=(rule,), today=date(2031, 5, day)) for day in (1, 2))

    assert (texts(during), during.notes) == (["content"], ("1 part(s) ignored by rule",))
    assert (texts(after), after.notes) == (["Now 7 boats wait.", "content"], ())


def test_each_locator_leads_to_one_block_and_stays_when_another_section_grows() -> None:
    body = "<h2>{0}</h2><h3>Fees</h3><h4>Late</h4><p>a</p><h2>Piers</h2><h3>Fees</h3><h4>Late</h4><p>b</p>"
    before, after = html(body.format("Boats")), html("<h2>New</h2><p>x</p><p>y</p>" + body.format("Boats"))
    places = [block.locator for block in before.blocks]

    assert len(set(places)) == len(places)
    assert set(places) <= {block.locator for block in after.blocks}


def test_a_form_is_read_as_a_link_to_where_it_is_sent_with_the_words_of_its_button() -> None:
    found = html(
        '<form action="/pay?csrf=8a1" method="post"><input name="sum"><button>Pay the fee</button></form>'
        '<p>The fee is due in May.</p><form action="/draft"><p>Your name</p><input type="submit" value="Go on" formaction="/send"></form>'
    )

    assert [(block.text, block.links) for block in found.blocks[3:]] == [
        (
            "The fee is due in May.",
            (Link(text="Pay the fee", target="https://harbour.example/pay", sends="post"),),
        ),
        (
            "Your name",
            (
                Link(text="Go on", target="https://harbour.example/draft", sends="get"),
                Link(text="Go on", target="https://harbour.example/send", sends="get"),
            ),
        ),
    ]


@pytest.mark.parametrize(
    "form",
    [
        "<form role='search' action='/find'><button>Go</button></form>",
        "<form action='/search/all'><button>Go</button></form>",
        "<form action='#below' method='post'><button>Go</button></form>",
        "<form action='/opinion'><input type='search' name='q'></form>",
        "<form action='/page-feedback' method='post'><button>Send</button></form>",
    ],
)
def test_the_forms_that_a_site_puts_on_any_page_are_tools(form: str) -> None:
    assert not any(block.links for block in html(f"{form}<p>The fee is due in May.</p>").blocks)


def test_links_are_read_against_the_base_address_of_the_page() -> None:
    page = '<html><head>{}</head><body><main><h1>Berths</h1><p>Use <a href="form.pdf">the form</a>.</p></main></body></html>'

    def target(base: str) -> str:
        document = read(page.format(base).encode(), content_type="text/html", url="https://harbour.example/en/berths")
        return next(link.target for block in document.blocks for link in block.links)

    assert target("") == "https://harbour.example/en/form.pdf"
    assert target('<base href="/fr/">') == "https://harbour.example/fr/form.pdf"
    assert target('<base href="https://elsewhere.example/">') == "https://elsewhere.example/form.pdf"
