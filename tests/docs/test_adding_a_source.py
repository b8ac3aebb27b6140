"""Every example of docs/adding-a-source.md gives what the page says it gives."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from claimwatch.config.load import load_config
from domain.facts import Fact, FactState
from domain.sources import Rule, Source
from domain.values import value_words
from monitor.extract import extract
from monitor.read import read

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "adding-a-source.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```(html|json|yaml|text)\n(.*?)```", re.DOTALL)
TODAY = date(2026, 6, 1)


def examples() -> list[tuple[str, str, str, str]]:
    """(media, page, rules, expected) for each page that is followed by rules and by what they give."""
    blocks = [(match[1], match[2]) for match in BLOCK.finditer(PAGE)]
    found = []
    for at in range(len(blocks) - 2):
        (media, page), (second, rules), (third, expected) = blocks[at : at + 3]
        if media in ("html", "json") and (second, third) == ("yaml", "text"):
            found.append((media, page, rules, expected))
    return found


def load(folder: Path, entry: str) -> Source:
    (folder / "sources.yaml").write_text(f"sources:\n{entry}", encoding="utf-8")
    (folder / "claims.yaml").write_text("claims: []\n", encoding="utf-8")
    return load_config(folder).sources[0]


def shown(fact: Fact) -> str:
    if fact.state is not FactState.LOCATED or fact.value is None:
        return fact.state.value
    if fact.pending is not None:
        return f"{value_words(fact.value)}, then {value_words(fact.pending.value)} from {fact.pending.effective}"
    return value_words(fact.value)


@pytest.mark.parametrize("example", examples(), ids=lambda example: example[3].split(":")[0])
def test_an_example_gives_what_it_says(example: tuple[str, str, str, str], tmp_path: Path) -> None:
    media, page, rules, expected = example
    indented = "".join(f"      {line}" for line in rules.splitlines(keepends=True))
    source = load(tmp_path, f"  - id: page\n    title: Page\n    url: https://a.example.org/\n    facts:\n{indented}")
    body = page if media == "json" else f"<!doctype html><html><body><main><h1>Page</h1>{page}</main></body></html>"
    document = read(body.encode(), media=media)
    facts = extract(document, source, today=TODAY)
    lines = [f"{fact.key.partition('#')[2]}: {shown(fact)}" for fact in facts]
    assert lines == expected.strip().splitlines()
    for fact in facts:
        for word in fact.quote.split():
            assert word.strip(":|") in body


def test_there_are_examples() -> None:
    assert len(examples()) == 7


def test_the_example_of_a_whole_source_is_valid(tmp_path: Path) -> None:
    entry = next(match[2] for match in BLOCK.finditer(PAGE) if match[2].startswith("- id: example-fees"))
    source = load(tmp_path, "".join(f"  {line}" for line in entry.splitlines(keepends=True)))
    assert source.id == "example-fees"


def test_every_key_of_a_rule_is_explained() -> None:
    unexplained = [name for name in Rule.__dataclass_fields__ if not re.search(rf"`?\b{name}\b", PAGE)]
    assert unexplained == []
