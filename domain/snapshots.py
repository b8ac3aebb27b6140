"""The page as received at a moment, and why there may be none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CapturedBy(StrEnum):
    """How far the capture's own date can be trusted (house rule 12).

    date: it was made then. latest: it was made no later than then. unknown: only its content is known.
    """

    DATE = "date"
    LATEST = "latest"
    UNKNOWN = "unknown"


class Origin(StrEnum):
    FETCHED = "fetched"
    IMPORTED = "imported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A response kept whole.

    digest: SHA-256 (hex) of `body`. body: entity bytes after content decoding (what the page is), undecoded text.
    headers: lower-case names, in order received. hops: addresses passed through by redirects.
    address: `ip:port` that was dialled. length_verified: the framing proved that nothing is missing.
    """

    source: str
    url: str
    final_url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    digest: str
    fetched_at: datetime
    captured_by: CapturedBy = CapturedBy.DATE
    origin: Origin = Origin.FETCHED
    hops: tuple[str, ...] = ()
    address: str = ""
    length_verified: bool = True
    wire_bytes: int = 0

    def header(self, name: str) -> str | None:
        """The first header of that name (lower case), or None."""
        return next((value for key, value in self.headers if key == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What to ask a server with: only ever from a good snapshot."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """The server says that the last good snapshot still holds (304)."""

    url: str
    final_url: str
    fetched_at: datetime
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """An operational failure as a value: `cause` a short stable name, `detail` words for a person.

    retry_after: seconds that the server asked to wait. status: HTTP status where there was one.
    """

    cause: str
    detail: str = ""
    retry_after: float | None = None
    status: int | None = None
