"""A new value written in the manner of the old: its numerals or words, marks of thousands, months, order and units."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.values import Bound, Count, Day, Duration, Money, Percentage, Points, Unit, Value
from monitor.extract import Found, values_in
from monitor.extract.numbers import NUMBER, WORD, number
from monitor.quantities import same_value

_FIGURE = re.compile(rf"(?<![\w.,]){NUMBER}|(?<=[$£€]){NUMBER}|\b(?:{WORD})\b", re.IGNORECASE)
_GAP = re.compile(r"(?<=\d)([,\u00a0\u202f\u2009 ])(?=\d{3}(?!\d))")
_DECIMALS = re.compile(r"[.,]\d{1,2}\Z")
_ENGLISH = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_FRENCH = ("un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix")
_FRENCH_UNIT = re.compile(r"\b(?:jours?|semaines?|mois|ans?|années?|heures?)\b|\d[ \u00a0\u202f][$%]", re.IGNORECASE)
_UNITS = re.compile(
    r"(?<![-\u2011])\b(business day|working day|day|week|month|year|hour|minute|jour|semaine|an|année|heure)s?\b"
    r"(?:( ouvrable| ouvré| civil)s?\b)?",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\W{1,3}(?:le )?\Z",
    re.IGNORECASE,
)
_MONTHS = {
    ("en", "full"): "January February March April May June July August September October November December",
    ("fr", "full"): "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    ("en", "short"): "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    ("fr", "short"): "janv févr mars avr mai juin juil août sept oct nov déc",
    ("en", "shorter"): "Jan Feb Mar Apr May June July Aug Sept Oct Nov Dec",
}
_EXACT = {
    (Unit.BUSINESS_DAY, Unit.WEEK): Decimal(5),
    (Unit.DAY, Unit.WEEK): Decimal(7),
    (Unit.MONTH, Unit.YEAR): Decimal(12),
    (Unit.MINUTE, Unit.HOUR): Decimal(60),
}
"""How many of the first unit make one of the second."""


class Unsure(Exception):
    """The new value cannot surely be written in place of the old; the message says why."""


def written(item: Found, new: Value, *, before: str = "") -> str:
    """The new value in place of the words of `item`. before: what stands in front of them. Raises Unsure."""
    old = item.value
    match old, new:
        case Money(), Money():
            if old.currency != new.currency:
                raise Unsure(f"the new amount is in {new.currency}")
            words = _with_numbers(item.text, (old.amount,), (new.amount,), money=True)
        case ((Count() | Points() | Percentage()), (Count() | Points() | Percentage())) if type(old) is type(new):
            words = _with_numbers(item.text, (old.number,), (new.number,))
        case Day(), Day():
            words = _with_day(item.text, old, new, before)
        case Duration(), Duration():
            words = _with_duration(item.text, old, new)
        case _:
            raise Unsure("the values are no figures that could be put in each other's place")
    if not any(_reads_as(found.value, new) for found in values_in(words)):
        raise Unsure(f"{item.text!r} is written in a way that does not take the new value")
    return words


def written_number(words: str, old: Decimal, new: Decimal) -> str:
    """A bare number in place of another. Raises Unsure."""
    return _with_numbers(words, (old,), (new,))


def _reads_as(value: Value, new: Value) -> bool:
    if isinstance(value, Day) and isinstance(new, Day) and value.precision != "day":
        return value.date.replace(day=1) == new.date.replace(day=1)
    if isinstance(new, Duration):
        new = replace(new, statistic=None)
    return same_value(value, new) is True


def _with_duration(text: str, old: Duration, new: Duration) -> str:
    ranges = Bound.RANGE in (old.bound,), Bound.RANGE in (new.bound,)
    if ranges == (True, False):
        raise Unsure("the guide gives a range and the page one figure")
    if ranges == (False, True):
        raise Unsure("the page gives a range where the guide gives one figure")
    if Bound.EXACT not in (old.bound, new.bound) and old.bound is not new.bound:
        raise Unsure(
            f"the guide says {old.bound.value.replace('_', ' ')}, the page {new.bound.value.replace('_', ' ')}"
        )
    ends = tuple(_in_unit(end, new.unit, old.unit) for end in _ends(new))
    return _plural(_with_numbers(text, _ends(old), ends), ends[-1])


def _ends(value: Duration) -> tuple[Decimal, ...]:
    if value.bound is Bound.RANGE and value.lower is not None and value.upper is not None:
        return value.lower, value.upper
    return (value.quantity,)


def _in_unit(quantity: Decimal, unit: Unit, wanted: Unit) -> Decimal:
    """The quantity in the unit that the guide counts in, where that is exact."""
    if unit is wanted:
        return quantity
    made = quantity
    if (unit, wanted) in _EXACT:
        made = quantity / _EXACT[unit, wanted]
    elif (wanted, unit) in _EXACT:
        made = quantity * _EXACT[wanted, unit]
    else:
        raise Unsure(
            f"the page counts in {unit.value.replace('_', ' ')}s, the guide in {wanted.value.replace('_', ' ')}s"
        )
    if made != made.to_integral_value():
        raise Unsure(f"{quantity:f} {unit.value.replace('_', ' ')}s are no whole {wanted.value.replace('_', ' ')}s")
    return made


def _with_numbers(text: str, old: tuple[Decimal, ...], new: tuple[Decimal, ...], *, money: bool = False) -> str:
    """Every figure of the text replaced; they have to be the old ones, in order, once or (words and digits) twice."""
    figures = list(_FIGURE.finditer(text))
    read = tuple(number(figure[0]) for figure in figures)
    repeats = len(figures) // len(old)
    if not figures or read != tuple(value for value in old for _ in range(repeats)):
        raise Unsure(f"{text!r} is written in a way that does not take the new value")
    french = _FRENCH_UNIT.search(text) is not None
    for at, figure in reversed(list(enumerate(figures))):
        made = _figure(figure[0], new[at // repeats], text=text, french=french, money=money)
        text = text[: figure.start()] + made + text[figure.end() :]
    return text


def _figure(old: str, new: Decimal, *, text: str, french: bool, money: bool) -> str:
    if old[0].isalpha():
        return _in_words(old, new, text=text, french=french)
    gap, decimals = _GAP.search(old), _DECIMALS.search(old)
    mark = decimals[0][0] if decimals else "," if french or (gap and gap[1] != ",") else "."
    if money:
        places = 2 if decimals or new != new.to_integral_value() else 0
    else:
        exponent = new.normalize().as_tuple().exponent
        places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    thousands = gap[1] if gap else "" if new < 10_000 else "\u00a0" if french else ","
    whole, _, rest = f"{new:,.{places}f}".partition(".")
    return whole.replace(",", thousands) + (mark + rest if rest else "")


def _in_words(old: str, new: Decimal, *, text: str, french: bool) -> str:
    """A number word for a number word, up to ten; above, digits."""
    if new != new.to_integral_value() or not 1 <= new <= 10:
        return f"{new:f}"
    words = _FRENCH if french or old.casefold() in ("un", "une", *_FRENCH[1:5], *_FRENCH[6:]) else _ENGLISH
    word = words[int(new) - 1]
    if word == "un" and re.search(r"semaine|année|heure", text, re.IGNORECASE):
        word = "une"
    return word.capitalize() if old[0].isupper() else word


def _plural(words: str, count: Decimal) -> str:
    """English and French units in the number that their figure asks for; `2-week` stays as it is."""

    def unit(match: re.Match[str]) -> str:
        end = (
            ""
            if count == 1 or (match[1].casefold() in ("jour", "semaine", "an", "année", "heure") and count < 2)
            else "s"
        )
        return f"{match[1]}{end}" + (f"{match[2]}{end}" if match[2] else "")

    return _UNITS.sub(unit, words, count=1)


def _with_day(text: str, old: Day, new: Day, before: str) -> str:
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        if new.precision != "day":
            raise Unsure("the page no longer gives the day")
        return new.date.isoformat()
    if _WEEKDAY.search(before):
        raise Unsure("the day of the week stands beside the date")
    if old.precision == "day" and new.precision != "day":
        raise Unsure("the page no longer gives the day")
    year = re.search(r"\b\d{4}\b", text)
    if year is None and old.date.year != new.date.year:
        raise Unsure("the guide gives the date without its year")
    text = _with_month(text, old.date.month, new.date.month)
    text = text if year is None else re.sub(r"\b\d{4}\b", str(new.date.year), text, count=1)
    return re.sub(
        r"(?<!\d)\d{1,2}(st|nd|rd|th|er|e)?(?!\d)", lambda match: _day_of(match[1], text, new.date), text, count=1
    )


def _with_month(text: str, old: int, new: int) -> str:
    """The month's name in the language and the length in which it was written."""
    for (_, length), names in _MONTHS.items():
        name = names.split()[old - 1]
        found = re.search(rf"\b{name}\b(\.?)", text)
        if not found and length == "full":
            found = re.search(rf"\b{name}\b(\.?)", text, re.IGNORECASE)
        if found:
            made = names.split()[new - 1]
            made = made.capitalize() if found[0][0].isupper() else made
            short = length != "full" and all(made.casefold() not in _MONTHS[k].casefold().split() for k in _FULL)
            return text[: found.start()] + made + ("." if found[1] and short else "") + text[found.end() :]
    raise Unsure(f"the month of {text!r} is written in a way of its own")


_FULL = (("en", "full"), ("fr", "full"))


def _day_of(suffix: str | None, text: str, day: date) -> str:
    french = any(re.search(rf"\b{name}\b", text) for name in _MONTHS["fr", "full"].split())
    if french:
        return "1er" if day.day == 1 else str(day.day)
    if suffix is None:
        return str(day.day)
    teens = 10 < day.day < 14
    return f"{day.day}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(day.day % 10, 'th')}"
