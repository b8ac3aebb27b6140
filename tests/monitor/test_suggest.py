"""Proposed rules work on the page they were made from, and can be pasted into sources.yaml."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from claimwatch.config.load import load_config
from claimwatch.config.write import entry_text
from domain.documents import Document
from domain.facts import FactState
from domain.sources import Source
from domain.values import Kind, value_words
from monitor.extract import extract
from monitor.read import read
from monitor.suggest import MOST_RULES, sentinels, suggest
from tests.ledger.captures import newest, real_captures

TODAY = date(2026, 6, 1)
PAGE = """<!doctype html><html lang="en"><head><title>Permits - Example office</title></head><body><main>
<h1>Permits</h1>
<p>The yes-or-no question: is it "off"? Null.</p>
<h2>Processing fee</h2><p>You pay $1,250 for each position.</p>
<h2>Conditions</h2>
<ul><li>Adults pay $85 at the counter.</li><li>Children pay $40 at the counter.</li><li>It takes 10 business days.</li></ul>
<h2>Occupations</h2>
<table><tr><th>NOC code</th><th>Title</th></tr><tr><td>21231</td><td>Software engineers</td></tr>
<tr><td>21232</td><td>Software developers</td></tr></table>
<h2>Founders</h2><p>The founders stream is closed to new applications.</p>
<h2>Updates</h2>
<h3>May 3, 2026</h3><p>One thing changed.</p>
<h3>April 2, 2026</h3><p>Another did.</p>
<h3>March 1, 2026</h3><p>A third did.</p>
</main></body></html>"""
FEED = {
    "meta": {"updated": "2026-05-01", "fee": "$155.00"},
    "rounds": [{"n": "1", "size": 500, "deep": {}}, {"n": "2", "size": 700}, {"n": "3", "size": 700}],
    "a.b": [{"x": 1}, {"x": 2}],
}


def document(body: str, media: str = "html") -> Document:
    return read(body.encode(), media=media)


def loaded(folder: Path, entry: str) -> Source:
    (folder / "sources.yaml").write_text(f"sources:\n{entry}", encoding="utf-8")
    (folder / "claims.yaml").write_text("claims: []\n", encoding="utf-8")
    return load_config(folder).sources[0]


def proposed(page: Document) -> Source:
    rules = tuple(item.rule for item in suggest(page, today=TODAY))
    return Source(id="page", title="yes", url="https://a.example.org/", must_contain=sentinels(page), rules=rules)


def test_what_can_be_seen_is_proposed() -> None:
    found = {value_words(item.reading.value) for item in suggest(document(PAGE), today=TODAY)}
    assert {"CAD 1,250", "CAD 85", "CAD 40", "10 business days", "closed", "2026-05-03"} <= found
    rows = next(item for item in suggest(document(PAGE), today=TODAY) if item.rule.kind is Kind.ROWS)
    assert rows.rule.codes == "noc2021"
    assert rows.rule.key_columns == ("NOC code",)


def test_a_feed_gives_its_records_and_its_plain_values() -> None:
    found = {item.rule.path: item for item in suggest(document(json.dumps(FEED), "json"), today=TODAY)}
    assert set(found) == {"meta.updated", "meta.fee", "rounds[*]"}
    assert found["rounds[*]"].rule.columns == ("n", "size")


@pytest.mark.parametrize(("body", "media"), [(PAGE, "html"), (json.dumps(FEED), "json")], ids=("page", "feed"))
def test_a_proposal_survives_the_file_and_reads_the_same_values(tmp_path: Path, body: str, media: str) -> None:
    page = document(body, media)
    source = proposed(page)
    again = loaded(tmp_path, entry_text(source))
    assert again.rules == source.rules
    assert (again.title, again.must_contain) == ("yes", source.must_contain)
    wanted = [item.reading.value for item in suggest(page, today=TODAY)]
    assert [fact.value for fact in extract(page, again, today=TODAY)] == wanted


def test_a_proposal_stays_short_however_long_the_page(tmp_path: Path) -> None:
    many = "".join(f"<h2>Section {n}</h2><p>It costs ${n}.</p>" for n in range(1, 400))
    assert (
        len(suggest(document(f"<html><body><main><h1>Fees</h1>{many}</main></body></html>"), today=TODAY)) == MOST_RULES
    )


def test_proposals_for_real_pages_work_and_can_be_pasted(tmp_path: Path, real_pages: Path) -> None:
    tried = 0
    for _, snapshot in newest(real_captures(real_pages)).values():
        page = read(snapshot.body, content_type=snapshot.header("content-type"), url=snapshot.url)
        proposal = proposed(page)
        if proposal.rules:
            facts = extract(page, loaded(tmp_path, entry_text(proposal)), today=TODAY)
            assert {fact.state for fact in facts} == {FactState.LOCATED}, snapshot.url
            tried += 1
    assert tried >= 10
