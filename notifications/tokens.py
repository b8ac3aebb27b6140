"""Links that speak for a person: a short text with a signature that only this installation can make.

Short, because they travel in header lines that must not be folded; without a date, because a mail may be opened years
later and unsubscribing must still work.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

_SHORTEST_SECRET = 16
_SIGNATURE_OCTETS = 16


def sign(purpose: str, subject: str, *, secrets: Sequence[str]) -> str:
    """`subject.signature`, safe in an address. `purpose` keeps a token of one kind from serving as another.

    secrets: the first signs. ValueError where it is shorter than 16 characters, or the subject is not plain.
    """
    if not subject or not subject.isascii() or not subject.replace("-", "").isalnum():
        raise ValueError("a token speaks of a plain name or number")
    return f"{subject}.{_signature(purpose, subject, secrets[0])}"


def subject_of(purpose: str, token: str, *, secrets: Sequence[str]) -> str | None:
    """The subject of a token that one of our secrets signed for this purpose, else None. Old secrets stay readable."""
    subject, dot, signature = token.rpartition(".")
    if not dot or not signature.isascii():
        return None
    known = [_signature(purpose, subject, secret) for secret in secrets]
    matches = [hmac.compare_digest(signature, item) for item in known]
    return subject if any(matches) else None


def unsubscribe_url(base_url: str, subscriber: int, *, secrets: Sequence[str]) -> str:
    """The address that ends one subscription, by POST alone."""
    return f"{base_url.rstrip('/')}/unsubscribe/{sign('unsubscribe', str(subscriber), secrets=secrets)}"


def _signature(purpose: str, subject: str, secret: str) -> str:
    if len(secret) < _SHORTEST_SECRET:
        raise ValueError(f"a secret key has at least {_SHORTEST_SECRET} characters")
    text = f"{purpose}\x1f{subject}".encode("utf-8", "surrogatepass")
    digest = hmac.new(secret.encode("utf-8"), text, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:_SIGNATURE_OCTETS]).rstrip(b"=").decode("ascii")
