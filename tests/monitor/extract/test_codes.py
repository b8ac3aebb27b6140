"""Codes, levels and citations in free text, and the words that bind, deny or end."""

from __future__ import annotations

import pytest

from domain.values import Code, Scheme, StatusWord, Text
from monitor.extract import values_in
from monitor.extract.noc import UNIT_GROUPS
from monitor.extract.words import status_of, statuses_in


def codes(text: str) -> list[str]:
    return [f"{item.value.scheme.value} {item.value.code}" for item in values_in(text) if isinstance(item.value, Code)]


def obligations(text: str) -> list[str]:
    return [item.value.text for item in values_in(text) if item.kind == "obligation" and isinstance(item.value, Text)]


def test_every_unit_group_of_the_table_is_read_in_a_list_of_occupations() -> None:
    listed = sorted(UNIT_GROUPS)

    assert len(listed) == 516
    assert codes("Occupations: " + ", ".join(listed)) == [f"noc2021 {code}" for code in listed]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NOC 21231 and 21232", ["noc2021 21231", "noc2021 21232"]),
        ("CNP 21231", ["noc2021 21231"]),
        ("21231 – Harbour software", ["noc2021 21231"]),
        ("TEER 1", ["teer 1"]),
        ("FEER 0, 1, 2 ou 3", ["teer 0", "teer 1", "teer 2", "teer 3"]),
        ("CLB level 7 in speaking and CLB 5 in writing", ["clb 7", "clb 5"]),
        ("un niveau 7 des NCLC", ["nclc 7"]),
        ("NCLC\u00a07", ["nclc 7"]),
        ("exempt under R204(a) and s. 36", ["citation R204(a)", "citation s. 36"]),
        ("l'alinéa 204a)", ["citation alinéa 204a)"]),
        ("SOR/2020-55, then 2001, c. 27", ["citation SOR/2020-55", "citation 2001, c. 27"]),
        ("pump R2D2", []),
    ],
)
def test_codes_levels_and_citations(text: str, expected: list[str]) -> None:
    assert codes(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "var width = 21231;",
        "Occupations desk: 613-555-21231",
        "The occupations office, Newhaven 90210",
        "These occupations pay $21,231 or $21231",
        "These occupations pay 21 231 $ or 21231.50",
        "10000 occupations were listed",
        "occupations of 21231212 people",
        "NOC 21999",
    ],
)
def test_five_digits_alone_are_no_occupation(text: str) -> None:
    assert not any(code.startswith("noc2021") for code in codes(text))


def test_words_that_limit_a_code_go_with_it() -> None:
    for text in ("NOC sub-set of 22220", "NOC 22220 (sub-set)", "NOC 22220 – subset of the group"):
        (item,) = values_in(text)
        assert item.value == Code(scheme=Scheme.NOC2021, code="22220", qualifier="sub-set of")


def test_words_that_limit_the_next_code_are_not_those_of_the_one_before() -> None:
    one, other = values_in("NOC 22220 sub-set of 22221")
    assert [item.value for item in (one, other)] == [
        Code(scheme=Scheme.NOC2021, code="22220"),
        Code(scheme=Scheme.NOC2021, code="22221", qualifier="sub-set of"),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("You must not moor; you may sail.", ["must not", "may"]),
        ("Section 3 may apply from 1 May on, or May 3.", ["may"]),
        ("Boats are no longer accepted until further notice.", ["no longer", "until"]),
        ("closed, paused, suspended, repealed", ["closed", "paused", "suspended", "repealed"]),
        ("Replaced by the new rule, effective now", ["replaced by", "effective"]),
        ("This is not open.", ["not", "open"]),
        ("You don\u2019t: you can’t", ["can't"]),
        ("Le pilote ne doit pas partir; il peut rester.", ["ne doit pas", "peut"]),
        ("Ce n’est plus obligatoire.", ["n'est plus", "obligatoire"]),
        ("Les quais sont fermés, suspendus ou remplacés par un autre.", ["fermés", "suspendus", "remplacés par"]),
        ("En vigueur jusqu’à nouvel ordre, sauf en mai", ["en vigueur", "jusqu'à", "sauf"]),
        ("Le maire et la dominatrice", []),
    ],
)
def test_obligations_and_negations(text: str, words: list[str]) -> None:
    assert obligations(text) == words


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("The intake is open.", StatusWord.OPEN),
        ("The intake is closed.", StatusWord.CLOSED),
        ("The intake is no longer open.", StatusWord.CLOSED),
        ("The intake isn’t open.", StatusWord.CLOSED),
        ("Le volet n’est plus ouvert.", StatusWord.CLOSED),
        ("Les volets ne sont pas encore ouverts.", StatusWord.CLOSED),
        ("The intake is temporarily closed.", StatusWord.PAUSED),
        ("Le volet est en pause.", StatusWord.PAUSED),
        ("The intake will open soon.", StatusWord.PENDING),
        ("[Abrogés]", StatusWord.REPEALED),
        ("The intake is not closed.", None),
        ("The pier is long.", None),
        ("Stream A is open. Stream B is closed.", None),
    ],
)
def test_a_status_is_what_is_said_and_not_what_is_denied(text: str, status: StatusWord | None) -> None:
    assert status_of(text) is status


def test_several_statuses_are_told_apart() -> None:
    assert statuses_in("Stream A is open. Stream B is closed.") == (StatusWord.OPEN, StatusWord.CLOSED)
