"""Where untrusted pages are read: worker processes with a time limit and a memory limit, so that a page made to hurt
costs one visit and not the service. A thread with a timeout is no limit.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import resource
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager
from types import TracebackType
from typing import ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from domain.errors import ReadError

P = ParamSpec("P")
T = TypeVar("T")

MEMORY_LIMIT = 3 * 2**30
"""Bytes of address space for one worker: several times what the largest allowed page needs."""

TIME_LIMIT = 30.0
"""Seconds for one unit of work; the largest real page (1.4 MB of law) takes well under two."""

_TASKS_A_WORKER = 2000
"""A worker is replaced after so many units, which gives back memory that the parsers keep."""

_COLLECTED_AFTER = (50_000, 20, 50)
"""Objects after which cycles are sought: a document is a tree of many small values, and looking through it again and
again while it grows costs a tenth of the time of a large table."""


class Workers:
    """A small pool of killable processes. Use as a context manager; `run` may be called from many tasks at once."""

    def __init__(self, count: int = 2) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["monitor.examine"])
        self._pool = ProcessPool(max_workers=count, max_tasks=_TASKS_A_WORKER, initializer=_limit, context=context)

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._pool.close()  # type: ignore[no-untyped-call]
        else:
            self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    async def run(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """What `work` returns, run in a worker. Raises ReadError `resource` where it took too long, too much, or died."""
        future = self._pool.schedule(work, args=args, kwargs=kwargs, timeout=TIME_LIMIT)
        with _as_read_error():
            result: T = await asyncio.wrap_future(future)
        return result

    def wait_for(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """As `run`, for a thread that has nothing else to do meanwhile."""
        future = self._pool.schedule(work, args=args, kwargs=kwargs, timeout=TIME_LIMIT)
        try:
            with _as_read_error():
                result: T = future.result()
        except CancelledError as error:
            raise ReadError("resource", "reading it was broken off") from error
        return result

    def stop(self) -> None:
        """End the processes, whatever they are at."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()


@contextmanager
def _as_read_error() -> Iterator[None]:
    try:
        yield
    except (FutureTimeoutError, TimeoutError) as error:
        raise ReadError("resource", f"reading it took longer than {TIME_LIMIT:.0f} s") from error
    except MemoryError as error:
        raise ReadError("resource", "reading it took too much memory") from error
    except ProcessExpired as error:
        raise ReadError("resource", "the process that read it died") from error


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    gc.freeze()
    gc.set_threshold(*_COLLECTED_AFTER)
