"""`try` and `suggest`: one page laid open, with a source's rules or without any. Nothing is written."""

from __future__ import annotations

import asyncio
import re
from hashlib import sha256
from pathlib import Path

from claimwatch.config.write import entry_text
from claimwatch.home import Home, wrong_call
from claimwatch.propose import name_from, proposed_source
from claimwatch.shapes import suggestion_shape, try_shape
from claimwatch.show import clip, line, print_json, table, value_text, verbatim
from domain.checks import Outcome
from domain.errors import SourceError
from domain.facts import Fact, FactState
from domain.shapes import fact_shape
from domain.snapshots import CapturedBy, NotModified, Origin, Problem, Snapshot
from domain.sources import Source
from monitor.fetch import fetch
from monitor.look import View, look_at
from monitor.standings import official_day
from monitor.suggest import Suggestion
from monitor.workers import Workers
from outbound.client import Client
from outbound.urls import url_refusal

_MOST_SHOWN = 60


def try_source(
    home: Home, source: Source, *, path: Path | None, content_type: str | None, url: str | None, as_json: bool
) -> bool:
    """Read one page as the source would and show all of it. True where it could be read."""
    view = asyncio.run(_view(home, source, path=path, content_type=content_type, url=url))
    if isinstance(view, Problem):
        if as_json:
            facts = [
                fact_shape(Fact(key=source.fact_key(rule), state=FactState.CANNOT_TELL, reason=view.cause))
                for rule in source.rules
            ]
            quality = {"verdict": Outcome.FAILED.value, "cause": view.cause}
            print_json({"source": source.id, "quality": quality, "title": "", "blocks": 0, "facts": facts})
        else:
            line(f"{source.id}: cannot be read: {view.cause} {view.detail}")
        return False
    if as_json:
        print_json(try_shape(source, view))
    else:
        _print_view(source, view)
    return view.examination.quality.outcome is Outcome.GOOD


def suggest(home: Home, target: str, *, name: str | None, content_type: str | None, as_json: bool) -> bool:
    """Print a starter entry for an address or a file, with the facts that can be seen. True where it could be read."""
    path = None if re.match(r"https?://", target, re.IGNORECASE) else Path(target)
    url = target if path is None else "https://www.example.org/put-the-address-here"
    refusal = url_refusal(url)
    if refusal:
        raise wrong_call(f"{target!r} cannot be watched: {refusal}")
    bare = Source(id=name or name_from(target), title="", url=url)
    view = asyncio.run(_view(home, bare, path=path, content_type=content_type, url=None))
    if isinstance(view, Problem) or view.examination.quality.outcome is not Outcome.GOOD:
        quality = None if isinstance(view, Problem) else view.examination.quality
        cause, detail = (view.cause, view.detail) if isinstance(view, Problem) else (quality.cause, quality.detail)  # type: ignore[union-attr]
        if as_json:
            print_json({"id": bare.id, "url": url, "cause": cause, "detail": detail, "yaml": "", "facts": []})
        else:
            line(f"{target} cannot be read, so nothing can be suggested: {cause} {detail}".rstrip())
        return False
    proposed = proposed_source(bare, view)
    if as_json:
        facts = [suggestion_shape(item) for item in view.suggestions]
        print_json(
            {"id": proposed.id, "url": url, "title": proposed.title, "yaml": entry_text(proposed), "facts": facts}
        )
    else:
        _print_entry(proposed, view.suggestions)
    return True


def _print_entry(source: Source, suggestions: tuple[Suggestion, ...]) -> None:
    """YAML that can be pasted as it is: what is no YAML stands in comments."""
    verbatim("# Paste this under `sources:`. Keep the facts that your guide rests on, and give them better names.")
    for item in suggestions:
        value, words = value_text(item.reading.value, 60), clip(item.reading.quote, 80)
        verbatim(f"# {item.rule.key}: {value}, read from: {words}")
    if not suggestions:
        verbatim("# Nothing could be pointed at by itself: `match`, or `section` in a law, may find what you need.")
    verbatim(entry_text(source))


# -- reading one page --------------------------------------------------------


async def _view(
    home: Home, source: Source, *, path: Path | None, content_type: str | None, url: str | None
) -> View | Problem:
    snapshot = _from_file(home, source, path, content_type, url) if path else await _fetched(home, source)
    if isinstance(snapshot, Problem):
        return snapshot
    with Workers(1) as workers:
        try:
            return await workers.run(look_at, source, snapshot, today=official_day(snapshot.fetched_at))
        except SourceError as error:
            return Problem(cause=error.cause, detail=error.detail)


def _from_file(home: Home, source: Source, path: Path, content_type: str | None, url: str | None) -> Snapshot | Problem:
    try:
        body = path.read_bytes()
    except OSError as error:
        return Problem(cause="no-file", detail=f"{path}: {error.strerror}")
    return Snapshot(
        source=source.id,
        url=source.url,
        final_url=url or source.url,
        status=200,
        headers=(("content-type", content_type),) if content_type else (),
        body=body,
        digest=sha256(body).hexdigest(),
        fetched_at=home.now(),
        captured_by=CapturedBy.UNKNOWN,
        origin=Origin.IMPORTED,
    )


async def _fetched(home: Home, source: Source) -> Snapshot | Problem:
    async with Client(home.policy()) as client:
        answer = await fetch(source, client=client, validators=None, now=home.now)
    return Problem(cause="protocol", detail="304 without a question") if isinstance(answer, NotModified) else answer


def _print_view(source: Source, view: View) -> None:
    examination = view.examination
    quality = examination.quality
    line(f"{source.id}: {quality.outcome.value} {quality.cause} {quality.detail}".rstrip())
    line(f"title: {examination.title}")
    line(f"{examination.block_count} blocks, {len(view.tables)} tables, template {view.template or 'unknown'}")
    for block in view.outline:
        line(f"{'  ' * max(0, block.level - 1)}{block.text}")
    for item in view.tables:
        line(f"table under {' > '.join(item.path[-1:])}: {' | '.join(item.columns)} ({len(item.rows)} rows)")
    values = [
        (found.kind, value_text(found.value, 40), clip(found.text, 40), clip(block.locator, 60))
        for block, found in view.values[:_MOST_SHOWN]
    ]
    more = len(view.values) - len(values)
    table(
        f"Values{f' (and {more} more; --json has them)' if more else ''}", ("kind", "value", "words", "place"), values
    )
    facts = [
        (fact.key, fact.state.value, value_text(fact.value), clip(fact.quote or fact.reason, 100), fact.locator)
        for fact in examination.facts
    ]
    table("Facts", ("fact", "state", "value", "words, or why not", "place"), facts)
    if view.suggestions:
        line(f"{len(view.suggestions)} more facts could be read; `claimwatch suggest` prints rules for them:")
        for suggestion in view.suggestions[:10]:
            line(f"  {suggestion.rule.key}: {value_text(suggestion.reading.value, 60)}")
