"""Signing in by an OpenID Connect service: the code flow with PKCE, state and nonce.

Every request to the service leaves through `outbound`, as all others do. What was begun is kept by the browser that
began it, sealed by our secret, so that nobody can finish what another began.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from domain.errors import ClaimwatchError, SourceError
from outbound.client import Client, Response
from outbound.policy import Policy
from review.access import SignInService
from review.secrets import new_secret

LASTS = timedelta(minutes=10)
"""How long somebody may take at the service."""

_KEPT = timedelta(hours=1)
_KEYS_KEPT_AT_LEAST = timedelta(minutes=1)
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by a key that the service alone has; none, and those by a shared secret, are not believed."""
_LEEWAY = 60


_AGAIN_AFTER = timedelta(seconds=30)
"""How long a service that could not be asked about itself is left alone: whoever comes meanwhile is told at once."""

_MOST_IN_LINE = 4
_PATIENCE = 5.0
"""How many may wait, and for how many seconds, while another asks: the others of the desk's threads stay free."""


class NotSignedIn(ClaimwatchError):
    """The service did not vouch for anybody; the words are for the log."""


class NotThere(NotSignedIn):
    """The service could not be asked just now; nobody did anything amiss. fresh: whether it was asked this time."""

    def __init__(self, words: str, *, fresh: bool) -> None:
        super().__init__(words)
        self.fresh = fresh


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What a browser began. next: where it goes afterwards. at: seconds."""

    state: str
    nonce: str
    verifier: str
    next: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A document of the service, and when it was fetched."""

    document: Mapping[str, Any]
    at: datetime


class OutsideSignIn:
    """One service. policy: what may be reached. now: the clock."""

    def __init__(
        self, service: SignInService, *, policy: Policy, secret: str, base_url: str, now: Callable[[], datetime]
    ) -> None:
        self.service = service
        self.name = urlsplit(service.issuer).hostname or service.issuer
        self._policy = replace(policy, per_host_spacing=0, total_deadline=15, max_bytes=256 * 1024)
        self._secret = secret
        self._back = f"{base_url}/sign-in/outside/back"
        self._now = now
        self._turn = threading.Lock()
        self._asking = threading.Lock()
        self._line = threading.BoundedSemaphore(_MOST_IN_LINE)
        self._about: _Found | None = None
        self._failed_at: datetime | None = None
        self._keys: _Found | None = None

    def begin(self, following: str) -> tuple[str, str]:
        """The address at the service, and what the browser keeps until it is back. NotSignedIn where it is not there."""
        begun = Begun(
            state=new_secret(),
            nonce=new_secret(),
            verifier=new_secret() + new_secret(),
            next=following,
            at=int(self._now().timestamp()),
        )
        challenge = base64.urlsafe_b64encode(hashlib.sha256(begun.verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "response_type": "code",
            "client_id": self.service.client_id,
            "redirect_uri": self._back,
            "scope": "openid profile email",
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        address = self._address("authorization_endpoint")
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}", self._sealed(begun)

    def finish(self, kept: str, answer: Mapping[str, str]) -> tuple[Mapping[str, Any], str]:
        """The claims of who signed in, and where they go. kept: what the browser kept. NotSignedIn for anything amiss."""
        begun = self._opened(kept)
        if not hmac.compare_digest(begun.state.encode(), answer.get("state", "").encode("utf-8", "replace")):
            raise NotSignedIn("the answer is not that of what this browser began")
        if answer.get("iss", self.service.issuer).rstrip("/") != self.service.issuer:
            raise NotSignedIn("the answer names another issuer")
        if "error" in answer or not answer.get("code"):
            raise NotSignedIn(f"the service answered {answer.get('error', 'nothing')[:60]!r}")
        tokens = self._exchange(answer["code"], begun.verifier)
        if not isinstance(tokens.get("id_token"), str):
            raise NotSignedIn("the service sent no identity")
        return self._claims(tokens, begun.nonce), begun.next

    def external(self, claims: Mapping[str, Any]) -> str:
        """The name by which the service knows the person. NotSignedIn where it has none that is proven."""
        value = claims.get(self.service.claim)
        if self.service.claim == "email" and claims.get("email_verified") is not True:
            raise NotSignedIn("the address was not verified by the service")
        if not isinstance(value, str) or not value:
            raise NotSignedIn(f"the identity has no {self.service.claim}")
        return value

    def _exchange(self, code: str, verifier: str) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._back,
            "code_verifier": verifier,
        }
        pair = f"{quote(self.service.client_id, safe='')}:{quote(self.service.client_secret, safe='')}"
        headers = {
            "authorization": f"Basic {base64.b64encode(pair.encode()).decode()}",
            "content-type": "application/x-www-form-urlencoded",
            "accept": "application/json",
        }
        address = self._address("token_endpoint")
        return self._ask(lambda client: client.post(address, content=urlencode(form).encode(), headers=headers))

    def _claims(self, tokens: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        try:
            from authlib.oidc.core import CodeIDToken
            from joserfc import jwt
            from joserfc.errors import JoseError
            from joserfc.jwk import KeySet
        except ImportError as error:
            raise NotSignedIn("signing in by a service needs the extra `oidc`") from error
        service = self.service
        try:
            header = json.loads(base64.urlsafe_b64decode(tokens["id_token"].split(".")[0] + "=="))
            keys: Any = KeySet.import_key_set(dict(self._keys_for(header)))  # type: ignore[arg-type]
            token = jwt.decode(tokens["id_token"], keys, algorithms=list(_ALGORITHMS))
            options: Any = {
                "iss": {"essential": True, "values": [service.issuer, f"{service.issuer}/"]},
                "aud": {"essential": True, "value": service.client_id},
            }
            params = {"nonce": nonce, "client_id": service.client_id, "access_token": tokens.get("access_token")}
            claims = CodeIDToken(token.claims, token.header, options, params)
            claims.validate(now=int(self._now().timestamp()), leeway=_LEEWAY)
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise NotSignedIn(f"the identity is not proven: {error}") from error
        return dict(token.claims)

    def _keys_for(self, header: Mapping[str, Any]) -> Mapping[str, Any]:
        """The keys of the service, fetched anew where the one that signed is not among those kept."""
        with self._turn:
            kept = self._keys
        if kept is not None:
            known = any(key.get("kid") == header.get("kid") for key in kept.document.get("keys", ()))
            age = self._now() - kept.at
            if age < _KEYS_KEPT_AT_LEAST or (known and age < _KEPT):
                return kept.document
        address = self._address("jwks_uri")
        fetched = _Found(document=self._ask(lambda client: client.get(address)), at=self._now())
        with self._turn:
            self._keys = fetched
        return fetched.document

    def _address(self, name: str) -> str:
        """An address of the service, from what it says of itself. NotSignedIn where that is not believed."""
        about = self._known() or self._introduced()
        address = about.document.get(name)
        if not isinstance(address, str) or not address.startswith(f"{urlsplit(self.service.issuer).scheme}://"):
            raise NotSignedIn(f"the service names no {name} that may be asked")
        return address

    def _known(self) -> _Found | None:
        with self._turn:
            about = self._about
        return about if about is not None and self._now() - about.at < _KEPT else None

    def _introduced(self) -> _Found:
        """What the service says of itself, asked by one at a time, and after a failure not again for a while."""
        if not self._line.acquire(blocking=False):
            raise NotThere("others ask the service just now", fresh=False)
        try:
            if not self._asking.acquire(timeout=_PATIENCE):
                raise NotThere("another asks the service just now", fresh=False)
            try:
                return self._known() or self._asked_anew()
            finally:
                self._asking.release()
        finally:
            self._line.release()

    def _asked_anew(self) -> _Found:
        with self._turn:
            failed = self._failed_at
        if failed is not None and self._now() - failed < _AGAIN_AFTER:
            raise NotThere("the service could not be asked a moment ago", fresh=False)
        place = f"{self.service.issuer}/.well-known/openid-configuration"
        try:
            about = _Found(document=self._ask(lambda client: client.get(place)), at=self._now())
            if str(about.document.get("issuer", "")).rstrip("/") != self.service.issuer:
                raise NotSignedIn("the service names itself otherwise than CLAIMWATCH_OIDC_ISSUER")
        except NotSignedIn as error:
            with self._turn:
                self._failed_at = self._now()
            raise NotThere(str(error), fresh=True) from error
        with self._turn:
            self._about, self._failed_at = about, None
        return about

    def _ask(self, request: Callable[[Client], Any]) -> Mapping[str, Any]:
        async def asked() -> Response:
            async with Client(self._policy) as client:
                answer: Response = await request(client)
                return answer

        try:
            answer = asyncio.run(asked())
            document = json.loads(answer.body) if answer.status == 200 else None
        except (SourceError, ValueError, RecursionError) as error:
            raise NotSignedIn(f"the service cannot be asked: {error}") from error
        if not isinstance(document, dict):
            raise NotSignedIn(f"the service answered {answer.status}")
        return document

    def _sealed(self, begun: Begun) -> str:
        body = base64.urlsafe_b64encode(json.dumps(asdict(begun)).encode()).decode()
        return f"{body}.{self._seal(body)}"

    def _opened(self, kept: str) -> Begun:
        body, _, seal = kept.rpartition(".")
        if not hmac.compare_digest(self._seal(body).encode(), seal.encode("utf-8", "replace")):
            raise NotSignedIn("this browser began nothing")
        begun = Begun(**json.loads(base64.urlsafe_b64decode(body)))
        if not 0 <= self._now().timestamp() - begun.at <= LASTS.total_seconds():
            raise NotSignedIn("what this browser began has run out")
        return begun

    def _seal(self, body: str) -> str:
        return hmac.new(self._secret.encode(), f"outside\x1f{body}".encode(), hashlib.sha256).hexdigest()
