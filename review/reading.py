"""Where the desk has captures read: in a process that can be killed, never in the one that answers people.

Captured bytes were written by strangers. The process begins with the first capture that anybody looks at, so that a
desk where nobody does costs nothing.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from domain.checks import Examination
from domain.documents import Document
from domain.errors import ReadError
from domain.snapshots import Snapshot
from domain.sources import Source
from monitor.examine import Baseline, examine
from monitor.look import passages
from monitor.standings import official_day
from monitor.workers import Workers

P = ParamSpec("P")
T = TypeVar("T")

_MOST_IN_LINE = 4
"""Readings under way or waiting; whoever comes then is told to come back, so that no page made to hurt blocks the desk."""

_MOST_KEPT = 8
_LONGEST_KEPT = 4_000_000
"""Documents that are kept read, and the characters of one that is: turning a page of a long law reads it once."""


class Reader:
    """Reads captures by a source's rules. Every method raises SourceError where a capture cannot be read."""

    def __init__(self) -> None:
        self._workers: Workers | None = None
        self._turn = threading.Lock()
        self._line = threading.BoundedSemaphore(_MOST_IN_LINE)
        self._kept: OrderedDict[tuple[str, str, str, str], Document] = OrderedDict()

    def document(self, source: Source, snapshot: Snapshot) -> Document:
        """The capture as this source reads it: its blocks, without markup, data and tables."""
        name = (snapshot.digest, source.id, source.digest, snapshot.header("content-type") or "")
        with self._turn:
            kept = self._kept.get(name)
            if kept is not None:
                self._kept.move_to_end(name)
                return kept
        read = self._run(passages, source, snapshot, today=official_day(snapshot.fetched_at))
        if sum(len(block.text) for block in read.blocks) <= _LONGEST_KEPT:
            with self._turn:
                self._kept[name] = read
                while len(self._kept) > _MOST_KEPT:
                    self._kept.popitem(last=False)
        return read

    def comparison(self, source: Source, before: Snapshot, after: Snapshot) -> Examination:
        """Two captures compared by a source's rules, its facts among them."""
        return self._run(
            examine,
            source,
            after,
            baseline=Baseline(snapshot=before),
            today=official_day(max(before.fetched_at, after.fetched_at)),
        )

    def trial(self, source: Source, snapshot: Snapshot) -> Examination:
        """What a source's rules give on a capture."""
        return self._run(examine, source, snapshot, today=official_day(snapshot.fetched_at))

    def close(self) -> None:
        """End the process, whatever it is at. The next reading begins another."""
        with self._turn:
            workers, self._workers = self._workers, None
            self._kept.clear()
        if workers is not None:
            workers.stop()

    def _run(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        with self._turn:
            if self._workers is None:
                self._workers = Workers(1)
            workers = self._workers
        with self._in_line():
            return workers.wait_for(work, *args, **kwargs)

    @contextmanager
    def _in_line(self) -> Iterator[None]:
        if not self._line.acquire(blocking=False):
            raise ReadError("busy", "other captures are being read just now")
        try:
            yield
        finally:
            self._line.release()
