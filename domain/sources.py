"""What is watched: sources and the rules that say which facts a page must yield."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from domain.values import Kind

POINTS = "points"
"""The unit of a table that gives points by case; the units of durations are in `values.Unit`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """What a located value must satisfy to be believed; anything else is `cannot tell`.

    between: inclusive range of the number (amount, quantity, points, percentage, count).
    rows: inclusive range of the number of rows or members. one_of: allowed words. contains: members that must be there.
    grows: a log that only ever gets longer; a copy that lost entries and gained none is an older copy.
    """

    between: tuple[Decimal, Decimal] | None = None
    rows: tuple[int, int] | None = None
    one_of: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    grows: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Where a fact stands and what kind it is: the vocabulary of `facts:` in `sources.yaml`.

    Where to look (narrowing, all that are given must hold):
      under     heading text (a substring, case and accents folded) whose section holds it
      select    CSS selector (HTML)
      table     columns that the table must have, matched by substring; `caption` likewise
      row       text of a cell in the row wanted; column: header of the column wanted
      label     words next to the value: the value follows (or precedes) them in the same block
      match     regular expression over the block's text; group `value`, or the first group, is the value
      path      JSON path: dots, [n], [*], [name=value], [name~substring]
      section   label of a section of a law (`204`, `Schedule 1`); part: `heading`, `text` or `status`
      page      page of a PDF, from 1
    What to make of it:
      extractor name of a Python extractor for pages that need logic; `options` are handed to it
      pick      which of several: only (default: more than one distinct value is `cannot tell`), first, last, newest,
                largest, smallest, all
      says      words for yes_no and status: a mapping of answer to terms
      unit, statistic, currency: what the page leaves unsaid; the unit `points` marks a table of points
      codes     scheme of the codes in the key column
    """

    key: str
    kind: Kind
    under: str | None = None
    select: str | None = None
    caption: str | None = None
    columns: tuple[str, ...] = ()
    key_columns: tuple[str, ...] = ()
    row: str | None = None
    column: str | None = None
    label: str | None = None
    match: str | None = None
    path: str | None = None
    section: str | None = None
    part: str | None = None
    page: int | None = None
    extractor: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    pick: str = "only"
    says: tuple[tuple[str, tuple[str, ...]], ...] = ()
    unit: str | None = None
    statistic: str | None = None
    currency: str | None = None
    codes: str | None = None
    expect: Expect = field(default_factory=Expect)
    may_be_absent: bool = False
    freshness: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignore:
    """A part of a page that is left out, and why. Counted, and may expire on `until`."""

    select: str | None = None
    match: str | None = None
    because: str
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """When a source is due: every so often, or by a cron expression in a zone. Exactly one of the two is set."""

    every: timedelta | None = None
    cron: str | None = None
    timezone: str = "America/Toronto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An official page that is watched, with the facts it must yield.

    media: media kind to read it as (`html`, `json` ...), or None to sniff.
    counterpart: the same page in the other language; facts of the same key must agree as values.
    moves_with: pages that are kept up together with this one; it is frozen where one of them moved and it did not.
    awaited: a page that is not there yet, such as next year's. That it answers nothing is no trouble; its first good
    capture asks a person whether to watch it.
    digest: of the entry as written, so that history says with which rules a page was read.
    """

    id: str
    title: str
    url: str
    also_at: tuple[str, ...] = ()
    authority: str = ""
    jurisdiction: str = ""
    language: str = "en"
    counterpart: str | None = None
    media: str | None = None
    region: str | None = None
    ignore: tuple[Ignore, ...] = ()
    must_contain: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    cadence: Cadence = field(default_factory=lambda: Cadence(every=timedelta(hours=12)))
    freshness: timedelta = timedelta(days=7)
    confirm_after: timedelta = timedelta(seconds=60)
    full_read_every: timedelta = timedelta(days=7)
    grounding: str = "verified"
    enabled: bool = True
    moves_with: tuple[str, ...] = ()
    awaited: bool = False
    note: str = ""
    digest: str = ""

    def fact_key(self, rule: Rule) -> str:
        """The key of a fact wherever it is shown or stored: `source#key`."""
        return f"{self.id}#{rule.key}"

    def rule_for(self, key: str) -> Rule | None:
        """The rule of a full fact key (`source#key`), or None where this source has none."""
        return next((rule for rule in self.rules if self.fact_key(rule) == key), None)
