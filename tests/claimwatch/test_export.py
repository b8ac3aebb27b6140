"""What others take away: facts with evidence and honest states, and captures that come back as they were."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import jsonschema_rs
import pytest

from claimwatch.export.build import build
from claimwatch.export.document import Export, State, schema
from claimwatch.export.tables import TABLES, table
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
SCORES = Rule(key="scores", kind=Kind.ROWS, columns=("Age", "Alone"), unit="points")
LAW = Rule(key="annex", kind=Kind.STATUS, section="7")
NAMES = Rule(key="names", kind=Kind.ROWS, columns=("Code", "Class title"), key_columns=("Code", "Class title"))
LEVEL = Rule(key="level", kind=Kind.POINTS, under="Score", may_be_absent=True)
BODY = (
    "<h2>Fee</h2><p>Each workshop pays $1,000 for a licence.</p>"
    "<h2>Stream</h2><p>The stream is closed to applications.</p><h2>Score</h2><p>You get 50 points for it.</p>"
    "<h2>Jobs</h2><table><tr><th>NOC</th><th>Title</th></tr><tr><td>21231</td><td>Engineers</td></tr>"
    "<tr><td>Sub-set of 52120</td><td>Designers</td></tr></table>"
    "<h2>Points</h2><table><tr><th>Age</th><th>Alone</th></tr><tr><td>20</td><td>110</td></tr>"
    "<tr><td>60</td><td>n/a</td></tr></table>"
)
CLASSES = (
    "<h2>Classes</h2><table><tr><th>Code</th><th>Class title</th></tr><tr><td>21231</td><td>Software engineers</td></tr>"
    "<tr><td>21232</td><td>Software developers</td></tr></table>"
)


@pytest.fixture
def pages() -> Iterator[Site]:
    with site() as running:
        running.pages["/fee"] = Answer(page(BODY))
        yield running


@pytest.fixture
def watch(pages: Site, tmp_path: Path) -> Iterator[Watch]:
    chosen = source(pages, rules=(FEE, LIST, STREAM, LEVEL, SCORES))
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
    assert [(item.code, item.title, item.teer, item.lists[0].named) for item in made.occupations] == [
        ("21231", "", "1", "Engineers"),
        ("52120", "", "2", "Designers"),
    ]
    assert made.occupations[1].lists[0].qualifier == "sub-set of"
    assert [(item.case, item.column, item.points) for item in made.points] == [("", "", "50"), ("20", "Alone", "110")]
    assert [item.status for item in made.streams] == ["closed"]


def test_titles_are_those_of_the_classification_whatever_a_list_calls_the_occupation(
    pages: Site, tmp_path: Path
) -> None:
    pages.pages["/fee"] = Answer(page(BODY + CLASSES))
    watch = Watch(tmp_path, (source(pages, rules=(LIST, NAMES)),), ())
    watch.visit()
    found = {item.code: (item.title, [listing.named for listing in item.lists]) for item in export(watch).occupations}
    rows = table(export(watch), "occupations")
    watch.close()
    assert found == {
        "21231": ("Software engineers", ["Engineers"]),
        "21232": ("Software developers", []),
        "52120": ("", ["Designers"]),
    }
    assert ("21232", "Software developers", "1", "", "", "", "") in rows


def test_a_section_of_a_law_is_no_stream(pages: Site, tmp_path: Path) -> None:
    body = (
        b'<?xml version="1.0"?><Statute><Identification><LongTitle>Act</LongTitle></Identification><Body><Section>'
        b"<MarginalNote>Stream</MarginalNote><Label>7</Label><Text>[Repealed, 2020, c. 1]</Text></Section></Body></Statute>"
    )
    pages.pages["/fee"] = Answer(body, headers={"content-type": "text/xml"})
    watch = Watch(tmp_path, (replace(source(pages, rules=(LAW,)), must_contain=(), media="xml"),), ())
    watch.visit()
    made = export(watch)
    watch.close()
    assert made.facts[0].words == "repealed", made.facts[0].reason
    assert made.streams == ()


def test_the_schema_is_the_one_that_was_agreed() -> None:
    """A consumer's contract: an addition is written into the file on purpose, anything else raises the version."""
    agreed = Path(__file__).parents[2] / "docs" / "export.schema.json"
    assert json.loads(agreed.read_text(encoding="utf-8")) == schema()
    assert schema()["$id"] == "urn:claimwatch:export:1"


def test_the_document_is_what_its_schema_says(watch: Watch) -> None:
    made = export(watch)
    assert Export.model_validate_json(made.model_dump_json()) == made
    assert set(schema()["required"]) == {
        "version", "generated_at", "states", "coverage", "facts", "occupations", "points", "streams",
    }  # fmt: skip
    assert schema()["$defs"]["State"]["enum"] == [state.value for state in State]


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


def run(home: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "claimwatch", *command],
        env={**os.environ, "CLAIMWATCH_HOME": str(home)},
        cwd=home,
        capture_output=True,
        timeout=120,
        check=True,
    )
    return done.stdout.decode()


RULES = """
sources:
  - id: widgets
    title: "=Widgets"
    url: {url}
    facts:
      - {{key: rows, kind: rows, table: {{columns: [Age, Points]}}, key_columns: [Age], unit: points}}
      - {{key: formula, kind: text, under: Formula}}
      - {{key: score, kind: points, under: Score}}
      - {{key: stream, kind: status, under: Stream}}
      - {{key: never, kind: money, under: Nowhere}}
"""
HOSTILE = (
    "<h2>Formula</h2><p>=HYPERLINK(&quot;https://evil.example.org&quot;)</p><h2>Score</h2><p>You get 50 points.</p>"
    "<h2>Stream</h2><p>The stream is open.</p>"
    "<h2>Ages</h2><table><tr><th>Age</th><th>Points</th></tr><tr><td>@SUM(1)</td><td>10</td></tr>"
    "<tr><td>+cmd|' /C calc'!A0</td><td>20</td></tr><tr><td>-5</td><td>30</td></tr><tr><td>-1,000.50 %</td><td>40</td></tr>"
    "<tr><td>-1+1</td><td>50</td></tr><tr><td>\uff1d1</td><td>60</td></tr></table>"
)


def test_the_files_are_what_the_schema_says_and_no_cell_of_a_page_runs_in_a_sheet(pages: Site, tmp_path: Path) -> None:
    pages.pages["/fee"] = Answer(page(HOSTILE))
    address = pages.url("/fee").split("/")[2]
    (tmp_path / "sources.yaml").write_text(RULES.format(url=pages.url("/fee")), encoding="utf-8")
    (tmp_path / "claims.yaml").write_text("claims: []\n", encoding="utf-8")
    (tmp_path / ".env").write_text(f"CLAIMWATCH_ALLOW_ADDRESSES={address}\n", encoding="utf-8")
    run(tmp_path, "init", ".")
    run(tmp_path, "check")
    document = json.loads(run(tmp_path, "export", "json"))
    jsonschema_rs.validate(json.loads(run(tmp_path, "export", "schema")), document)
    assert document["states"] == {
        "facts": 5, "verified": 4, "unproven": 0, "stale": 0, "absent": 0, "cannot_tell": 1, "pending": 0,
    }  # fmt: skip
    again = json.loads(run(tmp_path, "export", "json"))
    assert {**again, "generated_at": ""} == {**document, "generated_at": ""}

    cases = {
        row["case"]
        for row in csv.DictReader(io.StringIO(run(tmp_path, "export", "csv", "--table", "points"), newline=""))
    }
    assert cases == {"", "'@SUM(1)", "'+cmd|' /C calc'!A0", "-5", "-1,000.50 %", "'-1+1", "'\uff1d1"}
    facts = list(csv.DictReader(io.StringIO(run(tmp_path, "export", "csv", "--table", "facts"), newline="")))
    assert [row["state"] for row in facts] == [fact["state"] for fact in document["facts"]]
    assert facts[1]["words"] == '\'=HYPERLINK("https://evil.example.org")'
    (stream,) = csv.DictReader(io.StringIO(run(tmp_path, "export", "csv", "--table", "streams"), newline=""))
    assert (stream["title"], stream["status"], stream["state"]) == ("'=Widgets", "open", "verified")
