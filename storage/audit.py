"""The audit log of the desk: who did what, when and from where. Rows are only ever added."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from domain.people import Act, Actor, Deed
from storage.columns import json_of, json_text, optional_time, plain, time_of, time_text
from storage.tables import audit_log

_FORMER = {"decided a flag": Deed.DECIDED, "undid a decision": Deed.UNDID}
"""Words that rows of an older version have for acts that are named otherwise now."""


def log_act(
    connection: Connection,
    *,
    by: str,
    act: Deed,
    at: datetime,
    subject: str = "",
    address: str = "",
    detail: Mapping[str, str] | None = None,
) -> None:
    """Write down an act, in the transaction that does it."""
    connection.execute(
        insert(audit_log).values(
            at=time_text(at),
            by=plain(by),
            act=act.value,
            subject=plain(subject),
            address=plain(address),
            detail=json_text(dict(detail or {})),
        )
    )


def log_by(connection: Connection, actor: Actor, act: Deed, subject: str, *, at: datetime, **detail: str) -> None:
    """Write down an act of somebody at any door, in the transaction that does it."""
    token = {"token": actor.token} if actor.token else {}
    log_act(
        connection, by=actor.name, act=act, subject=subject, at=at, address=actor.address, detail={**detail, **token}
    )


def list_acts(
    connection: Connection,
    *,
    by: str | None = None,
    act: Deed | None = None,
    subject: str | None = None,
    before: int | None = None,
    limit: int,
) -> tuple[Act, ...]:
    """Acts, newest first. before: only those with a smaller number, to page on. act: in an older version's words, too."""
    query = select(audit_log).order_by(audit_log.c.id.desc()).limit(limit)
    if by is not None:
        query = query.where(audit_log.c.by == plain(by))
    if act is not None:
        words = [act.value, *(word for word, named in _FORMER.items() if named is act)]
        query = query.where(audit_log.c.act.in_(words))
    if subject is not None:
        query = query.where(audit_log.c.subject == plain(subject))
    if before is not None:
        query = query.where(audit_log.c.id < before)
    return tuple(_act(row) for row in connection.execute(query).mappings())


def _act(row: Any) -> Act:
    return Act(
        id=row["id"],
        at=time_of(row["at"]),
        by=row["by"],
        act=_FORMER.get(row["act"], row["act"]),
        subject=row["subject"],
        address=row["address"],
        detail=json_of(row["detail"]),
    )


def last_act(connection: Connection, by: str) -> datetime | None:
    """When somebody last did anything that is on record."""
    query = select(audit_log.c.at).where(audit_log.c.by == plain(by)).order_by(audit_log.c.id.desc()).limit(1)
    return optional_time(connection.execute(query).scalar_one_or_none())
