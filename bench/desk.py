"""How fast the review desk answers over a short and over a long history.

    python bench/desk.py [--checks N] [--flags N] [--repeat N]

Two homes of the same 200 sources are filled, one with a hundred checks of each and 400 flags, one with a million checks
and 20,000 flags in all; the source and the claim whose pages are asked for have a hundred readings and flags in both.
Every page and every call of the API that can be looked at is asked for over HTTP on loopback, as
it comes, with each filter, and with searches that find something and nothing. What counts is the ratio of the medians,
address by address, taken in turn in one run: it should stay under two; and an answer over the long history should take
less than 100 ms. Both are times of the processor, of desk and client together, so that a busy machine does not judge;
the last column is how long the whole answer took. Differences of a few milliseconds are those of the machine.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import httpx
from desk_addresses import addresses
from desk_home import NUMBER, Office, office_at, write_home

MOST_MS = 100.0
MOST_TIMES = 2.0
NOISE_MS = 3.0
"""Twice as much of so little says nothing."""


def main() -> int:
    """1 where an address grows with the history beyond twice or takes too long; prints the table."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as name:
        folder, began = Path(name), time.perf_counter()
        write_home(folder / "short", visits=100, flags=400, rich=True)
        write_home(folder / "long", visits=arguments.checks // NUMBER, flags=arguments.flags)
        print(f"filled in {time.perf_counter() - began:.0f} s; load {os.getloadavg()[0]:.1f}\n")
        with office_at(folder / "short") as short, office_at(folder / "long") as long:
            each = zip(addresses(short), addresses(long), strict=True)
            asked = [(api, other, mine) for (api, other), (_, mine) in each]
            beyond = [pair for pair in asked if not _measure(*pair, short, long, arguments.repeat)]
            if beyond:
                print("\nonce more, since a busy machine may have been the reason:")
                beyond = [pair for pair in beyond if not _measure(*pair, short, long, arguments.repeat * 3)]
    print(f"\n{len(asked)} addresses; load {os.getloadavg()[0]:.1f}")
    print("beyond: " + ", ".join(mine for _, _, mine in beyond) if beyond else "each within twice and in time")
    return 1 if beyond else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checks", type=int, default=1_000_000)
    parser.add_argument("--flags", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=9)
    return parser.parse_args()


def _measure(api: bool, other: str, mine: str, short: Office, long: Office, repeat: int) -> bool:
    clients = (short.call if api else short.page, long.call if api else long.page)
    spent: tuple[list[tuple[float, float]], list[tuple[float, float]]] = ([], [])
    for _ in range(repeat):
        for client, path, times in zip(clients, (other, mine), spent, strict=True):
            times.append(_ask(client, path))
    less, more = (statistics.median(at for at, _ in times) for times in spent)
    whole = statistics.median(at for _, at in spent[1])
    fits = (more / less <= MOST_TIMES or more - less <= NOISE_MS) and more < MOST_MS
    name = ("/api/v1" if api else "") + mine
    mark = "" if fits else "  <--"
    print(f"{name[:78]:78} {less:7.1f} {more:7.1f} ms   x {more / less:.2f} {whole:8.1f} ms{mark}", flush=True)
    return fits


def _ask(client: httpx.Client, path: str) -> tuple[float, float]:
    """Milliseconds of the processor, and in all."""
    began, worked = time.perf_counter(), time.process_time()
    answer = client.get(path)
    spent = ((time.process_time() - worked) * 1000, (time.perf_counter() - began) * 1000)
    if answer.status_code not in (200, 303):
        raise SystemExit(f"{path} answers {answer.status_code}: {answer.text[:300]}")
    return spent


if __name__ == "__main__":
    sys.exit(main())
