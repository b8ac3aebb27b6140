"""Links that speak for a person: a short text with a signature that only this installation can make.

Short, because they travel in header lines that must not be folded; without a date, because a mail may be opened years
later and unsubscribing must still work.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

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


def preferences_url(base_url: str, subscriber: int, *, secrets: Sequence[str]) -> str:
    """The page on which one reader changes what they get."""
    return f"{base_url.rstrip('/')}/preferences/{sign('preferences', str(subscriber), secrets=secrets)}"


def digest_url(base_url: str, subscriber: int, last_event: int, *, secrets: Sequence[str]) -> str:
    """The page with all of one digest of one reader: the one whose events end with this one."""
    token = sign("digest", f"{subscriber}-{last_event}", secrets=secrets)
    return f"{base_url.rstrip('/')}/digest/{token}"


def confirm_url(base_url: str, subscriber: int, asked: datetime, *, secrets: Sequence[str]) -> str:
    """The page on which a reader says yes. It speaks of one question, so that an older one is not answered."""
    subject = f"{subscriber}-{int(asked.timestamp())}"
    return f"{base_url.rstrip('/')}/confirm/{sign('confirm', subject, secrets=secrets)}"


def return_path(address: str, delivery: int, *, secrets: Sequence[str]) -> str:
    """`bounces+17.0a1b…@host`: where a mail comes back to. Lower case, since mail servers may fold it."""
    local, _, host = address.rpartition("@")
    return f"{local}+{delivery}.{_return_mark(delivery, secrets[0])}@{host}"


def returned_delivery(address: str, *, secrets: Sequence[str]) -> int | None:
    """The delivery whose return path this is, where one of our secrets signed it, else None."""
    local = address.rpartition("@")[0].rpartition("+")[2].casefold()
    number, dot, mark = local.partition(".")
    if not dot or not (number.isascii() and number.isdigit()) or len(number) > 18 or not mark.isascii():
        return None
    matches = [hmac.compare_digest(mark, _return_mark(int(number), secret)) for secret in secrets]
    return int(number) if any(matches) else None


def _return_mark(delivery: int, secret: str) -> str:
    return (
        base64.b32encode(base64.urlsafe_b64decode(_signature("return", str(delivery), secret) + "=="))
        .decode("ascii")[:20]
        .casefold()
    )


def _signature(purpose: str, subject: str, secret: str) -> str:
    if len(secret) < _SHORTEST_SECRET:
        raise ValueError(f"a secret key has at least {_SHORTEST_SECRET} characters")
    text = f"{purpose}\x1f{subject}".encode("utf-8", "surrogatepass")
    digest = hmac.new(secret.encode("utf-8"), text, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:_SIGNATURE_OCTETS]).rstrip(b"=").decode("ascii")
