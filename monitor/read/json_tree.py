"""JSON feeds: the tree itself, and one block for each record or plain value so that a person can read along."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import re2

from domain.documents import Block, BlockKind, Document
from domain.errors import ReadError
from domain.sources import Ignore
from monitor.read.charset import decode_text
from monitor.read.normalise import collapse

MOST_VALUES = 500_000
DEEPEST = 200
_IDENTITIES = ("drawNumber", "id", "key", "code", "number", "slug", "name", "title", "url", "date")
_TAG = re.compile(r"<[^<>]{1,2000}>")


def read_json(
    body: bytes,
    *,
    content_type: str | None = None,
    url: str = "",
    region: str | None = None,
    ignore: tuple[Ignore, ...] = (),
    today: date | None = None,
) -> Document:
    """The document of a JSON body; numbers keep the digits they were written with. Raises DecodeError and ReadError.

    ignore: a pattern leaves out every key that it matches as a whole, wherever it stands.
    """
    text, encoding, notes = decode_text(body, content_type)
    repeated: list[str] = []
    try:
        data = json.loads(
            text, parse_float=str, parse_int=str, parse_constant=_no_number, object_pairs_hook=_pairs(repeated)
        )
    except RecursionError as error:
        raise ReadError("too-complex", "the JSON is nested too deeply") from error
    except ValueError as error:
        raise ReadError("no-json", str(error)[:200]) from error
    data = _without(data, ignore, today)
    return Document(
        media="json",
        title=_title(data, url),
        blocks=tuple(_blocks(data)),
        template=_template(data),
        encoding=encoding,
        data=data,
        notes=notes + tuple(f"key {key!r} stands twice in one object" for key in repeated[:5]),
    )


def _without(data: Any, ignore: tuple[Ignore, ...], today: date | None) -> Any:
    """The tree without the keys that are ignored today."""
    live = [rule for rule in ignore if rule.match and (rule.until is None or today is None or today <= rule.until)]
    if not live:
        return data
    pattern = re2.compile("|".join(f"(?:{rule.match})" for rule in live))
    return _pruned(data, pattern)


def _pruned(value: Any, pattern: Any, depth: int = 0) -> Any:
    if depth > DEEPEST:
        return value
    if isinstance(value, dict):
        return {
            key: _pruned(inner, pattern, depth + 1) for key, inner in value.items() if pattern.fullmatch(key) is None
        }
    return [_pruned(item, pattern, depth + 1) for item in value] if isinstance(value, list) else value


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def _pairs(repeated: list[str]) -> Any:
    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        built = dict(pairs)
        if len(built) != len(pairs):
            repeated.extend(sorted(key for key, times in Counter(key for key, _ in pairs).items() if times > 1))
        return built

    return build


def _template(data: Any) -> str:
    if isinstance(data, dict) and isinstance(data.get("rounds"), list):
        return "rounds"
    if isinstance(data, dict) and any(name in data for name in ("visitor-outside-canada", "visitor_inside_canada")):
        return "processing-times"
    return ""


def _title(data: Any, url: str) -> str:
    if isinstance(data, dict) and isinstance(data.get("title"), str):
        return collapse(data["title"])
    return url.rstrip("/").rsplit("/", 1)[-1]


def _blocks(data: Any) -> Iterator[Block]:
    """Blocks in the order of the tree: a record of a list is one block, a plain value outside of lists is one."""
    stack: list[tuple[Any, tuple[str, ...], str, int]] = [(data, (), "", 0)]
    count = 0
    while stack:
        value, path, place, depth = stack.pop()
        count += 1
        if count > MOST_VALUES or depth > DEEPEST:
            raise ReadError("too-complex", "the JSON holds more than any watched feed")
        if isinstance(value, Mapping):
            stack += [
                (inner, (*path, str(name)), f"{place}.{name}" if place else str(name), depth + 1)
                for name, inner in reversed(list(value.items()))
            ]
        elif isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
            yield from _records(value, path, place)
        elif isinstance(value, list):
            text = "; ".join(_line(item) for item in value)
            yield Block(
                kind=BlockKind.RECORD, path=path[:-1], text=_named(path, text), locator=place, key=place or None
            )
        else:
            yield Block(
                kind=BlockKind.RECORD, path=path[:-1], text=_named(path, _line(value)), locator=place, key=place or None
            )


def _records(records: list[Mapping[str, Any]], path: tuple[str, ...], place: str) -> Iterator[Block]:
    identity = next((name for name in _IDENTITIES if _identifies(records, name)), None)
    for number, item in enumerate(records):
        name = str(item[identity]) if identity else str(number)
        text = "; ".join(f"{key}: {_line(inner)}" for key, inner in item.items())
        locator = f"{place}[{name}]"
        yield Block(kind=BlockKind.RECORD, path=path, text=text, locator=locator, key=locator if identity else None)


def _identifies(records: list[Mapping[str, Any]], name: str) -> bool:
    values = [item.get(name) for item in records]
    return all(isinstance(value, str) and value for value in values) and len(set(map(str, values))) == len(values)


def _named(path: tuple[str, ...], text: str) -> str:
    return f"{path[-1]}: {text}" if path else text


def _line(value: Any) -> str:
    if isinstance(value, str):
        return collapse(_TAG.sub(" ", value)) if "<" in value else collapse(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return json.dumps(value, ensure_ascii=False, sort_keys=True)[:20_000]
