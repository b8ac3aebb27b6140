"""The queue and a flag over real HTTP: what is shown, what is decided, and what is refused."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from domain.comparison import BlockChange, Operation, Significance, Verdict
from domain.documents import BlockKind
from domain.flags import FlagState, ReviewVerdict
from domain.people import Role
from domain.queue import LEASE
from storage.audit import list_acts
from storage.checks import record_check
from storage.flags import confirm_flag, decide_flag, list_flags, load_flag, open_flag
from storage.handling import handling_of
from tests.review.office import Browser, Office, mark_of
from tests.storage.builders import fee_change, flag, good, record

FEE, ROUND = "talent-stream#processing_fee", "rounds-feed#last_science_round"


def flag_on(office: Office, fact: str) -> int:
    with office.store.reading() as connection:
        return next(item.id for item in list_flags(connection) if item.flag.fact == fact)


def open_flags(office: Office) -> set[int]:
    with office.store.reading() as connection:
        return {item.id for item in list_flags(connection, state=FlagState.OPEN)}


def rise(
    office: Office,
    before: int,
    after: int,
    *,
    source: str = "talent-stream",
    key: str = "processing_fee",
    group: str = "",
) -> int:
    """The number of the flag on a fee that rose at a newer check."""
    office.clock.on(minutes=1)
    change = fee_change(before, after, key=f"{source}#{key}")
    check = good(f"{source} {after}", at=office.clock(), source=source, changes=[change], verdict=Verdict.SUBSTANTIVE)
    made = flag(f"{source} {before} to {after}", source=source, fact=change.key, group=group)
    made = replace(made, before=change.before, after=change.after, quote_after=change.quote_after)
    with office.store.writing() as connection:
        number = open_flag(connection, made, check_id=record_check(connection, check).id, at=office.clock())
    assert number is not None
    return number


def form_of(page: str) -> dict[str, str]:
    """The hidden fields of the form that decides."""
    form = page[page.index('id="verdict"') :].partition("</form>")[0]
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in found}


def decide(
    client: Browser, number: int, verdict: str = "guide wrong", *, page: str = "", **fields: Any
) -> httpx.Response:
    page = page or client.get(f"/flags/{number}").text
    return client.client.post(f"/flags/{number}/decide", data={**form_of(page), "verdict": verdict, **fields})


def seen_on(page: str) -> str:
    """How far the store had come when a page was shown."""
    found = re.search(r'name="seen" value="([\d.]+)"', page)
    return "" if found is None else found[1]


def undo(client: Browser, number: int, *, page: str = "") -> httpx.Response:
    """Take the verdict back, from the page of the flag as it is now or as it was shown."""
    seen = seen_on(page or client.get(f"/flags/{number}").text) or seen_on(client.get("/flags").text)
    return client.post(f"/flags/{number}/undo", on="/flags", seen=seen)


def test_the_queue_shows_every_open_flag_the_worst_first(office: Office) -> None:
    said = office.client().get("/flags").text
    numbers = [int(item) for item in re.findall(r'<a href="/flags/(\d+)"', said)]
    with office.store.reading() as connection:
        ranked = [(item.flag.severity, item.id) for item in list_flags(connection)]
    assert numbers == [number for _, number in ranked]
    assert "Processing fee" in said
    assert "CAD 1,000" in said
    assert "CAD 1,150" in said


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"severity": "low"}, {"rounds-feed#rounds"}),
        ({"source": "application-fees"}, {"application-fees#residence_fee"}),
        ({"reason": "contradicted"}, {ROUND, "permit-times#work_inside"}),
        ({"q": "residence fee"}, {"application-fees#residence_fee"}),
        ({"q": "talent.fee"}, {FEE}),
        ({"q": "labour test of the fast"}, {FEE}),
        ({"q": "LÀBOUR-TEST"}, {FEE}),
        ({"q": "no such words"}, set()),
        ({"who": "me"}, set()),
        ({"view": "decided"}, set()),
        ({"view": "snoozed"}, set()),
    ],
)
def test_filters_and_search_narrow_it(office: Office, query: dict[str, str], found: set[str]) -> None:
    said = office.client().get("/flags", **query).text
    numbers = {int(item) for item in re.findall(r'<a href="/flags/(\d+)', said)}
    with office.store.reading() as connection:
        assert {load_flag(connection, number).flag.fact for number in numbers} == found


def test_words_of_a_stranger_are_words(office: Office) -> None:
    client = office.client()
    for query in ({"q": "<script>alert(1)</script>"}, {"source": '"><script>alert(1)</script>'}, {"after": "x.y"}):
        answer = client.get("/flags", **query)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text


def test_a_flag_shows_the_guide_the_words_the_captures_and_a_suggested_edit(office: Office) -> None:
    number = flag_on(office, FEE)
    said = office.client().get(f"/flags/{number}").text
    with office.store.reading() as connection:
        shown = load_flag(connection, number).flag
    for part in (
        "the employer pays $1,000",
        "equals CAD 1000",
        "<del>1,000</del><ins>1,150</ins>",
        f'href="/captures/{shown.snapshot_before}"',
        f'href="/captures/{shown.snapshot_after}"',
        'rel="noreferrer',
        "<svg",
        "+With the Fast Talent Stream the employer pays $1,150",
    ):
        assert part in said, part
    assert "pair sides" in office.client().get(f"/flags/{number}", show="side").text


def test_a_flag_about_the_words_of_a_page_is_titled_by_where_they_changed(office: Office) -> None:
    made = flag("words", source="talent-stream", fact=None, claims=())
    made = replace(made, before=None, after=None, detail="2 passages changed: section 3.1, Who may <work>; section 4")
    check = good("other words", at=office.clock(), source="talent-stream", verdict=Verdict.SUBSTANTIVE)
    with office.store.writing() as connection:
        number = open_flag(connection, made, check_id=record_check(connection, check).id, at=office.clock())
    client = office.client()
    assert "<h1>section 3.1, Who may &lt;work&gt; +1</h1>" in client.get(f"/flags/{number}").text
    assert f'<a href="/flags/{number}">section 3.1, Who may &lt;work&gt; +1</a>' in client.get("/flags").text


def test_rows_that_differ_are_shown_as_a_table(office: Office) -> None:
    said = office.client().get(f"/flags/{flag_on(office, 'talent-stream#occupations')}").text
    assert '<tr class="row-removed">' in said or '<tr class="row-altered">' in said
    assert office.client().get("/flags/999").status_code == 404
    assert office.client().get("/flags/x").status_code == 404


def test_a_verdict_is_saved_logged_and_followed_by_the_next_flag(office: Office) -> None:
    number, client = flag_on(office, FEE), office.client()
    answer = decide(client, number, note="it is 1,150 now")
    assert answer.status_code == 303
    following = re.match(r"/flags/(\d+)\?decided=(\d+)", answer.headers["location"])
    assert following is not None
    assert int(following[2]) == number
    assert int(following[1]) in open_flags(office)
    with office.store.reading() as connection:
        record = load_flag(connection, number)
        acts = list_acts(connection, subject=f"flag {number}", limit=5)
    assert record.review is not None
    assert (record.review.verdict, record.review.by) == (ReviewVerdict.GUIDE_WRONG, "ana")
    assert record.review.note == "it is 1,150 now"
    assert [(act.act, act.by) for act in acts] == [("decided", "ana")]
    said = client.get(answer.headers["location"]).text
    assert f'action="/flags/{number}/undo"' in said


def test_every_flag_can_be_decided_and_the_last_one_leads_back_to_the_queue(office: Office) -> None:
    client = office.client()
    at, steps = f"/flags/{min(open_flags(office))}", 0
    while at.startswith("/flags/") and steps < 20:
        number = int(at.split("/")[2].split("?", maxsplit=1)[0])
        at, steps = decide(client, number, "no impact").headers["location"], steps + 1
    assert open_flags(office) == set()
    assert at.startswith("/flags?decided=")
    assert "Nothing waits for a decision." in client.get("/flags").text


def test_undoing_opens_it_again_for_whoever_decided_it(office: Office) -> None:
    number, client = flag_on(office, FEE), office.client()
    decide(client, number)
    assert undo(office.client("bo"), number).status_code == 403
    assert number not in open_flags(office)
    assert undo(client, number).status_code == 303
    assert number in open_flags(office)
    assert undo(client, number).status_code == 409


def test_a_viewer_sees_everything_and_decides_nothing(office: Office) -> None:
    number, client = flag_on(office, FEE), office.client("vi", Role.VIEWER)
    said = client.get(f"/flags/{number}").text
    assert "CAD 1,150" in said
    assert 'name="verdict"' not in said
    assert 'name="flag"' not in client.get("/flags").text
    for act in ("decide", "undo", "take", "assign", "snooze", "due"):
        assert client.post(f"/flags/{number}/{act}", on="/flags", verdict="cosmetic").status_code == 403
    assert client.post("/flags/decide", on="/flags").status_code == 403
    with office.store.reading() as connection:
        assert handling_of(connection, (number,))[number].locked_by == ""


def test_what_somebody_else_decided_meanwhile_is_not_overwritten_and_the_note_is_kept(office: Office) -> None:
    number, client = flag_on(office, FEE), office.client()
    page = client.get(f"/flags/{number}").text
    with office.store.writing() as connection:
        decide_flag(connection, number, verdict=ReviewVerdict.COSMETIC, note="", by="bo", at=office.clock())
    answer = decide(client, number, page=page, note="half a page of thoughts")
    assert answer.status_code == 409
    assert "half a page of thoughts" in answer.text
    assert "bo" in answer.text
    with office.store.reading() as connection:
        review = load_flag(connection, number).review
    assert review is not None
    assert review.by == "bo"


def test_that_a_later_capture_agreed_is_no_reason_to_refuse(office: Office) -> None:
    number, client = flag_on(office, FEE), office.client()
    page = client.get(f"/flags/{number}").text
    with office.store.writing() as connection:
        confirm_flag(connection, number, at=office.clock())
    assert decide(client, number, page=page).status_code == 303


def test_a_newer_flag_on_the_fact_is_shown_instead_and_decided_knowingly(office: Office) -> None:
    number, client = flag_on(office, FEE), office.client()
    page = client.get(f"/flags/{number}").text
    newer = rise(office, 1150, 1290)
    answer = decide(client, number, page=page, note="written about the old one")
    assert answer.status_code == 409
    assert f"flag {newer}, with the newer difference" in answer.text
    assert "CAD 1,290" in answer.text
    assert "written about the old one" in answer.text
    assert decide(client, newer, page=answer.text, note="now").status_code == 303
    with office.store.reading() as connection:
        assert load_flag(connection, number).review is None
        assert load_flag(connection, newer).review is not None


def test_a_newer_capture_that_differs_is_shown_before_a_verdict_counts(office: Office) -> None:
    number, client = flag_on(office, FEE), office.client()
    page = client.get(f"/flags/{number}").text
    block = BlockChange(
        op=Operation.CHANGED,
        kind=BlockKind.PARAGRAPH,
        path=("Refunds",),
        before="Nothing is paid back.",
        after="Half is paid back.",
        significance=Significance.SUBSTANTIVE,
    )
    check = good("Half is paid back.", at=office.clock(), source="talent-stream", verdict=Verdict.SUBSTANTIVE)
    assert check.examination is not None
    record(office.store, replace(check, examination=replace(check.examination, blocks=(block,))))
    answer = decide(client, number, page=page, note="kept")
    assert answer.status_code == 409
    assert "What the newer capture changed" in answer.text
    assert "Refunds" in answer.text
    assert "kept" in answer.text
    assert number in open_flags(office)
    assert decide(client, number, page=answer.text).status_code == 303


def test_a_case_is_decided_and_undone_whole_but_for_what_came_after_the_look(office: Office) -> None:
    first, second = rise(office, 1, 2, source="one", group="g"), rise(office, 1, 2, source="two", group="g")
    client = office.client()
    page = client.get(f"/flags/{first}").text
    assert "The verdict is on all 2 flags of one change." in page
    assert "2 pages" in client.get("/flags").text
    third = rise(office, 1, 2, source="three", group="g")
    assert decide(client, first, page=page).status_code == 303
    assert {first, second, third} & open_flags(office) == {third}
    undo(client, second)
    assert {first, second, third} <= open_flags(office)
    assert decide(client, second, alone="yes").status_code == 303
    assert {first, second, third} & open_flags(office) == {first, third}


def test_identical_changes_of_several_cases_are_decided_together(office: Office) -> None:
    numbers = [rise(office, 1, 2, source=name, group=name, key="fee") for name in ("one", "two")]
    client = office.client()
    page = client.get("/flags").text
    seen = re.search(r'name="seen" value="([\d.]+)"', page)
    assert seen is not None
    given = {"mark": mark_of(page), "seen": seen[1], "verdict": "cosmetic", "flag": [str(item) for item in numbers]}
    assert client.client.post("/flags/decide", data=given).status_code == 303
    assert not set(numbers) & open_flags(office)


@pytest.mark.parametrize(
    "wrong",
    [
        {"before": "0" * 64},
        {"after": ""},
        {"seen": "1.2"},
        {"seen": "x"},
        {"seen": "1.2.4294967296"},
        {"verdict": "fine"},
    ],
)
def test_a_form_that_was_tampered_with_decides_nothing(office: Office, wrong: dict[str, str]) -> None:
    number, client = flag_on(office, FEE), office.client()
    answer = decide(client, number, **wrong) if "verdict" not in wrong else decide(client, number, wrong["verdict"])
    assert answer.status_code in (400, 409)
    assert number in open_flags(office)


def test_two_reviewers_see_each_other_and_one_takes_over_knowingly(office: Office) -> None:
    number, ana, bo = flag_on(office, FEE), office.client("ana"), office.client("bo")
    ana.get(f"/flags/{number}")
    theirs = bo.get(f"/flags/{number}").text
    assert "ana is at this flag until" in theirs
    assert "ana is at it" in bo.get("/flags").text
    refused = decide(bo, number, page=theirs, note="mine")
    assert refused.status_code == 409
    assert "mine" in refused.text
    assert bo.post(f"/flags/{number}/take", on="/flags").status_code == 303
    assert "bo is at this flag until" in ana.get(f"/flags/{number}").text
    assert decide(bo, number).status_code == 303


def test_a_lock_ends_with_its_lease_and_with_the_next_flag(office: Office) -> None:
    number, other = sorted(open_flags(office))[:2]
    ana, bo = office.client("ana"), office.client("bo")
    ana.get(f"/flags/{number}")
    ana.get(f"/flags/{other}")
    assert "is at this flag" not in bo.get(f"/flags/{number}").text
    office.clock.on(seconds=LEASE.total_seconds() + 1)
    assert "is at this flag" not in bo.get(f"/flags/{other}").text


def test_assigning_snoozing_and_a_due_day_show_in_the_queue(office: Office) -> None:
    number, client = flag_on(office, FEE), office.client()
    office.person("bo")
    client.post(f"/flags/{number}/assign", on="/flags", to="bo")
    assert f'href="/flags/{number}' in client.get("/flags", who="bo").text
    assert client.post(f"/flags/{number}/assign", on="/flags", to="nobody known").status_code == 422
    day = (office.clock().date() + timedelta(days=3)).isoformat()
    client.post(f"/flags/{number}/snooze", on="/flags", day=day)
    assert f'href="/flags/{number}' not in client.get("/flags").text
    assert f'href="/flags/{number}' in client.get("/flags", view="snoozed").text
    office.clock.on(days=4)
    client = office.client()
    assert f'href="/flags/{number}' in client.get("/flags").text
    assert f'href="/flags/{number}' in client.get("/flags", due="late").text
    later = (office.clock().date() + timedelta(days=30)).isoformat()
    client.post(f"/flags/{number}/due", on="/flags", day=later)
    assert f'href="/flags/{number}' not in client.get("/flags", due="late").text
    for wrong in ("soon", "2020-01-01", "9999-12-31"):
        assert client.post(f"/flags/{number}/snooze", on="/flags", day=wrong).status_code == 422


def test_flags_that_are_not_identical_are_not_decided_together(office: Office) -> None:
    client = office.client()
    page = client.get("/flags").text
    seen = re.search(r'name="seen" value="([\d.]+)"', page)
    assert seen is not None
    both = [str(flag_on(office, FEE)), str(flag_on(office, ROUND))]
    given = {"mark": mark_of(page), "seen": seen[1], "verdict": "cosmetic", "note": "kept"}
    answer = client.client.post("/flags/decide", data={**given, "flag": both})
    assert answer.status_code == 409
    assert 'value="kept"' in answer.text
    assert len(open_flags(office)) == 8
    assert client.client.post("/flags/decide", data={**given, "flag": both[:1]}).status_code == 303
    assert len(open_flags(office)) == 7
    other = {**given, "verdict": "no impact", "flag": both[:1]}
    assert client.client.post("/flags/decide", data=other).status_code == 409
    assert client.client.post("/flags/decide", data=given).status_code == 422


def test_both_pages_speak_french(office: Office) -> None:
    client = office.client("vi", Role.VIEWER, **{"accept-language": "fr"})
    assert "Gravité" in client.get("/flags").text
    reviewer = office.client("ana", Role.REVIEWER, **{"accept-language": "fr"})
    for number in open_flags(office):
        assert "guide toujours juste" in reviewer.get(f"/flags/{number}").text
    for view in ("snoozed", "decided", "closed"):
        assert reviewer.get("/flags", view=view).status_code == 200
