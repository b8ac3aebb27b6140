"""Which flags give way to which: a newer one on the same fact stands in for those before it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from domain.flags import Flag, FlagReason, FlagState
from storage.columns import json_of
from storage.episodes import CHANGE_REASONS
from storage.tables import flag_states, flags

_MOST = 50
"""Newer flags on one fact that are looked at."""


def giving_way(connection: Connection, flag: Flag, check_id: int) -> list[int]:
    """The open flags on the same fact from earlier checks that the new one stands in for."""
    if flag.fact is None:
        return []
    query = (
        select(flags)
        .join(flag_states, flag_states.c.flag_id == flags.c.id)
        .where(
            flags.c.source == flag.source,
            flags.c.fact == flag.fact,
            flags.c.check_id != check_id,
            flag_states.c.state == FlagState.OPEN.value,
        )
    )
    rows = connection.execute(query).mappings().all()
    return [row["id"] for row in rows if _gives_way(row, flag.reason, flag.claims)]


def in_place_of(connection: Connection, number: int) -> int | None:
    """The newest flag from a later check that stands in for this one, which was decided when it came; None for none."""
    old = connection.execute(select(flags).where(flags.c.id == number)).mappings().one()
    if old["fact"] is None:
        return None
    query = (
        select(flags)
        .where(
            flags.c.source == old["source"],
            flags.c.fact == old["fact"],
            flags.c.id > number,
            flags.c.check_id != old["check_id"],
        )
        .order_by(flags.c.id.desc())
        .limit(_MOST)
    )
    for row in connection.execute(query).mappings():
        if _gives_way(old, FlagReason(row["reason"]), tuple(json_of(row["claims"]))):
            return int(row["id"])
    return None


def _gives_way(row: Any, reason: FlagReason, claims: tuple[str, ...]) -> bool:
    """A change replaces all that was asked about the fact; a contradiction only replaces that of the same claim."""
    if reason in CHANGE_REASONS:
        return True
    return row["reason"] == reason.value and tuple(json_of(row["claims"])) == claims
