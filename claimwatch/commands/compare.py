"""`claimwatch compare`: two captures side by side, without any configuration, or with a source's rules. Writes nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from claimwatch.show import clip, counted, line, print_json, print_json_line
from domain.comparison import Comparison, Significance, Verdict
from domain.errors import ConfigError, ConfigProblem, SourceError
from domain.shapes import Json, comparison_shape
from domain.sources import Source
from monitor.diff import compare_bodies
from monitor.workers import Workers

_AHEAD = 16
"""Pairs handed to the workers before the first answer is awaited, so that both cores are busy and memory is bounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One line of a pairs file; `problem` is set where the line itself cannot be used."""

    pair_id: str
    old: Path
    new: Path
    content_type: str | None = None
    problem: str = ""


def compare_two(old: Path, new: Path, *, content_type: str | None, source: Source | None, as_json: bool) -> int:
    """Compare two files, print the outcome, return the exit code."""
    pair = Pair(pair_id="", old=old, new=new, content_type=content_type)
    comparison = asyncio.run(_all((pair,), source))[0]
    if as_json:
        print_json(comparison_shape(comparison))
    else:
        _print(comparison)
    return 0


def compare_pairs(path: Path, *, root: Path | None, content_type: str | None) -> int:
    """Compare every pair of a JSON Lines file; JSON Lines out, in input order. Unreadable pairs are `cannot_tell`."""
    pairs = tuple(_pairs(path, root or path.parent, content_type))
    asyncio.run(_stream(pairs))
    return 0


async def _stream(pairs: tuple[Pair, ...]) -> None:
    with Workers() as workers:
        waiting: list[tuple[Pair, asyncio.Task[Comparison]]] = []
        for pair in pairs:
            waiting.append((pair, asyncio.create_task(_compare(pair, None, workers))))
            if len(waiting) >= _AHEAD:
                _print_line(*waiting[0], await waiting[0][1])
                waiting.pop(0)
        for pair, task in waiting:
            _print_line(pair, task, await task)


def _print_line(pair: Pair, _task: object, comparison: Comparison) -> None:
    print_json_line(comparison_shape(comparison, pair_id=pair.pair_id))


async def _all(pairs: tuple[Pair, ...], source: Source | None) -> list[Comparison]:
    with Workers() as workers:
        return [await _compare(pair, source, workers) for pair in pairs]


async def _compare(pair: Pair, source: Source | None, workers: Workers) -> Comparison:
    if pair.problem:
        return Comparison(verdict=Verdict.CANNOT_TELL, reason=pair.problem)
    try:
        before, after = pair.old.read_bytes(), pair.new.read_bytes()
    except OSError as error:
        return Comparison(verdict=Verdict.CANNOT_TELL, reason=f"cannot read {error.filename}: {error.strerror}")
    try:
        return await workers.run(
            compare_bodies,
            before,
            after,
            content_type=pair.content_type,
            url=source.url if source is not None else pair.new.name,
            region=source.region if source is not None else None,
            ignore=source.ignore if source is not None else (),
        )
    except SourceError as error:
        return Comparison(verdict=Verdict.CANNOT_TELL, reason=f"{error.cause}: {error.detail}")


def _pairs(path: Path, root: Path, content_type: str | None) -> Iterator[Pair]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError((_problem(path, None, f"cannot be read: {error}"),)) from error
    for number, written in enumerate(text.splitlines(), start=1):
        if not written.strip():
            continue
        try:
            entry: Json = json.loads(written)
            yield Pair(
                pair_id=str(entry["pair_id"]),
                old=root / str(entry["old"]),
                new=root / str(entry["new"]),
                content_type=entry.get("content_type") or content_type,
            )
        except (ValueError, KeyError, TypeError) as error:
            reason = f"line {number} of {path.name} is no pair: {type(error).__name__} {error}"
            yield Pair(pair_id=f"line {number}", old=root, new=root, problem=reason)


def _problem(path: Path, number: int | None, message: str) -> ConfigProblem:
    return ConfigProblem(file=str(path), line=number, entry=None, key=None, message=message)


def _print(comparison: Comparison) -> None:
    line(f"{comparison.verdict.value}: {comparison.reason}" if comparison.reason else comparison.verdict.value)
    shown = [block for block in comparison.blocks if block.significance is not Significance.NOISE]
    for block in shown:
        line()
        line(f"{block.significance.value} {block.op.value} in {' > '.join(block.path) or 'the page'} ({block.because})")
        if block.before:
            line(f"  - {clip(block.before, 400)}")
        if block.after:
            line(f"  + {clip(block.after, 400)}")
        for value in block.values:
            line(f"    {value.kind}: {value.before or 'nothing'} -> {value.after or 'nothing'}")
    hidden = len(comparison.blocks) - len(shown)
    if hidden:
        line()
        line(f"{counted(hidden, 'more difference is', 'more differences are')} noise; --json lists them")
