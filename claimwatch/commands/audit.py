"""`claims audit`: what the guide says that nobody watches."""

from __future__ import annotations

from pathlib import Path

from claimwatch.home import Home, wrong_call
from claimwatch.show import clip, line, print_json, table
from domain.errors import SourceError
from monitor.audit import audit
from monitor.guide import document_of


def guide_text(path: Path) -> str:
    """The guide as text. Raises ConfigError that says why it cannot be had."""
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise wrong_call(f"the guide {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise wrong_call(f"the guide {path} is no UTF-8 text") from error


def audit_guide(home: Home, path: Path, *, as_json: bool) -> bool:
    """Print what no claim covers and whose words are gone. True where there is any of it."""
    try:
        guide = document_of(guide_text(path))
    except SourceError as error:
        raise wrong_call(f"the guide {path} cannot be read: {error}") from error
    found = audit(guide, home.config.claims, home.config.sources)
    if as_json:
        print_json(
            {
                "statements": len(found.statements),
                "covered": len(found.statements) - len(found.uncovered),
                "uncovered": [
                    {"kind": item.kind, "text": item.text, "sentence": item.sentence, "locator": item.locator}
                    for item in found.uncovered
                ],
                "gone": [{"claim": claim.id, "anchor": claim.anchor} for claim in found.gone],
            }
        )
        return bool(found.uncovered or found.gone)
    rows = [(item.kind, item.text, clip(item.sentence, 100), item.locator) for item in found.uncovered]
    if rows:
        table("Checkable, and covered by no claim", ("kind", "words", "sentence", "place"), rows)
    if found.gone:
        table(
            "Claims whose words are gone from the guide",
            ("claim", "anchor"),
            [(item.id, item.anchor) for item in found.gone],
        )
    covered = len(found.statements) - len(found.uncovered)
    line(f"{covered} of {len(found.statements)} checkable statements are covered; {len(found.gone)} anchors are gone")
    return bool(found.uncovered or found.gone)
