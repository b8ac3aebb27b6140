"""The kinds of value that a fact can have, and their one JSON form (contract.md, `Value`).

Numbers are `Decimal` and travel as decimal strings, so nothing is lost between a page and a reader of our JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, assert_never


class Unit(StrEnum):
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    BUSINESS_DAY = "business_day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class Bound(StrEnum):
    EXACT = "exact"
    ABOUT = "about"
    UP_TO = "up_to"
    AT_LEAST = "at_least"
    RANGE = "range"


class Scheme(StrEnum):
    NOC2021 = "noc2021"
    TEER = "teer"
    CLB = "clb"
    NCLC = "nclc"
    CITATION = "citation"


class StatusWord(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    PAUSED = "paused"
    REPEALED = "repealed"
    PENDING = "pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount in a currency (ISO 4217 code)."""

    amount: Decimal
    currency: str = "CAD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A calendar date. `precision` is `day`, `month` (the first stands for the month) or `year`."""

    date: date
    precision: str = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """A length of time as stated. Business days are not days; a standard is not an average.

    `lower` and `upper` are set for `Bound.RANGE`, where `quantity` is the upper end.
    `statistic` says what kind of figure it is: standard, average, percentile_80, minimum ...
    """

    quantity: Decimal
    unit: Unit
    bound: Bound = Bound.EXACT
    lower: Decimal | None = None
    upper: Decimal | None = None
    statistic: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    number: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentage:
    """`number` is per cent: 80 % is 80."""

    number: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    number: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code in a scheme; `qualifier` keeps words that limit it, such as "sub-set of"."""

    scheme: Scheme
    code: str
    qualifier: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    status: StatusWord


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class YesNo:
    yes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """A set of names; order as on the page, compared without it."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A table read by columns; `key` names the columns that identify a row."""

    key: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Value = Money | Day | Duration | Count | Percentage | Points | Code | Status | Text | YesNo | Members | Rows


class Kind(StrEnum):
    """The kinds by the name they have in `sources.yaml` and in JSON."""

    MONEY = "money"
    DAY = "day"
    DURATION = "duration"
    COUNT = "count"
    PERCENTAGE = "percentage"
    POINTS = "points"
    CODE = "code"
    STATUS = "status"
    TEXT = "text"
    YES_NO = "yes_no"
    MEMBERS = "members"
    ROWS = "rows"


def number_text(number: Decimal) -> str:
    """The plain decimal string of a number: no exponent, no trailing zeros beyond what was given."""
    return format(number, "f")


def value_to_json(value: Value) -> dict[str, Any]:
    """The JSON form of a value, with its `kind` first. Inverse of `value_from_json`."""
    match value:
        case Money():
            return {"kind": "money", "amount": number_text(value.amount), "currency": value.currency}
        case Day():
            form: dict[str, Any] = {"kind": "day", "date": value.date.isoformat()}
            return form if value.precision == "day" else {**form, "precision": value.precision}
        case Duration():
            return _duration_to_json(value)
        case Count():
            return {"kind": "count", "number": number_text(value.number)}
        case Percentage():
            return {"kind": "percentage", "number": number_text(value.number)}
        case Points():
            return {"kind": "points", "number": number_text(value.number)}
        case Code():
            form = {"kind": "code", "scheme": value.scheme.value, "code": value.code}
            return form if value.qualifier is None else {**form, "qualifier": value.qualifier}
        case Status():
            return {"kind": "status", "status": value.status.value}
        case Text():
            return {"kind": "text", "text": value.text}
        case YesNo():
            return {"kind": "yes_no", "yes": value.yes}
        case Members():
            return {"kind": "members", "items": list(value.items)}
        case Rows():
            return {
                "kind": "rows",
                "key": list(value.key),
                "columns": list(value.columns),
                "rows": [list(row) for row in value.rows],
            }
        case _ as unreachable:
            assert_never(unreachable)


def _duration_to_json(value: Duration) -> dict[str, Any]:
    form: dict[str, Any] = {
        "kind": "duration",
        "quantity": number_text(value.quantity),
        "unit": value.unit.value,
        "bound": value.bound.value,
    }
    if value.lower is not None:
        form["lower"] = number_text(value.lower)
    if value.upper is not None:
        form["upper"] = number_text(value.upper)
    if value.statistic is not None:
        form["statistic"] = value.statistic
    return form


def value_from_json(form: dict[str, Any]) -> Value:
    """The value that `value_to_json` gave. Raises KeyError or ValueError on anything else."""
    match Kind(form["kind"]):
        case Kind.MONEY:
            return Money(amount=Decimal(form["amount"]), currency=form["currency"])
        case Kind.DAY:
            return Day(date=date.fromisoformat(form["date"]), precision=form.get("precision", "day"))
        case Kind.DURATION:
            return Duration(
                quantity=Decimal(form["quantity"]),
                unit=Unit(form["unit"]),
                bound=Bound(form["bound"]),
                lower=Decimal(form["lower"]) if "lower" in form else None,
                upper=Decimal(form["upper"]) if "upper" in form else None,
                statistic=form.get("statistic"),
            )
        case Kind.COUNT:
            return Count(number=Decimal(form["number"]))
        case Kind.PERCENTAGE:
            return Percentage(number=Decimal(form["number"]))
        case Kind.POINTS:
            return Points(number=Decimal(form["number"]))
        case Kind.CODE:
            return Code(scheme=Scheme(form["scheme"]), code=form["code"], qualifier=form.get("qualifier"))
        case Kind.STATUS:
            return Status(status=StatusWord(form["status"]))
        case Kind.TEXT:
            return Text(text=form["text"])
        case Kind.YES_NO:
            return YesNo(yes=form["yes"])
        case Kind.MEMBERS:
            return Members(items=tuple(form["items"]))
        case Kind.ROWS:
            return Rows(
                key=tuple(form["key"]),
                columns=tuple(form["columns"]),
                rows=tuple(tuple(row) for row in form["rows"]),
            )
        case _ as unreachable:
            assert_never(unreachable)


def kind_of(value: Value) -> Kind:
    """The kind of a value, as `sources.yaml` names it."""
    return Kind(value_to_json(value)["kind"])


def value_words(value: Value) -> str:
    """A short form of a value for people: `CAD 1,000`, `2 weeks`, `2025-03-25`, `11 rows`."""
    match value:
        case Money():
            return f"{value.currency} {_grouped(value.amount)}"
        case Day():
            return value.date.isoformat()[: {"day": 10, "month": 7, "year": 4}[value.precision]]
        case Duration():
            return _duration_words(value)
        case Count() | Points() | Percentage():
            suffix = {Count: "", Points: " points", Percentage: " %"}[type(value)]
            return f"{_grouped(value.number)}{suffix}"
        case Code():
            return f"{value.qualifier} {value.code}" if value.qualifier else value.code
        case Status():
            return value.status.value
        case Text():
            return value.text
        case YesNo():
            return "yes" if value.yes else "no"
        case Members():
            return ", ".join(value.items)
        case Rows():
            return f"{len(value.rows)} rows"
        case _ as unreachable:
            assert_never(unreachable)


def _grouped(number: Decimal) -> str:
    return f"{number:,f}"


def _duration_words(value: Duration) -> str:
    unit = value.unit.value.replace("_", " ")
    if value.bound is Bound.RANGE and value.lower is not None and value.upper is not None:
        return f"{number_text(value.lower)} to {number_text(value.upper)} {unit}s"
    lead = {Bound.ABOUT: "about ", Bound.UP_TO: "up to ", Bound.AT_LEAST: "at least "}.get(value.bound, "")
    return f"{lead}{number_text(value.quantity)} {unit}{'' if value.quantity == 1 else 's'}"
