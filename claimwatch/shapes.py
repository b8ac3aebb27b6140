"""The JSON shapes of `try` and `suggest`, which show what the core made of a page. All others are in `domain.shapes`."""

from __future__ import annotations

from claimwatch.config.write import rule_entry
from domain.shapes import Json, fact_shape, value_shape
from domain.sources import Source
from domain.values import value_to_json
from monitor.look import View
from monitor.suggest import Suggestion


def try_shape(source: Source, view: View) -> Json:
    quality = view.examination.quality
    return {
        "source": source.id,
        "quality": {"verdict": quality.outcome.value, "cause": quality.cause},
        "title": view.examination.title,
        "blocks": view.examination.block_count,
        "facts": [fact_shape(fact) for fact in view.examination.facts],
        "outline": [{"level": block.level, "text": block.text} for block in view.outline],
        "tables": [
            {"path": list(item.path), "caption": item.caption, "columns": list(item.columns), "rows": len(item.rows)}
            for item in view.tables
        ],
        "values": [
            {"kind": found.kind, "value": value_to_json(found.value), "text": found.text, "locator": block.locator}
            for block, found in view.values
        ],
        "suggestions": [suggestion_shape(item) for item in view.suggestions],
    }


def suggestion_shape(item: Suggestion) -> Json:
    return {
        "key": item.rule.key,
        "rule": rule_entry(item.rule),
        "value": value_shape(item.reading.value),
        "quote": item.reading.quote,
        "locator": item.reading.locator,
    }
