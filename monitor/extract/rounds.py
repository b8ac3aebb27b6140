"""The Express Entry rounds feed: free-text names of rounds into categories, strings into dates, sizes and scores."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from domain.documents import Document
from domain.sources import Rule
from domain.values import Count, Day, Members, Points, Rows
from monitor.extract.dates import dates_in
from monitor.extract.numbers import number
from monitor.extract.place import Missing, Reading, fold

# The order matters: a name is of the first category whose words it has. What fits none stands as its own kind of round.
CATEGORIES = (
    ("PNP", r"provincial nominee|candidats des provinces"),
    ("CEC", r"canadian experience class|categorie de l'experience canadienne"),
    ("FSW", r"federal skilled worker"),
    ("FST", r"federal skilled trades|metiers specialises \(federal\)"),
    ("STEM", r"\bstem\b|science, technology|\bstim\b"),
    ("French", r"french|francais"),
    ("Physicians", r"physician|doctor|medecin"),
    ("Healthcare", r"health ?care|sante"),
    ("Education", r"education|enseignement"),
    ("Trades", r"\btrades?\b|metiers"),
    ("Transport", r"transport"),
    ("Agriculture", r"agri"),
    ("Senior managers", r"senior manager|cadres superieurs"),
    ("Researchers", r"research|chercheur"),
    ("Skilled military recruits", r"military|militaire"),
    ("General", r"no program specified|general|aucun programme"),
)
_CATEGORIES = tuple((name, re.compile(pattern)) for name, pattern in CATEGORIES)
_TAG = re.compile(r"<[^<>]{1,2000}>")
_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round. number may carry letters; size and score are None where the feed's string is no number."""

    number: str
    day: date
    category: str
    name: str
    size: str
    score: str
    at: int

    @property
    def quote(self) -> str:
        return f"drawNumber: {self.number}; drawDate: {self.day.isoformat()}; drawName: {self.name}; drawSize: {self.size}; drawCRS: {self.score}"


def category_of(name: str) -> str:
    """The category of a round's free-text name, or the name itself where it is a new kind."""
    folded = fold(name)
    return next((category for category, pattern in _CATEGORIES if pattern.search(folded)), name.strip())


def read_rounds(document: Document, rule: Rule, today: date) -> Reading | Missing:
    """What the rule's options want of the feed."""
    options = dict(rule.options)
    want = options.get("want", "rows")
    rounds = _rounds(document)
    if isinstance(rounds, Missing):
        return rounds
    category = options.get("category")
    chosen = [item for item in rounds if category is None or fold(item.category) == fold(category)]
    if want == "rows":
        return _rows(chosen)
    if want == "types_12m":
        recent = [item for item in chosen if today - item.day <= _YEAR]
        if not recent:
            return Missing(reason="no round in the twelve months before", container=True)
        names = tuple(dict.fromkeys(item.category for item in sorted(recent, key=lambda each: each.day, reverse=True)))
        return Reading(value=Members(items=names), quote=recent[0].quote, locator=f"rounds[{recent[0].at}]")
    if not chosen:
        return Missing(reason=f"no round of the category {category!r}", container=True)
    newest = max(chosen, key=lambda item: (item.day, -item.at))
    return _of(newest, want)


def _of(newest: Round, want: str) -> Reading | Missing:
    place = f"rounds[{newest.at}]"
    if want == "last_date":
        return Reading(value=Day(date=newest.day), quote=newest.quote, locator=f"{place}.drawDate")
    written = newest.score if want == "last_cutoff" else newest.size
    amount = number(written)
    if amount is None:
        return Missing(reason=f"{written!r} is no number")
    if want == "last_cutoff":
        return Reading(value=Points(number=amount), quote=newest.quote, locator=f"{place}.drawCRS")
    if want == "last_size":
        return Reading(value=Count(number=amount), quote=newest.quote, locator=f"{place}.drawSize")
    return Missing(reason=f"`want` is {want!r}, not rows, last_date, last_cutoff, last_size or types_12m")


def _rows(rounds: list[Round]) -> Reading | Missing:
    if not rounds:
        return Missing(reason="the feed holds no rounds")
    value = Rows(
        key=("number",),
        columns=("number", "date", "category", "name", "size", "score"),
        rows=tuple(
            (item.number, item.day.isoformat(), item.category, item.name, item.size, item.score) for item in rounds
        ),
    )
    newest = sorted(rounds, key=lambda item: (item.day, -item.at), reverse=True)[:20]
    return Reading(value=value, quote="\n".join(item.quote for item in newest), locator="rounds")


def _rounds(document: Document) -> list[Round] | Missing:
    data = document.data
    records = data.get("rounds") if isinstance(data, dict) else None
    if not isinstance(records, list):
        return Missing(reason="the feed has no list `rounds`")
    rounds = []
    for at, record in enumerate(records):
        if not isinstance(record, dict):
            return Missing(reason=f"rounds[{at}] is no record")
        day = next(iter(dates_in(str(record.get("drawDate") or record.get("drawDateFull") or ""))), None)
        if day is None or not isinstance(day.value, Day):
            return Missing(reason=f"rounds[{at}] has no date that can be read: {record.get('drawDate')!r}")
        name = " ".join(_TAG.sub(" ", str(record.get("drawName") or "")).split())
        rounds.append(
            Round(
                number=str(record.get("drawNumber") or "").strip(),
                day=day.value.date,
                category=category_of(name),
                name=name,
                size=str(record.get("drawSize") or "").strip(),
                score=str(record.get("drawCRS") or "").strip(),
                at=at,
            )
        )
    return rounds
