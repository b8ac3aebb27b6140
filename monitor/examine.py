"""The pure front door of the core: snapshots and rules in, a finished examination out.

Nothing here knows the network, the store or the clock, so a stored capture can be examined again at any time and
gives the same answer. It runs in a worker process, which is why everything in and out can be pickled.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.checks import Examination, Outcome, Quality
from domain.comparison import Comparison, Verdict
from domain.documents import Document
from domain.errors import DecodeError, SourceError
from domain.facts import Fact, FactState
from domain.snapshots import Snapshot
from domain.sources import Source
from domain.values import Rows
from monitor.diff import compare_documents, compare_facts
from monitor.extract import extract
from monitor.quality import judge_document, judge_response
from monitor.read import fingerprint, read


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The last good check of a source, to compare with.

    facts: the newest believed reading of each fact as recorded; they stand in where today's rules cannot read the
    baseline's body any more, or where the baseline itself could not tell.
    """

    snapshot: Snapshot
    facts: tuple[Fact, ...] = ()


def examine(
    source: Source, snapshot: Snapshot, *, baseline: Baseline | None = None, today: date | None = None
) -> Examination:
    """Judge, read, extract and compare one snapshot.

    Anything but a good page gives the verdict `cannot_tell`, every fact in that state, and no changes: it can never be
    taken for a change of policy. `today` is the official day the page is read on (the capture's day by default).
    """
    today = today or snapshot.fetched_at.date()
    before = _document_or_none(source, baseline, today)
    quality, document = _believe(source, snapshot, before, today)
    if document is None:
        return _unbelieved(source, quality)
    facts = extract(document, source, today=today)
    earlier = _baseline_facts(source, baseline, before, today)
    older = _older_copy(source, earlier, facts)
    if older is not None:
        return _unbelieved(source, older)
    changes = compare_facts(earlier, facts)
    comparison = compare_documents(before, document) if before is not None else _first_visit(baseline)
    verdict = Verdict.SUBSTANTIVE if changes else comparison.verdict
    return Examination(
        quality=quality,
        verdict=verdict,
        reason=comparison.reason if not changes else f"{len(changes)} fact(s) changed",
        title=document.title,
        fingerprint=fingerprint(document),
        facts=facts,
        changes=changes,
        blocks=comparison.blocks,
        baseline_facts=earlier,
        block_count=len(document.blocks),
    )


def _older_copy(source: Source, earlier: tuple[Fact, ...], facts: tuple[Fact, ...]) -> Quality | None:
    """Why this is a copy from before the baseline: a log that only grows lost entries and gained none; else None.

    Edges of large sites serve yesterday's copy for hours, and what was announced is not un-announced by that.
    """
    for rule, before, after in zip(source.rules, earlier, facts, strict=False):
        if rule.expect.grows and isinstance(before.value, Rows) and isinstance(after.value, Rows):
            lost = set(before.value.rows) - set(after.value.rows)
            if (
                lost
                and len(after.value.rows) < len(before.value.rows)
                and set(after.value.rows) <= set(before.value.rows)
            ):
                newest = " | ".join(max(lost))[:120]
                return Quality(outcome=Outcome.SUSPECT, cause="older-copy", detail=f"{rule.key} lost {newest}")
    return None


def read_source(source: Source, snapshot: Snapshot, *, today: date | None = None) -> Document:
    """The document of a snapshot as this source reads it. Raises SourceError."""
    return read(
        snapshot.body,
        content_type=snapshot.header("content-type"),
        url=snapshot.final_url,
        media=source.media,
        region=source.region,
        ignore=source.ignore,
        today=today or snapshot.fetched_at.date(),
    )


def _believe(
    source: Source, snapshot: Snapshot, before: Document | None, today: date
) -> tuple[Quality, Document | None]:
    """The document, if the response is the page; else why it is not."""
    quality = judge_response(
        status=snapshot.status,
        headers=snapshot.headers,
        body=snapshot.body,
        url=source.url,
        final_url=snapshot.final_url,
        also_at=source.also_at,
        length_verified=snapshot.length_verified,
    )
    if quality.outcome is not Outcome.GOOD:
        return quality, None
    try:
        document = read_source(source, snapshot, today=today)
    except DecodeError as error:
        return Quality(outcome=Outcome.FAILED, cause=error.cause, detail=error.detail), None
    except SourceError as error:
        return Quality(outcome=Outcome.SUSPECT, cause=error.cause, detail=error.detail), None
    quality = judge_document(document, must_contain=source.must_contain, baseline=before)
    return quality, document if quality.outcome is Outcome.GOOD else None


def _baseline_facts(
    source: Source, baseline: Baseline | None, before: Document | None, today: date
) -> tuple[Fact, ...]:
    """The baseline's facts read with today's rules, each falling back to what was recorded where it cannot be told.

    Both sides are read as of the same day, so that a pending value which became current is no change of the page.
    """
    if baseline is None:
        return ()
    if before is None:
        return baseline.facts
    recorded = {fact.key: fact for fact in baseline.facts}
    return tuple(
        recorded.get(fact.key, fact) if fact.state is FactState.CANNOT_TELL else fact
        for fact in extract(before, source, today=today)
    )


def _document_or_none(source: Source, baseline: Baseline | None, today: date) -> Document | None:
    if baseline is None:
        return None
    try:
        return read_source(source, baseline.snapshot, today=today)
    except SourceError:
        return None


def _first_visit(baseline: Baseline | None) -> Comparison:
    reason = "first visit" if baseline is None else "today's rules cannot read the last good capture"
    return Comparison(verdict=Verdict.SAME, reason=reason)


def _unbelieved(source: Source, quality: Quality) -> Examination:
    reason = f"{quality.cause}: {quality.detail}" if quality.detail else quality.cause
    return Examination(
        quality=quality,
        verdict=Verdict.CANNOT_TELL,
        reason=reason,
        title="",
        fingerprint="",
        facts=tuple(
            Fact(key=source.fact_key(rule), state=FactState.CANNOT_TELL, reason=reason) for rule in source.rules
        ),
    )
