"""Addresses that no two parsers agree on are refused before anything is dialled (N43, N44, N47)."""

from __future__ import annotations

import pytest

from outbound.urls import host_of, parse_url, url_refusal


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "javascript:alert(1)",
        "data:text/html,x",
        "//example.org/",
        "example.org",
        "http:example.org/",
        "http:///path",
        "http://user:word@example.org/",
        "http://example.org@evil.example/",
        "http://example.org\\@evil.example/",
        "http:\\\\example.org\\",
        "http://exa mple.org/",
        "http://example.org/\x00",
        "http://example.org/a\r\nHost: evil",
        "http://example.org/\u2028",
        "\thttp://example.org/",
        "http://0177.0.0.1/",
        "http://0x7f.0.0.1/",
        "http://2130706433/",
        "http://127.1/",
        "http://127.0.0.0x1/",
        "http://127.0.0.1./",
        "http://１２７.0.0.1/",
        "http://127%2e0.0.1/",
        "http://example.org:0/",
        "http://example.org:99999/",
        "http://[::1%25eth0]/",
        "http://[::1/",
        "http://exa_mple..org/",
        "http://" + "a" * 300 + ".example/",
        "http://example.org/" + "a" * 9000,
        "",
    ],
)
def test_a_doubtful_address_is_refused_with_words_for_a_person(url: str) -> None:
    assert url_refusal(url)


def test_the_refusal_does_not_repeat_the_credentials() -> None:
    assert "hunter2" not in (url_refusal("https://me:hunter2@example.org/") or "")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.example.org/a?b=c#d", "www.example.org"),
        ("HTTPS://WWW.Example.ORG/", "www.example.org"),
        ("https://www.example.org./", "www.example.org."),
        ("http://127.0.0.1:8800/", "127.0.0.1"),
        ("http://[2606:4700::1]/", "2606:4700::1"),
        ("https://québec.example/é", "xn--qubec-csa.example"),
    ],
)
def test_an_ordinary_address_is_accepted_and_loses_its_fragment(url: str, host: str) -> None:
    parsed = parse_url(url)
    assert host_of(parsed) == host
    assert "#" not in str(parsed)
