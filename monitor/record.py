"""Writing a finished check down, with every flag that follows from it, in one transaction and with no network inside.

Visits and imports both end here, so there is one place where knowledge becomes history.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.checks import AWAITED, Check, Outcome
from domain.claims import Claim, Judgement, Operator, Standing
from domain.facts import KnownFact
from domain.flags import Flag, FlagReason, FlagRecord, FlagState
from domain.snapshots import Origin
from domain.sources import Source
from domain.values import value_words
from monitor.assess import (
    Seen,
    change_flags,
    claim_flags,
    disagree,
    frozen_flag,
    stale_flags,
    twin_holds,
    unreadable_flag,
)
from monitor.impact import pages_of
from monitor.standings import judge_claims, official_day, twin_of
from storage.checks import LastGood, RecordedCheck, last_moved, record_check
from storage.events import append_event
from storage.facts import accepted_values, known_facts
from storage.flags import close_flag, confirm_flag, covered_pairs, list_flags, open_flag
from storage.outages import unended_outages
from storage.store import Connection, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A check as it was written down. flags: numbers of those it opened. already: its slot had a record before."""

    check: Check
    id: int
    flags: tuple[int, ...]
    already: bool


_READ = (Outcome.GOOD, Outcome.UNCHANGED)


def record(
    check: Check,
    *,
    source: Source,
    sources: Mapping[str, Source],
    claims: tuple[Claim, ...],
    store: Store,
    quick: str = "",
    fence: int | None = None,
    history_only: bool = False,
    judge: bool = True,
) -> Recorded:
    """Record the check and open, confirm and close flags by it, whole or not at all.

    history_only: a capture older than the baseline; it enters history and asks nobody anything.
    judge: whether claims are tested now (an import tests them once, after its last capture of a source).
    """

    def written(connection: Connection) -> Recorded:
        kept = record_check(connection, check, quick_fingerprint=quick, fence=fence, history_only=history_only)
        if kept.already or history_only:
            return Recorded(check=check, id=kept.id, flags=(), already=kept.already)
        opened: list[int] = []
        if check.outcome in _READ:
            twins = twin_facts(connection, source, sources)
            _settle_earlier(connection, check, kept.past, twins)
            opened += _open(connection, _changes(check, source, kept.past, claims, twins), kept, check)
            _confirm_by_twin(connection, source, sources, check.finished_at)
            if judge:
                opened += judge_now(
                    connection,
                    source,
                    sources=sources,
                    claims=claims,
                    check_id=kept.id,
                    now=check.finished_at,
                    confirmed=check.origin is Origin.FETCHED,
                )
        else:
            opened += _open(connection, _unreadable(check, source, claims, kept), kept, check)
        return Recorded(check=check, id=kept.id, flags=tuple(opened), already=False)

    return store.write(written)


def judge_now(
    connection: Connection,
    source: Source,
    *,
    sources: Mapping[str, Source],
    claims: tuple[Claim, ...],
    check_id: int,
    now: datetime,
    confirmed: bool,
) -> list[int]:
    """Test the claims that rest on a source; open flags for contradictions and stale facts, close those that ended."""
    # What rests on the page in the other language is tested by this one as well: it may be the visit that shows a doubt.
    pages = {source.id, source.counterpart or source.id}
    resting = tuple(claim for claim in claims if not pages.isdisjoint(pages_of(claim)))
    opened = _frozen(connection, source, resting, check_id, now)
    if not resting:
        return opened
    needed = set().union(*map(pages_of, resting))
    needed |= {sources[name].counterpart or "" for name in needed if name in sources} - {""}
    known = known_facts(connection, sources=needed, dated=False)
    # Most visits find every claim as it was, so the two costly questions are only asked where an answer counts.
    asks = any(item.operator is Operator.UNCHANGED for claim in resting for item in claim.expectations)
    accepted = accepted_values(connection, sources=needed) if asks else {}
    judgements = judge_claims(resting, known, sources=sources, now=now, accepted=accepted)
    by_id = {claim.id: claim for claim in resting}
    doubted = any(item.standing in (Standing.CONTRADICTED, Standing.SUSPECT) for item in judgements)
    covered = (
        frozenset().union(*(covered_pairs(connection, name) for name in sorted(needed))) if doubted else frozenset()
    )
    told = {key: twin_of(key, sources) for key in known}
    flags = claim_flags(judgements, by_id, known, covered=covered, confirmed=confirmed, twins=told)
    stale = stale_flags(source, known, resting, now=now)
    opened += [
        number
        for flag in (*flags, *stale)
        if (number := open_flag(connection, flag, check_id=check_id, at=now)) is not None
    ]
    _close_ended(connection, {source.id, *(item.source for item in judgements if item.source)}, judgements, known, now)
    return opened


def _frozen(
    connection: Connection, source: Source, claims: tuple[Claim, ...], check_id: int, now: datetime
) -> list[int]:
    if not source.moves_with:
        return []
    flag = frozen_flag(source, last_moved(connection, (source.id, *source.moves_with)), claims, now=now)
    number = None if flag is None else open_flag(connection, flag, check_id=check_id, at=now)
    return [] if number is None else [number]


def twin_facts(connection: Connection, source: Source, sources: Mapping[str, Source]) -> dict[str, KnownFact]:
    """What the page in the other language gives, by this source's fact keys."""
    twins = {key: twin_of(key, sources) for key in map(source.fact_key, source.rules)}
    if not any(twins.values()):
        return {}
    known = known_facts(connection, sources=(source.counterpart or "",), dated=False)
    return {key: known[twin] for key, twin in twins.items() if twin in known}


def _confirm_by_twin(connection: Connection, source: Source, sources: Mapping[str, Source], at: datetime) -> None:
    """Changes of the page in the other language that waited for this one to say the same."""
    other = sources.get(source.counterpart or "")
    if other is None:
        return
    here = twin_facts(connection, other, sources)
    for item in list_flags(connection, state=FlagState.OPEN, source=other.id):
        twin = here.get(item.flag.fact or "")
        if item.flag.confirmed or twin is None or twin.fact.value is None or twin_holds(item.flag.after, twin):
            continue
        told = f"{twin.fact.key} gives {value_words(twin.fact.value)} too since {official_day(at).isoformat()}"
        confirm_flag(connection, item.id, at=at, because=told)


def _changes(
    check: Check,
    source: Source,
    past: LastGood | None,
    claims: tuple[Claim, ...],
    twins: Mapping[str, KnownFact],
) -> tuple[Flag, ...]:
    if check.snapshot is None:
        return ()
    examination = check.examination if check.outcome is Outcome.GOOD else None
    moved = check.snapshot.final_url if check.origin is Origin.FETCHED else source.url
    seen = Seen(
        source=source,
        first=past is None,
        # A page that moved as it was has no change to tell but its address.
        changes=() if examination is None else examination.changes,
        blocks=() if examination is None else examination.blocks,
        earlier=() if examination is None else examination.baseline_facts,
        lost=() if examination is None else examination.lost,
        confirmed=check.confirmed and check.origin is Origin.FETCHED,
        snapshot_before="" if past is None else past.digest,
        snapshot_after=check.snapshot.digest,
        moved_to="" if moved in (source.url, *source.also_at) else moved,
        today=official_day(check.finished_at),
        twins=twins,
    )
    return change_flags(seen, claims)


def _unreadable(check: Check, source: Source, claims: tuple[Claim, ...], written: RecordedCheck) -> tuple[Flag, ...]:
    if check.reason == AWAITED:
        return ()
    flag = unreadable_flag(source, claims, failures=written.failures, cause=check.reason, detail=check.detail)
    return () if flag is None else (flag,)


def _open(connection: Connection, flags: tuple[Flag, ...], written: RecordedCheck, check: Check) -> list[int]:
    numbers = (open_flag(connection, flag, check_id=written.id, at=check.finished_at) for flag in flags)
    return [number for number in numbers if number is not None]


def _settle_earlier(
    connection: Connection, check: Check, past: LastGood | None, twins: Mapping[str, KnownFact]
) -> None:
    """What a readable page settles: it is readable again, and what an import alone had seen is seen to be so."""
    changed = {change.key for change in check.examination.changes} if check.examination is not None else set()
    for number in unended_outages(connection, check.source):
        close_flag(connection, number, because="readable again", at=check.finished_at)
        append_event(connection, kind="readable", source=check.source, at=check.finished_at, flag=number)
    for record_ in list_flags(connection, state=FlagState.OPEN, source=check.source):
        flag = record_.flag
        if not flag.confirmed and past is not None and flag.fact not in changed and not _held(flag, twins):
            confirm_flag(connection, record_.id, at=check.finished_at)


def _held(flag: Flag, twins: Mapping[str, KnownFact]) -> bool:
    return bool(twin_holds(flag.after, twins.get(flag.fact or "")))


def _close_ended(
    connection: Connection,
    pages: set[str],
    judgements: tuple[Judgement, ...],
    known: Mapping[str, KnownFact],
    now: datetime,
) -> None:
    """Contradictions that hold no more, and facts that are located again, need nobody."""
    by_claim = {item.claim: item for item in judgements}
    for page in sorted(pages):
        for item in list_flags(connection, state=FlagState.OPEN, source=page):
            because = _ended(item, by_claim, known)
            if because:
                close_flag(connection, item.id, because=because, at=now)


def _ended(item: FlagRecord, by_claim: Mapping[str, Judgement], known: Mapping[str, KnownFact]) -> str:
    flag = item.flag
    if flag.reason in (FlagReason.CONTRADICTED, FlagReason.DISAGREEMENT):
        now = by_claim.get(flag.claims[0]) if flag.claims else None
        if now is not None and now.standing in (Standing.VERIFIED, Standing.UNWATCHED):
            return "no longer contradicted"
        if now is not None and flag.reason is FlagReason.CONTRADICTED and disagree(now):
            return "the sources disagree now, which is a flag of its own"
        if now is not None and flag.reason is FlagReason.DISAGREEMENT and now.standing is Standing.CONTRADICTED:
            return "the sources agree now: the guide is contradicted"
    if flag.reason is FlagReason.STALE and flag.fact is not None:
        fact = known.get(flag.fact)
        if fact is not None and fact.latest_state is fact.fact.state:
            return "located again"
    return ""
