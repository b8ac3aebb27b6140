"""`export`: facts, changes and captures in forms that others read. Files are written whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from claimwatch.export.build import build
from claimwatch.export.document import Export, schema
from claimwatch.export.tables import TABLES, table
from claimwatch.home import Home, nearest, wrong_call
from claimwatch.show import err
from domain.queue import Wanted
from domain.shapes import Json
from domain.snapshots import Snapshot
from monitor.evidence import write_warc
from monitor.ledger import Knowledge, judge_all, read_knowledge
from notifications.feeds import Occasion, atom, calendar, json_feed
from review.pages.feeds import due_reviews, entry_of, occasions
from review.words import LANGUAGES
from storage.facts import announced_since, known_facts
from storage.listings import newest_confirmed
from storage.queue import queue_page
from storage.snapshots import list_snapshots, load_snapshot

_MOST_ENTRIES = 200
_FORMULA = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_NUMBER = re.compile(r"[-+]?\d[\d ,]*(?:\.\d+)?(?: ?%)?")
_MOST_DUE = 1000
_FORMS = ("atom", "json", "ics")


def write_json(home: Home, out: Path | None) -> None:
    _write(_export(home).model_dump_json(indent=2) + "\n", out)


def export_document(home: Home) -> Json:
    """What `export json` prints."""
    return _export(home).model_dump(mode="json")


def write_schema(out: Path | None) -> None:
    _write(json.dumps(schema(), indent=2) + "\n", out)


def write_csv(home: Home, name: str, out: Path | None) -> None:
    if name not in TABLES:
        raise wrong_call(f"there is no table {name!r}: {', '.join(TABLES)}", nearest=nearest(name, TABLES))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(TABLES[name])
    writer.writerows([_tame(cell) for cell in row] for row in table(_export(home), name))
    _write(text.getvalue(), out)


def write_feed(
    home: Home,
    form: str,
    *,
    source: str | None,
    claim: str | None,
    jurisdiction: str | None,
    out: Path | None,
    language: str = "en",
) -> None:
    if form not in _FORMS:
        raise wrong_call(f"--format is {form!r}, not one of {', '.join(_FORMS)}", nearest=nearest(form, _FORMS))
    wanted = home.source(source).id if source else None
    touched = home.claim(claim).id if claim else None
    if form == "ics":
        if language not in LANGUAGES:
            raise wrong_call(f"--language is {language!r}, not one of {', '.join(LANGUAGES)}")
        _write(calendar(_occasions(home, wanted, touched, jurisdiction, language), name="Claimwatch"), out)
        return
    chosen = {source.id for source in home.config.sources if jurisdiction in (None, source.jurisdiction)}
    if wanted is not None:
        chosen &= {wanted}
    everything = wanted is None and jurisdiction is None
    with home.store().reading() as connection:
        records = newest_confirmed(
            connection, sources=None if everything else chosen, claim=touched, limit=_MOST_ENTRIES
        )
    newest = records[::-1]
    address = home.settings.base_url
    entries = [entry_of(item, home.sources.get(item.flag.source), base_url=address) for item in newest]
    if form == "json":
        _write(json_feed(entries, title="Claimwatch: changes", url=address), out)
    else:
        _write(
            atom(entries, id="urn:claimwatch:changes", title="Claimwatch: changes", url=address, now=home.now()), out
        )


def write_captures(home: Home, names: tuple[str, ...], *, since: datetime | None, out: Path) -> None:
    """Captures of the sources, oldest first, into one file."""
    chosen = [home.source(name).id for name in names] or list(home.sources)
    with _whole(out) as target:
        count = write_warc(_captures(home, chosen, since), target)
    err.print(f"{count} captures in {out}", markup=False)


def _captures(home: Home, names: list[str], since: datetime | None) -> Iterator[Snapshot]:
    for name in names:
        with home.store().reading() as connection:
            kept = list_snapshots(connection, name, limit=1_000_000)
            for item in reversed(kept):
                if since is None or item.fetched_at >= since:
                    yield load_snapshot(connection, item.id)


def _export(home: Home) -> Export:
    store, now, claims = home.store_if_there(), home.now(), home.config.claims
    knowledge = Knowledge()
    if store is not None:
        with store.reading() as connection:
            knowledge = read_knowledge(connection)
    judgements = judge_all(claims, knowledge, sources=home.sources, now=now)
    return build(home.config.sources, knowledge.known, now=now, claims=claims, judgements=judgements)


def _occasions(
    home: Home, source: str | None, claim: str | None, jurisdiction: str | None, language: str
) -> list[Occasion]:
    """The days on which announced values begin to hold, and by which open cases should be decided."""
    only = None if claim is None else {each.fact for each in home.claim(claim).expectations}
    chosen = {
        item.id: item
        for item in home.config.sources
        if source in (None, item.id) and jurisdiction in (None, item.jurisdiction)
    }
    store = home.store_if_there()
    if store is None:
        return []
    wanted = Wanted(sources=tuple(chosen) if source or jurisdiction else None)
    with store.reading() as connection:
        known = known_facts(connection)
        since = announced_since(connection, known.values())
        cases = queue_page(connection, wanted, now=home.now(), limit=_MOST_DUE).cases
    days = occasions(known, chosen, now=home.now(), since=since, language=language, only=only)
    base = home.settings.base_url
    return days + due_reviews(cases, home.sources, base_url=base, language=language, claim=claim or "")


def _tame(cell: str) -> str:
    """A captured cell that a sheet would run as a formula is shown as text; a number with its sign stays one."""
    return f"'{cell}" if cell[:1] in _FORMULA and not _NUMBER.fullmatch(cell) else cell


def _write(text: str, out: Path | None) -> None:
    if out is None:
        sys.stdout.write(text)
        return
    with _whole(out) as target:
        target.write(text.encode("utf-8", "replace"))


@contextmanager
def _whole(out: Path) -> Iterator[BinaryIO]:
    """A file that takes its name only when it is finished. Raises ConfigError where it cannot be written."""
    unfinished = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        try:
            with unfinished.open("xb") as target:
                yield target
                target.flush()
                os.fsync(target.fileno())
            unfinished.replace(out)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise wrong_call(f"{out} cannot be written: {error.strerror}") from error
