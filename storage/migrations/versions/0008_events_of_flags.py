"""The events of a flag are found by it: an incident at its end names pages that came back long before."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_events_flag_seq", "events", ["flag_id", "seq"])


def downgrade() -> None:
    op.drop_index("ix_events_flag_seq", "events")
