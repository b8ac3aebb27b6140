"""One entry by itself: cut out of its file as it stands there, and a text that somebody tries read as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from claimwatch.config import load_config
from claimwatch.config.entries import entries_as_written, read_entry
from domain.errors import ConfigError

ROOT = Path(__file__).parents[2]

FILE = """\
# What we watch.
defaults:
  every: 12h
sources:
  # Fees of permits.
  - id: fees
    title: Fees
    url: https://office.example/fees   # the page
    facts:
      - key: fee
        kind: money

  # Dates, one day.
  - id: "dates"
    title: Dates
    url: https://office.example/dates
"""


def test_entries_are_cut_out_with_their_comments(tmp_path: Path) -> None:
    path = tmp_path / "sources.yaml"
    path.write_text(FILE)
    written = entries_as_written(path)
    assert list(written) == ["fees", "dates"]
    assert written["fees"].startswith("  - id: fees\n")
    assert "# the page" in written["fees"]
    assert written["fees"].endswith("        kind: money\n")
    assert "Dates" not in written["fees"]


def test_what_stands_after_the_list_belongs_to_no_entry(tmp_path: Path) -> None:
    path = tmp_path / "sources.yaml"
    path.write_text("sources:\n  - id: fees\n    title: Fees\ndefaults:\n  every: 12h\n")
    assert entries_as_written(path) == {"fees": "  - id: fees\n    title: Fees\n"}


@pytest.mark.parametrize("text", [None, "", "- a", "sources: 3", "sources:\n  - fees\n", "a: [", "\xff"])
def test_a_file_that_is_none_has_no_entries(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "sources.yaml"
    if text is not None:
        path.write_bytes(text.encode("latin-1"))
    assert entries_as_written(path) == {}


def test_every_entry_of_our_own_file_reads_back_as_the_same_rules() -> None:
    written = entries_as_written(ROOT / "sources.yaml")
    for source in load_config(ROOT).sources:
        again = read_entry(written[source.id])
        assert (again.id, again.url, again.rules, again.digest) == (source.id, source.url, source.rules, source.digest)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("id: a\ntitle: A\nurl: https://a.example/\ncolour: red\n", 4),
        ("- id: a\n  title: A\n  url: https://a.example/\n  colour: red\n", 4),
        ("  - id: a\n    title: A\n    url: https://a.example/\n    colour: red\n", 4),
        ("# mine\n\n- id: a\n  title: A\n  url: https://a.example/\n  colour: red\n", 6),
        ("sources:\n  - id: a\n    title: A\n    url: https://a.example/\n    colour: red\n", 5),
        ("id: a\r\ntitle: A\r\nurl: https://a.example/\r\ncolour: red\r\n", 4),
    ],
)
def test_lines_are_counted_in_the_text_however_it_was_pasted(text: str, line: int) -> None:
    with pytest.raises(ConfigError) as caught:
        read_entry(text)
    (problem,) = caught.value.problems
    assert problem.line == line
    assert "'colour' is unknown" in problem.message
    without = read_entry(text.replace("colour: red", "language: fr"))
    assert (without.id, without.language) == ("a", "fr")


def test_two_entries_are_one_too_many() -> None:
    entry = "- id: {0}\n  title: T\n  url: https://a.example/{0}\n"
    with pytest.raises(ConfigError) as caught:
        read_entry(entry.format("a") + entry.format("b"))
    assert [problem.line for problem in caught.value.problems] == [4]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_an_entry_that_is_nested_very_deep_is_not_read_to_its_end(opening: str) -> None:
    """To its end, which no bracket closes, the longest entry would take half a minute."""
    with pytest.raises(ConfigError) as caught:
        read_entry(opening * 3_000)
    assert [problem.message for problem in caught.value.problems] == ["is nested more than 20 deep"]
