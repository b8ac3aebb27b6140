"""Every example of docs/adding-a-source.md gives what the page says it gives."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from claimwatch.config.load import load_config
from domain.claims import Operator
from domain.facts import Fact, FactState
from domain.sources import Rule, Source
from domain.values import value_words
from monitor.expect import try_expectation
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


def load(folder: Path, entry: str, claims: str = "") -> Source:
    (folder / "sources.yaml").write_text(f"sources:\n{entry}", encoding="utf-8")
    (folder / "claims.yaml").write_text(f"claims:\n{claims}" if claims else "claims: []\n", encoding="utf-8")
    return load_config(folder).sources[0]


def page_of(rules: str) -> str:
    indented = "".join(f"      {line}" for line in rules.splitlines(keepends=True))
    return f"  - id: page\n    title: Page\n    url: https://a.example.org/\n    facts:\n{indented}"


def body_of(page: str) -> str:
    return f"<!doctype html><html><body><main><h1>Page</h1>{page}</main></body></html>"


def questions() -> tuple[str, str, str, str]:
    """(page, rules, expectations, answers): the example that puts every question."""
    blocks = [(match[1], match[2]) for match in BLOCK.finditer(PAGE)]
    for at in range(len(blocks) - 3):
        four = blocks[at : at + 4]
        if [language for language, _ in four] == ["html", "yaml", "yaml", "text"]:
            page, rules, asked, answers = (text for _, text in four)
            return page, rules, asked, answers
    raise AssertionError("there is no example of every question")


def test_every_question_that_a_claim_can_put_is_answered_as_shown(tmp_path: Path) -> None:
    page, rules, asked, answers = questions()
    claims = "".join(
        f"  - id: c{number}\n    section: s\n    text: Words.\n    expect: {line.removeprefix('- ')}\n"
        for number, line in enumerate(asked.strip().splitlines())
    )
    source = load(tmp_path, page_of(rules), claims)
    facts = {fact.key: fact for fact in extract(read(body_of(page).encode(), media="html"), source, today=TODAY)}
    asking = [item for claim in load_config(tmp_path).claims for item in claim.expectations]
    tried = [try_expectation(item, facts, today=TODAY) for item in asking]
    lines = [
        f"{item.expectation.operator.value}: {item.answer.value}{', ' + item.reason if item.reason else ''}"
        for item in tried
    ]
    assert lines == answers.strip().splitlines()
    assert {item.operator for item in asking} == set(Operator)


def shown(fact: Fact) -> str:
    if fact.state is not FactState.LOCATED or fact.value is None:
        return fact.state.value
    if fact.pending is not None:
        return f"{value_words(fact.value)}, then {value_words(fact.pending.value)} from {fact.pending.effective}"
    return value_words(fact.value)


@pytest.mark.parametrize("example", examples(), ids=lambda example: example[3].split(":")[0])
def test_an_example_gives_what_it_says(example: tuple[str, str, str, str], tmp_path: Path) -> None:
    media, page, rules, expected = example
    source = load(tmp_path, page_of(rules))
    body = page if media == "json" else body_of(page)
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
