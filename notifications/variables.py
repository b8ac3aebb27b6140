"""What a template of a channel may speak of: a digest as plain data, and an invented one to try templates on. Pure.

docs/channels.md tells operators of every name; adding one is free, taking one away breaks their templates.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.digests import Coverage, Digest, DigestItem, Incident, IncidentState, Period, Rest
from notifications.issues import Act
from notifications.periods import zone_of
from notifications.view import ItemView, view_of
from notifications.words import moment_words, one_line

Variables = dict[str, Any]


def variables_of(digest: Digest, *, base_url: str) -> Variables:
    """A digest in dictionaries, lists, texts and whole numbers; texts are one line each, in the reader's language."""
    view = view_of(digest, base_url=base_url, unsubscribe_url=None)
    items = sorted(digest.items, key=lambda item: bool(item.decided))
    shown = (*view.open_items, *view.decided_items)
    zone, coverage = zone_of(digest.period), digest.coverage
    touched = {*digest.rest.claims, *(name for item in items for name, _, _ in item.claims)}
    return {
        "channel": digest.address,
        "language": digest.language,
        "subject": view.subject,
        "summary": view.summary,
        "link": view.more_url,
        "period": {
            "start": moment_words(digest.period.start, zone, digest.language),
            "end": moment_words(digest.period.end, zone, digest.language),
        },
        "changes": [
            _change(item, lines, moment_words(item.seen_at, zone, digest.language))
            for item, lines in zip(items, shown, strict=True)
        ],
        "cannot_tell": [{"source": one_line(name), "reason": one_line(reason)} for name, reason in digest.unreadable],
        "incidents": [
            {
                "site": one_line(item.site),
                "state": item.state.value,
                "sources": [one_line(name) for name in item.sources],
                "reason": one_line(item.reason),
                "began": moment_words(item.began_at, zone, digest.language) if item.began_at else "",
                "ended": moment_words(item.ended_at, zone, digest.language) if item.ended_at else "",
            }
            for item in digest.incidents
        ],
        "counts": {
            "changes": len(items) + digest.more,
            "not_shown": digest.more,
            "claims": len(touched),
            "cannot_tell": len(digest.unreadable),
            "sources": coverage.sources,
            "sources_read": coverage.sources_read,
            "facts": coverage.facts_declared,
            "facts_located": coverage.facts_located,
            "checks": coverage.checks,
        },
    }


def issue_variables(digest: Digest, item: DigestItem, act: Act, *, base_url: str) -> Variables:
    """What a template of a tracker may speak of: one flag as `change`, and what is done about it as `act`."""
    alone = variables_of(replace(digest, items=(item,), rest=Rest(), incidents=()), base_url=base_url)
    return {**alone, "change": alone["changes"][0], "act": act.value}


def _change(item: DigestItem, lines: ItemView, seen: str) -> Variables:
    return {
        "flag": item.flag,
        "title": lines.title,
        "source": lines.source,
        "url": lines.url,
        "link": lines.link,
        "severity": item.severity,
        "severity_words": lines.severity_words,
        "reason": item.reason,
        "reason_words": lines.reason,
        "confirmed": item.confirmed,
        "old": one_line(item.before),
        "new": one_line(item.after),
        "quote_old": one_line(item.quote_before),
        "quote_new": one_line(item.quote_after),
        "effective": one_line(item.effective),
        "seen": seen,
        "detail": one_line(item.detail),
        "decided": lines.decided,
        "claims": [
            {"id": one_line(name), "section": one_line(section), "text": one_line(text)}
            for name, section, text in item.claims
        ],
        "sections": _once(one_line(section) for _, section, _ in item.claims if section),
        "also": [{"title": title, "url": url} for title, url in lines.also],
    }


def _once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def example_digest(*, subscriber: int, address: str, language: str, quiet: bool = False) -> Digest:
    """An invented digest: an open change, a settled one and a site that is down; a quiet one has none of them."""
    end = datetime(2026, 1, 5, 12, tzinfo=UTC)
    opened = DigestItem(
        flag=1,
        title="Permit fee",
        source_title="Permits and what they cost",
        url="https://office.example/permits",
        severity="critical",
        reason="altered",
        before="CAD 1,000",
        after="CAD 1,155",
        quote_before="A permit costs $1,000.",
        quote_after="From 1 February a permit costs $1,155.",
        claims=(("permit.fee", "permit.2-pay", "A permit costs 1,000 CAD."), ("permit.total", "permit.2-pay", "")),
        confirmed=True,
        seen_at=end - timedelta(hours=3),
        effective="1 February 2026",
    )
    settled = replace(
        opened,
        flag=2,
        title="",
        severity="low",
        before="",
        after="",
        quote_before="Bring two photographs.",
        quote_after="Bring one photograph.",
        claims=(),
        confirmed=False,
        effective="",
        decided="Guide still right, Ana, 4 January 2026",
        detail="worded anew",
        also=(("Photographs", "https://office.example/photographs"),),
    )
    down = Incident(site="coast.example", state=IncidentState.OPENED, sources=("Coast programme",), reason="timeout")
    return Digest(
        subscriber=subscriber,
        address=address,
        language=language,
        period=Period(key="daily:2026-01-05:UTC", start=end - timedelta(days=1), end=end),
        first_event=0,
        last_event=0,
        items=() if quiet else (opened, settled),
        unreadable=() if quiet else (("coast", "timeout"),),
        coverage=Coverage(
            sources=12,
            sources_read=12 if quiet else 11,
            sources_unreadable=() if quiet else ("coast",),
            facts_declared=40,
            facts_located=40 if quiet else 38,
            claims=30,
            claims_watched=28,
            checks=24,
        ),
        incidents=() if quiet else (down,),
        rest=Rest() if quiet else Rest(open=(("medium", 3),)),
    )
