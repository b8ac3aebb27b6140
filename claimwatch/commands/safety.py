"""`backup`, `restore`, `verify`: copies that are proven, and the proof that nothing is damaged."""

from __future__ import annotations

from pathlib import Path

from claimwatch.home import Home, wrong_call
from claimwatch.show import counted, line, print_json
from storage.backup import back_up
from storage.backup import restore as restore_backup
from storage.backup import verify as verify_store


def backup(home: Home, target: Path) -> None:
    """Write a verified copy."""
    found = back_up(home.store(), target)
    line(f"{target} written and verified: {found.bodies} bodies, up to check {found.last_check}")


def restore(home: Home, source: Path) -> None:
    """Put a verified copy where the database belongs; never over one that is there."""
    url = home.database_url
    if not url.startswith("sqlite:///"):
        raise wrong_call("restore is for SQLite; PostgreSQL has its own tools")
    found = restore_backup(source, url)
    line(
        f"{url.removeprefix('sqlite:///')} restored and verified: {found.bodies} bodies, up to check {found.last_check}"
    )


def verify(home: Home, *, as_json: bool) -> bool:
    """Print what a scrub found. True where everything is whole."""
    found = verify_store(home.store())
    if as_json:
        print_json({"bodies": found.bodies, "last_check": found.last_check, "problems": list(found.problems)})
    else:
        line(
            f"{counted(found.bodies, 'body', 'bodies')} read, up to check {found.last_check}: {counted(len(found.problems), 'problem')}"
        )
        for problem in found.problems:
            line(problem)
    return not found.problems
