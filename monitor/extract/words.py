"""Words into values: every value in a text, and one phrase as a value of a kind."""

from __future__ import annotations

import re
from datetime import date
from typing import assert_never

from domain.values import (
    Code,
    Count,
    Duration,
    Kind,
    Members,
    Percentage,
    Points,
    Scheme,
    Status,
    StatusWord,
    Text,
    Unit,
    Value,
    YesNo,
)
from monitor.extract.codes import codes_in, noc_codes
from monitor.extract.counts import counts_in
from monitor.extract.dates import dates_in
from monitor.extract.durations import durations_in
from monitor.extract.found import Found, apart
from monitor.extract.money import money_in
from monitor.extract.numbers import NUMBER, number
from monitor.extract.obligations import obligations_in

_FIRST_NUMBER = re.compile(rf"(?<![\w.,$])-?{NUMBER}(?![\w%])")
_CODED = re.compile(r"\b([A-Z]{3})\s*(\d[\d\s,.]*)\Z")
_YES = frozenset({"yes", "true", "oui", "vrai"})
_NO = frozenset({"no", "false", "non", "faux"})
STATUS_WORDS: tuple[tuple[StatusWord, re.Pattern[str]], ...] = (
    (StatusWord.REPEALED, re.compile(r"\b(?:repealed|revoked|abrogée?s?)\b", re.IGNORECASE)),
    (
        StatusWord.CLOSED,
        re.compile(
            r"\b(?:closed|closes|ended|discontinued|terminated|no longer (?:open|available|accept\w*)|takes? no more|"
            r"not (?:currently )?(?:open|accepting)|fermée?s?|clos|terminée?s?)\b",
            re.IGNORECASE,
        ),
    ),
    (
        StatusWord.PAUSED,
        re.compile(
            r"\b(?:paused|suspended|on hold|temporarily (?:closed|stopped)|suspendue?s?|en pause)\b", re.IGNORECASE
        ),
    ),
    (
        StatusWord.PENDING,
        re.compile(r"\b(?:pending|opening soon|will open|to be announced|coming soon|à venir)\b", re.IGNORECASE),
    ),
    (
        StatusWord.OPEN,
        re.compile(
            r"\b(?:open|opened|reopened|active|in force|accepting|available|ouverte?s?|en vigueur)\b", re.IGNORECASE
        ),
    ),
)
"""Of words within one another the longest counts: "no longer open" is closed."""
_DENIED = re.compile(
    r"(?:\b(?:not|never|no longer|cannot|pas|plus|jamais)|n['’]t)"
    r"(?: (?:be|been|yet|now|currently|encore|été|actuellement)){0,3} \Z",
    re.IGNORECASE,
)
"""Words right before a status that deny it."""


def values_in(text: str, *, language: str = "en", on: date | None = None) -> tuple[Found, ...]:
    """Every value in a text, in order, none overlapping another; the longest reading of the same words wins.

    language: unused for most kinds, whose forms of both languages are told apart by themselves. on: see `dates_in`.
    """
    return apart(
        (
            *money_in(text),
            *dates_in(text, on=on),
            *durations_in(text),
            *counts_in(text),
            *codes_in(text),
            *obligations_in(text),
        )
    )


def found_of(
    kind: Kind,
    text: str,
    *,
    currency: str | None = None,
    statistic: str | None = None,
    codes: str | None = None,
    on: date | None = None,
) -> tuple[Found, ...]:
    """Every value of one kind in a text, in order."""
    match kind:
        case Kind.MONEY:
            return apart(money_in(text, currency=currency))
        case Kind.DAY:
            return apart(dates_in(text, on=on))
        case Kind.DURATION:
            return apart(durations_in(text, statistic=statistic))
        case Kind.POINTS | Kind.PERCENTAGE | Kind.COUNT:
            return tuple(item for item in apart(counts_in(text)) if item.kind == kind.value)
        case Kind.CODE:
            scheme = Scheme(codes) if codes else None
            every = apart((*codes_in(text), *(noc_codes(text) if scheme in (None, Scheme.NOC2021) else ())))
            return tuple(item for item in every if isinstance(item.value, Code) and scheme in (None, item.value.scheme))
        case _:
            return ()


def parse_value(
    kind: Kind,
    text: str,
    *,
    unit: str | None = None,
    currency: str | None = None,
    statistic: str | None = None,
    codes: str | None = None,
    language: str = "en",
) -> Value | None:
    """One phrase, cell or operand as a value of a kind, or None where it is none.

    unit, currency, statistic, codes: what the phrase leaves unsaid.
    """
    text = text.strip()
    match kind:
        case Kind.TEXT:
            return Text(text=text) if text else None
        case Kind.MEMBERS:
            items = tuple(part.strip() for part in re.split(r"[;\n]|, ", text) if part.strip())
            return Members(items=items) if items else None
        case Kind.ROWS:
            return None
        case Kind.YES_NO:
            folded = text.casefold()
            return YesNo(yes=folded in _YES) if folded in _YES | _NO else None
        case Kind.STATUS:
            word = status_of(text)
            return None if word is None else Status(status=word)
        case Kind.MONEY | Kind.DAY | Kind.DURATION | Kind.COUNT | Kind.PERCENTAGE | Kind.POINTS | Kind.CODE:
            return _quantity(kind, text, unit=unit, currency=currency, statistic=statistic, codes=codes)
        case _ as unreachable:
            assert_never(unreachable)


def statuses_in(text: str) -> tuple[StatusWord, ...]:
    """Every status that a text states, each once, in order; not open is closed, not closed states nothing."""
    stated = apart(
        Found(kind="status", value=Status(status=word), text=match[0], start=match.start(), end=match.end())
        for word, pattern in STATUS_WORDS
        for match in pattern.finditer(text)
    )
    found: list[StatusWord] = []
    for item in stated:
        denied = _DENIED.search(text[max(0, item.start - 40) : item.start])
        if isinstance(item.value, Status) and not denied:
            found.append(item.value.status)
        elif denied and item.value == Status(status=StatusWord.OPEN):
            found.append(StatusWord.CLOSED)
    return tuple(dict.fromkeys(found))


def status_of(text: str) -> StatusWord | None:
    """The one status that a text states, or None where it states none or several."""
    found = statuses_in(text)
    return found[0] if len(found) == 1 else None


def _quantity(
    kind: Kind, text: str, *, unit: str | None, currency: str | None, statistic: str | None, codes: str | None
) -> Value | None:
    if kind is Kind.MONEY:
        coded = _CODED.match(text)
        text = f"{coded[1]} {coded[2]}" if coded else text
    found = found_of(kind, text, currency=currency, statistic=statistic, codes=codes)
    if found:
        return found[0].value
    bare = _FIRST_NUMBER.search(text)
    amount = number(bare[0]) if bare else None
    if amount is None or bare is None:
        return None
    return _bare(kind, bare[0].strip(), unit=unit, currency=currency, statistic=statistic, codes=codes)


def _bare(
    kind: Kind, written: str, *, unit: str | None, currency: str | None, statistic: str | None, codes: str | None
) -> Value | None:
    """A number that stands alone, where the rule says what it counts."""
    value = number(written)
    if value is None:
        return None
    match kind:
        case Kind.POINTS:
            return Points(number=value)
        case Kind.COUNT:
            return Count(number=value)
        case Kind.PERCENTAGE:
            return Percentage(number=value)
        case Kind.DURATION:
            return Duration(quantity=value, unit=Unit(unit), statistic=statistic) if unit else None
        case Kind.MONEY:
            return next((item.value for item in money_in(f"${written}", currency=currency)), None) if currency else None
        case Kind.CODE:
            return Code(scheme=Scheme(codes), code=written) if codes else None
        case _:
            return None
