"""Keyset pages: how many at a time, and where the last page ended."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Query

from review.api.problems import ApiProblem

Item = TypeVar("Item")

MOST = 200
Limit = Annotated[int, Query(ge=1, le=MOST, description="how many at most")]
After = Annotated[
    str | None,
    Query(max_length=400, pattern=r"^[A-Za-z0-9_-]+$", description="`next` of the page before; opaque"),
]


def no_place() -> ApiProblem:
    """`after` was made for another list, or by hand."""
    return ApiProblem(404, "`after` is no place that a page of this list ended at")


def place(*parts: int | str) -> str:
    """A place in an order, as a word that goes into an address."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def place_of(word: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """The parts of a place that `place` gave, None for None. ApiProblem for anything else."""
    if word is None:
        return None
    try:
        parts = json.loads(base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        parts = None
    fits = isinstance(parts, list) and len(parts) == len(kinds)
    if not fits or not all(type(part) is kind for part, kind in zip(parts, kinds, strict=True)):
        raise no_place()
    if any(isinstance(part, int) and not 0 <= part < 2**31 for part in parts):
        raise no_place()
    if any(isinstance(part, str) and not part.isprintable() for part in parts):
        raise no_place()
    return tuple(parts)


def cut(
    items: Sequence[Item], limit: int, key: Callable[[Item], tuple[int | str, ...]]
) -> tuple[Sequence[Item], str | None]:
    """What of `limit + 1` items goes on the page, and where the next one begins; None where there is none."""
    if len(items) <= limit:
        return items, None
    return items[:limit], place(*key(items[limit - 1]))


def cut_named(
    items: Sequence[Item], limit: int, after: str | None, name: Callable[[Item], str]
) -> tuple[Sequence[Item], str | None]:
    """A page of a short list that is at hand whole, by the names of its items, in the order given."""
    begin = 0
    if (parts := place_of(after, str)) is not None:
        names = [name(item) for item in items]
        if parts[0] not in names:
            raise no_place()
        begin = names.index(parts[0]) + 1
    return cut(items[begin : begin + limit + 1], limit, lambda item: (name(item),))
