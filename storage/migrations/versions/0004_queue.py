"""The queue finds by index what somebody holds, what rests, and what is due on a day of its own."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_COLUMNS = ("locked_by", "snoozed_until", "due_at")


def upgrade() -> None:
    for column in _COLUMNS:
        op.create_index(op.f(f"ix_flag_desk_{column}"), "flag_desk", [column])


def downgrade() -> None:
    for column in _COLUMNS:
        op.drop_index(op.f(f"ix_flag_desk_{column}"), "flag_desk")
