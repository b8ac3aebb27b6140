"""Loading both files together, with the checks that need both. Applied whole, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from claimwatch.config.claims import Guide, read_claims
from claimwatch.config.form import Form, nearest
from claimwatch.config.sources import read_sources
from claimwatch.config.tree import Mapping, Problems, read_tree
from domain.claims import Claim
from domain.errors import ConfigError
from domain.sources import Source

__all__ = ["Config", "Guide", "load_config"]

SOURCES, CLAIMS = "sources.yaml", "claims.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What is watched, and what the guide says."""

    sources: tuple[Source, ...]
    claims: tuple[Claim, ...]
    guide: Guide | None = None


def load_config(home: Path) -> Config:
    """Both files of a home folder. Raises ConfigError with all problems of both."""
    problems = Problems()
    sources = _sources(home, problems)
    rules = {source.fact_key(rule): rule for source, _ in sources or () for rule in source.rules}
    top = _top(home / CLAIMS, problems)
    guide, claims = (None, ()) if top is None else read_claims(top, None if sources is None else rules)
    _once(CLAIMS, [(claim.id, line) for claim, line in claims], problems)
    if problems.found:
        raise ConfigError(tuple(sorted(problems.found, key=lambda item: (item.file, item.line or 0))))
    return Config(
        sources=tuple(source for source, _ in sources or ()), claims=tuple(claim for claim, _ in claims), guide=guide
    )


def _sources(home: Path, problems: Problems) -> tuple[tuple[Source, int], ...] | None:
    """Every source with its line; None where the file is no configuration at all."""
    top = _top(home / SOURCES, problems)
    if top is None:
        return None
    sources = read_sources(top)
    _once(SOURCES, [(source.id, line) for source, line in sources], problems)
    names = [source.id for source, _ in sources]
    addresses: dict[str, str] = {}
    for source, line in sources:
        if source.counterpart is not None and source.counterpart not in names:
            problems.add(
                SOURCES,
                f"there is no source {source.counterpart!r}",
                line=line,
                entry=source.id,
                key="counterpart",
                nearest=nearest(source.counterpart, names),
            )
        for name in source.moves_with:
            if name not in names or name == source.id:
                problems.add(
                    SOURCES,
                    f"there is no other source {name!r}",
                    line=line,
                    entry=source.id,
                    key="moves_with",
                    nearest=nearest(name, names),
                )
        address = _address(source.url)
        if address in addresses:
            problems.add(
                SOURCES, f"the same page is watched as {addresses[address]!r}", line=line, entry=source.id, key="url"
            )
        addresses.setdefault(address, source.id)
    return sources


def _top(path: Path, problems: Problems) -> Form | None:
    tree = read_tree(path, problems)
    if tree is None:
        return None
    if not isinstance(tree, Mapping):
        problems.add(path.name, "must hold keys and values at the top", line=tree.line)
        return None
    return Form(tree, path.name, problems)


def _once(file: str, names: list[tuple[str, int]], problems: Problems) -> None:
    seen: dict[str, int] = {}
    for name, line in names:
        if name and name in seen:
            problems.add(
                file, f"the id {name!r} stands twice (first on line {seen[name]})", line=line, entry=name, key="id"
            )
        seen.setdefault(name, line)


def _address(url: str) -> str:
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port else ""
    return f"{host}{port}{parts.path.rstrip('/')}?{parts.query}"
