"""The first tables.

Later migrations are additive; this one is frozen once released.
"""

from __future__ import annotations

from alembic import op

from storage.tables import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    raise NotImplementedError("history is never thrown away: restore a backup instead")
