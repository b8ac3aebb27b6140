"""Flags as entries of a feed; announced values and due reviews as days in a calendar."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime

from domain.facts import KnownFact
from domain.flags import FlagRecord, FlagState
from domain.queue import Case
from domain.sources import Source
from domain.values import value_words
from monitor.standings import in_force, official_day
from notifications.feeds import Entry, Occasion
from notifications.words import words_of
from review.words import say


def entry_of(record: FlagRecord, source: Source | None, *, base_url: str) -> Entry:
    """One flag as others may read it: what changed, the words, the claims touched, the verdict where there is one."""
    flag = record.flag
    values = [value_words(value)[:200] for value in (flag.before, flag.after) if value is not None]
    what = flag.fact or (source.title if source else flag.source)
    decided = record.review is not None and record.state is FlagState.DECIDED
    parts = [
        f"Before: {flag.quote_before}" if flag.quote_before else "",
        f"Now: {flag.quote_after}" if flag.quote_after else "",
        flag.detail,
        f"Claims: {', '.join(flag.claims)}" if flag.claims else "",
        f"Decided: {record.review.verdict.value}" if decided and record.review is not None else "",
    ]
    return Entry(
        id=f"urn:claimwatch:flag:{flag.identity}:{record.id}",
        title=f"{what}: {' → '.join(values) or flag.reason.value.replace('_', ' ')}",
        text="\n".join(part for part in parts if part),
        url=source.url if source else base_url,
        at=record.opened_at,
        tags=(flag.source, source.jurisdiction if source else "", *flag.claims),
    )


def occasions(
    known: Mapping[str, KnownFact],
    sources: Mapping[str, Source],
    *,
    now: datetime,
    since: Mapping[str, datetime],
    language: str,
    only: Collection[str] | None = None,
) -> list[Occasion]:
    """The days on which announced values begin to hold.

    sources: whose facts; only: of these facts. since: when each was announced.
    """
    found = []
    for source in sources.values():
        for key in (source.fact_key(rule) for rule in source.rules):
            item = known.get(key)
            fact = None if item is None else in_force(item.fact, official_day(now))
            if fact is None or fact.pending is None or (only is not None and key not in only):
                continue
            until = (
                "" if fact.value is None else say(language, "Until then: {until}", until=words_of(fact.value, language))
            )
            found.append(
                Occasion(
                    id=f"{key}@claimwatch",
                    day=fact.pending.effective,
                    title=f"{key}: {words_of(fact.pending.value, language)}",
                    text="\n".join(part for part in (source.title, until) if part),
                    url=source.url,
                    stamped=since.get(key) or _midnight(fact.pending.effective),
                    kind=say(language, "In effect"),
                )
            )
    return found


def due_reviews(
    cases: Iterable[Case], sources: Mapping[str, Source], *, base_url: str, language: str, claim: str = ""
) -> list[Occasion]:
    """The days by which open cases should be decided. claim: only those that touch it, "" for all."""
    return [
        Occasion(
            id=f"{case.name.replace(' ', '-')}@claimwatch",
            day=official_day(case.due),
            title=say(language, "To decide: {what}", what=_what(case, sources, language)),
            text="\n".join(
                (
                    say(language, "{n} flag|{n} flags", n=case.flags),
                    *(say(language, "Claims: {names}", names=", ".join(case.claims)) for _ in case.claims[:1]),
                )
            ),
            url=f"{base_url.rstrip('/')}/flags/{case.first.id}",
            stamped=case.first.opened_at,
            kind=say(language, "Due"),
        )
        for case in cases
        if claim in ("", *case.claims)
    ]


def _what(case: Case, sources: Mapping[str, Source], language: str) -> str:
    flag = case.first.flag
    source = sources.get(flag.source)
    name = flag.fact or (source.title if source else flag.source)
    values = [words_of(value, language)[:200] for value in (flag.before, flag.after) if value is not None]
    return f"{name}: {' → '.join(values)}" if values else name


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
