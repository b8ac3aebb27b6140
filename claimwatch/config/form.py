"""Taking typed values out of a tree, each fault told with its place and the nearest valid name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import TypeVar

from claimwatch.config.tree import Mapping, Problems, Scalar, Sequence, Tree

T = TypeVar("T")
_SPAN = re.compile(r"(\d{1,6})\s*(s|m|h|d|w)\Z")
_SPANS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_TRUE, _FALSE = frozenset({"true", "yes", "on"}), frozenset({"false", "no", "off"})


@dataclass(slots=True)
class Form:
    """One mapping being read. Every key that is asked for is known; `finish` refuses the rest."""

    mapping: Mapping
    file: str
    problems: Problems
    entry: str | None = None
    path: str = ""
    asked: set[str] = field(default_factory=set)

    def has(self, key: str) -> bool:
        return key in self.mapping.entries

    def tree(self, key: str) -> Tree | None:
        self.asked.add(key)
        return self.mapping.entries.get(key)

    def wrong(self, key: str, message: str, *, nearest: str | None = None) -> None:
        line = self.mapping.lines.get(key, self.mapping.line)
        self.problems.add(self.file, message, line=line, entry=self.entry, key=self._at(key), nearest=nearest)

    def text(self, key: str, default: str = "", *, required: bool = False) -> str:
        """Words. What YAML would take for something else must stand in quotes."""
        tree = self.tree(key)
        if tree is None:
            if required:
                self.wrong(key, f"`{key}` is missing")
            return default
        return self._words(key, tree) or default

    def optional(self, key: str) -> str | None:
        """Words, or None where the key is not there."""
        return self.text(key) or None

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of words; one alone may stand without a list."""
        tree = self.tree(key)
        if tree is None:
            return ()
        items = tree.items if isinstance(tree, Sequence) else (tree,)
        return tuple(words for item in items if (words := self._words(key, item)))

    def written(self, key: str) -> tuple[str, ...]:
        """A list of scalars as written, numbers and dates included: operands, whose kind the fact decides."""
        tree = self.tree(key)
        if tree is None:
            return ()
        items = tree.items if isinstance(tree, Sequence) else (tree,)
        found = []
        for item in items:
            if isinstance(item, Scalar) and item.text.strip():
                found.append(item.text.strip())
            else:
                self.wrong(key, f"`{key}` must hold plain values")
        return tuple(found)

    def number(self, key: str) -> int | None:
        tree = self.tree(key)
        if tree is None:
            return None
        if isinstance(tree, Scalar) and re.fullmatch(r"\d{1,9}", tree.text):
            return int(tree.text)
        self.wrong(key, f"`{key}` must be a whole number")
        return None

    def flag(self, key: str, *, default: bool) -> bool:
        tree = self.tree(key)
        if tree is None:
            return default
        if isinstance(tree, Scalar) and tree.text.casefold() in _TRUE | _FALSE:
            return tree.text.casefold() in _TRUE
        self.wrong(key, f"`{key}` must be true or false")
        return default

    def span(self, key: str, default: timedelta) -> timedelta:
        """A length of time: 30m, 12h, 7d."""
        found = self.optional_span(key)
        return default if found is None else found

    def optional_span(self, key: str) -> timedelta | None:
        tree = self.tree(key)
        if tree is None:
            return None
        found = _SPAN.fullmatch(tree.text.strip()) if isinstance(tree, Scalar) else None
        if found is None:
            self.wrong(key, f"`{key}` must be a length of time such as 30m, 12h or 7d")
            return None
        return timedelta(**{_SPANS[found[2]]: int(found[1])})

    def day(self, key: str) -> date | None:
        tree = self.tree(key)
        if tree is None:
            return None
        try:
            return date.fromisoformat(tree.text.strip() if isinstance(tree, Scalar) else "")
        except ValueError:
            self.wrong(key, f"`{key}` must be a day such as 2027-01-31")
            return None

    def numbers(self, key: str, of: Callable[[str], T]) -> tuple[T, T] | None:
        """A pair [low, high]."""
        tree = self.tree(key)
        if tree is None:
            return None
        try:
            if not isinstance(tree, Sequence) or len(tree.items) != 2:
                raise ValueError
            low, high = (of(item.text) if isinstance(item, Scalar) else of("") for item in tree.items)
        except (ValueError, InvalidOperation):
            self.wrong(key, f"`{key}` must be two numbers, [low, high]")
            return None
        if low > high:  # type: ignore[operator]
            self.wrong(key, f"`{key}` has its ends the wrong way round")
        return low, high

    def decimals(self, key: str) -> tuple[Decimal, Decimal] | None:
        return self.numbers(key, Decimal)

    def choice(self, key: str, valid: Iterable[str], default: str = "") -> str:
        """One of a few words."""
        words = self.text(key, default)
        names = tuple(valid)
        if words and words not in names:
            self.wrong(key, f"`{key}` is {words!r}, not one of {', '.join(names)}", nearest=nearest(words, names))
            return default
        return words

    def form(self, key: str) -> Form | None:
        """A mapping inside this one."""
        tree = self.tree(key)
        if tree is None:
            return None
        if not isinstance(tree, Mapping):
            self.wrong(key, f"`{key}` must hold keys and values")
            return None
        return Form(tree, self.file, self.problems, self.entry, self._at(key))

    def forms(self, key: str) -> list[Form]:
        """A list of mappings inside this one."""
        tree = self.tree(key)
        if tree is None or (isinstance(tree, Scalar) and not tree.text):
            return []
        if not isinstance(tree, Sequence):
            self.wrong(key, f"`{key}` must be a list")
            return []
        found = []
        for number, item in enumerate(tree.items):
            place = f"{self._at(key)}[{number}]"
            if isinstance(item, Mapping):
                found.append(Form(item, self.file, self.problems, self.entry, place))
            else:
                self.problems.add(
                    self.file, "an entry must hold keys and values", line=item.line, entry=self.entry, key=place
                )
        return found

    def finish(self) -> None:
        """Refuse every key that nobody asked for."""
        for key in self.mapping.entries:
            if key not in self.asked:
                self.wrong(key, f"the key {key!r} is unknown here", nearest=nearest(key, self.asked))

    def _words(self, key: str, tree: Tree) -> str:
        if not isinstance(tree, Scalar):
            self.wrong(key, f"`{key}` must be text")
            return ""
        if tree.trap is not None:
            written = tree.text or "an empty value"
            self.wrong(key, f"YAML reads {written} as {tree.trap}, not as text: put it in quotes")
            return ""
        return tree.text.strip()

    def _at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The most similar valid name, or None where none is near."""
    return next(iter(get_close_matches(name, list(names), n=1, cutoff=0.5)), None)
