"""Small documents and rules written by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domain.documents import Document
from domain.facts import Fact
from domain.sources import Rule, Source
from domain.values import Bound, Duration, Money, Unit
from monitor.extract import extract
from monitor.read import read

TODAY = date(2031, 4, 1)


def html(main: str) -> Document:
    """The document of a page with such a main part, through the real reader."""
    page = f"<!DOCTYPE html><html lang='en'><head><title>Harbour</title></head><body><main>{main}</main></body></html>"
    return read(page.encode(), content_type="text/html; charset=utf-8")


def fact(document: Document, rule: Rule) -> Fact:
    """The one fact that a source with this one rule finds on a document."""
    (found,) = extract(
        document, Source(id="pier", title="Pier", url="https://pier.example/", rules=(rule,)), today=TODAY
    )
    return found


def money(amount: str, currency: str = "CAD") -> Money:
    return Money(amount=Decimal(amount), currency=currency)


def span(quantity: str, unit: Unit, bound: Bound = Bound.EXACT) -> Duration:
    return Duration(quantity=Decimal(quantity), unit=unit, bound=bound)


def spread(lower: str, upper: str, unit: Unit) -> Duration:
    low, high = Decimal(lower), Decimal(upper)
    return Duration(quantity=high, unit=unit, bound=Bound.RANGE, lower=low, upper=high)
