"""PDF, sheets, Markdown and plain text."""

from __future__ import annotations

import pytest

from domain.documents import BlockKind
from domain.errors import ReadError
from monitor.read import read, sniff
from tests.monitor.read.pages import pdf, xlsx


def test_a_pdf_is_its_text_by_page() -> None:
    found = read(pdf("Harbour fees", "You pay $40."))

    assert [(block.locator, block.text) for block in found.blocks] == [
        ("page 1 > paragraph 1", "Harbour fees"),
        ("page 2 > paragraph 1", "You pay $40."),
    ]
    assert (found.media, found.title) == ("pdf", "Harbour fees")


def test_a_pdf_that_says_nothing_says_why() -> None:
    whole = pdf("Harbour fees")
    locked = whole.replace(b"trailer<<", b"trailer<</Encrypt<</Filter/Standard/V 1/R 2/O(x)/U(x)/P 0>>/ID[(a)(b)]")

    for body, cause in ((pdf("", ""), "no-text"), (b"%PDF-1.4 nothing", "pdf-damaged"), (locked, "pdf-encrypted")):
        with pytest.raises(ReadError) as refused:
            read(body)
        assert refused.value.cause == cause


ROWS = [["Season", "Fee", "Note"], ["Winter", 40, ""], ["Summer", 1000, "in advance"]]


@pytest.mark.parametrize(
    ("body", "url", "caption"),
    [
        (xlsx(ROWS), "", "Fees"),
        (b"Season,Fee,Note\r\nWinter,40,\r\nSummer,1000,in advance\r\n", "https://harbour.example/fees.csv", ""),
        (
            b"\xef\xbb\xbfSeason;Fee;Note\nWinter;40\n\nSummer;1000;in  advance",
            "https://harbour.example/fees.csv?x=1",
            "",
        ),
    ],
    ids=["xlsx", "csv", "semicolons"],
)
def test_a_sheet_is_a_table_whatever_its_format(body: bytes, url: str, caption: str) -> None:
    found = read(body, url=url)
    (table,) = found.tables

    assert (found.media, table.caption, table.columns) == ("sheet", caption, ("Season", "Fee", "Note"))
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["Winter", "40", ""],
        ["Summer", "1000", "in advance"],
    ]
    assert [block.text for block in found.blocks] == [
        "Season | Fee | Note",
        "Winter | 40",
        "Summer | 1000 | in advance",
    ]
    assert [block.locator for block in found.blocks[1:]] == list(table.row_locators)


def test_decimal_commas_and_prose_do_not_divide_cells() -> None:
    found = read(b"Season;Fee, in dollars\nWinter;40,50\nSummer;1,5", content_type="text/csv")

    assert [block.cells for block in found.blocks][1:] == [("Winter", "40,50"), ("Summer", "1,5")]


@pytest.mark.parametrize(
    "body",
    [
        xlsx(ROWS)[:400],
        b"PK\x03\x04 no archive",
        xlsx(ROWS).replace(b"PK\x01\x02\x14\x03\x14", b"PK\x01\x02\x14\x03\x40"),
        b"\xd0\xcf\x11\xe0 no workbook",
    ],
)
def test_a_broken_workbook_is_refused(body: bytes) -> None:
    with pytest.raises(ReadError, match="sheet-damaged"):
        read(body)


MARKDOWN = b"""---
url: https://harbour.example
---
# Harbour #
Keepers ask
for a **berth** with [the form](/forms/a.pdf).
## Fees
| Season | Fee |
|:-------|----:|
| Winter | $40 |

- one
  1. inner
***
"""


def test_markdown_reads_like_the_page_it_came_from() -> None:
    found = read(MARKDOWN, content_type="text/markdown", url="https://harbour.example/en")

    assert [(block.kind, block.path, block.text, block.level) for block in found.blocks] == [
        (BlockKind.HEADING, (), "Harbour", 1),
        (BlockKind.PARAGRAPH, ("Harbour",), "Keepers ask for a berth with the form.", 0),
        (BlockKind.HEADING, ("Harbour",), "Fees", 2),
        (BlockKind.ROW, ("Harbour", "Fees"), "Season | Fee", 0),
        (BlockKind.ROW, ("Harbour", "Fees"), "Winter | $40", 0),
        (BlockKind.ITEM, ("Harbour", "Fees"), "one", 1),
        (BlockKind.ITEM, ("Harbour", "Fees"), "inner", 2),
    ]
    assert found.blocks[1].links[0].target == "https://harbour.example/forms/a.pdf"
    assert found.tables[0].columns == ("Season", "Fee")


def test_tables_under_the_same_names_have_locators_of_their_own() -> None:
    section = "# {}\n## Fees\n### Late\n| A | B |\n|---|---|\n| 1 | 2 |\n"
    found = read((section.format("Boats") + section.format("Piers")).encode(), media="markdown")

    assert [table.locator for table in found.tables] == ["Fees > Late > table 1", "Fees > Late > table 2"]


def test_plain_text_is_its_lines_and_no_markup() -> None:
    found = read(b"Harbour fees\n\n# not a heading\n|no|table|\n* one\n", content_type="text/plain")

    assert [(block.kind, block.text) for block in found.blocks] == [
        (BlockKind.PARAGRAPH, "Harbour fees"),
        (BlockKind.PARAGRAPH, "# not a heading"),
        (BlockKind.PARAGRAPH, "|no|table|"),
        (BlockKind.ITEM, "one"),
    ]


@pytest.mark.parametrize(
    ("body", "stated", "media"),
    [
        (b"%PDF-1.4", "text/html", "pdf"),
        (b"<!doctype html><p>x", "application/pdf", "html"),
        (b'{"a": 1}', "text/html", "json"),
        (b"<?xml version='1.0'?><rss/>", "text/html; charset=utf-8", "html"),
        (b"<?xml version='1.0'?><rss/>", None, "xml"),
        (b"plain words", "application/octet-stream", "text"),
        (b"a,b", "application/vnd.ms-excel", "sheet"),
    ],
)
def test_bytes_that_plainly_are_something_else_beat_what_is_stated(body: bytes, stated: str | None, media: str) -> None:
    assert sniff(body, content_type=stated) == media


def test_a_line_of_plain_text_that_goes_on_with_a_sentence_is_joined_to_it() -> None:
    found = read(b"Berths\nYou pay\nforty dollars.\nin winter: more\n", content_type="text/plain")

    assert [block.text for block in found.blocks] == ["Berths", "You pay forty dollars.", "in winter: more"]


def test_markdown_headings_may_be_underlined() -> None:
    found = read(
        b"Berths\n======\n\nAsk in time.\n\nFees\n----\n\nYou pay $40.\n\n---\n\nAsk us.\n",
        content_type="text/markdown",
    )

    assert [(block.path, block.text) for block in found.blocks] == [
        ((), "Berths"),
        (("Berths",), "Ask in time."),
        (("Berths",), "Fees"),
        (("Berths", "Fees"), "You pay $40."),
        (("Berths", "Fees"), "Ask us."),
    ]


def test_a_picture_in_markdown_is_its_words_and_its_file_no_link() -> None:
    found = read(b"# Berths\n\nSee [![The pier](/img/pier-3fa9.png) now](/pier).\n", content_type="text/markdown")

    assert [(block.text, [link.target for link in block.links]) for block in found.blocks[1:]] == [
        ("See The pier now.", ["/pier"])
    ]
