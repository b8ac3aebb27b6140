"""The list of sources over real HTTP, and how a source's health follows from its newest check."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.checks import Outcome, SourceState
from domain.people import Role
from domain.sources import Cadence, Rule, Source
from domain.values import Kind
from review.pages.sources import A_PAGE, Filters, line_of, listing
from tests.review.office import Office

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def source(name: str = "fees", **changes: object) -> Source:
    given: dict[str, object] = {
        "id": name,
        "title": f"Title of {name}",
        "url": f"https://office.example/{name}",
        "rules": (Rule(key="fee", kind=Kind.MONEY), Rule(key="wait", kind=Kind.DURATION)),
        "cadence": Cadence(every=timedelta(hours=12)),
    }
    return Source(**{**given, **changes})  # type: ignore[arg-type]


def state(outcome: Outcome = Outcome.GOOD, *, ago: float = 1, reason: str = "", failures: int = 0) -> SourceState:
    at = NOW - timedelta(hours=ago)
    return SourceState(
        source="fees",
        slot=at,
        outcome=outcome,
        reason=reason,
        detail="",
        checked_at=at,
        last_read_at=at,
        full_read_at=at,
        failures=failures,
    )


@pytest.mark.parametrize(
    ("now", "health"),
    [
        (None, "never"),
        (state(), "well"),
        (state(Outcome.UNCHANGED), "well"),
        (state(Outcome.FAILED, reason="timeout", failures=3), "trouble"),
        (state(Outcome.SUSPECT, reason="block-page", failures=1), "trouble"),
        (state(Outcome.SKIPPED, reason="robots"), "trouble"),
        (state(Outcome.SKIPPED, reason="awaited"), "well"),
        (state(ago=40), "late"),
    ],
)
def test_health_follows_from_the_newest_check(now: SourceState | None, health: str) -> None:
    assert line_of(source(), now, located=(), flags=0, now=NOW).health == health


def test_a_paused_source_is_neither_late_nor_troubled() -> None:
    line = line_of(source(enabled=False), state(Outcome.FAILED, ago=400), located=(), flags=0, now=NOW)
    assert line.health == "paused"


def test_only_facts_that_are_declared_count_as_located() -> None:
    line = line_of(source(), state(), located={"fees#fee", "fees#gone"}, flags=0, now=NOW)
    assert (line.located, line.declared) == (1, 2)


def test_what_needs_a_look_comes_first_and_pages_hold_all() -> None:
    lines = [line_of(source(f"s{n:03}"), state(), located=(), flags=n == 7, now=NOW) for n in range(A_PAGE * 2 + 5)]
    lines.append(line_of(source("zz"), state(Outcome.FAILED, failures=1), located=(), flags=0, now=NOW))
    first = listing(lines, Filters(), start=0)
    assert [line.source.id for line in first.lines[:3]] == ["zz", "s007", "s000"]
    shown, at = list(first.lines), first.later
    while at is not None:
        more = listing(lines, Filters(), start=at)
        shown += more.lines
        at = more.later
    assert sorted(line.source.id for line in shown) == sorted(line.source.id for line in lines)
    assert listing(lines, Filters(), start=10**6).start == 0


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(words="ecole"), {"école"}),
        (Filters(words="office quebec"), {"école"}),
        (Filters(jurisdiction="quebec"), {"école"}),
        (Filters(authority="MIFI"), {"école"}),
        (Filters(health="trouble"), {"fees"}),
        (Filters(flagged=True), {"fees"}),
        (Filters(grounding="unverified"), {"école"}),
        (Filters(words="nothing like it"), set()),
        (Filters(), {"fees", "école"}),
    ],
)
def test_filters_and_search(filters: Filters, found: set[str]) -> None:
    school = source("ecole", title="École", jurisdiction="quebec", authority="MIFI", grounding="unverified")
    lines = (
        line_of(source(), state(Outcome.FAILED), located=(), flags=2, now=NOW),
        line_of(school, state(), located=(), flags=0, now=NOW),
    )
    names = {line.source.id for line in listing(lines, filters, start=0).lines}
    assert names == {{"école": "ecole"}.get(name, name) for name in found}


def test_the_list_shows_every_source_and_keeps_what_was_asked(office: Office) -> None:
    client = office.client("vi", Role.VIEWER)
    said = client.get("/sources").text
    for name in office.desk.sources:
        assert f'href="/sources/{name}"' in said
    assert "Add a source" not in said
    assert "Add a source" in office.client().get("/sources").text
    found = client.get("/sources", q="<script>alert(1)</script>").text
    assert "No source is like that." in found
    assert "<script>alert" not in found
    assert client.get("/sources", health="bogus").status_code == 200
    assert "Aucune source" in office.client("vi", **{"accept-language": "fr"}).get("/sources", q="zzz").text
