"""The tables of the export, as they are written to CSV."""

from __future__ import annotations

from claimwatch.export.document import Export, ExportedFact

TABLES: dict[str, tuple[str, ...]] = {
    "facts": (
        "key",
        "kind",
        "state",
        "words",
        "pending",
        "effective",
        "verified_on",
        "quote",
        "locator",
        "snapshot",
        "url",
    ),
    "occupations": ("code", "title", "teer", "fact", "qualifier", "named", "state"),
    "points": ("fact", "case", "column", "points", "statistic", "state"),
    "streams": ("fact", "title", "status", "state"),
}


def table(export: Export, name: str) -> list[tuple[str, ...]]:
    """One table of the export as rows of text, in the columns of TABLES."""
    match name:
        case "facts":
            return [_fact_row(fact) for fact in export.facts]
        case "occupations":
            return [
                (item.code, item.title, item.teer, *listing)
                for item in export.occupations
                for listing in [(each.fact, each.qualifier, each.named, each.state.value) for each in item.lists]
                or [("", "", "", "")]
            ]
        case "points":
            return [
                (item.fact, item.case, item.column, item.points, item.statistic, item.state.value)
                for item in export.points
            ]
        case _:
            return [(item.fact, item.title, item.status, item.state.value) for item in export.streams]


def _fact_row(fact: ExportedFact) -> tuple[str, ...]:
    pending, evidence = fact.pending, fact.evidence
    return (
        fact.key,
        fact.kind,
        fact.state.value,
        fact.words,
        pending.words if pending else "",
        pending.effective if pending else "",
        fact.verified_on or "",
        evidence.quote if evidence else "",
        evidence.locator if evidence else "",
        evidence.snapshot if evidence else "",
        fact.url,
    )
