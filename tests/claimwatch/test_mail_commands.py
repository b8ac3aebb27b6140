"""The mail commands as a person or a pipe enters them: mail that came back, and readers who are asked first."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest

from notifications.tokens import return_path
from storage.deliveries import mark_handing_over, recover_abandoned
from storage.delivery_claims import claim_deliveries
from storage.store import open_store
from tests.claimwatch.test_cli import Home
from tests.notifications.builders import NOW
from tests.notifications.sinks import sink
from tests.notifications.stores import queue
from tests.notifications.test_returns import report
from tests.site import Answer, Site, fee_page, site

KEY = "a key that is long enough for signing"


def home_in(folder: Path, pages: Site) -> Home:
    made = Home(folder, pages)
    made.environment |= {
        "CLAIMWATCH_SECRET_KEY": KEY,
        "CLAIMWATCH_BASE_URL": "https://watch.example",
        "CLAIMWATCH_BOUNCE_ADDRESS": "back@watch.example",
    }
    return made


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Site]]:
    """A home with a reader whose first digest was sent. Not to be changed."""
    with site() as pages:
        pages.pages["/fee"] = Answer(fee_page("$1,000"))
        made = home_in(tmp_path_factory.mktemp("told"), pages)
        assert made.run("subscribers", "add", "reader1@example.org", "--frequency", "instant").returncode == 0
        made.ask("check")
        pages.pages["/fee"] = Answer(fee_page("$1,250"))
        made.ask("check")
        assert made.run("digest", "send").returncode == 0
        yield made.folder, pages


@pytest.fixture
def home(told: tuple[Path, Site], tmp_path: Path) -> Home:
    folder, pages = told
    shutil.copytree(folder, tmp_path / "home")
    return home_in(tmp_path / "home", pages)


def returned(home: Home, status: str = "5.1.1") -> bytes:
    """The report that the reader's mailbox is not there."""
    (line,) = home.ask("deliveries")["deliveries"]
    return report(return_path("back@watch.example", line["id"], secrets=(KEY,)), status)


def reader(home: Home) -> str:
    (line,) = home.ask("subscribers", "list")["subscribers"]
    return str(line["state"])


def test_a_pipe_hands_over_mail_that_came_back(home: Home) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "claimwatch", "bounces", "-"],
        cwd=home.folder,
        env=home.environment,
        input=returned(home),
        capture_output=True,
        timeout=120,
        check=True,
    )
    assert b"no more mail goes to reader1@example.org 5.1.1" in done.stdout
    assert reader(home) == "suppressed"


def test_a_file_of_mail_that_came_back_counts_once(home: Home) -> None:
    (home.folder / "back.eml").write_bytes(returned(home))
    outcomes = [home.ask("bounces", "back.eml")["mails"][0]["outcome"] for _ in range(2)]
    assert outcomes == ["suppressed", "known"]


def test_a_maildir_is_taken_in_and_emptied_into_cur(home: Home) -> None:
    fresh = home.folder / "box" / "new"
    fresh.mkdir(parents=True)
    (fresh / "1.mx").write_bytes(returned(home))
    (fresh / "2.mx").write_bytes(b"To: somebody@watch.example\r\nSubject: hello\r\n\r\nHello.\r\n")
    mails = home.ask("bounces", "box")["mails"]
    assert [mail["outcome"] for mail in mails] == ["suppressed", "unknown"]
    assert sorted(path.name for path in (home.folder / "box" / "cur").iterdir()) == ["1.mx:2,S", "2.mx:2,S"]
    assert home.ask("bounces", "box")["mails"] == []


def test_what_cannot_be_taken_in_is_a_wrong_call(home: Home) -> None:
    assert home.run("bounces", "nowhere").returncode == 2
    (home.folder / "empty").mkdir()
    assert "no maildir" in home.run("bounces", "empty").stderr
    del home.environment["CLAIMWATCH_SECRET_KEY"]
    assert "CLAIMWATCH_SECRET_KEY" in home.run("bounces", "-").stderr


def test_a_reader_who_is_asked_gets_a_letter_and_no_digest_before_they_confirm(home: Home) -> None:
    for mail in (home.folder / "mail").iterdir():
        mail.unlink()
    asked = home.run("subscribers", "add", "ben@example.org", "--frequency", "instant", "--ask")
    assert asked.returncode == 0, asked.stderr
    home.run("digest", "send")
    (letter,) = (home.folder / "mail").glob("*.eml")
    mail = BytesParser(policy=policy.default).parsebytes(letter.read_bytes())
    assert mail["To"] == "ben@example.org"
    assert "https://watch.example/confirm/" in mail.get_body(("plain",)).get_content()


def test_a_way_out_that_is_none_is_named_before_anything_is_composed(home: Home) -> None:
    home.environment["CLAIMWATCH_SMTP_URL"] = "gopher://me:opensesame@host"
    answer = home.run("digest", "send")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "smtp://" in answer.stderr
    assert "opensesame" not in answer.stderr


def test_what_was_cancelled_with_a_subscription_is_counted_in_words(home: Home) -> None:
    assert "0 waiting digests cancelled" in home.run("subscribers", "remove", "reader1@example.org").stdout


def test_filters_are_set_by_command_and_one_that_names_nothing_is_refused(home: Home) -> None:
    done = home.run(
        "subscribers", "add", "ben@example.org", "--source", "widgets", "--risk", "critical", "--risk", "high"
    )
    assert done.returncode == 0, done.stderr
    ben = next(item for item in home.ask("subscribers", "list")["subscribers"] if item["address"] == "ben@example.org")
    assert ben["filters"] == {"sources": ["widgets"], "risks": ["critical", "high"]}
    for option, name, near in (
        ("--source", "widget", "widgets"),
        ("--risk", "hihg", "high"),
        ("--section", "nowhere", ""),
    ):
        refused = home.run("subscribers", "add", "cara@example.org", option, name)
        assert refused.returncode == 2
        assert name in refused.stderr
        assert near in refused.stderr
    assert "ß" in home.run("subscribers", "add", "ben@straße.example").stderr


def held(home: Home, count: int) -> list[str]:
    """So many deliveries of a mailer that died after the dot; their numbers, as a person types them."""
    store = open_store(f"sqlite:///{home.folder / 'claimwatch.db'}")
    queue(store, count, first=100)
    with store.writing() as connection:
        lease = timedelta(seconds=1)
        claimed = claim_deliveries(connection, owner="dead", now=NOW, lease=lease, most=count)
        for item in claimed:
            mark_handing_over(connection, item.id, fence=item.fence)
        assert recover_abandoned(connection, now=NOW + timedelta(hours=1)) == count
    store.close()
    return [str(item.id) for item in claimed]


def states(home: Home) -> dict[str, str]:
    return {str(line["id"]): line["state"] for line in home.ask("deliveries")["deliveries"]}


def test_held_deliveries_are_released_or_taken_for_sent_several_at_a_time_all_or_none(home: Home) -> None:
    first, second, third = held(home, 3)
    wrong = home.run("deliveries", "resolve", first, second, "999")
    assert wrong.returncode == 2
    assert "delivery 999 is not held as ambiguous; nothing was done" in wrong.stderr
    assert [states(home)[number] for number in (first, second, third)] == ["ambiguous"] * 3
    assert home.run("deliveries", "resolve", first, second, second).returncode == 0
    assert home.run("deliveries", "release", third).returncode == 0
    assert [states(home)[number] for number in (first, second, third)] == ["sent", "sent", "pending"]
    assert home.run("deliveries", "release", first).returncode == 2


def test_a_server_that_refuses_us_is_named_with_what_to_mend_and_fails_nobody(home: Home) -> None:
    assert home.run("subscribers", "add", "reader2@example.org", "--frequency", "daily").returncode == 0
    with sink(usual={"ehlo": "250-sink\r\n250 AUTH PLAIN", "auth": "535 wrong"}) as server:
        home.environment["CLAIMWATCH_SMTP_URL"] = f"smtp://me:opensesame@127.0.0.1:{server.port}"
        sent = home.run("digest", "send", "--period", "now", "--subscriber", "reader2@example.org")
    assert "0 sent, 1 deferred, 0 failed, 0 ambiguous" in sent.stdout
    for said in (sent.stdout, home.run("status").stdout):
        words = " ".join(said.split())
        assert "paused: login refused: 535" in words
        assert "nobody's mail failed for it: see to CLAIMWATCH_SMTP_URL" in words
        assert "opensesame" not in said
