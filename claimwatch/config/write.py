"""A source as its entry in `sources.yaml`: what `suggest` prints, for a person to read, mend and paste."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import yaml

from claimwatch.config.tree import trap_of
from domain.sources import Expect, Rule, Source


class _Writer(yaml.SafeDumper):
    """Quotes every word that some reader of YAML would take for something else."""


def _words(writer: _Writer, text: str) -> yaml.ScalarNode:
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style='"' if trap_of(text) else None)


_Writer.add_representer(str, _words)


def entry_text(source: Source) -> str:
    """The entry as YAML, indented to stand under `sources:`. Reading it back gives the same source."""
    entry: dict[str, Any] = {"id": source.id, "title": source.title, "url": source.url}
    for name in ("authority", "jurisdiction"):
        if getattr(source, name):
            entry[name] = getattr(source, name)
    if source.language != "en":
        entry["language"] = source.language
    if source.media:
        entry["media"] = source.media
    if source.must_contain:
        entry["must_contain"] = list(source.must_contain)
    if source.grounding != "verified":
        entry["grounding"] = source.grounding
    if source.rules:
        entry["facts"] = [rule_entry(rule) for rule in source.rules]
    text = yaml.dump([entry], Dumper=_Writer, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None)
    return "".join(f"  {line}" for line in text.splitlines(keepends=True))


def rule_text(rule: Rule) -> str:
    """One rule as YAML, indented to stand under the `facts:` of such an entry."""
    text = yaml.dump(
        [rule_entry(rule)], Dumper=_Writer, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None
    )
    return "".join(f"    {line}" for line in text.splitlines(keepends=True))


_PLAIN = ("under", "select", "row", "column", "label", "match", "path", "section", "part", "page", "extractor")


def rule_entry(rule: Rule) -> dict[str, Any]:
    entry: dict[str, Any] = {"key": rule.key, "kind": rule.kind.value}
    for name in _PLAIN:
        if getattr(rule, name) is not None:
            entry[name] = getattr(rule, name)
    table = {"caption": rule.caption, "columns": list(rule.columns)}
    if rule.path is not None and rule.columns:
        entry["columns"] = list(rule.columns)
    elif any(table.values()):
        entry["table"] = {name: value for name, value in table.items() if value}
    if rule.key_columns:
        entry["key_columns"] = list(rule.key_columns)
    for name in ("codes", "unit", "statistic", "currency"):
        if getattr(rule, name) is not None:
            entry[name] = getattr(rule, name)
    if rule.pick != "only":
        entry["pick"] = rule.pick
    if rule.expect != Expect():
        entry["expect"] = _expect(rule.expect)
    return entry


def _expect(expect: Expect) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if expect.between is not None:
        found["between"] = [_number(end) for end in expect.between]
    if expect.rows is not None:
        found["rows"] = list(expect.rows)
    if expect.one_of:
        found["one_of"] = list(expect.one_of)
    if expect.contains:
        found["contains"] = list(expect.contains)
    if expect.grows:
        found["grows"] = True
    return found


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
