"""The history of a fact as a drawing: steps over time, with the same figures in a table for everybody. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from domain.facts import FactState, KnownFact
from domain.values import Count, Day, Duration, Members, Money, Percentage, Points, Rows, Unit, Value, value_words
from monitor.diff.facts import same_value

WIDTH, HEIGHT = 640, 170
_LEFT, _RIGHT, _TOP, _BOTTOM = 88, 16, 14, 30

_DAYS = {Unit.MINUTE: 1 / 1440, Unit.HOUR: 1 / 24, Unit.DAY: 1.0, Unit.BUSINESS_DAY: 1.4, Unit.WEEK: 7.0}
_DAYS |= {Unit.MONTH: 30.4, Unit.YEAR: 365.25}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A value and how long it stood there. words: the value, "" where it was not located. snapshot: where first read."""

    words: str
    state: str
    value: Value | None
    since: datetime
    until: datetime
    snapshot: str
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Lines and dots in a box of WIDTH by HEIGHT. path: of SVG."""

    path: str
    dots: tuple[Dot, ...]
    ticks: tuple[Dot, ...]
    start: datetime
    end: datetime
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT


def steps_of(history: Sequence[KnownFact]) -> tuple[Step, ...]:
    """The readings of a fact, oldest first, equal ones in a row folded into one."""
    steps: list[Step] = []
    for item in sorted(history, key=lambda item: item.first_seen_at or datetime.min.replace(tzinfo=UTC)):
        since = item.first_seen_at
        if since is None or item.fact.state is FactState.CANNOT_TELL:
            continue
        until = max(item.last_seen_at or since, since)
        words = "" if item.fact.value is None else value_words(item.fact.value)
        last = steps[-1] if steps else None
        if last is not None and _same(last.value, item.fact.value) and last.state == item.fact.state.value:
            steps[-1] = replace(last, until=max(last.until, until))
            continue
        steps.append(
            Step(
                words=words,
                state=item.fact.state.value,
                value=item.fact.value,
                since=since,
                until=until,
                snapshot=item.snapshot,
                quote=item.fact.quote,
            )
        )
    return tuple(steps)


def _same(left: Value | None, right: Value | None) -> bool:
    return left == right if left is None or right is None else same_value(left, right)


def chart_of(steps: Sequence[Step]) -> Chart | None:
    """The steps drawn, where at least two of them are figures of one kind."""
    figures = [(step, number) for step in steps if (number := _figure(step.value)) is not None]
    if len(figures) < 2:
        return None
    start, end = figures[0][0].since, max(step.until for step, _ in figures)
    low, high = min(number for _, number in figures), max(number for _, number in figures)
    span = (end - start).total_seconds() or 1.0
    rise = (high - low) or 1.0

    def across(moment: datetime) -> float:
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * (moment - start).total_seconds() / span, 1)

    def up(number: float) -> float:
        return round(_TOP + (HEIGHT - _TOP - _BOTTOM) * (1 - (number - low) / rise), 1)

    path = ""
    for at, (step, number) in enumerate(figures):
        until = step.until if at + 1 == len(figures) else figures[at + 1][0].since
        path += (f"V{up(number)}" if path else f"M{across(step.since)} {up(number)}") + f"H{across(until)}"
    ends = {number: _tick(step, number) for step, number in figures if number in (low, high)}
    return Chart(
        path=path,
        dots=tuple(Dot(x=across(step.since), y=up(number), words=step.words) for step, number in figures),
        ticks=tuple(Dot(x=_LEFT - 8, y=up(number), words=words) for number, words in sorted(ends.items())),
        start=start,
        end=end,
    )


def _tick(step: Step, number: float) -> str:
    """A value beside its line; of a table or a list, how long it is."""
    return f"{number:.0f}" if isinstance(step.value, Rows | Members) else step.words


def _figure(value: Value | None) -> float | None:
    match value:
        case Money():
            return float(value.amount)
        case Count() | Percentage() | Points():
            return float(value.number)
        case Duration():
            return float(value.quantity) * _DAYS[value.unit]
        case Day():
            return float(value.date.toordinal())
        case Rows():
            return float(len(value.rows))
        case Members():
            return float(len(value.items))
        case _:
            return None
