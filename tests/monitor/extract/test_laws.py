"""What holds of every text: spellings, spans, bounds, and time."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.facts import FactState
from domain.sources import Rule
from domain.values import Bound, Duration, Kind, Money, Unit, Value, kind_of
from monitor.extract import Found, parse_value, values_in
from monitor.extract.found import apart
from monitor.extract.place import sentence
from tests.growth import grows_linearly
from tests.monitor.extract.pages import fact, html, money

SPACES = st.sampled_from(" \u00a0\u202f\u2009")
AMOUNTS = st.integers(0, 9_999_999).map(Decimal) | st.integers(0, 99_999_999).map(lambda cents: Decimal(cents) / 100)
MONEY_FORMS: tuple[Callable[[str, str, str], str], ...] = (
    lambda english, french, space: f"${english}",
    lambda english, french, space: f"CAD {english}",
    lambda english, french, space: f"{english} CAD",
    lambda english, french, space: f"C${space}{english}",
    lambda english, french, space: f"{english} dollars",
    lambda english, french, space: f"{french}{space}$",
    lambda english, french, space: f"{french}{space}$ CAN",
)


@given(amount=AMOUNTS, form=st.sampled_from(MONEY_FORMS), space=SPACES)
def test_an_amount_is_the_same_in_every_spelling(
    amount: Decimal, form: Callable[[str, str, str], str], space: str
) -> None:
    english = f"{amount:,}" if amount == amount.to_integral() else f"{amount:,.2f}"
    french = english.replace(",", space).replace(".", ",")

    (found,) = values_in(f"it costs {form(english, french, space)}, they say")

    assert found.value == money(str(amount))
    assert parse_value(Kind.MONEY, form(english, french, space)) == found.value


MONTHS_EN = "January February March April May June July August September October November December".split()  # noqa: SIM905
MONTHS_FR = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()  # noqa: SIM905
DATE_FORMS: tuple[Callable[[date], str], ...] = (
    lambda day: day.isoformat(),
    lambda day: f"{MONTHS_EN[day.month - 1]} {day.day}, {day.year}",
    lambda day: f"{MONTHS_EN[day.month - 1][:3]}. {day.day}, {day.year}",
    lambda day: f"{day.day} {MONTHS_EN[day.month - 1].upper()} {day.year}",
    lambda day: f"{day.day}th of {MONTHS_EN[day.month - 1]}, {day.year}",
    lambda day: f"{day.day}{'er' if day.day == 1 else ''} {MONTHS_FR[day.month - 1]} {day.year}",
    lambda day: f"{day.day}\u00a0{MONTHS_FR[day.month - 1]}\u00a0{day.year}",
)


@given(day=st.dates(date(1900, 1, 1), date(2099, 12, 31)), form=st.sampled_from(DATE_FORMS))
def test_a_day_is_the_same_in_every_spelling(day: date, form: Callable[[date], str]) -> None:
    (found,) = [item for item in values_in(f"on {form(day)}, they say") if item.kind == "day"]

    assert getattr(found.value, "date", None) == day


UNITS = {
    Unit.DAY: ("days", "calendar days", "jours"),
    Unit.BUSINESS_DAY: ("business days", "working days", "jours ouvrables"),
    Unit.WEEK: ("weeks", "semaines"),
    Unit.MONTH: ("months", "mois"),
    Unit.YEAR: ("years", "ans"),
}
BOUNDS = {
    Bound.EXACT: ("",),
    Bound.UP_TO: ("up to ", "no more than ", "jusqu'à ", "au plus "),
    Bound.AT_LEAST: ("at least ", "a minimum of ", "au moins "),
    Bound.ABOUT: ("about ", "environ "),
}


@given(st.integers(2, 999), st.sampled_from(list(UNITS)), st.sampled_from(list(BOUNDS)), st.data())
def test_a_length_of_time_is_the_same_in_every_spelling(
    quantity: int, unit: Unit, bound: Bound, data: st.DataObject
) -> None:
    words = f"{data.draw(st.sampled_from(BOUNDS[bound]))}{quantity} {data.draw(st.sampled_from(UNITS[unit]))}"

    (found,) = values_in(f"it takes {words} in all")

    assert found.value == Duration(quantity=Decimal(quantity), unit=unit, bound=bound)


PIECES = st.sampled_from(
    ["$1,000", "1 000 $", "5 May 2031", "May 3 to", "9, 2031", "4 to", "12 weeks", "up to", "10-20%", "67 points", "NOC",
     "21231", "CLB 7, 8", "R204(a)", "s. 36", "must not", "may", "n'est plus", "$", "%", "(", ")", "1", ",", ".", "-",
     "\u00a0", "٣", "²", "é", "CAD", "or", "à"]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=14).flatmap(lambda parts: st.sampled_from(["", " "]).map(lambda gap: gap.join(parts)))


@given(TEXTS | st.text(max_size=60))
def test_no_text_makes_it_raise_and_every_value_stands_where_it_says(text: str) -> None:
    found = values_in(text, on=date(2031, 4, 1))

    assert all(text[item.start : item.end] == item.text != "" for item in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert fact(html(f"<p>{text.replace('<', '')}</p>"), Rule(key="fact", kind=Kind.MONEY)).state in FactState


@given(TEXTS | st.text(max_size=30), st.sampled_from(Kind), st.sampled_from([None, "noc2021", "clb"]))
def test_no_phrase_makes_reading_it_as_a_value_raise(text: str, kind: Kind, codes: str | None) -> None:
    value = parse_value(kind, text, unit="day", currency="CAD", codes=codes)

    assert value is None or kind_of(value) is kind


@given(st.lists(TEXTS, min_size=2, max_size=2))
def test_the_order_of_sentences_changes_no_value(parts: list[str]) -> None:
    assume(not {"NOC", "21231"} & set(re.findall(r"[A-Z]{3}|\d{5}", " ".join(parts))))  # a list context reaches far

    def kinds(texts: list[str]) -> list[tuple[str, str]]:
        return sorted((item.kind, str(item.value)) for item in values_in("\n\n\n".join(texts)))

    assert kinds(parts) == kinds(parts[::-1])


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12)), max_size=25))
def test_of_overlapping_values_the_longest_stay_and_nothing_free_is_left_out(spots: list[tuple[int, int]]) -> None:
    value: Value = Money(amount=Decimal(1))
    every = [Found(kind="money", value=value, text="", start=at, end=at + size) for at, size in spots]

    kept = apart(every)

    assert list(kept) == sorted(kept, key=lambda item: item.start)
    for item in every:
        rivals = [other for other in kept if other.start < item.end and item.start < other.end]
        assert rivals
        assert max(other.end - other.start for other in rivals) >= item.end - item.start


@given(st.text(alphabet="ab. ;?!", max_size=300), st.integers(0, 300), st.integers(0, 40), st.integers(4, 60))
def test_a_quoted_sentence_stands_in_the_text_and_holds_its_words(text: str, start: int, size: int, most: int) -> None:
    assume(start + size <= len(text))

    quote = sentence(text, start, start + size, most=most)

    assert quote in text
    assert text[start : start + size].strip() in quote


HOSTILE = [
    "$1 ",
    "1 2 3 ",
    "must not ",
    "12 ",
    "(",
    "100 ",
    "1,000,",
    "1",
    "up to 3 ",
    "3 to ",
    "may 3 ",
    "$1 + ($2 ",
    "NOC 21231, ",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_the_time_grows_with_the_text(piece: str) -> None:
    wanted = Rule(key="fact", kind=Kind.MONEY, match=r"(\$\d|\d+)", pick="first")
    plain = Rule(key="fact", kind=Kind.MONEY, pick="first")

    def prepare(size: int) -> Callable[[], object]:
        text = piece * (size // len(piece))
        page = html(f"<h1>Fee</h1><p>{text}</p>")

        def work() -> None:
            values_in(text)
            fact(page, wanted)
            fact(page, plain)

        return work

    assert grows_linearly(prepare, size=5_000)
