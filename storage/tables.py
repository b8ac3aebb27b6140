"""All tables in one view, but for those of the outbox (`outbox_tables`).

Append-only but for `slots`, `source_state`, `cycles`, `flag_states` and `flag_claims` (folded from the acts),
`flag_desk`, `users`, `sessions`, `sign_in_links`, `api_tokens` and `requests`.

Times are ISO 8601 UTC text of fixed width, so they sort as text on both databases; values and lists are JSON text.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""Text in the order of its code points on both databases, without a length that one of them would enforce."""

TIME = DIGEST = NAME = TEXT

bodies = Table(
    "bodies",
    metadata,
    Column("digest", DIGEST, primary_key=True),
    Column("series", NAME, nullable=False),
    Column("size", Integer, nullable=False),
    Column("keyframe", DIGEST, ForeignKey("bodies.digest"), nullable=True),
    Column("data", LargeBinary, nullable=False),
    Column("number", Integer, nullable=False),
    Index("ix_bodies_series_number", "series", "number"),
    Index("ix_bodies_keyframe", "keyframe"),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("source", NAME, nullable=False),
    Column("url", TEXT, nullable=False),
    Column("final_url", TEXT, nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", TEXT, nullable=False),
    Column("hops", TEXT, nullable=False),
    Column("address", NAME, nullable=False),
    Column("fetched_at", TIME, nullable=False),
    Column("captured_by", NAME, nullable=False),
    Column("origin", NAME, nullable=False),
    Column("length_verified", Boolean, nullable=False),
    Column("wire_bytes", Integer, nullable=False),
    Column("digest", DIGEST, ForeignKey("bodies.digest"), nullable=False, index=True),
    Index("ix_snapshots_source_time", "source", "fetched_at"),
)

checks = Table(
    "checks",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("source", NAME, nullable=False),
    Column("slot", TIME, nullable=False),
    Column("started_at", TIME, nullable=False),
    Column("finished_at", TIME, nullable=False),
    Column("outcome", NAME, nullable=False),
    Column("reason", NAME, nullable=False),
    Column("detail", TEXT, nullable=False),
    Column("status", Integer, nullable=True),
    Column("not_modified", Boolean, nullable=False),
    Column("full_read", Boolean, nullable=False),
    Column("snapshot_id", Integer, ForeignKey("snapshots.id"), nullable=True),
    Column("second_snapshot_id", Integer, ForeignKey("snapshots.id"), nullable=True),
    Column("facts_from", Integer, ForeignKey("checks.id"), nullable=True),
    Column("seen_at", TIME, nullable=False),
    Column("verdict", NAME, nullable=True),
    Column("verdict_reason", TEXT, nullable=False),
    Column("title", TEXT, nullable=False),
    Column("blocks", TEXT, nullable=False),
    Column("fingerprint", DIGEST, nullable=False),
    Column("quick_fingerprint", DIGEST, nullable=False),
    Column("rules_digest", DIGEST, nullable=False),
    Column("confirmed", Boolean, nullable=False),
    Column("origin", NAME, nullable=False),
    Column("missed_slots", Integer, nullable=False),
    Column("history_only", Boolean, nullable=False),
    UniqueConstraint("source", "slot"),
    Index("ix_checks_source_id", "source", "id"),
    Index("ix_checks_source_seen", "source", "seen_at"),
    Index("ix_checks_facts_from_seen", "facts_from", "seen_at"),
    Index("ix_checks_snapshot", "snapshot_id"),
    Index("ix_checks_started_at", "started_at"),
)

facts = Table(
    "facts",
    metadata,
    Column("check_id", Integer, ForeignKey("checks.id"), primary_key=True),
    Column("key", NAME, primary_key=True),
    Column("state", NAME, nullable=False),
    Column("value", TEXT, nullable=True),
    Column("quote", TEXT, nullable=False),
    Column("locator", TEXT, nullable=False),
    Column("reason", TEXT, nullable=False),
    Column("pending", TEXT, nullable=True),
    Index("ix_facts_key_check", "key", "check_id"),
)

fact_changes = Table(
    "fact_changes",
    metadata,
    Column("check_id", Integer, ForeignKey("checks.id"), primary_key=True),
    Column("key", NAME, primary_key=True),
    Column("change", NAME, nullable=False),
    Column("before", TEXT, nullable=True),
    Column("after", TEXT, nullable=True),
    Column("effective", NAME, nullable=True),
    Column("detail", TEXT, nullable=False),
    Index("ix_fact_changes_key_check", "key", "check_id"),
)

source_state = Table(
    "source_state",
    metadata,
    Column("source", NAME, primary_key=True),
    Column("last_check", Integer, ForeignKey("checks.id"), nullable=False),
    Column("last_good_check", Integer, ForeignKey("checks.id"), nullable=True),
    Column("last_good_snapshot", Integer, ForeignKey("snapshots.id"), nullable=True),
    Column("etag", TEXT, nullable=True),
    Column("last_modified", TEXT, nullable=True),
    Column("full_read_at", TIME, nullable=True),
    Column("last_read_at", TIME, nullable=True),
    Column("quick_fingerprint", DIGEST, nullable=False),
    Column("failures", Integer, nullable=False),
)

flags = Table(
    "flags",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("identity", DIGEST, nullable=False),
    Column("episode", Integer, nullable=False),
    Column("check_id", Integer, ForeignKey("checks.id"), nullable=False),
    Column("opened_at", TIME, nullable=False),
    Column("reason", NAME, nullable=False),
    Column("severity", NAME, nullable=False),
    Column("source", NAME, nullable=False),
    Column("fact", NAME, nullable=True),
    Column("claims", TEXT, nullable=False),
    Column("before", TEXT, nullable=True),
    Column("after", TEXT, nullable=True),
    Column("quote_before", TEXT, nullable=False),
    Column("quote_after", TEXT, nullable=False),
    Column("detail", TEXT, nullable=False),
    Column("snapshot_before", DIGEST, nullable=False),
    Column("snapshot_after", DIGEST, nullable=False),
    Column("confirmed", Boolean, nullable=False),
    Column("group", NAME, nullable=False),
    UniqueConstraint("identity", "episode"),
    Index("ix_flags_source_fact", "source", "fact"),
    Index("ix_flags_source_check", "source", "check_id", "id"),
    Index("ix_flags_group", "group"),
)

flag_acts = Table(
    "flag_acts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("flag_id", Integer, ForeignKey("flags.id"), nullable=False, index=True),
    Column("act", NAME, nullable=False),
    Column("at", TIME, nullable=False),
    Column("by", NAME, nullable=False),
    Column("verdict", NAME, nullable=True),
    Column("note", TEXT, nullable=False),
    Column("snapshot_before", DIGEST, nullable=False),
    Column("snapshot_after", DIGEST, nullable=False),
    Column("superseded_by", Integer, ForeignKey("flags.id"), nullable=True),
    CheckConstraint("act in ('decided', 'undone', 'closed', 'confirmed')", name="act"),
)

flag_states = Table(
    "flag_states",
    metadata,
    Column("flag_id", Integer, ForeignKey("flags.id"), primary_key=True, autoincrement=False),
    Column("state", NAME, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("source", NAME, nullable=False),
    Column("reason", NAME, nullable=False),
    Column("case", NAME, nullable=False),
    Column("due", TIME, nullable=False),
    Column("words", TEXT, nullable=False),
    Index("ix_flag_states_due", "state", "due", "case"),
    Index("ix_flag_states_state_flag", "state", "flag_id"),
    Index("ix_flag_states_state_rank", "state", "rank", "flag_id", "source", "reason", "case"),
    Index("ix_flag_states_case_state", "case", "state", "rank", "flag_id"),
    Index("ix_flag_states_source_state", "source", "state", "rank", "flag_id"),
)

flag_keys = Table(
    "flag_keys",
    metadata,
    Column("key", NAME, primary_key=True),
    Column("flag_id", Integer, ForeignKey("flags.id"), primary_key=True, autoincrement=False),
)

flag_claims = Table(
    "flag_claims",
    metadata,
    Column("claim", NAME, primary_key=True),
    Column("flag_id", Integer, ForeignKey("flags.id"), primary_key=True, autoincrement=False, index=True),
    Column("state", NAME, nullable=False),
    Column("rank", Integer, nullable=False),
    Index("ix_flag_claims_state", "claim", "state", "flag_id"),
    Index("ix_flag_claims_state_rank", "claim", "state", "rank", "flag_id"),
)

flag_desk = Table(
    "flag_desk",
    metadata,
    Column("flag_id", Integer, ForeignKey("flags.id"), primary_key=True, autoincrement=False),
    Column("assignee", NAME, nullable=False, index=True),
    Column("locked_by", NAME, nullable=False, index=True),
    Column("locked_until", TIME, nullable=True),
    Column("snoozed_until", TIME, nullable=True, index=True),
    Column("due_at", TIME, nullable=True, index=True),
)

events = Table(
    "events",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("kind", NAME, nullable=False),
    Column("source", NAME, nullable=False),
    Column("flag_id", Integer, ForeignKey("flags.id"), nullable=True),
    Column("check_id", Integer, ForeignKey("checks.id"), nullable=True),
    Column("at", TIME, nullable=False),
    Column("payload", TEXT, nullable=False),
    Index("ix_events_flag_seq", "flag_id", "seq"),
    sqlite_autoincrement=True,
)

slots = Table(
    "slots",
    metadata,
    Column("source", NAME, primary_key=True),
    Column("slot", TIME, primary_key=True),
    Column("owner", NAME, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("lease_until", TIME, nullable=False),
    Column("check_id", Integer, ForeignKey("checks.id"), nullable=True),
)

cycles = Table(
    "cycles",
    metadata,
    Column("owner", NAME, primary_key=True),
    Column("at", TIME, nullable=False),
    Column("started", Integer, nullable=False),
    Column("under_way", Integer, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", NAME, nullable=False),
    Column("identity", NAME, nullable=False, unique=True),
    Column("role", NAME, nullable=False),
    Column("password", TEXT, nullable=False),
    Column("external", NAME, nullable=True, unique=True),
    Column("active", Boolean, nullable=False),
    Column("language", NAME, nullable=False),
    Column("timezone", NAME, nullable=False),
    Column("theme", NAME, nullable=False),
    Column("created_at", TIME, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", DIGEST, primary_key=True),
    Column("user_id", Integer, ForeignKey("users.id"), nullable=False, index=True),
    Column("created_at", TIME, nullable=False),
    Column("seen_at", TIME, nullable=False),
    Column("expires_at", TIME, nullable=False),
    Column("agent", TEXT, nullable=False),
    Column("address", NAME, nullable=False),
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("digest", DIGEST, primary_key=True),
    Column("user_id", Integer, ForeignKey("users.id"), nullable=False, index=True),
    Column("expires_at", TIME, nullable=False),
    Column("used_at", TIME, nullable=True),
)

sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("identity", NAME, nullable=False),
    Column("address", NAME, nullable=False),
    Column("at", TIME, nullable=False),
    Index("ix_sign_in_failures_identity_at", "identity", "at"),
    Index("ix_sign_in_failures_address_at", "address", "at"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("digest", DIGEST, nullable=False, unique=True),
    Column("user_id", Integer, ForeignKey("users.id"), nullable=False, index=True),
    Column("name", NAME, nullable=False),
    Column("scope", NAME, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("expires_at", TIME, nullable=True),
    Column("last_used_at", TIME, nullable=True),
    Column("revoked_at", TIME, nullable=True),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", TIME, nullable=False),
    Column("by", NAME, nullable=False),
    Column("act", NAME, nullable=False),
    Column("subject", NAME, nullable=False),
    Column("address", NAME, nullable=False),
    Column("detail", TEXT, nullable=False),
    Index("ix_audit_log_by", "by", "id"),
    Index("ix_audit_log_subject", "subject", "id"),
)

requests = Table(
    "requests",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("kind", NAME, nullable=False),
    Column("subject", TEXT, nullable=False),
    Column("asked_by", NAME, nullable=False),
    Column("asked_at", TIME, nullable=False),
    Column("state", NAME, nullable=False),
    Column("owner", NAME, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("lease_until", TIME, nullable=True),
    Column("result", TEXT, nullable=False),
    Column("finished_at", TIME, nullable=True),
    Index("ix_requests_state", "state", "id"),
)
