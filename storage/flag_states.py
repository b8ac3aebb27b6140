"""Where each flag stands now, folded from its acts in the transaction that adds them, so that a queue of many thousand
flags, and those on one claim, are asked by index. Nothing is known here that the flag and its acts do not say.
"""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from domain.flags import Flag, FlagState, Severity
from storage.columns import plain
from storage.tables import flag_claims, flag_states

RANKS = {severity: at for at, severity in enumerate(Severity)}
"""Severities by harm, most harmful first: the order of the queue."""


def case_of(number: int, flag: Flag) -> str:
    """The name of the decision that a flag belongs to: that of its group, or of the flag alone."""
    return flag.group or f"flag {number}"


def begin(connection: Connection, number: int, flag: Flag) -> None:
    """A new flag is open."""
    connection.execute(
        insert(flag_states).values(
            flag_id=number,
            state=FlagState.OPEN.value,
            rank=RANKS[flag.severity],
            source=flag.source,
            reason=flag.reason.value,
            case=case_of(number, flag),
        )
    )
    place = {"flag_id": number, "state": FlagState.OPEN.value, "rank": RANKS[flag.severity]}
    named = [{"claim": claim, **place} for claim in sorted(set(map(plain, flag.claims)))]
    if named:
        connection.execute(insert(flag_claims), named)


def move(connection: Connection, number: int, act: str) -> None:
    """The flag stands as the act leaves it: closing does not take a decision back, confirming changes nothing."""
    match act:
        case "decided":
            state = FlagState.DECIDED
        case "undone":
            state = FlagState.OPEN
        case "closed":
            known = select(flag_states.c.state).where(flag_states.c.flag_id == number)
            decided = connection.execute(known).scalar_one() == FlagState.DECIDED.value
            state = FlagState.DECIDED if decided else FlagState.CLOSED
        case _:
            return
    for table in (flag_states, flag_claims):
        connection.execute(update(table).where(table.c.flag_id == number).values(state=state.value))
