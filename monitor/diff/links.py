"""Link targets: whether a link leads elsewhere although its words stayed the same."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import parse_qsl, urlsplit

from domain.comparison import Significance, ValueChange
from domain.documents import Block

_TRACKING = re.compile(
    r"utm_|fbclid|gclid|msclkid|mc_|_ga|wt\.|icid|cid\Z|sid\Z|s\Z|session|token|nonce|csrf|ver\Z|v\Z|cb\Z|ts\Z|t\Z|hash|rev\Z|_\Z|ref\Z|source\Z",
    re.IGNORECASE,
)
_ARCHIVE = re.compile(r"\Ahttps?://web\.archive\.org/web/\d+(?:[a-z]{2}_)?/", re.IGNORECASE)
_HASH = re.compile(r"[-._](?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{8,64})(?=[./]|\Z)", re.IGNORECASE)
_MADE_FOR_ONE = re.compile(r"(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[\w-]{20,}\Z")
"""A value of a query that was made for one visitor: long, and of all kinds of letters."""
_PROTECTED = re.compile(r"/cdn-cgi/l/email-protection")


def link_changes(before: Block, after: Block) -> tuple[tuple[ValueChange, Significance], ...]:
    """Links of two blocks that lead elsewhere, as values of kind `link`, each with its weight.

    Noise where only tracking, versions of assets, scheme, host name given or not, or the place within the page differ.
    """
    if before.links == after.links:
        return ()
    left = [(link.text, link.target) for link in before.links]
    right = [(link.text, link.target) for link in after.links]
    same = Counter(left) & Counter(right)
    left, right = _without(left, same), _without(right, same)
    changes: list[tuple[ValueChange, Significance]] = []
    for k in range(max(len(left), len(right))):
        old = left[k][1] if k < len(left) else None
        new = right[k][1] if k < len(right) else None
        noise = old is not None and new is not None and same_target(old, new)
        weight = Significance.NOISE if noise or not (old or new) else Significance.EDITORIAL
        changes.append((ValueChange(kind="link", before=old, after=new), weight))
    return tuple(changes)


def _without(links: list[tuple[str, str]], same: Counter[tuple[str, str]]) -> list[tuple[str, str]]:
    spare = Counter(same)
    kept: list[tuple[str, str]] = []
    for link in links:
        if spare[link] > 0:
            spare[link] -= 1
        else:
            kept.append(link)
    return kept


def same_target(left: str, right: str) -> bool:
    """Whether two targets are one page for a reader."""
    host_b, rest_b = _essence(left)
    host_a, rest_a = _essence(right)
    return rest_b == rest_a and (host_b == host_a or not host_b or not host_a)


def _essence(target: str) -> tuple[str, tuple[str, tuple[tuple[str, str], ...]]]:
    target = _ARCHIVE.sub("", target.strip())
    if _PROTECTED.search(target):
        return "", ("mailto:", ())
    try:
        parts = urlsplit(target)
    except ValueError:
        return "", (target, ())
    if parts.scheme not in {"", "http", "https"}:
        return "", (target.casefold(), ())
    host = parts.netloc.casefold().removeprefix("www.")
    path = _HASH.sub("", parts.path).rstrip("/").casefold()
    query = tuple(
        sorted((k, v) for k, v in parse_qsl(parts.query) if not (_TRACKING.match(k) or _MADE_FOR_ONE.match(v)))
    )
    if not path and not query:
        return host, ("" if host else "#", ())
    return host, (path, query)
