"""The vocabulary of rules: where a fact stands, what must hold of it, and when nobody can tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.documents import Document
from domain.facts import Fact, FactState
from domain.sources import Expect, Rule
from domain.values import Code, Count, Kind, Members, Rows, Scheme, Status, StatusWord, Text, Unit, Value, YesNo
from monitor.read import read
from tests.monitor.extract.pages import fact, html, money, span

PIER = html("""
<h1>Harbour office</h1><p>The office keeps the book of boats and answers letters within 10 business days.</p>
<h2>Mooring fee</h2><p class="fee">A berth costs $1,000 for each boat.</p>
<h2>Mooring fee in winter</h2><p>A berth costs $2,000 for each boat.</p>
<h2>Lamp fee</h2><p>Winter: $30. Summer: $20.</p>
<h2>Guests</h2><p>Guests are welcome.</p>
<h2>Who may moor</h2><ul><li>owners of a boat</li><li>pilots</li></ul>
<h2>Nobody</h2>
<h2>Crews</h2>
<table><caption>Crews wanted</caption><thead><tr><th>NOC code</th><th>Occupation</th><th>Wage</th></tr></thead><tbody>
<tr><td>72602<br>72603</td><td>Deck officers</td><td>$60,000</td></tr>
<tr><td>sub-set of 75210</td><td>Deck hands</td><td>$40,000</td></tr></tbody></table>
<h2>Register</h2>
<table><thead><tr><th>Pier</th><th>Days</th></tr></thead><tbody><tr><td></td><td></td></tr></tbody></table>
<h2>Night intake</h2><p>The night intake is closed. The day intake is open.</p>
<p>Lamps are required. Lamps are not required.</p>
""")
FEED = read(
    b'{"piers": [{"name": "Newhaven", "toll": "$5", "open": true}, {"name": "Oldport", "toll": "$7", "open": false}]}',
    content_type="application/json",
)
NOTHING = html("<h1>Harbour office</h1><p>The page is being rewritten and tells nothing else for now, sorry.</p>")


def rule(kind: Kind, **where: Any) -> Rule:
    return Rule(key="fact", kind=kind, **where)


def count(number: int) -> Count:
    return Count(number=Decimal(number))


CREWS = Rows(
    key=("NOC code",),
    columns=("NOC code", "Occupation"),
    rows=(("72602", "Deck officers"), ("72603", "Deck officers"), ("sub-set of 75210", "Deck hands")),
)
LOCATED: list[tuple[Document, Rule, Value, str]] = [
    (PIER, rule(Kind.MONEY, under="mooring FEE"), money("1000"), "A berth costs $1,000 for each boat."),
    (PIER, rule(Kind.MONEY, select="p.fee"), money("1000"), "A berth costs $1,000 for each boat."),
    (PIER, rule(Kind.MONEY, label="Summer"), money("20"), "Winter: $30. Summer: $20."),
    (PIER, rule(Kind.MONEY, match=r"Winter: (\$\d+)"), money("30"), "Winter: $30. Summer: $20."),
    (PIER, rule(Kind.MONEY, under="Lamp fee", pick="largest"), money("30"), "Winter: $30. Summer: $20."),
    (PIER, rule(Kind.MONEY, under="Lamp fee", pick="smallest"), money("20"), "Winter: $30. Summer: $20."),
    (PIER, rule(Kind.MONEY, under="Lamp fee", pick="last"), money("20"), "Winter: $30. Summer: $20."),
    (PIER, rule(Kind.MONEY, caption="crews", row="Deck hands", column="Wage"), money("40000"), "Deck hands"),
    (PIER, rule(Kind.DURATION, match=r"within (?P<value>.+)\."), span("10", Unit.BUSINESS_DAY), "10 business days"),
    (PIER, rule(Kind.MEMBERS, under="Who may moor"), Members(items=("owners of a boat", "pilots")), "pilots"),
    (PIER, rule(Kind.ROWS, columns=("NOC code", "Occupation"), codes="noc2021"), CREWS, "72602"),
    (PIER, rule(Kind.CODE, row="Deck hands", column="NOC code", codes="noc2021"),
     Code(scheme=Scheme.NOC2021, code="75210", qualifier="sub-set of"), "sub-set of 75210"),
    (PIER, rule(Kind.STATUS, match=r"The night intake[^.]*"), Status(status=StatusWord.CLOSED), "night intake is closed"),
    (PIER, rule(Kind.STATUS, pick="first", says=(("closed", ("intake is closed",)), ("open", ("intake",)))),
     Status(status=StatusWord.CLOSED), "night intake is closed"),
    (PIER, rule(Kind.YES_NO, under="Guests", says=(("yes", ("welcome",)), ("no", ("turned away",)))), YesNo(yes=True),
     "Guests are welcome."),
    (PIER, rule(Kind.TEXT, under="Guests"), Text(text="Guests are welcome."), "Guests are welcome."),
    (FEED, rule(Kind.MONEY, path="piers[name=Oldport].toll"), money("7"), "toll: $7"),
    (FEED, rule(Kind.MONEY, path="piers[0].toll"), money("5"), "toll: $5"),
    (FEED, rule(Kind.MEMBERS, path="piers[*].name"), Members(items=("Newhaven", "Oldport")), "name: Newhaven"),
    (FEED, rule(Kind.YES_NO, path="piers[name~new].open"), YesNo(yes=True), "open: true"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "wanted", "value", "words"), LOCATED)
def test_a_fact_is_located_with_its_words_and_its_place(
    document: Document, wanted: Rule, value: Value, words: str
) -> None:
    found = fact(document, wanted)

    assert (found.state, found.value) == (FactState.LOCATED, value), found.reason
    assert words in found.quote
    assert found.locator


CANNOT_TELL = [
    (rule(Kind.MONEY, under="Ferry fee"), "no heading contains 'Ferry fee'"),
    (rule(Kind.MONEY, under="Lamp fee"), "several values"),
    (rule(Kind.MONEY, under="Guests"), "no money in"),
    (rule(Kind.MONEY, label="Autumn"), "do not stand there"),
    (rule(Kind.MONEY, select="p.gone"), "nothing matches"),
    (rule(Kind.MONEY, match=r"costs (€\d+)"), "matches nothing"),
    (rule(Kind.MONEY, match="("), "cannot be used"),
    (rule(Kind.MONEY, path="piers[0].toll"), "this page is none"),
    (rule(Kind.MONEY, row="Cooks", column="Wage"), "no row has a cell 'Cooks'"),
    (rule(Kind.MONEY, row="Deck hands", column="Salary"), "no table has a column 'Salary'"),
    (rule(Kind.ROWS, columns=("Harbour", "Crew")), "no table has a column 'Harbour'"),
    (rule(Kind.MEMBERS, under="Mooring fee"), "no entries"),
    (rule(Kind.STATUS, under="Night intake"), "several statuses"),
    (rule(Kind.STATUS, says=(("closed", ("intake is closed",)), ("open", ("intake",)))), "several statuses"),
    (rule(Kind.YES_NO, under="Night intake", says=(("yes", ("are required",)), ("no", ("not required",)))), "both"),
    (rule(Kind.MONEY, under="Mooring fee", expect=Expect(between=(Decimal(1), Decimal(500)))), "out of range"),
    (rule(Kind.MEMBERS, under="Who may moor", expect=Expect(rows=(3, 9))), "out of range: 2 entries"),
    (rule(Kind.MEMBERS, under="Who may moor", expect=Expect(contains=("captains",))), "without captains"),
    (rule(Kind.TEXT, under="Guests", expect=Expect(one_of=("yes", "no"))), "not one of yes, no"),
    (rule(Kind.MONEY, section="12"), "there is no section '12'"),
    (rule(Kind.MONEY, page=3), "there is no page 3"),
    (rule(Kind.COUNT, extractor="nobody"), "there is no extractor"),
]


@pytest.mark.parametrize(("wanted", "reason"), CANNOT_TELL)
def test_what_is_not_there_as_declared_cannot_be_told_and_the_reason_says_why(wanted: Rule, reason: str) -> None:
    found = fact(PIER, wanted)

    assert (found.state, found.value, found.quote) == (FactState.CANNOT_TELL, None, "")
    assert reason in found.reason


@pytest.mark.parametrize(("wanted", "reason"), CANNOT_TELL)
def test_it_is_absent_only_where_its_place_was_found_and_absence_is_a_finding(wanted: Rule, reason: str) -> None:
    placed = ("no money in", "do not stand there", "matches nothing", "no row has a cell")

    expected = FactState.ABSENT if reason.startswith(placed) else FactState.CANNOT_TELL
    assert fact(PIER, replace(wanted, may_be_absent=True)).state is expected


@pytest.mark.parametrize("kind", [Kind.ROWS, Kind.MEMBERS])
def test_no_rows_are_never_all_rows_removed(kind: Kind) -> None:
    empty = fact(PIER, rule(kind, columns=("Pier", "Days"), may_be_absent=True))
    gone = fact(NOTHING, rule(kind, columns=("NOC code",), codes="noc2021", may_be_absent=True))

    assert empty.state is not FactState.LOCATED
    assert gone.state is FactState.CANNOT_TELL


def changing(text: str) -> Fact:
    return fact(html(f"<h1>Fees</h1><h2>Mooring fee</h2><p>{text}</p>"), rule(Kind.MONEY, under="Mooring fee"))


@pytest.mark.parametrize(
    "text",
    [
        "The fee is $950. The fee is $990 effective April 30, 2031.",
        "From April 30, 2031, the fee is $990. Until then it is $950 for each boat.",
        "Le droit est de 950 $. À compter du 30 avril 2031, il est de 990 $.",
    ],
)
def test_an_old_and_a_new_value_are_the_current_and_the_pending_one(text: str) -> None:
    found = changing(text)

    assert found.value == money("950"), found.reason
    assert found.pending is not None
    assert (found.pending.value, found.pending.effective) == (money("990"), date(2031, 4, 30))
    assert "990" in found.pending.quote


def test_a_value_that_has_begun_replaces_the_one_beside_it() -> None:
    found = changing("The fee is $950. The fee is $990 effective March 30, 2031.")

    assert (found.value, found.pending) == (money("990"), None)


def test_a_value_that_is_only_announced_is_not_the_value() -> None:
    found = changing("The fee is $990 effective April 30, 2031.")

    assert found.state is FactState.CANNOT_TELL
    assert "only announced" in found.reason


def test_parts_of_a_bundle_must_add_up() -> None:
    assert changing("$155 ($85 berth + $70 lamp)").state is FactState.CANNOT_TELL  # which of three is not said
    wanted = rule(Kind.MONEY, under="Mooring fee", pick="first")
    right = html("<h2>Mooring fee</h2><p>$155 ($85 berth + $70 lamp)</p>")
    wrong = html("<h2>Mooring fee</h2><p>$155 ($85 berth + $75 lamp)</p>")

    assert fact(right, wanted).value == money("155")
    assert "do not add up" in fact(wrong, wanted).reason


def test_the_order_of_rows_and_extra_white_space_change_no_value() -> None:
    rows = ["<tr><td>Newhaven</td><td>$5</td></tr>", "<tr><td>Oldport</td><td>$7</td></tr>"]
    wanted = rule(Kind.MONEY, row="Oldport", column="Toll")
    found = {
        fact(html(f"<table><tr><th>Pier</th><th>Toll</th></tr>{'   '.join(order)}</table>"), wanted).value
        for order in (rows, rows[::-1], [row.replace("<td>", "<td>\n  ") for row in rows])
    }

    assert found == {money("7")}
