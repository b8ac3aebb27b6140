"""The flags that touch one claim, by index, however many there are."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from domain.flags import FlagRecord, FlagState
from domain.queue import Place
from storage.columns import plain
from storage.flags import load_flags
from storage.tables import flag_claims

_OPEN, _SETTLED = 0, 1
"""Ranks of the places among the flags on a claim."""


def flags_on_claim(
    connection: Connection, claim: str, *, limit: int, after: Place | None = None
) -> tuple[tuple[FlagRecord, ...], Place | None]:
    """Some of the flags that name the claim, open ones first, newest first; and where the next of them begin, if any do.

    after: the place that the page before gave.
    """
    before = None if after is None else after.flag
    found: list[tuple[int, int]] = []
    if after is None or after.rank == _OPEN:
        found = [(_OPEN, number) for number in _named(connection, claim, FlagState.OPEN, before, limit + 1)]
        before = None
    if len(found) <= limit:
        settled = [
            number
            for state in (FlagState.DECIDED, FlagState.CLOSED)
            for number in _named(connection, claim, state, before, limit + 1)
        ]
        found += [(_SETTLED, number) for number in sorted(settled, reverse=True)]
    shown = found[:limit]
    rest = Place(rank=shown[-1][0], flag=shown[-1][1]) if len(found) > limit else None
    records = {record.id: record for record in load_flags(connection, (number for _, number in shown))}
    return tuple(records[number] for _, number in shown), rest


def _named(connection: Connection, claim: str, state: FlagState, before: int | None, limit: int) -> Sequence[int]:
    named = flag_claims.c
    query = select(named.flag_id).where(named.claim == plain(claim), named.state == state.value)
    if before is not None:
        query = query.where(named.flag_id < before)
    return connection.execute(query.order_by(named.flag_id.desc()).limit(limit)).scalars().all()
