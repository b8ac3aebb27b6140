"""One source over real HTTP: facts now and on a day, its strip, its timeline in pages, two captures compared."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.checks import Outcome
from domain.people import Role
from domain.requests import RequestKind, RequestState
from domain.snapshots import CapturedBy, Origin
from domain.sources import Cadence
from review.pages.source import STRIP, Capture, cadence_words, end_of, strip_of, timeline
from storage.audit import list_acts
from storage.checks import record_check, source_states
from storage.histories import visit_of
from storage.requests import load_request
from storage.snapshots import list_snapshots, page_of_snapshots
from tests.review.office import Office
from tests.storage.builders import good, other, record

NAME = "talent-stream"


def kept(office: Office, name: str = NAME) -> list[str]:
    """Digests of a source's captures, newest first."""
    with office.store.reading() as connection:
        return [item.digest for item in list_snapshots(connection, name)]


def test_a_source_is_laid_open(office: Office) -> None:
    said = office.client("vi", Role.VIEWER).get(f"/sources/{NAME}").text
    source = office.desk.sources[NAME]
    assert all(f"<code>{rule.key}</code>" in said for rule in source.rules)
    assert "CAD 1,150" in said
    assert "<svg" in said
    assert 'aria-labelledby="strip-words"' in said
    assert "under: Processing fee" in said
    assert re.search(r'href="/flags/\d+"', said)
    assert 'href="/claims/talent.fee"' in said
    assert "Visit it now" not in said
    assert all(digest[:12] in said for digest in kept(office))


def test_an_imported_capture_has_its_own_time_and_is_called_so(office: Office) -> None:
    made = office.clock().replace(second=7) + timedelta(days=1)
    office.clock.on(days=5)
    imported = good("an older page", [], at=made, source=NAME, origin=Origin.IMPORTED, finished_at=office.clock())
    number = record(office.store, imported).id
    client = office.client()
    said = client.get(f"/sources/{NAME}").text
    newest = re.search(r"Newest check</dt>\s*<dd>(.*?)</dd>", said, re.DOTALL)
    assert newest is not None
    assert made.isoformat() in newest[1].replace("Z", "+00:00")
    assert "imported" in newest[1]
    line = re.search(r"in words</summary>\s*<ul[^>]*>\s*<li>(.*?)</li>", said, re.DOTALL)
    assert line is not None
    assert made.isoformat() in line[1].replace("Z", "+00:00")
    assert "imported" in line[1]
    with office.store.reading() as connection:
        visited = visit_of(connection, number)
        assert visited is not None
        assert (visited.page_at, source_states(connection)[NAME].page_at) == (made, made)


def test_a_name_that_nobody_watches_is_not_found(office: Office) -> None:
    client = office.client()
    for path in ("/sources/nobody", "/sources/nobody/compare", "/sources/nobody/try"):
        assert client.get(path).status_code == 404


def test_facts_are_shown_as_they_were_on_a_day(office: Office) -> None:
    client = office.client()
    today = office.clock().astimezone(ZoneInfo("America/Toronto")).date()
    now = client.get(f"/sources/{NAME}", day=today.isoformat()).text
    assert "CAD 1,150" in now
    before = client.get(f"/sources/{NAME}", day=(today - timedelta(days=3)).isoformat()).text
    assert "CAD 1,150" not in before
    assert "Nothing was known of it on that day." in before
    for odd in ("yesterday", "2026-02-31", "9999-12-31", "0001-01-01", "<b>"):
        answer = client.get(f"/sources/{NAME}", day=odd)
        assert answer.status_code == 200
        assert "<b>" not in answer.text.replace("<b>\n", "")


def test_what_a_page_said_and_what_was_known_are_two_things(office: Office) -> None:
    old = office.clock() - timedelta(days=30)
    check = good("<p>old</p>", [], at=old, source="worker-rules", origin=Origin.IMPORTED)
    check = type(check)(
        **{name: getattr(check, name) for name in check.__slots__ if name != "finished_at"}, finished_at=office.clock()
    )
    with office.store.writing() as connection:
        record_check(connection, check)
    day = (old + timedelta(days=1)).date().isoformat()
    client = office.client()
    assert check.snapshot is not None
    stood = client.get("/sources/worker-rules", day=day).text
    known = client.get("/sources/worker-rules", day=day, by="known").text
    assert f'href="/captures/{check.snapshot.digest}"><code>' in stood.split('id="flags"')[0]
    assert "Nothing was known of it on that day." in known


def test_a_reviewer_asks_for_a_visit_and_nothing_is_fetched_here(office: Office) -> None:
    client = office.client("rea", Role.REVIEWER)
    answer = client.post(f"/sources/{NAME}/check", on=f"/sources/{NAME}")
    assert answer.status_code == 303
    number = int(re.match(r"/requests/(\d+)", answer.headers["location"])[1])  # type: ignore[index]
    again = client.post(f"/sources/{NAME}/check", on="/sources/worker-rules")
    assert f"/requests/{number}?" in again.headers["location"]
    with office.store.reading() as connection:
        request = load_request(connection, number)
        acts = list_acts(connection, limit=5)
    assert request is not None
    assert (request.kind, request.subject, request.state) == (RequestKind.CHECK, NAME, RequestState.WAITING)
    assert request.asked_by == "rea"
    assert (acts[0].act, acts[0].subject) == ("asked for a check", f"source {NAME}")
    assert "Being visited" in client.get(f"/sources/{NAME}").text
    assert office.client("vi", Role.VIEWER).post(f"/sources/{NAME}/check", on="/").status_code == 403


def test_any_two_captures_are_compared_by_the_rules(office: Office) -> None:
    digests = kept(office)
    client = office.client("vi", Role.VIEWER)
    said = client.get(f"/sources/{NAME}/compare", before=digests[-1], after=digests[0]).text
    assert "substantive" in said
    assert "<code>talent-stream#processing_fee</code>" in said
    assert "<del>CAD 1,000</del>" in said
    assert "<ins>CAD 1,150</ins>" in said
    other_way = client.get(f"/sources/{NAME}/compare", before=digests[0], after=digests[-1]).text
    assert "<ins>CAD 1,000</ins>" in other_way
    assert "No passage differs." in client.get(f"/sources/{NAME}/compare", before=digests[0], after=digests[0]).text
    for wrong in ({}, {"before": digests[0]}, {"before": "0" * 64, "after": digests[0]}):
        assert client.get(f"/sources/{NAME}/compare", **wrong).status_code == 404


def test_the_timeline_goes_on_in_pages_and_loses_nothing(office: Office) -> None:
    at = office.clock()
    with office.store.writing() as connection:
        for number in range(120):
            record_check(connection, good(f"<p>{number}", at=at + timedelta(minutes=number), source="worker-rules"))
    client, seen, path = office.client(), [], "/sources/worker-rules"
    for _ in range(10):
        said = client.get(path).text
        seen += re.findall(r'name="after" value="([0-9a-f]{64})"', said)
        more = re.search(r'rel="next" href="([^"#]+)', said)
        if more is None:
            break
        path = more[1]
    assert seen == kept(office, "worker-rules")
    assert len(seen) == 121
    for odd in ("x", "1.", ".1", "9" * 30 + ".1", "-1.1", "²³.1"):
        assert client.get("/sources/worker-rules", after=odd).status_code == 200


def capture(digest: str, hour: int, **changes: object) -> Capture:
    at = datetime(2026, 11, 1, hour, tzinfo=UTC)
    given: dict[str, object] = {
        "digest": digest,
        "at": at,
        "first_at": at,
        "captured_by": CapturedBy.DATE,
        "origin": Origin.FETCHED,
        "size": "1 B",
        "outcome": Outcome.UNCHANGED,
        "reason": "identical",
        "verdict": "",
    }
    return Capture(**{**given, **changes})  # type: ignore[arg-type]


def test_the_same_bytes_in_a_row_are_one_line_about_what_the_first_of_them_changed() -> None:
    lines = timeline(
        [
            capture("b", 5),
            capture("b", 4),
            capture("b", 3, outcome=Outcome.GOOD, reason="", verdict="substantive"),
            capture("a", 2),
            capture("b", 1),
        ]
    )
    assert [(line.digest, line.times, line.at.hour, line.first_at.hour) for line in lines] == [
        ("b", 3, 5, 3),
        ("a", 1, 2, 2),
        ("b", 1, 1, 1),
    ]
    assert (lines[0].outcome, lines[0].verdict) == (Outcome.GOOD, "substantive")


def test_a_strip_draws_the_newest_from_old_to_new() -> None:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    strip = strip_of((Outcome.FAILED if n == 0 else Outcome.GOOD, at - timedelta(hours=n), "") for n in range(200))
    assert len(strip.strokes) == STRIP
    assert strip.strokes[-1].outcome is Outcome.FAILED
    assert strip.strokes[0].at < strip.strokes[-1].at
    assert dict(strip.counts) == {Outcome.GOOD: STRIP - 1, Outcome.FAILED: 1}
    assert strip_of(()).width > 0


@pytest.mark.parametrize(
    ("cadence", "words"),
    [
        (Cadence(every=timedelta(hours=12)), "12 h"),
        (Cadence(every=timedelta(days=7)), "7 d"),
        (Cadence(every=timedelta(minutes=90)), "90 min"),
        (Cadence(cron="0 7 * * 1-5"), "0 7 * * 1-5 (America/Toronto)"),
    ],
)
def test_a_cadence_in_words(cadence: Cadence, words: str) -> None:
    assert cadence_words(cadence) == words


def test_a_day_ends_where_its_zone_says_so() -> None:
    toronto = ZoneInfo("America/Toronto")
    end = end_of("2026-11-01", toronto)
    assert end is not None
    assert end.astimezone(UTC) == datetime(2026, 11, 2, 4, 59, 59, 999999, tzinfo=UTC)
    assert end_of("nonsense", toronto) is None


def test_a_source_without_history_and_one_with_much_trouble_are_shown(office: Office) -> None:
    with office.store.writing() as connection:
        for number in range(70):
            at = office.clock() + timedelta(minutes=number)
            record_check(
                connection,
                other(Outcome.FAILED, at=at, source="worker-rules", reason="timeout", detail="<i>no answer</i>"),
            )
    said = office.client("vi", Role.VIEWER, **{"accept-language": "fr"}).get("/sources/worker-rules").text
    assert "&lt;i&gt;no answer&lt;/i&gt;" in said
    assert "échec" in said
    assert said.count("<rect") == STRIP


def test_the_rooms_are_told_in_french(office: Office) -> None:
    french, digests = office.client("root", Role.ADMIN, **{"accept-language": "fr"}), kept(office)
    for path, words in (
        ("/sources", "Prochaine visite"),
        ("/sources/new", "La regarder"),
        (f"/sources/{NAME}", "Ses captures"),
        (f"/sources/{NAME}?day=2020-01-01&by=known", "On n’en savait rien"),
        (f"/sources/{NAME}/compare?before={digests[-1]}&after={digests[0]}&noise=yes", "Faits qui diffèrent"),
        (f"/sources/{NAME}/try", "Essayer des règles"),
        (f"/captures/{digests[0]}", "vérifiée à l’instant"),
        (f"/captures/{digests[0]}?view=page", "inerte"),
    ):
        answer = french.get(path)
        assert answer.status_code == 200
        assert words in answer.text


def test_what_could_not_be_compared_is_not_said_to_be_the_same(office: Office) -> None:
    with office.store.reading() as connection:
        kept = [item.digest for item in page_of_snapshots(connection, "points-grid", limit=10)]
    shown = office.client("ana").get("/sources/points-grid/compare", before=kept[-1], after=kept[0]).text
    assert "captcha" in shown
    assert "No passage differs" not in shown
    assert "They were not compared" in shown


def test_pages_name_the_feeds_of_what_they_show(office: Office) -> None:
    client, claim = office.client("ana"), next(iter(office.desk.claims))
    for path, query in (
        ("/", ""),
        ("/sources/points-grid", "?source=points-grid"),
        (f"/claims/{claim}", f"?claim={claim}"),
    ):
        links = re.findall(r'<link rel="alternate" type="([^"]+)" [^>]*href="([^"]+)"', client.get(path).text)
        assert [kind for kind, _ in links] == ["application/atom+xml", "application/feed+json"]
        for kind, address in links:
            assert address.endswith(query)
            assert client.get(address).headers["content-type"].startswith(kind)
    assert "alternate" not in office.client(None).get("/sign-in").text
