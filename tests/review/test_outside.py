"""Signing in by a real OpenID Connect provider on loopback, and everything that must not let anybody in."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey

from domain.people import Role
from outbound.policy import Policy
from review.access import SignInService, sign_in_service_from
from review.oidc import OutsideSignIn
from review.patience import BY_NAME, WINDOW
from review.serve import listening, serving
from storage.audit import list_acts
from storage.sessions import note_failure
from storage.users import find_external, find_user, set_external
from tests.review.office import Office
from tests.review.provider import CLIENT, SECRET, Provider, provider


@pytest.fixture
def service(office: Office) -> Iterator[Provider]:
    with provider(int(office.clock().timestamp())) as made:
        yield made


@pytest.fixture
def known(office: Office) -> Office:
    user = office.person("ana", Role.REVIEWER)
    with office.store.writing() as connection:
        set_external(connection, user.id, "subject-1")
    return office


class Visitor:
    """A browser at a desk that lets people in by the provider."""

    def __init__(self, office: Office, made: Provider, **settings: Any) -> None:
        given = SignInService(issuer=made.issuer, client_id=CLIENT, client_secret=SECRET)
        port = urlsplit(made.issuer).port or 0
        at = listening("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{at.getsockname()[1]}"
        access = replace(office.desk.access, base_url=self.url, hosts=frozenset({urlsplit(self.url).netloc}))
        outside = OutsideSignIn(
            replace(given, **settings),
            policy=Policy(user_agent="test", allow_addresses=frozenset({("127.0.0.1", port)})),
            secret=access.secret,
            base_url=self.url,
            now=office.clock,
        )
        self.serving = serving(replace(office.desk, access=access, sign_in_service=outside), at)
        self.client = httpx.Client(timeout=30)

    def __enter__(self) -> Visitor:
        self.serving.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.serving.__exit__(None, None, None)

    def left(self, **query: str) -> str:
        """The address at the provider to which the desk sends the browser."""
        answer = self.client.get(self.url + "/sign-in/outside", params=query)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def returned(self, **query: str) -> str:
        """The address at the desk to which the provider sends the browser back."""
        return self.client.get(self.left(**query)).headers["location"]

    def came_back(self, **query: str) -> httpx.Response:
        return self.client.get(self.returned(**query))


def test_who_is_known_by_the_outside_name_is_let_in(known: Office, service: Provider) -> None:
    with Visitor(known, service) as visitor:
        assert "Sign in by 127.0.0.1" in visitor.client.get(visitor.url + "/sign-in").text
        back = visitor.came_back(next="/sources")
        assert (back.status_code, back.headers["location"]) == (303, "/sources")
        assert "ana" in visitor.client.get(visitor.url + "/account").text


def test_the_request_has_what_protects_it(known: Office, service: Provider) -> None:
    with Visitor(known, service) as visitor:
        asked = parse_qs(urlsplit(visitor.left()).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["state"][0]) >= 32
    assert len(asked["nonce"][0]) >= 32
    assert asked["redirect_uri"] == [visitor.url + "/sign-in/outside/back"]


def test_who_is_unknown_stays_out_even_under_a_known_name(office: Office, service: Provider) -> None:
    office.person("ana", Role.ADMIN)
    with Visitor(office, service) as visitor:
        assert visitor.came_back().status_code == 403
        assert visitor.client.get(visitor.url + "/").status_code == 303


def test_who_is_new_is_added_with_the_role_of_the_settings_and_never_as_somebody_else(
    office: Office, service: Provider
) -> None:
    office.person("ana", Role.ADMIN)
    service.identity["email"] = "ana@example.test"
    with Visitor(office, service, default_role=Role.VIEWER) as visitor:
        assert visitor.came_back().status_code == 303
        with office.store.reading() as connection:
            made, ana = find_external(connection, "subject-1"), find_user(connection, "ana")
        assert made is not None
        assert ana is not None
        assert (made.name, made.role) == ("ana@example.test", Role.VIEWER)
        assert ana.external == ""


SPOILT: dict[str, dict[str, Any]] = {
    "another nonce": {"spoil": {"nonce": "x" * 43}},
    "no nonce": {"spoil": {"nonce": None}},
    "another audience": {"spoil": {"aud": "another"}},
    "another audience for us": {"spoil": {"aud": "another", "azp": CLIENT}},
    "a second audience without azp": {"spoil": {"aud": [CLIENT, "another"], "azp": "another"}},
    "another issuer": {"spoil": {"iss": "https://elsewhere.example"}},
    "run out": {"spoil": {"exp": 1_000_000_000}},
    "without an end": {"spoil": {"exp": None}},
    "no subject": {"spoil": {"sub": ""}},
    "unsigned": {"algorithm": "none"},
    "signed by what everybody knows": {"algorithm": "HS256"},
    "signed by another key": {"shown": RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})},
}


@pytest.mark.parametrize("kind", SPOILT)
def test_an_identity_that_is_not_proven_lets_nobody_in(known: Office, service: Provider, kind: str) -> None:
    for name, value in SPOILT[kind].items():
        setattr(service, name, value)
    with Visitor(known, service) as visitor:
        answer = visitor.came_back()
        assert answer.status_code == 403
        assert "did not work" in answer.text
        assert visitor.client.get(visitor.url + "/").status_code == 303


def test_an_answer_fits_the_browser_that_began_and_is_taken_once(known: Office, service: Provider) -> None:
    with Visitor(known, service) as visitor:
        address = visitor.returned()
        assert httpx.get(address).status_code == 403
        other = visitor.returned()
        assert visitor.client.get(address).status_code == 403
        assert "/token" not in service.asked
        assert visitor.client.get(other).status_code == 303
        assert visitor.client.get(other).status_code == 403


def test_what_was_begun_runs_out(known: Office, service: Provider) -> None:
    with Visitor(known, service) as visitor:
        address = visitor.returned()
        known.clock.on(minutes=11)
        service.now += 11 * 60
        assert visitor.client.get(address).status_code == 403


def test_an_answer_of_another_issuer_or_an_error_lets_nobody_in(known: Office, service: Provider) -> None:
    with Visitor(known, service) as visitor:
        address = visitor.returned()
        assert visitor.client.get(address.replace("iss=http", "iss=https")).status_code == 403
        assert visitor.client.get(address + "&error=access_denied").status_code == 403


def test_nobody_is_led_to_another_site_afterwards(known: Office, service: Provider) -> None:
    with Visitor(known, service) as visitor:
        assert visitor.came_back(next="//elsewhere.example").headers["location"] == "/"


def test_an_address_counts_only_where_the_service_verified_it(office: Office, service: Provider) -> None:
    user = office.person("ana")
    with office.store.writing() as connection:
        set_external(connection, user.id, "ana@example.test")
    service.identity |= {"email": "ana@example.test", "email_verified": False}
    with Visitor(office, service, claim="email") as visitor:
        assert visitor.came_back().status_code == 403
        service.identity["email_verified"] = True
        assert visitor.came_back().status_code == 303


def test_strangers_do_not_make_the_desk_ask_the_service_without_end(known: Office, service: Provider) -> None:
    with Visitor(known, service) as visitor:
        answers = [visitor.client.get(visitor.url + "/sign-in/outside/back").status_code for _ in range(7)]
        for _ in range(5):
            visitor.left()
    assert answers == [403] * 5 + [429] * 2
    assert service.asked.count("/.well-known/openid-configuration") == 1


def test_a_service_that_is_down_is_asked_by_one_and_not_again_for_a_while(known: Office, service: Provider) -> None:
    with Visitor(known, service, issuer=f"{service.issuer}/none") as visitor:
        place = visitor.url + "/sign-in/outside"
        with ThreadPoolExecutor(12) as many:
            answers = list(many.map(lambda _: httpx.get(place, timeout=30), range(36)))
        assert {answer.status_code for answer in answers} == {503}
        assert all(answer.headers["retry-after"] for answer in answers)
        assert len(service.asked) == 1
        known.clock.on(seconds=31)
        assert httpx.get(place, timeout=30).status_code == 503
        assert len(service.asked) == 2
    with known.store.reading() as connection:
        assert [act for act in list_acts(connection, limit=50) if act.act == "failed to sign in"] == []


def test_strangers_at_many_places_cannot_keep_everybody_out(known: Office, service: Provider) -> None:
    """Who comes back has no name yet: failures of strangers elsewhere are not theirs."""
    with Visitor(known, service) as visitor:
        with known.store.writing() as connection:
            for number in range(BY_NAME.free + 3):
                place = f"198.51.100.{number}"
                note_failure(connection, identity="", place=place, now=known.clock(), keep=WINDOW)
        assert visitor.came_back().status_code == 303


def test_a_service_that_may_not_be_reached_is_not_asked(known: Office, service: Provider) -> None:
    with Visitor(known, service) as visitor:
        pass
    closed = OutsideSignIn(
        SignInService(issuer=service.issuer, client_id=CLIENT, client_secret=SECRET),
        policy=Policy(user_agent="test"),
        secret=known.desk.access.secret,
        base_url=visitor.url,
        now=known.clock,
    )
    with pytest.raises(Exception, match="cannot be asked"):
        closed.begin("/")
    assert service.asked == []


@pytest.mark.parametrize(
    "given",
    [
        {"issuer": "http://id.example"},
        {"issuer": "id.example"},
        {"client_id": ""},
        {"client_secret": ""},
        {"default_role": "emperor"},
    ],
    ids=str,
)
def test_settings_that_would_not_be_safe_are_refused(given: dict[str, str]) -> None:
    usual = {"issuer": "https://id.example", "client_id": "a", "client_secret": "b"}
    with pytest.raises(ValueError, match="CLAIMWATCH_OIDC"):
        sign_in_service_from(**{**usual, **given})
