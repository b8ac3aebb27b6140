"""A digest as a reader sees it: every line in their language and safe to show, before any layout.

Both templates lay out this one view, so the text and the HTML of a mail cannot say different things.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from urllib.parse import quote, urlsplit

from domain.digests import Coverage, Digest, DigestItem, Filters, Incident, IncidentState
from notifications.marks import focused
from notifications.periods import zone_of
from notifications.phrases import phrase, spoken
from notifications.words import moment_words, one_line

_WHOLE = 8
"""Items that are shown whole; what comes after them is told in short."""

_CLAIMS_SHOWN = 6
_INCIDENTS_SHOWN = 12
_PAGES_SHOWN = 12
_SHORT_VALUE = 90
_SUBJECT_LENGTH = 140
_SUBJECT_VALUE = 40
_SUBJECT_PAGE = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """One change in lines. `rows` are (label, words, is_new): old and new. brief: told in short."""

    title: str
    source: str
    url: str
    severity: str
    severity_words: str
    reason: str
    rows: tuple[tuple[str, str, bool], ...]
    quotes: tuple[tuple[str, str], ...]
    facts: tuple[str, ...]
    claims: tuple[tuple[str, str], ...]
    more_claims: str
    also: tuple[tuple[str, str], ...]
    more_also: str
    decided: str
    link: str
    link_words: str
    brief: bool = False
    short: str = ""
    touched: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentView:
    """What became of a site, since when and why ("" where that is not known), and its pages."""

    words: str
    about: str
    pages: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Everything a mail says, in order."""

    language: str
    subject: str
    heading: str
    summary: str
    period: str
    open_items: tuple[ItemView, ...]
    decided_items: tuple[ItemView, ...]
    more: str
    more_url: str
    incidents: tuple[IncidentView, ...]
    more_incidents: str
    quiet: str
    coverage: tuple[str, ...]
    why: str
    chosen: str
    unsubscribe_url: str
    preferences_url: str = ""


def view_of(
    digest: Digest,
    *,
    base_url: str,
    unsubscribe_url: str | None,
    preferences_url: str | None = None,
    whole_url: str | None = None,
) -> View:
    """The view of a digest. Links are made only where `base_url` or the page's own address is http or https.

    whole_url: where its reader finds all of it; without one, whoever may sign in finds it among the flags.
    """
    language, zone = spoken(digest.language), zone_of(digest.period)
    base = link_or_nothing(base_url).rstrip("/")
    items = [(item, _item(item, language, zone, base, brief=at >= _WHOLE)) for at, item in enumerate(digest.items)]
    cadence = digest.period.key.partition(":")[0]
    return View(
        language=language,
        subject=_subject(digest),
        heading=phrase(language, _heading(digest)),
        summary=_summary(digest),
        period=phrase(
            language,
            "period",
            start=moment_words(digest.period.start, zone, language),
            end=moment_words(digest.period.end, zone, language),
        ),
        open_items=tuple(shown for item, shown in items if not item.decided),
        decided_items=tuple(shown for item, shown in items if item.decided),
        more=phrase(language, "more", n=digest.more) if digest.more else "",
        more_url=link_or_nothing(whole_url or "") or (f"{base}/flags" if base else ""),
        incidents=tuple(_incident(incident, language, zone) for incident in digest.incidents[:_INCIDENTS_SHOWN]),
        more_incidents=_more_incidents(digest),
        quiet="" if digest.items or digest.incidents else phrase(language, f"quiet{_chosen(digest)}"),
        coverage=_coverage(digest.coverage, language),
        why=_why(digest.address, cadence, language),
        chosen=_filters(digest.filters, language),
        unsubscribe_url=unsubscribe_url or "",
        preferences_url=link_or_nothing(preferences_url or ""),
    )


def link_or_nothing(url: str) -> str:
    """The address where it is a plain http or https one, else "": nothing else becomes a link in a mail."""
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        return ""
    return quote(url.strip(), safe=":/?#[]@!$&'()*+,;=%~-._")


def _why(address: str, cadence: str, language: str) -> str:
    if cadence not in ("instant", "daily", "weekly"):
        return phrase(language, "why_now", address=one_line(address))
    return phrase(language, "why", address=one_line(address), cadence=phrase(language, f"cadence_{cadence}"))


def _chosen(digest: Digest) -> str:
    """The ending of phrases for a reader who does not hear of everything: silence means less to them."""
    return "_chosen" if digest.filters != Filters() else ""


def _filters(filters: Filters, language: str) -> str:
    """What the reader hears of, "" where it is everything. Of long lists the first names, and how many more."""
    parts = []
    for field in fields(filters):
        names: tuple[str, ...] = getattr(filters, field.name)
        shown = [*map(one_line, names[:_CLAIMS_SHOWN])]
        shown += [phrase(language, "and_more", n=len(names) - _CLAIMS_SHOWN)] if len(names) > _CLAIMS_SHOWN else []
        parts += [f"{phrase(language, f'chosen_{field.name}')} {', '.join(shown)}"] if names else []
    return phrase(language, "pair", label=phrase(language, "chosen"), words="; ".join(parts)) if parts else ""


def _heading(digest: Digest) -> str:
    if any(not item.decided for item in digest.items):
        return "heading"
    if digest.items:
        return "heading_again"
    if all(incident.state is IncidentState.ENDED for incident in digest.incidents):
        return "heading_back" if digest.incidents else f"heading_quiet{_chosen(digest)}"
    return "heading_blind"


def _summary(digest: Digest) -> str:
    """What happened in a sentence or two, so that the first lines are enough."""
    language = digest.language
    sentences = [counted(digest)] if digest.items or digest.more else []
    news = sorted(digest.incidents, key=lambda incident: incident.state is IncidentState.CONTINUING)
    sentences += [_turn(incident, language) for incident in news[:2]]
    sentences.append(_coverage(digest.coverage, language)[0])
    return " ".join(f"{words}." for words in sentences)


def counted(digest: Digest) -> str:
    """How many changes wait to be looked at, by harm, how many are settled, and how many claims they touch."""
    language = digest.language
    counts = Counter(dict(digest.rest.open)) + Counter(item.severity for item in digest.items if not item.decided)
    settled = digest.rest.settled + sum(bool(item.decided) for item in digest.items)
    touched = {*digest.rest.claims, *(claim[0] for item in digest.items for claim in item.claims)}
    told = []
    if counts:
        changes = phrase(language, "changes", n=counts.total())
        harms = [harm for harm in ("critical", "high", "medium", "low") if counts[harm]]
        parts = ", ".join(phrase(language, f"count_{harm}", n=counts[harm]) for harm in harms)
        told.append(phrase(language, "changes_by", changes=changes, parts=parts))
    told += [phrase(language, "settled", n=settled)] if settled else []
    told += [phrase(language, "claims_touched", n=len(touched))] if touched else []
    return ", ".join(told)


def _more_incidents(digest: Digest) -> str:
    hidden = len(digest.incidents) - _INCIDENTS_SHOWN
    return phrase(digest.language, "more_incidents", n=hidden) if hidden > 0 else ""


def _item(item: DigestItem, language: str, zone: str, base: str, *, brief: bool) -> ItemView:
    hidden, unseen = len(item.claims) - _CLAIMS_SHOWN, len(item.also) - _PAGES_SHOWN
    new = phrase(language, "after_pending" if item.effective else "after")
    sides = ((phrase(language, "before"), item.before, False), (new, item.after, True))
    quotes = (
        (phrase(language, "words_before"), item.quote_before),
        (phrase(language, "words_after"), item.quote_after),
    )
    return ItemView(
        title=_name(item, language),
        source=one_line(item.source_title),
        url=link_or_nothing(item.url),
        severity=item.severity,
        severity_words=phrase(language, f"severity_{item.severity}"),
        reason=_reason(item, language),
        rows=tuple((label, one_line(words), is_new) for label, words, is_new in sides if words),
        quotes=tuple((label, phrase(language, "quoted", words=one_line(words))) for label, words in quotes if words),
        facts=_facts(item, language, zone),
        claims=tuple((_where(claim, language), one_line(claim[2])) for claim in item.claims[:_CLAIMS_SHOWN]),
        more_claims=phrase(language, "and_more", n=hidden) if hidden > 0 else "",
        also=tuple((one_line(title), link_or_nothing(url)) for title, url in item.also[:_PAGES_SHOWN]),
        more_also=phrase(language, "and_more", n=unseen) if unseen > 0 else "",
        decided=one_line(item.decided),
        link=f"{base}/flags/{item.flag}" if base else "",
        link_words=phrase(language, "see_flag" if item.decided else "open_flag"),
        brief=brief,
        short=_short(item, language),
        touched=", ".join(one_line(claim[0]) for claim in item.claims[:_CLAIMS_SHOWN]),
    )


def _short(item: DigestItem, language: str) -> str:
    """The change in one line: what it is about, old and new."""
    if item.before or item.after:
        old, new = focused(item.before, item.after, _SHORT_VALUE)
    else:
        quotes = focused(item.quote_before, item.quote_after, _SHORT_VALUE)
        old, new = (phrase(language, "quoted", words=words) if words else "" for words in quotes)
    said = " → ".join(words for words in (old, new) if words)
    return phrase(language, "pair", label=_name(item, language), words=said) if said else _name(item, language)


def _facts(item: DigestItem, language: str, zone: str) -> tuple[str, ...]:
    """The lines about when, and the judge's note."""
    lines = [phrase(language, "effective", when=one_line(item.effective))] if item.effective else []
    lines.append(phrase(language, "seen", when=moment_words(item.seen_at, zone, language)))
    if item.detail:
        lines.append(phrase(language, "pair", label=phrase(language, "note"), words=one_line(item.detail)))
    return tuple(lines)


def _name(item: DigestItem, language: str) -> str:
    return one_line(item.title) or phrase(language, "title_page")


def _reason(item: DigestItem, language: str) -> str:
    words = phrase(language, f"reason_{item.reason}")
    return words if item.confirmed else f"{words}, {phrase(language, 'unconfirmed')}"


def _where(claim: tuple[str, str, str], language: str) -> str:
    name, section, _ = claim
    return f"{one_line(name)}, {phrase(language, 'section', name=one_line(section))}" if section else one_line(name)


def _turn(incident: Incident, language: str) -> str:
    pages = phrase(language, "pages", n=len(incident.sources), site=one_line(incident.site))
    return phrase(language, f"incident_{incident.state.value}", pages=pages)


def _incident(incident: Incident, language: str, zone: str) -> IncidentView:
    shown = "; ".join(one_line(name) for name in incident.sources[:_PAGES_SHOWN])
    hidden = len(incident.sources) - _PAGES_SHOWN
    cause = phrase(language, "cause", cause=one_line(incident.reason)) if incident.reason else ""
    return IncidentView(
        words=_turn(incident, language),
        about=" · ".join(filter(None, (_when(incident, language, zone), cause))),
        pages=f"{shown}; {phrase(language, 'and_more', n=hidden)}" if hidden > 0 else shown,
    )


def _when(incident: Incident, language: str, zone: str) -> str:
    if incident.began_at is None:
        return ""
    began = moment_words(incident.began_at, zone, language)
    if incident.ended_at is None:
        return phrase(language, "incident_since", when=began)
    return phrase(language, "period", start=began, end=moment_words(incident.ended_at, zone, language))


def _coverage(coverage: Coverage, language: str) -> tuple[str, ...]:
    return (
        phrase(language, "coverage_sources", read=coverage.sources_read, n=coverage.sources),
        phrase(language, "coverage_facts", located=coverage.facts_located, n=coverage.facts_declared),
        phrase(language, "coverage_claims", watched=coverage.claims_watched, n=coverage.claims),
        phrase(language, "coverage_checks", n=coverage.checks),
    )


def _subject(digest: Digest) -> str:
    """The most important thing first: the worst open change, else what became of a site, else what was settled.

    That a site is still down heads a mail only where there is nothing else to tell.
    """
    language = digest.language
    waiting = sum(not item.decided for item in digest.items) + sum(number for _, number in digest.rest.open)
    others = (waiting or len(digest.items) + digest.rest.settled) - 1
    news = [incident for incident in digest.incidents if incident.state is not IncidentState.CONTINUING]
    if any(not item.decided for item in digest.items):
        words = _change_subject(digest.items[0], language)
    elif news or (digest.incidents and not digest.items):
        words, others = _turn((news or digest.incidents)[0], language), others + 1
    elif digest.items:
        change = _change_subject(digest.items[0], language)
        words = phrase(language, "pair", label=phrase(language, "subject_decided"), words=change)
    else:
        words = phrase(language, f"subject_quiet{_chosen(digest)}", coverage=_coverage(digest.coverage, language)[0])
    words = _cut(words, _SUBJECT_LENGTH)
    return f"{words} ({phrase(language, 'subject_more', n=others)})" if others > 0 else words


def _change_subject(item: DigestItem, language: str) -> str:
    severity = phrase(language, f"severity_{item.severity}")
    name, page = _name(item, language), _cut(one_line(item.source_title), _SUBJECT_PAGE)
    old, new = _cut(one_line(item.before), _SUBJECT_VALUE), _cut(one_line(item.after), _SUBJECT_VALUE)
    if old and new:
        words = phrase(language, "pair", label=severity, words=f"{name} {old} → {new}, {page}")
        return words if item.confirmed else f"{words} ({phrase(language, 'unconfirmed')})"
    where = phrase(language, "pair", label=f"{name}, {page}", words=_reason(item, language))
    return phrase(language, "pair", label=severity, words=where) + (f" ({old or new})" if old or new else "")


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
