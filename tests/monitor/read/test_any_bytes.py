"""Laws of reading that hold for any bytes under any name."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.documents import BlockKind, Document
from domain.errors import SourceError
from monitor.quality import judge_document, judge_page, judge_response
from monitor.read import READERS, fingerprint, quick_fingerprint, read
from tests.monitor.read.pages import pdf, xlsx

TYPES = st.sampled_from(
    [
        None,
        "",
        "text/html",
        "text/html; charset=idna",
        "text/html; charset=utf-16",
        "application/json; charset=base64",
        "application/rss+xml",
        "text/xml",
        "application/pdf",
        "text/csv",
        "application/vnd.ms-excel",
        "text/markdown",
        "text/plain; charset=iso-2022-jp",
        "\x00;charset=",
    ]
) | st.text(max_size=20)
PLACE = "https://harbour.example/a/b"
URLS = st.sampled_from(["", PLACE, "https://harbour.example/a.csv?x", "https://[/a.pdf", "x.json"])

TAGS = [
    "h1",
    "h2",
    "p",
    "div",
    "ul",
    "li",
    "table",
    "tr",
    "td",
    "th",
    "caption",
    "a",
    "sup",
    "br",
    "details",
    "summary",
    "main",
    "nav",
    "section",
    "button",
    "span",
    "dl",
    "dd",
    "thead",
    "b",
]
ATTRIBUTES = [
    "",
    " hidden",
    " class=toc",
    " class='alert x'",
    " role=heading aria-level=²",
    " role=tabpanel",
    " colspan=3 rowspan=²",
    " rowspan=9",
    " href='//['",
    " href='#fn1'",
    " id=docCont",
    " class=sectionLabel",
    " class=Schedule",
    " property=mainContentOfPage",
]
WORDS = [
    "fee",
    "$40",
    " ",
    "\u00a0",
    "*",
    "\u202e",
    "\ud7ff",
    "&#0;",
    "&#xD800;",
    "&nbsp;",
    "<!--",
    "-->",
    "<![CDATA[",
    "\x00",
    "²",
]
MARKUP = st.lists(
    st.builds("<{}{}>".format, st.sampled_from(TAGS), st.sampled_from(ATTRIBUTES))
    | st.builds("</{}>".format, st.sampled_from(TAGS))
    | st.sampled_from(WORDS),
    max_size=40,
).map(lambda parts: ("<html>" + "".join(parts)).encode())
LAW = st.lists(
    st.sampled_from(
        [
            "<Act>",
            "</Act>",
            "<Section>",
            "</Section>",
            "<Label>1",
            "</Label>",
            "<Heading",
            "level='²'>",
            "</Heading>",
            "<Schedule>",
            "<item>",
            "<title>",
            "<?x?>",
            "<!--",
        ]
    ),
    max_size=20,
).map(lambda parts: ("<?xml version='1.0'?><Act><Section/>" + "".join(parts) + "</Act>").encode())
JSON = st.recursive(
    st.none() | st.booleans() | st.sampled_from(["1", "9e999", '"\\ud800"', '"<b>"', '""']).map(str),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["id", "a", "a.b", "rounds", ""]), inner, max_size=4)
    ),
).map(lambda tree: written(tree).encode())
LINES = st.lists(
    st.sampled_from(
        ["# a", "|a|b|", "|--|--|", "- x", "1. y", "---", "**b**", "[l](//[)", "a,b", '"', ";", "\x0c", "\t", "é"]
    ),
    max_size=20,
).map(lambda lines: "\n".join(lines).encode())
DAMAGED = st.builds(
    lambda whole, at, put: whole[: at % len(whole)] + put + whole[at % len(whole) + len(put) :],
    st.sampled_from([pdf("Harbour fees", ""), xlsx([["Fee", 40], ["a", "b"]])]),
    st.integers(min_value=0),
    st.binary(max_size=4),
)
BODIES = st.binary(max_size=200) | MARKUP | LAW | JSON | LINES | DAMAGED


def written(tree: object) -> str:
    """JSON with keys and numbers as they come, which no JSON library would write."""
    if isinstance(tree, dict):
        return "{" + ",".join(f'"{key}":{written(value)}' for key, value in tree.items()) + "}"
    if isinstance(tree, list):
        return "[" + ",".join(map(written, tree)) + "]"
    return {None: "null", True: "true", False: "false"}.get(tree, str(tree))  # type: ignore[arg-type]


def read_or_none(body: bytes, kind: str | None, url: str, media: str | None) -> Document | None:
    try:
        return read(body, content_type=kind, url=url, media=media)
    except SourceError:
        return None


@given(body=BODIES, kind=TYPES, url=URLS, media=st.sampled_from([None, None, *READERS]))
def test_any_bytes_are_a_document_or_a_trouble_of_the_source(
    body: bytes, kind: str | None, url: str, media: str | None
) -> None:
    found = read_or_none(body, kind, url, media)

    assert read_or_none(bytes(bytearray(body)), kind, url, media) == found
    assert quick_fingerprint(body, content_type=kind) == quick_fingerprint(body, content_type=kind)
    judge_response(status=200, headers=(("content-type", kind or ""),), body=body, url=PLACE, final_url=PLACE)
    if found is not None:
        check(found)
        judge_page(found, body)
        assert judge_document(found, baseline=found) == judge_document(found)


def check(found: Document) -> None:
    """What every document promises to those who work with it."""
    places = [block.locator for block in found.blocks]
    assert len(set(places)) == len(places)
    assert all(block.text.strip() for block in found.blocks if block.kind not in (BlockKind.RECORD, BlockKind.SECTION))
    assert len({table.locator for table in found.tables}) == len(found.tables)
    for table in found.tables:
        assert len(table.row_locators) == len(table.rows)
        assert {len(row) for row in table.rows} <= {len(table.columns)}
    assert all(0 <= block.table < len(found.tables) for block in found.blocks if block.table is not None)
    assert len(fingerprint(found)) == 64
