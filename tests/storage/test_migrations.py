"""What was kept by an earlier version is still there after the migrations, and stands as it stood."""

from __future__ import annotations

from datetime import timedelta

from alembic.command import upgrade
from alembic.config import Config
from sqlalchemy import create_engine, text

from domain.digests import DeliveryState, SubscriberState
from storage.deliveries import cancel_waiting
from storage.delivery_claims import claim_delivery
from storage.delivery_lists import list_deliveries
from storage.migrate import _config
from storage.store import open_store
from storage.subscribers import list_subscribers
from tests.storage.builders import NOW


def test_readers_and_waiting_mail_of_the_first_version_go_on(store_url: str) -> None:
    engine = create_engine(store_url)
    with engine.connect() as connection:
        config: Config = _config()
        config.attributes["connection"] = connection
        upgrade(config, "0002")
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
