"""The demo's own judge: it passes what was expected, and names whatever is missing, surplus or wrong."""

from __future__ import annotations

from typing import Any

import pytest

from claimwatch.demo.expected import (
    CHANGES,
    CONTRADICTED_AT_FIRST,
    CONTRADICTED_LATER,
    PENDING,
    SUSPECT_AT_FIRST,
    TROUBLE,
    UNWATCHED,
    Change,
    missing_at_first,
    missing_at_second,
    missing_in_digest,
)
from claimwatch.demo.story import PAGES

CLAIMS = sorted({claim for change in CHANGES for claim in change.claims} | {PENDING} | set(CONTRADICTED_AT_FIRST))


def flag_for(change: Change, number: int) -> dict[str, Any]:
    flag: dict[str, Any] = {
        "id": number,
        "source": change.source,
        "fact": change.fact,
        "reason": change.reason,
        "claims": sorted(change.claims),
        "confirmed": True,
        "before": {},
        "after": {},
        "quote_before": "",
        "quote_after": "",
        "detail": "",
    }
    for path, words in change.holds:
        name, _, inner = path.partition(".")
        flag[name] = {**flag[name], inner: words} if inner else words
    return flag


def checks(*, second: bool) -> dict[str, Any]:
    made: list[dict[str, Any]] = []
    for page in PAGES:
        bad = second and page.source in TROUBLE
        made.append(
            {
                "source": page.source,
                "outcome": "suspect" if bad else "good",
                "reason": "blocked" if bad else "",
                "verdict": "cannot_tell" if bad else "same",
                "changes": [],
                "confirmed": True,
                "facts": {"located": 1, "absent": 0, "cannot_tell": 0},
            }
        )
    return {"checks": made}


def claims(*, second: bool) -> dict[str, Any]:
    wrong = set(CONTRADICTED_AT_FIRST) | (CONTRADICTED_LATER if second else set())
    standings = {name: "contradicted" if name in wrong else "verified" for name in CLAIMS}
    standings |= dict.fromkeys(SUSPECT_AT_FIRST, "suspect") | dict.fromkeys(UNWATCHED, "unwatched")
    outlook = {"pending": {"kind": "money", "amount": "1590"}, "effective": "2027-02-01"}
    return {
        "claims": [
            {
                "id": name,
                "standing": standing,
                "reason": "",
                "found": "",
                "outlook": outlook if name == PENDING and second else None,
            }
            for name, standing in standings.items()
        ]
    }


def flags() -> list[dict[str, Any]]:
    return [flag_for(change, number) for number, change in enumerate(CHANGES, start=3)]


def first_flags() -> list[dict[str, Any]]:
    return [{"claims": [name]} for name in CONTRADICTED_AT_FIRST]


def test_what_was_expected_leaves_nothing_to_say() -> None:
    assert missing_at_first(checks(second=False), first_flags(), claims(second=False)) == []
    assert missing_at_second(checks(second=True), flags(), claims(second=True)) == []


@pytest.mark.parametrize("number", range(len(CHANGES)))
def test_each_change_that_is_not_flagged_is_named(number: int) -> None:
    kept = [flag for flag in flags() if flag["id"] != number + 3]
    (line,) = missing_at_second(checks(second=True), kept, claims(second=True))
    assert line.startswith("not flagged: ")
    assert CHANGES[number].source in line


def test_a_flag_too_many_is_named() -> None:
    noise = flag_for(CHANGES[0], 99) | {"source": "category-selection", "fact": None, "detail": "menu"}
    (line,) = missing_at_second(checks(second=True), [*flags(), noise], claims(second=True))
    assert "flagged without need: category-selection" in line


@pytest.mark.parametrize(
    ("key", "wrong"),
    [("quote_after", ""), ("claims", []), ("confirmed", False), ("after", None), ("before", {"amount": "1"})],
)
def test_a_flag_without_its_evidence_or_its_claims_is_named(key: str, wrong: object) -> None:
    made = flags()
    made[0][key] = wrong
    assert len(missing_at_second(checks(second=True), made, claims(second=True))) == 1


@pytest.mark.parametrize("source", sorted(TROUBLE))
def test_trouble_that_was_believed_is_named(source: str) -> None:
    document = checks(second=True)
    next(check for check in document["checks"] if check["source"] == source)["outcome"] = "good"
    (line,) = missing_at_second(document, flags(), claims(second=True))
    assert line.startswith(source)


def test_a_page_that_was_not_visited_or_not_read_whole_is_named() -> None:
    document = checks(second=False)
    del document["checks"][0]
    document["checks"][0]["facts"] = {"located": 1, "absent": 0, "cannot_tell": 1}
    first, second = missing_at_first(document, first_flags(), claims(second=False))
    assert first.startswith(PAGES[0].source)
    assert "not every declared fact" in second


def test_a_claim_that_stands_wrongly_and_a_missing_outlook_are_named() -> None:
    document = claims(second=True)
    pending = next(claim for claim in document["claims"] if claim["id"] == PENDING)
    pending |= {"standing": "contradicted", "outlook": None}
    assert len(missing_at_second(checks(second=True), flags(), document)) == 2


def test_a_digest_without_a_change_in_one_of_its_parts_is_named() -> None:
    whole = "$1,150 22222 Closed $1,590 418"
    assert missing_in_digest(whole, whole) == []
    (line,) = missing_in_digest(whole, whole.replace("418", ""))
    assert "HTML" in line
