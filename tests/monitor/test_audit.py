"""A guide held against its claims: every checkable figure apart, whatever form the guide has."""

from __future__ import annotations

import pytest

from domain.claims import Claim, Expectation, Operator, Risk
from domain.documents import Document
from domain.sources import Source
from monitor.audit import audit
from monitor.guide import document_of
from monitor.read import read

SOURCES = (Source(id="s", title="Harbour Work Program and the TIDES list", url="https://a.example.org/"),)
WORDS = (
    "The fee is $1,000 CAD per berth, and a late fee of $40 follows. Wait 10 business days under s.204(a) of the rules, "
    "or look up Schedule 3. The Harbour Work Program takes part in TIDES."
)
FORMS = {
    "text/plain": WORDS,
    "text/markdown": f"---\ntitle: Guide\n---\n# Berths\n\n{WORDS.replace('$1,000 CAD', '**$1,000** CAD')}\n",
    "text/html": f"<html><head><title>G</title><style>.a{{width:9px}}</style></head><body><main><h1>Berths</h1><p>{WORDS.replace('$1,000', '<b>$1,000</b>')}</p></main></body></html>",
}


def claim(anchor: str, text: str = "Own words.", operand: str = "x", name: str = "c") -> Claim:
    asked = Expectation(fact="s#f", operator=Operator.EQUALS, operand=(operand,))
    return Claim(id=name, section="s", text=text, risk=Risk.LOW, anchor=anchor, expectations=(asked,))


def guide(form: str = "text/plain") -> Document:
    return read(FORMS[form].encode(), content_type=form)


def uncovered(*claims: Claim, form: str = "text/plain") -> set[tuple[str, str]]:
    return {(item.kind, item.text) for item in audit(guide(form), claims, SOURCES).uncovered}


@pytest.mark.parametrize("form", FORMS)
def test_every_kind_of_checkable_statement_is_found_in_any_form_of_guide(form: str) -> None:
    assert uncovered(form=form) == {
        ("money", "$1,000"),
        ("money", "$40"),
        ("duration", "10 business days"),
        ("citation", "s.204(a)"),
        ("citation", "Schedule 3"),
        ("programme", "Harbour Work Program"),
        ("programme", "TIDES"),
    }


def test_a_claim_covers_what_it_speaks_of_and_not_its_whole_sentence() -> None:
    by_anchor = uncovered(claim("$1,000 CAD per berth"))
    assert ("money", "$1,000") not in by_anchor
    assert ("money", "$40") in by_anchor
    by_value = uncovered(claim("The fee is", operand="CAD 1000.00"))
    assert ("money", "$1,000") not in by_value
    by_words = uncovered(claim("Wait", text="It takes two weeks."))
    assert ("duration", "10 business days") not in by_words
    assert ("citation", "s.204(a)") in by_words
    assert ("programme", "TIDES") not in uncovered(claim("takes part in"))


def test_words_that_lead_in_to_a_list_state_nothing() -> None:
    lead = read(b"The TIDES process:\n\n- Wait.", content_type="text/markdown")
    assert audit(lead, (), SOURCES).statements == ()


def test_a_claim_whose_words_are_gone_is_named() -> None:
    gone = claim("$2,000 CAD per berth", name="gone")
    assert [item.id for item in audit(guide(), (claim("per berth"), gone), SOURCES).gone] == ["gone"]


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("There are three programmes to choose from.", "three programmes"),
        ("It lists twenty-two kinds of office.", "twenty-two kinds"),
        ("Any of three underlying federal programs will do.", "three underlying federal programs"),
        ("The list has 13 codes.", "13 codes"),
        ("In 10 provinces it holds.", "10 provinces"),
        ("Il existe trois programmes.", "trois programmes"),
        ("La liste compte vingt-deux métiers.", "vingt-deux métiers"),
        ("Elle compte soixante et onze codes.", "soixante et onze codes"),
        ("Il y a trois autres volets.", "trois autres volets"),
    ],
)
def test_what_a_guide_counts_in_words_or_digits_is_checkable(text: str, counted: str) -> None:
    found = audit(read(text.encode(), media="markdown"), (claim("elsewhere"),), SOURCES).uncovered
    assert [(item.kind, item.text) for item in found] == [("count", counted)]


@pytest.mark.parametrize(
    "text",
    [
        "One of the programmes is closed.",
        "It is one of the offices that answer.",
        "Two of the offices answer.",
        "One in three workers asks.",
        "There are two ways to ask, and other things.",
        "Write it two times.",
        "A two-stage test.",
        "Look at Group 21 offices and line 12 entries.",
        "Since 2026 offices answer.",
        "C'est une des conditions.",
        "Il faut le dire deux fois.",
        "The last two.",
    ],
)
def test_words_that_count_nothing_are_no_statement(text: str) -> None:
    assert audit(read(text.encode(), media="markdown"), (), SOURCES).statements == ()


@pytest.mark.parametrize(
    "claims",
    [
        claim("three programmes"),
        claim("to choose", text="One chooses among three programmes."),
        claim("to choose", text="One chooses among 3 programmes."),
        claim("to choose", operand="3"),
    ],
)
def test_a_count_is_covered_by_a_claim_that_gives_it(claims: Claim) -> None:
    text = b"There are three programmes to choose from."
    assert audit(read(text, media="markdown"), (claims,), SOURCES).uncovered == ()
    assert audit(read(text, media="markdown"), (claim("to choose", operand="4"),), SOURCES).uncovered


MARKED = """# Berths

- A berth costs
  $1,000 per year[^1] at most.
- <b>Boats</b> over 12 m pay <!-- not yet: $77 --> more.

```
fee: $500
```

[^1]: Before it was $850.
"""


def test_what_readers_do_not_see_is_neither_counted_nor_in_the_way_of_an_anchor() -> None:
    anchors = [claim(words, name=words) for words in ("costs $1,000 per year at most", "boats over 12 m pay more")]
    found = audit(document_of(MARKED), anchors, SOURCES)
    assert found.gone == ()
    assert [(item.text, item.covered_by) for item in found.statements] == [
        ("$1,000", ("costs $1,000 per year at most",)),
        ("$500", ()),
        ("$850", ()),
    ]
