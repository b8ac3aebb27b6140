"""Captures are read apart from the process that answers, and one that is made to hurt costs its reading alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from domain.documents import Document
from domain.errors import ReadError
from domain.snapshots import Snapshot
from domain.sources import Source
from review import reading
from review.reading import Reader
from tests.review.office import Office
from tests.review.test_captures import keep

SOURCE = Source(id="fees", title="Fees", url="https://office.example/fees")


@pytest.fixture
def reader() -> Iterator[Reader]:
    made = Reader()
    yield made
    made.close()


def capture(body: bytes, content_type: str = "text/html") -> Snapshot:
    return Snapshot(
        source=SOURCE.id,
        url=SOURCE.url,
        final_url=SOURCE.url,
        status=200,
        headers=(("content-type", content_type),),
        body=body,
        digest=sha256(body).hexdigest(),
        fetched_at=datetime(2026, 11, 1, tzinfo=UTC),
    )


def page(words: str) -> Snapshot:
    return capture(f"<html><body><main><h1>Fees</h1><p>{words}</p></main></body></html>".encode())


def die(_source: Source, _snapshot: Snapshot, *, today: object) -> Document:
    os._exit(1)


def test_no_process_is_begun_before_a_capture_is_looked_at(reader: Reader) -> None:
    assert reader._workers is None
    assert "a fee" in " ".join(block.text for block in reader.document(SOURCE, page("a fee")).blocks)
    assert reader._workers is not None


def test_a_document_is_read_once_and_again_where_the_rules_changed(reader: Reader) -> None:
    snapshot = page("a fee")
    first = reader.document(SOURCE, snapshot)
    assert reader.document(SOURCE, snapshot) is first
    other = Source(id="fees", title="Fees", url=SOURCE.url, region="h1", digest="other rules")
    assert reader.document(other, snapshot) is not first


def test_only_so_many_documents_are_kept(reader: Reader) -> None:
    for number in range(reading._MOST_KEPT + 3):
        reader.document(SOURCE, page(f"fee {number}"))
    assert len(reader._kept) == reading._MOST_KEPT


def test_a_reading_that_dies_costs_itself_alone(reader: Reader) -> None:
    with pytest.raises(ReadError, match="died"):
        reader._run(die, SOURCE, page("x"), today=None)
    assert reader.document(SOURCE, page("after it")).blocks


def test_whoever_comes_when_the_line_is_full_is_told_so(reader: Reader) -> None:
    with ExitStack() as line:
        for _ in range(reading._MOST_IN_LINE):
            line.enter_context(reader._in_line())
        with pytest.raises(ReadError) as caught:
            reader.document(SOURCE, page("one too many"))
        assert caught.value.cause == "busy"
    assert reader.document(SOURCE, page("after it")).blocks


def test_after_closing_another_process_is_begun(reader: Reader) -> None:
    reader.document(SOURCE, page("before"))
    reader.close()
    assert reader.document(SOURCE, page("after")).blocks


@pytest.mark.parametrize(
    "body",
    [
        b"<div>" * 200_000,
        b"<table>" + b"<tr><td rowspan=65000 colspan=1000>x" * 3000,
        b"<p>" + b"a " * 1_000_000,
        b"<!doctype html>" + b"&#x0;\xed\xa0\x80\xff" * 10_000,
        b"<p>" + "\u202e\u2066".encode() * 50_000 + b"</p>",
    ],
    ids=["deep", "wide", "long", "broken", "turned"],
)
def test_a_capture_that_is_made_to_hurt_leaves_a_page_and_a_desk(office: Office, body: bytes) -> None:
    digest, client = keep(office, body), office.client()
    answer = client.get(f"/captures/{digest}")
    assert answer.status_code == 200
    assert len(answer.content) < 1_000_000
    assert client.get("/sources").status_code == 200
