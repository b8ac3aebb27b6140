"""One page laid open for whoever writes its rules: outline, tables, every value with its place, rules that would work."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from domain.checks import Examination
from domain.documents import Block, BlockKind, Document, Table
from domain.errors import SourceError
from domain.snapshots import Snapshot
from domain.sources import Source
from monitor.examine import examine, read_source
from monitor.extract import Found, values_in
from monitor.suggest import Suggestion, sentinels, suggest

MOST_VALUES = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What can be seen on a page.

    values: each with the block it stands in, at most MOST_VALUES. suggestions: rules that read what no declared rule
    reads. sentinels: words that the page could be recognised by. Everything but `examination` is empty where the page
    cannot be read.
    """

    examination: Examination
    template: str = ""
    language: str = ""
    media: str = ""
    outline: tuple[Block, ...] = ()
    tables: tuple[Table, ...] = ()
    values: tuple[tuple[Block, Found], ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    sentinels: tuple[str, ...] = ()


def look_at(source: Source, snapshot: Snapshot, *, today: date) -> View:
    """The page as this source reads it. Never raises for what the page holds."""
    examination = examine(source, snapshot, today=today)
    try:
        document = read_source(source, snapshot, today=today)
    except SourceError:
        return View(examination=examination)
    read = {(fact.locator, fact.value) for fact in examination.facts}
    return View(
        examination=examination,
        template=document.template,
        language=document.language,
        media=document.media,
        outline=tuple(block for block in document.blocks if block.kind is BlockKind.HEADING),
        tables=document.tables,
        values=_values(document, source.language),
        suggestions=tuple(
            item
            for item in suggest(document, language=source.language, today=today)
            if (item.reading.locator, item.reading.value) not in read
        ),
        sentinels=sentinels(document),
    )


def passages(source: Source, snapshot: Snapshot, *, today: date) -> Document:
    """The page as this source reads it, for people to read: its blocks alone. Raises SourceError."""
    return replace(read_source(source, snapshot, today=today), tables=(), markup="", data=None)


def _values(document: Document, language: str) -> tuple[tuple[Block, Found], ...]:
    found = []
    for block in document.blocks:
        found += [(block, item) for item in values_in(block.text, language=language)]
        if len(found) >= MOST_VALUES:
            break
    return tuple(found[:MOST_VALUES])
