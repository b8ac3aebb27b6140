"""`claims edits`: for claims that a located value contradicts, the guide's passage with the value replaced."""

from __future__ import annotations

import sys
from pathlib import Path

from claimwatch.commands.audit import guide_text
from claimwatch.commands.ledger import judge
from claimwatch.home import Home
from claimwatch.show import err, print_json, safe, verbatim
from domain.claims import Claim, Judgement, Standing
from domain.facts import KnownFact
from monitor.edits import Edit, NoEdit, patch, suggest_for, together
from monitor.standings import in_force, official_day
from storage.facts import known_facts


def show_edits(home: Home, names: tuple[str, ...], *, guide: Path, as_json: bool) -> bool:
    """Print a patch of the guide that a maintainer can take or leave. True where there is something in it."""
    text = guide_text(guide)
    found = suggested(home, text, names)
    edits, none = together(found)
    made = patch(text, edits, name=guide.name)
    if as_json:
        shapes = [{"claim": e.claim, "line": e.line, "before": e.before, "after": e.after} for e in edits]
        print_json({"edits": shapes, "none": [{"claim": n.claim, "reason": n.reason} for n in none], "patch": made})
        return bool(edits)
    verbatim(made)
    sys.stdout.flush()
    for item in none:
        err.print(safe(f"{item.claim}: no edit suggested: {item.reason}"), soft_wrap=True)
    return bool(edits)


def suggested(home: Home, text: str, names: tuple[str, ...] = ()) -> tuple[Edit | NoEdit, ...]:
    """Edits, or why there are none, for each contradicted claim (of those named)."""
    claims = {claim.id: claim for claim in home.config.claims}
    store = home.store_if_there()
    if store is None:
        return ()
    with store.reading() as connection:
        known = known_facts(connection)
    wanted = [home.claim(name).id for name in names]
    contradicted = (item for item in judge(home) if item.standing is Standing.CONTRADICTED)
    return tuple(
        edit
        for item in contradicted
        if not wanted or item.claim in wanted
        for edit in _for_claim(home, claims[item.claim], item, known, text)
    )


def _for_claim(
    home: Home, claim: Claim, judgement: Judgement, known: dict[str, KnownFact], text: str
) -> tuple[Edit | NoEdit, ...]:
    key = judgement.fact or ""
    source = home.sources.get(key.partition("#")[0])
    rule = None if source is None else source.rule_for(key)
    new = in_force(known[key].fact, official_day(home.now())).value if key in known else None
    if rule is None or new is None:
        return (NoEdit(claim=claim.id, reason="no official value is known"),)
    return suggest_for(text, claim, key, rule, new)
