"""What a watched site does besides changing a figure, through the command, over the project's own two files.

News that mention a programme, pages that move, next year's page, a page that stands still while its sibling moves: each
is put before a person with the claims that it may touch, and nothing is added or believed by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.ledger.captures import own_page, sources
from tests.ledger.test_invented_events import Home, laid_out
from tests.ledger.test_policy_changes import listed, paragraphs
from tests.site import Answer, Site, site

NOW = datetime.now(UTC)
NAMES = (
    "gc-news-api", "ircc-notices", "ircc-levels-2027", "on-updates-2026", "on-tech-draws", "esdc-low-wage",
    "esdc-high-wage", "esdc-lmia-times", "ircc-ee-cbs", "esdc-gts-overview",
)  # fmt: skip


def feed(*titles: str) -> str:
    entries = "".join(
        f"<entry><id>urn:news:{at}</id><title>{title}</title><updated>2026-06-{at + 1:02d}T10:00:00Z</updated></entry>"
        for at, title in enumerate(titles)
    )
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>News</title><id>urn:news</id><updated>2026-06-20T10:00:00Z</updated>{entries}</feed>'


def overview(time: str) -> str:
    return laid_out("esdc-gts-overview", f"<h2>Positive LMIA</h2><p>The letter is valid for up to {time}.</p>")


class Watched(Home):
    """The project's own files over a site on loopback, with pages by the name of their source."""

    def __init__(self, folder: Path, pages: Site) -> None:
        super().__init__(folder, pages, ())
        hosts = sorted({str(urlsplit(sources()[name].url).hostname) for name in NAMES})
        self.environment["CLAIMWATCH_RESOLVE"] = ",".join(f"{host}=http://127.0.0.1:{pages.port}" for host in hosts)

    def put(self, name: str, answer: Answer) -> None:
        parts = urlsplit(sources()[name].url)
        self.pages.pages[parts.path + (f"?{parts.query}" if parts.query else "")] = answer

    def visit(self, *names: str) -> dict[str, dict[str, Any]]:
        return {item["source"]: item for item in self.ask("check", *names, also=3)["checks"]}

    def about(self, name: str) -> list[dict[str, Any]]:
        return [item for item in self.flags() if item["source"] == name]


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with site() as pages:
        yield Watched(tmp_path_factory.mktemp("home"), pages)


def test_news_of_a_watched_programme_ask_a_person_once_and_other_news_nobody(watched: Watched) -> None:
    xml = {"Content-Type": "application/atom+xml"}
    watched.put("gc-news-api", Answer(feed("Office hours in May"), headers=xml))
    watched.put("ircc-notices", Answer(laid_out("ircc-notices", listed("Office hours in May", "A new door"))))
    first = watched.visit("gc-news-api", "ircc-notices")
    assert {item["outcome"] for item in first.values()} == {"good"}
    assert watched.about("gc-news-api") == watched.about("ircc-notices") == []

    watched.put("gc-news-api", Answer(feed("Office hours in May", "A ribbon was cut"), headers=xml))
    watched.visit("gc-news-api")
    assert [item["severity"] for item in watched.about("gc-news-api")] in ([], ["low"])

    title = "Minister speaks about Express Entry"
    watched.put("gc-news-api", Answer(feed("Office hours in May", "A ribbon was cut", title), headers=xml))
    watched.put(
        "ircc-notices",
        Answer(laid_out("ircc-notices", listed("Your work permit, news", "Office hours in May", "A new door"))),
    )
    watched.visit("gc-news-api", "ircc-notices")
    watched.visit("gc-news-api", "ircc-notices")
    (news,) = [item for item in watched.about("gc-news-api") if item["fact"] == "gc-news-api#residence_mentions"]
    assert title in news["quote_after"]
    assert news["claims"]
    (notice,) = [item for item in watched.about("ircc-notices") if item["fact"] == "ircc-notices#permit_mentions"]
    assert "work permit" in notice["quote_after"]
    assert {item["reason"] for item in (news, notice)} == {"appeared"}
    assert not [item for item in watched.flags() if item["reason"] == "contradicted"]


def test_a_page_that_moved_for_good_is_told_and_still_read(watched: Watched) -> None:
    name = "esdc-gts-overview"
    watched.put(name, Answer(overview("12 months")))
    watched.visit(name)
    watched.put(name, Answer("", status=301, headers={"Location": "/en/new-place/overview.html"}))
    watched.pages.pages["/en/new-place/overview.html"] = Answer(overview("12 months"))
    assert watched.visit(name)[name]["outcome"] in ("good", "unchanged")
    watched.visit(name)
    (moved,) = [item for item in watched.about(name) if item["reason"] == "page_moved"]
    assert moved["detail"].endswith("/en/new-place/overview.html")
    watched.pages.pages["/en/new-place/overview.html"] = Answer(overview("6 months"))
    watched.visit(name)
    assert [item["fact"] for item in watched.about(name) if item["reason"] == "altered"] == [f"{name}#lmia_validity"]
    assert "new-place" not in (watched.folder / "sources.yaml").read_text(encoding="utf-8")


MOVED = (
    "<!doctype html><html lang='en'><head><title>Page moved</title></head><body><main><h1>This page has moved</h1>"
    "<p>This page has moved. Please update your bookmark: <a href='/en/elsewhere.html'>the new page</a>.</p></main></body></html>"
)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("esdc-low-wage", Answer(MOVED)),
        ("esdc-high-wage", Answer("", status=302, headers={"Location": "/en/employment-social-development.html"})),
        ("esdc-lmia-times", Answer("<html><body><h1>Not found</h1></body></html>", status=404)),
        ("ircc-ee-cbs", Answer("<html><body><h1>Gone</h1></body></html>", status=410)),
    ],
)
def test_a_page_whose_content_is_gone_takes_nothing_back_and_asks_after_three_visits(
    watched: Watched, name: str, answer: Answer
) -> None:
    hub = "<p>Everything about this department.</p>" * 10
    watched.pages.pages["/en/employment-social-development.html"] = Answer(
        f"<html lang='en'><body><main><h1>Department</h1>{hub}</main></body></html>"
    )
    watched.put(name, Answer(own_page(name, NOW).body))
    watched.visit(name)
    located = {
        fact["key"]: fact["value_words"] for fact in watched.ask("facts")["facts"] if fact["key"].startswith(name)
    }
    already = {item["id"] for item in watched.about(name)}
    watched.put(name, answer)
    outcomes = [watched.visit(name)[name]["outcome"] for _ in range(3)]
    assert set(outcomes) <= {"suspect", "failed"}
    (flag,) = [item for item in watched.about(name) if item["id"] not in already]
    assert flag["reason"] == "unreadable"
    assert flag["claims"]
    assert {
        fact["key"]: fact["value_words"] for fact in watched.ask("facts")["facts"] if fact["key"].startswith(name)
    } == located


def test_next_years_page_troubles_nobody_until_it_is_there_and_then_asks(watched: Watched) -> None:
    name = "ircc-levels-2027"
    assert watched.visit(name)[name]["outcome"] == "skipped"
    assert watched.about(name) == []
    watched.put(name, Answer(laid_out(name, paragraphs("The next plan.", "Provincial Nominee Program: more."))))
    watched.visit(name)
    watched.visit(name)
    (flag,) = watched.about(name)
    assert flag["reason"] == "appeared"
    assert sources()[name].url in flag["detail"]


def test_a_page_that_stands_still_while_its_sibling_moves_is_flagged_once(watched: Watched) -> None:
    still = laid_out("on-tech-draws", paragraphs("OINP tech draws", "List of targeted trades: NOC 21231."))
    folder = watched.folder / "captures"
    folder.mkdir()
    entries = [
        ("on-tech-draws", still, 90),
        (
            "on-updates-2026",
            laid_out("on-updates-2026", paragraphs("Ontario has 10,750 nominations for the year.")),
            90,
        ),
        (
            "on-updates-2026",
            laid_out("on-updates-2026", paragraphs("Ontario has 14,119 nominations for the year.")),
            40,
        ),
    ]
    lines = []
    for at, (name, body, days) in enumerate(entries):
        (folder / f"{at}.html").write_text(body, encoding="utf-8")
        when = (NOW - timedelta(days=days)).isoformat()
        headers = {"content-type": "text/html; charset=utf-8"}
        lines.append(
            {"file": f"{at}.html", "url": sources()[name].url, "fetched_at": when, "status": 200, "headers": headers}
        )
    (folder / "manifest.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    watched.run("import", str(folder))
    watched.put("on-tech-draws", Answer(still))
    watched.visit("on-tech-draws")
    watched.visit("on-tech-draws")
    (flag,) = [item for item in watched.about("on-tech-draws") if item["reason"] == "page_frozen"]
    assert flag["detail"].startswith("on-updates-2026 changed on ")
    assert flag["claims"]
