"""From two bodies to a verdict, through the real readers."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.comparison import Comparison, Verdict
from monitor.diff import compare_bodies

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Harbour fees</title>
<script nonce="{token}">var t="{token}";</script></head>
<body><header><nav><ul><li><a href="/en/a">Boats</a></li><li><a href="/en/b">Piers</a></li></ul></nav></header>
<main><h1>Harbour fees</h1>
<p>Every boat that enters the harbour pays a fee of {fee} before it is moored.</p>
<p>The harbour master {verb} refuse a boat without a lamp, and the owner is told why in writing.</p>
<h2>Piers</h2>
<table><thead><tr><th>Pier</th><th>Longest stay</th></tr></thead><tbody>
<tr><td>Newhaven</td><td>{stay}</td></tr><tr><td>Oldport</td><td>10 days</td></tr></tbody></table>
<p>Use <a href="/forms/mooring-v{form}.pdf">the mooring form</a> to ask for a longer stay.</p>
</main><footer><p>Date modified: {modified}</p></footer></body></html>
"""
USUAL = {"token": "3fa9c2d1e0", "fee": "$40", "verb": "may", "stay": "3 weeks", "form": "3", "modified": "2031-04-02"}


def body(**changes: str) -> bytes:
    return PAGE.format(**(USUAL | changes)).encode()


def compared(**changes: str) -> Comparison:
    return compare_bodies(body(), body(**changes), url="https://harbour.example/fees")


def test_equal_bytes_are_the_same() -> None:
    assert compare_bodies(body(), body()) == Comparison(verdict=Verdict.SAME, reason="equal bytes")


def test_tokens_and_stamps_of_each_request_are_noise() -> None:
    assert compared(token="77ab01cd55", modified="2031-05-09").verdict is Verdict.NOISE


@pytest.mark.parametrize("change", [{"fee": "$45"}, {"verb": "must"}, {"verb": "may not"}, {"stay": "2 weeks"}])
def test_a_fee_a_duty_and_a_cell_are_substantive(change: dict[str, str]) -> None:
    assert compared(**change).verdict is Verdict.SUBSTANTIVE


def test_a_form_behind_an_unchanged_link_text_is_editorial_and_named() -> None:
    comparison = compared(form="4")

    assert comparison.verdict is Verdict.EDITORIAL
    assert [value.kind for block in comparison.blocks for value in block.values] == ["link"]


FORM = (
    '<form action="{action}" method="{method}"><p>Boat</p><input name="boat"><button>Pay the fee</button></form></main>'
)


def with_form(action: str, *, method: str = "post") -> bytes:
    return body().replace(b"</main>", FORM.format(action=action, method=method).encode())


@pytest.mark.parametrize(
    ("before", "after", "method", "verdict"),
    [
        ("/pay", "https://collect.example/pay", "post", "substantive"),
        ("/pay", "/pay-the-berth", "post", "substantive"),
        ("/list", "https://collect.example/list", "get", "substantive"),
        ("/list", "/lists", "get", "editorial"),
        ("/pay?nonce=3fa9c2d1", "/pay?nonce=77ab01cd", "post", "noise"),
        ("/pay/3fa9c2d1e077ab01", "/pay/9911c2d1e077ab02", "post", "noise"),
        ("/pay;jsessionid=A1B2", "/pay;jsessionid=C3D4", "post", "noise"),
        ("/(S(k3wq1x2y))/pay", "/(S(p9zz1x2y))/pay", "post", "noise"),
        ("/pay", "https://harbour.example/pay/", "post", "noise"),
        ("/pay?form_build_id=form-8sD3kQx_a1", "/pay?form_build_id=form-Zx99kQx_b2", "post", "noise"),
    ],
)
def test_where_a_form_is_sent_is_seen_and_its_session_is_not(
    before: str, after: str, method: str, verdict: str
) -> None:
    there = compare_bodies(
        with_form(before, method=method), with_form(after, method=method), url="https://harbour.example/fees"
    )
    back = compare_bodies(
        with_form(after, method=method), with_form(before, method=method), url="https://harbour.example/fees"
    )

    assert (there.verdict.value, back.verdict.value) == (verdict, verdict)
    if verdict != "noise":
        assert [value.kind for block in there.blocks for value in block.values] == ["link"]


def test_where_a_form_is_sent_is_seen_beside_a_changed_sentence() -> None:
    after = with_form("https://collect.example/pay").replace(b"<p>Boat</p>", b"<p>Your boat</p>")

    assert compare_bodies(with_form("/pay"), after).verdict is Verdict.SUBSTANTIVE


@pytest.mark.parametrize(
    ("words", "after", "verdict"),
    [
        ("Apply online", "https://boats.example/apply", "substantive"),
        ("Pay the fee", "https://boats.example/pay", "substantive"),
        ("Download the form", "https://boats.example/form.pdf", "substantive"),
        ("Apply online", "https://forms.harbour.example/apply", "editorial"),
        ("Apply online", "/apply/online", "editorial"),
        ("The history of the harbour", "https://boats.example/history", "editorial"),
    ],
)
def test_a_link_that_people_act_by_weighs_more_where_it_leads_to_another_site(
    words: str, after: str, verdict: str
) -> None:
    link = '<p><a href="{target}">{words}</a></p></main>'
    sides = [
        body().replace(b"</main>", link.format(target=target, words=words).encode()) for target in ("/apply", after)
    ]

    assert compare_bodies(*sides, url="https://harbour.example/fees").verdict.value == verdict


def test_markup_wrapped_otherwise_is_noise() -> None:
    wrapped = body().replace(b"<p>", b'<p class="x7">\n   ').replace(b" a fee of ", b"\n a fee\n of&nbsp;")

    assert compare_bodies(body(), wrapped).verdict is Verdict.NOISE


@pytest.mark.parametrize(
    ("after", "cause"),
    [
        (b"", "after:"),
        (gzip.compress(body()), "after:"),
        (
            b"<html><head><title>Just a moment...</title></head><body><p>Checking your browser</p></body></html>",
            "after:",
        ),
        (body()[: len(body()) // 2], "after: half-body"),
    ],
)
def test_a_side_that_is_no_page_cannot_be_told_and_the_reason_names_it(after: bytes, cause: str) -> None:
    there, back = compare_bodies(body(), after), compare_bodies(after, body())

    assert (there.verdict, back.verdict) == (Verdict.CANNOT_TELL, Verdict.CANNOT_TELL)
    assert there.reason.startswith(cause)
    assert back.reason.startswith(cause.replace("after", "before"))


def test_a_page_beside_a_feed_cannot_be_told() -> None:
    comparison = compare_bodies(body(), json.dumps({"rounds": [{"number": 1}]}).encode())

    assert comparison.verdict is Verdict.CANNOT_TELL
    assert "media differ" in comparison.reason


def test_a_feed_is_compared_by_its_records() -> None:
    rounds = [{"number": str(k), "cutoff": str(500 + k), "date": f"2031-01-{k:02}"} for k in range(1, 9)]
    before = json.dumps({"rounds": rounds, "generated": "2031-01-09"}).encode()
    after = json.dumps(
        {"generated": "2031-02-02", "rounds": [*rounds[::-1], {"number": "9", "cutoff": "480"}]}
    ).encode()

    comparison = compare_bodies(before, after)

    assert comparison.verdict is Verdict.SUBSTANTIVE
    assert any("480" in (block.after or "") for block in comparison.blocks)


@settings(max_examples=80, deadline=None)
@given(
    before=st.binary(max_size=200)
    | st.sampled_from([body(), b"[" * 3000, b"<p>" * 500, b"\xff\xfe<\x00", b"%PDF-1.4"]),
    after=st.binary(max_size=200)
    | st.sampled_from([body(), b"{" * 3000, b"<table><tr>" * 300, b"PK\x03\x04", b"<!--" * 900]),
)
def test_no_bytes_make_it_raise(before: bytes, after: bytes) -> None:
    assert compare_bodies(before, after).reason


HOSTILE = {
    "one long line": (b"<p>" + b"word " * 200_000 + b"</p>", b"<p>" + b"word " * 200_001 + b"fee</p>"),
    "equal lines": (b"<p>same</p>" * 20_000, b"<p>same</p>" * 20_001 + b"<p>other</p>"),
    "every line new": (
        b"".join(b"<p>line %d of the list</p>" % k for k in range(15_000)),
        b"".join(b"<p>row %d of a table</p>" % (7 * k) for k in range(15_000)),
    ),
    "reversed": (
        b"".join(b"<li>entry %d</li>" % k for k in range(15_000)),
        b"".join(b"<li>entry %d</li>" % k for k in reversed(range(15_000))),
    ),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_degenerate_difference_gets_an_answer(name: str) -> None:
    before, after = (b"<html><body><main><h1>List</h1>" + part + b"</main></body></html>" for part in HOSTILE[name])

    comparison = compare_bodies(before, after)

    assert comparison.verdict in {Verdict.SUBSTANTIVE, Verdict.EDITORIAL}
    assert len(comparison.blocks) <= 2_000


def frame(content: str) -> bytes:
    around = "<div><h3>Services</h3><ul><li>Tides</li><li>Berths</li></ul><p>The board keeps what you send for a year.</p></div>"
    return f"<!DOCTYPE html><html lang='en'><head><title>Harbour</title></head><body>{content}{around}</body></html>".encode()


def test_a_page_that_its_script_had_not_filled_in_cannot_be_compared() -> None:
    filled = frame("<div><h1>Night berths</h1><p>You pay $40 for a night.</p><p>Two lamps are required.</p></div>")

    for before, after, side in ((frame(""), filled, "before"), (filled, frame(""), "after")):
        found = compare_bodies(before, after)
        assert (found.verdict, found.reason.partition(":")[0]) == (Verdict.CANNOT_TELL, side)


def test_a_page_that_lost_a_section_but_not_its_title_is_compared() -> None:
    whole = frame("<h1>Night berths</h1><p>You pay $40 for a night.</p>")

    assert compare_bodies(whole, frame("<h1>Night berths</h1>")).verdict is Verdict.SUBSTANTIVE


def chronicle(*days: str, heading: str = "Change log") -> bytes:
    entries = "".join(f"<div><a href='?on={day}'>{day}</a></div>" for day in days)
    return (
        "<!DOCTYPE html><html lang='fr'><head><title>Port</title></head><body><main><h1>Port</h1><p>Chaque bateau "
        f"porte deux lampes la nuit.</p><h2>{heading}</h2>{entries}</main></body></html>"
    ).encode()


def test_dates_of_a_chronicle_that_all_moved_by_one_day_are_another_time_zone() -> None:
    found = compare_bodies(
        chronicle("5 mai 2031", "28 avr. 2031", "27 avr. 2031"), chronicle("4 mai 2031", "27 avr. 2031", "26 avr. 2031")
    )

    assert {change.because for change in found.blocks if change.significance.value == "substantive"} == set()


@pytest.mark.parametrize(
    ("before", "after", "heading"),
    [
        (("5 mai 2031", "28 avr. 2031"), ("4 mai 2031", "28 avr. 2031"), "Change log"),
        (("5 mai 2031", "28 avr. 2031"), ("4 mai 2031", "26 avr. 2031"), "Change log"),
        (("5 mai 2031", "28 avr. 2031"), ("4 mai 2031", "27 avr. 2031"), "Dates limites"),
        (("5 mai 2031",), ("4 mai 2031",), "Change log"),
    ],
)
def test_dates_that_moved_otherwise_were_edited(before: tuple[str, ...], after: tuple[str, ...], heading: str) -> None:
    found = compare_bodies(chronicle(*before, heading=heading), chronicle(*after, heading=heading))

    assert found.verdict is Verdict.SUBSTANTIVE


@pytest.mark.parametrize("title", ["Related articles", "See also", "Liens connexes", "You may also be interested in"])
def test_a_list_of_other_pages_that_was_turned_round_is_editorial(title: str) -> None:
    def related(*names: str) -> bytes:
        links = "".join(f"<div><a href='/{name}'>{name}</a></div>" for name in names)
        return (
            "<!DOCTYPE html><html lang='en'><head><title>Berths</title></head><body><main><h1>Berths</h1><p>You pay "
            f"$40 for each of the nights.</p><section><h2>{title}</h2>{links}</section></main></body></html>"
        ).encode()

    found = compare_bodies(related("Painting", "Lamps and oil"), related("Lamps and oil", "A day with the keeper"))

    assert (found.verdict, {change.because for change in found.blocks}) == (Verdict.EDITORIAL, {"related link"})


def test_a_title_in_the_head_that_changed_is_editorial() -> None:
    found = compare_bodies(body(), body().replace(b"<title>Harbour fees", b"<title>Harbour: fees and berths"))

    assert [(change.because, change.locator) for change in found.blocks] == [("title", "title in the head")]


def test_a_mark_made_for_each_visitor_in_a_link_is_noise() -> None:
    marked = [
        body().replace(b"mooring-v3.pdf", f"mooring-v3.pdf?entry={mark}".encode())
        for mark in ("AZVr3c9KyMFoh1h5Bf3x", "BQw81LkPz7Rt20GmXs4d")
    ]

    assert compare_bodies(*marked).verdict is Verdict.NOISE


def prose(title: str, *sentences: str) -> bytes:
    said = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    return (
        f"<!DOCTYPE html><html lang='en'><head><title>{title}</title></head><body><main><h1>{title}</h1>{said}</main></body></html>"
    ).encode()


NAMES = [
    first + second
    for first in ("tide", "pier", "lamp", "rope", "mast")
    for second in ("house", "stone", "field", "wharf", "gate")
]


def test_an_address_that_leads_to_another_page_cannot_be_compared() -> None:
    rules = prose("Night berths", *(f"Moor beside {name} with lanterns burning until sunrise." for name in NAMES))
    home = prose("Welcome aboard", *(f"Discover {name[::-1]} during festive weekends amid music." for name in NAMES))

    found = compare_bodies(rules, home)

    assert (found.verdict, found.reason.partition(":")[0]) == (Verdict.CANNOT_TELL, "another-page")


def test_a_page_written_anew_about_its_subject_is_compared() -> None:
    old = prose("Night berths", *(f"Moor beside {name} with lanterns burning until sunrise." for name in NAMES))
    new = prose("Berths", *(f"Until sunrise keep two lanterns lit: {name} berths moor you free." for name in NAMES))

    assert compare_bodies(old, new).verdict is Verdict.SUBSTANTIVE


def test_a_stamp_that_stands_where_a_title_should_is_no_title() -> None:
    found = compare_bodies(
        b"Updated: May 3, 2031\n\nYou pay $40.\n",
        b"Updated: 3 May 2031\n\nYou pay $40.\n",
        content_type="text/markdown",
    )

    assert found.verdict is Verdict.NOISE


@pytest.mark.parametrize(
    ("offer", "verdict"),
    [("Ask those who sail", Verdict.EDITORIAL), ("Call 555 0101 before noon", Verdict.SUBSTANTIVE)],
)
def test_what_a_help_centre_offers_below_its_pages_is_editorial_unless_it_names_a_figure(
    offer: str, verdict: Verdict
) -> None:
    def below(words: str) -> bytes:
        return (
            "<!DOCTYPE html><html lang='en'><head><title>Berths</title></head><body><main><h1>Berths</h1><p>You pay $40 "
            f"for each of the nights.</p><h2>Still need help?</h2><p>Write to us.</p>{words}</main></body></html>"
        ).encode()

    assert compare_bodies(below(""), below(f"<p>{offer}</p>")).verdict is verdict
