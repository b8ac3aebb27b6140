"""One pass over the pages of the bench, alone in its process: by the visit path, by a bare client, or counted."""

from __future__ import annotations

import asyncio
import json
import os
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import aiohttp
from site_pages import HOSTS

from claimwatch.home import Home
from claimwatch.settings import Settings
from domain.sources import Source
from monitor.check import Desk, visit
from monitor.workers import Workers
from outbound.client import Client

AT_ONCE = 16
"""Visits at once, as `claimwatch check` has them."""

_PROOF = ("quick_fingerprint", "read_html", "extract", "compare_documents", "BeautifulSoup.__init__")
"""Functions whose calls are counted in the workers to prove which of them a pass needs."""

_BARE_FETCHES = 5000
"""The bare fetch goes round until it made so many, since a few hundred are over before a clock can tell."""

_TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Prints what the pass that the arguments name came to: `visit|bare|proof PAGES PORT [HOME]`."""
    what, number, port, *home = sys.argv[1:]
    print(json.dumps(asyncio.run(_run(what, int(number), int(port), Path(home[0]) if home else None))))


async def _run(what: str, number: int, port: int, folder: Path | None) -> dict[str, Any]:
    if what == "bare":
        return await _bare(number, port, ask=folder is not None)
    assert folder is not None
    resolve = ",".join(f"h{host}.example.test=http://127.0.0.1:{port}" for host in range(HOSTS))
    home = Home(Settings(home=str(folder), allow_addresses=f"127.0.0.1:{port}", resolve=resolve, per_host_spacing=0.0))
    return await (_visits(home) if what == "visit" else _counted(home))


async def _bare(number: int, port: int, *, ask: bool) -> dict[str, Any]:
    """The same pages by aiohttp alone: the whole body, or the 304 to the validator that the site gave."""
    total = max(number, _BARE_FETCHES)
    waiting = iter(range(total))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def fetch() -> None:
            for turn in waiting:
                page = turn % number
                headers = {"Host": f"h{page % HOSTS}.example.test"} | ({"If-None-Match": f'"{page}-0"'} if ask else {})
                async with session.get(f"http://127.0.0.1:{port}/p/{page}", headers=headers) as answer:
                    assert answer.status == (304 if ask else 200)
                    await answer.read()

        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(fetch() for _ in range(AT_ONCE)))
        taken = {"wall": time.perf_counter() - began, "cpu": time.process_time() - cpu}
        return {name: seconds * number / total for name, seconds in taken.items()}


async def _visits(home: Home) -> dict[str, Any]:
    """One visit to every page, as `claimwatch check` makes them."""
    sources, store = home.config.sources, home.store()
    began, cpu = time.perf_counter(), time.process_time()
    with Workers() as workers:
        outcomes = await _visit_all(home, sources, workers)
        grown = [_high_water(process) for process in _descendants(os.getpid())]
    wall = time.perf_counter() - began
    store.close()
    return {
        "wall": wall,
        "cpu": time.process_time() - cpu,
        "workers_cpu": sum(_cpu_seconds(process) for process in _descendants(os.getpid())),
        "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "workers_mib": sum(grown),
        "outcomes": outcomes,
    }


async def _visit_all(home: Home, sources: tuple[Source, ...], workers: Workers) -> dict[str, int]:
    gate = asyncio.Semaphore(AT_ONCE)
    async with Client(home.policy()) as client:
        desk = Desk(
            client=client,
            store=home.store(),
            workers=workers,
            sources=home.sources,
            claims=home.config.claims,
            now=home.now,
        )

        async def one(source: Source) -> str:
            async with gate:
                check = (await visit(source, slot=home.now(), desk=desk)).check
            verdict = check.examination.verdict.value if check.examination is not None else ""
            return " ".join(word for word in (check.outcome.value, check.reason or verdict) if word)

        return dict(Counter(await asyncio.gather(*(one(source) for source in sources))).most_common())


def _descendants(process: int) -> list[int]:
    """The processes below one; workers stand below their fork server."""
    below: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in (task / "children").read_text().split():
                below += [int(child), *_descendants(int(child))]
    return below


def _cpu_seconds(process: int) -> float:
    """CPU of a process and of the children that it has buried."""
    with suppress(OSError):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / _TICKS
    return 0.0


def _high_water(process: int) -> float:
    """The most memory that a process ever had, MiB; pages shared with its fork server count again."""
    with suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
        return int(found[1]) / 1024 if found is not None else 0.0
    return 0.0


# -- proving what ran --------------------------------------------------------


class _Counting(Workers):
    """Workers that count the calls of some functions while they do the same work."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: Counter[str] = Counter()

    async def run(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        result, calls = await super().run(_with_counts, work, args, kwargs)
        self.calls.update(calls)
        return result


def _with_counts(work: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, dict[str, int]]:
    """What the work returns, and how often the interpreter entered each function of `_PROOF` meanwhile."""
    calls: Counter[CodeType] = Counter()

    def watch(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_qualname in _PROOF:
            calls[frame.f_code] += 1

    sys.setprofile(watch)
    try:
        result = work(*args, **kwargs)
    finally:
        sys.setprofile(None)
    named: Counter[str] = Counter()
    for code, number in calls.items():
        named[code.co_qualname] += number
    return result, dict(named)


async def _counted(home: Home) -> dict[str, Any]:
    with _Counting() as workers:
        outcomes = await _visit_all(home, home.config.sources, workers)
        return {"outcomes": outcomes, "calls": {name: workers.calls[name] for name in _PROOF}}
