"""Pages of what is kept: everything once, in order, bounded."""

from __future__ import annotations

from domain.flags import FlagState, Severity
from domain.requests import RequestKind
from storage.flag_history import acts_on
from storage.flag_states import RANKS
from storage.flags import close_flag, confirm_flag, open_flag
from storage.listings import (
    load_check,
    newest_confirmed,
    page_of_changes,
    page_of_checks,
    page_of_flags,
    page_of_requests,
)
from storage.requests import ask
from storage.store import Store
from tests.storage.builders import NOW, day, fee, fee_change, flag, good, record


def test_checks_and_changes_are_walked_without_a_gap(store: Store) -> None:
    names = ("rates", "fees", "rates", "fees", "rates")
    for at, name in enumerate(names):
        changes = [fee_change(999 + at, 1000 + at, key=f"{name}#{key}") for key in "xy"]
        body = f"The permit costs {1000 + at} dollars."
        record(store, good(body, [fee(1000 + at)], at=day(at), source=name, changes=changes))
    with store.reading() as connection:
        assert [item.id for item in page_of_checks(connection, limit=9)] == [5, 4, 3, 2, 1]
        assert [item.id for item in page_of_checks(connection, before=4, limit=2)] == [3, 2]
        assert [item.id for item in page_of_checks(connection, source="fees", limit=9)] == [4, 2]
        assert page_of_checks(connection, limit=1)[0].size == len("The permit costs 1004 dollars.")
        walked: list[tuple[int, str]] = []
        while page := page_of_changes(connection, before=walked[-1] if walked else None, limit=3):
            walked += [(item.check, item.change.key) for item in page]
        assert walked == [(check, f"{names[check - 1]}#{key}") for check in (5, 4, 3, 2, 1) for key in "xy"]
        of_one = page_of_changes(connection, sources=("fees",), limit=3)
        assert [(item.check, item.change.key) for item in of_one] == [(4, "fees#x"), (4, "fees#y"), (2, "fees#x")]
        assert [item.check for item in page_of_changes(connection, keys=("fees#y",), limit=9)] == [4, 2]
        assert len(page_of_changes(connection, sources=("fees", "rates"), limit=9)) == 9
        loaded = load_check(connection, 5)
        assert loaded is not None
        assert loaded[1].facts == {"located": 1}
        assert [change.key for change in loaded[1].changes] == ["rates#x", "rates#y"]
        assert load_check(connection, 6) is None


def test_flags_are_walked_by_harm_and_filtered(store: Store) -> None:
    check = record(store, good("The permit costs 1000 dollars.", [fee(1000)])).id
    with store.writing() as connection:
        for at, severity in enumerate([*Severity, *Severity]):
            named = (f"claim.{at % 2}", 'odd "name" 100%_')
            opened = flag(f"change {at}", fact=f"fees#{at}", severity=severity, claims=named)
            open_flag(connection, opened, check_id=check, at=NOW)
        close_flag(connection, 1, because="gone", at=NOW)
        walked = []
        after = None
        while page := page_of_flags(connection, after=after, limit=3):
            walked += [item.id for item in page]
            after = (RANKS[page[-1].flag.severity], page[-1].id)
        assert walked == [1, 5, 2, 6, 3, 7, 4, 8]
        assert [item.id for item in page_of_flags(connection, state=FlagState.CLOSED, limit=9)] == [1]
        assert [item.id for item in page_of_flags(connection, severity=Severity.LOW, limit=9)] == [4, 8]
        assert [item.id for item in page_of_flags(connection, claim="claim.0", limit=9)] == [1, 5, 3, 7]
        assert len(page_of_flags(connection, claim='odd "name" 100%_', limit=9)) == 8
        assert page_of_flags(connection, claim="claim", limit=9) == ()
        assert page_of_flags(connection, sources=("other",), limit=9) == ()
        assert [item.id for item in newest_confirmed(connection, claim="claim.1", limit=2)] == [8, 6]
        unsure = flag("not sure yet", fact="fees#x", confirmed=False, claims=("claim.1",))
        number = open_flag(connection, unsure, check_id=check, at=NOW)
        assert number is not None
        assert [item.id for item in newest_confirmed(connection, claim="claim.1", limit=1)] == [8]
        confirm_flag(connection, number, at=day(1))
        assert [item.id for item in newest_confirmed(connection, claim="claim.1", limit=1)] == [number]
        assert [act.act for act in acts_on(connection, 1)] == ["closed"]


def test_requests_are_walked_newest_first(store: Store) -> None:
    with store.writing() as connection:
        for at in range(4):
            ask(connection, kind=RequestKind.CHECK, subject=f"page-{at}", by="ana", now=day(at))
        assert [item.id for item in page_of_requests(connection, limit=2)] == [4, 3]
        assert [item.id for item in page_of_requests(connection, before=3, limit=9)] == [2, 1]
