"""Coming in and going out."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from statistics import median
from time import perf_counter

import httpx
import pytest

from domain.people import Role
from review.patience import BY_NAME, BY_PAIR, BY_PLACE, known_browser, place_of
from review.secrets import hash_password
from storage.audit import list_acts
from storage.sessions import add_link, note_failure
from storage.users import change_user, set_password
from tests.review.office import SECRET, Browser, Office, opened

PASSWORD = "a long sentence that nobody guesses"


@pytest.fixture
def ana(office: Office) -> Office:
    user = office.person("ana", Role.REVIEWER)
    with office.store.writing() as connection:
        set_password(connection, user.id, hash_password(PASSWORD))
    return office


def test_a_password_lets_its_person_in_under_any_spelling_of_the_name(ana: Office) -> None:
    client = ana.client(None)
    answer = client.post("/sign-in", name=" ANA ", password=PASSWORD, next_="/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert client.get("/").status_code == 200
    with ana.store.reading() as connection:
        assert list_acts(connection, limit=1)[0].act == "signed in"


def test_a_wrong_password_and_an_unknown_name_are_told_alike(ana: Office) -> None:
    client = ana.client(None)
    wrong, unknown = (
        client.post("/sign-in", name="ana", password="x" * 20),
        client.post("/sign-in", name="bob", password="x" * 20),
    )
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert "do not go together" in wrong.text
    assert wrong.text.replace("ana", "") == unknown.text.replace("bob", "")


def test_who_fails_waits_longer_each_time_and_then_gets_in(ana: Office) -> None:
    client = ana.client(None)
    for _ in range(BY_PAIR.free):
        assert client.post("/sign-in", name="ana", password="wrong wrong wrong").status_code == 401
    waits = []
    for _ in range(7):
        blocked = client.post("/sign-in", name="ana", password=PASSWORD)
        assert blocked.status_code == 429
        waits.append(int(blocked.headers["retry-after"]))
        ana.clock.on(seconds=waits[-1])
        assert client.post("/sign-in", name="ana", password="wrong wrong wrong").status_code == 401
    assert waits == [30, 60, 120, 240, 480, 900, 900]
    ana.clock.on(seconds=900)
    assert client.post("/sign-in", name="ana", password=PASSWORD).status_code == 303


def through_proxy(office: Office, address: str) -> Browser:
    return office.client(None, **{"X-Forwarded-For": address})


def test_a_stranger_cannot_keep_a_person_out(demo_home: Path, ana: Office) -> None:
    with opened(ana.home, proxies=(ip_network("127.0.0.1"),)) as office:
        at_home = through_proxy(office, "192.0.2.1")
        assert at_home.post("/sign-in", name="ana", password=PASSWORD).status_code == 303
        at_home.post("/sign-out", on="/account")
        with office.store.writing() as connection:  # very many strangers, each at a place of its own
            for number in range(BY_NAME.free + 3):
                note_failure(
                    connection,
                    identity="ana",
                    place=f"198.51.100.{number}",
                    now=office.clock(),
                    keep=timedelta(hours=1),
                )
        stranger = through_proxy(office, "203.0.113.5")
        assert stranger.post("/sign-in", name="ana", password=PASSWORD).status_code == 429
        assert at_home.post("/sign-in", name="ana", password=PASSWORD).status_code == 303
        new_browser = through_proxy(office, "192.0.2.77")
        assert new_browser.post("/sign-in", name="ana", password=PASSWORD).status_code == 429
        with office.store.writing() as connection:
            add_link(connection, secret="k" * 40, user=1, now=office.clock(), lifetime=timedelta(days=1))
        assert new_browser.post("/enter/" + "k" * 40).status_code == 303


def test_a_known_browser_may_not_guess_without_end_either_and_is_known_for_its_own_person_alone(ana: Office) -> None:
    bob = ana.person("bob", Role.VIEWER)
    with ana.store.writing() as connection:
        set_password(connection, bob.id, hash_password(PASSWORD))
    client = ana.client(None)
    assert client.post("/sign-in", name="ana", password=PASSWORD).status_code == 303
    mark = client.client.cookies[ana.desk.access.browser_cookie]
    assert known_browser(SECRET, "ana", mark)
    assert not known_browser(SECRET, "bob", mark)
    assert not known_browser("another secret that has more than enough characters", "ana", mark)
    for _ in range(BY_PAIR.free):
        assert client.post("/sign-in", name="ana", password="wrong wrong wrong").status_code == 401
    assert client.post("/sign-in", name="ana", password=PASSWORD).status_code == 429


def test_a_place_that_tries_many_names_waits(ana: Office) -> None:
    client = ana.client(None)
    with ana.store.writing() as connection:
        for number in range(BY_PLACE.free):
            note_failure(
                connection, identity=f"name {number}", place="127.0.0.1", now=ana.clock(), keep=timedelta(hours=1)
            )
    assert client.post("/sign-in", name="someone else", password=PASSWORD).status_code == 429


def test_tries_at_the_same_time_count_like_tries_in_a_row(ana: Office) -> None:
    def attempt(_: int) -> int:
        return httpx.post(ana.url + "/sign-in", data={"name": "ana", "password": "wrong wrong wrong"}).status_code

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(attempt, range(12)))
    assert sorted(answers) == [401] * BY_PAIR.free + [429] * (12 - BY_PAIR.free)


def test_the_network_of_an_ipv6_address_is_one_place() -> None:
    assert place_of("2001:db8:1:2::3") == place_of("2001:db8:1:2:ffff::9") == "2001:db8:1:2::/64"
    assert place_of("::ffff:192.0.2.1") == place_of("192.0.2.1") == "192.0.2.1"


def test_a_name_that_is_there_takes_no_longer_than_one_that_is_not(ana: Office) -> None:
    took: dict[str, list[float]] = {"ana": [], "nobody": []}
    for _ in range(4):
        for name, times in took.items():
            began = perf_counter()
            assert httpx.post(ana.url + "/sign-in", data={"name": name, "password": "x" * 20}).status_code == 401
            times.append(perf_counter() - began)
    ratio = median(took["ana"]) / median(took["nobody"])
    assert 1 / 3 < ratio < 3


def test_a_session_that_somebody_planted_does_not_become_that_of_who_signs_in(ana: Office) -> None:
    client, planted = ana.client(None), ana.session("mallory", Role.VIEWER)
    client.client.cookies.set(ana.desk.access.cookie, planted, domain="127.0.0.1")
    answer = client.post("/sign-in", name="ana", password=PASSWORD)
    given = re.search(rf"{ana.desk.access.cookie}=([^;]+)", answer.headers["set-cookie"])
    assert given is not None
    assert given[1] != planted
    stale = httpx.get(ana.url + "/", cookies={ana.desk.access.cookie: planted})
    assert stale.status_code == 303


@pytest.mark.parametrize("path", ["/sign-in", "/language", "/enter/" + "s" * 40])
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
    ids=str,
)
def test_no_other_site_can_sign_somebody_in_or_choose_for_them(ana: Office, path: str, headers: dict[str, str]) -> None:
    with ana.store.writing() as connection:
        add_link(connection, secret="s" * 40, user=1, now=ana.clock(), lifetime=timedelta(days=1))
    fields = {"name": "ana", "password": PASSWORD, "to": "fr"}
    answer = httpx.post(ana.url + path, data=fields, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_cookies_are_bound_to_tls_and_to_the_host_where_the_desk_is_reached_by_tls(ana: Office) -> None:
    with opened(ana.home, base_url="https://desk.example", hosts=frozenset({"desk.example"})) as office:
        answer = httpx.post(
            office.url + "/sign-in", data={"name": "ana", "password": PASSWORD}, headers={"host": "desk.example"}
        )
        for cookie in answer.headers.get_list("set-cookie"):
            assert cookie.startswith("__Host-claimwatch")
            for part in ("; Secure", "; HttpOnly", "; Path=/", "; SameSite=lax"):
                assert part in cookie
            assert "Domain" not in cookie
        assert "max-age" in answer.headers["strict-transport-security"]


def test_a_name_that_may_be_a_mistyped_password_is_not_kept(ana: Office) -> None:
    client = ana.client(None)
    client.post("/sign-in", name="my secret password", password="x" * 20)
    client.post("/sign-in", name="ana", password="x" * 20)
    with ana.store.reading() as connection:
        assert [act.subject for act in list_acts(connection, limit=2)] == ["ana", ""]


@pytest.mark.parametrize("path", ["/", "/sign-in", "/account", "/people", "/audit", "/enter/" + "s" * 40])
def test_what_is_personal_is_kept_by_no_cache_and_framed_by_no_site(ana: Office, path: str) -> None:
    with ana.store.writing() as connection:
        add_link(connection, secret="s" * 40, user=1, now=ana.clock(), lifetime=timedelta(days=1))
    headers = ana.client("root", Role.ADMIN).get(path).headers
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    "there",
    ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)", "/a\r\nb"],
)
def test_signing_in_never_leads_to_another_site(ana: Office, there: str) -> None:
    answer = ana.client(None).post("/sign-in", name="ana", password=PASSWORD, next_=there)
    assert answer.headers["location"] == "/"


def test_signing_out_ends_the_session_in_the_store(office: Office) -> None:
    client = office.client("ana")
    kept = dict(client.client.cookies)
    assert client.post("/sign-out", on="/").status_code == 303
    client.client.cookies.update(kept)
    assert client.get("/").status_code == 303


def test_a_session_ends_when_it_idles_runs_out_or_its_person_is_shut_out(office: Office) -> None:
    client = office.client("ana")
    office.clock.on(hours=11)
    assert client.get("/").status_code == 200
    office.clock.on(hours=13)
    assert client.get("/").status_code == 303
    office.person("root", Role.ADMIN)
    other, bob = office.client("bob"), office.person("bob")
    with office.store.writing() as connection:
        change_user(connection, bob.id, active=False)
    assert other.get("/").status_code == 303


def test_a_link_sets_a_password_once(office: Office) -> None:
    user = office.person("carol", Role.VIEWER)
    with office.store.writing() as connection:
        add_link(connection, secret="s" * 40, user=user.id, now=office.clock(), lifetime=office.desk.access.lifetime)
    client = office.client(None)
    assert "carol" in client.get("/enter/" + "s" * 40).text
    assert client.post("/enter/" + "s" * 40, set_="password", password="short").status_code == 422
    assert client.post("/enter/" + "s" * 40, set_="password", password=PASSWORD).status_code == 303
    assert client.get("/").status_code == 200
    assert client.post("/enter/" + "s" * 40, set_="password", password=PASSWORD).status_code == 410
    assert office.client(None).post("/sign-in", name="carol", password=PASSWORD).status_code == 303


def test_a_stranger_may_choose_the_language(office: Office) -> None:
    client = office.client(None)
    assert "Sign in" in client.get("/sign-in").text
    assert client.post("/language", to="fr", next_="/sign-in").headers["location"] == "/sign-in"
    assert "Se connecter" in client.get("/sign-in").text
