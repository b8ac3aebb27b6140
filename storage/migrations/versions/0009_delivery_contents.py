"""The bytes of a message lie beside its delivery, so that a change of state does not write them anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_DELIVERIES = sa.table("deliveries", sa.column("id"), sa.column("content"))


def upgrade() -> None:
    contents = op.create_table(
        "delivery_contents",
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_delivery_contents_delivery_id")),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_delivery_contents")),
    )
    kept = sa.select(_DELIVERIES.c.id, _DELIVERIES.c.content)
    op.get_bind().execute(sa.insert(contents).from_select(["delivery_id", "content"], kept))
    op.drop_column("deliveries", "content")


def downgrade() -> None:
    op.add_column("deliveries", sa.Column("content", sa.LargeBinary(), nullable=False, server_default=sa.text("''")))
    contents = sa.table("delivery_contents", sa.column("delivery_id"), sa.column("content"))
    kept = sa.select(contents.c.content).where(contents.c.delivery_id == _DELIVERIES.c.id).scalar_subquery()
    op.get_bind().execute(sa.update(_DELIVERIES).values(content=kept))
    op.drop_table("delivery_contents")
