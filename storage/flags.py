"""Flags and what became of them.

A flag is never overwritten: acts are appended to it, and where it stands is folded from them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, insert, select

from domain.errors import ClaimwatchError
from domain.flags import Flag, FlagReason, FlagRecord, FlagState, Review, ReviewVerdict, Severity
from storage.cases import case_for, decided_before, keep_keys
from storage.columns import json_of, json_text, plain, time_of, time_text, value_of, value_text
from storage.episodes import CHANGE_REASONS, CLAIM_REASONS, episode_of
from storage.events import append_event
from storage.flag_states import RANKS, begin, move
from storage.superseding import giving_way, in_place_of
from storage.tables import checks, fact_changes, flag_acts, flag_states, flags

_BATCH = 500
"""Numbers in one question: databases limit how many words a statement may have."""


class NoSuchFlag(ClaimwatchError):
    """There is no flag of that number."""


class StaleReview(ClaimwatchError):
    """The flag is not what the reviewer saw any more: a newer capture or a newer flag stands in its place."""


class OfAnother(ClaimwatchError):
    """A colleague's verdict stands on the flag, or a colleague is at it. holder: who."""

    def __init__(self, words: str, *, holder: str) -> None:
        super().__init__(words)
        self.holder = holder


def open_flag(connection: Connection, flag: Flag, *, check_id: int, at: datetime) -> int | None:
    """The number of the new flag, or None where the same flag was opened in this episode already.

    A newer flag on the same fact closes the open ones before it, which stay visible as superseded.
    """
    episode = episode_of(connection, flag, check_id=check_id)
    query = select(flags.c.id).where(flags.c.identity == flag.identity, flags.c.episode == episode)
    if connection.execute(query).first() is not None:
        return None
    about, flag = flag, _in_its_case(connection, flag)
    number = int(
        connection.execute(
            insert(flags)
            .values(
                identity=flag.identity,
                episode=episode,
                check_id=check_id,
                opened_at=time_text(at),
                reason=flag.reason.value,
                severity=flag.severity.value,
                source=flag.source,
                fact=flag.fact,
                claims=json_text(flag.claims),
                before=value_text(flag.before),
                after=value_text(flag.after),
                quote_before=plain(flag.quote_before),
                quote_after=plain(flag.quote_after),
                detail=plain(flag.detail),
                snapshot_before=flag.snapshot_before,
                snapshot_after=flag.snapshot_after,
                confirmed=flag.confirmed,
                group=flag.group,
            )
            .returning(flags.c.id)
        ).scalar_one()
    )
    begin(connection, number, flag, at=at)
    keep_keys(connection, number, about)
    for earlier in giving_way(connection, flag, check_id):
        close_flag(connection, earlier, because="superseded", at=at, superseded_by=number)
    append_event(connection, kind="flag_opened", source=flag.source, at=at, flag=number, check=check_id)
    return number


def _in_its_case(connection: Connection, flag: Flag) -> Flag:
    """The flag in the case that it joins or begins, with the decision on what it repeats among its words."""
    before = decided_before(connection, flag) if flag.reason in (*CHANGE_REASONS, *CLAIM_REASONS) else ""
    detail = "; ".join(part for part in (flag.detail, before) if part)
    return replace(flag, group=case_for(connection, flag), detail=detail)


def close_flag(
    connection: Connection, number: int, *, because: str, at: datetime, superseded_by: int | None = None
) -> None:
    """The flag needs nobody any more, for the reason given."""
    _act(connection, number, "closed", at=at, by="claimwatch", note=because, superseded_by=superseded_by)
    source = connection.execute(select(flags.c.source).where(flags.c.id == number)).scalar_one()
    append_event(connection, kind="flag_closed", source=source, at=at, flag=number, payload={"because": because})


def confirm_flag(connection: Connection, number: int, *, at: datetime, because: str = "") -> None:
    """A later capture agreed with the one that the flag was opened on. Confirming again adds nothing.

    because: what agreed, told from then on behind what the flag itself tells, which stays as it was seen.
    """
    record = load_flag(connection, number)
    if record.flag.confirmed:
        return
    _act(connection, number, "confirmed", at=at, by="claimwatch", note=because)
    append_event(connection, kind="flag_confirmed", source=record.flag.source, at=at, flag=number)


def decide_flag(
    connection: Connection,
    number: int,
    *,
    verdict: ReviewVerdict,
    note: str,
    by: str,
    at: datetime,
    seen: tuple[str, str] | None = None,
    overrules: bool = False,
) -> Review:
    """Append a verdict on the pair of captures that the reviewer saw (None: the flag's own, where it was just shown).

    The same verdict by the same person again adds nothing. Raises NoSuchFlag; StaleReview where another flag superseded
    this one, it needs nobody any more or the pair is not the flag's; OfAnother as `may_replace` has it.
    """
    record = load_flag(connection, number)
    pair = (record.flag.snapshot_before, record.flag.snapshot_after)
    if record.superseded_by is not None:
        raise StaleReview(f"flag {number} was superseded by flag {record.superseded_by}: look at that one")
    if record.state is FlagState.CLOSED:
        raise StaleReview(f"flag {number} needs nobody any more: {record.closed_because}")
    if seen is not None and seen != pair:
        raise StaleReview(f"flag {number} stands on other captures than those you saw")
    last = record.review
    if last is not None and (last.verdict, last.note, last.by) == (verdict, plain(note), plain(by)):
        return last
    _prove_own(record, by, overrules=overrules)
    _act(connection, number, "decided", at=at, by=by, verdict=verdict, note=note, seen=pair)
    append_event(
        connection,
        kind="flag_decided",
        source=record.flag.source,
        at=at,
        flag=number,
        payload={"verdict": verdict.value, "by": by},
    )
    return Review(
        flag=number,
        verdict=verdict,
        note=plain(note),
        by=plain(by),
        at=at,
        snapshot_before=pair[0],
        snapshot_after=pair[1],
    )


def undo_decision(connection: Connection, number: int, *, by: str, at: datetime, overrules: bool = False) -> Review:
    """The last verdict, which is returned, does not count any more; it stays in the history. The flag is open again,
    or gives way to a newer one that came since on the same fact.

    Raises NoSuchFlag; StaleReview where there is none; OfAnother as `may_replace` has it.
    """
    record = load_flag(connection, number)
    if record.review is None:
        raise StaleReview(f"flag {number} has no decision to undo")
    _prove_own(record, by, overrules=overrules)
    _act(connection, number, "undone", at=at, by=by)
    append_event(connection, kind="flag_undone", source=record.flag.source, at=at, flag=number, payload={"by": by})
    newer = in_place_of(connection, number)
    if newer is not None:
        close_flag(connection, number, because="superseded", at=at, superseded_by=newer)
    return record.review


def may_replace(record: FlagRecord, by: str, *, overrules: bool) -> bool:
    """Whether somebody may say another verdict than the one that stands, or take it back: whose it is, or who overrules."""
    return record.review is None or overrules or record.review.by == plain(by)


def _prove_own(record: FlagRecord, by: str, *, overrules: bool) -> None:
    if record.review is not None and not may_replace(record, by, overrules=overrules):
        holder = record.review.by
        words = f"the verdict on flag {record.id} is that of {holder}: only they or an administrator replace it"
        raise OfAnother(words, holder=holder)


def load_flag(connection: Connection, number: int) -> FlagRecord:
    """One flag. Raises NoSuchFlag."""
    records = load_flags(connection, (number,))
    if not records:
        raise NoSuchFlag(f"there is no flag {number}")
    return records[0]


def load_flags(
    connection: Connection, numbers: Iterable[int], *, until: datetime | None = None
) -> tuple[FlagRecord, ...]:
    """The flags of these numbers, in order of number; unknown numbers are left out. until: as they stood at a moment."""
    wanted = sorted(set(numbers))
    rows: list[Any] = []
    for start in range(0, len(wanted), _BATCH):
        query = select(flags).where(flags.c.id.in_(wanted[start : start + _BATCH])).order_by(flags.c.id)
        rows += connection.execute(query).mappings().all()
    return _records(connection, rows, until=until)


def list_flags(
    connection: Connection,
    *,
    state: FlagState | None = None,
    source: str | None = None,
    limit: int = 1000,
) -> tuple[FlagRecord, ...]:
    """Flags by harm (risk, then how sure it is, then how many claims it touches), those that are open before all others.

    state: only those that stand so now.
    """
    wanted = {} if source is None else {"of": source}
    query = _listing(state, of_one=source is not None, limit=limit)
    return tuple(sorted(_records(connection, connection.execute(query, wanted).mappings().all()), key=_harm))


def _harm(record: FlagRecord) -> tuple[bool, int, bool, bool, int, int]:
    flag = record.flag
    says_otherwise = flag.reason is FlagReason.CONTRADICTED
    return (
        record.state is not FlagState.OPEN,
        RANKS[flag.severity],
        not flag.confirmed,
        not says_otherwise,
        -len(flag.claims),
        record.id,
    )


@lru_cache(maxsize=32)
def _listing(state: FlagState | None, *, of_one: bool, limit: int) -> Select[Any]:
    """Built once for each form: putting it together costs more than running it."""
    place = flag_states.c
    first = () if state is not None else (place.state != FlagState.OPEN.value,)
    joined = select(flags).join(flag_states, place.flag_id == flags.c.id)
    query = joined.order_by(*first, place.rank, flags.c.id).limit(limit)
    if of_one:
        query = query.where(place.source == bindparam("of"))
    return query if state is None else query.where(place.state == state.value)


def covered_pairs(connection: Connection, source: str) -> frozenset[tuple[str, str]]:
    """Pairs (claim, fact) whose present value is the outcome of a flagged change, so that a person was asked."""
    rows = connection.execute(_covering(), {"of": source})
    return frozenset((claim, row.fact) for row in rows for claim in json_of(row.claims))


@lru_cache(maxsize=1)
def _covering() -> Select[Any]:
    newest = (
        select(fact_changes.c.key, func.max(fact_changes.c.check_id).label("check_id"))
        .join(checks, checks.c.id == fact_changes.c.check_id)
        .where(checks.c.source == bindparam("of"), fact_changes.c.effective.is_(None))
        .group_by(fact_changes.c.key)
        .subquery()
    )
    return (
        select(flags.c.fact, flags.c.claims)
        .join(newest, and_(newest.c.key == flags.c.fact, newest.c.check_id == flags.c.check_id))
        .join(fact_changes, and_(fact_changes.c.key == flags.c.fact, fact_changes.c.check_id == flags.c.check_id))
        .where(flags.c.reason.in_([item.value for item in CHANGE_REASONS]), fact_changes.c.effective.is_(None))
    )


def _act(
    connection: Connection,
    number: int,
    act: str,
    *,
    at: datetime,
    by: str,
    verdict: ReviewVerdict | None = None,
    note: str = "",
    seen: tuple[str, str] = ("", ""),
    superseded_by: int | None = None,
) -> None:
    connection.execute(
        insert(flag_acts).values(
            flag_id=number,
            act=act,
            at=time_text(at),
            by=plain(by),
            verdict=None if verdict is None else verdict.value,
            note=plain(note),
            snapshot_before=seen[0],
            snapshot_after=seen[1],
            superseded_by=superseded_by,
        )
    )
    move(connection, number, act)


def _records(connection: Connection, rows: Any, *, until: datetime | None = None) -> tuple[FlagRecord, ...]:
    acts: dict[int, list[Any]] = defaultdict(list)
    numbers = [row["id"] for row in rows]
    for start in range(0, len(numbers), _BATCH):
        batch = numbers[start : start + _BATCH]
        query = select(flag_acts).where(flag_acts.c.flag_id.in_(batch)).order_by(flag_acts.c.id)
        query = query if until is None else query.where(flag_acts.c.at <= time_text(until))
        for act in connection.execute(query).mappings():
            acts[act["flag_id"]].append(act)
    return tuple(_record(row, acts[row["id"]]) for row in rows)


def _record(row: Any, acts: list[Any]) -> FlagRecord:
    state, review, closed_because = FlagState.OPEN, None, ""
    superseded_by: int | None = None
    confirmed, told = bool(row["confirmed"]), [row["detail"]]
    for act in acts:
        match act["act"]:
            case "decided":
                state, review = FlagState.DECIDED, _review(act)
            case "undone":
                state, review = FlagState.OPEN, None
            case "closed":
                state = state if review is not None else FlagState.CLOSED
                closed_because, superseded_by = act["note"], act["superseded_by"] or superseded_by
            case "confirmed":
                confirmed = True
                told.append(act["note"])
    return FlagRecord(
        id=row["id"],
        flag=_flag(row, confirmed, "; ".join(filter(None, told))),
        state=state,
        opened_at=time_of(row["opened_at"]),
        superseded_by=superseded_by,
        closed_because=closed_because,
        review=review,
    )


def _review(act: Any) -> Review:
    return Review(
        flag=act["flag_id"],
        verdict=ReviewVerdict(act["verdict"]),
        note=act["note"],
        by=act["by"],
        at=time_of(act["at"]),
        snapshot_before=act["snapshot_before"],
        snapshot_after=act["snapshot_after"],
    )


def _flag(row: Any, confirmed: bool, detail: str) -> Flag:
    return Flag(
        identity=row["identity"],
        reason=FlagReason(row["reason"]),
        severity=Severity(row["severity"]),
        source=row["source"],
        fact=row["fact"],
        claims=tuple(json_of(row["claims"])),
        confirmed=confirmed,
        before=value_of(row["before"]),
        after=value_of(row["after"]),
        quote_before=row["quote_before"],
        quote_after=row["quote_after"],
        detail=detail,
        snapshot_before=row["snapshot_before"],
        snapshot_after=row["snapshot_after"],
        group=row["group"],
    )
