"""Outages of pages as the sequence of events has them: which flag of a page that cannot be read stood from when to when."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from domain.flags import FlagReason, FlagState, Outage, Severity
from storage.columns import json_of, time_of
from storage.tables import events, flag_acts, flag_states, flags

_BATCH = 500
_OPENED, _CLOSED = "flag_opened", "flag_closed"


def pages_out(connection: Connection, after: int) -> frozenset[str]:
    """Every page that was out right after an event, or went out or came back since; possibly some others."""
    turned = (
        select(flags.c.source)
        .join(events, events.c.flag_id == flags.c.id)
        .where(
            events.c.seq > after,
            events.c.kind.in_((_OPENED, _CLOSED)),
            flags.c.reason == FlagReason.UNREADABLE.value,
        )
    )
    still = select(flag_states.c.source).where(
        flag_states.c.state.in_((FlagState.OPEN.value, FlagState.DECIDED.value)),
        flag_states.c.reason == FlagReason.UNREADABLE.value,
    )
    return frozenset((*connection.execute(turned).scalars(), *connection.execute(still).scalars()))


def outages_of(connection: Connection, pages: Iterable[str], *, until: int) -> tuple[Outage, ...]:
    """The outages of these pages that began up to an event, in the order in which they began.

    One that ended later than that event, or was never closed, has no end.
    """
    wanted = sorted(set(pages))
    found: dict[int, Outage] = {}
    for start in range(0, len(wanted), _BATCH):
        query = (
            select(
                flags.c.id, flags.c.source, flags.c.claims, flags.c.severity, events.c.seq, events.c.kind, events.c.at
            )
            .join(events, events.c.flag_id == flags.c.id)
            .where(
                flags.c.source.in_(wanted[start : start + _BATCH]),
                flags.c.fact.is_(None),
                flags.c.reason == FlagReason.UNREADABLE.value,
                events.c.kind.in_((_OPENED, _CLOSED)),
                events.c.seq <= until,
            )
            .order_by(events.c.seq)
        )
        for row in connection.execute(query):
            before = found.get(row.id)
            found[row.id] = Outage(
                flag=row.id,
                source=row.source,
                claims=tuple(json_of(row.claims)),
                severity=Severity(row.severity),
                began=before.began if before else row.seq,
                began_at=before.began_at if before else time_of(row.at),
                ended=row.seq if row.kind == _CLOSED else None,
                ended_at=time_of(row.at) if row.kind == _CLOSED else None,
            )
    return tuple(sorted(found.values(), key=lambda outage: outage.began))


def unended_outages(connection: Connection, page: str) -> tuple[int, ...]:
    """The flags of a page that could not be read which nothing closed yet, decided ones among them."""
    closed = select(flag_acts.c.id).where(flag_acts.c.flag_id == flags.c.id, flag_acts.c.act == "closed")
    query = (
        select(flags.c.id)
        .join(flag_states, flag_states.c.flag_id == flags.c.id)
        .where(
            flags.c.source == page,
            flags.c.fact.is_(None),
            flags.c.reason == FlagReason.UNREADABLE.value,
            flag_states.c.state.in_((FlagState.OPEN.value, FlagState.DECIDED.value)),
            ~closed.exists(),
        )
        .order_by(flags.c.id)
    )
    return tuple(connection.execute(query).scalars())
