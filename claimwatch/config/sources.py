"""`sources.yaml` into sources: the vocabulary of docs/adding-a-source.md, one function for each noun."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import re2
from cronsim import CronSim, CronSimError

from claimwatch.config.form import Form, nearest
from domain.sources import POINTS, Cadence, Expect, Ignore, Rule, Source
from domain.values import Kind, Scheme, StatusWord, Unit
from monitor.extract.named import EXTRACTORS
from monitor.read import READERS
from outbound.urls import url_refusal

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}\Z")
FACT_KEY = re.compile(r"[a-z0-9][a-z0-9_]{0,99}\Z")
PICKS = ("only", "first", "last", "newest", "largest", "smallest", "all")
_SHORTEST = timedelta(minutes=5)
_PROBE = datetime(2026, 1, 1, tzinfo=ZoneInfo("UTC"))


def read_sources(top: Form) -> tuple[tuple[Source, int], ...]:
    """Every source of the file with its line. Faults are told through the form."""
    defaults = top.form("defaults")
    base = _defaults(defaults) if defaults is not None else Source(id="", title="", url="")
    found = []
    for form in top.forms("sources"):
        form.entry = form.text("id", required=True) or None
        if form.entry and not NAME.match(form.entry):
            form.wrong("id", "an id has small letters, digits, dots and dashes only")
        found.append((_source(form, base), form.mapping.line))
    top.finish()
    if not found and not top.problems.found:
        top.wrong("sources", "there is no source to watch")
    return tuple(found)


def _defaults(form: Form) -> Source:
    base = Source(
        id="",
        title="",
        url="",
        cadence=_cadence(form, Cadence(every=timedelta(hours=12))),
        freshness=form.span("freshness", timedelta(days=7)),
        confirm_after=form.span("confirm_after", timedelta(seconds=60)),
        full_read_every=form.span("full_read_every", timedelta(days=7)),
    )
    form.finish()
    return base


def _source(form: Form, base: Source) -> Source:
    source = Source(
        id=form.entry or "",
        title=form.text("title", required=True),
        url=_url(form, "url", form.text("url", required=True)),
        also_at=tuple(_url(form, "also_at", url) for url in form.texts("also_at")),
        authority=form.text("authority"),
        jurisdiction=form.text("jurisdiction"),
        language=form.choice("language", ("en", "fr"), "en"),
        counterpart=form.optional("counterpart"),
        media=form.choice("media", READERS) or None,
        region=_selector(form, "region"),
        ignore=tuple(_ignore(item) for item in form.forms("ignore")),
        must_contain=form.texts("must_contain"),
        rules=tuple(_rule(item) for item in form.forms("facts")),
        cadence=_cadence(form, base.cadence),
        freshness=form.span("freshness", base.freshness),
        confirm_after=form.span("confirm_after", base.confirm_after),
        full_read_every=form.span("full_read_every", base.full_read_every),
        grounding=form.choice("grounding", ("verified", "unverified"), "verified"),
        enabled=form.flag("enabled", default=True),
        moves_with=form.texts("moves_with"),
        awaited=form.flag("awaited", default=False),
        note=form.text("note"),
    )
    keys = [rule.key for rule in source.rules]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        form.wrong("facts", f"the fact key {key!r} stands twice")
    form.finish()
    return replace(source, digest=_digest(source))


_READING = ("media", "region", "ignore", "must_contain", "rules", "language")


def _digest(source: Source) -> str:
    """Of all that decides what a page is read as; a changed title or cadence re-reads nothing."""
    parts = {name: value for name, value in asdict(source).items() if name in _READING}
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _url(form: Form, key: str, url: str) -> str:
    refusal = url_refusal(url) if url else None
    if refusal:
        form.wrong(key, f"{url!r} cannot be watched: {refusal}")
    return url


def _cadence(form: Form, base: Cadence) -> Cadence:
    timezone = form.text("timezone", base.timezone)
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        form.wrong("timezone", f"there is no zone {timezone!r}", nearest=nearest(timezone, available_timezones()))
        return base
    cron, every = form.optional("cron"), form.optional_span("every") if form.has("every") else None
    form.asked.add("every")
    if cron is not None and every is not None:
        form.wrong("cron", "`every` and `cron` exclude each other")
    if cron is not None:
        return _cron(form, cron, timezone, zone, base)
    if every is not None and every < _SHORTEST:
        form.wrong("every", "more often than every 5 minutes is no manner to visit anybody")
    return Cadence(
        every=every if every is not None else base.every, cron=None if every else base.cron, timezone=timezone
    )


def _cron(form: Form, cron: str, timezone: str, zone: ZoneInfo, base: Cadence) -> Cadence:
    try:
        fires = list(islice(CronSim(cron, _PROBE.astimezone(zone)), 3))
    except CronSimError as error:
        form.wrong("cron", f"{cron!r} is no cron expression: {error}")
        return base
    if len(fires) < 3:
        form.wrong("cron", f"{cron!r} never fires")
        return base
    if fires[1] - fires[0] < _SHORTEST:
        form.wrong("cron", f"{cron!r} fires more often than every 5 minutes ({fires[0]:%H:%M}, {fires[1]:%H:%M})")
    return Cadence(cron=cron, timezone=timezone)


def _ignore(form: Form) -> Ignore:
    rule = Ignore(
        select=_selector(form, "select"),
        match=_pattern(form, "match"),
        because=form.text("because", required=True),
        until=form.day("until"),
    )
    if (rule.select is None) == (rule.match is None):
        form.wrong("select", "an ignored part needs either `select` or `match`")
    form.finish()
    return rule


def _rule(form: Form) -> Rule:
    key = form.text("key", required=True)
    if key and not FACT_KEY.match(key):
        form.wrong("key", "a fact key has small letters, digits and underscores only")
    kind = form.choice("kind", [item.value for item in Kind]) or form.text("kind", required=True)
    table = form.form("table")
    columns, caption = form.texts("columns"), form.optional("caption")
    if table is not None:
        columns, caption = table.texts("columns") or columns, table.optional("caption") or caption
        table.finish()
    rule = Rule(
        key=key,
        kind=Kind(kind) if kind in set(Kind) else Kind.TEXT,
        under=form.optional("under"),
        select=_selector(form, "select"),
        caption=caption,
        columns=columns,
        key_columns=form.texts("key_columns"),
        row=form.optional("row"),
        column=form.optional("column"),
        label=form.optional("label"),
        match=_pattern(form, "match"),
        path=form.optional("path"),
        section=form.optional("section"),
        part=form.choice("part", ("heading", "text", "status")) or None,
        page=form.number("page"),
        extractor=form.choice("extractor", EXTRACTORS) or None,
        options=_options(form),
        pick=form.choice("pick", PICKS, "only"),
        says=_says(form),
        unit=form.choice("unit", [*(item.value for item in Unit), POINTS]) or None,
        statistic=form.optional("statistic"),
        currency=form.optional("currency"),
        codes=form.choice("codes", [item.value for item in Scheme]) or None,
        expect=_expect(form),
        may_be_absent=form.flag("may_be_absent", default=False),
        freshness=form.optional_span("freshness"),
    )
    _check_rule(form, rule)
    form.finish()
    return rule


def _check_rule(form: Form, rule: Rule) -> None:
    if rule.kind is Kind.ROWS and not (rule.columns or rule.extractor):
        form.wrong("kind", "rows need `table: {columns: [...]}`")
    if rule.unit == POINTS and rule.kind is not Kind.ROWS:
        form.wrong("unit", "`points` is the unit of a table; a single figure has the kind points")
    for name in rule.key_columns:
        if name not in rule.columns:
            form.wrong("key_columns", f"{name!r} is none of the columns", nearest=nearest(name, rule.columns))
    if rule.kind is Kind.STATUS:
        words = [item.value for item in StatusWord]
        for answer, _ in rule.says:
            if answer not in words:
                form.wrong("says", f"{answer!r} is no status", nearest=nearest(answer, words))
    if rule.kind is Kind.YES_NO and rule.says and any(answer not in ("yes", "no") for answer, _ in rule.says):
        form.wrong("says", "a yes_no fact says `yes` or `no`")


def _options(form: Form) -> tuple[tuple[str, str], ...]:
    inner = form.form("options")
    if inner is None:
        return ()
    return tuple((name, inner.text(name)) for name in inner.mapping.entries)


def _says(form: Form) -> tuple[tuple[str, tuple[str, ...]], ...]:
    inner = form.form("says")
    if inner is None:
        return ()
    return tuple((answer, inner.texts(answer)) for answer in inner.mapping.entries)


def _expect(form: Form) -> Expect:
    inner = form.form("expect")
    if inner is None:
        return Expect()
    expect = Expect(
        between=inner.decimals("between"),
        rows=inner.numbers("rows", int),
        one_of=inner.texts("one_of"),
        contains=inner.written("contains"),
        grows=inner.flag("grows", default=False),
    )
    inner.finish()
    return expect


def _selector(form: Form, key: str) -> str | None:
    selector = form.optional(key)
    if selector is not None:
        # Loaded where a selector is given, which few files do: it takes as long as all else that reads them.
        from soupsieve import SelectorSyntaxError
        from soupsieve import compile as compile_selector

        try:
            compile_selector(selector)
        except SelectorSyntaxError as error:
            form.wrong(key, f"{selector!r} is no CSS selector: {str(error).splitlines()[0]}")
    return selector


_QUIET = re2.Options()
_QUIET.log_errors = False
"""What is wrong with a pattern is told as a problem of its file, not on standard error."""


def _pattern(form: Form, key: str) -> str | None:
    pattern = form.optional(key)
    if pattern is not None:
        try:
            re2.compile(pattern, options=_QUIET)
        except re2.error as error:
            form.wrong(key, f"{pattern!r} is no pattern (RE2 syntax): {error}")
    return pattern
