"""`claims.yaml` into claims: what the guide says, and what each statement rests on."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass

from claimwatch.config.form import Form, nearest
from claimwatch.config.sources import NAME
from claimwatch.config.tree import Mapping
from domain.claims import Claim, Expectation, Operator, Risk
from domain.sources import Rule
from domain.values import Kind
from monitor.extract import parse_value

_QUANTITIES = frozenset({Kind.MONEY, Kind.DAY, Kind.DURATION, Kind.COUNT, Kind.PERCENTAGE, Kind.POINTS})
_LISTS = frozenset({Kind.MEMBERS, Kind.ROWS, Kind.CODE, Kind.TEXT})
_ORDERED = frozenset({Operator.BETWEEN, Operator.AT_LEAST, Operator.AT_MOST, Operator.BEFORE, Operator.ON_OR_AFTER})
_MEMBERSHIP = frozenset(
    {
        Operator.CONTAINS,
        Operator.EXCLUDES,
        Operator.SAME_MEMBERS,
        Operator.SUBSET_OF,
        Operator.SUPERSET_OF,
        Operator.OVERLAPS,
        Operator.CONTAINS_ANY,
    }
)
_MOST_WORDS = 6
_DIRECTIONS = (("up",), ("down",), ("same",))

Rules = MappingOf[str, Rule] | None
"""Every declared fact by its full key; None where the sources could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """The guide that the claims are of; its text lies elsewhere."""

    id: str
    title: str
    url: str


def read_claims(top: Form, rules: Rules) -> tuple[Guide | None, tuple[tuple[Claim, int], ...]]:
    """The guide and every claim of the file with its line. rules: what claims may rest on."""
    guide_form = top.form("guide")
    guide = None
    if guide_form is not None:
        guide = Guide(
            id=guide_form.text("id", required=True), title=guide_form.text("title"), url=guide_form.text("url")
        )
        guide_form.finish()
    found = []
    for form in top.forms("claims"):
        form.entry = form.text("id", required=True) or None
        if form.entry and not NAME.match(form.entry.replace("_", "-")):
            form.wrong("id", "an id has small letters, digits, dots, dashes and underscores only")
        found.append((_claim(form, rules), form.mapping.line))
    top.finish()
    return guide, tuple(found)


def _claim(form: Form, rules: Rules) -> Claim:
    risk = form.choice("risk", [item.value for item in Risk], "medium")
    expectations = _expectations(form, rules)
    editorial = form.flag("editorial", default=False)
    unwatched = form.text("unwatched") or ("editorial" if editorial else "")
    if expectations and unwatched:
        form.wrong("unwatched", "a claim with an expectation is watched")
    if not expectations and not unwatched and not form.has("expect"):
        form.wrong(
            "expect",
            "say what it rests on with `expect`, or why it is not watched with `unwatched` or `editorial: true`",
        )
    claim = Claim(
        id=form.entry or "",
        section=form.text("section", required=True),
        text=form.text("text", required=True),
        risk=Risk(risk),
        anchor=form.text("anchor"),
        also_in=form.texts("also_in"),
        expectations=expectations,
        freshness=form.optional_span("freshness"),
        unwatched=unwatched,
        warned_by=_facts(form, "warned_by", rules),
        context=_facts(form, "context", rules),
        note=form.text("note"),
    )
    form.finish()
    return claim


def _facts(form: Form, name: str, rules: Rules) -> tuple[str, ...]:
    keys = form.texts(name)
    for key in keys:
        _declared(form, name, key, rules)
    return keys


def _expectations(form: Form, rules: Rules) -> tuple[Expectation, ...]:
    tree = form.tree("expect")
    if tree is None:
        return ()
    if isinstance(tree, Mapping):
        one = form.form("expect")
        forms = [] if one is None else [one]
    else:
        forms = form.forms("expect")
    found = (_expectation(item, rules) for item in forms)
    return tuple(item for item in found if item is not None)


def _declared(form: Form, name: str, key: str, rules: Rules) -> Rule | None:
    """The rule of a fact; that there is none is a problem, unless nobody can say which there are."""
    if rules is None:
        return None
    if key not in rules:
        form.wrong(name, f"there is no fact {key!r}", nearest=nearest(key, rules))
    return rules.get(key)


def _expectation(form: Form, rules: Rules) -> Expectation | None:
    fact = form.text("fact", required=True)
    rule = _declared(form, "fact", fact, rules) if fact else None
    names = [item.value for item in Operator]
    given = [name for name in form.mapping.entries if name in names]
    if len(given) != 1:
        others = [name for name in form.mapping.entries if name not in ("fact", *names)]
        near = nearest(others[0], names) if others else None
        form.wrong("fact", f"an expectation needs exactly one of {', '.join(names)}", nearest=near)
        form.asked.update(names)
        form.finish()
        return None
    operator = Operator(given[0])
    expectation = _operand(form, fact, operator)
    form.finish()
    if rule is not None:
        _check(form, expectation, rule, rules)
    return expectation


def _operand(form: Form, fact: str, operator: Operator) -> Expectation:
    name = operator.value
    if operator in (Operator.PRESENT, Operator.ABSENT, Operator.UNCHANGED):
        form.flag(name, default=True)
        return Expectation(fact=fact, operator=operator)
    if operator is Operator.SAYS:
        inner = form.form(name)
        if inner is None:
            return Expectation(fact=fact, operator=operator)
        wanted, unwanted = inner.texts("all"), inner.texts("none")
        for term in (*wanted, *unwanted):
            if len(term.split()) > _MOST_WORDS:
                inner.wrong("all", f"a term has at most {_MOST_WORDS} words: {term!r}")
        if not wanted and not unwanted:
            form.wrong(name, "`says` needs `all` or `none`")
        inner.finish()
        return Expectation(fact=fact, operator=operator, operand=wanted, none_of=unwanted)
    return Expectation(fact=fact, operator=operator, operand=form.written(name))


def _check(form: Form, expectation: Expectation, rule: Rule, rules: Rules) -> None:
    operator, name = expectation.operator, expectation.operator.value
    if operator in (Operator.SAME_AS, Operator.DIFFERS_FROM):
        for other in expectation.operand:
            _declared(form, name, other, rules)
        return
    if operator in _ORDERED and rule.kind not in _QUANTITIES:
        form.wrong(name, f"`{name}` needs a number or a date, and {expectation.fact} is {rule.kind.value}")
        return
    if operator in _MEMBERSHIP and rule.kind not in _LISTS:
        form.wrong(name, f"`{name}` needs a list, and {expectation.fact} is {rule.kind.value}")
        return
    if operator is Operator.WITHIN_DAYS and (
        rule.kind is not Kind.DAY or not all(item.isdigit() for item in expectation.operand)
    ):
        form.wrong(name, "`within_days` needs a day and a number of days")
        return
    if operator is Operator.TREND and (rule.kind is not Kind.ROWS or expectation.operand not in _DIRECTIONS):
        form.wrong(name, "`trend` needs a table of dated values and one of up, down, same")
        return
    wanted = {Operator.BETWEEN: 2}.get(operator)
    if wanted is not None and len(expectation.operand) != wanted:
        form.wrong(name, f"`{name}` needs [low, high]")
        return
    if operator in _ORDERED or (operator is Operator.EQUALS and rule.kind in _QUANTITIES | {Kind.STATUS, Kind.YES_NO}):
        for operand in expectation.operand:
            if parse_value(rule.kind, operand, codes=rule.codes) is None:
                form.wrong(name, f"{operand!r} cannot be read as {rule.kind.value}")
