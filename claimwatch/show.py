"""Printing for people: plain, calm tables, and captured text made harmless for a terminal."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from domain.values import Value, value_words

_WIDTH = None if sys.stdout.isatty() else 200
"""Columns where no terminal says how many it has: a table in a pipe or a file is not folded to a narrow screen."""

out = Console(highlight=False, width=_WIDTH, soft_wrap=not sys.stdout.isatty())
err = Console(stderr=True, highlight=False)


def print_json(document: Any) -> None:
    """Exactly one JSON document on standard output."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def print_json_line(document: Any) -> None:
    """One line of JSON Lines on standard output."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")


def safe(text: str) -> str:
    """Captured text for a terminal: control, bidi and invisible characters shown as <U+XXXX>, markup escaped."""
    shown = "".join(_visible(mark) for mark in text)
    return escape(shown)


def _visible(mark: str) -> str:
    if mark in "\n\t":
        return " "
    return f"<U+{ord(mark):04X}>" if unicodedata.category(mark) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") else mark


def clip(text: str, width: int = 160) -> str:
    """At most `width` characters, cut at the end with an ellipsis."""
    flat = " ".join(text.split())
    return flat if len(flat) <= width else flat[: width - 1] + "…"


def value_text(value: Value | None, width: int = 80) -> str:
    return "nothing" if value is None else clip(value_words(value), width)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table of captured and own text; every cell is made safe. Without rows it is a line that says so."""
    rows = list(rows)
    if not rows:
        line(f"{title}: none")
        return
    drawn = Table(title=title, title_justify="left", title_style="bold", show_lines=False, pad_edge=False)
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*(safe(cell) for cell in row))
    out.print(drawn)


def counted(number: int, noun: str, nouns: str = "") -> str:
    """A number with its noun: `1 source`, `2 sources`; `nouns` where the plural is not the noun with an s."""
    return f"{number} {noun if number == 1 else nouns or noun + 's'}"


def line(text: str = "") -> None:
    out.print(safe(text))


def verbatim(text: str) -> None:
    """Lines as they are, never wrapped, so that they can be copied; captured characters made harmless as elsewhere."""
    for each in text.splitlines():
        sys.stdout.write("".join(map(_visible, each)) + "\n")
