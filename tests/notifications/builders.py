"""Nouns for the tests of digests: an invented office, its pages, and what changed on them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from domain.claims import Claim, Expectation, Operator, Risk
from domain.digests import Coverage, Frequency, Period, Subscriber
from domain.flags import Flag, FlagReason, FlagRecord, FlagState, Outage, Review, ReviewVerdict, Severity
from domain.sources import Source
from domain.values import Day, Money, Rows, Value

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PERIOD = Period(key="daily:2026-11-23:America/Toronto", start=NOW - timedelta(days=1), end=NOW)
COVERAGE = Coverage(
    sources=18,
    sources_read=16,
    sources_unreadable=("fees",),
    facts_declared=120,
    facts_located=117,
    claims=64,
    claims_watched=51,
    checks=36,
)


def subscriber(number: int = 7, **changes: object) -> Subscriber:
    given: dict[str, object] = {"id": number, "address": f"reader{number}@example.org", "frequency": Frequency.DAILY}
    return Subscriber(**{**given, **changes})  # type: ignore[arg-type]


def source(name: str, title: str = "", *, host: str = "office.example", **changes: object) -> Source:
    given: dict[str, object] = {
        "id": name,
        "title": title or name.replace("-", " ").capitalize(),
        "url": f"https://{host}/{name}.html",
        "authority": "Office",
        "jurisdiction": "federal",
    }
    return Source(**{**given, **changes})  # type: ignore[arg-type]


def claim(name: str, text: str, fact: str, *, section: str = "permit.2-pay", risk: Risk = Risk.HIGH) -> Claim:
    test = Expectation(fact=fact, operator=Operator.EQUALS, operand=("CAD 1000",))
    return Claim(id=name, section=section, text=text, risk=risk, expectations=(test,))


def flag(
    number: int,
    page: str,
    *,
    fact: str = "fee",
    reason: FlagReason = FlagReason.ALTERED,
    severity: Severity = Severity.HIGH,
    before: Value | None = None,
    after: Value | None = None,
    state: FlagState = FlagState.OPEN,
    review: Review | None = None,
    superseded_by: int | None = None,
    closed_because: str = "",
    **changes: object,
) -> FlagRecord:
    given: dict[str, object] = {
        "identity": f"identity-{number}",
        "reason": reason,
        "severity": severity,
        "source": page,
        "fact": f"{page}#{fact}" if fact else None,
        "before": before,
        "after": after,
    }
    return FlagRecord(
        id=number,
        flag=Flag(**{**given, **changes}),  # type: ignore[arg-type]
        state=state,
        opened_at=NOW - timedelta(hours=6),
        superseded_by=superseded_by,
        closed_because=closed_because,
        review=review,
    )


def outage(page: str, began: int, ended: int | None = None, *, claims: tuple[str, ...] = ()) -> Outage:
    """From event to event, an hour each after midnight of the day before NOW."""
    start = NOW - timedelta(days=1)
    return Outage(
        flag=1000 + began,
        source=page,
        claims=claims,
        severity=Severity.HIGH,
        began=began,
        began_at=start + timedelta(hours=began),
        ended=ended,
        ended_at=None if ended is None else start + timedelta(hours=ended),
    )


def dollars(amount: int) -> Money:
    return Money(amount=Decimal(amount))


def day(text: str) -> Day:
    return Day(date=date.fromisoformat(text))


def table(*rows: tuple[str, ...]) -> Rows:
    return Rows(key=("Code",), columns=("Code", "Trade"), rows=rows)


def review(number: int, *, note: str = "Corrected in the guide.") -> Review:
    return Review(
        flag=number,
        verdict=ReviewVerdict.GUIDE_WRONG,
        note=note,
        by="Ana",
        at=NOW - timedelta(hours=1),
        snapshot_before="a",
        snapshot_after="b",
    )


SOURCES = {
    item.id: item
    for item in (
        source("permit-fee", "Permit fee and how to pay it"),
        source("trades", "List of eligible trades"),
        source("coast-programme", "Coast programme", host="coast.example", jurisdiction="coast", authority="Coast"),
        source("valley-programme", "Valley programme", host="coast.example", jurisdiction="coast", authority="Coast"),
        source("rounds", "Rounds of invitations"),
    )
}
CLAIMS = {
    item.id: item
    for item in (
        claim("permit.fee", "An employer pays 1,000 CAD for each permit.", "permit-fee#fee", risk=Risk.CRITICAL),
        claim("permit.wait", "A permit takes two weeks.", "permit-fee#wait", section="permit.3-wait"),
        claim("trades.list", "Bakers of boats are on the list.", "trades#list", section="trades"),
        claim("coast.open", "The coast programme takes applications.", "coast-programme#state", section="coast"),
    )
}
