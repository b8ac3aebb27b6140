"""Targets of links and forms: as they are compared, and what of them makes one page for a reader."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TypeAlias
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

_PASSING = re.compile(
    r"^(?:utm_\w+|sid|jsessionid|phpsessid|token|nonce|_ga|_gl|gclid|fbclid|cid|v|ver|hash|ts|t|cb|session|csrf\w*)$",
    re.IGNORECASE,
)
_REDIRECTOR = re.compile(
    r"\A(?:https?:)?//(?:(?:lm?\.(?:facebook|instagram|messenger)\.com)/l\.php|(?:www\.)?google\.\w+/url|"
    r"(?:www\.)?youtube\.com/redirect|[\w.-]+\.safelinks\.protection\.outlook\.com/|out\.reddit\.com/)\?",
    re.IGNORECASE,
)
"""Addresses that only count a click and lead on to the one in their query, with a mark made for each visitor."""
_LED_TO = frozenset({"u", "url", "q"})
_JAVA_SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)

_TRACKING = re.compile(
    r"utm_|fbclid|gclid|msclkid|mc_|_ga|wt\.|icid|cid\Z|sid\Z|s\Z|session|token|nonce|csrf|ver\Z|v\Z|cb\Z|ts\Z|t\Z|hash|rev\Z|_\Z|ref\Z|source\Z",
    re.IGNORECASE,
)
_ARCHIVE = re.compile(r"\Ahttps?://web\.archive\.org/web/\d+(?:[a-z]{2}_)?/", re.IGNORECASE)
_HASH = re.compile(r"[-._](?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{8,64})(?=[./]|\Z)", re.IGNORECASE)
_MADE_FOR_ONE = re.compile(r"(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[\w-]{20,}\Z")
"""A value of a query that was made for one visitor: long, and of all kinds of letters."""
_PROTECTED = re.compile(r"/cdn-cgi/l/email-protection")
_SESSION_IN_PATH = re.compile(
    r"/(?:\([A-Z]\([^/)]*\)\)|(?=[\w-]*\d)[0-9a-f]{16,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|"
    r"(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{20,})(?=/|\Z)",
)
_SESSION_IN_QUERY = re.compile(r"(?=.*\d)[\w.+/=-]{8,}\Z", re.DOTALL)
"""A value with figures in the query of a form's target: made for the request, for what it asks for is in its fields."""

Essence: TypeAlias = tuple[str, tuple[str, tuple[tuple[str, str], ...]]]
"""Host, then path and query: what is left of a target without what differs between two visits."""


def clean_target(target: str, base: str) -> str:
    """A link's target as compared: absolute where the page's address is known, without what changes by itself."""
    try:
        parts = urlsplit(_led_to(absolute_target(target, base)))
        query = _lasting(parts.query) if parts.query else ""
    except ValueError:
        return target
    path = _JAVA_SESSION.sub("", parts.path) if ";" in parts.path else parts.path
    return urlunsplit((parts.scheme, parts.netloc.lower(), path, query, parts.fragment))


def absolute_target(target: str, base: str) -> str:
    """What `urljoin` gives; most links of a page are paths from the root of its site, for which it works too hard."""
    if not base:
        return target
    if target[:1] == "/" and target[1:2] != "/" and "/." not in target and ";" not in target and (root := _root(base)):
        return root + target
    return urljoin(base, target)


@lru_cache(maxsize=64)
def _root(base: str) -> str:
    """Scheme and host of a page's address; "" where it is none of the web."""
    parts = urlsplit(base)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} and parts.netloc else ""


def _lasting(query: str) -> str:
    return urlencode([pair for pair in parse_qsl(query, keep_blank_values=True) if not _PASSING.match(pair[0])])


def link_essence(target: str) -> Essence:
    """What makes a link's target the page that it is: no scheme, tracking, version of an asset, place in the page."""
    target = _ARCHIVE.sub("", target.strip())
    if _PROTECTED.search(target):
        return "", ("mailto:", ())
    try:
        parts = urlsplit(target)
        asked = parse_qsl(parts.query) if parts.query else ()
    except ValueError:
        return "", (target, ())
    if parts.scheme not in {"", "http", "https"}:
        return "", (target.casefold(), ())
    host = parts.netloc.casefold().removeprefix("www.")
    path = _HASH.sub("", parts.path).rstrip("/").casefold()
    query = tuple(sorted((k, v) for k, v in asked if not (_TRACKING.match(k) or _MADE_FOR_ONE.match(v))))
    if not path and not query:
        return host, ("" if host else "#", ())
    return host, (path, query)


def form_essence(target: str) -> Essence:
    """A form's target without what is made for each request: sessions in its path, values in its query."""
    bare, _, query = target.partition("?")
    host, (path, _) = link_essence(_SESSION_IN_PATH.sub("", bare.partition("#")[0]))
    try:
        asked = parse_qsl(query)
    except ValueError:
        return host, (path, (("", query),))
    return host, (
        path,
        tuple(sorted((k, v) for k, v in asked if not (_TRACKING.match(k) or _SESSION_IN_QUERY.match(v)))),
    )


def same_target(left: str, right: str) -> bool:
    """Whether two targets are one page for a reader; a target without a host is of whatever site the other is."""
    host_b, rest_b = link_essence(left)
    host_a, rest_a = link_essence(right)
    return rest_b == rest_a and (host_b == host_a or not host_b or not host_a)


def _led_to(target: str) -> str:
    """Where a redirector leads; any other target as it is."""
    if not _REDIRECTOR.match(target):
        return target
    query = parse_qsl(urlsplit(target).query)
    return next((value for name, value in query if name in _LED_TO and value.startswith("http")), target)
