"""What the ledger, the guide and the first page all start from: the claims as they stand, and the guide marked."""

from __future__ import annotations

from datetime import datetime

import structlog

from domain.errors import SourceError
from domain.shapes import coverage_shape
from monitor.guide import MarkedGuide
from monitor.ledger import Knowledge, judge_all
from monitor.standings import TELLABLE, end_of_day
from review.pages.ledger import Coverage, Line, coverage_of, lines_of
from review.visit import Refusal, Visit

log = structlog.get_logger()


def judged(visit: Visit, knowledge: Knowledge, *, as_of: datetime | None = None) -> tuple[tuple[Line, ...], Coverage]:
    """Every claim with how it stands, the most harmful first, and the numbers at a glance."""
    desk = visit.desk
    claims = tuple(desk.claims.values())
    judgements = judge_all(claims, knowledge, sources=desk.sources, now=as_of or visit.now)
    coverage = coverage_of(coverage_shape(claims, judgements, desk.sources))
    return lines_of(claims, judgements, desk.sources), coverage


def moment_asked(visit: Visit) -> datetime | None:
    """The end of the day that the reader asks about, or None for now."""
    text = visit.text("as_of")
    if not text:
        return None
    try:
        moment = end_of_day(text)
        if moment.year not in TELLABLE:
            raise ValueError(text)
    except (ValueError, OverflowError):
        raise Refusal(400, "That is no day: write it as 2026-11-24.") from None
    return moment


def marked(visit: Visit) -> MarkedGuide | None:
    """The guide with its claims marked, or None where there is none or it cannot be read."""
    text = visit.desk.guide()
    if not text.strip():
        return None
    try:
        return visit.desk.marking.of(text, visit.desk.claims, visit.desk.sources)
    except SourceError as error:
        log.warning("the guide cannot be read", error=str(error))
        return None
