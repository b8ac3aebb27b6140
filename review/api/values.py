"""Values and the words that every model of the API uses: moments, days, digests, numbers as text."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.values import Bound, Scheme, StatusWord, Unit

Moment = Annotated[str, Field(description="ISO 8601 in UTC", json_schema_extra={"format": "date-time"})]
Digest = Annotated[str, Field(description="SHA-256 of the bytes, in hexadecimal")]
Number = Annotated[str, Field(description="a decimal number as text")]
Day = Annotated[str, Field(description="ISO 8601 day", json_schema_extra={"format": "date"})]


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Money(Model):
    kind: Literal["money"]
    amount: Number
    currency: str


class DayValue(Model):
    kind: Literal["day"]
    date: Day
    precision: str = Field(default="day", description="`month` or `year` where the page says no more")


class Duration(Model):
    kind: Literal["duration"]
    quantity: Number
    unit: Unit
    bound: Bound
    lower: Number | None = None
    upper: Number | None = None
    statistic: str | None = None


class Count(Model):
    kind: Literal["count"]
    number: Number


class Percentage(Model):
    kind: Literal["percentage"]
    number: Number


class Points(Model):
    kind: Literal["points"]
    number: Number


class Code(Model):
    kind: Literal["code"]
    scheme: Scheme
    code: str
    qualifier: str | None = None


class Status(Model):
    kind: Literal["status"]
    status: StatusWord


class Text(Model):
    kind: Literal["text"]
    text: str


class YesNo(Model):
    kind: Literal["yes_no"]
    yes: bool


class Members(Model):
    kind: Literal["members"]
    items: list[str]


class Rows(Model):
    kind: Literal["rows"]
    key: list[str]
    columns: list[str]
    rows: list[list[str]]


Value = Annotated[
    Money | DayValue | Duration | Count | Percentage | Points | Code | Status | Text | YesNo | Members | Rows,
    Field(discriminator="kind"),
]
