"""One outbox for all that is told: letters and canaries beside digests, teams' channels beside mailboxes.

Readers who were there keep what they have; readers who had left are marked so.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, _TEXT, nullable=False, server_default=default)


def _number(name: str, default: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default=default)


def upgrade() -> None:
    op.create_table(
        "channels",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        _text("name"),
        _text("kind"),
        _text("settings"),
        _text("created_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
        sa.UniqueConstraint("name", name=op.f("uq_channels_name")),
    )
    _subscribers()
    _deliveries()
    op.create_table(
        "bounces",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        _text("status"),
        sa.Column("permanent", sa.Boolean(), nullable=False),
        _text("diagnostic"),
        _text("at"),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_bounces_delivery_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bounces")),
        sa.UniqueConstraint("delivery_id", "status", name=op.f("uq_bounces_delivery_id")),
    )


def _subscribers() -> None:
    """Columns are added one by one: digests point at this table, so it cannot be laid anew."""
    for column in (
        _text("ended", ""),
        _text("note", ""),
        sa.Column("asked_at", _TEXT, nullable=True),
        _number("asked_times", "0"),
        sa.Column("confirmed_at", _TEXT, nullable=True),
    ):
        op.add_column("subscribers", column)
    if op.get_context().dialect.name == "sqlite":
        op.execute("ALTER TABLE subscribers ADD COLUMN channel_id INTEGER REFERENCES channels (id)")
    else:
        op.add_column("subscribers", sa.Column("channel_id", sa.Integer(), nullable=True))
        op.create_foreign_key(op.f("fk_subscribers_channel_id"), "subscribers", "channels", ["channel_id"], ["id"])
    op.execute("UPDATE subscribers SET ended = 'left' WHERE NOT active")


def _deliveries() -> None:
    with op.batch_alter_table("deliveries") as table:
        table.alter_column("digest_id", existing_type=sa.Integer(), nullable=True)
        table.drop_constraint(op.f("uq_deliveries_digest_id"), type_="unique")
        table.drop_index("ix_deliveries_state_next")
        table.add_column(_text("kind", "digest"))
        table.add_column(sa.Column("subscriber_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_deliveries_subscriber_id"), "subscribers", ["subscriber_id"], ["id"])
        table.add_column(_number("way", "0"))
        table.add_column(_number("lane", "1"))
        table.add_column(_text("thread", ""))
        table.add_column(sa.Column("handed_at", _TEXT, nullable=True))
        table.add_column(sa.Column("arrived_at", _TEXT, nullable=True))
    op.execute(
        "UPDATE deliveries SET subscriber_id = (SELECT subscriber_id FROM digests WHERE digests.id = deliveries.digest_id)"
    )
    for name, columns in (
        ("queue", ["state", "way", "lane", "next_attempt"]),
        ("digest", ["digest_id"]),
        ("subscriber", ["subscriber_id", "state"]),
        ("thread", ["thread", "way", "id"]),
        ("handed", ["way", "handed_at"]),
        ("kind", ["kind", "id"]),
    ):
        op.create_index(f"ix_deliveries_{name}", "deliveries", columns)
