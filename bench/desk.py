"""How fast the review desk answers over a short and over a long history.

    python bench/desk.py [--checks N] [--flags N] [--repeat N]

Two stores of the same 200 sources are filled, one with a hundred checks of each and 400 flags, one with a million checks
and 20,000 flags in all, and every page is asked for over HTTP on loopback. What counts is the ratio of the medians, page
by page, taken in turn in one run: it should stay under two. Times are those of the machine, of the whole answer.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
from history import END, claims, fill, sources

from domain.people import Role
from review.access import access_from
from review.desk import ReviewDesk
from review.routes import PAGES
from review.secrets import new_secret
from review.serve import listening, serving
from storage.sessions import begin_session
from storage.store import open_store
from storage.users import add_user

NUMBER = 200


def main() -> int:
    """1 where a page grows with the history beyond twice; prints the table."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        with (
            _desk(Path(folder) / "short.db", visits=100, flags=400) as short,
            _desk(Path(folder) / "long.db", visits=arguments.checks // NUMBER, flags=arguments.flags) as long,
        ):
            print(f"filled in {time.perf_counter() - began:.0f} s\n")
            slow = [path for path in _addresses(short) if not _measure(path, short, long, arguments.repeat)]
    print("\nevery page within twice" if not slow else f"\nbeyond twice: {', '.join(slow)}")
    return 1 if slow else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checks", type=int, default=1_000_000)
    parser.add_argument("--flags", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=15)
    return parser.parse_args()


@contextmanager
def _desk(path: Path, *, visits: int, flags: int) -> Iterator[httpx.Client]:
    """A client of an administrator at a desk over such a history."""
    watched = sources(NUMBER)
    store = open_store(f"sqlite:///{path}")
    fill(store, watched, visits=visits, most_flags=flags)
    at = listening("127.0.0.1", 0)
    url = f"http://127.0.0.1:{at.getsockname()[1]}"
    access = access_from(base_url=url, secret=new_secret())
    desk = ReviewDesk(store=store, sources=watched, claims=claims(watched), access=access, now=lambda: END)
    secret = new_secret()
    with store.writing() as connection:
        user = add_user(connection, name="ana", role=Role.ADMIN, now=END)
        begin_session(connection, secret=secret, user=user.id, now=END, lifetime=timedelta(days=1))
    with serving(desk, at), httpx.Client(base_url=url, cookies={access.cookie: secret}, timeout=120) as client:
        yield client
    store.close()


def _addresses(client: httpx.Client) -> list[str]:
    """Every page that can be looked at, with a flag, a claim, a source and a capture that both stores have."""
    name = next(iter(sources(1)))
    captures = re.findall(r"/captures/([0-9a-f]{64})", client.get(f"/sources/{name}").text)
    fill_in = {"number": "1", "name": name, "claim": f"fee.{name}", "source": name, "id": name}
    fill_in |= {"digest": captures[-1]} if captures else {}
    found = []
    for page in PAGES:
        if page.method != "GET" or page.path in ("/healthz", "/sign-in"):
            continue
        try:
            found.append(page.path.format(**fill_in))
        except KeyError:
            print(f"not measured: {page.path}")
    return [path for path in found if client.get(path).status_code == 200]


def _measure(path: str, short: httpx.Client, long: httpx.Client, repeat: int) -> bool:
    spent: dict[httpx.Client, list[float]] = {short: [], long: []}
    for _ in range(repeat):
        for client, times in spent.items():
            began = time.perf_counter()
            client.get(path).raise_for_status()
            times.append(time.perf_counter() - began)
    less, more = (statistics.median(times) * 1000 for times in spent.values())
    print(f"{path:40} {less:8.1f} ms {more:8.1f} ms   x {more / less:.2f}")
    return more / less <= 2


if __name__ == "__main__":
    sys.exit(main())
