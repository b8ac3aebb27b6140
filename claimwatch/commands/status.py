"""`status`: is it alive, what is overdue, what waits."""

from __future__ import annotations

from datetime import datetime

from claimwatch.commands.deliveries import pause_words
from claimwatch.home import Home
from claimwatch.show import line, print_json
from domain.checks import AWAITED, Outcome, SourceState
from domain.facts import FactState, KnownFact
from domain.shapes import Json, moment
from domain.sources import Source
from monitor.due import due_slot
from monitor.standings import freshness_of
from notifications.canary import LATE
from storage.channels import list_channels
from storage.checks import source_states
from storage.deliveries import BY_MAIL
from storage.delivery_lists import count_bounces, count_deliveries, last_canary, pause_of
from storage.facts import known_facts
from storage.listings import count_flags
from storage.runs import last_cycle
from storage.slots import last_slots
from storage.store import Connection


def status(home: Home, *, as_json: bool) -> None:
    """Print how the watching stands."""
    document = status_document(home)
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
    for name, fault in document["templates"].items():
        line(f"template        of {name} fails, and the built-in words stand in: {fault}")
    mail = document["mail"]
    if mail["paused"]:
        line(f"mail            {pause_words(mail['paused'])}")
    if mail["bounces"]["permanent"] or mail["bounces"]["temporary"]:
        line(f"bounces         {mail['bounces']['permanent']} permanent, {mail['bounces']['temporary']} temporary")
    if mail["canary"] is not None:
        line(f"mail's canary   {_canary_words(mail['canary'])}")
    line(f"storage         {_storage_words(document['storage'])}")
    if sources["unverified"]:
        line(f"unverified      {len(sources['unverified'])} sources whose rules were never tried on a real capture")
    for item in sources["unreadable"]:
        line(
            f"cannot read     {item['source']}: {item['reason']} {item['detail']} (last read {item['last_read_at'] or 'never'})"
        )
    for key in facts["overdue"][:20]:
        line(f"overdue fact    {key}")


def _storage_words(mode: Json) -> str:
    words = f"{mode['database']} {mode['version']}"
    if "journal_mode" in mode:
        why = "" if mode["wal_is_safe"] else " (this version can lose a write-ahead log)"
        words += f", journal {mode['journal_mode']}{why}"
    return words


def _canary_words(canary: Json) -> str:
    if canary["queued_at"] is None:
        return "none yet"
    if canary["arrived_at"] is not None:
        return f"arrived at {canary['arrived_at']}"
    late = "is late: look at the path of the mail" if canary["late"] else "has not been seen to arrive yet"
    return f"queued at {canary['queued_at']}, {canary['state']}, {late}"


def _mail(home: Home, connection: Connection, now: datetime) -> Json:
    counted, last = count_bounces(connection), last_canary(connection)
    canary: Json | None = None
    if last is not None:
        canary = {
            "queued_at": moment(last.queued_at),
            "state": last.state.value,
            "arrived_at": moment(last.arrived_at),
            "late": last.arrived_at is None and now - last.queued_at > LATE,
        }
    elif home.settings.canary_to:
        canary = {"queued_at": None, "state": None, "arrived_at": None, "late": False}
    return {
        "paused": pause_of(connection, BY_MAIL, now=now) or None,
        "bounces": {"permanent": counted[True], "temporary": counted[False]},
        "canary": canary,
    }


def status_document(home: Home) -> Json:
    """How the watching stands, as `status --json` prints it."""
    now = home.now()
    store = home.store()
    with store.reading() as connection:
        cycle, states, answered = last_cycle(connection), source_states(connection), last_slots(connection)
        known, flags, deliveries = known_facts(connection), count_flags(connection), count_deliveries(connection)
        mail = _mail(home, connection, now)
        faults = {channel.name: channel.fault for channel in list_channels(connection) if channel.fault}
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
    return {
        "now": moment(now),
        "last_cycle": None
        if cycle is None
        else {"owner": cycle.owner, "at": moment(cycle.at), "under_way": cycle.under_way},
        "sources": {
            "enabled": len(enabled),
            "checked": sum(1 for source in enabled if source.id in states),
            "unreadable": unreadable,
            "unverified": [
                source.id
                for source in enabled
                if source.grounding == "unverified" and not source.awaited and not _read_once(states.get(source.id))
            ],
            "overdue": [
                source.id
                for source in enabled
                if due_slot(source.cadence, source=source.id, last_slot=answered.get(source.id), now=now)
            ],
        },
        "facts": _facts(enabled, known, home.sources, now),
        "flags": {state.value: number for state, number in flags.items()},
        "deliveries": {state.value: number for state, number in deliveries.items()},
        "mail": mail,
        "templates": faults,
        "storage": store.mode(),
    }


def _read_once(state: SourceState | None) -> bool:
    """A first good check shows that the rules of a source, written without a capture, fit the page."""
    return state is not None and state.last_read_at is not None


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
