"""A source in; a snapshot, "nothing changed", or a problem out: the one place where source trouble becomes a value."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

from domain.errors import SourceError
from domain.snapshots import NotModified, Problem, Snapshot, Validators
from domain.sources import Source
from outbound.client import Client, Response, conditions

WHOLE = frozenset({200, 203})
EMPTY = frozenset({204, 205})
NOT_MODIFIED = 304
CAUSES = {
    401: "forbidden",
    403: "forbidden",
    404: "not-found",
    410: "gone",
    429: "rate-limited",
    451: "forbidden",
}
# An Akamai refusal is a short page; a longer 403 from there is the site's own.
SHORT = 4096


async def fetch(
    source: Source, *, client: Client, validators: Validators | None, now: Callable[[], datetime]
) -> Snapshot | NotModified | Problem:
    """What the source's address gives now, with robots.txt and the host's pace obeyed on every hop.

    validators: of the last good snapshot, or None for an unconditional read. A Snapshot is whole and decoded, but
    whether it is the page is for `monitor.quality` to judge. Raises nothing but what is a bug.
    """

    async def permit(address: str) -> None:
        await client.robots.check(address, now=now())

    try:
        response = await client.get(source.url, validators=validators, permit=permit)
        if response.status == NOT_MODIFIED and not (conditions(validators) and not response.hops):
            # Asked for the whole and told "as before": once more, since a cache on the way may have been confused.
            response = await client.get(source.url, permit=permit)
            if response.status == NOT_MODIFIED:
                return Problem(
                    cause="protocol", detail="304 to a request that was not conditional", status=NOT_MODIFIED
                )
    except SourceError as error:
        return Problem(cause=error.cause, detail=error.detail, retry_after=getattr(error, "retry_after", None))
    return _outcome(source, response, now())


def _outcome(source: Source, response: Response, moment: datetime) -> Snapshot | NotModified | Problem:
    status = response.status
    if status == NOT_MODIFIED:
        return NotModified(url=source.url, final_url=response.final_url, fetched_at=moment, address=response.address)
    if status in EMPTY or (status in WHOLE and not response.body):
        return Problem(cause="empty", detail=f"status {status} without a body", status=status)
    if status not in WHOLE:
        return refused(response)
    return Snapshot(
        source=source.id,
        url=source.url,
        final_url=response.final_url,
        status=status,
        headers=response.headers,
        body=response.body,
        digest=hashlib.sha256(response.body).hexdigest(),
        fetched_at=moment,
        hops=response.hops,
        address=response.address,
        length_verified=response.length_verified,
        wire_bytes=response.wire_bytes,
    )


def refused(response: Response) -> Problem:
    """The problem that an answer without a page is: named by its status, or `blocked` where a firewall gave it."""
    status = response.status
    default = "server-error" if status >= 500 else "http-status"
    hint = block_hint(response)
    return Problem(
        cause="blocked" if hint else CAUSES.get(status, default),
        detail=f"status {status}" + (f", {hint}" if hint else ""),
        retry_after=response.retry_after,
        status=status,
    )


def block_hint(response: Response) -> str:
    """Which header shows that a firewall answered instead of the site; "" where none does."""
    for name in ("cf-mitigated", "x-amzn-waf-action"):
        if value := response.header(name):
            return f"{name}: {value[:80]}"
    server = (response.header("server") or "").lower()
    cache = (response.header("x-cache") or "").lower()
    if response.status == 403 and server.startswith("akamaighost") and len(response.body) < SHORT:
        return "short refusal by AkamaiGHost"
    if response.status in (403, 429) and server.startswith("awselb"):
        return "refusal by awselb"
    if response.status == 403 and cache.startswith("error from cloudfront"):
        return "refusal by CloudFront"
    return ""
