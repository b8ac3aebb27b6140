"""The newest flags of a source are found by index, whichever of its checks opened them."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_flags_source_check", "flags", ["source", "check_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_flags_source_check", "flags")
