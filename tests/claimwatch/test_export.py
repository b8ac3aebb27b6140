"""What others take away: facts with evidence and honest states, and captures that come back as they were."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from claimwatch.export import TABLES, Export, State, build, table
from domain.snapshots import CapturedBy
from domain.sources import Rule, Source
from domain.values import Kind
from monitor.archive import Skipped, captures
from monitor.evidence import write_warc
from storage.facts import known_facts
from storage.snapshots import list_snapshots, load_snapshot
from tests.site import FEE, START, Answer, Site, Watch, page, site, source

LIST = Rule(key="jobs", kind=Kind.ROWS, columns=("NOC", "Title"), key_columns=("NOC",), codes="noc2021")
STREAM = Rule(key="stream", kind=Kind.STATUS, under="Stream")
LEVEL = Rule(key="level", kind=Kind.POINTS, under="Score", may_be_absent=True)
BODY = (
    "<h2>Fee</h2><p>Each workshop pays $1,000 for a licence.</p>"
    "<h2>Stream</h2><p>The stream is closed to applications.</p><h2>Score</h2><p>You get 50 points for it.</p>"
    "<h2>Jobs</h2><table><tr><th>NOC</th><th>Title</th></tr><tr><td>21231</td><td>Engineers</td></tr>"
    "<tr><td>Sub-set of 52120</td><td>Designers</td></tr></table>"
)


@pytest.fixture
def pages() -> Iterator[Site]:
    with site() as running:
        running.pages["/fee"] = Answer(page(BODY))
        yield running


@pytest.fixture
def watch(pages: Site, tmp_path: Path) -> Iterator[Watch]:
    chosen = source(pages, rules=(FEE, LIST, STREAM, LEVEL))
    opened = Watch(tmp_path, (chosen,), ())
    opened.visit()
    yield opened
    opened.close()


def export(watch: Watch, *, later: timedelta = timedelta(0), sources: tuple[Source, ...] | None = None) -> Export:
    with watch.store.reading() as connection:
        known = known_facts(connection)
    return build(sources or tuple(watch.sources.values()), known, now=watch.moment + later)


def test_every_fact_says_how_far_it_may_be_relied_on(watch: Watch) -> None:
    found = {fact.key: fact for fact in export(watch).facts}
    fee = found["widgets#fee"]
    assert (fee.state, fee.words) == (State.VERIFIED, "CAD 1,000")
    assert fee.verified_on
    assert fee.evidence is not None
    assert "pays $1,000" in fee.evidence.quote
    assert {fact.state for fact in export(watch, later=timedelta(days=8)).facts} == {State.STALE}
    unknown = replace(watch.sources["widgets"], id="other")
    (first, *_) = export(watch, sources=(unknown,)).facts
    assert (first.state, first.reason, first.verified_on) == (State.CANNOT_TELL, "never checked", None)


def test_occupations_points_and_streams_stand_apart(watch: Watch) -> None:
    made = export(watch)
    assert [(item.code, item.title, item.teer) for item in made.occupations] == [
        ("21231", "Engineers", "1"),
        ("52120", "Designers", "2"),
    ]
    assert made.occupations[1].lists[0].qualifier == "sub-set of"
    assert [item.points for item in made.points] == ["50"]
    assert [item.status for item in made.streams] == ["closed"]


def test_the_document_is_what_its_schema_says(watch: Watch) -> None:
    made = export(watch)
    assert Export.model_validate_json(made.model_dump_json()) == made
    schema = Export.model_json_schema(mode="serialization")
    assert set(schema["required"]) == {"version", "generated_at", "facts", "occupations", "points", "streams"}
    assert schema["$defs"]["State"]["enum"] == [state.value for state in State]


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_its_columns(watch: Watch, name: str) -> None:
    rows = table(export(watch), name)
    assert rows
    assert {len(row) for row in rows} == {len(TABLES[name])}
    text = io.StringIO()
    csv.writer(text).writerows(rows)


def test_captures_come_back_as_they_were(watch: Watch, pages: Site, tmp_path: Path) -> None:
    pages.pages["/fee"] = Answer(page(BODY.replace("$1,000", "$1,250")))
    watch.visit()
    with watch.store.reading() as connection:
        kept = [load_snapshot(connection, item.id) for item in list_snapshots(connection, "widgets")]
    kept[0] = replace(kept[0], captured_by=CapturedBy.LATEST, final_url=pages.url("/moved"))
    target = tmp_path / "all.warc.gz"
    with target.open("wb") as stream:
        assert write_warc(kept, stream) == len(kept) == 3
    found = list(captures([target], tuple(watch.sources.values())))
    assert not any(isinstance(item, Skipped) for item in found)
    for (_, snapshot), before in zip(found, kept, strict=True):  # type: ignore[misc]
        assert (snapshot.digest, snapshot.final_url) == (before.digest, before.final_url)
        assert snapshot.captured_by is before.captured_by
        assert abs(snapshot.fetched_at - before.fetched_at) < timedelta(seconds=1)
        assert snapshot.fetched_at > START
