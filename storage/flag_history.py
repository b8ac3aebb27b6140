"""What became of a flag and of what it is about, and what came since somebody looked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, func, select

from domain.checks import Outcome
from domain.comparison import Verdict
from domain.flags import FlagRecord
from domain.queue import FlagAct, Newer, Seen
from storage.columns import time_of
from storage.flags import load_flags
from storage.tables import checks, flag_acts, flags

_BATCH = 500
_NO_NEWS = (Verdict.SAME.value, Verdict.NOISE.value)


def seen_now(connection: Connection) -> Seen:
    """How far the store has come."""
    return Seen(check=_newest(connection, checks), act=_newest(connection, flag_acts), flag=_newest(connection, flags))


def acts_since(connection: Connection, numbers: Iterable[int], seen: Seen) -> tuple[FlagAct, ...]:
    """What was done to these flags since, oldest first; that a later capture agreed is no reason to look again."""
    wanted = sorted(set(numbers))
    found: list[FlagAct] = []
    for start in range(0, len(wanted), _BATCH):
        query = select(flag_acts).where(
            flag_acts.c.flag_id.in_(wanted[start : start + _BATCH]),
            flag_acts.c.id > seen.act,
            flag_acts.c.act != "confirmed",
        )
        found += map(_act, connection.execute(query.order_by(flag_acts.c.id)).mappings())
    return tuple(found)


def news_since(connection: Connection, sources: Iterable[str], seen: Seen) -> int | None:
    """The newest check of these sources since in which a page differed by more than noise, or None."""
    query = select(func.max(checks.c.id)).where(
        checks.c.source.in_(tuple(sources)),
        checks.c.id > seen.check,
        checks.c.outcome == Outcome.GOOD.value,
        checks.c.verdict.not_in(_NO_NEWS),
        ~checks.c.history_only,
    )
    found: int | None = connection.execute(query).scalar_one()
    return found


def newer_than(connection: Connection, records: Sequence[FlagRecord], seen: Seen) -> Newer:
    """What a reviewer of these flags has not seen yet; `Newer()` where that is nothing."""
    acts = acts_since(connection, (record.id for record in records), seen)
    return Newer(
        flag=next((record.superseded_by for record in records if record.superseded_by is not None), None),
        act=acts[-1] if acts else None,
        check=news_since(connection, {record.flag.source for record in records}, seen),
    )


def acts_on(connection: Connection, number: int, *, limit: int = 50) -> tuple[FlagAct, ...]:
    """What became of one flag, newest first."""
    query = select(flag_acts).where(flag_acts.c.flag_id == number).order_by(flag_acts.c.id.desc()).limit(limit)
    return tuple(_act(row) for row in connection.execute(query).mappings())


def flags_about(connection: Connection, source: str, fact: str | None, *, limit: int) -> tuple[FlagRecord, ...]:
    """The newest flags on one fact of a source (None: on the source itself), newest first."""
    query = select(flags.c.id).where(flags.c.source == source, flags.c.fact == fact)
    numbers = list(connection.execute(query.order_by(flags.c.id.desc()).limit(limit)).scalars())
    return tuple(reversed(load_flags(connection, numbers)))


def check_of(connection: Connection, number: int) -> int:
    """The check that opened a flag."""
    return int(connection.execute(select(flags.c.check_id).where(flags.c.id == number)).scalar_one())


def _newest(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.max(table.c.id))).scalar_one() or 0)


def _act(row: Any) -> FlagAct:
    return FlagAct(
        id=row["id"],
        flag=row["flag_id"],
        act=row["act"],
        at=time_of(row["at"]),
        by=row["by"],
        verdict=row["verdict"] or "",
        note=row["note"],
    )
