"""The deny table, each range with the first address on either side of it (N38, N44)."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outbound.addresses import refusal
from outbound.guard import routes_to_self

# range → (is the address just below public?, is the address just above public?)
RANGES = {
    "0.0.0.0/8": (None, True),
    "10.0.0.0/8": (True, True),
    "100.64.0.0/10": (True, True),
    "127.0.0.0/8": (True, True),
    "168.63.129.16/32": (True, True),
    "169.254.0.0/16": (True, True),
    "172.16.0.0/12": (True, True),
    "192.0.0.0/24": (True, True),
    "192.0.2.0/24": (True, True),
    "192.88.99.0/24": (True, True),
    "192.168.0.0/16": (True, True),
    "198.18.0.0/15": (True, True),
    "198.51.100.0/24": (True, True),
    "203.0.113.0/24": (True, True),
    "224.0.0.0/4": (True, False),
    "240.0.0.0/4": (False, None),
    "::/128": (None, False),
    "::1/128": (False, False),
    "::/96": (None, False),
    "::ffff:0:0/96": (False, False),
    "64:ff9b:1::/48": (False, False),
    "100::/64": (False, False),
    "2001::/23": (True, True),
    "2001:db8::/32": (True, True),
    "2002::/16": (True, True),
    "3fff::/20": (True, True),
    "5f00::/16": (False, False),
    "fc00::/7": (False, False),
    "fe80::/10": (False, False),
    "fec0::/10": (False, False),
    "ff00::/8": (False, None),
}


@pytest.mark.parametrize("text", RANGES)
def test_a_special_range_is_refused_and_its_neighbours_are_judged_by_themselves(text: str) -> None:
    network = ipaddress.ip_network(text)
    below, above = RANGES[text]
    assert refusal(str(network[0]))
    assert refusal(str(network[-1]))
    if below is not None:
        assert (refusal(str(network[0] - 1)) is None) is below
    if above is not None:
        assert (refusal(str(network[-1] + 1)) is None) is above


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("127.0.0.1", "loopback"),
        ("169.254.169.254", "metadata"),
        ("100.100.100.200", "carrier-grade"),
        ("255.255.255.255", "broadcast"),
        ("::ffff:127.0.0.1", "mapped"),
        ("::127.0.0.1", "compatible"),
        ("64:ff9b::127.0.0.1", "NAT64 of loopback"),
        ("64:ff9b::a9fe:a9fe", "NAT64 of link-local"),
        ("2002:7f00:1::", "6to4"),
        ("2001:0:7f00:1::", "Teredo"),
        ("fd00:ec2::254", "unique local"),
        ("fe80::1%eth0", "scoped"),
        ("4000::1", "not global unicast"),
    ],
)
def test_the_reason_is_named(address: str, why: str) -> None:
    assert why in (refusal(address) or "")


@pytest.mark.parametrize(
    "address", ["0177.0.0.1", "0x7f.0.0.1", "2130706433", "127.1", "", "localhost", "１２７.0.0.1"]
)
def test_what_is_no_plain_address_is_refused(address: str) -> None:
    assert refusal(address) == "no plain address"


@pytest.mark.parametrize("address", ["8.8.8.8", "205.193.1.1", "2606:4700::1111", "2a00::1", "64:ff9b::8.8.8.8"])
def test_ordinary_public_addresses_are_let_through(address: str) -> None:
    assert refusal(address) is None


@given(st.integers(min_value=0, max_value=2**32 - 1))
def test_nothing_that_the_standard_library_calls_private_is_let_through(number: int) -> None:
    address = ipaddress.IPv4Address(number)
    if not address.is_global:
        assert refusal(str(address))


@given(st.integers(min_value=0, max_value=2**128 - 1))
def test_every_ipv6_address_let_through_is_global_for_the_standard_library_too(number: int) -> None:
    address = ipaddress.IPv6Address(number)
    if refusal(str(address)) is None:
        assert address.is_global


def test_the_machine_recognises_its_own_address() -> None:
    assert routes_to_self("127.0.0.1")
    assert not routes_to_self("8.8.8.8")
