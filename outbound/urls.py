"""Is this text an address that we may ask for at all? Friendly words early; the socket's address is judged later.

Strict on purpose: where two parsers could read a URL differently, it is refused instead of guessed at.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

import httpx

from domain.errors import FetchError
from outbound.policy import DEFAULT_PORT, HOST_NAME

# White space, controls and backslashes are where URL parsers disagree.
_DISPUTED = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ufeff\ud800-\udfff]")
_AUTHORITY = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)")
_NUMERIC = re.compile(r"(0[xX][0-9a-fA-F]*|[0-9]+)\Z")
MAX_LENGTH = 8000


@lru_cache(maxsize=4096)
def parse_url(text: str) -> httpx.URL:
    """The URL, without its fragment. Raises FetchError `url-refused` whose words never repeat credentials."""
    if len(text) > MAX_LENGTH:
        raise FetchError("url-refused", f"longer than {MAX_LENGTH} characters")
    if _DISPUTED.search(text):
        raise FetchError("url-refused", "it holds white space, control characters or a backslash")
    shape = _AUTHORITY.match(text)
    if shape is None or shape["scheme"].lower() not in DEFAULT_PORT:
        raise FetchError("url-refused", "only http:// and https:// addresses are fetched")
    if "@" in shape["authority"]:
        raise FetchError("url-refused", "it holds a user name or password")
    try:
        url = httpx.URL(text).copy_with(fragment=None)
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise FetchError("url-refused", "it cannot be parsed") from None
    if (trouble := _host_trouble(url, shape["authority"])) is not None:
        raise FetchError("url-refused", trouble)
    return url


def url_refusal(text: str) -> str | None:
    """Why that address would be refused before any connection, in words for a person; None where it would not."""
    try:
        parse_url(text)
    except FetchError as error:
        return error.detail
    return None


def port_of(url: httpx.URL) -> int:
    """The port that the URL means."""
    return url.port or DEFAULT_PORT[url.scheme]


def host_of(url: httpx.URL) -> str:
    """The host as it goes over the wire: ASCII, lower case, no brackets."""
    return url.raw_host.decode("ascii")


def _host_trouble(url: httpx.URL, authority: str) -> str | None:
    host = host_of(url)
    if url.port is not None and not 0 < url.port < 65536:
        return "such a port does not exist"
    if "[" in authority or ":" in host:
        try:
            return None if ipaddress.IPv6Address(host).scope_id is None else "an address with a scope is never fetched"
        except ValueError:
            return "its IPv6 address cannot be read"
    name = host.removesuffix(".")
    if not HOST_NAME.match(name) or "%" in authority:
        return "its host name holds characters that host names cannot have"
    if _NUMERIC.match(name.rpartition(".")[2]):
        try:
            ipaddress.IPv4Address(host)
        except ValueError:
            return "a numeric host must be spelt as four decimal numbers"
    return None
