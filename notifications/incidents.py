"""What became of sites that could not be read: begun, going on, over. A site that is down is one message, not fifty.

Pure. An incident is a run of outages of one site of which each began before the last of the earlier ones was over: it
begins with its first page and is over with its last; pages that join or leave between are no news. It stands on the
events that opened and closed the outages, so each turn is told once however often it is composed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from domain.digests import Incident, IncidentState
from domain.flags import Outage
from domain.sources import Source
from notifications.words import one_line


def incidents_of(
    outages: Iterable[Outage],
    *,
    first_event: int,
    unreadable: tuple[tuple[str, str], ...],
    sources: Mapping[str, Source],
) -> tuple[Incident, ...]:
    """One line for each incident of a stretch of events; one that began and ended within it is told as over.

    outages: all of every incident that was not over at `first_event`. unreadable: (source id, cause) of pages that
    cannot be read now, flagged or not.
    """
    causes = dict(unreadable)
    blind: dict[str, list[str]] = defaultdict(list)
    for name in causes:
        blind[site_of(name, sources)].append(name)
    lines: list[Incident] = []
    for site, run in runs_of(outages, sources):
        ended_at = _end(run)
        if ended_at is not None:
            lines.append(_line(site, IncidentState.ENDED, [item.source for item in run], sources, run, ended_at))
            continue
        state = IncidentState.OPENED if run[0].began > first_event else IncidentState.CONTINUING
        out = [item.source for item in run if item.ended is None] + blind.pop(site, [])
        lines.append(_line(site, state, out, sources, run, causes=causes))
    lines += [_line(site, IncidentState.CONTINUING, out, sources, causes=causes) for site, out in blind.items()]
    order = list(IncidentState)
    return tuple(sorted(lines, key=lambda item: (order.index(item.state), item.site)))


def runs_of(outages: Iterable[Outage], sources: Mapping[str, Source]) -> tuple[tuple[str, tuple[Outage, ...]], ...]:
    """Outages by incident: (site, the outages of one incident in the order in which they began)."""
    runs: list[tuple[str, list[Outage]]] = []
    latest: dict[str, list[Outage]] = {}
    for outage in sorted(outages, key=lambda item: item.began):
        site = site_of(outage.source, sources)
        run = latest.get(site)
        if run is None or all(item.ended is not None and item.ended < outage.began for item in run):
            run = latest[site] = []
            runs.append((site, run))
        run.append(outage)
    return tuple((site, tuple(run)) for site, run in runs)


def over_before(run: tuple[Outage, ...], event: int) -> bool:
    """Whether an incident was over right after an event."""
    return all(item.ended is not None and item.ended <= event for item in run)


def site_of(name: str, sources: Mapping[str, Source]) -> str:
    """The host of a page, or the name of a page that is watched no more."""
    host = urlsplit(sources[name].url).hostname if name in sources else None
    return host or name


def _end(run: tuple[Outage, ...]) -> datetime | None:
    last = max(run, key=lambda item: item.ended or 0)
    return last.ended_at if all(item.ended is not None for item in run) else None


def _line(
    site: str,
    state: IncidentState,
    names: Iterable[str],
    sources: Mapping[str, Source],
    run: tuple[Outage, ...] = (),
    ended_at: datetime | None = None,
    causes: Mapping[str, str] | None = None,
) -> Incident:
    pages = tuple(dict.fromkeys(names))
    said = [(causes or {}).get(name, "") for name in pages]
    return Incident(
        site=site,
        state=state,
        sources=tuple(sources[name].title if name in sources else name for name in pages),
        reason=", ".join(dict.fromkeys(one_line(cause) for cause in said if cause)),
        began_at=run[0].began_at if run else None,
        ended_at=ended_at,
    )
