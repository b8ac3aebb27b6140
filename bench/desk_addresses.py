"""What is asked of the desk: every page and call that can be looked at, each as it comes and with its filters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from desk_home import Office
from history import sources

from domain.claims import Risk, Standing
from domain.flags import FlagState
from review.api.paging import place
from review.pages.queue import REASONS, SEVERITIES, VIEWS
from review.pages.sources import HEALTHS
from review.routes import CALLS, PAGES

SOURCE = next(iter(sources(1)))
CLAIM = f"fee.{SOURCE}"
_SOME, _NONE = "office 0000", "no such words"
_OFF = frozenset({"/sign-in/outside", "/sign-in/outside/back"})
"""Addresses that exist only where an outside sign-in service is named."""

_QUEUE = (
    "",
    f"q={_SOME}",
    f"q={_NONE}",
    *(f"severity={severity}" for severity in SEVERITIES),
    *(f"reason={reason}" for reason in REASONS),
    "jurisdiction=Northland",
    f"source={SOURCE}",
    *(f"who={who}" for who in ("me", "nobody", "bo")),
    "due=late",
    *(f"view={view}" for view in VIEWS),
    *(f"view={view}&q={words}" for view in ("snoozed", "decided") for words in (_SOME, _NONE)),
    f"view=decided&source={SOURCE}&reason=altered&q=fee",
    "after=0.200",
    "view=decided&after=2.200",
)
_PAGES = {
    "/flags": _QUEUE,
    "/claims": (
        "",
        f"q={_SOME}",
        f"q={_NONE}",
        *(f"standing={standing.value}" for standing in Standing),
        *(f"risk={risk.value}" for risk in Risk),
        f"section=fees.{SOURCE}",
        f"source={SOURCE}",
        "jurisdiction=Northland",
        "as_of=2026-10-30",
        "from=50",
    ),
    "/claims/{claim}": ("", "as_of=2026-10-30", "after=0.90", "after=1.90"),
    "/sources": (
        "",
        f"q={_SOME}",
        f"q={_NONE}",
        *(f"health={health}" for health in HEALTHS),
        "jurisdiction=Northland",
        "authority=Office 7",
        "flagged=yes",
        "from=50",
    ),
    "/sources/{id}": ("", "day=2026-10-30", "day=2026-10-30&by=known"),
    "/sources/{id}/compare": ("before={older}&after={digest}",),
    "/guide": ("", "show=unsafe", "show=verified", "show=uncovered"),
    "/flags/{number}": ("", "view=side", "view=table"),
    "/captures/{digest}": ("", "view=page"),
    "/audit": ("", "by=ana", "subject=flag 1"),
    **{
        f"/feeds/{name}": ("", f"source={SOURCE}", f"claim={CLAIM}", "jurisdiction=Northland")
        for name in ("changes.atom", "changes.json", "dates.ics")
    },
}
_CALLS = {
    "/sources": ("", "jurisdiction=Northland", "limit=200"),
    "/facts": ("", f"source={SOURCE}", f"source={SOURCE}&history=true", "as_of=2026-10-30", "known_at=2026-10-30"),
    "/claims": ("", "standing=contradicted", "risk=low", "as_of=2026-10-30"),
    "/flags": (
        "",
        *(f"state={state.value}" for state in FlagState),
        "reason=altered",
        "reason=removed",
        "severity=low",
        f"source={SOURCE}",
        "jurisdiction=Northland",
        f"claim={CLAIM}",
        f"after={place(1, 200)}",
    ),
    "/checks": ("", f"source={SOURCE}", f"after={place(2000)}", f"source={SOURCE}&after={place(50)}"),
    "/changes": ("", f"source={SOURCE}", "jurisdiction=Northland", f"claim={CLAIM}"),
    "/captures": (f"source={SOURCE}",),
    "/audit": ("", "by=ana"),
}


def addresses(office: Office) -> Iterator[tuple[bool, str]]:
    """Each address, and whether it is one of the API. Raises LookupError for a page of which nothing is known to fill in."""
    captures = re.findall(r"/captures/([0-9a-f]{64})", office.page.get(f"/sources/{SOURCE}").text)
    known = {"number": "1", "name": SOURCE, "claim": CLAIM, "source": SOURCE, "id": SOURCE}
    known |= {"digest": captures[0], "older": captures[-1], "secret": office.links["secret"]}
    for page in PAGES:
        if page.method == "GET" and page.path not in _OFF:
            token = office.links.get(page.path.split("/")[1], "")
            for query in _PAGES.get(page.path, ("",)):
                yield False, _filled(page.path, query, {**known, "token": token})
    for call in CALLS:
        if call.method == "GET":
            name = CLAIM if call.path.startswith("/claims/") else SOURCE
            for query in _CALLS.get(call.path, ("",)):
                yield True, _filled(call.path, query, {**known, "name": name})


def _filled(path: str, query: str, known: dict[str, str]) -> str:
    return (f"{path}?{query}" if query else path).format(**known)
