"""`status`: is it alive, what is overdue, what waits."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from claimwatch.home import Home
from claimwatch.show import line, print_json
from domain.checks import AWAITED, Outcome
from domain.facts import FactState, KnownFact
from domain.flags import FlagState
from domain.shapes import Json, moment
from domain.sources import Source
from monitor.due import due_slot
from monitor.standings import freshness_of
from storage.checks import source_states
from storage.deliveries import count_deliveries
from storage.facts import known_facts
from storage.flags import list_flags
from storage.runs import last_cycle
from storage.slots import last_slots


def status(home: Home, *, as_json: bool) -> None:
    """Print how the watching stands."""
    document = _document(home)
    if as_json:
        print_json(document)
        return
    cycle = document["last_cycle"]
    line(f"last cycle      {cycle['at'] + ' by ' + cycle['owner'] if cycle else 'none: the service has not run yet'}")
    sources, facts = document["sources"], document["facts"]
    line(
        f"sources         {sources['enabled']} watched, {sources['checked']} checked, {len(sources['unreadable'])} cannot be read, {len(sources['overdue'])} due"
    )
    line(
        f"facts           {facts['declared']} declared, {facts['located']} located, {len(facts['overdue'])} not seen within their freshness"
    )
    line("flags           " + ", ".join(f"{number} {name}" for name, number in document["flags"].items()))
    line(
        "deliveries      "
        + (", ".join(f"{number} {name}" for name, number in document["deliveries"].items() if number) or "none")
    )
    line("storage         " + ", ".join(f"{name} {value}" for name, value in document["storage"].items()))
    for item in sources["unreadable"]:
        line(
            f"cannot read     {item['source']}: {item['reason']} {item['detail']} (last read {item['last_read_at'] or 'never'})"
        )
    for key in facts["overdue"][:20]:
        line(f"overdue fact    {key}")


def _document(home: Home) -> Json:
    now = home.now()
    store = home.store()
    with store.reading() as connection:
        cycle, states, answered = last_cycle(connection), source_states(connection), last_slots(connection)
        known, flags, deliveries = (
            known_facts(connection),
            list_flags(connection, limit=100_000),
            count_deliveries(connection),
        )
    enabled = [source for source in home.config.sources if source.enabled]
    unreadable = [
        {
            "source": source.id,
            "outcome": state.outcome.value,
            "reason": state.reason,
            "detail": state.detail,
            "failures": state.failures,
            "last_read_at": moment(state.last_read_at),
        }
        for source in enabled
        if (state := states.get(source.id)) is not None
        and state.outcome not in (Outcome.GOOD, Outcome.UNCHANGED)
        and state.reason != AWAITED
    ]
    counted = Counter(record.state for record in flags)
    return {
        "now": moment(now),
        "last_cycle": None
        if cycle is None
        else {"owner": cycle.owner, "at": moment(cycle.at), "under_way": cycle.under_way},
        "sources": {
            "enabled": len(enabled),
            "checked": sum(1 for source in enabled if source.id in states),
            "unreadable": unreadable,
            "overdue": [
                source.id
                for source in enabled
                if due_slot(source.cadence, source=source.id, last_slot=answered.get(source.id), now=now)
            ],
        },
        "facts": _facts(enabled, known, home.sources, now),
        "flags": {state.value: counted[state] for state in FlagState},
        "deliveries": {state.value: number for state, number in deliveries.items()},
        "storage": store.mode(),
    }


def _facts(enabled: list[Source], known: dict[str, KnownFact], sources: dict[str, Source], now: datetime) -> Json:
    keys = [source.fact_key(rule) for source in enabled for rule in source.rules]
    located = [key for key in keys if key in known and known[key].latest_state is FactState.LOCATED]
    overdue = []
    for key in keys:
        item = known.get(key)
        seen = None if item is None else item.last_seen_at
        if seen is not None and now - seen > freshness_of(key, None, sources):
            overdue.append(key)
    return {"declared": len(keys), "located": len(located), "overdue": overdue}
