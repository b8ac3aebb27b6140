"""The tree of errors that are part of the work; anything outside it is a bug.

ClaimwatchError
├── ConfigError            all problems of all files at once (exit code 2)
├── SourceError            one source's trouble: becomes a `Problem` in exactly one place
│   ├── FetchError         the page could not be had
│   ├── DecodeError        the bytes could not be decoded whole
│   ├── ReadError          the bytes are no document of the stated kind
│   └── ExtractError       a rule could not be applied at all
├── StorageError           the store is damaged or refuses (exit code 4)
└── DeliveryError          a notice could not be handed over; `permanent` says whether to try again
"""

from __future__ import annotations

from dataclasses import dataclass


class ClaimwatchError(Exception):
    """Base of every error that is part of the work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigProblem:
    """One fault in a configuration file, said so that a person can mend it.

    `entry` is the id of the source or claim, `key` the key path within it, `nearest` the closest valid name.
    """

    file: str
    line: int | None
    entry: str | None
    key: str | None
    message: str
    nearest: str | None = None


class ConfigError(ClaimwatchError):
    """The configuration cannot be used; carries every problem that was found."""

    def __init__(self, problems: tuple[ConfigProblem, ...]) -> None:
        super().__init__(f"{len(problems)} problem(s) in the configuration")
        self.problems = problems


class SourceError(ClaimwatchError):
    """One source's trouble. `cause` is a short stable name (`timeout`, `blocked`), `detail` the words for a person."""

    def __init__(self, cause: str, detail: str = "") -> None:
        super().__init__(f"{cause}: {detail}" if detail else cause)
        self.cause = cause
        self.detail = detail


class FetchError(SourceError):
    """The page could not be had. `retry_after` is seconds to wait as the server asked, if it did.

    sent: whether any of the request may have left; where it is False, the server got nothing of it.
    """

    def __init__(self, cause: str, detail: str = "", *, retry_after: float | None = None, sent: bool = False) -> None:
        super().__init__(cause, detail)
        self.retry_after = retry_after
        self.sent = sent


class DecodeError(SourceError):
    """The body could not be decoded whole."""


class ReadError(SourceError):
    """The bytes are no document of the stated kind."""


class ExtractError(SourceError):
    """A rule could not be applied at all."""


class StorageError(ClaimwatchError):
    """The store is damaged, too new, or refuses to write."""


class DeliveryError(ClaimwatchError):
    """A notice was not handed over; `permanent` means that trying again is useless."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent
