"""What can be done is written down: every command in the README, every key of both files where a newcomer looks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from claimwatch.cli import app
from claimwatch.settings import PREFIX, Settings
from domain.claims import Operator
from domain.sources import Source
from domain.values import Kind

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SOURCES = (ROOT / "docs" / "adding-a-source.md").read_text(encoding="utf-8")
INNER = {"rules", "cadence", "digest"}
"""Fields of a source that are no keys of the file: `facts`, `every` and `cron` stand for them."""


def commands() -> list[str]:
    top = get_command(app)
    found = []
    for name, command in top.commands.items():  # type: ignore[attr-defined]
        found.append(name)
        found += [f"{name} {inner}" for inner in getattr(command, "commands", {})]
    return found


@pytest.mark.parametrize("command", commands())
def test_a_command_is_in_the_readme(command: str) -> None:
    first, *rest = command.split()
    assert re.search(rf"`{first}\b", README)
    assert all(re.search(rf"\b{word}\b", README) for word in rest)


@pytest.mark.parametrize("name", sorted(set(Source.__dataclass_fields__) - INNER))
def test_a_key_of_a_source_is_explained(name: str) -> None:
    assert re.search(rf"\b{name}\b", SOURCES)


@pytest.mark.parametrize("name", [each.value for each in (*Kind, *Operator)])
def test_a_kind_and_an_operator_are_named(name: str) -> None:
    assert f"`{name}`" in SOURCES


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_a_setting_is_explained_where_an_operator_looks(name: str) -> None:
    runbook = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    assert f"{PREFIX}{name.upper()}" in README + runbook


def test_every_setting_has_its_meaning() -> None:
    assert all(field.description for field in Settings.model_fields.values())
    assert f"{PREFIX}SMTP_URL" in README


@pytest.mark.parametrize("page", sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
