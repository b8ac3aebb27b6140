"""One entry of `sources.yaml` by itself: as it stands in the file, and a text that somebody tries read as one."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingOf
from dataclasses import replace
from pathlib import Path

from claimwatch.config.form import Form
from claimwatch.config.sources import read_sources
from claimwatch.config.tree import Mapping, Problems, Scalar, Sequence, parse_tree
from domain.errors import ConfigError, ConfigProblem
from domain.sources import Source

TRIED = "the entry"
_AN_ITEM = re.compile(r"\s*-\s")
_THE_LIST = re.compile(r"sources\s*:")


def entries_as_written(path: Path) -> MappingOf[str, str]:
    """For each source its lines in the file, comments and all; nothing where the file cannot be read."""
    try:
        raw = path.read_bytes()
        lines = raw.decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    top = parse_tree(raw, path.name, Problems())
    listed = top.entries.get("sources") if isinstance(top, Mapping) else None
    if not isinstance(top, Mapping) or not isinstance(listed, Sequence):
        return {}
    items = [item for item in listed.items if isinstance(item, Mapping)]
    after = min((line for line in top.lines.values() if line > listed.line), default=len(lines) + 1)
    ends = [*(item.line for item in items[1:]), after]
    return {
        name.text: _text(lines[item.line - 1 : end - 1])
        for item, end in zip(items, ends, strict=False)
        if isinstance(name := item.entries.get("id"), Scalar)
    }


def _text(lines: list[str]) -> str:
    """The lines without what stands before the next entry and belongs to it."""
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines = lines[:-1]
    return "\n".join(lines) + "\n" if lines else ""


def read_entry(text: str) -> Source:
    """A text that is one entry (a list item, or its keys alone) as a source.

    Raises ConfigError with every problem, its line counted in the text. What only the whole file can tell, such as
    whether the counterpart is there, is not asked.
    """
    text = text.replace("\r\n", "\n").expandtabs(2)
    body, added = _as_file(text)
    problems = Problems()
    top = parse_tree(body.encode("utf-8", "replace"), TRIED, problems)
    sources: tuple[tuple[Source, int], ...] = ()
    if isinstance(top, Mapping):
        sources = read_sources(Form(top, TRIED, problems))
    elif not problems.found:
        problems.add(TRIED, "must hold the keys of a source", line=1)
    if len(sources) > 1:
        problems.add(TRIED, "must be one source, not several", line=sources[1][1])
    if problems.found:
        raise ConfigError(tuple(_moved(item, added) for item in problems.found))
    return sources[0][0]


def _as_file(text: str) -> tuple[str, int]:
    """The text as a file of one source, and how many lines were put before it."""
    first = next((line for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#")), "")
    if _THE_LIST.match(first):
        return text, 0
    if _AN_ITEM.match(first):
        return f"sources:\n{text}", 1
    indented = "\n".join(f"    {line}" for line in text.split("\n"))
    return f"sources:\n  -\n{indented}", 2


def _moved(problem: ConfigProblem, added: int) -> ConfigProblem:
    return replace(problem, line=None if problem.line is None else max(1, problem.line - added))
