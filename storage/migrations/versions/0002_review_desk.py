"""The review desk: where each flag stands, people with their sessions and tokens, what they did, what they asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_RANKS = {"critical": 0, "high": 1, "medium": 2, "low": 3}


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, _TEXT, nullable=nullable)


def _number(name: str, *, own: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), autoincrement=own, nullable=False)


def _of_user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f(f"fk_{table}_user_id"))


def upgrade() -> None:
    _flags()
    _people()
    _log_and_requests()
    _fold()


def _flags() -> None:
    op.create_table(
        "flag_states",
        _number("flag_id"),
        _text("state"),
        _number("rank"),
        _text("source"),
        _text("reason"),
        _text("case"),
        sa.ForeignKeyConstraint(["flag_id"], ["flags.id"], name=op.f("fk_flag_states_flag_id")),
        sa.PrimaryKeyConstraint("flag_id", name=op.f("pk_flag_states")),
    )
    op.create_index(
        "ix_flag_states_state_rank", "flag_states", ["state", "rank", "flag_id", "source", "reason", "case"]
    )
    op.create_index("ix_flag_states_case_state", "flag_states", ["case", "state", "rank", "flag_id"])
    op.create_index("ix_flag_states_source_state", "flag_states", ["source", "state", "rank", "flag_id"])
    op.create_table(
        "flag_desk",
        _number("flag_id"),
        _text("assignee"),
        _text("locked_by"),
        _text("locked_until", nullable=True),
        _text("snoozed_until", nullable=True),
        _text("due_at", nullable=True),
        sa.ForeignKeyConstraint(["flag_id"], ["flags.id"], name=op.f("fk_flag_desk_flag_id")),
        sa.PrimaryKeyConstraint("flag_id", name=op.f("pk_flag_desk")),
    )
    op.create_index(op.f("ix_flag_desk_assignee"), "flag_desk", ["assignee"])


def _people() -> None:
    op.create_table(
        "users",
        _number("id", own=True),
        _text("name"),
        _text("identity"),
        _text("role"),
        _text("password"),
        _text("external", nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        _text("language"),
        _text("timezone"),
        _text("theme"),
        _text("created_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("identity", name=op.f("uq_users_identity")),
        sa.UniqueConstraint("external", name=op.f("uq_users_external")),
    )
    op.create_table(
        "sessions",
        _text("digest"),
        _number("user_id"),
        _text("created_at"),
        _text("seen_at"),
        _text("expires_at"),
        _text("agent"),
        _text("address"),
        _of_user("sessions"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"])
    op.create_table(
        "sign_in_links",
        _text("digest"),
        _number("user_id"),
        _text("expires_at"),
        _text("used_at", nullable=True),
        _of_user("sign_in_links"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sign_in_links")),
    )
    op.create_index(op.f("ix_sign_in_links_user_id"), "sign_in_links", ["user_id"])
    op.create_table(
        "sign_in_failures",
        _number("id", own=True),
        _text("identity"),
        _text("address"),
        _text("at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failures")),
    )
    op.create_index("ix_sign_in_failures_identity_at", "sign_in_failures", ["identity", "at"])
    op.create_index("ix_sign_in_failures_address_at", "sign_in_failures", ["address", "at"])
    op.create_table(
        "api_tokens",
        _number("id", own=True),
        _text("digest"),
        _number("user_id"),
        _text("name"),
        _text("scope"),
        _text("created_at"),
        _text("expires_at", nullable=True),
        _text("last_used_at", nullable=True),
        _text("revoked_at", nullable=True),
        _of_user("api_tokens"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_tokens_digest")),
    )
    op.create_index(op.f("ix_api_tokens_user_id"), "api_tokens", ["user_id"])


def _log_and_requests() -> None:
    op.create_table(
        "audit_log",
        _number("id", own=True),
        _text("at"),
        _text("by"),
        _text("act"),
        _text("subject"),
        _text("address"),
        _text("detail"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index("ix_audit_log_by", "audit_log", ["by", "id"])
    op.create_index("ix_audit_log_subject", "audit_log", ["subject", "id"])
    op.create_table(
        "requests",
        _number("id", own=True),
        _text("kind"),
        _text("subject"),
        _text("asked_by"),
        _text("asked_at"),
        _text("state"),
        _text("owner"),
        _number("fence"),
        _text("lease_until", nullable=True),
        _text("result"),
        _text("finished_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
    )
    op.create_index("ix_requests_state", "requests", ["state", "id"])


def _fold() -> None:
    """Where every flag that is there already stands, from the acts on it."""
    connection = op.get_bind()
    flags = sa.table("flags", *(sa.column(name) for name in ("id", "severity", "source", "reason", "group")))
    acts = sa.table("flag_acts", *(sa.column(name) for name in ("id", "flag_id", "act")))
    states = sa.table(
        "flag_states", *(sa.column(name) for name in ("flag_id", "state", "rank", "source", "reason", "case"))
    )
    standing: dict[int, str] = {}
    for number, act in connection.execute(sa.select(acts.c.flag_id, acts.c.act).order_by(acts.c.id)):
        match act:
            case "decided":
                standing[number] = "decided"
            case "undone":
                standing[number] = "open"
            case "closed" if standing.get(number) != "decided":
                standing[number] = "closed"
    rows = [
        {
            "flag_id": row.id,
            "state": standing.get(row.id, "open"),
            "rank": _RANKS[row.severity],
            "source": row.source,
            "reason": row.reason,
            "case": row.group or f"flag {row.id}",
        }
        for row in connection.execute(sa.select(flags))
    ]
    if rows:
        connection.execute(sa.insert(states), rows)


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away: restore a backup instead")
