"""From a page that nobody watches to an entry for `sources.yaml`: what `suggest` prints and the desk shows."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from urllib.parse import urlsplit

from claimwatch.config.write import entry_text, rule_text
from domain.requests import Proposal, ProposedFact
from domain.snapshots import Snapshot
from domain.sources import Source
from domain.values import value_words
from monitor.extract.place import fold
from monitor.look import View

_MOST_HEADINGS = 200
_LONGEST = 300


def name_from(target: str, taken: Collection[str] = ()) -> str:
    """A name from the last telling part of an address or path, none of those that are taken."""
    parts = [part for part in urlsplit(target).path.split("/") if part]
    stem = next((part for part in reversed(parts) if not part.startswith("index.")), "") or urlsplit(target).netloc
    words = re.findall(r"[a-z0-9]+", fold(stem.rsplit(".", 1)[0]))
    name = "-".join(words)[:90].strip("-") or "new-source"
    names = (name, *(f"{name}-{number}" for number in range(2, len(taken) + 3)))
    return next(each for each in names if each not in taken)


def proposed_source(bare: Source, view: View) -> Source:
    """The source with all that could be seen of it: title, language, words to know it by, rules that work."""
    return replace(
        bare,
        title=" ".join(view.examination.title.split()) or bare.id,
        language="fr" if view.language.startswith("fr") else "en",
        media=view.media if view.media in ("feed", "json", "pdf", "sheet") else None,
        must_contain=view.sentinels,
        rules=tuple(item.rule for item in view.suggestions),
    )


def proposal_of(bare: Source, snapshot: Snapshot, view: View) -> Proposal:
    """The entry in parts, so that a person can choose among its facts."""
    source = proposed_source(bare, view)
    return Proposal(
        url=bare.url,
        final_url=snapshot.final_url,
        title=source.title,
        media=view.media,
        blocks=view.examination.block_count,
        head=entry_text(replace(source, rules=())),
        facts=tuple(
            ProposedFact(
                key=item.rule.key,
                entry=rule_text(item.rule),
                value=value_words(item.reading.value)[:_LONGEST],
                quote=item.reading.quote[:_LONGEST],
                locator=item.reading.locator[:_LONGEST],
            )
            for item in view.suggestions
        ),
        outline=tuple((min(max(block.level, 1), 6), block.text[:_LONGEST]) for block in view.outline[:_MOST_HEADINGS]),
    )
