"""How every claim stands, read from the store: one way for the command line, the review desk and its API.

Reading what is known costs more than judging by it, and changes only when a check is recorded or a flag is acted on;
judging depends on the time as well, and is done anew each time.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.claims import Claim, Judgement
from domain.facts import KnownFact
from domain.sources import Source
from domain.values import Value
from monitor.standings import Tested, each_tested, judge_claims
from storage.facts import accepted_values, knowledge_stamp, known_facts
from storage.store import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What claims are judged by. known: by fact key. accepted: values that a person accepted, by fact key."""

    known: Mapping[str, KnownFact] = field(default_factory=dict)
    accepted: Mapping[str, Value] = field(default_factory=dict)


def read_knowledge(connection: Connection, *, as_of: datetime | None = None) -> Knowledge:
    """What is known, or was to be seen by a moment."""
    return Knowledge(known=known_facts(connection, as_of=as_of), accepted=accepted_values(connection))


def judge_all(
    claims: Iterable[Claim], knowledge: Knowledge, *, sources: Mapping[str, Source], now: datetime
) -> tuple[Judgement, ...]:
    """One judgement for each claim, in order, as of `now`."""
    return judge_claims(claims, knowledge.known, sources=sources, now=now, accepted=knowledge.accepted)


def expectations_of(
    claim: Claim, knowledge: Knowledge, *, sources: Mapping[str, Source], now: datetime
) -> tuple[Tested, ...]:
    """Each expectation of a claim by itself, as of `now`."""
    return each_tested(claim, knowledge.known, sources=sources, now=now, accepted=knowledge.accepted)


class KeptKnowledge:
    """What is known now, read again as soon as the store has a newer check or a newer act on a flag."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._kept: tuple[tuple[object, ...], Knowledge] | None = None

    def of(self, connection: Connection, *, as_of: datetime | None = None) -> Knowledge:
        """What is known as of a moment, in the view of the store that this connection has."""
        stamp = knowledge_stamp(connection)
        with self._turn:
            kept = self._kept
        if kept is None or kept[0] != stamp:
            kept = (stamp, read_knowledge(connection))
            with self._turn:
                self._kept = kept
        if as_of is None:
            return kept[1]
        return Knowledge(known=known_facts(connection, as_of=as_of), accepted=kept[1].accepted)
