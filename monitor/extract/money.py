"""Amounts of money, with the currency before or after, in words of both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from domain.values import Money
from monitor.extract.found import Found
from monitor.extract.numbers import NUMBER, SPACE, ends, number

_MARKS = {
    "$": "CAD", "$can": "CAD", "ca$": "CAD", "c$": "CAD", "can$": "CAD", "cad": "CAD", "cad$": "CAD", "$cad": "CAD", "cdn$": "CAD", "$ca": "CAD", "dollars": "CAD",
    "aud": "AUD", "a$": "AUD", "au$": "AUD", "aud$": "AUD", "nzd": "NZD", "nz$": "NZD", "chf": "CHF", "inr": "INR", "us$": "USD", "$us": "USD", "usd": "USD", "usd$": "USD", "£": "GBP", "gbp": "GBP", "€": "EUR", "eur": "EUR", "euros": "EUR", "pounds": "GBP",
}  # fmt: skip
_BEFORE = rf"(?P<before>(?:CAD|CDN|USD|AUD|CAN|NZ|AU|US|CA|A|C)?{SPACE}?\$(?:{SPACE}?CAN\b|{SPACE}?CAD\b)?|\b(?:CAD|USD|EUR|GBP|AUD|NZD|CHF|INR)(?=[\W\d])|[£€])"
_AFTER = (
    rf"(?P<after>\$(?:{SPACE}?(?:CAN|CAD|CA|US)\b)?|[£€]|\b(?:CAD|USD|EUR|GBP|AUD|NZD|CHF|INR|dollars|euros|pounds)\b)"
)
_SCALE = rf"(?:{SPACE}(?P<scale>million|billion|millions?|milliards?)\b(?:{SPACE}de\b)?)?"
_BETWEEN = rf"(?:[-–]|{SPACE}(?:to|à){SPACE})"
_PREFIXED = re.compile(rf"{_BEFORE}{SPACE}?(?:(?P<low>{NUMBER}){_BETWEEN})?(?P<number>{NUMBER}){_SCALE}", re.IGNORECASE)
_SUFFIXED = re.compile(
    rf"(?<![\w.,$£€])(?:(?P<low>{NUMBER}){_BETWEEN})?(?P<number>{NUMBER}){_SCALE}{SPACE}?{_AFTER}", re.IGNORECASE
)
_SCALES = {"million": 10**6, "millions": 10**6, "billion": 10**9, "milliard": 10**9, "milliards": 10**9}
_GAPS = re.compile(SPACE)


def money_in(text: str, *, currency: str | None = None) -> Iterator[Found]:
    """Every amount in a text, both ends of a range. currency: what a bare dollar sign means (CAD unless said otherwise)."""
    for pattern, group in ((_PREFIXED, "before"), (_SUFFIXED, "after")):
        for match in pattern.finditer(text):
            mark = _GAPS.sub("", match[group]).casefold()
            code = _MARKS.get(mark, "CAD")
            if mark == "$" and currency is not None:
                code = currency
            scale = _SCALES[match["scale"].casefold()] if match["scale"] else 1
            for start, end, digits in ends(match):
                amount = number(digits)
                if amount is not None:
                    words = match.string[start:end].lstrip()
                    value = Money(amount=_plain(amount * scale), currency=code)
                    yield Found(kind="money", value=value, text=words, start=end - len(words), end=end)


def _plain(amount: Decimal) -> Decimal:
    """One form for one amount: $1,000.00 is $1,000, while $38.50 keeps its cents."""
    return amount.to_integral_value() if amount == amount.to_integral_value() else amount
