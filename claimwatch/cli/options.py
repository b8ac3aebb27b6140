"""What the commands share: exit codes, options that mean the same everywhere, and words turned into values."""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path
from typing import Annotated, Any

import typer


class Exit(IntEnum):
    """Exit codes of the contract; where several hold, the order is 2, 4, 1, 3."""

    DONE = 0
    NEEDS_PERSON = 1
    WRONG_CALL = 2
    UNREADABLE = 3
    STORAGE = 4


Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Out = Annotated[Path | None, typer.Option(help="Write to this file; standard output by default.")]
Asked = Annotated[bool, typer.Option("--exit-code", help="Exit with 1 where something needs a person.")]


def home() -> Any:
    """The home that the settings name, with logging set up."""
    from claimwatch.home import Home
    from claimwatch.log import set_up

    set_up()
    warn_of_settings()
    return Home()


def warn_of_settings() -> None:
    """Say on standard error which names in the environment or `.env` are read by nobody, being misspelt."""
    from claimwatch.settings import unknown_settings

    for name, valid in unknown_settings().items():
        typer.echo(f"claimwatch: {name} is no setting and is not read (nearest: {valid})", err=True)


def needs(person: bool, asked: bool) -> int:
    """Exit code of a command that found, or did not find, something for a person."""
    return Exit.NEEDS_PERSON if person and asked else Exit.DONE


def one_of(kind: Any, word: str, option: str, *, without: tuple[str, ...] = ()) -> Any:
    """The member of an enum that a word names; `ConfigError` with the nearest valid word otherwise."""
    from claimwatch.home import nearest, wrong_call

    valid = [item.value for item in kind if item.value not in without]
    if word not in valid:
        raise wrong_call(f"{option} is {word!r}, not one of {', '.join(valid)}", nearest=nearest(word, valid))
    return kind(word)


def day_end(day: str | None) -> Any:
    """The last moment of a day given as text; `ConfigError` where it is none."""
    from claimwatch.home import wrong_call
    from monitor.standings import end_of_day

    if day is None:
        return None
    try:
        return end_of_day(day)
    except ValueError:
        raise wrong_call(f"{day!r} is no day such as 2026-06-01") from None


def day_start(day: str | None) -> Any:
    """The first moment of a day given as text, UTC where no zone is said; `ConfigError` where it is none."""
    from datetime import UTC, datetime

    from claimwatch.home import wrong_call

    if day is None:
        return None
    try:
        moment = datetime.fromisoformat(day)
    except ValueError:
        raise wrong_call(f"{day!r} is no day such as 2026-06-01") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
