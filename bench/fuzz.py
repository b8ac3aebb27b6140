"""Looks for input that crashes a reader or the comparing of two documents.

    python bench/fuzz.py [--seconds 60] [--seed 1] [--inputs FILE…]

Guided by coverage where atheris is installed (it has no wheel for every Python); else by random mutation of the same
seeds, which finds less, and the report says so. Every input is run in a child process, so that a reader which takes the
process with it is a finding too. `--inputs` runs files that an earlier run kept. Exit code 1 on any crash, else 0.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

try:
    import atheris
except ImportError:
    atheris = None

if atheris is not None:
    with atheris.instrument_imports(include=["monitor"]):
        from monitor import diff, quality, read
else:
    from monitor import diff, quality, read

from domain.comparison import Verdict
from domain.errors import SourceError
from monitor.workers import MEMORY_LIMIT, TIME_LIMIT
from tests.monitor.read.pages import page, pdf, xlsx

LARGEST = 100_000
"""Bytes of an input; what grows faster than its input shows well below."""
TYPES = ("text/html", "application/json", "text/xml", "application/pdf", "text/csv", "text/markdown", "text/plain", "")
SEEDS = (
    (
        0,
        page(
            "<h2>Fees</h2><table><caption>By season</caption><tr><th>Season<th>Fee<tr><td rowspan=2>Winter<td>$40*</table>"
        ),
    ),
    (0, page("<details><summary>Late</summary><ul><li>one<li>two<sup><a href='#fn1'>1</a></sup></ul></details>")),
    (0, page("<div id=docCont><p class=MarginalNote>Lamp</p><p><span class=sectionLabel>1</span> A ferry.</p></div>")),
    (
        1,
        '{"title": "Crossings", "rounds": [{"id": "1", "size": 500.0, "note": "<b>x</b>"}, {"id": "2", "size": 7}], "a": {}}',
    ),
    (
        2,
        '<?xml version="1.0"?><rss><channel><title>News</title><item><guid>1</guid><title>x</title></item></channel></rss>',
    ),
    (
        2,
        '<?xml version="1.0"?><Act><Heading level="1">A</Heading><Section><Label>1</Label><Text>x</Text></Section></Act>',
    ),
    (3, pdf("Harbour fees", "You pay $40.")),
    (4, "Season;Fee\nWinter;40\nSummer;1000\n"),
    (4, xlsx([["Season", "Fee"], ["Winter", 40]])),
    (5, "# Fees\n\n| Season | Fee |\n|--|--|\n| Winter | $40 |\n\n- [the form](/a.pdf)\n  1. **inner**\n"),
)
TOKENS = (
    b"<table>", b"<tr>", b"<td>", b"</main>", b"<!--", b"-->", b" colspan=1000", b" rowspan=9", b" hidden", b" class='toc'",
    b" role=heading aria-level=9", b" charset=idna", b"&#xD800;", b"\xc2\xb2", b"\xc2\xa0", b"\xff", b"\x00", b"<![CDATA[",
    b'{"id":', b"[[", b"]]", b"1e999", b"\\ud800", b"<!ENTITY a 'b'>", b"<?x?>", b"<Section>", b"/Kids[2 0 R]", b"/Count 9", b"|--|",
    b"* ", b"[](", b"\xef\xbb\xbf", b"\xff\xfe", b"PK\x03\x04",
)  # fmt: skip


class Run:
    """What one child process did. An input is a byte that picks the type, one that picks a cut, and the body."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self._folder = folder
        self._running = open(folder / "running", "wb", buffering=0)  # noqa: SIM115 - open as long as the process
        self._ends = time.monotonic() + seconds
        self._executions = 0
        self._crashes: dict[str, Path] = {}
        self._slowest = (0.0, b"")

    def one(self, data: bytes) -> None:
        """Run one input; end the process with a report when the time is over."""
        if time.monotonic() > self._ends:
            self.report()
        self._executions += 1
        self._running.seek(0)
        self._running.write(data)
        self._running.truncate()
        started = time.process_time()
        try:
            work(data)
        except (SourceError, MemoryError):
            pass  # what a worker makes a named cause of
        except Exception as error:  # noqa: BLE001 - any other one is what this looks for
            self._keep(error, data)
        taken = time.process_time() - started
        if taken > self._slowest[0]:
            self._slowest = (taken, data)

    def report(self) -> None:
        """Print what was done and end the process, past any fuzzing engine."""
        taken, data = self._slowest
        (self._folder / "slowest").write_bytes(data)
        print(f"{self._executions} executions, {len(self._crashes)} crashes")
        print(
            f"slowest: {taken:.3f} s for {len(data)} bytes as {kind_of(data) or 'no stated type'}: {self._folder / 'slowest'}"
        )
        for place, path in self._crashes.items():
            print(f"CRASH {place}: {path}")
        sys.stdout.flush()
        os._exit(1 if self._crashes else 0)

    def _keep(self, error: Exception, data: bytes) -> None:
        """One input for each place that raised."""
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
        if place not in self._crashes:
            self._crashes[place] = self._folder / f"crash-{len(self._crashes) + 1}"
            self._crashes[place].write_bytes(data)
            traceback.print_exception(error)


def kind_of(data: bytes) -> str:
    return TYPES[data[0] % len(TYPES)] if data else ""


def work(data: bytes) -> None:
    """Everything that a visit does with a body, and the comparing with the same body less a part of it."""
    if len(data) < 3:
        return
    kind, body = kind_of(data), data[2:]
    cut = len(body) * data[1] // 256
    read.quick_fingerprint(body, content_type=kind)
    whole = read.read(body, content_type=kind)
    read.fingerprint(whole)
    quality.judge_page(whole, body)
    itself = diff.compare_documents(whole, read.read(body, content_type=kind)).verdict
    if itself not in (Verdict.SAME, Verdict.NOISE):
        raise AssertionError(f"a body compared with itself is {itself.value}")
    diff.compare_documents(whole, read.read(body[:cut] + body[cut + len(body) // 8 + 1 :], content_type=kind))


def seeds() -> Iterator[bytes]:
    for kind, body in SEEDS:
        yield bytes([kind, 128]) + (body.encode() if isinstance(body, str) else body)


def mutate(rng: random.Random, pool: list[bytes]) -> bytes:
    """A seed with a few of its parts changed, taken out, repeated, or put in from elsewhere."""
    data = bytearray(rng.choice(pool))
    for _ in range(rng.randint(1, 6)):
        start = rng.randrange(len(data) + 1)
        end = min(len(data), start + rng.choice((1, 2, 8, 64, 512)))
        other = rng.choice(pool)
        data[start:end] = rng.choice(
            (
                b"",
                rng.randbytes(1),
                rng.choice(TOKENS),
                rng.choice(TOKENS) * rng.choice((2, 50, 2000)),
                bytes(data[start:end]) * rng.choice((2, 50)),
                other[len(other) // 3 : rng.randrange(len(other)) + 1],
            )
        )
    return bytes(data[:LARGEST])


def child(folder: Path, seconds: float, seed: int) -> None:
    """Run inputs until the time is over. Never returns."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    run, pool = Run(folder, seconds), list(seeds())
    for data in pool:
        run.one(data)
    if atheris is None:
        print(f"seed {seed}; atheris is not installed: random mutation, without guidance by coverage")
        rng = random.Random(seed)
        while True:
            run.one(mutate(rng, pool))
    print(f"seed {seed}; guided by coverage (atheris)")
    sys.stdout.flush()
    corpus, words = folder / "corpus", folder / "tokens"
    corpus.mkdir()
    for number, data in enumerate(pool):
        (corpus / str(number)).write_bytes(data)
    words.write_text("".join('"' + "".join(f"\\x{byte:02x}" for byte in token) + '"\n' for token in TOKENS))
    options = (f"-seed={seed}", f"-max_len={LARGEST}", f"-dict={words}", f"-timeout={TIME_LIMIT:.0f}", "-verbosity=0")
    atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={folder}/", "-rss_limit_mb=0", str(corpus)], run.one)
    atheris.Fuzz()


def main() -> int:
    """The exit code; prints the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--inputs", type=Path, nargs="*", default=[], metavar="FILE", help="run these alone")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    for path in arguments.inputs:
        work(path.read_bytes())
    if arguments.inputs:
        return 0
    if arguments.folder:
        child(arguments.folder, arguments.seconds, arguments.seed)
    folder = Path(tempfile.mkdtemp(prefix="claimwatch-fuzz-"))
    asked = ["--seconds", str(arguments.seconds), "--seed", str(arguments.seed), "--folder", str(folder)]
    command = [sys.executable, str(Path(__file__).resolve()), *asked]
    try:
        code = subprocess.run(command, check=False, timeout=arguments.seconds + 2 * TIME_LIMIT).returncode
    except subprocess.TimeoutExpired:
        print(f"CRASH an input runs without end: {folder / 'running'}")
        return 1
    if code not in (0, 1):
        print(f"CRASH the process died with {code}: {folder / 'running'}")
    return 0 if code == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
