"""What the ordinary commands must find on the demo's pages, and the comparing of it with what they did find.

Everything here reads the JSON of the commands (contract.md) and nothing else, so the demo proves what a user sees.
Each `missing_…` function returns one line for each expectation that was not met; none means that all is well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from claimwatch.demo.story import PAGES

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A real change of the story and the flag that must come of it.

    fact: its key, or None for a passage that no fact was declared for. holds: what the flag must carry, by dotted
    path into its JSON. claims: exactly the claims that it must touch.
    """

    said: str
    source: str
    fact: str | None
    holds: tuple[tuple[str, str], ...]
    claims: frozenset[str]
    reason: str = "altered"


CHANGES = (
    Change(
        said="The fee went up",
        source="talent-stream",
        fact="talent-stream#processing_fee",
        holds=(
            ("before.amount", "1000"),
            ("after.amount", "1150"),
            ("quote_before", "$1,000"),
            ("quote_after", "$1,150"),
        ),
        claims=frozenset({"talent.fee", "talent.fee_in_rules"}),
    ),
    Change(
        said="A row left the occupations list",
        source="talent-stream",
        fact="talent-stream#occupations",
        holds=(("before.rows", "22222"), ("detail", "22222"), ("quote_before", "22222")),
        claims=frozenset({"talent.list.software", "talent.list.testers"}),
    ),
    Change(
        said="A stream closed",
        source="northland-updates",
        fact="northland-updates#software_status",
        holds=(
            ("before.status", "open"),
            ("after.status", "closed"),
            ("quote_before", "Open"),
            ("quote_after", "Closed"),
        ),
        claims=frozenset({"northland.software_open"}),
    ),
    Change(
        said="The log says so in a new entry",
        source="northland-updates",
        fact=None,
        holds=(("quote_after", "no more registrations"),),
        claims=frozenset({"northland.software_open"}),
    ),
    Change(
        said="A fee was announced for a later day",
        source="application-fees",
        fact="application-fees#residence_fee",
        holds=(("before.amount", "1525"), ("after.amount", "1590"), ("quote_after", "$1,590"), ("detail", "effective")),
        claims=frozenset({"residence.fee"}),
    ),
    Change(
        said="A new round was held",
        source="rounds-feed",
        fact="rounds-feed#rounds",
        holds=(("after.rows", "418"), ("detail", "418"), ("quote_after", "418")),
        claims=frozenset({"pool.rounds_listed"}),
    ),
)
"""Every flag that the second visit must open, and no other."""

CONTRADICTED_AT_FIRST = {
    "permit.time": "the feed says 27 weeks, the guide two to eight",
    "pool.category_rounds": "no such round for more than a year: silence is a finding",
}
"""Claims that are wrong from the first visit on; each opens one flag."""

SUSPECT_AT_FIRST = {"pool.category_occupations": "only some of the guide's codes are on the official list"}

CONTRADICTED_LATER = frozenset({"talent.fee", "talent.fee_in_rules", "talent.list.testers", "northland.software_open"})
UNWATCHED = frozenset({"closing.weather"})
PENDING = "residence.fee"

NOISE = {
    "category-selection": "menus and steps reworded, footer date moved",
    "westland-invitations": "a redesign: the same words in another template",
    "worker-rules": "nothing new: the server answers 304",
}
"""Pages on which something moved, or nothing, and nobody must be told of it."""

TROUBLE = {page.source: page.trouble for page in PAGES if page.trouble is not None}
CHANGED = frozenset(change.source for change in CHANGES)


def missing_at_first(checks: Json, flags: Iterable[Json], claims: Json) -> list[str]:
    """Shortfalls of the first visit: every page good, every declared fact located, the contradictions found."""
    lines = []
    for page in PAGES:
        check = _check(checks, page.source)
        if check.get("outcome") != "good":
            lines.append(f"{page.source}: {_outcome_words(check)} at the first visit, not good")
        facts = check.get("facts", {})
        if facts.get("absent", 0) or facts.get("cannot_tell", 0):
            lines.append(f"{page.source}: not every declared fact was located: {dict(facts)}")
    lines += _wrong_standings(claims, dict.fromkeys(CONTRADICTED_AT_FIRST, "contradicted"))
    told = sorted(claim for flag in flags for claim in flag["claims"])
    if told != sorted(CONTRADICTED_AT_FIRST):
        lines.append(f"first flags are on {told}, not on {sorted(CONTRADICTED_AT_FIRST)}")
    return lines


def missing_at_second(checks: Json, new_flags: Iterable[Json], claims: Json) -> list[str]:
    """Shortfalls of the second visit: exactly the real changes flagged, noise not told, trouble not believed."""
    flags = list(new_flags)
    lines = _missing_flags(flags)
    for source in NOISE:
        check = _check(checks, source)
        if check.get("outcome") not in ("good", "unchanged") or check.get("verdict") == "substantive":
            lines.append(f"{source}: noise was taken for {_outcome_words(check)} {check.get('verdict')}")
    for source, trouble in TROUBLE.items():
        check = _check(checks, source)
        if check.get("outcome") not in ("suspect", "failed") or check.get("changes"):
            lines.append(f"{source}: {trouble.value} was believed: {_outcome_words(check)}")
    for source in CHANGED:
        check = _check(checks, source)
        if check.get("outcome") != "good" or not check.get("confirmed"):
            lines.append(f"{source}: {_outcome_words(check)}, not a confirmed good visit")
    wrong = dict.fromkeys([*CONTRADICTED_AT_FIRST, *CONTRADICTED_LATER], "contradicted")
    lines += _wrong_standings(claims, wrong)
    outlook = _claim(claims, PENDING).get("outlook") or {}
    if not outlook.get("effective") or outlook.get("pending", {}).get("amount") != "1590":
        lines.append(f"{PENDING}: no outlook on the announced amount: {outlook}")
    return lines


def flag_of(change: Change, flags: Iterable[Json]) -> Json | None:
    """The flag that the change opened, or None."""
    wanted = (change.source, change.fact, change.reason)
    return next((flag for flag in flags if (flag["source"], flag["fact"], flag["reason"]) == wanted), None)


def missing_in_digest(text: str, html: str) -> list[str]:
    """Shortfalls of the mail: each part names every change's page words after it."""
    return [
        f"the {name} part of the digest does not say {words!r}"
        for name, part in (("text", text), ("HTML", html))
        for words in ("$1,150", "22222", "closed", "$1,590", "418")
        if words.casefold() not in part.casefold()
    ]


def _missing_flags(flags: list[Json]) -> list[str]:
    lines = []
    expected = []
    for change in CHANGES:
        flag = flag_of(change, flags)
        if flag is None:
            lines.append(f"not flagged: {change.said.lower()} ({change.fact or change.source})")
            continue
        expected.append(flag["id"])
        lines += [
            f"flag {flag['id']} ({change.said.lower()}): {path} is {_at(flag, path)!r}, without {words!r}"
            for path, words in change.holds
            if words not in str(_at(flag, path))
        ]
        if set(flag["claims"]) != change.claims:
            lines.append(f"flag {flag['id']} touches {sorted(flag['claims'])}, not {sorted(change.claims)}")
        if not flag["confirmed"]:
            lines.append(f"flag {flag['id']} is not confirmed")
    surplus = [flag for flag in flags if flag["id"] not in expected]
    return lines + [
        f"flagged without need: {flag['source']} {flag['fact'] or ''} {flag['reason']}: {flag['detail']}"
        for flag in surplus
    ]


def _wrong_standings(claims: Json, contradicted: Mapping[str, str]) -> list[str]:
    expected = dict.fromkeys((claim["id"] for claim in claims["claims"]), "verified")
    expected |= dict.fromkeys(UNWATCHED, "unwatched") | dict.fromkeys(SUSPECT_AT_FIRST, "suspect") | dict(contradicted)
    return [
        f"claim {claim['id']} is {claim['standing']}, not {expected[claim['id']]}: {claim['reason']} {claim['found']}"
        for claim in claims["claims"]
        if claim["standing"] != expected[claim["id"]]
    ]


def _check(checks: Json, source: str) -> Json:
    return next((check for check in checks["checks"] if check["source"] == source), {})


def _claim(claims: Json, name: str) -> Json:
    return next((claim for claim in claims["claims"] if claim["id"] == name), {})


def _outcome_words(check: Json) -> str:
    return f"{check.get('outcome', 'not visited')} {check.get('reason', '')}".strip()


def _at(flag: Json, path: str) -> Any:
    found: Any = flag
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
