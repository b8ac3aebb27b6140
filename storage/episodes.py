"""Which of possibly many equal flags a flag is: A→B→A→B is three changes, seen again is none.

An episode is a number that stays the same for as long as asking again would be nagging, and grows as soon as not asking
would be silence. A flag is unique by its identity and its episode.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, func, select

from domain.checks import Outcome
from domain.comparison import Verdict
from domain.facts import FactState
from domain.flags import Flag, FlagReason
from storage.tables import checks, fact_changes, facts, flag_acts, flags

CHANGE_REASONS = (FlagReason.ALTERED, FlagReason.APPEARED, FlagReason.REMOVED)
CLAIM_REASONS = (FlagReason.CONTRADICTED, FlagReason.DISAGREEMENT)
_READ = (Outcome.GOOD.value, Outcome.UNCHANGED.value)
_BELIEVED = (FactState.LOCATED.value, FactState.ABSENT.value)


def episode_of(connection: Connection, flag: Flag, *, check_id: int) -> int:
    """The episode in which a flag would be opened by a check.

    Change flags: how often their fact changed, or how many checks of their source were substantive.
    Claim flags: how often the fact changed, or an equal flag was closed because it had ended.
    Unreadable: the last check that read the source. Stale: the last check that saw the fact.
    Everything else: how often an equal flag was closed.
    """
    if flag.reason in CHANGE_REASONS:
        return _number(connection, _changes(flag.fact) if flag.fact else _substantive(flag.source, check_id))
    if flag.reason in CLAIM_REASONS:
        changes = _changes(flag.fact) if flag.fact else _substantive(flag.source, check_id)
        return _number(connection, changes) + _number(connection, _closings(flag.identity))
    if flag.reason is FlagReason.UNREADABLE:
        return _number(connection, _last_read(flag.source, check_id))
    if flag.reason is FlagReason.STALE and flag.fact is not None:
        return _number(connection, _last_sight(flag.fact, check_id))
    return _number(connection, _closings(flag.identity))


def _number(connection: Connection, query: Select[Any]) -> int:
    return int(connection.execute(query).scalar_one_or_none() or 0)


def _changes(fact: str) -> Select[Any]:
    return select(func.count()).select_from(fact_changes).where(fact_changes.c.key == fact)


def _substantive(source: str, check_id: int) -> Select[Any]:
    return (
        select(func.count())
        .select_from(checks)
        .where(checks.c.source == source, checks.c.id <= check_id, checks.c.verdict == Verdict.SUBSTANTIVE.value)
    )


def _closings(identity: str) -> Select[Any]:
    return (
        select(func.count())
        .select_from(flags.join(flag_acts, flag_acts.c.flag_id == flags.c.id))
        .where(flags.c.identity == identity, flag_acts.c.act == "closed")
    )


def _last_read(source: str, check_id: int) -> Select[Any]:
    return (
        select(checks.c.id)
        .where(
            checks.c.source == source,
            checks.c.id <= check_id,
            checks.c.outcome.in_(_READ),
            checks.c.history_only.is_(False),
        )
        .order_by(checks.c.id.desc())
        .limit(1)
    )


def _last_sight(fact: str, check_id: int) -> Select[Any]:
    newest = select(func.max(facts.c.check_id)).where(
        facts.c.key == fact, facts.c.check_id <= check_id, facts.c.state.in_(_BELIEVED)
    )
    return select(func.max(checks.c.id)).where(checks.c.facts_from == newest.scalar_subquery(), checks.c.id <= check_id)
