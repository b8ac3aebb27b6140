"""What each flag is about, so that a flag that is opened later finds the case that it belongs to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    keys = op.create_table(
        "flag_keys",
        sa.Column("key", _TEXT, nullable=False),
        sa.Column("flag_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["flag_id"], ["flags.id"], name=op.f("fk_flag_keys_flag_id")),
        sa.PrimaryKeyConstraint("key", "flag_id", name=op.f("pk_flag_keys")),
    )
    flags = sa.table("flags", sa.column("id"), sa.column("group"))
    known = sa.select(flags.c.group, flags.c.id).where(flags.c.group != "")
    op.get_bind().execute(sa.insert(keys).from_select(["key", "flag_id"], known))


def downgrade() -> None:
    op.drop_table("flag_keys")
