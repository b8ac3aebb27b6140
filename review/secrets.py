"""Passwords, and the marks that prove a form is ours."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256

_HASHER = PasswordHasher()
HASHED_AT_ONCE = 4
"""Each hashing takes 64 MiB, so that only a few strangers at a time can make us do it."""

_TURNS = threading.BoundedSemaphore(HASHED_AT_ONCE)

_NOBODY = _HASHER.hash(secrets.token_hex(16))


def new_secret() -> str:
    """256 random bits as text that is safe in a cookie and in an address."""
    return secrets.token_urlsafe(32)


@contextmanager
def hashing() -> Iterator[None]:
    """One of HASHED_AT_ONCE turns; who comes while all are taken waits."""
    with _TURNS:
        yield


def hash_password(password: str) -> str:
    """The Argon2id hash to keep. ValueError, in words for the person, where the password is too short or too long."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise ValueError(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    with hashing():
        return _HASHER.hash(password)


def password_fits(kept: str, password: str) -> bool:
    """Whether a password is the one kept; takes as long where there is none, so that names cannot be told by time."""
    with hashing():
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
