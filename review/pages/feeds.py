"""Flags as entries of a feed, and announced values as days in a calendar."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from domain.facts import KnownFact
from domain.flags import FlagRecord, FlagState
from domain.sources import Source
from domain.values import value_words
from monitor.standings import in_force, official_day
from notifications.feeds import Entry, Occasion


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
    only: Collection[str] | None = None,
) -> list[Occasion]:
    """The days on which announced values begin to hold. sources: whose facts; only: of these facts."""
    found = []
    for source in sources.values():
        for key in (source.fact_key(rule) for rule in source.rules):
            item = known.get(key)
            fact = None if item is None else in_force(item.fact, official_day(now))
            if item is None or fact is None or fact.pending is None or (only is not None and key not in only):
                continue
            until = "" if fact.value is None else f" Until then: {value_words(fact.value)}."
            found.append(
                Occasion(
                    id=f"{key}@claimwatch",
                    day=fact.pending.effective,
                    title=f"{key}: {value_words(fact.pending.value)}",
                    text=f"{source.title}.{until}",
                    url=source.url,
                    stamped=item.captured_at or now,
                )
            )
    return found
