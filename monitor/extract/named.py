"""Extractors for pages that need logic, by name. A rule names one under `extractor` and hands it `options`.

ee_rounds        the Express Entry rounds feed; options: want (rows, last_date, last_cutoff, last_size, types_12m), category
processing_time  one display string of a processing-time feed; options: path
latest_entry     the newest dated heading of an updates log and what stands under it; options: contains
last_row         the newest row of a table with dates; options: contains, date_column, value_column
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from domain.documents import Block, BlockKind, Document
from domain.sources import Rule
from domain.values import Day, Duration, Kind, Text
from monitor.extract.dates import dates_in
from monitor.extract.locate import blocks_under, json_spots
from monitor.extract.place import Missing, Reading, fold
from monitor.extract.rounds import read_rounds
from monitor.extract.tables import find_table
from monitor.extract.words import parse_value

Extractor = Callable[[Document, Rule, date], Reading | Missing]
_NO_FIGURE = ("not enough data", "no processing time", "not available", "pas assez de données", "aucun délai")


def processing_time(document: Document, rule: Rule, today: date) -> Reading | Missing:
    """A feed's display string as a duration; a string that says there is no figure is a finding of absence."""
    options = dict(rule.options)
    found = json_spots(document, options.get("path") or rule.path or "")
    if isinstance(found, Missing):
        return found
    spot = found[0]
    if any(words in fold(spot.text) for words in _NO_FIGURE):
        return Missing(reason=f"the feed gives no figure: {spot.text!r}", container=True)
    value = parse_value(Kind.DURATION, spot.text, statistic=rule.statistic or "percentile_80")
    if not isinstance(value, Duration):
        return Missing(reason=f"no duration in {spot.text!r}")
    return Reading(value=value, quote=spot.quote, locator=spot.locator)


def latest_entry(document: Document, rule: Rule, today: date) -> Reading | Missing:
    """The newest dated heading (of those whose entry contains the words asked for), as a date or with its text."""
    blocks = blocks_under(document, rule)
    if isinstance(blocks, Missing):
        return blocks
    wanted = fold(dict(rule.options).get("contains", ""))
    entries = []
    for at, block in enumerate(blocks):
        when = _dated(block)
        if when is None:
            continue
        body = [later for later in blocks[at + 1 : at + 80] if block.text in later.path]
        text = " ".join((block.text, *(later.text for later in body)))
        if body and wanted in fold(text):
            entries.append((when, block, text))
    if not entries:
        return Missing(reason="no dated entry" + (f" contains {wanted!r}" if wanted else ""), container=True)
    when, block, text = max(entries, key=lambda entry: entry[0])
    value = Day(date=when) if rule.kind is Kind.DAY else Text(text=text)
    return Reading(value=value, quote=block.text, locator=block.locator)


def _dated(block: Block) -> date | None:
    if block.kind is not BlockKind.HEADING:
        return None
    found = next(iter(dates_in(block.text)), None)
    return (
        found.value.date
        if found is not None and isinstance(found.value, Day) and found.value.precision == "day"
        else None
    )


def last_row(document: Document, rule: Rule, today: date) -> Reading | Missing:
    """Of the rows that contain the words asked for, the one with the newest date: its date, or another of its cells."""
    options = dict(rule.options)
    table = find_table(document, rule)
    if isinstance(table, Missing):
        return table
    wanted = fold(options.get("contains", ""))
    rows = []
    for at, row in enumerate(table.rows):
        texts = [cell.text for cell in row]
        if wanted and not any(wanted in fold(text) for text in texts):
            continue
        when = next((found for text in texts for found in dates_in(text)), None)
        if when is not None and isinstance(when.value, Day):
            rows.append((when.value.date, at, texts))
    if not rows:
        return Missing(reason=f"no dated row contains {options.get('contains', '')!r}", container=True)
    when_, at, texts = max(rows, key=lambda row: (row[0], -row[1]))
    quote = " | ".join(dict.fromkeys(text for text in texts if text))
    locator = table.row_locators[at] if table.row_locators else table.locator
    if rule.kind is Kind.DAY:
        return Reading(value=Day(date=when_), quote=quote, locator=locator)
    column = options.get("value_column", "")
    place = next((index for index, name in enumerate(table.columns) if fold(column) in fold(name)), None)
    value = parse_value(rule.kind, texts[place], unit=rule.unit) if place is not None else None
    if value is None:
        return Missing(reason=f"the newest row has no {rule.kind.value} in column {column!r}")
    return Reading(value=value, quote=quote, locator=locator)


EXTRACTORS: dict[str, Extractor] = {
    "ee_rounds": read_rounds,
    "processing_time": processing_time,
    "latest_entry": latest_entry,
    "last_row": last_row,
}
