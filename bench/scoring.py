"""What the outcomes of many pairs add up to: confusion matrix, precision and recall, values found, misses."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

LABELS = ("noise", "editorial", "substantive")
VERDICTS = ("same", *LABELS, "cannot_tell")
NO_PAGE = {"broken_capture", "maintenance_page", "captcha", "rate_limit", "error_page", "block_page"}
"""Flags of pairs where one side is no page: the only right answer is `cannot_tell`."""
PARTIAL = {"partial_capture"}
"""Flags of pairs where one side is half a page: `cannot_tell` and not-substantive are both right."""
LEFT_OUT = {"flapping", "stale_cache", "ambiguous"}
"""Flags of pairs that cannot be told from two files alone; counted, not scored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one pair. found: labelled values that the report holds; named: those among its `values`."""

    pair: dict[str, Any]
    labelled: bool
    verdict: str
    reason: str
    seconds: float
    bytes: int
    problems: tuple[str, ...]
    raw_text: bool
    main_text: bool
    found: dict[str, bool]
    named: dict[str, bool]
    blocks: tuple[dict[str, Any], ...]


def value_kind(value: str) -> str:
    """The kind of a labelled value, by its looks: the labels are written by hand and carry no kind."""
    tests = (
        ("money", r"[$£€]"),
        ("percentage", r"%"),
        ("citation", r"SOR/|\bc\. \d|\d+\.\d\d\Z"),
        ("round", r"#\d"),
        ("duration", r"\b(?:day|week|month|year|hour)s?\b"),
        (
            "date",
            r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b|\d{4}-\d\d",
        ),
        ("number", r"\d"),
        ("member", r"\A[+\-−]"),
    )
    return next((kind for kind, pattern in tests if re.search(pattern, value)), "words")


def expected(pair: dict[str, Any]) -> str:
    """The right verdict of a labelled pair."""
    return "cannot_tell" if set(pair.get("flags", [])) & NO_PAGE else str(pair["label"])


def summarise(outcomes: list[Outcome]) -> dict[str, Any]:
    """The whole report as one JSON value."""
    labelled = [outcome for outcome in outcomes if outcome.labelled]
    scored = [o for o in labelled if not (o.pair.get("ambiguous") or set(o.pair.get("flags", [])) & LEFT_OUT)]
    matrix = {label: dict.fromkeys(VERDICTS, 0) for label in (*LABELS, "cannot_tell")}
    for outcome in scored:
        matrix[expected(outcome.pair)][outcome.verdict] += 1
    seconds = sorted(outcome.seconds for outcome in outcomes) or [0.0]
    return {
        "labelled": len(labelled),
        "left_out": len(labelled) - len(scored),
        "matrix": matrix,
        "score": _score([(expected(o.pair) == "substantive", o.verdict == "substantive") for o in scored]),
        "score_high_confidence": _score(
            [
                (expected(o.pair) == "substantive", o.verdict == "substantive")
                for o in scored
                if o.pair.get("confidence") == "high"
            ]
        ),
        "noise_called_substantive": _rate([o.verdict == "substantive" for o in scored if o.pair["label"] == "noise"]),
        "no_page_told": _rate([o.verdict == "cannot_tell" for o in scored if expected(o.pair) == "cannot_tell"]),
        "page_not_told": _rate(
            [
                o.verdict == "cannot_tell"
                for o in scored
                if expected(o.pair) != "cannot_tell" and not set(o.pair.get("flags", [])) & PARTIAL
            ]
        ),
        "alternatives": {
            "raw body text": _score([(expected(o.pair) == "substantive", o.raw_text) for o in scored]),
            "main content text": _score([(expected(o.pair) == "substantive", o.main_text) for o in scored]),
        },
        "values": _values(scored),
        "misses": [_miss(o) for o in scored if _is_miss(o)],
        "softer": [_miss(o) for o in scored if not _is_miss(o) and o.verdict != expected(o.pair)],
        "robust": {
            "pairs": len(outcomes),
            "verdicts": dict(Counter(o.verdict for o in outcomes if not o.labelled)),
            "problems": [{"pair_id": o.pair["pair_id"], "problem": p} for o in outcomes for p in o.problems],
            "cpu_seconds": {
                "median": seconds[len(seconds) // 2],
                "p95": seconds[min(len(seconds) - 1, int(len(seconds) * 0.95))],
                "max": seconds[-1],
                "slowest": max(outcomes, key=lambda o: o.seconds).pair["pair_id"] if outcomes else "",
            },
        },
    }


def _score(pairs: list[tuple[bool, bool]]) -> dict[str, float | int]:
    true = sum(1 for want, got in pairs if want and got)
    missed = sum(1 for want, got in pairs if want and not got)
    false = sum(1 for want, got in pairs if got and not want)
    return {
        "precision": true / (true + false) if true + false else 1.0,
        "recall": true / (true + missed) if true + missed else 1.0,
        "true": true,
        "missed": missed,
        "false": false,
    }


def _rate(hits: list[bool]) -> dict[str, float | int]:
    return {"rate": sum(hits) / len(hits) if hits else 0.0, "count": sum(hits), "of": len(hits)}


def _values(scored: list[Outcome]) -> dict[str, Any]:
    found: defaultdict[str, list[bool]] = defaultdict(list)
    named: defaultdict[str, list[bool]] = defaultdict(list)
    for outcome in scored:
        if outcome.pair["label"] != "noise":
            for value, hit in outcome.found.items():
                found[value_kind(value)].append(hit)
                named[value_kind(value)].append(outcome.named[value])
    return {
        kind: {"in_blocks": _rate(found[kind]), "in_values": _rate(named[kind])}
        for kind in sorted(found, key=lambda kind: -len(found[kind]))
    } | {
        "all": {
            "in_blocks": _rate([hit for hits in found.values() for hit in hits]),
            "in_values": _rate([hit for hits in named.values() for hit in hits]),
        }
    }


def _is_miss(outcome: Outcome) -> bool:
    want, got = expected(outcome.pair), outcome.verdict
    if want == "cannot_tell" or got == "cannot_tell":
        return want != got and not set(outcome.pair.get("flags", [])) & PARTIAL
    return (want == "substantive") != (got == "substantive")


def _miss(outcome: Outcome) -> dict[str, Any]:
    heavy = [block for block in outcome.blocks if block["significance"] == outcome.verdict]
    return {
        "pair_id": outcome.pair["pair_id"],
        "expected": expected(outcome.pair),
        "got": outcome.verdict,
        "confidence": outcome.pair.get("confidence"),
        "label_reason": outcome.pair.get("reason"),
        "our_reason": outcome.reason,
        "first_blocks": heavy[:3],
    }
