"""YAML read without its traps: no tags, anchors or merges, no repeated keys, no guessing of types; lines are kept.

Scalars stay the text that was written. What YAML would turn into something else than its author sees (`no`, `0123`,
`12:30`, a date) is refused where text is wanted, unless it stands in quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from domain.errors import ConfigProblem

_FAST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The reader written in C, where PyYAML has it: a list of a thousand sources is read in a fraction of the time."""

MOST_BYTES = 4 * 2**20
DEEPEST = 20

_TRAPS = (
    (re.compile(r"(?:y|n|yes|no|on|off|true|false)\Z", re.IGNORECASE), "a truth value"),
    (re.compile(r"(?:null|~|)\Z", re.IGNORECASE), "nothing"),
    (re.compile(r"0\d+\Z"), "an octal number"),
    (re.compile(r"\d+(?::\d+)+\Z"), "a number to base sixty"),
    (re.compile(r"\d{4}-\d\d?-\d\d?(?:[Tt ].*)?\Z"), "a date"),
)


def trap_of(text: str) -> str | None:
    """What YAML makes of plain text that looks like words, or None where it is what it looks like."""
    return next((name for pattern, name in _TRAPS if pattern.match(text)), None)


@dataclass(frozen=True, slots=True)
class Scalar:
    """Text as written. quoted: it stood in quotes or a block, so it is text and nothing else."""

    text: str
    quoted: bool
    line: int

    @property
    def trap(self) -> str | None:
        """What YAML makes of the plain text instead, or None where it is what it looks like."""
        return None if self.quoted else trap_of(self.text)


@dataclass(frozen=True, slots=True)
class Mapping:
    entries: dict[str, Tree]
    line: int
    lines: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple[Tree, ...]
    line: int


Tree = Scalar | Mapping | Sequence


@dataclass(slots=True)
class Problems:
    """The faults found so far, all files together."""

    found: list[ConfigProblem] = field(default_factory=list)

    def add(
        self,
        file: str,
        message: str,
        *,
        line: int | None = None,
        entry: str | None = None,
        key: str | None = None,
        nearest: str | None = None,
    ) -> None:
        self.found.append(ConfigProblem(file=file, line=line, entry=entry, key=key, message=message, nearest=nearest))


def read_tree(path: Path, problems: Problems) -> Tree | None:
    """The file's tree, or None with its problems told. The file is read once."""
    name = path.name
    try:
        raw = path.read_bytes()
    except OSError as error:
        problems.add(
            name,
            f"cannot be read in {path.parent}: {error.strerror}; go to your folder, or make a starter: `claimwatch init`",
        )
        return None
    return parse_tree(raw, name, problems)


def parse_tree(raw: bytes, name: str, problems: Problems) -> Tree | None:
    """The tree of a text, or None with its problems told. name: what the problems call it."""
    if len(raw) > MOST_BYTES:
        problems.add(name, f"is larger than {MOST_BYTES} bytes")
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problems.add(name, f"is not UTF-8 text ({error.reason} at byte {error.start})")
        return None
    try:
        node = _composed(text)
    except _Refused as error:
        problems.add(name, str(error), line=error.line)
        return None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        problems.add(name, f"is no YAML: {error.problem}", line=line)
        return None
    except (yaml.YAMLError, RecursionError) as error:
        problems.add(name, f"is no YAML: {error}")
        return None
    if node is None:
        problems.add(name, "is empty")
        return None
    return _tree(node, name, problems)


class _Refused(Exception):
    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def _composed(text: str) -> Node | None:
    """The document, read fast; what that reader refuses is read by the other one, whose words for people are better."""
    try:
        _refuse_what_costs(text, _FAST)
        return yaml.compose(text, Loader=_FAST)
    except yaml.YAMLError:
        _refuse_what_costs(text, yaml.SafeLoader)
        return yaml.compose(text, Loader=yaml.SafeLoader)


def _refuse_what_costs(text: str, loader: Any) -> None:
    """Anchors, aliases and tags are refused before anything is built from them, and so is what is nested too deep,
    which the reader takes very long for.
    """
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        line = event.start_mark.line + 1 if event.start_mark else 0
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise _Refused(f"is nested more than {DEEPEST} deep", line)
        if isinstance(event, yaml.AliasEvent):
            raise _Refused("aliases are not allowed: write the value out", line)
        if getattr(event, "anchor", None):
            raise _Refused("anchors are not allowed: write the value out", line)
        tag = getattr(event, "tag", None)
        if tag:
            raise _Refused(f"tags such as {tag!r} are not allowed", line)


def _tree(node: Node, file: str, problems: Problems) -> Tree | None:
    line = node.start_mark.line + 1
    if isinstance(node, ScalarNode):
        return Scalar(text=node.value, quoted=bool(node.style), line=line)
    if isinstance(node, SequenceNode):
        return Sequence(items=tuple(_children(node.value, file, problems)), line=line)
    if isinstance(node, MappingNode):
        return _mapping(node, file, problems)
    return None


def _children(nodes: list[Node], file: str, problems: Problems) -> Iterator[Tree]:
    for node in nodes:
        tree = _tree(node, file, problems)
        if tree is not None:
            yield tree


def _mapping(node: MappingNode, file: str, problems: Problems) -> Mapping:
    entries: dict[str, Tree] = {}
    lines: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, ScalarNode):
            problems.add(file, "a key must be plain text", line=line)
            continue
        if key.value == "<<" and not key.style:
            problems.add(file, "merge keys (<<) are not allowed: write the values out", line=line)
            continue
        if key.value in entries:
            problems.add(file, f"the key {key.value!r} stands twice (first on line {lines[key.value]})", line=line)
            continue
        tree = _tree(value, file, problems)
        if tree is not None:
            entries[key.value], lines[key.value] = tree, line
    return Mapping(entries=entries, line=node.start_mark.line + 1, lines=lines)
