"""The tables of those who are told, and of what is handed to them. Only `digests` and `bounces` are append-only."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, UniqueConstraint

from storage.tables import NAME, TEXT, TIME, metadata

__all__ = [
    "bounces",
    "channel_issues",
    "channels",
    "deliveries",
    "delivery_contents",
    "digests",
    "metadata",
    "subscribers",
]

channels = Table(
    "channels",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", NAME, nullable=False, unique=True),
    Column("kind", NAME, nullable=False),
    Column("settings", TEXT, nullable=False),
    Column("created_at", TIME, nullable=False),
)

channel_issues = Table(
    "channel_issues",
    metadata,
    Column("channel_id", Integer, ForeignKey("channels.id"), primary_key=True),
    Column("flag_id", Integer, ForeignKey("flags.id"), primary_key=True),
    Column("place", NAME, primary_key=True),
    Column("number", Integer, nullable=False),
)

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("address", NAME, nullable=False),
    Column("identity", NAME, nullable=False, unique=True),
    Column("frequency", NAME, nullable=False),
    Column("timezone", NAME, nullable=False),
    Column("hour", Integer, nullable=False),
    Column("weekday", Integer, nullable=False),
    Column("language", NAME, nullable=False),
    Column("filters", TEXT, nullable=False),
    Column("heartbeat", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("since_event", Integer, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("ended", NAME, nullable=False, server_default=""),
    Column("note", TEXT, nullable=False, server_default=""),
    Column("asked_at", TIME, nullable=True),
    Column("asked_times", Integer, nullable=False, server_default="0"),
    Column("confirmed_at", TIME, nullable=True),
    Column("channel_id", Integer, ForeignKey("channels.id"), nullable=True),
)

digests = Table(
    "digests",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("subscriber_id", Integer, ForeignKey("subscribers.id"), nullable=False),
    Column("period", NAME, nullable=False),
    Column("period_start", TIME, nullable=False),
    Column("period_end", TIME, nullable=False),
    Column("first_event", Integer, nullable=False),
    Column("last_event", Integer, nullable=False),
    Column("items", Integer, nullable=False),
    Column("composed_at", TIME, nullable=False),
    UniqueConstraint("subscriber_id", "period"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("digest_id", Integer, ForeignKey("digests.id"), nullable=True),
    Column("message_id", NAME, nullable=False, unique=True),
    Column("sender", NAME, nullable=False),
    Column("recipient", NAME, nullable=False),
    Column("subject", TEXT, nullable=False),
    Column("state", NAME, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt", TIME, nullable=False),
    Column("owner", NAME, nullable=False),
    Column("lease_until", TIME, nullable=True),
    Column("fence", Integer, nullable=False),
    Column("reason", TEXT, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("settled_at", TIME, nullable=True),
    Column("kind", NAME, nullable=False, server_default="digest"),
    Column("subscriber_id", Integer, ForeignKey("subscribers.id"), nullable=True),
    Column("way", Integer, nullable=False, server_default="0"),
    Column("lane", Integer, nullable=False, server_default="1"),
    Column("thread", NAME, nullable=False, server_default=""),
    Column("handed_at", TIME, nullable=True),
    Column("arrived_at", TIME, nullable=True),
    Index("ix_deliveries_queue", "state", "way", "lane", "next_attempt"),
    Index("ix_deliveries_digest", "digest_id"),
    Index("ix_deliveries_subscriber", "subscriber_id", "state"),
    Index("ix_deliveries_thread", "thread", "way", "id"),
    Index("ix_deliveries_handed", "way", "handed_at"),
    Index("ix_deliveries_kind", "kind", "id"),
)

# Apart from their deliveries: a row is written whole at each change of state, and a message is long.
delivery_contents = Table(
    "delivery_contents",
    metadata,
    Column("delivery_id", Integer, ForeignKey("deliveries.id"), primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)

bounces = Table(
    "bounces",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("delivery_id", Integer, ForeignKey("deliveries.id"), nullable=False),
    Column("status", NAME, nullable=False),
    Column("permanent", Boolean, nullable=False),
    Column("diagnostic", TEXT, nullable=False),
    Column("at", TIME, nullable=False),
    UniqueConstraint("delivery_id", "status"),
)
