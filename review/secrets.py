"""Passwords, and the marks that prove a form is ours."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256

_HASHER = PasswordHasher()
_AT_ONCE = threading.BoundedSemaphore(4)
"""Each hashing takes 64 MiB, so that only a few strangers at a time can make us do it."""

_NOBODY = _HASHER.hash(secrets.token_hex(16))


def new_secret() -> str:
    """256 random bits as text that is safe in a cookie and in an address."""
    return secrets.token_urlsafe(32)


def hash_password(password: str) -> str:
    """The Argon2id hash to keep. ValueError, in words for the person, where the password is too short or too long."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise ValueError(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    with _AT_ONCE:
        return _HASHER.hash(password)


def password_fits(kept: str, password: str) -> bool:
    """Whether a password is the one kept; takes as long where there is none, so that names cannot be told by time."""
    with _AT_ONCE:
        try:
            _HASHER.verify(kept or _NOBODY, password[: LONGEST_PASSWORD + 1])
        except (VerificationError, InvalidHashError):
            return False
    return bool(kept)


def form_mark(secret: str, session: str) -> str:
    """What a form of this session must bring back, so that no other site can post in its name."""
    return hmac.new(secret.encode(), f"form\x1f{session}".encode(), hashlib.sha256).hexdigest()


def mark_fits(secret: str, session: str, mark: str) -> bool:
    """Whether a form brought its session's mark."""
    return hmac.compare_digest(form_mark(secret, session).encode(), mark.encode("utf-8", "replace"))
