"""Which decision a new flag belongs to: flags that are about the same thing are one case.

A flag comes with keys of what it is about. It joins the oldest open case that it shares a key with, in the order in which
flags are opened; where a person has decided that case already it begins one of its own, and names the decision.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, insert, or_, select

from domain.flags import Flag, FlagState
from storage.columns import plain
from storage.tables import flag_acts, flag_keys, flag_states


def case_for(connection: Connection, flag: Flag) -> str:
    """The name of the case that a flag joins or begins; "" for a flag that is a decision of its own."""
    if not flag.group:
        return ""
    joined = connection.execute(_alike(flag, FlagState.OPEN).limit(1)).first()
    if joined is not None:
        return str(joined.case)
    # A name is never given twice: what was asked and settled before stays a case of its own.
    name = plain(flag.group)
    begun = or_(flag_states.c.case == name, flag_states.c.case.startswith(f"{name}-", autoescape=True))
    taken = connection.execute(select(func.count(flag_states.c.case.distinct())).where(begun)).scalar_one()
    return f"{name}-{taken + 1}" if taken else name


def decided_before(connection: Connection, flag: Flag) -> str:
    """Words that name the last decision on a flag that this one shares a key with; "" where there is none."""
    if not flag.group:
        return ""
    place = flag_states.c
    last = connection.execute(
        _alike(flag, FlagState.DECIDED).order_by(None).order_by(place.flag_id.desc()).limit(1)
    ).first()
    if last is None:
        return ""
    query = (
        select(flag_acts.c.verdict)
        .where(flag_acts.c.flag_id == last.flag_id, flag_acts.c.act == "decided")
        .order_by(flag_acts.c.id.desc())
        .limit(1)
    )
    return f"decided before, in flag {last.flag_id}: {connection.execute(query).scalar_one()}"


def keep_keys(connection: Connection, number: int, flag: Flag) -> None:
    """Later flags find this one by what it is about."""
    keys = _keys(flag)
    if keys:
        connection.execute(insert(flag_keys), [{"flag_id": number, "key": key} for key in keys])


def _keys(flag: Flag) -> list[str]:
    return sorted({plain(flag.group), *map(plain, flag.alike)} - {""})


def _alike(flag: Flag, state: FlagState) -> Any:
    return (
        select(flag_states.c.flag_id, flag_states.c.case)
        .join(flag_keys, flag_keys.c.flag_id == flag_states.c.flag_id)
        .where(flag_keys.c.key.in_(_keys(flag)), flag_states.c.state == state.value)
        .order_by(flag_states.c.flag_id)
    )
