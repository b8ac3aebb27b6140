"""Who may come in, and how the desk is reached: settings of the web side, as values that were proven once."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from domain.people import Role

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

SHORTEST_SECRET = 32
"""Characters of the key that signs forms; a shorter one could be guessed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How the desk is reached.

    base_url: as people type it, without a slash at its end; its scheme decides whether cookies are for TLS alone.
    secret: signs forms. hosts: values of the Host header that are answered. proxies: networks whose forwarding headers
    are believed. user_header: a header in which such a proxy names who signed in there, "" for none.
    public_status: whether anybody may see the status page.
    """

    base_url: str
    secret: str
    hosts: frozenset[str]
    proxies: tuple[Network, ...] = ()
    user_header: str = ""
    public_status: bool = False
    idle: timedelta = timedelta(hours=12)
    lifetime: timedelta = timedelta(days=14)

    @property
    def secure(self) -> bool:
        """Whether people reach the desk by TLS."""
        return self.base_url.startswith("https://")

    @property
    def cookie(self) -> str:
        """The name of the session's cookie; the prefix lets browsers refuse it from a neighbouring host."""
        return "__Host-claimwatch" if self.secure else "claimwatch"

    @property
    def browser_cookie(self) -> str:
        """The name of the cookie by which a browser is known again after its person signed in."""
        return f"{self.cookie}-browser"

    @property
    def outside_cookie(self) -> str:
        """The name of the cookie that holds what was begun at an outside sign-in service."""
        return f"{self.cookie}-outside"

    def trusts(self, address: str) -> bool:
        """Whether a peer is one of our proxies."""
        try:
            peer = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(peer in network for network in self.proxies)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInService:
    """An OpenID Connect service. issuer: its address, which names it. claim: what of a token names a person to us.

    default_role: what a person is who signs in there for the first time; PUBLIC lets in only who was added before.
    """

    issuer: str
    client_id: str
    client_secret: str
    claim: str = "sub"
    default_role: Role = Role.PUBLIC


def sign_in_service_from(
    *, issuer: str, client_id: str, client_secret: str, claim: str = "sub", default_role: str = ""
) -> SignInService | None:
    """The service of the settings, None where none is named. ValueError that names the setting."""
    if not issuer:
        return None
    parts = urlsplit(issuer)
    local = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if not parts.hostname or not (parts.scheme == "https" or (local and parts.scheme == "http")):
        raise ValueError(f"CLAIMWATCH_OIDC_ISSUER is {issuer!r}, which is no https address")
    if not client_id or not client_secret:
        raise ValueError("CLAIMWATCH_OIDC_ISSUER needs CLAIMWATCH_OIDC_CLIENT_ID and CLAIMWATCH_OIDC_CLIENT_SECRET")
    roles = ("", *(role.value for role in Role if role is not Role.PUBLIC))
    if default_role not in roles:
        raise ValueError(f"CLAIMWATCH_OIDC_DEFAULT_ROLE is {default_role!r}, not viewer, reviewer, admin or empty")
    return SignInService(
        issuer=issuer.rstrip("/"),
        client_id=client_id,
        client_secret=client_secret,
        claim=claim or "sub",
        default_role=Role(default_role) if default_role else Role.PUBLIC,
    )


def access_from(
    *,
    base_url: str,
    secret: str,
    hosts: str = "",
    proxies: str = "",
    user_header: str = "",
    public_status: bool = False,
) -> Access:
    """The settings, proven. hosts, proxies: comma-separated. ValueError with a clear word for what cannot be served."""
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"CLAIMWATCH_BASE_URL is {base_url!r}, which is no http(s) address")
    if len(secret) < SHORTEST_SECRET:
        raise ValueError(
            f"the review desk needs CLAIMWATCH_SECRET_KEY, at least {SHORTEST_SECRET} characters that nobody can guess: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(48))' makes one"
        )
    try:
        networks = tuple(ipaddress.ip_network(item) for item in _items(proxies))
    except ValueError as error:
        raise ValueError(f"CLAIMWATCH_TRUSTED_PROXIES: {error}") from None
    if user_header and not networks:
        raise ValueError("CLAIMWATCH_USER_HEADER is believed from CLAIMWATCH_TRUSTED_PROXIES alone, and there are none")
    return Access(
        base_url=base_url.rstrip("/"),
        secret=secret,
        hosts=frozenset({parts.netloc.rpartition("@")[2].lower(), *(item.lower() for item in _items(hosts))}),
        proxies=networks,
        user_header=user_header.lower(),
        public_status=public_status,
    )


def _items(text: str) -> Iterable[str]:
    return (item.strip() for item in text.split(",") if item.strip())
