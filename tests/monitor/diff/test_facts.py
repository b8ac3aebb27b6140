"""The same fact keys before and after."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from domain.facts import ChangeKind, Fact, FactState, Pending
from domain.values import Duration, Members, Money, Rows, Text, Unit, Value
from monitor.diff import compare_facts


def located(value: Value, *, pending: Pending | None = None, quote: str = "") -> Fact:
    return Fact(key="pier#toll", state=FactState.LOCATED, value=value, pending=pending, quote=quote)


def money(amount: str) -> Money:
    return Money(amount=Decimal(amount))


ABSENT = Fact(key="pier#toll", state=FactState.ABSENT)
UNKNOWN = Fact(key="pier#toll", state=FactState.CANNOT_TELL, reason="no such heading")
PIERS = Rows(key=("Pier",), columns=("Pier", "Toll"), rows=(("Newhaven", "$5"), ("Oldport", "$7"), ("Westhaven", "$9")))


def test_a_value_that_changed_is_altered_with_both_quotes() -> None:
    (change,) = compare_facts(
        (located(money("5"), quote="a toll of $5"),), (located(money("6"), quote="a toll of $6"),)
    )

    assert change.change is ChangeKind.ALTERED
    assert (change.before, change.after) == (money("5"), money("6"))
    assert (change.quote_before, change.quote_after) == ("a toll of $5", "a toll of $6")


def test_one_thousand_and_one_thousand_point_zero_zero_are_equal() -> None:
    assert compare_facts((located(money("1000")),), (located(money("1000.00")),)) == ()


def test_an_amount_in_another_currency_is_altered() -> None:
    after = Money(amount=Decimal(5), currency="USD")

    assert compare_facts((located(money("5")),), (located(after),))[0].change is ChangeKind.ALTERED


def test_removed_is_only_located_then_absent_and_appeared_only_the_reverse() -> None:
    (gone,) = compare_facts((located(money("5")),), (ABSENT,))
    (come,) = compare_facts((ABSENT,), (located(money("5")),))

    assert (gone.change, gone.before, gone.after) == (ChangeKind.REMOVED, money("5"), None)
    assert (come.change, come.before, come.after) == (ChangeKind.APPEARED, None, money("5"))


def test_not_knowing_on_either_side_is_no_change() -> None:
    known = located(money("5"))

    assert compare_facts((known,), (UNKNOWN,)) == ()
    assert compare_facts((UNKNOWN,), (known,)) == ()
    assert compare_facts((UNKNOWN,), (ABSENT,)) == ()


def test_a_key_that_only_one_side_declares_is_no_change() -> None:
    assert compare_facts((), (located(money("5")),)) == ()


def test_rows_are_matched_by_their_key_columns() -> None:
    after = Rows(
        key=("Pier",), columns=("Pier", "Toll"), rows=(("Oldport", "$8"), ("Newhaven", "$5"), ("Easthaven", "$1"))
    )

    (change,) = compare_facts((located(PIERS),), (located(after),))

    assert change.added == (("Easthaven", "$1"),)
    assert change.removed == (("Westhaven", "$9"),)
    assert change.altered == ((("Oldport", "$7"), ("Oldport", "$8")),)


@given(st.permutations(PIERS.rows))
def test_the_order_of_rows_does_not_matter(rows: list[tuple[str, ...]]) -> None:
    shuffled = Rows(key=PIERS.key, columns=PIERS.columns, rows=tuple(rows))

    assert compare_facts((located(PIERS),), (located(shuffled),)) == ()


def test_rows_under_one_key_are_told_apart_by_their_other_cells() -> None:
    before = Rows(key=("Pier",), columns=("Pier", "Toll"), rows=(("Newhaven", "$5"), ("Newhaven", "$6")))
    after = Rows(key=("Pier",), columns=("Pier", "Toll"), rows=(("Newhaven", "$6"), ("Newhaven", "$7")))

    (change,) = compare_facts((located(before),), (located(after),))

    assert change.altered == ((("Newhaven", "$5"), ("Newhaven", "$7")),)


def test_members_are_a_set() -> None:
    before, after = Members(items=("oak", "ash", "elm")), Members(items=("elm", "Ash", "fir"))

    (change,) = compare_facts((located(before),), (located(after),))

    assert (change.added, change.removed) == ((("fir",),), (("oak",),))
    assert compare_facts((located(before),), (located(Members(items=("elm", "oak", "ash"))),)) == ()


def test_text_is_equal_as_shown() -> None:
    before, after = Text(text="harbour\u00a0board’s  seal"), Text(text="harbour board's seal")

    assert compare_facts((located(before),), (located(after),)) == ()


def test_ten_business_days_are_not_ten_days() -> None:
    before = Duration(quantity=Decimal(10), unit=Unit.BUSINESS_DAY)
    after = Duration(quantity=Decimal(10), unit=Unit.DAY)

    assert len(compare_facts((located(before),), (located(after),))) == 1


def test_an_announced_value_is_reported_with_its_day() -> None:
    pending = Pending(value=money("6"), effective=date(2031, 4, 30), quote="$6 from 30 April")

    (change,) = compare_facts((located(money("5")),), (located(money("5"), pending=pending),))

    assert change.effective == date(2031, 4, 30)
    assert (change.before, change.after) == (money("5"), money("6"))


def test_an_announced_value_that_came_true_is_told_once_as_the_value() -> None:
    pending = Pending(value=money("6"), effective=date(2031, 4, 30), quote="$6 from 30 April")

    (change,) = compare_facts((located(money("5"), pending=pending),), (located(money("6")),))

    assert (change.before, change.after, change.effective) == (money("5"), money("6"), None)


def test_an_announced_value_that_was_withdrawn_is_reported() -> None:
    pending = Pending(value=money("6"), effective=date(2031, 4, 30), quote="$6 from 30 April")

    (change,) = compare_facts((located(money("5"), pending=pending),), (located(money("5")),))

    assert (change.before, change.after) == (money("6"), money("5"))
