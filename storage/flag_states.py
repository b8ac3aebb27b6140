"""Where each flag stands now, folded from its acts in the transaction that adds them, so that a queue of many thousand
flags, and those on one claim, are asked by index. Nothing is known here that the flag and its acts do not say.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from domain.flags import Flag, FlagState, Severity
from domain.queue import due_by_harm, words_of
from storage.columns import plain, time_of, time_text
from storage.tables import flag_claims, flag_states, flags

RANKS = {severity: at for at, severity in enumerate(Severity)}
"""Severities by harm, most harmful first: the order of the queue."""


def case_of(number: int, flag: Flag) -> str:
    """The name of the decision that a flag belongs to: that of its group, or of the flag alone."""
    return flag.group or f"flag {number}"


def begin(connection: Connection, number: int, flag: Flag, *, at: datetime) -> None:
    """A new flag is open."""
    connection.execute(
        insert(flag_states).values(
            flag_id=number,
            state=FlagState.OPEN.value,
            rank=RANKS[flag.severity],
            source=flag.source,
            reason=flag.reason.value,
            case=case_of(number, flag),
            due=time_text(due_by_harm(at, flag.severity)),
            words=words_of(number, flag),
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


def fall_due(connection: Connection, numbers: Sequence[int], at: datetime | None) -> None:
    """These flags are due then; None: as their harm has it."""
    chosen = flag_states.c.flag_id.in_(numbers)
    if at is not None:
        connection.execute(update(flag_states).where(chosen).values(due=time_text(at)))
        return
    known = select(flags.c.id, flags.c.severity, flags.c.opened_at).where(flags.c.id.in_(numbers))
    for row in connection.execute(known).all():
        due = time_text(due_by_harm(time_of(row.opened_at), Severity(row.severity)))
        connection.execute(update(flag_states).where(flag_states.c.flag_id == row.id).values(due=due))
