"""Which issue of a tracker stands for which flag, so that it can be closed when the flag is settled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "channel_issues",
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("flag_id", sa.Integer(), nullable=False),
        sa.Column("place", _TEXT, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_channel_issues_channel_id")),
        sa.ForeignKeyConstraint(["flag_id"], ["flags.id"], name=op.f("fk_channel_issues_flag_id")),
        sa.PrimaryKeyConstraint("channel_id", "flag_id", "place", name=op.f("pk_channel_issues")),
    )


def downgrade() -> None:
    op.drop_table("channel_issues")
