"""Suggested edits: the new value in the manner of the old, and nothing where a person would have to think."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from domain.claims import Claim, Expectation, Operator
from domain.sources import Rule
from domain.values import (
    Bound,
    Count,
    Day,
    Duration,
    Kind,
    Members,
    Money,
    Percentage,
    Points,
    Rows,
    Unit,
    Value,
)
from monitor.edits import Edit, NoEdit, guide_value, patch, suggest_edits, suggest_for, together
from monitor.extract import values_in
from tests.site import claim

GUIDE = """# Licences

A licence costs $1,000 CAD per position. Couriers charge $15.
The rule began on March 25, 2025, and 600 points are given.
It takes 2 weeks; in most offices 80% are done in time.
Twice: a licence is $70 here and $70 there.
"""


def money(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="CAD")


def percent(number: str) -> Percentage:
    return Percentage(number=Decimal(number))


def count(number: int) -> Count:
    return Count(number=Decimal(number))


def months(number: int) -> Duration:
    return Duration(quantity=Decimal(number), unit=Unit.MONTH)


def weeks(number: int) -> Duration:
    return Duration(quantity=Decimal(number), unit=Unit.WEEK)


@pytest.mark.parametrize(
    ("anchor", "old", "new", "words"),
    [
        ("CAD per position", money("1000"), money("1150"), "$1,150 CAD per position. Couriers charge $15."),
        ("CAD per position", money("1000"), money("990.5"), "$990.50 CAD per position."),
        ("couriers charge", money("15"), money("1500"), "Couriers charge $1500."),
        ("the rule began", Day(date=date(2025, 3, 25)), Day(date=date(2026, 11, 3)), "began on November 3, 2026, and"),
        ("600 points", Points(number=Decimal(600)), Points(number=Decimal(450)), "450 points are given"),
        ("it takes", weeks(2), weeks(1), "It takes 1 week;"),
        ("it takes", weeks(2), weeks(12), "It takes 12 weeks;"),
        ("most offices", Percentage(number=Decimal(80)), Percentage(number=Decimal(75)), "75% are done"),
    ],
)
def test_the_value_is_replaced_in_the_manner_of_the_guide(anchor: str, old: Value, new: Value, words: str) -> None:
    (edit,) = suggest_edits(GUIDE, replace(claim(), anchor=anchor), old, new)
    assert isinstance(edit, Edit)
    assert words in edit.after
    assert GUIDE.splitlines()[edit.line - 1] == edit.before


@pytest.mark.parametrize(
    ("anchor", "old", "new"),
    [
        ("nowhere", money("1000"), money("1150")),
        ("here and", money("70"), money("80")),
        ("CAD per position", money("1000"), money("1000.00")),
        ("CAD per position", money("1000"), Money(amount=Decimal(900), currency="USD")),
        ("CAD per position", money("999"), money("1150")),
        ("it takes", weeks(2), Duration(quantity=Decimal(3), unit=Unit.MONTH)),
        ("CAD per position", Members(items=("a",)), Members(items=("b",))),
        ("CAD per position", money("1000"), Count(number=Decimal(5))),
    ],
)
def test_what_needs_thought_is_left_to_a_person(anchor: str, old: Value, new: Value) -> None:
    (found,) = suggest_edits(GUIDE, replace(claim(), anchor=anchor), old, new)
    assert isinstance(found, NoEdit)
    assert found.reason


def taken(tmp_path: Path, guide: str, found: Iterable[Edit | NoEdit], *, name: str = "guide.md") -> str:
    """The guide after `git apply`, and after `patch`, which have to agree."""
    edits, _ = together(found)
    made = patch(guide, edits, name=name).encode()
    results = []
    for at, command in enumerate((["git", "apply", "-"], ["patch", "-p1", "--binary", "--no-backup-if-mismatch"])):
        folder = tmp_path / str(at)
        folder.mkdir()
        (folder / name).write_bytes(guide.encode())
        subprocess.run(command, cwd=folder, input=made, check=True, capture_output=True)
        results.append((folder / name).read_bytes().decode())
    assert results[0] == results[1]
    return results[0]


def days(number: int) -> Duration:
    return Duration(quantity=Decimal(number), unit=Unit.BUSINESS_DAY)


def span(low: int, high: int, unit: Unit = Unit.WEEK) -> Duration:
    quantity = Decimal(high)
    return Duration(quantity=quantity, unit=unit, bound=Bound.RANGE, lower=Decimal(low), upper=quantity)


def year(text: str) -> Day:
    return Day(date=date.fromisoformat(text))


@pytest.mark.parametrize(
    ("passage", "anchor", "old", "new", "after"),
    [
        ("The wait is 4 to 12 weeks.", "the wait", span(4, 12), span(6, 14), "The wait is 6 to 14 weeks."),
        ("Regular: 4–12 weeks here.", "regular", span(4, 12), span(6, 14), "Regular: 6–14 weeks here."),
        ("It takes two to four weeks.", "it takes", span(2, 4), span(3, 12), "It takes three to 12 weeks."),
        ("Le délai est de 4 à 12 semaines.", "le délai", span(4, 12), span(6, 14), "Le délai est de 6 à 14 semaines."),
        ("A 2-week wait is usual.", "wait is", weeks(2), weeks(3), "A 3-week wait is usual."),
        ("It takes one year of work.", "of work", months(12), months(24), "It takes two years of work."),
        ("Allow four (4) weeks for it.", "allow", weeks(4), weeks(8), "Allow eight (8) weeks for it."),
        ("The answer comes in 2 weeks.", "the answer", days(10), days(15), "The answer comes in 3 weeks."),
        ("Il faut deux semaines.", "il faut", weeks(2), weeks(1), "Il faut une semaine."),
        ("Il faut 5 jours ouvrables.", "il faut", days(5), days(1), "Il faut 1 jour ouvrable."),
        ("Le droit est de 1 000 $ par poste.", "par poste", money("1000"), money("1150.5"), "Le droit est de 1 150,50 $ par poste."),
        ("Le droit est de 850,50 $ par poste.", "par poste", money("850.5"), money("900"), "Le droit est de 900,00 $ par poste."),
        ("Some 12.5% pass.", "some", percent("12.5"), percent("7.25"), "Some 7.25% pass."),
        ("Environ 12,5 % passent.", "environ", percent("12.5"), percent("8.5"), "Environ 8,5 % passent."),
        ("There were 5,000 invitations sent.", "there were", count(5000), count(12500), "There were 12,500 invitations sent."),
        ("On a lancé 5 000 invitations hier.", "on a", count(5000), count(12500), "On a lancé 12 500 invitations hier."),
        ("A nomination adds 600 here.", "nomination adds 600", Points(number=Decimal(600)), Points(number=Decimal(500)), "A nomination adds 500 here."),
        ("Since 25 March 2025 it holds.", "it holds", year("2025-03-25"), year("2026-11-03"), "Since 3 November 2026 it holds."),
        ("Since Mar. 25, 2025, it holds.", "it holds", year("2025-03-25"), year("2026-05-01"), "Since May 1, 2026, it holds."),
        ("Since March 21st, 2025, so.", "since", year("2025-03-21"), year("2025-03-22"), "Since March 22nd, 2025, so."),
        ("Depuis le 25 mars 2025, oui.", "depuis", year("2025-03-25"), year("2026-08-01"), "Depuis le 1er août 2026, oui."),
        ("Depuis le 1er mars 2025, oui.", "depuis", year("2025-03-01"), year("2026-08-15"), "Depuis le 15 août 2026, oui."),
        ("From 2025-03-25 on.", "from", year("2025-03-25"), year("2026-11-03"), "From 2026-11-03 on."),
        ("Visits cost $70 and work costs $70 too.", "$70 and", money("70"), money("80"), "Visits cost $80 and work costs $70 too."),
        ("Visits cost $70 and work costs $70 too.", "work costs", money("70"), money("80"), "Visits cost $70 and work costs $80 too."),
        ("It costs\n$1,000 per\nposition. Ask.", "per position", money("1000"), money("1150"), "It costs\n$1,150 per\nposition. Ask."),
        ("Wait 4 to\n12 weeks for it.", "weeks for it", span(4, 12), span(6, 14), "Wait 6 to\n14 weeks for it."),
        ("> It costs $1,000\n> per position.", "per position", money("1000"), money("1150"), "> It costs $1,150\n> per position."),
        ("It costs **$1,000** [CAD](https://x.test/1000) each.", "$1,000 CAD each", money("1000"), money("990"), "It costs **$990** [CAD](https://x.test/1000) each."),
        ("| Fee | Amount |\n|---|---|\n| Visit | $70 |\n| Work | $70 |", "Work | $70", money("70"), money("155"), "| Fee | Amount |\n|---|---|\n| Visit | $70 |\n| Work | $155 |"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_each_way_of_writing_is_kept_and_the_patch_applies(
    tmp_path: Path, passage: str, anchor: str, old: Value, new: Value, after: str, end: str
) -> None:
    guide = f"# Licences\n\nBefore.\n\n{passage}\n\nAfter.\n".replace("\n", end)
    found = suggest_edits(guide, replace(claim(), anchor=anchor), old, new)
    assert all(isinstance(item, Edit) for item in found), found
    assert taken(tmp_path, guide, found) == guide.replace(passage.replace("\n", end), after.replace("\n", end))


@pytest.mark.parametrize(
    ("passage", "anchor", "old", "new", "why"),
    [
        ("The wait is 4 to 12 weeks.", "the wait", span(4, 12), weeks(13), "a range and the page one figure"),
        ("The wait is 4 weeks.", "the wait", weeks(4), span(4, 6), "gives a range where the guide"),
        ("The wait is 4 to 12 weeks.", "the wait", span(4, 12), span(64, 88, Unit.BUSINESS_DAY), "no whole weeks"),
        ("It takes 2 weeks.", "it takes", days(10), days(12), "12 business days are no whole weeks"),
        ("It takes 2 weeks.", "it takes", weeks(2), Duration(quantity=Decimal(3), unit=Unit.MONTH), "counts in months"),
        ("Here and there: $70 or $70 more.", "here and", money("70"), money("80"), "more than once"),
        ("On Tuesday, March 25, 2025, it began.", "it began", year("2025-03-25"), year("2026-11-03"), "day of the week"),
        ("It costs $<b>1,000</b> <i>CAD</i> each.", "each", money("1000"), Money(amount=Decimal(900), currency="USD"), "no figures"),
        ("It costs $1.5 million.", "it costs", money("1500000"), money("2500000"), "written in a way"),
    ],
)  # fmt: skip
def test_what_cannot_surely_be_written_says_why(passage: str, anchor: str, old: Value, new: Value, why: str) -> None:
    found = suggest_edits(f"# Licences\n\n{passage}\n", replace(claim(), anchor=anchor), old, new)
    assert [why in item.reason for item in found if isinstance(item, NoEdit)] == [True], found


HTML = """<!DOCTYPE html>
<html><head><title>Licences cost $70</title><style>p { width: 70px }</style></head>
<body>
<!-- a licence costs $70 per position -->
<p>A licence costs <strong>$70</strong>&nbsp;CAD per
position. A copy costs $70.</p>
<ul>
  <li>Bakers (12345)</li>
  <li>Millers (23456)</li>
</ul>
<table><tr><td>Wait</td><td>4&ndash;12 weeks</td></tr></table>
</body></html>
"""


def test_a_guide_in_html_keeps_its_marks(tmp_path: Path) -> None:
    fee = suggest_edits(HTML, replace(claim(), anchor="$70 CAD per position"), money("70"), money("1150"))
    wait = suggest_edits(HTML, replace(claim(), anchor="Wait 4–12 weeks"), span(4, 12), span(6, 14))
    after = taken(tmp_path, HTML, (*fee, *wait), name="guide.html")
    assert after == HTML.replace("<strong>$70<", "<strong>$1150<").replace("4&ndash;12", "6&ndash;14")


def test_two_claims_of_one_sentence_are_edited_together(tmp_path: Path) -> None:
    guide = "A licence costs $70 and takes 2 weeks; the tax is $5.\n"
    fee = suggest_edits(guide, replace(claim(), anchor="a licence costs $70"), money("70"), money("80"))
    again = suggest_edits(guide, replace(claim(), anchor="costs $70"), money("70"), money("80"))
    wait = suggest_edits(guide, replace(claim(), anchor="takes 2 weeks"), weeks(2), weeks(3))
    assert taken(tmp_path, guide, (*fee, *again, *wait)) == "A licence costs $80 and takes 3 weeks; the tax is $5.\n"
    other = suggest_edits(guide, replace(claim(), anchor="costs $70"), money("70"), money("90"))
    edits, none = together((*fee, *other))
    assert len(edits) == 1
    assert "same words" in none[0].reason


def listing(*items: str, operator: Operator = Operator.SAME_MEMBERS, anchor: str) -> Claim:
    asked = Expectation(fact="office#trades", operator=operator, operand=items)
    return replace(claim(), anchor=anchor, expectations=(asked,))


RULE = Rule(key="trades", kind=Kind.MEMBERS)


@pytest.mark.parametrize(
    ("passage", "items", "official", "after"),
    [
        ("Trades: baking, milling and brewing.", ("baking", "milling", "brewing"), ("brewing", "baking"), "Trades: baking and brewing."),
        ("Trades: baking, milling, and brewing.", ("baking", "milling", "brewing"), ("brewing", "baking", "milling", "dyeing"), "Trades: baking, milling, brewing, and dyeing."),
        ("Métiers : boulanger, meunier et brasseur.", ("boulanger", "meunier", "brasseur"), ("boulanger", "brasseur", "tanneur"), "Métiers : boulanger, brasseur et tanneur."),
        ("Codes 21211, 21220 and 21232.", ("21211", "21220", "21232"), ("21211 - Data", "21222 - Systems", "21232 - Software"), "Codes 21211, 21222 and 21232."),
        ("Codes 21211 and 21220.", ("21211", "21220"), ("21211", "21220", "21232"), "Codes 21211, 21220 and 21232."),
    ],
)  # fmt: skip
def test_a_list_in_a_sentence_takes_what_came_and_loses_what_went(
    tmp_path: Path, passage: str, items: tuple[str, ...], official: tuple[str, ...], after: str
) -> None:
    guide = f"Before.\n\n{passage}\n\nAfter.\n"
    found = suggest_for(guide, listing(*items, anchor=items[0]), "office#trades", RULE, Members(items=official))
    assert taken(tmp_path, guide, found) == guide.replace(passage, after)


@pytest.mark.parametrize(
    ("guide", "gone"),
    [
        ("Trades:\n\n- bakers (12345)\n- millers (23456)\n", "- millers (23456)\n"),
        (
            "Trades:\n\n- bakers (12345)\n- millers (23456), who\n  grind\n- others\n",
            "- millers (23456), who\n  grind\n",
        ),
        ("| Code | Trade |\n|---|---|\n| 12345 | bakers |\n| 23456 | millers |\n", "| 23456 | millers |\n"),
        (HTML, "  <li>Millers (23456)</li>\n"),
        ("<ul><li>Bakers 12345</li><li>Millers <b>23456</b></li></ul>\n", "<li>Millers <b>23456</b></li>"),
    ],
)
def test_an_entry_of_its_own_goes_with_its_line(tmp_path: Path, guide: str, gone: str) -> None:
    only = listing("23456", operator=Operator.CONTAINS, anchor="23456")
    rows = Rows(key=("Code",), columns=("Code", "Trade"), rows=(("12345", "bakers"),))
    found = suggest_for(guide, only, "office#trades", RULE, rows)
    assert taken(tmp_path, guide, found) == guide.replace(gone, "")


@pytest.mark.parametrize(
    ("passage", "asked", "official", "why"),
    [
        ("Both trades, baking and milling.", listing("baking", "milling", anchor="baking"), ("baking",), "only one entry"),
        ("Three trades: baking, milling and brewing.", listing("baking", "milling", "brewing", anchor="baking"), ("baking", "milling"), "how many entries"),
        ("1. bakers\n2. millers", listing("millers", operator=Operator.CONTAINS, anchor="millers"), ("bakers",), "numbered"),
        ("Millers are welcome.", listing("millers", operator=Operator.CONTAINS, anchor="millers"), ("bakers",), "write anew"),
        ("- millers\n  - wind\n  - water", listing("millers", operator=Operator.CONTAINS, anchor="millers"), ("bakers",), "others under it"),
        ("- bakers\n- millers", listing("bakers", "millers", anchor="bakers"), ("bakers", "millers", "dyers"), "no plain list"),
        ("No baking.", listing("baking", operator=Operator.EXCLUDES, anchor="baking"), ("baking",), "for a person to write"),
        ("Codes 21211 and 21220 of it.", listing("21211", "21220", anchor="21211"), ("21211", "21220", "Dyers"), "not written as the other"),
    ],
)  # fmt: skip
def test_a_list_that_needs_thought_says_why(passage: str, asked: Claim, official: tuple[str, ...], why: str) -> None:
    found = suggest_for(f"{passage}\n", asked, "office#trades", RULE, Members(items=official))
    assert [why in item.reason for item in found if isinstance(item, NoEdit)] == [True], found


@pytest.mark.parametrize(
    ("operator", "operand", "given"),
    [
        (Operator.EQUALS, ("4 weeks",), weeks(4)),
        (Operator.AT_MOST, ("4 weeks",), weeks(4)),
        (Operator.BETWEEN, ("4 weeks", "12 weeks"), span(4, 12)),
        (Operator.BETWEEN, ("4 weeks", "3 months"), None),
        (Operator.BEFORE, ("4 weeks",), None),
        (Operator.PRESENT, (), None),
    ],
)
def test_what_a_claim_says_that_the_guide_gives(
    operator: Operator, operand: tuple[str, ...], given: Value | None
) -> None:
    asked = Expectation(fact="office#wait", operator=operator, operand=operand)
    rule = Rule(key="wait", kind=Kind.DURATION)
    assert guide_value(replace(claim(), expectations=(asked,)), "office#wait", rule) == given


def test_the_patch_applies(tmp_path: Path) -> None:
    (tmp_path / "guide.md").write_text(GUIDE, encoding="utf-8")
    edits, _ = together(suggest_edits(GUIDE, replace(claim(), anchor="CAD per position"), money("1000"), money("1150")))
    made = patch(GUIDE, edits, name="guide.md")
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=made.encode(), check=True, capture_output=True)
    assert (tmp_path / "guide.md").read_text(encoding="utf-8") == GUIDE.replace("$1,000", "$1,150")


def test_a_last_line_without_an_end_stays_without_one(tmp_path: Path) -> None:
    text = "A licence costs $5"
    (tmp_path / "guide.txt").write_text(text, encoding="utf-8")
    edits, _ = together(suggest_edits(text, replace(claim(), anchor="a licence"), money("5"), money("6")))
    made = patch(text, edits, name="guide.txt")
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=made.encode(), check=True, capture_output=True)
    assert (tmp_path / "guide.txt").read_text(encoding="utf-8") == "A licence costs $6"


def test_every_replacement_reads_back_as_the_new_value() -> None:
    for anchor, old, new in (("CAD per position", money("1000"), money("12345.67")), ("it takes", weeks(2), weeks(30))):
        (found,) = suggest_edits(GUIDE, replace(claim(), anchor=anchor), old, new)
        assert isinstance(found, Edit)
        assert new in [item.value for item in values_in(found.after)]
