"""What was kept by an earlier version is still there after the migrations, and stands as it stood."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

from domain.digests import DeliveryState, SubscriberState
from domain.queue import Sought, Wanted
from storage import migrate as migrate_module
from storage.claim_flags import flags_on_claim
from storage.deliveries import cancel_waiting
from storage.delivery_claims import claim_delivery
from storage.delivery_lists import list_deliveries
from storage.migrate import migrate, revisions
from storage.queue import queue_page
from storage.store import open_store
from storage.subscribers import list_subscribers
from tests.storage.builders import NOW

ROOT = Path(__file__).parents[2]


def test_the_numbers_of_the_files_are_the_chain_of_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate_module.__file__).parent / "migrations"))
    chain = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(chain)) == revisions()


def test_a_command_over_a_store_that_is_up_to_date_loads_no_migrations(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'watch.db'}"
    open_store(url).close()
    code = "import sys; from storage.store import open_store; open_store(sys.argv[1]).close(); print('alembic' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code, url], capture_output=True, text=True, timeout=60, check=True, cwd=ROOT
    )
    assert done.stdout.split() == ["False"]


def test_readers_and_waiting_mail_of_the_first_version_go_on(store_url: str) -> None:
    engine = create_engine(store_url)
    with engine.connect() as connection:
        migrate(connection, "0002")
        for number, active in ((1, True), (2, False)):
            connection.execute(
                text(
                    "INSERT INTO subscribers (address, identity, frequency, timezone, hour, weekday, language, filters,"
                    " heartbeat, active, since_event, created_at) VALUES (:a, :a, 'daily', 'UTC', 7, 0, 'en', '{}',"
                    " true, :active, 0, '2026-11-01T00:00:00.000000Z')"
                ),
                {"a": f"reader{number}@example.org", "active": active},
            )
        connection.execute(
            text(
                "INSERT INTO digests (subscriber_id, period, period_start, period_end, first_event, last_event, items,"
                " composed_at) VALUES (1, 'daily:2026-11-01:UTC', 'a', 'b', 0, 0, 1, 'c')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO deliveries (digest_id, message_id, sender, recipient, subject, content, state, attempts,"
                " next_attempt, owner, fence, reason, created_at) VALUES (1, '<1@x>', 'a@x', 'reader1@example.org', '',"
                " :content, 'pending', 0, '2026-11-01T00:00:00.000000Z', '', 0, '', '2026-11-01T00:00:00.000000Z')"
            ),
            {"content": b"as it was"},
        )
        connection.commit()
    engine.dispose()
    store = open_store(store_url)
    with store.writing() as connection:
        assert [item.state for item in list_subscribers(connection)] == [SubscriberState.ACTIVE, SubscriberState.LEFT]
        claimed = claim_delivery(connection, owner="one", now=NOW, lease=timedelta(minutes=1))
        assert claimed is not None
        assert (claimed.message.content, claimed.subscriber) == (b"as it was", 1)
        assert cancel_waiting(connection, 1, now=NOW) == 1
        assert [line.state for line in list_deliveries(connection)] == [DeliveryState.CANCELLED]
    store.close()


MANY = 2_400
"""Flags on one page: more than a batch of a migration, and more than anybody would look through one by one."""

_STATES = ("open", "decided", "closed")
LATE = datetime(2026, 11, 4, 0, 0, 6, tzinfo=UTC)
"""When the second open flag was due by its harm."""

SET = datetime(2026, 11, 2, tzinfo=UTC)
"""The day set for the last flag."""


def test_every_flag_of_an_earlier_version_is_found_by_its_claims_its_day_and_its_words(store_url: str) -> None:
    engine = create_engine(store_url)
    with engine.connect() as connection:
        migrate(connection, "0006")
        _flags(connection)
        connection.commit()
    engine.dispose()
    store = open_store(store_url)
    found: list[tuple[int, str]] = []
    with store.reading() as connection:
        after = None
        while True:
            page, after = flags_on_claim(connection, "fee", limit=1_000, after=after)
            found += [(item.id, item.state.value) for item in page]
            if after is None:
                break
        (odd, _), (none, _) = (flags_on_claim(connection, name, limit=9) for name in ('odd "name" 100%_', "fe"))
        late = queue_page(connection, Wanted(due_by=LATE), now=LATE, limit=MANY).cases
        said = queue_page(connection, Wanted(words=(Sought(word="prefecture"),)), now=LATE, limit=MANY).cases
    store.close()
    assert [(case.first.id, case.due) for case in late] == [(3, LATE - timedelta(seconds=3)), (6, LATE), (MANY, SET)]
    assert [case.first.id for case in said] == [9]
    # open ones first, then the others, each the newest first; the oldest of all is among them
    expected = sorted(
        ((number, _STATES[number % 3]) for number in range(1, MANY + 1)),
        key=lambda item: (item[1] != "open", -item[0]),
    )
    assert found == expected
    assert ([item.id for item in odd], none) == ([1], ())


def _flags(connection: Connection) -> None:
    connection.execute(
        text(
            "INSERT INTO checks (source, slot, started_at, finished_at, outcome, reason, detail, not_modified,"
            " full_read, seen_at, verdict_reason, title, blocks, fingerprint, quick_fingerprint, rules_digest,"
            " confirmed, origin, missed_slots, history_only) VALUES ('fees', :at, :at, :at, 'good', '', '', false,"
            " true, :at, '', '', '[]', '', '', '', true, 'fetched', 0, false)"
        ),
        {"at": "2026-11-01T00:00:00.000000Z"},
    )
    rows = [
        {
            "id": number,
            "identity": f"{number:032}",
            "claims": json.dumps(["fee", 'odd "name" 100%_', "fee"] if number == 1 else ["fee"]),
            "at": f"2026-11-01T00:{number // 60:02}:{number % 60:02}.000000Z",
            "state": _STATES[number % 3],
            "act": {0: "", 1: "decided", 2: "closed"}[number % 3],
            "quote": "À la Préfecture" if number == 9 else "",
            "after": '{"kind": "money", "amount": "35", "currency": "EUR"}' if number == 9 else None,
        }
        for number in range(1, MANY + 1)
    ]
    connection.execute(
        text(
            "INSERT INTO flags (identity, episode, check_id, opened_at, reason, severity, source, fact, claims, before,"
            ' after, quote_before, quote_after, detail, snapshot_before, snapshot_after, confirmed, "group") VALUES'
            " (:identity, 0, 1, :at, 'altered', 'high', 'fees', 'fees#fee', :claims, NULL, :after, :quote, '', '', '', '',"
            " true, '')"
        ),
        rows,
    )
    connection.execute(
        text(
            'INSERT INTO flag_states (flag_id, state, rank, source, reason, "case") VALUES'
            " (:id, :state, 1, 'fees', 'altered', :identity)"
        ),
        rows,
    )
    connection.execute(
        text(
            "INSERT INTO flag_acts (flag_id, act, at, by, verdict, note, snapshot_before, snapshot_after) VALUES"
            " (:id, :act, :at, 'ana', CASE WHEN :act = 'decided' THEN 'no impact' END, '', '', '')"
        ),
        [row for row in rows if row["act"]],
    )
    connection.execute(
        text("INSERT INTO flag_desk (flag_id, assignee, locked_by, due_at) VALUES (:id, '', '', :due)"),
        {"id": MANY, "due": "2026-11-02T00:00:00.000000Z"},
    )
