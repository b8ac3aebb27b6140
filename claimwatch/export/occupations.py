"""Occupations with the lists that they are on, from the facts that hold codes of the classification."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from claimwatch.export.document import ExportedFact, Listing, Occupation
from domain.facts import Fact
from domain.sources import Source
from domain.values import Code, Members, Rows, Scheme
from monitor.extract.codes import noc_codes


def occupations_of(
    sources: Iterable[Source], current: Mapping[str, Fact], states: Mapping[str, ExportedFact]
) -> tuple[Occupation, ...]:
    """Every unit group that a list or the classification holds, by its code."""
    lists: dict[str, list[Listing]] = defaultdict(list)
    titles: dict[str, str] = {}
    for source in sources:
        for rule in source.rules:
            key = source.fact_key(rule)
            value = current[key].value if key in current else None
            if isinstance(value, Rows) and (rule.codes == Scheme.NOC2021.value or _codes_first(value)):
                for code, qualifier, named in _coded_rows(value):
                    if rule.codes != Scheme.NOC2021.value:
                        titles.setdefault(code, named)
                        continue
                    lists[code].append(Listing(fact=key, qualifier=qualifier, named=named, state=states[key].state))
            elif isinstance(value, Members | Code) and rule.codes == Scheme.NOC2021.value:
                for code in value.items if isinstance(value, Members) else (value.code,):
                    lists[code].append(Listing(fact=key, qualifier="", named="", state=states[key].state))
    return tuple(
        Occupation(code=code, title=titles.get(code, ""), teer=code[1], lists=tuple(dict.fromkeys(lists[code])))
        for code in sorted(set(titles) | set(lists))
    )


def _codes_first(value: Rows) -> bool:
    """A table of the classification itself: most rows begin with a unit group's code."""
    return bool(value.rows) and sum(bool(re.fullmatch(r"\d{5}", row[0])) for row in value.rows) * 2 > len(value.rows)


def _coded_rows(value: Rows) -> list[tuple[str, str, str]]:
    """(code, qualifier, title) of each row: the code from its key column, the title from the first other column."""
    at = value.columns.index(value.key[0]) if value.key and value.key[0] in value.columns else 0
    found = []
    for row in value.rows:
        for item in noc_codes(row[at]):
            if isinstance(item.value, Code):
                title = next((cell for place, cell in enumerate(row) if place != at and cell), "")
                found.append((item.value.code, item.value.qualifier or "", title))
    return found
