"""What each operator of a claim asks of a fact's value, and how the value answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.claims import Expectation, Operator
from domain.folding import fold
from domain.values import Code, Day, Kind, Members, Rows, Text, Value, YesNo, kind_of, value_words
from monitor.extract import parse_value
from monitor.extract.numbers import NUMBER, number
from monitor.quantities import age_in_days, order, same_quantity


class Answer(StrEnum):
    """met: the fact says so. unmet: the fact says otherwise. ask: a person must say. unknown: it could not be tried."""

    MET = "met"
    UNMET = "unmet"
    ASK = "ask"
    UNKNOWN = "unknown"


_Answerer = Callable[[Expectation, Value, Value | None, date], tuple[Answer, str, str]]


def _agree(met: bool, value: Value, reason: str) -> tuple[Answer, str, str]:
    """Met, or unmet, or (for prose) a question to a person."""
    if met:
        return Answer.MET, "", ""
    prose = isinstance(value, (Text, YesNo))
    return (Answer.ASK if prose else Answer.UNMET), "", reason


def _equals(expectation: Expectation, value: Value, _other: Value | None, _today: date) -> tuple[Answer, str, str]:
    operand = " ".join(expectation.operand)
    if isinstance(value, Members):
        return _agree(_folded(value.items) == _folded(expectation.operand), value, "the list differs")
    if isinstance(value, Text):
        return _agree(fold(value.text) == fold(operand), value, "the words differ")
    wanted = _operand(operand, value)
    if wanted is None:
        return Answer.UNKNOWN, "", f"{operand!r} cannot be read as {kind_of(value).value}"
    return _same(value, wanted)


def _same(value: Value, wanted: Value) -> tuple[Answer, str, str]:
    if isinstance(value, Code) and isinstance(wanted, Code):
        return _agree(value.code == wanted.code, value, "another code")
    same = same_quantity(value, wanted)
    if same is None and type(value) is type(wanted) and value == wanted:
        same = True
    if same is None:
        comparable = order(value, wanted)
        if comparable is None and type(value) is type(wanted):
            return _agree(False, value, "another value")
        return Answer.ASK, "", "the units do not compare exactly"
    return _agree(same, value, "another value")


def _between(expectation: Expectation, value: Value, _other: Value | None, _today: date) -> tuple[Answer, str, str]:
    low, high = (_operand(text, value) for text in expectation.operand)
    if low is None or high is None:
        return Answer.UNKNOWN, "", "the range cannot be read as the kind of the fact"
    below, above = order(value, low), order(value, high)
    if below is None or above is None:
        return Answer.UNKNOWN, "", "the fact and the range do not compare"
    if below < 0 or above > 0:
        return _agree(False, value, "outside the range")
    return _agree(True, value, "")


def _ordered(holds: Callable[[int], bool], reason: str) -> _Answerer:
    def answer(expectation: Expectation, value: Value, _other: Value | None, _today: date) -> tuple[Answer, str, str]:
        wanted = _operand(" ".join(expectation.operand), value)
        where = None if wanted is None else order(value, wanted)
        if where is None:
            return Answer.UNKNOWN, "", "the fact and the bound do not compare"
        return _agree(holds(where), value, reason)

    return answer


def _names(value: Value) -> tuple[str, ...] | None:
    """The names that a list-like value holds: members, the cells of a row key, a code."""
    match value:
        case Members():
            return value.items
        case Rows():
            return tuple(cell for row in _keys(value) for cell in row)
        case Code():
            return (value.code,)
        case _:
            return None


def _keys(value: Rows) -> list[tuple[str, ...]]:
    """The key cells of each row."""
    keys = [value.columns.index(name) for name in value.key if name in value.columns] or [0]
    return [tuple(row[at] for at in keys if at < len(row)) for row in value.rows]


def _in_list(name: str, folded: frozenset[str]) -> bool:
    """A name is in a list where an entry is the name, or is the name with a qualifier around it."""
    wanted = fold(name)
    return wanted in folded or any(_is_qualified(entry, wanted) for entry in folded)


def _is_qualified(entry: str, wanted: str) -> bool:
    return bool(wanted) and f" {wanted} " in f" {entry} " and any(mark.isdigit() for mark in wanted)


def missing_from(value: Value, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the names that a list does not hold."""
    # `21231 Software engineers` names a whole row key: its code and its title have to stand side by side.
    whole = (" ".join(key) for key in _keys(value)) if isinstance(value, Rows) else ()
    folded = _folded((*(_names(value) or ()), *whole))
    return tuple(name for name in names if not _in_list(name, folded))


def besides(value: Members | Rows, names: tuple[str, ...]) -> tuple[str, ...]:
    """The entries that a list holds beside the names, each as the names are given: by its code, or by its name."""
    codes = all(name.isdigit() for name in names)
    written = [
        next((part for cell in entry for part in cell.split() if part.isdigit()), entry[0])
        if codes
        else next((cell for cell in entry if not cell.isdigit()), entry[0])
        for entry in _others(value, names)
    ]
    return tuple(dict.fromkeys(written))


def _others(value: Value, names: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The entries of a list that none of the names is, by a cell of theirs or as a whole."""
    wanted = _folded(names)
    entries = _keys(value) if isinstance(value, Rows) else [(name,) for name in _names(value) or ()]
    return [
        entry
        for entry in entries
        if not any(
            _in_list(part, wanted) or any(_is_qualified(fold(part), name) for name in wanted)
            for part in (*entry, " ".join(entry))
        )
    ]


def _membership(
    verdict: Callable[[tuple[str, ...], tuple[str, ...]], tuple[Answer, str, str]],
) -> _Answerer:
    def answer(expectation: Expectation, value: Value, _other: Value | None, _today: date) -> tuple[Answer, str, str]:
        names = _names(value)
        if names is None:
            if isinstance(value, Text):
                return _text_membership(expectation, value)
            return Answer.UNKNOWN, "", "the fact is no list"
        missing = missing_from(value, expectation.operand)
        there = tuple(name for name in expectation.operand if name not in missing)
        extra = tuple(" ".join(entry) for entry in _others(value, expectation.operand))
        if expectation.operator in (Operator.SAME_MEMBERS, Operator.SUBSET_OF):
            missing = missing if expectation.operator is Operator.SAME_MEMBERS else ()
            return _set_relation(missing, extra)
        return verdict(there, missing)

    return answer


def _set_relation(missing: tuple[str, ...], extra: tuple[str, ...]) -> tuple[Answer, str, str]:
    if not missing and not extra:
        return Answer.MET, "", ""
    words = [f"not there: {', '.join(missing)}"] * bool(missing) + [f"besides: {', '.join(extra[:12])}"] * bool(extra)
    return Answer.UNMET, "; ".join(words), "the lists differ"


def _text_membership(expectation: Expectation, value: Text) -> tuple[Answer, str, str]:
    there = [term for term in expectation.operand if fold(term) in fold(value.text)]
    missing = [term for term in expectation.operand if fold(term) not in fold(value.text)]
    met = {
        Operator.EXCLUDES: not there,
        Operator.CONTAINS_ANY: bool(there),
        Operator.OVERLAPS: bool(there),
    }.get(expectation.operator, not missing)
    return _agree(
        met, value, f"the words differ: {', '.join(there if expectation.operator is Operator.EXCLUDES else missing)}"
    )


def _contains(there: tuple[str, ...], missing: tuple[str, ...]) -> tuple[Answer, str, str]:
    if not missing:
        return Answer.MET, f"listed: {', '.join(there)}", ""
    return Answer.UNMET, f"not listed: {', '.join(missing)}", "not on the list"


def _excludes(there: tuple[str, ...], _missing: tuple[str, ...]) -> tuple[Answer, str, str]:
    if not there:
        return Answer.MET, "none of them listed", ""
    return Answer.UNMET, f"listed: {', '.join(there)}", "on the list"


def _contains_any(there: tuple[str, ...], missing: tuple[str, ...]) -> tuple[Answer, str, str]:
    if there:
        return Answer.MET, f"listed: {', '.join(there)}", ""
    return Answer.UNMET, f"not listed: {', '.join(missing)}", "none of them is on the list"


def _overlaps(there: tuple[str, ...], missing: tuple[str, ...]) -> tuple[Answer, str, str]:
    total = len(there) + len(missing)
    found = f"{len(there)} of {total} listed: {', '.join(there) or 'none'}; not listed: {', '.join(missing) or 'none'}"
    if not missing:
        return Answer.MET, found, ""
    if not there:
        return Answer.UNMET, found, "nothing in common"
    return Answer.ASK, found, "only some of the guide's entries are on the official list"


def _says(expectation: Expectation, value: Value, _other: Value | None, _today: date) -> tuple[Answer, str, str]:
    text = f" {fold(value_words(value) if not isinstance(value, Rows) else _rows_text(value))} "
    gone = tuple(term for term in expectation.operand if fold(term) not in text)
    unwanted = tuple(term for term in expectation.none_of if fold(term) in text)
    if not gone and not unwanted:
        return Answer.MET, "", ""
    words = [f"no longer said: {', '.join(gone)}"] * bool(gone) + [f"said: {', '.join(unwanted)}"] * bool(unwanted)
    return (
        Answer.ASK,
        "; ".join(words),
        "a required statement is not there" if gone else "an excluded statement is there",
    )


def _rows_text(value: Rows) -> str:
    return " ".join(cell for row in (value.columns, *value.rows) for cell in row)


def _about(expectation: Expectation, value: Value, _other: Value | None, _today: date) -> tuple[Answer, str, str]:
    text = fold(value_words(value))
    if any(fold(term) in text for term in expectation.operand):
        return Answer.MET, "", ""
    return Answer.UNMET, "", "the provision is about something else"


def _unchanged(_expectation: Expectation, value: Value, other: Value | None, _today: date) -> tuple[Answer, str, str]:
    same = other is not None and fold(value_words(value)) == fold(value_words(other)) and _rows_equal(value, other)
    return (Answer.MET, "", "") if same else (Answer.ASK, "", "changed since a person last accepted it")


def _rows_equal(value: Value, other: Value) -> bool:
    return not isinstance(value, Rows) or (isinstance(other, Rows) and sorted(value.rows) == sorted(other.rows))


def _same_as(_expectation: Expectation, value: Value, other: Value | None, _today: date) -> tuple[Answer, str, str]:
    if other is None:
        return Answer.UNKNOWN, "", "nothing to compare with"
    answer, _found, reason = _same(value, other)
    return answer, f"{value_words(value)} against {value_words(other)}", reason


def _differs_from(expectation: Expectation, value: Value, other: Value | None, today: date) -> tuple[Answer, str, str]:
    answer, found, _reason = _same_as(expectation, value, other, today)
    if answer is Answer.MET:
        return _agree(False, value, "the two are the same")[0], found, "the two are the same"
    return (Answer.MET, found, "") if answer is Answer.UNMET else (answer, found, "")


def _within_days(expectation: Expectation, value: Value, _other: Value | None, today: date) -> tuple[Answer, str, str]:
    age = age_in_days(value, today)
    if age is None:
        return Answer.UNKNOWN, "", "the fact is no date"
    allowed = int(expectation.operand[0])
    found = f"{value_words(value)}, {age} days ago"
    if age <= allowed:
        return Answer.MET, found, ""
    return Answer.UNMET, found, f"nothing for more than {allowed} days"


def _trend(expectation: Expectation, value: Value, _other: Value | None, today: date) -> tuple[Answer, str, str]:
    """Rows dated by their first column, with a figure in their last: the newest that is not to come against the one before."""
    if not isinstance(value, Rows):
        return Answer.UNKNOWN, "", "the fact is no table of dated values"
    dated = sorted((day, row) for row in value.rows if (day := _dated(row[0])) is not None and day <= today)
    if len(dated) < 2 or any(_dated(row[0]) is None for row in value.rows):
        return Answer.UNKNOWN, "", "fewer than two dated values" if len(dated) < 2 else "a row has no date"
    (before, earlier), (after, newest) = dated[-2:]
    if before == after:
        return Answer.UNKNOWN, "", f"two values of {newest[0]}"
    old, new = _figure(earlier[-1]), _figure(newest[-1])
    if old is None or new is None:
        return Answer.UNKNOWN, "", "the values are no numbers"
    direction = "up" if new > old else "down" if new < old else "same"
    found = f"{earlier[0]}: {earlier[-1]}; {newest[0]}: {newest[-1]} ({direction})"
    met = direction == expectation.operand[0]
    return (Answer.MET if met else Answer.UNMET), found, "" if met else "it went the other way"


def _dated(text: str) -> date | None:
    """The day, the first of the month or of the year that a cell names."""
    found = parse_value(Kind.DAY, text)
    if isinstance(found, Day):
        return found.date
    year = text.strip()
    return date(int(year), 1, 1) if len(year) == 4 and year.isdigit() and year > "1000" else None


_FIGURE = re.compile(rf"(?<![\w.,])-?{NUMBER}")


def _figure(text: str) -> Decimal | None:
    """The one figure of a cell; `fewer than 10` and ranges are none."""
    found = _FIGURE.findall(text)
    vague = any(word in fold(text).split() for word in ("less", "fewer", "under", "moins", "about", "environ"))
    return number(found[0]) if len(found) == 1 and not vague and "<" not in text else None


ANSWERS: dict[Operator, _Answerer] = {
    Operator.EQUALS: _equals,
    Operator.BETWEEN: _between,
    Operator.AT_LEAST: _ordered(lambda where: where >= 0, "less than that"),
    Operator.AT_MOST: _ordered(lambda where: where <= 0, "more than that"),
    Operator.BEFORE: _ordered(lambda where: where < 0, "not before that day"),
    Operator.ON_OR_AFTER: _ordered(lambda where: where >= 0, "before that day"),
    Operator.CONTAINS: _membership(_contains),
    Operator.SUPERSET_OF: _membership(_contains),
    Operator.EXCLUDES: _membership(_excludes),
    Operator.CONTAINS_ANY: _membership(_contains_any),
    Operator.OVERLAPS: _membership(_overlaps),
    Operator.SAME_MEMBERS: _membership(_contains),
    Operator.SUBSET_OF: _membership(_contains),
    Operator.SAYS: _says,
    Operator.ABOUT: _about,
    Operator.UNCHANGED: _unchanged,
    Operator.SAME_AS: _same_as,
    Operator.DIFFERS_FROM: _differs_from,
    Operator.WITHIN_DAYS: _within_days,
    Operator.TREND: _trend,
}


def _folded(items: Iterable[str]) -> frozenset[str]:
    return frozenset(fold(item) for item in items)


def _operand(text: str, like: Value) -> Value | None:
    return parse_value(kind_of(like), text, codes=like.scheme.value if isinstance(like, Code) else None)
