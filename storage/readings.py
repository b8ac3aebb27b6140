"""What an examination found, as rows beside its check: block changes, facts, fact changes. Kept once, read whole."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, select

from domain.checks import Examination
from domain.comparison import BlockChange, Operation, Significance, ValueChange
from domain.documents import BlockKind
from domain.facts import ChangeKind, Fact, FactChange, FactState
from storage.columns import json_of, json_text, pending_of, pending_text, plain, value_of, value_text
from storage.tables import checks, fact_changes, facts


def keep_readings(connection: Connection, check: int, examination: Examination) -> None:
    """The facts and fact changes of a good check are kept under its number."""
    fact_rows = [
        {
            "check_id": check,
            "key": fact.key,
            "state": fact.state.value,
            "value": value_text(fact.value),
            "quote": plain(fact.quote),
            "locator": plain(fact.locator),
            "reason": plain(fact.reason),
            "pending": pending_text(fact.pending),
        }
        for fact in examination.facts
    ]
    change_rows = [
        {
            "check_id": check,
            "key": change.key,
            "change": change.change.value,
            "before": value_text(change.before),
            "after": value_text(change.after),
            "effective": None if change.effective is None else change.effective.isoformat(),
            "detail": _detail_text(change),
        }
        for change in examination.changes
    ]
    if fact_rows:
        connection.execute(insert(facts), fact_rows)
    if change_rows:
        connection.execute(insert(fact_changes), change_rows)


def load_facts(connection: Connection, check: int) -> tuple[Fact, ...]:
    """The facts that a check recorded, by key; none for a check that read no document anew."""
    query = select(facts).where(facts.c.check_id == check).order_by(facts.c.key)
    return tuple(fact_of(row) for row in connection.execute(query).mappings())


def load_changes(connection: Connection, check: int) -> tuple[FactChange, ...]:
    """The fact changes that a check recorded, by key."""
    query = select(fact_changes).where(fact_changes.c.check_id == check).order_by(fact_changes.c.key)
    return tuple(change_of(row) for row in connection.execute(query).mappings())


def load_blocks(connection: Connection, check: int) -> tuple[BlockChange, ...]:
    """The block changes that a check recorded, in order of the page."""
    text = connection.execute(select(checks.c.blocks).where(checks.c.id == check)).scalar_one_or_none()
    return () if text is None else tuple(_block_of(form) for form in json_of(text))


def blocks_text(blocks: tuple[BlockChange, ...]) -> str:
    """Block changes as kept."""
    return json_text([_block_form(block) for block in blocks])


def fact_of(row: Any) -> Fact:
    """The fact in a row of `facts`."""
    return Fact(
        key=row["key"],
        state=FactState(row["state"]),
        value=value_of(row["value"]),
        quote=row["quote"],
        locator=row["locator"],
        reason=row["reason"],
        pending=pending_of(row["pending"]),
    )


def _detail_text(change: FactChange) -> str:
    return json_text(
        {
            "added": change.added,
            "removed": change.removed,
            "altered": change.altered,
            "quote_before": change.quote_before,
            "quote_after": change.quote_after,
        }
    )


def change_of(row: Any) -> FactChange:
    """The change in a row of `fact_changes`."""
    detail = json_of(row["detail"])
    return FactChange(
        key=row["key"],
        change=ChangeKind(row["change"]),
        before=value_of(row["before"]),
        after=value_of(row["after"]),
        added=tuple(tuple(cells) for cells in detail["added"]),
        removed=tuple(tuple(cells) for cells in detail["removed"]),
        altered=tuple((tuple(old), tuple(new)) for old, new in detail["altered"]),
        quote_before=detail["quote_before"],
        quote_after=detail["quote_after"],
        effective=None if row["effective"] is None else date.fromisoformat(row["effective"]),
    )


def _block_form(block: BlockChange) -> dict[str, Any]:
    return {
        "op": block.op.value,
        "kind": block.kind.value,
        "path": list(block.path),
        "before": block.before,
        "after": block.after,
        "significance": block.significance.value,
        "because": block.because,
        "locator": block.locator,
        "values": [{"kind": item.kind, "before": item.before, "after": item.after} for item in block.values],
    }


def _block_of(form: dict[str, Any]) -> BlockChange:
    return BlockChange(
        op=Operation(form["op"]),
        kind=BlockKind(form["kind"]),
        path=tuple(form["path"]),
        before=form["before"],
        after=form["after"],
        significance=Significance(form["significance"]),
        values=tuple(ValueChange(**item) for item in form["values"]),
        because=form["because"],
        locator=form["locator"],
    )
