"""How fast a visit is: the ordinary visit path over a real site on loopback, beside a bare fetch of the same pages.

    python bench/speed.py [--pages N]… [--repeat N] [--json FILE]

Each pass runs in a process of its own: `visit` is what `claimwatch check` does once its configuration is read (workers,
client, one recorded check for each page), `bare` is an aiohttp client with as many requests at once and nothing of
ours. The bare fetch bounds what any monitor can reach, so the ratios, taken within one run, are what to compare;
times are those of the machine. CPU counts the process and all its workers, memory likewise.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

from site_pages import fee, url

PASSES = {
    "first": ("first visit", "validators"),
    "not-modified": ("304", "validators"),
    "identical": ("identical bytes, 200", "steady"),
    "noise": ("noise only", "noise"),
    "changed": ("5 % changed, noise", "noise"),
}
"""Each pass in order: how it is called, and how the site answers in it."""


def main() -> int:
    """The exit code; prints the tables."""
    arguments = _arguments()
    report: dict[str, Any] = {"start-up": _start_up(), "pages": {}}
    with _Site() as site:
        for number in arguments.pages or [200, 1000]:
            rounds = [_round(site, number) for _ in range(arguments.repeat)]
            report["pages"][number] = {name: _middle([found[name] for found in rounds]) for name in PASSES}
        report["proof"] = _prove(site)
    _print(report)
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, action="append", help="how many; may be given again (200 and 1000)")
    parser.add_argument("--repeat", type=int, default=1, help="rounds over each number of pages; medians are shown")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser.parse_args()


# -- the rounds --------------------------------------------------------------


class _Site:
    """The site in a process of its own, and the way to tell it how to answer."""

    def __enter__(self) -> _Site:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("site_pages.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def tell(self, **what: object) -> int:
        """Set how it answers; how many pages it was asked for since it was last told something."""
        query = "&".join(f"{name}={value}" for name, value in what.items())
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/control?{query}") as answer:
            return int(answer.read())


def _round(site: _Site, number: int) -> dict[str, dict[str, Any]]:
    """Every pass over so many pages, from an empty home on."""
    found = {}
    with tempfile.TemporaryDirectory(prefix="claimwatch-bench-") as folder:
        home = Path(folder)
        _write_home(home, number)
        site.tell(pages=number)
        for name, (_, manner) in PASSES.items():
            site.tell(manner=manner)
            if name == "changed":
                site.tell(revise=",".join(map(str, range(0, number, 20))))
            before = _kept(home)
            ours = _child("visit", number, site.port, home)
            asked = site.tell()
            # A first visit has nothing to ask with; after it the bare client asks as we do.
            bare = _child("bare", number, site.port, home if name == "not-modified" else None)
            found[name] = _figures(number, ours, bare) | _growth(before, _kept(home)) | {"requests": asked}
            found[name]["commit_ms"] = _commit_ms(home)
    return found


def _child(what: str, number: int, port: int, home: Path | None) -> dict[str, Any]:
    # Not as a script: workers would import that again, with all that the bench imports.
    command = [sys.executable, "-c", "from passes import main; main()", what, str(number), str(port)]
    done = subprocess.run(
        command + ([str(home)] if home else []),
        stdout=subprocess.PIPE,
        check=True,
        timeout=1800,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
    )
    return dict(json.loads(done.stdout))


def _commit_ms(home: Path, times: int = 60) -> float:
    """Milliseconds of one durable commit of next to nothing on this disk now: no check can be recorded faster."""
    with closing(sqlite3.connect(home / "commits.db", isolation_level=None)) as connection:
        connection.executescript(
            "PRAGMA journal_mode=persist; PRAGMA synchronous=FULL; CREATE TABLE IF NOT EXISTS t(n);"
        )
        began = time.perf_counter()
        for number in range(times):
            connection.execute("INSERT INTO t VALUES (?)", (number,))
        return 1000 * (time.perf_counter() - began) / times


def _figures(number: int, ours: dict[str, Any], bare: dict[str, Any]) -> dict[str, Any]:
    return {
        "pages_per_second": number / ours["wall"],
        "cpu_ms": 1000 * (ours["cpu"] + ours["workers_cpu"]) / number,
        "cpu_ms_workers": 1000 * ours["workers_cpu"] / number,
        "bare_pages_per_second": number / bare["wall"],
        "bare_cpu_ms": 1000 * bare["cpu"] / number,
        "wall_ratio": bare["wall"] / ours["wall"],
        "cpu_ratio": (ours["cpu"] + ours["workers_cpu"]) / bare["cpu"],
        "mib": ours["mib"],
        "mib_workers": ours["workers_mib"],
        "outcomes": ours["outcomes"],
    }


def _kept(home: Path) -> tuple[int, int]:
    """Bytes of the database, and captures kept in it."""
    place = home / "claimwatch.db"
    if not place.exists():
        return 0, 0
    with closing(sqlite3.connect(place)) as connection:
        captures = int(connection.execute("select count(*) from snapshots").fetchone()[0])
    return sum(item.stat().st_size for item in home.glob("claimwatch.db*")), captures


def _growth(before: tuple[int, int], after: tuple[int, int]) -> dict[str, Any]:
    grown, captures = after[0] - before[0], after[1] - before[1]
    return {"captures": captures, "bytes": grown, "bytes_per_capture": grown / captures if captures else None}


def _middle(found: list[dict[str, Any]]) -> dict[str, Any]:
    """The medians of the figures; what is no figure is that of the first round."""
    return {
        key: statistics.median([item[key] for item in found]) if isinstance(value, int | float) else value
        for key, value in found[0].items()
    }


def _write_home(home: Path, number: int) -> None:
    """A configuration like a real one: some facts a page, a claim that rests on one of them."""
    sources, claims = [], []
    for page in range(number):
        # A rule with a selector is the one kind that asks BeautifulSoup.
        select = ", select: main p" if page % 20 == 0 else ""
        sources.append(
            f"  - id: w{page}\n    title: Widget licence {page}\n    url: {url(page)}\n"
            f"    must_contain: [Kinds of widget]\n    facts:\n"
            f"      - {{key: fee, kind: money, under: Fee, match: 'pays (?P<value>\\$[0-9,.]+)'{select}}}\n"
            f"      - {{key: waiting, kind: duration, under: Waiting, match: 'within (?P<value>\\d+ weeks)'}}\n"
            f"      - {{key: kinds, kind: rows, under: Kinds of widget, table: {{columns: [Kind, Code, Grade]}}, "
            f"key_columns: [Code], expect: {{rows: [3, 60]}}}}\n"
        )
        claims.append(
            f"  - id: w{page}.fee\n    section: fees\n    text: The licence costs that much.\n    risk: high\n"
            f"    anchor: licence\n    expect: {{fact: w{page}#fee, equals: CAD {fee(page, 0)}}}\n"
        )
    head = "defaults: {every: 12h, confirm_after: 0s}\n"
    (home / "sources.yaml").write_text(head + "sources:\n" + "".join(sources))
    (home / "claims.yaml").write_text("guide: {id: widgets, title: Widgets}\nclaims:\n" + "".join(claims))


# -- proving what ran --------------------------------------------------------


def _prove(site: _Site, number: int = 40) -> dict[str, Any]:
    """Calls counted inside the workers: with noise only, and (to see that the counter counts) where pages changed."""
    found = {}
    with tempfile.TemporaryDirectory(prefix="claimwatch-bench-") as folder:
        home = Path(folder)
        _write_home(home, number)
        site.tell(pages=number, manner="noise")
        for name in ("first", "noise", "changed"):
            if name == "changed":
                site.tell(revise=",".join(map(str, range(0, number, 20))))
            found[name] = _child("proof", number, site.port, home)
    return found


# -- start-up and printing ---------------------------------------------------


def _start_up() -> dict[str, float]:
    """Seconds of `claimwatch --help` and of an interpreter that does nothing, in turns; medians."""
    commands = {"python -c pass": ["-c", "pass"], "claimwatch --help": ["-m", "claimwatch", "--help"]}
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(7):
        for name, arguments in commands.items():
            began = time.perf_counter()
            subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
            taken[name].append(time.perf_counter() - began)
    return {name: statistics.median(times) for name, times in taken.items()}


def _print(report: dict[str, Any]) -> None:
    print("wall: our pages/s as a part of the bare fetch's. CPU x: our CPU as a multiple of the bare fetch's.")
    print("bare: aiohttp alone, as many requests at once. MiB: most memory of the process + of its workers.")
    print("commit: ms of one bare durable commit on this disk just then; every visit waits for one of its own.\n")
    print(f"{'pages':>5}  {'pass':22}{'pages/s':>8}{'CPU ms':>8}{'workers':>9}{'bare/s':>8}{'bare ms':>8}", end="")
    print(f"{'wall':>7}{'CPU x':>7}{'commit':>8}{'MiB':>10}{'B/capture':>11}  outcomes")
    for number, passes in report["pages"].items():
        for name, item in passes.items():
            each = "-" if item["bytes_per_capture"] is None else f"{item['bytes_per_capture']:.0f}"
            memory = f"{item['mib']:.0f}+{item['mib_workers']:.0f}"
            print(
                f"{number:>5}  {PASSES[name][0]:22}{item['pages_per_second']:8.0f}{item['cpu_ms']:8.2f}"
                f"{item['cpu_ms_workers']:9.2f}{item['bare_pages_per_second']:8.0f}{item['bare_cpu_ms']:8.2f}"
                f"{item['wall_ratio']:7.2f}{item['cpu_ratio']:7.1f}{item['commit_ms']:8.2f}{memory:>10}{each:>11}  "
                + ", ".join(f"{count} {outcome}" for outcome, count in item["outcomes"].items())
            )
    print("\ncalls counted inside the workers, over 40 pages:")
    for name, found in report["proof"].items():
        calls = ", ".join(f"{function} {count}" for function, count in found["calls"].items())
        print(f"  {PASSES[name][0]:22}{calls}")
    start = report["start-up"]
    ratio = start["claimwatch --help"] / start["python -c pass"]
    print(f"\nstart-up: claimwatch --help takes {ratio:.1f} times as long as python -c pass")


if __name__ == "__main__":
    sys.exit(main())
