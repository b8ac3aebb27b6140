"""`claims`, `facts`, `flags`: what is known, how the guide stands on it, and what waits for a person."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from pathlib import Path

from claimwatch.commands.audit import guide_text
from claimwatch.home import Home, nearest, wrong_call
from claimwatch.show import clip, counted, line, print_json, table, value_text
from domain.claims import Claim, Judgement, Standing
from domain.facts import Fact
from domain.flags import FlagRecord, FlagState, ReviewVerdict
from domain.people import Actor
from domain.shapes import Json, claims_shape, flag_shape, judgement_shape, known_fact_shape, moment, reading_shape
from domain.values import Text, value_words
from monitor.edits import suggest_for, together
from monitor.ledger import Knowledge, judge_all, read_knowledge
from monitor.standings import in_force, official_day
from review.pages.ledger import lines_of
from storage.deciding import decide_together
from storage.facts import fact_history, known_facts
from storage.flags import list_flags, load_flag
from storage.queued_cases import members, name_of
from storage.users import find_user


def judge(home: Home, *, as_of: datetime | None = None) -> tuple[Judgement, ...]:
    """How every claim stands, as of now or of a moment; without a database every watched claim was never checked."""
    store = home.store_if_there()
    knowledge = Knowledge()
    if store is not None:
        with store.reading() as connection:
            knowledge = read_knowledge(connection, as_of=as_of)
    return judge_all(home.config.claims, knowledge, sources=home.sources, now=as_of or home.now())


def show_claims(home: Home, *, standing: Standing | None, as_of: datetime | None, as_json: bool) -> bool:
    """Print the ledger. True where a claim is contradicted or suspect."""
    judgements = judge(home, as_of=as_of)
    document = claims_shape(home.config.claims, judgements, home.sources)
    if standing is not None:
        document["claims"] = [claim for claim in document["claims"] if claim["standing"] == standing.value]
    if as_json:
        print_json(document)
    else:
        rows = [
            (
                item.standing.value,
                line_.claim.risk.value,
                line_.claim.id,
                clip(item.expected, 50),
                clip(item.found, 50),
                "; ".join(filter(None, (item.reason, _outlook(item)))),
            )
            for line_ in lines_of(home.config.claims, judgements, home.sources)
            if (item := line_.judgement).standing is standing or standing is None
        ]
        table("Claims", ("standing", "risk", "claim", "the guide expects", "the page gives", "why"), rows)
        _coverage(document["coverage"])
    return any(item.standing in (Standing.CONTRADICTED, Standing.SUSPECT) for item in judgements)


def _outlook(judgement: Judgement) -> str:
    """What is coming, in a few words."""
    outlook = judgement.outlook
    if outlook is None:
        return ""
    if outlook.pending is None or outlook.effective is None:
        return f"at risk: {clip(outlook.at_risk, 80)}"
    return f"pending: {value_words(outlook.pending)} from {outlook.effective.isoformat()}"


def _coverage(coverage: Json) -> None:
    line()
    line(
        f"{coverage['claims']} claims: {coverage['watched']} watched, {coverage['machine_checked']} checked by machine; "
        + ", ".join(f"{coverage[item.value]} {item.value.replace('_', ' ')}" for item in Standing)
    )


def show_claim(home: Home, claim: Claim, *, as_json: bool) -> None:
    """One claim with everything it rests on."""
    judgement = next(item for item in judge(home) if item.claim == claim.id)
    if as_json:
        print_json(judgement_shape(claim, judgement))
        return
    line(f"{claim.id}: {judgement.standing.value}{' (' + judgement.reason + ')' if judgement.reason else ''}")
    line(f"  says      {claim.text}")
    line(f"  section   {claim.section}, risk {claim.risk.value}")
    if claim.expectations:
        line(f"  expects   {judgement.expected}")
        line(f"  found     {judgement.found or 'nothing'}  ({judgement.fact})")
    if judgement.evidence is not None:
        line(f"  words     {clip(judgement.evidence.quote, 300)}")
        line(f"  place     {judgement.evidence.locator} in capture {judgement.evidence.snapshot[:16]}")
    line(f"  verified  {moment(judgement.verified_on) or 'never on a capture of a proven date'}")
    if judgement.outlook is not None:
        line(f"  outlook   {_outlook(judgement)}")


def show_facts(
    home: Home,
    keys: tuple[str, ...],
    *,
    as_of: datetime | None,
    known_at: datetime | None,
    history: bool,
    as_json: bool,
) -> None:
    """Print what is known. as_of: the day the rules are asked about; known_at: the day our knowledge is taken from."""
    day = official_day(as_of or home.now())
    with home.store().reading() as connection:
        known = known_facts(connection, as_of=as_of, known_at=known_at)
        declared = {source.fact_key(rule) for source in home.sources.values() for rule in source.rules}
        for key in keys:
            if key not in known and key not in declared:
                raise wrong_call(f"there is no fact {key!r}", nearest=nearest(key, {*known, *declared}))
        wanted = sorted(key for key in known if not keys or key in keys)
        documents = [known_fact_shape(known[key], in_force(known[key].fact, day)) for key in wanted]
        if history:
            for document in documents:
                document["history"] = [reading_shape(item) for item in fact_history(connection, document["key"])]
    if as_json:
        print_json({"facts": documents})
        return
    rows = [
        (
            item["key"],
            item["state"],
            _value_cell(known[item["key"]].fact, day),
            item["last_seen_at"] or "never",
            clip(item["quote"] or item["reason"], 80),
        )
        for item in documents
    ]
    table("Facts", ("fact", "state", "value", "last seen", "words"), rows)
    for document in documents:
        for reading in document.get("history", ()):
            line(
                f"  {document['key']}  {reading['captured_at']}  {reading['state']}  {clip(reading['value_words'], 80)}"
            )


def _value_cell(fact: Fact, day: date) -> str:
    """The value in force, and the one that is announced."""
    now = in_force(fact, day)
    words = "" if now.value is None else clip(value_words(now.value), 60)
    if now.pending is None:
        return words
    return f"{words}, then {clip(value_words(now.pending.value), 60)} from {now.pending.effective.isoformat()}"


def show_flags(home: Home, *, state: FlagState | None, as_json: bool) -> bool:
    """Print the review queue, most harmful first. True where a flag is open."""
    with home.store().reading() as connection:
        records = list_flags(connection, state=state)
    if as_json:
        print_json({"flags": [flag_shape(record) for record in records]})
    else:
        rows = [
            (
                str(record.id),
                record.state.value,
                record.flag.severity.value,
                record.flag.reason.value,
                record.flag.fact or record.flag.source,
                value_text(record.flag.before, 30),
                value_text(record.flag.after, 30),
                ", ".join(record.flag.claims[:4]) + (" …" if len(record.flag.claims) > 4 else ""),
            )
            for record in records
        ]
        alike = Counter(record.flag.group for record in records if record.state is FlagState.OPEN and record.flag.group)
        table("Flags", ("no", "state", "severity", "reason", "fact or source", "before", "after", "claims"), rows)
        cases = [number for number in alike.values() if number > 1]
        if cases:
            line(
                f"{sum(cases)} open flags are {counted(len(cases), 'change')} seen in several places; `flags decide --group` decides one"
            )
    return any(record.state is FlagState.OPEN for record in records)


def show_flag(home: Home, number: int, *, as_json: bool) -> None:
    """One flag with its evidence."""
    with home.store().reading() as connection:
        record = load_flag(connection, number)
    if as_json:
        print_json(flag_shape(record))
        return
    _print_flag(record, home)


def _print_flag(record: FlagRecord, home: Home) -> None:
    flag = record.flag
    source = home.sources.get(flag.source)
    confirmed = "confirmed by a second look" if flag.confirmed else "not confirmed yet"
    line(f"Flag {record.id}, {record.state.value}: {flag.reason.value} ({flag.severity.value}, {confirmed})")
    line(f"  page      {source.title if source else flag.source}")
    line(f"            {source.url if source else ''}")
    line(f"  fact      {flag.fact or 'no declared fact: the words of the page'}")
    line(f"  before    {value_text(flag.before, 200)}")
    line(f"  after     {value_text(flag.after, 200)}")
    if flag.quote_before:
        line(f"  said      {clip(flag.quote_before, 400)}")
    if flag.quote_after:
        line(f"  says      {clip(flag.quote_after, 400)}")
    if flag.detail:
        line(f"  detail    {clip(flag.detail, 400)}")
    for name in flag.claims:
        claim = next((item for item in home.config.claims if item.id == name), None)
        line(f"  claim     {name}: {claim.text if claim else 'no longer in claims.yaml'}")
    _print_edit(record, home)
    line(f"  captures  {flag.snapshot_before[:16] or 'none'} -> {flag.snapshot_after[:16] or 'none'}")
    if record.superseded_by is not None:
        line(f"  superseded by flag {record.superseded_by}")
    if record.review is not None:
        line(f"  decided   {record.review.verdict.value} by {record.review.by}: {record.review.note}")


def _print_edit(record: FlagRecord, home: Home) -> None:
    """What the guide would say with the new value, where its text is at hand and a figure can simply be replaced."""
    flag = record.flag
    path = Path(home.settings.guide) if home.settings.guide else None
    source = home.sources.get(flag.source)
    rule = None if source is None or flag.fact is None else source.rule_for(flag.fact)
    if path is None or not path.is_file() or flag.fact is None or flag.after is None or rule is None:
        return
    if isinstance(flag.after, Text):
        return
    text = guide_text(path)
    claims = [item for item in home.config.claims if item.id in flag.claims]
    found = [
        item for claim in claims for item in suggest_for(text, claim, flag.fact, rule, flag.after, before=flag.before)
    ]
    edits, none = together(found)
    for edit in edits:
        line(f"  suggested, line {edit.line} of the guide ({edit.claim}):")
        line(f"    - {clip(edit.before, 400)}")
        line(f"    + {clip(edit.after, 400) or '(taken out)'}")
    for item in none:
        line(f"  no edit   {item.claim}: {item.reason}")


def decide(home: Home, number: int, *, verdict: ReviewVerdict, note: str, by: str, group: bool = False) -> None:
    """Append a person's verdict, bound to the pair of captures that the flag shows; to all of its group if asked.

    Who runs commands here may do anything: a colleague's verdict is replaced, and a look that is under way is ended.
    """
    with home.store().writing() as connection:
        record = load_flag(connection, number)
        person = find_user(connection, by)
        actor = Actor(
            name=by if person is None else person.name, overrules=True, takes_over=True, address="command line"
        )
        records = [record]
        if group:
            others = members(connection, name_of(record), state=FlagState.OPEN)
            records += [item for item in others if item.id != number]
        decide_together(connection, records, verdict=verdict, note=note, actor=actor, at=home.now())
    for item in records:
        line(f"Flag {item.id}: {verdict.value}, by {actor.name}.")
