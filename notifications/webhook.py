"""A digest as a signed POST to a team's own service: sent once through the one door, and settled by what was answered."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime

from domain.digests import Message
from domain.errors import DecodeError, FetchError
from notifications.sending import USUAL, Ambiguous, OurFault, Patience, Refused, Unavailable
from outbound.client import Client, Response
from outbound.policy import Policy

LEAST_SECRET = 32
"""Characters of a secret that signs."""

_NOT_ALLOWED = frozenset({"address-refused", "port-refused", "url-refused"})
_LATER = frozenset({408, 429})
_MOST_ANSWER = 64 * 1024


def signature(secret: str, *, timestamp: int, body: bytes) -> str:
    """What `Claimwatch-Signature` holds: `v1=` and HMAC-SHA256 in hex over the timestamp, a dot and the body.

    timestamp: seconds since 1970, as in `Claimwatch-Timestamp`.
    """
    signed = str(timestamp).encode() + b"." + body
    return f"v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


class WebhookSender:
    """Posts JSON to one address. now: for the timestamp, aware. ValueError where the secret is too short to sign."""

    def __init__(
        self,
        url: str,
        *,
        secret: str,
        policy: Policy,
        now: Callable[[], datetime],
        patience: Patience = USUAL,
    ) -> None:
        if len(secret) < LEAST_SECRET:
            raise ValueError(f"the secret of a webhook has at least {LEAST_SECRET} characters")
        self._url = url
        self._secret = secret
        self._policy = policy
        self._now = now
        self._patience = patience

    def send(self, message: Message, *, before_final_dot: Callable[[], None]) -> None:
        """The service answered 2xx. The Message-ID is the idempotency key: equal however often it is sent."""
        timestamp = int(self._now().timestamp())
        headers = {
            "content-type": "application/json",
            "idempotency-key": message.message_id.strip("<>"),
            "claimwatch-timestamp": str(timestamp),
            "claimwatch-signature": signature(self._secret, timestamp=timestamp, body=message.content),
        }
        before_final_dot()
        try:
            answer = asyncio.run(self._post(message.content, headers))
        except FetchError as error:
            raise_unsent(error, "the webhook")
            raise Ambiguous(f"posted, and the answer was lost ({error.cause})") from None
        except DecodeError:
            raise Ambiguous("posted, and the answer could not be read") from None
        _judge(answer)

    def close(self) -> None:
        """Nothing is held open."""

    async def _post(self, content: bytes, headers: dict[str, str]) -> Response:
        async with Client(self._policy, now=self._now) as client:
            return await client.post(
                self._url, content=content, headers=headers, max_bytes=_MOST_ANSWER, deadline=self._patience.answer
            )


def raise_unsent(error: FetchError, what: str) -> None:
    """Raises OurFault or Unavailable where nothing of a request left; returns where the other side may have got it."""
    if error.cause in _NOT_ALLOWED:
        raise OurFault(f"the address of {what} may not be reached ({error.cause})") from None
    if not error.sent:
        raise Unavailable(f"{what} cannot be reached ({error.cause})", retry_after=error.retry_after) from None


def _judge(answer: Response) -> None:
    status = answer.status
    if 200 <= status < 300:
        return
    later = status in _LATER or status >= 500
    raise Refused(
        f"the webhook answered {status}", permanent=not later, retry_after=answer.retry_after if later else None
    )
