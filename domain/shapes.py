"""The JSON shapes of the contract: nouns in, plain dictionaries out. One function a shape, nothing else builds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from domain.checks import Check
from domain.claims import Claim, Judgement, Standing
from domain.comparison import BlockChange, Comparison
from domain.facts import Fact, FactChange, FactState, KnownFact
from domain.flags import FlagRecord
from domain.sources import Source
from domain.values import Value, value_to_json, value_words

Json = dict[str, Any]


def moment(value: datetime | None) -> str | None:
    """ISO 8601 in UTC with a `Z`, to the second or finer."""
    return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def value_shape(value: Value | None) -> Json | None:
    return None if value is None else value_to_json(value)


def block_shape(block: BlockChange) -> Json:
    return {
        "op": block.op.value,
        "kind": block.kind.value,
        "path": list(block.path),
        "before": block.before,
        "after": block.after,
        "significance": block.significance.value,
        "values": [{"kind": item.kind, "before": item.before, "after": item.after} for item in block.values],
        "because": block.because,
        "locator": block.locator,
    }


def change_shape(change: FactChange) -> Json:
    return {
        "key": change.key,
        "change": change.change.value,
        "before": value_shape(change.before),
        "after": value_shape(change.after),
        "added": [list(row) for row in change.added],
        "removed": [list(row) for row in change.removed],
        "altered": [{"before": list(old), "after": list(new)} for old, new in change.altered],
        "quote_before": change.quote_before,
        "quote_after": change.quote_after,
        "effective": None if change.effective is None else change.effective.isoformat(),
    }


def comparison_shape(comparison: Comparison, *, pair_id: str | None = None) -> Json:
    shape = {
        "verdict": comparison.verdict.value,
        "reason": comparison.reason,
        "blocks": [block_shape(block) for block in comparison.blocks],
        "facts": [change_shape(change) for change in comparison.facts],
    }
    return shape if pair_id is None else {"pair_id": pair_id, **shape}


def fact_shape(fact: Fact) -> Json:
    shape: Json = {
        "key": fact.key,
        "state": fact.state.value,
        "value": value_shape(fact.value),
        "quote": fact.quote,
        "locator": fact.locator,
        "reason": fact.reason,
    }
    if fact.pending is not None:
        shape["pending"] = {
            "value": value_to_json(fact.pending.value),
            "effective": fact.pending.effective.isoformat(),
            "quote": fact.pending.quote,
        }
    return shape


def known_fact_shape(item: KnownFact, current: Fact) -> Json:
    """What is known of a fact. current: the fact with the value that is in force on the day asked about."""
    return {
        **fact_shape(current),
        "value_words": "" if current.value is None else value_words(current.value),
        "latest_state": item.latest_state.value,
        "latest_reason": item.latest_reason,
        "snapshot": item.snapshot or None,
        "captured_at": moment(item.captured_at),
        "captured_by": item.captured_by.value,
        "first_seen_at": moment(item.first_seen_at),
        "last_seen_at": moment(item.last_seen_at),
    }


def reading_shape(item: KnownFact) -> Json:
    """One reading of a fact's history."""
    return {
        **fact_shape(item.fact),
        "value_words": "" if item.fact.value is None else value_words(item.fact.value),
        "snapshot": item.snapshot or None,
        "captured_at": moment(item.captured_at),
        "captured_by": item.captured_by.value,
    }


def check_shape(check: Check, *, flags: Iterable[int], facts: Iterable[Fact]) -> Json:
    """One check of the `check` command. facts: as they stand after it (of the baseline, where nothing was read anew)."""
    states = [fact.state for fact in facts]
    examination = check.examination
    return {
        **visit_shape(
            source=check.source,
            slot=check.slot,
            outcome=check.outcome.value,
            reason=check.reason,
            detail=check.detail,
            status=check.status,
            not_modified=check.not_modified,
            size=0 if check.snapshot is None else len(check.snapshot.body),
            snapshot=None if check.snapshot is None else check.snapshot.digest,
            verdict=None if examination is None else examination.verdict.value,
            confirmed=check.confirmed,
            seconds=round((check.finished_at - check.started_at).total_seconds(), 3),
        ),
        **found_shape(
            facts={state.value: states.count(state) for state in FactState},
            blocks=() if examination is None else examination.blocks,
            changes=() if examination is None else examination.changes,
            flags=flags,
        ),
    }


def visit_shape(
    *,
    source: str,
    slot: datetime,
    outcome: str,
    reason: str,
    detail: str,
    status: int | None,
    not_modified: bool,
    size: int,
    snapshot: str | None,
    verdict: str | None,
    confirmed: bool,
    seconds: float,
) -> Json:
    """What a visit came to, without what was read in it. size: bytes of the capture."""
    return {
        "source": source,
        "slot": moment(slot),
        "outcome": outcome,
        "reason": reason,
        "detail": detail,
        "http": {"status": status, "not_modified": not_modified, "bytes": size},
        "snapshot": snapshot,
        "verdict": verdict,
        "confirmed": confirmed,
        "seconds": seconds,
    }


def found_shape(
    *,
    facts: Mapping[str, int],
    blocks: Iterable[BlockChange],
    changes: Iterable[FactChange],
    flags: Iterable[int],
) -> Json:
    """What was read in a check, and the flags that it opened. facts: how many stand in each state."""
    return {
        "facts": {state.value: facts.get(state.value, 0) for state in FactState},
        "blocks": [block_shape(block) for block in blocks],
        "changes": [change_shape(change) for change in changes],
        "flags": list(flags),
    }


def flag_shape(record: FlagRecord) -> Json:
    flag = record.flag
    return {
        "id": record.id,
        "state": record.state.value,
        "reason": flag.reason.value,
        "severity": flag.severity.value,
        "source": flag.source,
        "fact": flag.fact,
        "claims": list(flag.claims),
        "confirmed": flag.confirmed,
        "superseded_by": record.superseded_by,
        "before": value_shape(flag.before),
        "after": value_shape(flag.after),
        "quote_before": flag.quote_before,
        "quote_after": flag.quote_after,
        "detail": flag.detail,
        "snapshots": {"before": flag.snapshot_before or None, "after": flag.snapshot_after or None},
        "opened_at": moment(record.opened_at),
        "group": flag.group,
        "verdict": None if record.review is None else record.review.verdict.value,
        "note": None if record.review is None else record.review.note,
        "decided_by": None if record.review is None else record.review.by,
        "closed_because": record.closed_because or None,
    }


def judgement_shape(claim: Claim, judgement: Judgement) -> Json:
    evidence, outlook = judgement.evidence, judgement.outlook
    return {
        "id": claim.id,
        "section": claim.section,
        "text": claim.text,
        "risk": claim.risk.value,
        "standing": judgement.standing.value,
        "reason": judgement.reason,
        "outlook": None if outlook is None else _outlook_shape(judgement),
        "expected": judgement.expected,
        "found": judgement.found,
        "fact": judgement.fact,
        "source": judgement.source,
        "verified_on": moment(judgement.verified_on),
        "evidence": None
        if evidence is None
        else {"snapshot": evidence.snapshot, "quote": evidence.quote, "locator": evidence.locator},
    }


def _outlook_shape(judgement: Judgement) -> Json:
    outlook = judgement.outlook
    if outlook is None:
        raise AssertionError("asked for the outlook of a claim that has none")
    if outlook.pending is None or outlook.effective is None:
        return {"at_risk": outlook.at_risk}
    shape: Json = {"pending": value_to_json(outlook.pending), "effective": outlook.effective.isoformat()}
    return {**shape, "at_risk": outlook.at_risk} if outlook.at_risk else shape


def claims_shape(claims: Iterable[Claim], judgements: Iterable[Judgement], sources: Mapping[str, Source]) -> Json:
    """The ledger with its coverage, which counts every claim, whatever is listed."""
    claims = tuple(claims)
    by_claim = {item.claim: item for item in judgements}
    return {
        "claims": [judgement_shape(claim, by_claim[claim.id]) for claim in claims],
        "coverage": coverage_shape(claims, by_claim.values(), sources),
    }


def coverage_shape(claims: Iterable[Claim], judgements: Iterable[Judgement], sources: Mapping[str, Source]) -> Json:
    claims, standings = tuple(claims), [item.standing for item in judgements]
    watched = [claim for claim in claims if claim.expectations]
    return {
        "claims": len(claims),
        "watched": len(watched),
        "machine_checked": sum(1 for claim in watched if _machine_checked(claim, sources)),
        **{
            standing.value: standings.count(standing)
            for standing in (
                Standing.VERIFIED,
                Standing.CONTRADICTED,
                Standing.SUSPECT,
                Standing.CANNOT_TELL,
                Standing.STALE,
                Standing.UNWATCHED,
            )
        },
    }


def _machine_checked(claim: Claim, sources: Mapping[str, Source]) -> bool:
    """A machine can decide it alone: at least one expectation is on a figure, a date, a code, a list or a status."""
    for item in claim.expectations:
        source = sources.get(item.fact.partition("#")[0])
        rule = None if source is None else source.rule_for(item.fact)
        if rule is not None and rule.kind.value not in ("text", "yes_no"):
            return True
    return False
