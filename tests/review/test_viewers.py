"""Who is behind a request where a proxy stands before the desk: what it says is believed from it alone."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

import httpx
import pytest

from domain.people import Role
from storage.audit import list_acts
from tests.review.office import Office, mark_of, opened

HEADER = "x-forwarded-user"


@pytest.fixture
def proxied(office: Office) -> Iterator[Office]:
    """A desk that trusts what comes from loopback."""
    office.person("ana", Role.REVIEWER)
    office.person("root", Role.ADMIN)
    with opened(office.home, proxies=(ip_network("127.0.0.1"), ip_network("10.0.0.0/8")), user_header=HEADER) as made:
        yield made


def test_two_names_are_no_name(proxied: Office) -> None:
    ask = [(HEADER, "root"), (HEADER, "ana")]
    assert httpx.get(proxied.url + "/people", headers=ask).status_code == 303
    assert httpx.get(proxied.url + "/people", headers=[(HEADER, "root, ana")]).status_code == 303
    assert httpx.get(proxied.url + "/people", headers=[(HEADER, "root")]).status_code == 200


def test_a_form_of_who_comes_by_a_proxy_is_theirs_alone_and_ends_with_its_day(proxied: Office) -> None:
    def post(name: str, mark: str) -> int:
        form = {"mark": mark, "language": "fr", "timezone": "", "theme": "auto"}
        return httpx.post(proxied.url + "/account/preferences", data=form, headers={HEADER: name}).status_code

    mark = mark_of(httpx.get(proxied.url + "/account", headers={HEADER: "ana"}).text)
    assert post("ana", mark) == 303
    assert post("root", mark) == 403
    assert post("ana", "0" * 64) == 403
    proxied.clock.on(days=1)
    assert post("ana", mark) == 303
    proxied.clock.on(days=1)
    assert post("ana", mark) == 403


def address_kept(office: Office, *forwarded: str) -> str:
    """The address that the audit log has for a failed try with these X-Forwarded-For headers."""
    headers = [("x-forwarded-for", item) for item in forwarded]
    httpx.post(office.url + "/sign-in", data={"name": "x", "password": "y"}, headers=headers)
    with office.store.reading() as connection:
        return list_acts(connection, limit=1)[0].address


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        (("203.0.113.9",), "203.0.113.9"),
        (("198.51.100.1, 203.0.113.9",), "203.0.113.9"),
        (("198.51.100.1", "203.0.113.9"), "203.0.113.9"),
        (("203.0.113.9, 10.1.2.3",), "203.0.113.9"),
        (("203.0.113.9:4711",), "203.0.113.9"),
        (("[2001:db8::1]:4711",), "2001:db8::1"),
        (("198.51.100.1, somewhere",), "127.0.0.1"),
        ((), "127.0.0.1"),
    ],
    ids=str,
)
def test_the_nearest_address_that_is_no_proxy_of_ours_asks(
    proxied: Office, forwarded: tuple[str, ...], address: str
) -> None:
    assert address_kept(proxied, *forwarded) == address


def test_forwarding_headers_of_a_stranger_say_nothing(office: Office) -> None:
    assert address_kept(office, "203.0.113.9") == "127.0.0.1"
