"""The settings become one policy, or a message that says what was expected."""

from __future__ import annotations

from dataclasses import replace

import pytest

from outbound.policy import Mirror, policy_from


def test_the_settings_are_read() -> None:
    policy = policy_from(
        user_agent="Claimwatch/0.1",
        contact="https://watch.example/",
        allow_addresses="127.0.0.1:8800, [::1]:8800,localhost:9000",
        resolve="WWW.Example.org=http://127.0.0.1:8800,b.example=https://[::1]",
    )
    pairs = {("127.0.0.1", 8800), ("::1", 8800), ("127.0.0.1", 9000), ("::1", 9000)}
    assert policy.allow_addresses == pairs
    assert policy.resolve["www.example.org"] == Mirror(scheme="http", address="127.0.0.1", port=8800)
    assert policy.resolve["b.example"] == Mirror(scheme="https", address="::1", port=443)
    assert policy.identity == "Claimwatch/0.1 (+https://watch.example/)"
    assert policy.robots_token == "Claimwatch"
    assert policy.port_allowed(443)
    assert policy.port_allowed(9000)
    assert not policy.port_allowed(22)


@pytest.mark.parametrize(
    "text", ["127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:70000", "mirror.example:80", ":80"]
)
def test_a_wrong_allowed_address_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="CLAIMWATCH_ALLOW_ADDRESSES"):
        policy_from(user_agent="x", allow_addresses=text)


@pytest.mark.parametrize(
    "text",
    ["a.example", "a.example=127.0.0.1:80", "a.example=ftp://127.0.0.1", "a.example=http://b.example",
     "=http://127.0.0.1", "a b=http://127.0.0.1", "a.example=http://127.0.0.1/path", "a.example=http://127.0.0.1:99999"],
)  # fmt: skip
def test_a_wrong_mirror_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="CLAIMWATCH_RESOLVE"):
        policy_from(user_agent="x", resolve=text)


@pytest.mark.parametrize("agent", ["", " ", "two\r\nlines", "é"])
def test_an_identity_that_no_header_can_carry_is_refused(agent: str) -> None:
    with pytest.raises(ValueError, match="user agent"):
        policy_from(user_agent=agent)


def test_a_limit_that_makes_no_sense_is_refused() -> None:
    policy = policy_from(user_agent="x")
    for change in ({"total_deadline": 0}, {"per_host_spacing": -1}, {"retry_after_max": 0.5}, {"max_bytes": 0}):
        with pytest.raises(ValueError, match=next(iter(change))):
            replace(policy, **change)
