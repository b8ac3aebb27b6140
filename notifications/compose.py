"""From what happened to what one subscriber should read: chosen, grouped, ordered by harm, cut to what a reader bears.

Pure: the shell says what happened in the period and what the files declare; the same values give the same digest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from domain.claims import Claim
from domain.digests import Coverage, Digest, DigestItem, Filters, Period, Rest, Subscriber
from domain.facts import fact_title
from domain.flags import Flag, FlagReason, FlagRecord, FlagState, Outage, Severity
from domain.sources import Source
from domain.values import Rows, Text, Value
from notifications.incidents import incidents_of
from notifications.marks import focused, shortened
from notifications.notes import note_words
from notifications.phrases import phrase
from notifications.words import change_words, day_words, one_line

MOST = 40
"""Changes that one digest shows. A reader bears no more, and finds the others behind a link."""

_HARM = {Severity.CRITICAL: 0, Severity.HIGH: 1, Severity.MEDIUM: 2, Severity.LOW: 3}
_QUOTE_LENGTH = 300
_CLAIM_LENGTH = 200
_VALUE_LENGTH = 320
_EFFECTIVE = re.compile(r"effective (\d{4}-\d{2}-\d{2})")
_CHANGES = (FlagReason.ALTERED, FlagReason.APPEARED, FlagReason.REMOVED)


def compose(
    *,
    subscriber: Subscriber,
    period: Period,
    first_event: int,
    last_event: int,
    flags: tuple[FlagRecord, ...],
    decided: tuple[FlagRecord, ...],
    sources: Mapping[str, Source],
    claims: Mapping[str, Claim],
    unreadable: tuple[tuple[str, str], ...],
    coverage: Coverage,
    outages: tuple[Outage, ...] = (),
    most: int = MOST,
) -> Digest:
    """The digest of one period: every flag that passes the subscriber's filters is in a change that is shown, or counted in `rest`.

    flags: opened by the events covered. decided: decided or closed by them (a flag may be in both; one that was told
    before and has now given way to a flag of this digest is left to that one). unreadable: (source id, reason) as of
    now. outages: all of every incident that was not over when the period began. Open flags come before settled ones;
    within each the most harmful first, confirmed before unconfirmed. Flags of one group that say the same are one item. most: items shown.
    """
    wanted = _Choice(subscriber.filters, sources, claims)
    fresh = {record.id for record in flags}
    settled = (record for record in decided if record.superseded_by not in fresh)
    told = {record.id: record for record in (*flags, *settled) if wanted.flag(record)}
    groups = sorted(_grouped(list(told.values())), key=_order)
    blind = tuple((source, reason) for source, reason in unreadable if wanted.source(source))
    whole = Digest(
        subscriber=subscriber.id,
        address=subscriber.address,
        language=subscriber.language,
        period=period,
        first_event=first_event,
        last_event=last_event,
        items=tuple(_item(group, sources, claims, subscriber) for group in groups),
        unreadable=blind,
        coverage=coverage,
        incidents=incidents_of(
            [outage for outage in outages if wanted.outage(outage)],
            first_event=first_event,
            unreadable=blind,
            sources=sources,
        ),
        filters=subscriber.filters,
    )
    return cut_short(whole, most)


def cut_short(digest: Digest, most: int) -> Digest:
    """The digest with its first `most` items; the others are counted in what it had counted already."""
    gone, rest = digest.items[most:], digest.rest
    if not gone:
        return digest
    counts = Counter(dict(rest.open)) + Counter(item.severity for item in gone if not item.decided)
    claims = dict.fromkeys((*(claim[0] for item in gone for claim in item.claims), *rest.claims))
    return replace(
        digest,
        items=digest.items[:most],
        rest=Rest(
            open=tuple((severity.value, counts[severity.value]) for severity in _HARM if counts[severity.value]),
            settled=rest.settled + sum(bool(item.decided) for item in gone),
            claims=tuple(claims),
        ),
    )


def items_apart(
    flags: Iterable[FlagRecord], *, subscriber: Subscriber, sources: Mapping[str, Source], claims: Mapping[str, Claim]
) -> tuple[tuple[FlagRecord, DigestItem], ...]:
    """Every flag that passes the subscriber's filters, by itself, with what there is to read about it.

    Flags of pages that cannot be read are left out: an outage of a site is one incident, and digests tell it.
    """
    wanted = _Choice(subscriber.filters, sources, claims)
    return tuple(
        (record, _item([record], sources, claims, subscriber))
        for record in flags
        if record.flag.reason is not FlagReason.UNREADABLE and wanted.flag(record)
    )


class _Choice:
    """The subscriber's filters: all that are given must hold, an empty one holds for everything."""

    def __init__(self, filters: Filters, sources: Mapping[str, Source], claims: Mapping[str, Claim]) -> None:
        self._filters = filters
        self._sources = sources
        self._claims = claims

    def flag(self, record: FlagRecord) -> bool:
        return self._touches(record.flag.source, record.flag.claims, record.flag.severity)

    def outage(self, outage: Outage) -> bool:
        return self._touches(outage.source, outage.claims, outage.severity)

    def source(self, source: str) -> bool:
        """A page that could not be read concerns those whose claims rest on it."""
        resting = [
            claim
            for claim in self._claims.values()
            if any(item.fact.partition("#")[0] == source for item in claim.expectations)
        ]
        return self._place(source) and self._matter([claim.id for claim in resting], resting, None)

    def _touches(self, source: str, names: tuple[str, ...], severity: Severity) -> bool:
        touched = [self._claims[name] for name in names if name in self._claims]
        return self._place(source) and self._matter(names, touched, severity.value)

    def _place(self, name: str) -> bool:
        source = self._sources.get(name)
        return (
            _holds(self._filters.sources, [name])
            and _holds(self._filters.jurisdictions, [source.jurisdiction] if source else [])
            and _holds(self._filters.authorities, [source.authority] if source else [])
        )

    def _matter(self, names: Iterable[str], touched: list[Claim], severity: str | None) -> bool:
        sections = [name for claim in touched for name in (claim.section, *claim.also_in)]
        risks = [claim.risk.value for claim in touched] + ([severity] if severity else [])
        return (
            _holds(self._filters.claims, names)
            and _holds(self._filters.risks, risks)
            and _holds(self._filters.sections, [part for name in sections for part in parts_of(name)])
        )


def parts_of(section: str) -> list[str]:
    """A section and those it lies in: `lmia.2-apply` lies in `lmia`."""
    names = section.split(".")
    return [".".join(names[:length]) for length in range(1, len(names) + 1)]


def _holds(wanted: tuple[str, ...], found: Iterable[str]) -> bool:
    return not wanted or not {item.casefold() for item in wanted}.isdisjoint(item.casefold() for item in found)


def _grouped(records: list[FlagRecord]) -> list[list[FlagRecord]]:
    """Flags that are one decision, the most harmful first in each; never two that say different things."""
    groups: dict[object, list[FlagRecord]] = {}
    for record in sorted(records, key=_harm):
        flag = record.flag
        key: tuple[object, ...] = (record.id,)
        if flag.group and flag.reason is FlagReason.TEMPLATE_CHANGE:
            key = (flag.group, _settled(record))
        elif flag.group:
            key = (flag.group, _settled(record), flag.before, flag.after, flag.reason, flag.confirmed)
        groups.setdefault(key, []).append(record)
    return list(groups.values())


def _settled(record: FlagRecord) -> str:
    """What became of a flag, as far as it tells groups apart; "" while it is open."""
    if record.review is not None:
        return f"{record.review.verdict}\x1f{record.review.by}\x1f{record.review.note}"
    return "" if record.state is FlagState.OPEN else f"closed\x1f{record.closed_because}"


def _harm(record: FlagRecord) -> tuple[object, ...]:
    flag = record.flag
    says_otherwise = flag.reason is FlagReason.CONTRADICTED
    return (_HARM[flag.severity], not flag.confirmed, not says_otherwise, -len(flag.claims), record.id)


def _order(group: list[FlagRecord]) -> tuple[object, ...]:
    return (group[0].state is not FlagState.OPEN, *_harm(group[0]))


def _item(
    group: list[FlagRecord], sources: Mapping[str, Source], claims: Mapping[str, Claim], subscriber: Subscriber
) -> DigestItem:
    lead, language = group[0], subscriber.language
    flag, source = lead.flag, sources.get(lead.flag.source)
    before, after = _sides(flag, language)
    quote_before, quote_after = _quotes(flag)
    effective = _EFFECTIVE.match(flag.detail)
    names = dict.fromkeys(name for record in group for name in record.flag.claims)
    pages = dict.fromkeys(record.flag.source for record in group)
    return DigestItem(
        flag=lead.id,
        title=fact_title(flag.fact or ""),
        source_title=source.title if source else flag.source,
        url=source.url if source else "",
        severity=flag.severity.value,
        reason=flag.reason.value,
        before=before,
        after=after,
        quote_before=quote_before,
        quote_after=quote_after,
        claims=tuple(_claim(name, claims) for name in names),
        confirmed=flag.confirmed,
        seen_at=min(record.opened_at for record in group),
        effective=day_words(date.fromisoformat(effective[1]), language) if effective else "",
        decided=_decided(lead, language),
        detail=_details(group, language),
        also=tuple(
            (sources[page].title, sources[page].url) if page in sources else (page, "")
            for page in pages
            if page != flag.source
        ),
    )


def _details(group: list[FlagRecord], language: str) -> str:
    """What the judge noted, where old and new do not say it already: what the guide expects, where a page went."""
    flag = group[0].flag
    if flag.reason in _CHANGES and (flag.before is not None or flag.after is not None):
        return ""
    notes = dict.fromkeys(note_words(one_line(record.flag.detail), language) for record in group if record.flag.detail)
    return shortened(" · ".join(notes), _QUOTE_LENGTH)


def _sides(flag: Flag, language: str) -> tuple[str, str]:
    """Old and new in words. Only a change has "nothing stated" on a side; elsewhere a missing side is not spoken of."""
    if flag.before is None and flag.after is None:
        return "", ""
    old, new = change_words(flag.before, flag.after, language)
    if flag.reason not in _CHANGES:
        old, new = old if flag.before is not None else "", new if flag.after is not None else ""
    return focused(old, new, _VALUE_LENGTH)


def _quotes(flag: Flag) -> tuple[str, str]:
    """The words quoted for each side, unless the values are these very words: nobody reads them twice."""
    sides = ((flag.quote_before, flag.before), (flag.quote_after, flag.after))
    if all(not words or _says(value, words) for words, value in sides):
        return "", ""
    return focused(flag.quote_before, flag.quote_after, _QUOTE_LENGTH)


def _says(value: Value | None, words: str) -> bool:
    """Whether a value holds the very words: a text that is quoted itself, or the rows of a table."""
    if isinstance(value, Text):
        return one_line(words).casefold() in one_line(value.text).casefold()
    return isinstance(value, Rows)


def _claim(name: str, claims: Mapping[str, Claim]) -> tuple[str, str, str]:
    claim = claims.get(name)
    return (name, claim.section, shortened(one_line(claim.text), _CLAIM_LENGTH)) if claim else (name, "", "")


def _decided(record: FlagRecord, language: str) -> str:
    if record.review is not None:
        verdict = phrase(language, f"verdict_{record.review.verdict.value}")
        when = day_words(record.review.at.date(), language)
        words = phrase(language, "decided_by", verdict=verdict, by=one_line(record.review.by), when=when)
        note = shortened(one_line(record.review.note), _QUOTE_LENGTH)
        return phrase(language, "pair", label=words, words=note) if note else words
    if record.superseded_by is not None:
        return phrase(language, "superseded")
    if record.state is FlagState.CLOSED:
        return phrase(language, "closed", because=one_line(record.closed_because) or "–")
    return ""
