"""`check`, `import`, `replay`: everything that brings captures in, or reads them again."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from claimwatch.home import Home
from claimwatch.show import clip, err, line, print_json, table, value_text
from domain.checks import AWAITED, Check, Outcome
from domain.facts import Fact, FactState
from domain.shapes import Json, change_shape, check_shape
from domain.snapshots import Snapshot
from domain.sources import Source
from monitor.archive import Skipped, captures
from monitor.check import Desk, visit
from monitor.diff import compare_facts
from monitor.due import due_slot
from monitor.examine import examine
from monitor.ingest import in_order, ingest, judge_imported
from monitor.record import Recorded
from monitor.standings import official_day
from monitor.workers import Workers
from outbound.client import Client
from storage.checks import last_good
from storage.facts import known_facts
from storage.slots import claim_slot, last_slots
from storage.snapshots import list_snapshots, load_snapshot

LEASE = timedelta(minutes=15)
_AT_ONCE = 16


def check(home: Home, names: tuple[str, ...], *, due_only: bool, as_json: bool) -> tuple[bool, bool]:
    """Visit sources and print what came of it. (something needs a person, something could not be read)."""
    chosen = [home.source(name) for name in names] or [item for item in home.config.sources if item.enabled]
    recorded = asyncio.run(_visit_all(home, chosen, due_only=due_only))
    facts = _facts_after(home, recorded)
    checks = [check_shape(item.check, flags=item.flags, facts=facts[item.check.source]) for item in recorded]
    document = {"checks": checks, "summary": _summary(recorded, facts)}
    if as_json:
        print_json(document)
    else:
        _print_checks(document)
    return any(item.flags for item in recorded), any(_unreadable(item.check) for item in recorded)


async def _visit_all(home: Home, chosen: list[Source], *, due_only: bool) -> list[Recorded]:
    store = home.store()
    slots = _slots(home, chosen, due_only=due_only)
    progress = Progress(
        TextColumn("checking"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )
    gate = asyncio.Semaphore(_AT_ONCE)
    with Workers() as workers, progress:
        bar = progress.add_task("", total=len(slots))
        async with Client(home.policy()) as client:
            desk = Desk(
                client=client,
                store=store,
                workers=workers,
                sources=home.sources,
                claims=home.config.claims,
                now=home.now,
            )

            async def one(source: Source, slot: datetime, fence: int | None, missed: int) -> Recorded:
                async with gate:
                    result = await visit(source, slot=slot, desk=desk, fence=fence, missed=missed)
                    progress.update(bar, advance=1, description=source.id)
                    return result

            return list(await asyncio.gather(*(one(*slot) for slot in slots)))


def _slots(home: Home, chosen: list[Source], *, due_only: bool) -> list[tuple[Source, datetime, int | None, int]]:
    """The slot that each visit answers for: the due one, claimed, or (asked for by hand) this moment."""
    now = home.now()
    if not due_only:
        return [(source, now, None, 0) for source in chosen]
    with home.store().reading() as connection:
        answered = last_slots(connection)
    slots: list[tuple[Source, datetime, int | None, int]] = []
    for source in chosen:
        due = due_slot(source.cadence, source=source.id, last_slot=answered.get(source.id), now=now)
        if due is None:
            continue
        with home.store().writing() as connection:
            claim = claim_slot(
                connection, source.id, due.slot, owner=f"check@{socket.gethostname()}", now=now, lease=LEASE
            )
        if claim is not None:
            slots.append((source, due.slot, claim.fence, due.missed))
    return slots


def _facts_after(home: Home, recorded: list[Recorded]) -> dict[str, tuple[Fact, ...]]:
    """The declared facts as they stand after each check: just read, or the baseline's where it was seen unchanged."""
    unchanged = {item.check.source for item in recorded if item.check.outcome is Outcome.UNCHANGED}
    with home.store().reading() as connection:
        known = known_facts(connection, sources=unchanged, dated=False) if unchanged else {}
    facts: dict[str, tuple[Fact, ...]] = dict.fromkeys(unchanged, ())
    for key, fact in known.items():
        facts[key.partition("#")[0]] += (fact.fact,)
    for item in recorded:
        source = home.sources[item.check.source]
        examination = item.check.examination
        if examination is not None and examination.facts:
            facts[source.id] = examination.facts
        elif source.id not in unchanged:
            reason = item.check.reason
            facts[source.id] = tuple(
                Fact(key=source.fact_key(rule), state=FactState.CANNOT_TELL, reason=reason) for rule in source.rules
            )
    return facts


def _summary(recorded: list[Recorded], facts: dict[str, tuple[Fact, ...]]) -> Json:
    every = [fact for found in facts.values() for fact in found]
    return {
        "checked": len(recorded),
        "changed": sum(1 for item in recorded if _changed(item.check)),
        "unreadable": sum(1 for item in recorded if _unreadable(item.check)),
        "flags_opened": sum(len(item.flags) for item in recorded),
        "facts_located": sum(1 for fact in every if fact.state is FactState.LOCATED),
        "facts_declared": len(every),
    }


def _unreadable(check: Check) -> bool:
    return check.outcome not in (Outcome.GOOD, Outcome.UNCHANGED) and check.reason != AWAITED


def _changed(item: Check) -> bool:
    examination = item.examination
    return item.outcome is Outcome.GOOD and examination is not None and examination.verdict.value == "substantive"


def _print_checks(document: Json) -> None:
    rows = []
    for item in document["checks"]:
        located = item["facts"]["located"]
        rows.append(
            (
                item["source"],
                item["outcome"],
                item["reason"] or item["verdict"] or "",
                f"{located} of {sum(item['facts'].values())}",
                ", ".join(map(str, item["flags"])),
                clip(item["detail"], 60),
            )
        )
    table("Checks", ("source", "outcome", "why", "facts located", "flags", "detail"), rows)
    summary = document["summary"]
    line(
        f"{summary['checked']} checked, {summary['changed']} changed, {summary['unreadable']} cannot tell, "
        f"{summary['flags_opened']} flags opened, {summary['facts_located']} of {summary['facts_declared']} facts located"
    )


# -- import ------------------------------------------------------------------


def import_captures(home: Home, paths: Iterable[Path], *, only: str | None, as_json: bool) -> None:
    """Bring captures made elsewhere into history, in the order of their time, and say what was skipped and why."""
    if only is not None:
        home.source(only)
    found: list[tuple[Source, Snapshot]] = []
    skipped: list[Skipped] = []
    for item in captures(paths, home.config.sources, only=only):
        if isinstance(item, Skipped):
            skipped.append(item)
        else:
            found.append(item)
    outcomes, flags = asyncio.run(_ingest_all(home, found))
    document: Json = {
        "imported": sum(outcomes.values()) - outcomes["known"],
        "known": outcomes["known"],
        "outcomes": {name: number for name, number in sorted(outcomes.items()) if name != "known"},
        "flags_opened": flags,
        "skipped": [{"place": item.place, "reason": item.reason} for item in skipped],
    }
    if as_json:
        print_json(document)
        return
    words = ", ".join(f"{number} {name}" for name, number in document["outcomes"].items()) or "none"
    line(
        f"{document['imported']} captures imported ({words}), {document['known']} known already, {len(flags)} flags opened"
    )
    for item in document["skipped"]:
        line(f"skipped {item['place']}: {item['reason']}")


async def _ingest_all(home: Home, found: list[tuple[Source, Snapshot]]) -> tuple[Counter[str], list[int]]:
    outcomes: Counter[str] = Counter()
    flags: list[int] = []
    touched: dict[str, int] = {}
    store = home.store()
    with Workers() as workers:
        for source, snapshot in in_order(found):
            result = await ingest(
                source,
                snapshot,
                store=store,
                workers=workers,
                sources=home.sources,
                claims=home.config.claims,
                now=home.now(),
            )
            if result.recorded is None or result.recorded.already:
                outcomes["known"] += 1
                continue
            outcomes[result.recorded.check.outcome.value] += 1
            flags += result.recorded.flags
            touched[source.id] = result.recorded.id
    for name, number in touched.items():
        flags += judge_imported(
            home.sources[name],
            store=store,
            sources=home.sources,
            claims=home.config.claims,
            check_id=number,
            now=home.now(),
        )
    return outcomes, flags


# -- replay ------------------------------------------------------------------


def replay(home: Home, names: tuple[str, ...], *, since: datetime | None, as_json: bool) -> None:
    """Re-read stored snapshots with today's rules and print what would differ from what is recorded; writes nothing."""
    chosen = [home.source(name) for name in names] or list(home.config.sources)
    replayed = [item for source in chosen if (item := _replay_one(home, source, since)) is not None]
    if as_json:
        print_json({"replayed": replayed})
        return
    rows = [
        (
            item["source"],
            str(item["snapshots"]),
            str(len(item["differences"])),
            "; ".join(map(str, item["unreadable"][:3])),
        )
        for item in replayed
    ]
    table("Replay", ("source", "snapshots", "facts that would differ", "could not be read"), rows)
    for item in replayed:
        for difference in item["differences"]:
            line(
                f"{item['source']} {difference['snapshot'][:12]} {difference['key']}: {difference['was']} -> {difference['would_be']}"
            )


def _replay_one(home: Home, source: Source, since: datetime | None) -> Json | None:
    with home.store().reading() as connection:
        kept = [item for item in list_snapshots(connection, source.id) if since is None or item.fetched_at >= since]
        last = last_good(connection, source.id)
        known = known_facts(connection, sources=(source.id,))
        if not kept:
            return None
        differences: list[Json] = []
        unreadable: list[str] = []
        for item in reversed(kept):
            snapshot = load_snapshot(connection, item.id)
            examination = examine(source, snapshot, today=official_day(snapshot.fetched_at))
            if examination.quality.outcome is not Outcome.GOOD:
                unreadable.append(f"{snapshot.digest[:12]} {examination.quality.cause}")
            elif last is not None and item.id == last.snapshot_id:
                differences += _differences(snapshot, tuple(found.fact for found in known.values()), examination.facts)
    return {"source": source.id, "snapshots": len(kept), "differences": differences, "unreadable": unreadable}


def _differences(snapshot: Snapshot, recorded: tuple[Fact, ...], today: tuple[Fact, ...]) -> list[Json]:
    before = {fact.key: fact for fact in recorded}
    changed = {change.key: change_shape(change) for change in compare_facts(recorded, today)}
    differences = []
    for fact in today:
        was = before.get(fact.key)
        if fact.key in changed or was is None or was.state is not fact.state:
            differences.append(
                {
                    "snapshot": snapshot.digest,
                    "key": fact.key,
                    "was": "not declared" if was is None else f"{was.state.value} {value_text(was.value, 40)}",
                    "would_be": f"{fact.state.value} {value_text(fact.value, 40)} {fact.reason}".strip(),
                    "change": changed.get(fact.key),
                }
            )
    return differences
