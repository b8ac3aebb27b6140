"""A process that dies at any point of recording leaves the check whole or not at all, and doing it again ends well."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from sqlalchemy import Engine as _EngineClass
from sqlalchemy import event

from domain.flags import FlagReason
from storage.checks import record_check
from storage.flags import open_flag
from storage.slots import claim_slot
from storage.store import Store, open_store
from tests.storage.builders import NOW, day, dump, fee, fee_change, flag, good, record


def first_visit(store: Store) -> None:
    record(store, good("The permit costs 1000 dollars.", [fee(1000)]))


def second_visit(store: Store) -> None:
    """One unit of everything that a visit can write."""
    check = good(
        "The permit costs 1100 dollars.",
        [fee(1100)],
        at=day(1),
        changes=[fee_change(1000, 1100)],
    )
    with store.writing() as connection:
        recorded = record_check(connection, check)
        if not recorded.already:
            open_flag(connection, flag(), check_id=recorded.id, at=day(1))
            unclear = flag("nobody can tell", reason=FlagReason.STALE)
            open_flag(connection, unclear, check_id=recorded.id, at=day(1))


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def in_child(work: Callable[[], None]) -> int:
    """The exit code of a child that does the work; negative: the signal that killed it."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def dying_at(url: str, point: int) -> Callable[[], None]:
    """The second visit in a process that kills itself before its statement of that number, or before its commit."""

    def work() -> None:
        store = open_store(url)
        left = [point]

        def count(*_: object) -> None:
            left[0] -= 1
            if left[0] < 0:
                die()

        engine = store._engine
        event.listen(engine, "before_cursor_execute", count)
        event.listen(engine, "commit", count)
        second_visit(store)

    return work


def test_a_kill_at_any_statement_leaves_the_check_whole_or_not_at_all(store_url: str) -> None:
    store = open_store(store_url)
    first_visit(store)
    before = dump(store)
    kills = 0
    while (code := in_child(dying_at(store_url, kills))) == -signal.SIGKILL:
        assert dump(store) == before, f"killed at statement {kills}"
        kills += 1
    assert code == 0
    assert kills > 15
    disturbed = dump(store)
    second_visit(store)
    assert dump(store) == disturbed, "doing it again adds nothing"
    assert [row[1] for row in disturbed["events"]] == ["flag_opened", "flag_opened"]
    store.close()


def test_a_kill_while_the_tables_are_made_leaves_a_database_that_opens(store_url: str) -> None:
    """Kills the first opening at every tenth statement; the opening after that makes everything that is missing."""

    def opening(point: int) -> Callable[[], None]:
        def work() -> None:
            left = [point]

            def count(*_: object) -> None:
                left[0] -= 1
                if left[0] < 0:
                    die()

            event.listen(_EngineClass, "before_cursor_execute", count)
            event.listen(_EngineClass, "commit", count)
            open_store(store_url)

        return work

    point = 0
    while in_child(opening(point)) == -signal.SIGKILL:
        point += 10
    assert point > 20
    store = open_store(store_url)
    first_visit(store)
    store.close()


def test_processes_that_open_a_new_database_together_all_get_it(store_url: str) -> None:
    children = []
    for number in range(3):
        child = os.fork()
        if child == 0:
            try:
                store = open_store(store_url)
                record(store, good("Fees", [fee(1000)], source=f"page-{number}"))
                os._exit(0)
            finally:
                os._exit(1)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0, 0]
    store = open_store(store_url)
    assert len(dump(store)["checks"]) == 3
    store.close()


def test_two_processes_answer_each_slot_once(store_url: str) -> None:
    """Both run through the same due slots; whoever holds the fence records, and nobody records twice."""
    slots = [day(number) for number in range(12)]

    def run(owner: str) -> None:
        store = open_store(store_url)
        for slot in slots:
            with store.writing() as connection:
                claimed = claim_slot(connection, "fees", slot, owner=owner, now=NOW, lease=day(1) - NOW)
            if claimed is not None:
                check = good(f"Fees as {owner} saw them on {slot}", [fee(1000)], at=slot)
                with store.writing() as connection:
                    recorded = record_check(connection, check, fence=claimed.fence)
                    assert not recorded.already
                    open_flag(connection, flag(f"{owner} {slot}", fact=None), check_id=recorded.id, at=slot)

    open_store(store_url).close()
    children = []
    for owner in ("one", "two"):
        child = os.fork()
        if child == 0:
            try:
                run(owner)
                os._exit(0)
            finally:
                os._exit(1)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0]
    store = open_store(store_url)
    rows = dump(store)
    assert len(rows["checks"]) == len(slots)
    assert all(row[-1] is not None for row in rows["slots"])
    assert sorted(row[0] for row in rows["events"]) == list(range(1, len(slots) + 1)), "events in order, without holes"
    store.close()
