"""The demo from start to end: first visit, the pages change, second visit, flags, digest, and whether all was found.

It starts the site, runs the ordinary commands in an ordinary home folder, and holds their JSON against the story.
"""

from __future__ import annotations

from pathlib import Path
from time import monotonic

from rich.console import Console

from claimwatch.demo import report
from claimwatch.demo.desk import serve_desk
from claimwatch.demo.expected import Json, missing_at_first, missing_at_second, missing_in_digest
from claimwatch.demo.folder import READER, DemoError, Home, furnish
from claimwatch.demo.site import Site, running_site
from claimwatch.home import clock
from monitor.standings import official_day

FOUND = 0
NOT_FOUND = 1
WRONG_CALL = 2
_UNREADABLE = frozenset({3})
"""Exit code of `check` where some sources could not be read, which the second visit is meant to meet."""


def run_demo(*, keep: Path | None, serve: bool, out: Console) -> int:
    """Run the demo, tell what happens on `out`, and return 0 only where exactly what was expected was found.

    keep: a new or empty folder for the demo's home; None puts it among the temporary files, where it stays.
    serve: leave the site up until interrupted, with the service and the review desk at work on it.
    """
    started = monotonic()
    today = official_day(clock())
    with running_site(today) as site:
        try:
            home = furnish(keep, site)
        except DemoError as error:
            report.say(out, str(error))
            return WRONG_CALL
        try:
            shortfalls, flags = _story(home, site, out)
        except DemoError as error:
            report.failed(out, home, str(error))
            return NOT_FOUND
        report.verdict(out, shortfalls, seconds=monotonic() - started)
        report.next_steps(out, home, flags, serving=serve)
        if serve:
            serve_desk(home.path, site, out)
    return NOT_FOUND if shortfalls else FOUND


def _story(home: Home, site: Site, out: Console) -> tuple[list[str], list[Json]]:
    """Both visits, the flags and the digest: what was expected and not found, one line each, and the new flags."""
    report.opening(out, home, site)
    first = home.ask("check")
    first_claims = home.ask("claims")
    report.first_visit(out, first, first_claims)
    # Who subscribes now is told of what happens from now on.
    home.run("subscribers", "add", READER, "--frequency", "instant")

    site.change()
    report.pages_change(out)
    second = home.ask("check", also=_UNREADABLE)
    flags = home.ask("flags")
    claims = home.ask("claims")
    opened_first, opened = _opened(flags, first), _opened(flags, second)
    report.second_visit(out, second, opened, claims)

    home.run("digest", "send")
    shortfalls = [
        *missing_at_first(first, opened_first, first_claims),
        *missing_at_second(second, opened, claims),
        *_digest(home, out),
    ]
    return shortfalls, opened


def _opened(flags: Json, checks: Json) -> list[Json]:
    """The flags that these checks opened."""
    numbers = {number for check in checks["checks"] for number in check["flags"]}
    return [flag for flag in flags["flags"] if flag["id"] in numbers]


def _digest(home: Home, out: Console) -> list[str]:
    mails = home.mails()
    report.digest(out, home, mails)
    if len(mails) != 1:
        return [f"{len(mails)} digests in {home.outbox}, not one"]
    message = mails[0][1]
    text, html = (message.get_body(preferencelist=(kind,)) for kind in ("plain", "html"))
    if text is None or html is None:
        return [f"{mails[0][0].name} has not both a text and an HTML part"]
    return missing_in_digest(str(text.get_content()), str(html.get_content()))
