"""The flags that touch one claim."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from domain.flags import FlagRecord, FlagState
from storage.columns import json_text
from storage.flags import load_flags
from storage.tables import flag_states, flags

_MOST_LOOKED_AT = 2_000
"""Flags of one page whose claims are looked at, the newest first: a page that was flagged more often is no page."""


def flags_on_claim(connection: Connection, claim: str, *, sources: Iterable[str], limit: int) -> tuple[FlagRecord, ...]:
    """The newest flags that name the claim, open ones first.

    sources: the pages that the claim has to do with; a flag of another page cannot touch it.
    """
    found: set[int] = set()
    for source in sorted(sources):
        for state in FlagState:
            looked_at = (
                select(flag_states.c.flag_id)
                .where(flag_states.c.source == source, flag_states.c.state == state.value)
                .order_by(flag_states.c.flag_id.desc())
                .limit(_MOST_LOOKED_AT)
                .subquery()
            )
            query = (
                select(flags.c.id)
                .join(looked_at, looked_at.c.flag_id == flags.c.id)
                .where(flags.c.claims.contains(json_text(claim), autoescape=True))
                .order_by(flags.c.id.desc())
                .limit(limit)
            )
            found.update(connection.execute(query).scalars())
    records = load_flags(connection, found)
    newest = sorted(records, key=lambda record: (record.state is not FlagState.OPEN, -record.id))
    return tuple(newest[:limit])
