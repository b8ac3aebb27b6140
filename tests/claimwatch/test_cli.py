"""The command as a person meets it: entered by name in a folder, judged by what it prints and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.site import Answer, Site, fee_page, page, site

SOURCES = """
defaults: {{every: 12h, confirm_after: 0s}}
sources:
  - id: widgets
    title: Widget licences
    url: http://127.0.0.1:{port}/fee
    must_contain: [licence]
    facts:
      - key: fee
        kind: money
        under: Fee
        label: Each workshop pays
        expect: {{between: [1, 100000]}}
"""
CLAIMS = """
claims:
  - id: widget.fee
    section: fees
    text: A licence costs a thousand.
    risk: critical
    anchor: licence costs
    expect: {fact: widgets#fee, equals: CAD 1000}
"""


class Home:
    """A home folder and the command in it."""

    def __init__(self, folder: Path, pages: Site) -> None:
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CLAIMWATCH_")},
            "CLAIMWATCH_HOME": str(folder),
            "CLAIMWATCH_ALLOW_ADDRESSES": f"127.0.0.1:{pages.port}",
            "CLAIMWATCH_SMTP_URL": f"file://{folder / 'mail'}",
            "CLAIMWATCH_PER_HOST_SPACING": "0",
        }
        (folder / "sources.yaml").write_text(SOURCES.format(port=pages.port))
        (folder / "claims.yaml").write_text(CLAIMS)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "claimwatch", *words],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def ask(self, *words: str, code: int = 0) -> Any:
        result = self.run(*words, "--json")
        assert result.returncode == code, result.stderr
        return json.loads(result.stdout)


@pytest.fixture
def pages() -> Iterator[Site]:
    with site() as running:
        running.pages["/fee"] = Answer(fee_page("$1,000"))
        yield running


@pytest.fixture
def home(tmp_path: Path, pages: Site) -> Home:
    return Home(tmp_path, pages)


def test_the_whole_thread_from_page_to_mail(home: Home, pages: Site) -> None:
    home.run("subscribers", "add", "ann@example.org", "--frequency", "instant")
    first = home.ask("check")
    assert first["checks"][0]["outcome"] == "good"
    assert first["summary"]["facts_located"] == 1
    claim = home.ask("claims")["claims"][0]
    assert claim["standing"] == "verified"
    assert claim["verified_on"]
    pages.pages["/fee"] = Answer(fee_page("$1,250"))
    second = home.ask("check", "--exit-code", code=1)
    (change,) = second["checks"][0]["changes"]
    assert (change["before"]["amount"], change["after"]["amount"]) == ("1000", "1250")
    (number,) = second["checks"][0]["flags"]
    assert home.run("flags", "decide", str(number), "--verdict", "guide wrong", "--as", "ann").returncode == 0
    (flag,) = home.ask("flags")["flags"]
    assert (flag["state"], flag["verdict"], flag["decided_by"]) == ("decided", "guide wrong", "ann")
    assert home.run("digest", "send").returncode == 0
    (mail,) = (home.folder / "mail").glob("*.eml")
    assert "1,250" in mail.read_text()
    home.run("digest", "send")
    assert len(list((home.folder / "mail").glob("*.eml"))) <= 2


def test_a_page_that_cannot_be_read_ends_in_three_and_is_said(home: Home, pages: Site) -> None:
    pages.pages["/fee"] = Answer("", status=503)
    document = home.ask("check", code=3)
    assert document["checks"][0]["outcome"] == "failed"
    assert document["summary"]["unreadable"] == 1


def test_a_broken_configuration_tells_every_problem_at_once_and_ends_in_two(home: Home) -> None:
    (home.folder / "sources.yaml").write_text(
        "sources:\n"
        "  - id: a\n    title: A\n    url: http://127.0.0.1/a\n    evry: 12h\n    facts:\n"
        "      - {key: fee, kind: mony}\n      - {key: day, kind: day, match: '('}\n"
        "  - id: a\n    title: no\n    url: ftp://example.org/x\n"
    )
    result = home.run("check")
    assert result.returncode == 2
    for words in ("sources.yaml:5", "nearest: every", "mony", "RE2", "stands twice", "put it in quotes", "widgets#fee"):
        assert words in result.stderr, result.stderr
    document = home.ask("validate", code=2)
    assert not document["valid"]
    assert len(document["problems"]) >= 6


def test_a_wrong_call_is_told_plainly(home: Home) -> None:
    for words in (("check", "widgts"), ("flags", "--state", "opn"), ("claims", "show", "widget.fe"), ("nosuch",)):
        result = home.run(*words)
        assert result.returncode == 2, words
        assert "Traceback" not in result.stderr
    assert "widgets" in home.run("check", "widgts").stderr


def test_a_call_that_is_not_understood_says_where_help_is(home: Home) -> None:
    assert home.run().stderr.lstrip().startswith("Usage: ")
    assert "export warc --help` says how" in home.run("export", "warc").stderr
    assert "public" not in home.run("users", "add", "ann", "--role", "boss").stderr


def test_a_setting_that_cannot_be_read_is_named_with_its_value(home: Home) -> None:
    home.environment["CLAIMWATCH_MAIL_RATE"] = "lots"
    (home.folder / ".env").write_text("CLAIMWATCH_SMTP_CONNECTIONS=900\n")
    for command in ("status", "settings"):
        result = home.run(command)
        assert result.returncode == 2
        assert "CLAIMWATCH_MAIL_RATE is 'lots': input should be a valid integer" in result.stderr
        assert ".env: CLAIMWATCH_SMTP_CONNECTIONS is '900'" in result.stderr
        assert "Traceback" not in result.stderr


def test_a_misspelt_setting_is_named_and_a_name_that_is_like_none_is_left_alone(home: Home) -> None:
    home.environment |= {"CLAIMWATCH_SECRETKEY": "canary-of-the-key", "CLAIMWATCH_TOKEN_OF_OUR_FORGE": "x"}
    (home.folder / ".env").write_text("claimwatch_smtp_ulr=smtp://x:canary-of-mail@mail.example.org\n")
    for command in ("status", "settings"):
        result = home.run(command)
        assert result.returncode == 0
        assert "CLAIMWATCH_SECRETKEY is no setting and is not read (nearest: CLAIMWATCH_SECRET_KEY)" in result.stderr
        assert "CLAIMWATCH_SMTP_ULR is no setting and is not read (nearest: CLAIMWATCH_SMTP_URL)" in result.stderr
        assert "FORGE" not in result.stderr
        assert "canary" not in result.stdout + result.stderr


def test_a_list_of_nothing_says_so(home: Home) -> None:
    assert home.run("subscribers", "list").stdout == "Subscribers: none\n"


def test_no_database_comes_into_a_folder_that_is_no_home(home: Home) -> None:
    (home.folder / "sources.yaml").unlink()
    (home.folder / "claimwatch.db").unlink(missing_ok=True)
    for words in (("flags",), ("users", "list"), ("verify",)):
        result = home.run(*words)
        assert result.returncode == 2
        assert "holds no sources.yaml" in result.stderr
    assert not (home.folder / "claimwatch.db").exists()


def test_in_a_wrong_folder_the_folder_is_named(home: Home) -> None:
    (home.folder / "elsewhere").mkdir()
    home.environment["CLAIMWATCH_HOME"] = "elsewhere"
    result = home.run("check")
    assert result.returncode == 2
    assert f"cannot be read in {home.folder / 'elsewhere'}" in result.stderr


def test_without_a_database_every_watched_claim_was_never_checked(home: Home) -> None:
    document = home.ask("claims")
    assert document["claims"][0]["standing"] == "cannot_tell"
    assert document["claims"][0]["reason"] == "never checked"
    assert document["coverage"]["watched"] == 1
    assert not (home.folder / "claimwatch.db").exists()


def test_rules_that_no_capture_has_tried_are_shown_until_the_first_good_check(home: Home) -> None:
    text = (home.folder / "sources.yaml").read_text()
    (home.folder / "sources.yaml").write_text(
        text.replace("    must_contain", "    grounding: unverified\n    must_contain")
    )
    assert home.ask("validate")["unverified"] == 1
    assert "1 source says that its rules were written" in home.run("validate").stdout
    assert home.ask("status")["sources"]["unverified"] == ["widgets"]
    home.ask("check")
    assert home.ask("status")["sources"]["unverified"] == []


def test_try_reads_a_file_and_writes_nothing(home: Home) -> None:
    saved = home.folder / "saved.html"
    saved.write_text(fee_page("$1,000"))
    document = home.ask("try", "widgets", "--file", str(saved))
    assert document["quality"]["verdict"] == "good"
    assert document["facts"][0]["value"]["amount"] == "1000"
    assert document["facts"][0]["quote"] in saved.read_text()
    assert not (home.folder / "claimwatch.db").exists()


def test_import_twice_adds_nothing_and_says_what_it_skipped(home: Home, pages: Site) -> None:
    folder = home.folder / "captures"
    folder.mkdir()
    lines = []
    for day, amount in (("02", "$1,100"), ("01", "$1,000")):
        (folder / f"{day}.html").write_text(fee_page(amount))
        lines.append(
            {
                "file": f"{day}.html",
                "url": pages.url("/fee"),
                "fetched_at": f"2026-05-{day}T12:00:00Z",
                "status": 200,
                "headers": {"content-type": "text/html"},
            }
        )
    lines.append({"file": "../sources.yaml", "url": pages.url("/fee"), "fetched_at": "2026-05-03T00:00:00Z"})
    lines.append({"file": "01.html", "url": "http://elsewhere.example/", "fetched_at": "2026-05-03T00:00:00Z"})
    lines.append({"file": "01.html", "url": pages.url("/fee"), "fetched_at": "yesterday"})
    (folder / "manifest.jsonl").write_text("\n".join(map(json.dumps, lines)))
    first = home.ask("import", str(folder))
    assert (first["imported"], first["known"], len(first["skipped"])) == (2, 0, 3)
    second = home.ask("import", str(folder))
    assert (second["imported"], second["known"]) == (0, 2)
    (flag,) = home.ask("flags")["flags"]
    assert flag["confirmed"] is False
    assert flag["after"]["amount"] == "1100"
    as_known = home.ask("facts", "widgets#fee", "--as-of", "2026-05-01")
    assert as_known["facts"][0]["value"]["amount"] == "1000"


def manifest(folder: Path, pages: Site, *captures: tuple[str, str, str]) -> Path:
    """A folder of captures of the fee page: day of May, amount, what is known of the date."""
    folder.mkdir()
    lines = []
    for day, amount, captured_by in captures:
        (folder / f"{day}.html").write_text(fee_page(amount))
        line = {"file": f"{day}.html", "url": pages.url("/fee"), "status": 200, "captured_by": captured_by}
        lines.append({**line, "fetched_at": f"2026-05-{day}T12:00:00Z", "headers": {"content-type": "text/html"}})
    (folder / "manifest.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return folder


def test_rule_7_what_an_import_saw_is_flagged_and_confirmed_by_the_next_capture(home: Home, pages: Site) -> None:
    home.ask("import", str(manifest(home.folder / "a", pages, ("01", "$1,000", "date"), ("02", "$1,100", "date"))))
    (flag,) = home.ask("flags")["flags"]
    assert (flag["state"], flag["confirmed"]) == ("open", False)
    pages.pages["/fee"] = Answer(fee_page("$1,100"))
    home.ask("check")
    (flag,) = home.ask("flags")["flags"]
    assert (flag["state"], flag["confirmed"]) == ("open", True)


def test_rule_12_a_capture_whose_date_is_not_proven_earns_no_stamp(home: Home, pages: Site) -> None:
    home.ask("import", str(manifest(home.folder / "a", pages, ("01", "$1,000", "latest"))))
    (claim,) = home.ask("claims", "--as-of", "2026-05-02")["claims"]
    assert (claim["standing"], claim["verified_on"]) == ("verified", None)
    home.ask("import", str(manifest(home.folder / "b", pages, ("03", "$1,000", "date"))))
    (claim,) = home.ask("claims", "--as-of", "2026-05-04")["claims"]
    assert (claim["standing"], claim["verified_on"]) == ("verified", "2026-05-03T12:00:00Z")


def test_rule_12_an_older_capture_enters_history_and_moves_nothing(home: Home, pages: Site) -> None:
    home.ask("check")
    document = home.ask("import", str(manifest(home.folder / "a", pages, ("01", "$900", "date"))))
    assert (document["imported"], document["flags_opened"]) == (1, [])
    (fact,) = home.ask("facts", "widgets#fee", "--history")["facts"]
    assert fact["value"]["amount"] == "1000"
    assert "900" in {item["value"]["amount"] for item in fact["history"]}
    assert home.ask("claims")["claims"][0]["standing"] == "verified"


def test_a_fact_that_nobody_declared_is_a_wrong_call(home: Home) -> None:
    result = home.run("facts", "widgets#fea")
    assert result.returncode == 2
    assert "nearest: widgets#fee" in result.stderr


def test_a_file_that_is_no_yaml_is_told_without_faults_that_only_follow_from_it(home: Home) -> None:
    sources = home.folder / "sources.yaml"
    whole = sources.read_text()
    sources.write_text("sources: [a\n - b: {")
    (problem,) = json.loads(home.run("validate", "--json").stdout)["problems"]
    assert (problem["file"], problem["line"]) == ("sources.yaml", 2)
    sources.write_text(whole.replace("kind: money", "kind: money\n        match: '(open'"))
    result = home.run("validate")
    assert result.returncode == 2
    (line,) = result.stderr.splitlines()
    assert "'(open' is no pattern" in line


def test_compare_needs_no_configuration_and_pairs_come_in_order(tmp_path: Path, home: Home) -> None:
    (tmp_path / "a.html").write_text(fee_page("$1,000"))
    (tmp_path / "b.html").write_text(fee_page("$1,000", nonce="zz"))
    (tmp_path / "c.html").write_text(fee_page("$1,250"))
    (tmp_path / "d.html").write_text(page("<p>Access denied</p>", title="Access denied"))
    pairs = [("same", "a", "a"), ("noise", "a", "b"), ("real", "a", "c"), ("wall", "a", "d"), ("lost", "a", "nowhere")]
    listed = tmp_path / "pairs.jsonl"
    listed.write_text(
        "\n".join(json.dumps({"pair_id": name, "old": f"{old}.html", "new": f"{new}.html"}) for name, old, new in pairs)
    )
    result = home.run("compare", "--pairs", str(listed), "--json")
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [item["pair_id"] for item in found] == [name for name, _, _ in pairs]
    assert [item["verdict"] for item in found] == ["same", "noise", "substantive", "cannot_tell", "cannot_tell"]
    assert result.returncode == 0


def test_init_writes_starters_that_are_valid_and_never_overwrites(tmp_path: Path, home: Home) -> None:
    folder = tmp_path / "new"
    assert home.run("init", str(folder)).returncode == 0
    home.environment["CLAIMWATCH_HOME"] = str(folder)
    assert home.ask("validate")["valid"]
    (folder / "claims.yaml").write_text("claims: []\n")
    home.run("init", str(folder))
    assert (folder / "claims.yaml").read_text() == "claims: []\n"


def test_settings_mask_secrets(home: Home) -> None:
    home.environment["CLAIMWATCH_SECRET_KEY"] = "canary-of-the-secret-key"
    result = home.run("settings")
    assert result.returncode == 0
    assert "canary-of-the-secret-key" not in result.stdout + result.stderr


def test_a_damaged_database_ends_in_four(home: Home) -> None:
    (home.folder / "claimwatch.db").write_bytes(b"this is no database" * 100)
    result = home.run("status")
    assert result.returncode == 4
    assert "Traceback" not in result.stderr


def test_watch_visits_what_is_due_and_a_term_signal_ends_it_cleanly(home: Home) -> None:
    seen = None
    for _ in range(2):
        with subprocess.Popen(
            [sys.executable, "-m", "claimwatch", "watch"],
            cwd=home.folder,
            env=home.environment,
            stderr=subprocess.DEVNULL,
        ) as service:
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                status = home.ask("status") if (home.folder / "claimwatch.db").exists() else {}
                cycle = status.get("last_cycle")
                if cycle and cycle["at"] != seen and status["sources"]["checked"] == 1:
                    seen = cycle["at"]
                    break
            service.send_signal(signal.SIGTERM)
            assert service.wait(timeout=60) == 0
    document = home.ask("status")
    assert document["last_cycle"] is not None
    assert document["sources"]["overdue"] == []


def test_a_term_signal_while_the_service_still_starts_ends_it_cleanly(home: Home) -> None:
    sources = home.folder / "sources.yaml"
    sources.unlink()
    os.mkfifo(sources)
    with subprocess.Popen(
        [sys.executable, "-m", "claimwatch", "watch", "--no-web"], cwd=home.folder, env=home.environment
    ) as service:
        writer, deadline = None, time.monotonic() + 60
        while writer is None and service.poll() is None and time.monotonic() < deadline:
            # Nobody can write before somebody reads: then the service waits for its list of sources.
            with suppress(OSError):
                writer = os.open(sources, os.O_WRONLY | os.O_NONBLOCK)
        assert writer is not None
        service.send_signal(signal.SIGTERM)
        os.close(writer)  # a signal that came just before the read is heard when the read ends
        assert service.wait(timeout=60) == 0


def test_a_contradicted_claim_comes_with_a_patch_of_the_guide(home: Home, pages: Site) -> None:
    guide = home.folder / "guide.md"
    guide.write_text("# Fees\n\nA licence costs $1,000 for each workshop.\n")
    home.ask("check")
    pages.pages["/fee"] = Answer(fee_page("$1,150"))
    home.ask("check")
    document = home.ask("claims", "edits", "--guide", str(guide))
    assert [edit["after"] for edit in document["edits"]] == ["A licence costs $1,150 for each workshop."]
    assert "+A licence costs $1,150 for each workshop." in document["patch"]
    assert "$1,000" in guide.read_text()


def test_one_change_on_two_pages_is_decided_once(home: Home, pages: Site) -> None:
    text = (home.folder / "sources.yaml").read_text()
    second = text[text.index("  - id: widgets") :].replace("id: widgets", "id: gadgets").replace("/fee", "/other")
    (home.folder / "sources.yaml").write_text(text.rstrip("\n") + "\n" + second)
    pages.pages["/other"] = Answer(fee_page("$1,000"))
    home.ask("check")
    for path in ("/fee", "/other"):
        pages.pages[path] = Answer(fee_page("$1,150"))
    home.ask("check")
    open_flags = [flag for flag in home.ask("flags", "--state", "open")["flags"] if flag["reason"] == "altered"]
    assert len({flag["group"] for flag in open_flags}) == 1
    assert len(open_flags) == 2
    home.run("flags", "decide", str(open_flags[0]["id"]), "--verdict", "guide wrong", "--group")
    assert {flag["state"] for flag in home.ask("flags")["flags"] if flag["reason"] == "altered"} == {"decided"}
