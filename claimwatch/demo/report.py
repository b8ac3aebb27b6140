"""What the demo tells while it runs: short, calm, tables on a terminal and plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from claimwatch.demo.expected import CHANGES, CONTRADICTED_AT_FIRST, NOISE, TROUBLE, Json, flag_of
from claimwatch.demo.folder import Home, command_name
from claimwatch.demo.site import Site
from claimwatch.demo.story import PAGES
from claimwatch.show import clip, counted, safe, value_text
from domain.values import value_from_json
from notifications.marks import focused


def say(out: Console, text: str = "", *, style: str = "") -> None:
    """One line."""
    out.print(safe(text), style=style or None, soft_wrap=not out.is_terminal)


def opening(out: Console, home: Home, site: Site) -> None:
    """What is about to happen, and where."""
    say(out, "Claimwatch demo", style="bold")
    say(out, f"{len(PAGES)} invented pages on a loopback site (port {site.port}), an ordinary home folder:")
    say(out, f"  {home.path}")


def first_visit(out: Console, checks: Json, claims: Json) -> None:
    """What was read, and which claims were wrong from the start."""
    summary, coverage = checks["summary"], claims["coverage"]
    _head(out, "1. First visit", "claimwatch check")
    say(
        out,
        f"{summary['checked']} pages read, {summary['facts_located']} of {summary['facts_declared']} declared facts "
        f"located. {coverage['verified']} of {coverage['claims']} claims verified.",
    )
    say(out, "Contradicted before anything changed:")
    by_id = {claim["id"]: claim for claim in claims["claims"]}
    _table(
        out,
        ("claim", "the guide says", "found", "so"),
        [(name, by_id[name]["text"], by_id[name]["found"], why) for name, why in CONTRADICTED_AT_FIRST.items()],
    )


def pages_change(out: Console) -> None:
    """Between the visits."""
    _head(out, "2. The pages change", "")
    say(out, f"{len(CHANGES)} real changes among noise and trouble; each page is asked again.")


def second_visit(out: Console, checks: Json, flags: Sequence[Json], claims: Json) -> None:
    """The flags with their evidence, then what was rightly not flagged."""
    _head(out, "3. Second visit", "claimwatch check; claimwatch flags")
    standing = {claim["id"]: claim["standing"] for claim in claims["claims"]}
    rows = []
    for change in CHANGES:
        flag = flag_of(change, flags)
        if flag is not None:
            touched = "\n".join(f"{name} ({standing.get(name, 'unknown')})" for name in flag["claims"])
            rows.append((str(flag["id"]), change.said, _before(flag), _after(flag), _quotes(flag), touched))
    say(out, "Flagged, each seen twice:")
    _table(out, ("flag", "what", "before", "after", "words on the page", "claims touched"), rows)
    known = {id(flag) for change in CHANGES if (flag := flag_of(change, flags)) is not None}
    for flag in (flag for flag in flags if id(flag) not in known):
        say(out, f"Flagged, and not expected: {flag['source']} {flag['reason']} {flag['detail']}", style="bold")
    by_source = {check["source"]: check for check in checks["checks"]}
    say(out, "Not flagged, because it is noise (and every page has a new nonce each time):")
    _table(
        out,
        ("page", "what moved", "outcome"),
        [(name, what, _outcome(by_source.get(name))) for name, what in NOISE.items()],
    )
    say(out, "Cannot tell; nothing of it was believed, and the last good reading stays:")
    _table(
        out,
        ("page", "what came instead", "outcome"),
        [(name, what.value, _outcome(by_source.get(name))) for name, what in TROUBLE.items()],
    )


def digest(out: Console, home: Home, mails: Iterable[tuple[Path, EmailMessage]]) -> None:
    """The mail that a subscriber gets."""
    _head(out, "4. Digest", "claimwatch digest send")
    for path, message in mails:
        kinds = " and ".join(part.get_content_type() for part in message.walk() if not part.is_multipart())
        say(out, f"To {message['To']}: {message['Subject']}")
        say(out, f"  {path.relative_to(home.path)} ({kinds})")


def verdict(out: Console, shortfalls: Sequence[str], *, seconds: float) -> None:
    """Whether exactly what was expected was found."""
    say(out)
    if not shortfalls:
        say(out, f"All as expected, in {seconds:.0f} seconds.", style="bold green")
        return
    say(out, f"{counted(len(shortfalls), 'thing')} not as expected:", style="bold red")
    for line in shortfalls:
        say(out, f"  - {line}")


def failed(out: Console, home: Home, words: str) -> None:
    """The demo could not go on."""
    say(out)
    say(out, "The demo could not go on:", style="bold red")
    say(out, words)
    say(out, f"Its folder is {home.path}")


def next_steps(out: Console, home: Home, flags: Sequence[Json], *, serving: bool) -> None:
    """Where everything is, and commands to copy."""
    name = command_name()
    fee = flag_of(CHANGES[0], flags)
    number = 1 if fee is None else fee["id"]
    say(out)
    say(out, "Where everything is", style="bold")
    say(out, f"  {home.path}")
    say(out, "  sources.yaml, claims.yaml  what is watched, and what the guide says")
    say(out, "  guide.md                   the guide")
    say(out, "  claimwatch.db              every capture, fact, flag and delivery")
    say(out, "  outbox/                    the digest; open it with a mail program")
    say(out, "What to try next", style="bold")
    for line in (
        f"cd {home.path}",
        f"{name} flags",
        f"{name} claims --standing contradicted",
        f"{name} facts application-fees#residence_fee --history",
        f"{name} flags show {number}",
        f'{name} flags decide {number} --verdict "guide wrong" --note "the fee is 1,150 now"',
        f"{name} status",
    ):
        say(out, f"  {line}")
    if not serving:
        say(out, "The site is gone now, so `check` would find nobody; `demo --serve` leaves it up.")


def _head(out: Console, title: str, command: str) -> None:
    say(out)
    say(out, title, style="bold")
    if command:
        say(out, f"$ {command}", style="dim")


def _table(out: Console, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if not out.is_terminal:
        for row in rows:
            first, *others = (" / ".join(cell.splitlines()) for cell in row)
            say(out, f"  {first}")
            for column, cell in zip(columns[1:], others, strict=True):
                say(out, f"    {column}: {cell}")
        return
    drawn = Table(show_lines=True, pad_edge=False)
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*(safe_lines(cell) for cell in row))
    out.print(drawn)


def safe_lines(text: str) -> str:
    """Captured text made harmless, its line breaks kept."""
    return "\n".join(safe(line) for line in text.splitlines())


def _before(flag: Json) -> str:
    return _value(flag["before"]) if flag["before"] else clip(flag["quote_before"], 60) or "nothing"


def _after(flag: Json) -> str:
    after = _value(flag["after"]) if flag["after"] else clip(flag["quote_after"], 60) or "nothing"
    return f"{after}\n{clip(flag['detail'], 100)}" if flag["fact"] and flag["detail"] else after


def _value(form: dict[str, Any]) -> str:
    return value_text(value_from_json(form))


def _quotes(flag: Json) -> str:
    """The words before and after: of a list only the lines that differ, of a long line the place where it does."""
    before, after = flag["quote_before"].splitlines(), flag["quote_after"].splitlines()
    old = " ".join(line for line in before if line not in after)
    new = " ".join(line for line in after if line not in before)
    return "\n".join(f"“{quote}”" for quote in focused(old, new, 110) if quote)


def _outcome(check: Json | None) -> str:
    if check is None:
        return "not visited"
    return f"{check['outcome']}: {check['reason']}" if check["reason"] else check["outcome"]
