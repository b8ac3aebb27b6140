"""Bodies made to hurt: each ends in a worker process with a document or a named cause, and costs that one visit alone."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from domain.errors import SourceError
from domain.facts import FactState
from domain.sources import Rule, Source
from domain.values import Kind
from monitor.examine import examine
from monitor.read import read
from monitor.workers import Workers
from tests.growth import grows_linearly
from tests.ledger.captures import snapshot
from tests.monitor.read.pages import PROSE, page, workbook

NOW = datetime(2031, 4, 2, tzinfo=UTC)
GREEDY = Rule(key="greedy", kind=Kind.MONEY, match=r"(?P<value>(x+x+)+y)")
SOURCE = Source(id="berths", title="Berths", url="https://harbour.example/berths", rules=(GREEDY,))


def main(markup: bytes) -> bytes:
    return page("{}").encode().replace(b"{}", markup)


def bomb(size: int) -> bytes:
    """A workbook of a few kilobytes with a part that unpacks to `size` bytes."""
    written = io.BytesIO(workbook(""))
    with zipfile.ZipFile(written, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/worksheets/sheet2.xml", bytes(size))
    return written.getvalue()


def far_apart() -> bytes:
    corner = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return workbook(f'<sheetData><row r="1"><c r="A1"><v>1</v></c></row>{corner}</sheetData>')


ENTITIES = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
BILLION = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a0 "ha">{ENTITIES}]><rss><item><title>&a11;</title></item></rss>'
LATE = BILLION.replace("<!DOCTYPE", f"<!--{'x' * 70_000}--><!DOCTYPE")
HTML, JSON, XML = "text/html", "application/json", "application/xml"

HOSTILE = {
    "80 kB of comment openers": (HTML, b"<html><body>" + b"<!--" * 20_000, {"half-body"}),
    "comment openers in a whole page": (HTML, main(b"<!-- a --" * 20_000), {"good", "half-body"}),
    "200 kB of unclosed sections": (HTML, b"<section>" * 22_000 + PROSE.encode(), {"good"}),
    "100,000 nested divisions": (HTML, main(b"<div>" * 100_000), {"too-complex"}),
    "one tag of 120,000 attributes": (
        HTML,
        main(b"<p " + b" ".join(b"a%d=1" % n for n in range(120_000)) + b">x</p>"),
        {"too-complex"},
    ),
    "20,000 nested lists": (HTML, main(b"<ul><li>x" * 10_000), {"good"}),
    "nested tables": (HTML, main(b"<table><tr><td>x" * 3_000), {"good"}),
    "a million cells": (HTML, main(b"<table>" + (b"<tr>" + b"<td>x" * 1000) * 1000 + b"</table>"), {"too-complex"}),
    "a row of cells without end": (HTML, main(b"<table><tr>" + b"<td>x" * 200_000), {"too-complex"}),
    "spans of a thousand by a thousand": (
        HTML,
        main(b"<table><tr>" + b"<td colspan=1000 rowspan=1000>x" * 1000 + b"</table>"),
        {"too-complex"},
    ),
    "a long cell that spans a thousand rows": (
        HTML,
        main(b"<table><tr><td rowspan=1000>" + b"word " * 20_000 + b"<td>x" + b"<tr><td>y" * 999 + b"</table>"),
        {"too-complex"},
    ),
    "attributes of a megabyte": (
        HTML,
        main(b"<p class='" + b"share-" * 200_000 + b"' style='" + b"display" * 50_000 + b"'>x"),
        {"good"},
    ),
    "10,000 attributes": (HTML, main(b"<p " + b" ".join(b"a%d" % n for n in range(10_000)) + b">x"), {"good"}),
    "more tags than any page": (HTML, main(b"<b>" * 1_700_000), {"too-complex"}),
    "deep arrays": (JSON, b"[" * 100_000 + b"]" * 100_000, {"too-complex"}),
    "deep objects": (JSON, b'{"a":' * 100_000 + b"1" + b"}" * 100_000, {"too-complex"}),
    "objects just too deep": (JSON, b'{"a":' * 300 + b"1" + b"}" * 300, {"too-complex"}),
    "an integer of 100,000 digits": (JSON, b'{"a": ' + b"9" * 100_000 + b"}", {"good"}),
    "a billion laughs": (XML, BILLION.encode(), {"entities"}),
    "a billion laughs, later": (XML, LATE.encode(), {"no-xml"}),
    "a billion laughs in UTF-16": (XML, BILLION.encode("utf-16"), {"good", "no-xml"}),
    "deep elements": (XML, b"<?xml version='1.0'?>" + b"<a>" * 100_000 + b"</a>" * 100_000, {"no-xml"}),
    "a PDF of garbage": ("", b"%PDF-1.7\n" + bytes(range(256)) * 400, {"pdf-damaged"}),
    "a PDF that holds itself": (
        "",
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9>>endobj "
        b"trailer<</Root 1 0 R>>",
        {"no-text", "pdf-damaged"},
    ),
    "a zip bomb": ("", bomb(201 * 2**20), {"too-complex"}),
    "a workbook with corners far apart": ("", far_apart(), {"resource", "too-complex"}),
    "a sheet of half a million cells": ("text/csv", b"a,b,c,d,e\n" * 100_000, {"too-complex"}),
    "a pattern made to hurt": (HTML, main(b"<p>" + b"x" * 100_000), {"good"}),
}


async def outcome(workers: Workers, kind: str, body: bytes) -> str:
    """`good`, or why the page is not believed; as a visit would find it."""
    try:
        found = await workers.run(examine, SOURCE, snapshot(SOURCE, body, content_type=kind, at=NOW))
    except SourceError as error:
        return error.cause
    assert [fact.state for fact in found.facts] == [FactState.CANNOT_TELL]
    return found.quality.cause or "good"


@pytest.fixture(scope="module")
def outcomes() -> dict[str, str | BaseException]:
    async def visit_all() -> list[str | BaseException]:
        with Workers(2) as workers:
            visits = (outcome(workers, kind, body) for kind, body, _ in HOSTILE.values())
            return await asyncio.gather(*visits, return_exceptions=True)

    return dict(zip(HOSTILE, asyncio.run(visit_all()), strict=True))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_ends_with_a_document_or_a_named_cause(
    outcomes: dict[str, str | BaseException], name: str
) -> None:
    assert outcomes[name] in HOSTILE[name][2]


def test_a_body_that_kills_its_worker_costs_no_other_visit() -> None:
    async def one_after_the_other() -> list[str]:
        with Workers(1) as workers:
            return [await outcome(workers, "", far_apart()), await outcome(workers, HTML, main(b"<p>x"))]

    assert asyncio.run(one_after_the_other()) == ["resource", "good"]


STRETCHED = {
    "names of languages": (HTML, b"%b", b"<p>English</p>"),
    "lists of the same links": (
        HTML,
        b"%b",
        b"<ul>" + b"<li><a href=/p>Entry</a>" * 6 + b"</ul><p>One more of them.</p>",
    ),
    "heading marks": ("text/markdown", b"# a%bx", b" "),
    "blanks before a row": ("text/markdown", b"%b|x|", b" "),
    "blanks in a row": ("text/markdown", b"|--%bx|", b" "),
    "emphasis": ("text/markdown", b"%b", b"*a "),
    "link openers": ("text/markdown", b"%b", b"[]("),
    "quotes": ("text/csv", b"a,b\n%b", b"',\""),
    "a figure in a head": (HTML, b"<table><tr><td>%bx<td>b<tr><td>1<td>2</table>", b"1"),
    "blanks in a mark": (HTML, b"<p>x<sup>(%bx<a href=x>1</a></sup>", "\u00a0".encode()),
    "cells in a row": (HTML, b"<table><tr>%b</table>", b"<td>x"),
    "tag openers": (HTML, b"<p>%b", b"<"),
    "a class": (HTML, b"<p class='%b'>x", b"share-"),
    "sessions": (HTML, b"<p><a href='x%b'>x</a>", b";jsessionid="),
    "key": (JSON, b'{%b"b": 2}', b'"a": 1, '),
    "text": (JSON, b'{"a": "%b"}', b"<a"),
    "escapes": (XML, b"<?xml version='1.0'?><rss><item><title>%b</title></item></rss>", b"&lt;"),
}


@pytest.mark.parametrize(("kind", "shape", "stuff"), STRETCHED.values(), ids=STRETCHED)
def test_the_time_grows_with_the_input(kind: str, shape: bytes, stuff: bytes) -> None:
    def prepare(repeats: int) -> Callable[[], object]:
        stretched = shape % (stuff * repeats)
        body = main(stretched) if kind == HTML else stretched

        def work() -> None:
            with suppress(SourceError):
                read(body, content_type=kind)

        return work

    assert grows_linearly(prepare, size=5_000)


NESTED = {
    "put aside": b"<div aria-hidden=true>lamp ",
    "hidden": b"<div hidden>lamp ",
    "named": b"<div class=share-links>lamp ",
    "tables": b"<table><tr><td>lamp ",
    "lists": b"<ul><li><a href=/x>lamp</a> ",
    "consent": b"<div>cookies <button>Accept all</button>",
}


@pytest.mark.parametrize("opener", NESTED.values(), ids=NESTED)
def test_what_is_nested_is_not_measured_again_at_every_level(opener: bytes) -> None:
    def prepare(repeats: int) -> Callable[[], object]:
        body = main(opener * repeats)

        def work() -> None:
            with suppress(SourceError):
                read(body, content_type=HTML)

        return work

    assert grows_linearly(prepare, size=1_000)
