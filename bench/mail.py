"""How mail goes out in numbers: what random kills leave of the promise "once, or held", the rate, the memory.

    python bench/mail.py [--subscribers N] [--links N] [--kills N] [--pause MS] [--seed N] [--json FILE]

One digest a subscriber waits in the outbox; 1 % of them have no mailbox and 5 % are put off once. Two mailers work the
queue while one or the other is killed in mid-sending, after a random number of its mails, and started again. Where
nothing is due any more, what is held as ambiguous is settled as a person would who asks the server (taken for sent
where a copy came, released where none did) and the clock goes on, until nothing waits.

The rate is that of one mailer without kills. The bare rate beside it, in the same run and in turns, is that of the
same messages from memory, over as many connections to the same sink, by smtplib as any program would use it: no store,
no marker, no promise. `dialogue` is the same by our own dialogue, which uses PIPELINING as the sink offers it and
smtplib does not: what is left when the promise alone is taken away. Both are measured with a sink that answers at once
and does nothing, and with one that takes as long to answer a message as a server that writes it to a disk and is some
way off. Memory is that of a mailer over all messages beside one over a tenth of them.
Exit code 1 where a promise does not hold.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from domain.digests import DeliveryState, Frequency, Message, Period
from notifications.handover import LEASE
from notifications.mime import mail_bytes
from storage.deliveries import release_ambiguous, resolve_ambiguous
from storage.delivery_lists import count_deliveries, list_deliveries
from storage.digests import keep_digest
from storage.store import Store, open_store
from storage.subscribers import add_subscriber

MOST_ROUNDS = 40
LEAST_RATE = 0.7
MOST_GROWTH = 1.1
_OPEN = (DeliveryState.PENDING, DeliveryState.DEFERRED, DeliveryState.HANDING_OVER, DeliveryState.AMBIGUOUS)


def main() -> int:
    """1 where a promise does not hold; prints the figures."""
    arguments = _arguments()
    number, links = arguments.subscribers, arguments.links
    with tempfile.TemporaryDirectory(prefix="claimwatch-bench-") as folder, Sink() as sink:
        full, tenth = Path(folder) / "full.db", Path(folder) / "tenth.db"
        fill(full, number)
        fill(tenth, number // 10)
        report: dict[str, Any] = {"subscribers": number, "links": links, "seed": arguments.seed}
        report["killed"] = _killed(_copy(full, "killed"), sink, arguments) | {"of": arguments.kills}
        report["rate"] = _rate(full, sink, number, links, arguments.repeat)
        with Sink(arguments.pause) as slow:
            report["rate_slow_sink"] = {"pause_ms": arguments.pause}
            report["rate_slow_sink"] |= _rate(tenth, slow, number // 10, links, arguments.repeat)
        report["memory"] = {
            "tenth": _finish(_mailer(_copy(tenth, "clean"), sink, links))["mib"],
            "full": report["rate"].pop("mib"),
        }
    broken = _broken(report, number)
    print(json.dumps(report, indent=1))
    print("\n" + ("every promise holds" if not broken else "BROKEN: " + "; ".join(broken)))
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")
    return 1 if broken else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subscribers", type=int, default=10_000)
    parser.add_argument("--links", type=int, default=4, help="connections of one mailer to the sink at a time")
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--pause", type=float, default=20.0, help="milliseconds of the slow sink for a message")
    parser.add_argument("--repeat", type=int, default=3, help="pairs of runs for the rate; the median ratio counts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser.parse_args()


def _broken(report: dict[str, Any], number: int) -> list[str]:
    killed, rate, slow, memory = (report[part] for part in ("killed", "rate", "rate_slow_sink", "memory"))
    found = {
        "states do not add up": sum(killed["states"].values()) != number,
        "something still waits": any(killed["states"].get(state.value) for state in _OPEN),
        "copies are not what was sent": killed["copies"] != killed["states"].get("sent", 0),
        "a reader got two copies": killed["doubled"] > 0,
        "too few kills in mid-sending": killed["kills"] < killed["of"],
        f"less than {LEAST_RATE} of the bare rate": rate["ratio"] < LEAST_RATE,
        f"less than {LEAST_RATE} of the bare rate to the slow sink": slow["ratio"] < LEAST_RATE,
        "memory grows with the queue": memory["full"] > MOST_GROWTH * memory["tenth"],
    }
    return [what for what, so in found.items() if so]


# -- the sink, the outbox, the mailers ----------------------------------------


class Sink:
    """The server in a process of its own, with two doors. pause: milliseconds until it answers a message."""

    def __init__(self, pause: float = 0) -> None:
        self._pause = pause

    def __enter__(self) -> Sink:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("mail_sink.py")), str(self._pause)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.urls = [f"smtp://127.0.0.1:{port}" for port in json.loads(self._process.stdout.readline())]
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def counted(self, *, anew: bool = False) -> dict[str, Any]:
        """What came so far: `copies` by recipient and Message-ID, `refused`. anew: it forgets everything now."""
        return dict(self._asked("anew" if anew else "all"))

    def taken(self) -> list[int]:
        """How many messages came through each door."""
        return list(self._asked("taken"))

    def _asked(self, what: str) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(what + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def fill(path: Path, number: int) -> None:
    """A store with so many subscribers and a digest for each, of the size of a usual one."""
    now = datetime.now(UTC)
    period = Period(key=f"daily:{now:%Y-%m-%d}:UTC", start=now - timedelta(days=1), end=now)
    words = "A page of an invented office says another fee than it said before, and this is the line about it.\n"
    content = mail_bytes([], text=words * 30, html=f"<p>{words}</p>\n" * 70, language="en")
    with closing(open_store(f"sqlite:///{path}")) as store, store.writing() as connection:
        for each in range(number):
            kind = "gone" if each % 100 == 0 else "busy" if each % 20 == 7 else "reader"
            person = add_subscriber(connection, address=f"{kind}{each}@example.org", frequency=Frequency.DAILY, now=now)
            name = f"<{each}@watch.example>"
            head = f"Message-ID: {name}\r\nFrom: digest@watch.example\r\nTo: {person.address}\r\nSubject: Digest\r\n"
            message = Message(
                message_id=name,
                sender="digest@watch.example",
                recipient=person.address,
                subject="Digest",
                content=head.encode() + content,
            )
            keep_digest(
                connection,
                subscriber=person.id,
                period=period,
                first_event=0,
                last_event=0,
                items=1,
                message=message,
                now=now,
            )


def _copy(path: Path, name: str) -> Path:
    return Path(shutil.copy(path, path.with_name(f"{name}-{path.name}")))


def _mailer(
    path: Path, sink: Sink, links: int, *, ahead: timedelta = timedelta(0), what: str = "deliver", door: int = 0
) -> subprocess.Popen[str]:
    command = [str(Path(__file__).with_name("mailing.py")), what, f"sqlite:///{path}", sink.urls[door], str(links)]
    with path.with_suffix(".log").open("a") as log:
        return subprocess.Popen(
            [sys.executable, *command, str(int(ahead.total_seconds()))], stdout=subprocess.PIPE, stderr=log, text=True
        )


def _finish(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What a mailer that was let alone printed."""
    out, _ = process.communicate(timeout=1800)
    if process.returncode:
        raise SystemExit(f"a mailer ended with {process.returncode}")
    return dict(json.loads(out.splitlines()[-1]))


# -- the runs -----------------------------------------------------------------


def _killed(path: Path, sink: Sink, arguments: argparse.Namespace) -> dict[str, Any]:
    """What is left when mailers were killed all along and everything was settled afterwards."""
    sink.counted(anew=True)
    chance = random.Random(arguments.seed)
    with closing(open_store(f"sqlite:///{path}")) as store:
        copies: dict[str, int] = {}
        ahead, rounds, kills, held, released = timedelta(0), 0, 0, 0, 0
        while rounds < MOST_ROUNDS:
            kills += _kill_at_random(path, sink, arguments, chance, ahead, most=arguments.kills - kills)
            copies = sink.counted()["copies"]
            arrived, sent_again = _settle(store, copies, datetime.now(UTC) + ahead)
            held, released = held + arrived + sent_again, released + sent_again
            ahead, rounds = ahead + LEASE + timedelta(minutes=1), rounds + 1
            if not any(_states(store).get(state.value) for state in _OPEN):
                break
        states = _states(store)
    doubled = sum(count > 1 for count in copies.values())
    return {
        "kills": kills,
        "rounds": rounds,
        "states": states,
        "copies": sum(copies.values()),
        "doubled": doubled,
        "held_as_ambiguous": held,
        "of_these_released": released,
    }


def _kill_at_random(
    path: Path, sink: Sink, arguments: argparse.Namespace, chance: random.Random, ahead: timedelta, *, most: int
) -> int:
    """Two mailers at a time until nothing is due; how many were killed in mid-sending."""
    mails = max(2, arguments.subscribers // max(1, arguments.kills))

    def another(door: int) -> tuple[subprocess.Popen[str], int]:
        due = sink.taken()[door] + chance.randint(1, mails)
        return _mailer(path, sink, arguments.links, ahead=ahead, door=door), due

    running = [another(door) for door in range(2)]
    kills = 0
    while kills < most and not any(process.poll() is not None for process, _ in running):
        taken = sink.taken()
        for door, (process, due) in enumerate(running):
            if taken[door] >= due and process.poll() is None and kills < most:
                process.send_signal(signal.SIGKILL)
                process.communicate()
                kills += 1
                running[door] = another(door)
        time.sleep(0.001)
    for process, _ in running:
        _finish(process)
    return kills


def _settle(store: Store, copies: dict[str, int], now: datetime) -> tuple[int, int]:
    """Decide about everything held: how many had arrived, how many go out again."""
    with store.writing() as connection:
        held = list_deliveries(connection, state=DeliveryState.AMBIGUOUS, limit=10**6)
        arrived = [line for line in held if copies.get(f"{line.recipient} {line.message_id}")]
        missing = [line for line in held if line not in arrived]
        for line in arrived:
            resolve_ambiguous(connection, line.id, now=now)
        for line in missing:
            release_ambiguous(connection, line.id, now=now)
    return len(arrived), len(missing)


def _states(store: Store) -> dict[str, int]:
    with store.reading() as connection:
        return {state.value: count for state, count in count_deliveries(connection).items() if count}


def _rate(full: Path, sink: Sink, number: int, links: int, repeat: int) -> dict[str, Any]:
    """Messages a second with and without a store, in turn; every one of them is offered once in each."""
    pairs: list[dict[str, float]] = []
    for turn in range(repeat):
        sink.counted(anew=True)
        bare = _finish(_mailer(full, sink, links, what="bare"))
        sink.counted(anew=True)
        ours = _finish(_mailer(_copy(full, f"clean{turn}"), sink, links))
        if ours["taken"] != number:
            raise SystemExit(f"a mailer took up {ours['taken']} of {number}: {ours['stopped']}")
        rates = {"bare": number / bare["smtplib"], "dialogue": number / bare["dialogue"], "ours": number / ours["wall"]}
        ratios = {"ratio": rates["ours"] / rates["bare"], "ratio_to_dialogue": rates["ours"] / rates["dialogue"]}
        pairs.append({**rates, **ratios, "cpu_ms": 1000 * ours["cpu"] / number, "mib": ours["mib"]})
    pairs.sort(key=lambda pair: pair["ratio"])
    return pairs[len(pairs) // 2]


if __name__ == "__main__":
    sys.exit(main())
