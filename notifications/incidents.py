"""What became of sites that could not be read: begun, going on, over. A site that is down is one message, not fifty.

Pure. It stands on the outages that events opened and closed, so each turn is told once however often it is composed:
a site's trouble begins with its first page and is over with its last; pages that join or leave between are no news.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from domain.digests import Incident, IncidentState
from domain.flags import FlagRecord
from domain.sources import Source
from notifications.words import one_line


def incidents_of(
    *,
    standing: Iterable[FlagRecord],
    begun: Iterable[FlagRecord],
    over: Iterable[FlagRecord],
    unreadable: tuple[tuple[str, str], ...],
    sources: Mapping[str, Source],
) -> tuple[Incident, ...]:
    """One line for each site and what became of it; trouble that began and ended in one period shows both.

    standing: outages when the period began. begun, over: those that its events opened and closed.
    unreadable: (source id, cause) of pages that cannot be read now, flagged or not.
    """
    causes = dict(unreadable)
    before, new, gone = (_by_site(records, sources) for records in (standing, begun, over))
    blind: dict[str, dict[str, str]] = defaultdict(dict)
    for name, cause in unreadable:
        blind[_site(name, sources)][name] = cause
    lines: list[Incident] = []
    for site in sorted({*before, *new, *gone, *blind}):
        was, came, went = before.get(site, {}), new.get(site, {}), gone.get(site, {})
        left = {number: name for number, name in {**was, **came}.items() if number not in went}
        known = {name: causes.get(name, "") for name in {**was, **came, **went}.values()}
        if came and not was:
            lines.append(_line(site, IncidentState.OPENED, {name: known[name] for name in came.values()}, sources))
        if went and not left:
            lines.append(_line(site, IncidentState.ENDED, dict.fromkeys(went.values(), ""), sources))
        still = {**{name: known[name] for name in left.values()}, **blind.get(site, {})}
        if still and not (came and not was and set(still) <= set(came.values())):
            lines.append(_line(site, IncidentState.CONTINUING, still, sources))
    order = list(IncidentState)
    return tuple(sorted(lines, key=lambda item: (order.index(item.state), item.site)))


def _by_site(records: Iterable[FlagRecord], sources: Mapping[str, Source]) -> dict[str, dict[int, str]]:
    found: dict[str, dict[int, str]] = defaultdict(dict)
    for record in records:
        found[_site(record.flag.source, sources)][record.id] = record.flag.source
    return found


def _line(site: str, state: IncidentState, names: Mapping[str, str], sources: Mapping[str, Source]) -> Incident:
    return Incident(
        site=site,
        state=state,
        sources=tuple(sources[name].title if name in sources else name for name in names),
        reason=", ".join(dict.fromkeys(one_line(cause) for cause in names.values() if cause)),
    )


def _site(name: str, sources: Mapping[str, Source]) -> str:
    host = urlsplit(sources[name].url).hostname if name in sources else None
    return host or name
