"""Who decides: people with their roles, the sessions and tokens that speak for them, and what they did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a person may do. Each role holds what those before it hold; `public` needs no person."""

    PUBLIC = "public"
    VIEWER = "viewer"
    REVIEWER = "reviewer"
    ADMIN = "admin"

    def holds(self, needed: Role) -> bool:
        """Whether this role is enough where `needed` is asked for."""
        order = tuple(Role)
        return order.index(self) >= order.index(needed)


class Scope(StrEnum):
    """What a token may do. Each scope holds what those before it hold, never more than its person's role.

    feed: to read feeds, with the token in the address, for readers of feeds that cannot sign in.
    """

    FEED = "feed"
    READ = "read"
    DECIDE = "decide"
    ADMIN = "admin"

    def holds(self, needed: Scope) -> bool:
        """Whether this scope is enough where `needed` is asked for."""
        order = tuple(Scope)
        return order.index(self) >= order.index(needed)

    @property
    def role(self) -> Role:
        """The role that a person must hold for what the scope allows."""
        return {Scope.DECIDE: Role.REVIEWER, Scope.ADMIN: Role.ADMIN}.get(self, Role.VIEWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person. `name` is how they sign in and how their decisions are signed, in any case and Unicode form one person.

    external: the name by which an outside sign-in service knows them, "" where there is none.
    language "" and timezone "": as the installation has it. theme: `auto`, `light` or `dark`.
    """

    id: int
    name: str
    role: Role
    active: bool = True
    has_password: bool = False
    external: str = ""
    language: str = ""
    timezone: str = ""
    theme: str = "auto"
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A signed-in browser. digest: of the secret that its cookie holds; the secret itself is kept nowhere."""

    digest: str
    user: int
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    agent: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A key for programs. Only its digest is kept; it is shown once, when it is made."""

    id: int
    user: int
    name: str
    scope: Scope
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who does something, by whichever door: what it is signed with, from where it came, and over whom it may go.

    overrules: whether a colleague's verdict may be replaced or taken back, as administrators may.
    takes_over: whether it may be done while a colleague is at the flag, as the operator at the command line may.
    token: the number of the token that spoke, "" where none did.
    """

    name: str
    overrules: bool = False
    takes_over: bool = False
    address: str = ""
    token: str = ""


class Deed(StrEnum):
    """What the audit log can say that somebody did, by whichever door: every act is named by one of these words."""

    DECIDED = "decided"
    UNDID = "undid"
    TOOK_OVER = "took over"
    ASSIGNED = "assigned"
    SNOOZED = "snoozed"
    SET_DUE = "set due"
    ASKED_FOR_CHECK = "asked for a check"
    ASKED_FOR_LOOK = "asked for a look"
    SIGNED_IN = "signed in"
    SIGNED_OUT = "signed out"
    FAILED_TO_SIGN_IN = "failed to sign in"
    CHANGED_PASSWORD = "changed the password"  # noqa: S105 - a word of the log, no secret
    ENDED_SESSIONS = "ended sessions"
    MADE_TOKEN = "made a token"  # noqa: S105 - a word of the log, no secret
    REVOKED_TOKEN = "revoked a token"  # noqa: S105 - a word of the log, no secret
    MADE_SIGN_IN_LINK = "made a sign-in link"
    ADDED_USER = "added user"
    ADDED_FROM_OUTSIDE = "added user by the outside service"
    GAVE_ROLE = "gave a role"
    LET_IN_AGAIN = "let in again"
    SHUT_OUT = "shut out"
    SET_OUTSIDE_NAME = "set the outside name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that somebody did at the desk. by: a user's name, `claimwatch`, or "" for a stranger.

    act: a word of `Deed` (of an older version, another); subject: what it was done to, such as `flag 12`.
    """

    id: int
    at: datetime
    by: str
    act: str
    subject: str = ""
    address: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)
