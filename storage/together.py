"""Units of writing that share a commit, as databases do with their logs: whoever comes first writes for all who wait.

A durable commit costs as much as what a check writes, and checks finish by the dozen. Nobody goes on before the
transaction that holds their unit is on the disk, and units that fail do not take others with them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection

Result = TypeVar("Result")

MOST = 16
"""Units in one transaction: readers wait for it on SQLite."""


@dataclass(slots=True, kw_only=True)
class _Unit:
    work: Callable[[Connection], Any]
    done: bool = False
    result: Any = None
    error: BaseException | None = None


class Together:
    """Runs units of writing for any number of threads. writing: opens one transaction."""

    def __init__(self, writing: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._writing = writing
        self._turn = threading.Condition()
        self._waiting: list[_Unit] = []
        self._busy = False

    @property
    def waiting(self) -> int:
        """How many units wait for the transaction under way to end."""
        with self._turn:
            return len(self._waiting)

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """What `work` returned, committed; or what it raised, with nothing of it kept.

        work: may be run twice, and must have no effect but on its connection.
        """
        unit = _Unit(work=work)
        batch: list[_Unit] = []
        with self._turn:
            self._waiting.append(unit)
            self._turn.wait_for(lambda: unit.done or not self._busy)
            if not unit.done:
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                self._busy = True
        if batch:
            try:
                self._run(batch)
            finally:
                with self._turn:
                    self._busy = False
                    self._turn.notify_all()
        if unit.error is not None:
            raise unit.error
        return unit.result  # type: ignore[no-any-return]

    def _run(self, batch: list[_Unit]) -> None:
        """Every unit of the batch is done, in one transaction if none fails, else each in its own."""
        try:
            with self._writing() as connection:
                results = [unit.work(connection) for unit in batch]
        except Exception as error:  # noqa: BLE001 - raised by whoever asked, in their own thread
            if len(batch) > 1:
                for unit in batch:
                    self._run([unit])
                return
            batch[0].error = error
        except BaseException as error:  # noqa: BLE001 - as above
            for unit in batch:
                unit.error = error
        else:
            for unit, result in zip(batch, results, strict=True):
                unit.result = result
        for unit in batch:
            unit.done = True
