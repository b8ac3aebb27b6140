"""The outcome of comparing two documents: a verdict and the block changes it rests on (contract.md, `compare`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.documents import BlockKind
from domain.facts import FactChange


class Verdict(StrEnum):
    SAME = "same"
    NOISE = "noise"
    EDITORIAL = "editorial"
    SUBSTANTIVE = "substantive"
    CANNOT_TELL = "cannot_tell"


class Significance(StrEnum):
    NOISE = "noise"
    EDITORIAL = "editorial"
    SUBSTANTIVE = "substantive"


class Operation(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueChange:
    """A value in running text that an edit touched. kind is a `values.Kind` name, `obligation`, `link` or `citation`.

    before and after are the words as they stand; None where it was added or removed.
    """

    kind: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockChange:
    """One block added, removed, changed or moved, and why it matters or not (`because`: the rule's name)."""

    op: Operation
    kind: BlockKind
    path: tuple[str, ...]
    before: str | None
    after: str | None
    significance: Significance
    values: tuple[ValueChange, ...] = ()
    because: str = ""
    locator: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two documents compared. reason: one line for a person, always set unless `same`."""

    verdict: Verdict
    reason: str
    blocks: tuple[BlockChange, ...] = ()
    facts: tuple[FactChange, ...] = ()
