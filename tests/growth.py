"""How the time of a piece of work grows with its input, told so that a busy machine does not change the answer."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

TIMES = 8
"""How much larger the larger input is: linear work takes 8 times as long, quadratic work 64 times."""

_MOST = 24
_TRIES = 4
_LEAST = 0.005
"""Seconds below which a clock says nothing about growth."""


def grows_linearly(prepare: Callable[[int], Callable[[], object]], *, size: int) -> bool:
    """Whether work on `TIMES` the size takes about as many times as long, in processor time.

    prepare: gives the work for a size, with all that is not measured done. Noise only ever adds time, so the best of
    a few tries counts.
    """
    small, large = prepare(size), prepare(size * TIMES)
    quickest = max(min(_seconds(small) for _ in range(3)), _LEAST)
    return any(_seconds(large) < _MOST * quickest for _ in range(_TRIES))


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    gc.disable()
    started = time.process_time()
    try:
        work()
        return time.process_time() - started
    finally:
        gc.enable()
