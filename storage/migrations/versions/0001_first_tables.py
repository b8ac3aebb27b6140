"""The first tables.

Written out rather than taken from `storage.tables`, so that it stays what it was when those move on. Frozen once
released; later migrations are additive.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, _TEXT, nullable=False)


def upgrade() -> None:
    op.create_table(
        "bodies",
        _text("digest"),
        _text("series"),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("keyframe", _TEXT, nullable=True),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["keyframe"], ["bodies.digest"], name=op.f("fk_bodies_keyframe")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_bodies")),
    )
    op.create_index("ix_bodies_keyframe", "bodies", ["keyframe"])
    op.create_index("ix_bodies_series_number", "bodies", ["series", "number"])
    op.create_table(
        "cycles",
        _text("owner"),
        _text("at"),
        sa.Column("started", sa.Integer(), nullable=False),
        sa.Column("under_way", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_cycles")),
    )
    op.create_table(
        "subscribers",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        _text("address"),
        _text("identity"),
        _text("frequency"),
        _text("timezone"),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        _text("language"),
        _text("filters"),
        sa.Column("heartbeat", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("since_event", sa.Integer(), nullable=False),
        _text("created_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscribers")),
        sa.UniqueConstraint("identity", name=op.f("uq_subscribers_identity")),
    )
    op.create_table(
        "digests",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        _text("period"),
        _text("period_start"),
        _text("period_end"),
        sa.Column("first_event", sa.Integer(), nullable=False),
        sa.Column("last_event", sa.Integer(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        _text("composed_at"),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_digests_subscriber_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sa.UniqueConstraint("subscriber_id", "period", name=op.f("uq_digests_subscriber_id")),
    )
    op.create_table(
        "snapshots",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        _text("source"),
        _text("url"),
        _text("final_url"),
        sa.Column("status", sa.Integer(), nullable=False),
        _text("headers"),
        _text("hops"),
        _text("address"),
        _text("fetched_at"),
        _text("captured_by"),
        _text("origin"),
        sa.Column("length_verified", sa.Boolean(), nullable=False),
        sa.Column("wire_bytes", sa.Integer(), nullable=False),
        _text("digest"),
        sa.ForeignKeyConstraint(["digest"], ["bodies.digest"], name=op.f("fk_snapshots_digest")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshots")),
    )
    op.create_index(op.f("ix_snapshots_digest"), "snapshots", ["digest"])
    op.create_index("ix_snapshots_source_time", "snapshots", ["source", "fetched_at"])
    op.create_table(
        "checks",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        _text("source"),
        _text("slot"),
        _text("started_at"),
        _text("finished_at"),
        _text("outcome"),
        _text("reason"),
        _text("detail"),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("not_modified", sa.Boolean(), nullable=False),
        sa.Column("full_read", sa.Boolean(), nullable=False),
        sa.Column("snapshot_id", sa.Integer(), nullable=True),
        sa.Column("second_snapshot_id", sa.Integer(), nullable=True),
        sa.Column("facts_from", sa.Integer(), nullable=True),
        _text("seen_at"),
        sa.Column("verdict", _TEXT, nullable=True),
        _text("verdict_reason"),
        _text("title"),
        _text("blocks"),
        _text("fingerprint"),
        _text("quick_fingerprint"),
        _text("rules_digest"),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        _text("origin"),
        sa.Column("missed_slots", sa.Integer(), nullable=False),
        sa.Column("history_only", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["facts_from"], ["checks.id"], name=op.f("fk_checks_facts_from")),
        sa.ForeignKeyConstraint(["second_snapshot_id"], ["snapshots.id"], name=op.f("fk_checks_second_snapshot_id")),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshots.id"], name=op.f("fk_checks_snapshot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checks")),
        sa.UniqueConstraint("source", "slot", name=op.f("uq_checks_source")),
    )
    op.create_index("ix_checks_facts_from_seen", "checks", ["facts_from", "seen_at"])
    op.create_index("ix_checks_snapshot", "checks", ["snapshot_id"])
    op.create_index("ix_checks_source_id", "checks", ["source", "id"])
    op.create_index("ix_checks_source_seen", "checks", ["source", "seen_at"])
    op.create_index("ix_checks_started_at", "checks", ["started_at"])
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("digest_id", sa.Integer(), nullable=False),
        _text("message_id"),
        _text("sender"),
        _text("recipient"),
        _text("subject"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _text("state"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _text("next_attempt"),
        _text("owner"),
        sa.Column("lease_until", _TEXT, nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        _text("reason"),
        _text("created_at"),
        sa.Column("settled_at", _TEXT, nullable=True),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_deliveries_digest_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("digest_id", name=op.f("uq_deliveries_digest_id")),
        sa.UniqueConstraint("message_id", name=op.f("uq_deliveries_message_id")),
    )
    op.create_index("ix_deliveries_state_next", "deliveries", ["state", "next_attempt"])
    op.create_table(
        "fact_changes",
        sa.Column("check_id", sa.Integer(), nullable=False),
        _text("key"),
        _text("change"),
        sa.Column("before", _TEXT, nullable=True),
        sa.Column("after", _TEXT, nullable=True),
        sa.Column("effective", _TEXT, nullable=True),
        _text("detail"),
        sa.ForeignKeyConstraint(["check_id"], ["checks.id"], name=op.f("fk_fact_changes_check_id")),
        sa.PrimaryKeyConstraint("check_id", "key", name=op.f("pk_fact_changes")),
    )
    op.create_index("ix_fact_changes_key_check", "fact_changes", ["key", "check_id"])
    op.create_table(
        "facts",
        sa.Column("check_id", sa.Integer(), nullable=False),
        _text("key"),
        _text("state"),
        sa.Column("value", _TEXT, nullable=True),
        _text("quote"),
        _text("locator"),
        _text("reason"),
        sa.Column("pending", _TEXT, nullable=True),
        sa.ForeignKeyConstraint(["check_id"], ["checks.id"], name=op.f("fk_facts_check_id")),
        sa.PrimaryKeyConstraint("check_id", "key", name=op.f("pk_facts")),
    )
    op.create_index("ix_facts_key_check", "facts", ["key", "check_id"])
    op.create_table(
        "flags",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        _text("identity"),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("check_id", sa.Integer(), nullable=False),
        _text("opened_at"),
        _text("reason"),
        _text("severity"),
        _text("source"),
        sa.Column("fact", _TEXT, nullable=True),
        _text("claims"),
        sa.Column("before", _TEXT, nullable=True),
        sa.Column("after", _TEXT, nullable=True),
        _text("quote_before"),
        _text("quote_after"),
        _text("detail"),
        _text("snapshot_before"),
        _text("snapshot_after"),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        _text("group"),
        sa.ForeignKeyConstraint(["check_id"], ["checks.id"], name=op.f("fk_flags_check_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flags")),
        sa.UniqueConstraint("identity", "episode", name=op.f("uq_flags_identity")),
    )
    op.create_index("ix_flags_group", "flags", ["group"])
    op.create_index("ix_flags_source_fact", "flags", ["source", "fact"])
    op.create_table(
        "slots",
        _text("source"),
        _text("slot"),
        _text("owner"),
        sa.Column("fence", sa.Integer(), nullable=False),
        _text("lease_until"),
        sa.Column("check_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["check_id"], ["checks.id"], name=op.f("fk_slots_check_id")),
        sa.PrimaryKeyConstraint("source", "slot", name=op.f("pk_slots")),
    )
    op.create_table(
        "source_state",
        _text("source"),
        sa.Column("last_check", sa.Integer(), nullable=False),
        sa.Column("last_good_check", sa.Integer(), nullable=True),
        sa.Column("last_good_snapshot", sa.Integer(), nullable=True),
        sa.Column("etag", _TEXT, nullable=True),
        sa.Column("last_modified", _TEXT, nullable=True),
        sa.Column("full_read_at", _TEXT, nullable=True),
        sa.Column("last_read_at", _TEXT, nullable=True),
        _text("quick_fingerprint"),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["last_check"], ["checks.id"], name=op.f("fk_source_state_last_check")),
        sa.ForeignKeyConstraint(["last_good_check"], ["checks.id"], name=op.f("fk_source_state_last_good_check")),
        sa.ForeignKeyConstraint(
            ["last_good_snapshot"], ["snapshots.id"], name=op.f("fk_source_state_last_good_snapshot")
        ),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_source_state")),
    )
    op.create_table(
        "events",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        _text("kind"),
        _text("source"),
        sa.Column("flag_id", sa.Integer(), nullable=True),
        sa.Column("check_id", sa.Integer(), nullable=True),
        _text("at"),
        _text("payload"),
        sa.ForeignKeyConstraint(["check_id"], ["checks.id"], name=op.f("fk_events_check_id")),
        sa.ForeignKeyConstraint(["flag_id"], ["flags.id"], name=op.f("fk_events_flag_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_events")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "flag_acts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("flag_id", sa.Integer(), nullable=False),
        _text("act"),
        _text("at"),
        _text("by"),
        sa.Column("verdict", _TEXT, nullable=True),
        _text("note"),
        _text("snapshot_before"),
        _text("snapshot_after"),
        sa.Column("superseded_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("act in ('decided', 'undone', 'closed', 'confirmed')", name=op.f("ck_flag_acts_act")),
        sa.ForeignKeyConstraint(["flag_id"], ["flags.id"], name=op.f("fk_flag_acts_flag_id")),
        sa.ForeignKeyConstraint(["superseded_by"], ["flags.id"], name=op.f("fk_flag_acts_superseded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag_acts")),
    )
    op.create_index(op.f("ix_flag_acts_flag_id"), "flag_acts", ["flag_id"])


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away: restore a backup instead")
